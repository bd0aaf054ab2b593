"""Locks pin exactly what is installed, and leave it to the machine where that comes from."""

import json
import re
import subprocess
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGE: dict[str, Any] = json.loads((ROOT / "package.json").read_text())
PACKAGE_LOCK: dict[str, Any] = json.loads((ROOT / "package-lock.json").read_text())
ANY_ADDRESS = re.compile(r"https?://|git\+|--(extra-)?index|--find-links|registry\s*=", re.IGNORECASE)
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)")


def pins(lock: Path) -> dict[str, set[str]]:
    """Canonical name -> versions (more than one where Python versions differ)."""
    found: dict[str, set[str]] = {}
    for line in lock.read_text().splitlines():
        if match := PIN.match(line):
            found.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return found


@pytest.mark.parametrize(
    "path",
    [
        *LOCKS,
        *(
            ROOT / name
            for name in ("package-lock.json", "package.json", ".npmrc", "pyproject.toml", "Makefile")
        ),
    ],
    ids=lambda path: path.name,
)
def test_no_build_file_names_a_place_to_download_from(path: Path) -> None:
    named = [line for line in path.read_text().splitlines() if ANY_ADDRESS.search(line)]
    assert named == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pinned_package_carries_its_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", lock.read_text(), flags=re.MULTILINE))
    assert len(entries) >= len(pins(lock)) > 0
    without = [entry.splitlines()[0] for entry in entries if entry.strip() and "--hash=sha256:" not in entry]
    assert without == []


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("run.txt", PROJECT["project"]["dependencies"]),
        ("run.txt", PROJECT["dependency-groups"]["build"]),
        ("test.txt", PROJECT["project"]["dependencies"]),
        ("test.txt", PROJECT["dependency-groups"]["test"]),
        ("postgres.txt", PROJECT["dependency-groups"]["postgres"]),
        ("java.txt", PROJECT["dependency-groups"]["java"]),
    ],
)
def test_locks_satisfy_what_the_project_asks_for(lock: str, wanted: list[str]) -> None:
    locked = pins(ROOT / "requirements" / lock)
    stale = []
    for requirement in map(Requirement, wanted):
        versions = locked.get(canonicalize_name(requirement.name), set())
        if not versions or not all(requirement.specifier.contains(version) for version in versions):
            stale.append(str(requirement))
    assert stale == [], "run `make lock`"


def test_tests_run_against_the_versions_that_the_service_runs_on() -> None:
    tested = pins(ROOT / "requirements" / "test.txt")
    different = {
        name: (versions, tested.get(name))
        for name, versions in pins(ROOT / "requirements" / "run.txt").items()
        if tested.get(name) != versions
    }
    assert different == {}


def test_npm_packages_are_pinned_exactly_and_the_lock_agrees() -> None:
    wanted = PACKAGE["dependencies"] | PACKAGE["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert {name: PACKAGE_LOCK["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_every_npm_package_carries_its_hash_and_no_address() -> None:
    packages = {name: entry for name, entry in PACKAGE_LOCK["packages"].items() if name}
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if "resolved" in entry or "funding" in entry] == []


INDIRECT = {"pymupdf"}  # what another one needs, kept back to a version that fits
PLUGINS = ("pytest-", "types-", "lxml-stubs", "import-linter")  # used by being installed


@pytest.mark.parametrize("group", ["project", "test"])
def test_every_dependency_is_used_somewhere(group: str) -> None:
    """By its name or by that of a module of it, in what we wrote."""
    listed = PROJECT["project"]["dependencies"] if group == "project" else PROJECT["dependency-groups"][group]
    modules: dict[str, set[str]] = {}
    for module, owners in packages_distributions().items():
        for owner in owners:
            modules.setdefault(canonicalize_name(owner), set()).add(module)
    ours = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    kinds = {".py", ".mjs", ".html", ".toml", ""}
    written = [ROOT / name for name in ours.splitlines() if Path(name).suffix in kinds]
    words = set()
    for path in written:
        if path.is_file() and path.name != "pyproject.toml":
            words |= set(re.findall(r"[\w-]+", path.read_text(encoding="utf-8", errors="ignore")))
    names = {canonicalize_name(Requirement(line).name) for line in listed} - INDIRECT
    names = {name for name in names if not name.startswith(PLUGINS)}
    assert {name for name in names if not ({name, *modules.get(name, ())} & words)} == set()
