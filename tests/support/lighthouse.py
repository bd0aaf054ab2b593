"""Lighthouse from the locked npm packages, in the browser of this machine."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.config import ROOT
from tests.support.browser import FLAGS

NODE = Path(sys.executable).with_name("node")  # of the nodejs wheel: the machine's own may be too old
WANTED = 0.95


@dataclass(frozen=True, slots=True)
class Scores:
    """What Lighthouse says of one page, from 0 to 1; `wrong` names the accessibility audits that failed."""

    url: str
    shown: str  # the address after redirects: whether it was the page that was meant
    accessibility: float
    performance: float
    wrong: list[str]


def measure(browser: str, pages: list[tuple[str, Sequence[Any]]]) -> list[Scores]:
    """The scores of pages, each an address and a Cookie header; up to three tries for each page's speed.

    browser: the path of a Chromium or Chrome. pages: addresses, each with the cookies of a Playwright context.
    """
    asked = {
        "browser": browser,
        "flags": list(FLAGS),
        "pages": [{"url": url, "cookies": _plain(cookies)} for url, cookies in pages],
        "tries": 3,
        "wanted": WANTED,
    }
    done = subprocess.run(
        [NODE, "tests/support/lighthouse.mjs"],
        cwd=ROOT,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return [Scores(**one) for one in json.loads(done.stdout)]


def _plain(cookies: Sequence[Any]) -> list[dict[str, str]]:
    return [{name: one[name] for name in ("name", "value", "domain", "path")} for one in cookies]
