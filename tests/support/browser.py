"""The browser of the end-to-end tests: the machine's own Chromium or Chrome, else Playwright's download."""

import shutil
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# No sandbox: containers seldom allow one, and these pages are our own. The microphone is one that beeps. The others
# keep the browser from talking to anyone but the server under test.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures", metavar="FOLDER", help="keep a picture of every page that the e2e tests meet"
    )


def find_browser() -> Path | None:
    """The browser installed on this machine; None leaves the choice to Playwright's own download."""
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return MAC if MAC.exists() else None


def launch_options() -> dict[str, Any]:
    """What `chromium.launch` takes."""
    browser = find_browser()
    return {"args": list(FLAGS)} | ({"executable_path": str(browser)} if browser else {})


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's hook, pointed at the browser of this machine."""
    return browser_type_launch_args | launch_options()
