"""What may lie in the repository: our own work, and nothing that a package manager or a build brings."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = re.compile(
    r"(^|/)(node_modules|static/built|\.venv|__pycache__|data)/|\.(mo|pyc|woff2?|ttf|otf|jar|whl|map)$|\.min\.(js|css)$"
)
# What the heads of copied scripts, stylesheets and modules look like.
BANNER = re.compile(
    r"/\*!|@license\b|SPDX-License-Identifier|Copyright \(c\)|sourceMappingURL", re.IGNORECASE
)
SOURCES = {".py", ".js", ".mjs", ".css", ".scss", ".html", ".toml", ".typ"}


def tracked() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).exists()]


def recipe_of(target: str) -> str:
    """The commands that `make target` would run, in their order, as if nothing were installed yet."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "TEST_"))
    }
    command = ["make", "--always-make", "--dry-run", target]
    result = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return result.stdout


def test_nothing_built_or_brought_by_a_package_manager_is_committed() -> None:
    assert [name for name in tracked() if BUILT.search(name)] == []


def test_no_copied_third_party_source_is_committed() -> None:
    suspects = [ROOT / name for name in tracked() if Path(name).suffix in SOURCES and name != _this_file()]
    assert suspects
    assert [str(path.relative_to(ROOT)) for path in suspects if BANNER.search(path.read_text()[:4000])] == []


def _this_file() -> str:
    return str(Path(__file__).resolve().relative_to(ROOT))


def test_the_build_server_runs_make_test_and_nothing_less() -> None:
    script = ROOT / ".ci" / "run"
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert commands[-1] == "exec make test"
    assert "set -euo pipefail" in commands
    assert os.access(script, os.X_OK)


def test_make_test_runs_every_check_in_order() -> None:
    recipe = recipe_of("test")
    steps = [
        "pip --disable-pip-version-check --quiet install --require-hashes -r requirements/run.txt",
        "install --require-hashes -r requirements/test.txt",
        "tests.support.machine",
        "ruff check",
        "ruff format --check",
        "mypy",
        "lint-imports",
        "pytest tests/unit",
        "pytest tests/web -n 2 --database sqlite",
        "pytest tests/web -n 2 --database postgresql",
        "pytest tests/e2e",
        "pytest tests/house",
    ]
    places = [recipe.find(step) for step in steps]
    assert -1 not in places, steps[places.index(-1)]
    assert places == sorted(places)


def test_make_run_installs_from_the_lock_builds_and_starts() -> None:
    recipe = recipe_of("run")
    steps = ["venv", "run.txt", "npm ci", "build_assets", "redress migrate", "redress sample", "redress run"]
    places = [recipe.find(step) for step in steps]
    assert -1 not in places, steps[places.index(-1)]
    assert places == sorted(places)
    assert "requirements/test.txt" not in recipe


def test_the_architecture_names_only_modules_that_are_there_and_each_that_holds_the_case() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    cases = ROOT / "shared" / "cases"
    named = set()
    for row in re.findall(r"^\| (`cases/.*?) \|", text, re.MULTILINE):
        named |= {name.removeprefix("cases/").rstrip("/") for name in re.findall(r"`([^`]+)`", row)}
    beside = set(re.findall(r"`(\w+\.py)`", text))
    there = {path.name for path in cases.iterdir() if path.name[0] not in "._"}
    assert named - there == set(), "gone, or renamed"
    assert there - named - beside == set(), "not in the table"
