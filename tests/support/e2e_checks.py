"""What every page must hold to in a real browser: navigators ask after each step, once for each page.

A page is one address (references and numbers aside), heading, language and way of running: with or without
scripts. Each is looked at wide and at 320 CSS pixels; axe and the keyboard read those that run scripts. What is
found wrong is collected, so that one run tells everything, and fails the test that met it first.
"""

import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import ConsoleMessage, Page, Response

from shared import i18n
from shared.config import ROOT
from shared.web.headers import ALWAYS

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HOW = f"{{runOnly: {TAGS}, resultTypes: ['violations'], preload: false}}"  # no rule of these asks for files
RUN_AXE = f"""() => axe.run({HOW}).then(found => found.violations.map(
    one => one.id + ': ' + one.help + ' | ' + one.nodes.slice(0, 3).map(
        node => node.target.join(' ') + ' ' + node.html.slice(0, 160) + ' ' + node.failureSummary).join(' | ')))"""
NARROW = {"width": 320, "height": 256}  # 1280 x 1024 at 400 % (WCAG 1.4.10)
STOPS = 60  # more Tab stops than any page but a list has
# Lists and letters hold as many links as there are cases: what is true of the first is true of all.
VARIABLE = re.compile(r"\b[A-Z]{2,4}-[0-9A-Z]{2,}(?:-[0-9A-Z]+)*\b|\b\d+\b|[\w-]{40,}")
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const name = e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.name ? '[name=' + e.name + ']' : '')
    + ' ' + (e.textContent || e.value || '').trim().slice(0, 40);
  const points = [];
  for (const r of e.getClientRects()) {
    const [l, t] = [Math.max(r.left, 0) + 1, Math.max(r.top, 0) + 1];  // what is larger than the window: its part
    const [w, b] = [Math.min(r.right, innerWidth) - 1, Math.min(r.bottom, innerHeight) - 1];
    points.push([(l + w) / 2, (t + b) / 2], [l, t], [w, t], [l, b], [w, b]);
  }
  const label = e.labels && e.labels[0];
  const seen = points.some(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && (e.contains(top) || top.contains(e) || (label && label.contains(top)));
  });
  const style = getComputedStyle(e), around = label ? getComputedStyle(label, '::before') : style;
  const drawn = [style.outlineStyle, style.boxShadow, around.outlineStyle, around.boxShadow].some(
    one => one && one !== 'none');
  const key = [...document.querySelectorAll('*')].indexOf(e);
  return {name, seen, drawn, key, hidden: points.length === 0, inside: Boolean(e.closest('main'))};
}"""
# All but the main part, as far as it can differ between pages in what takes the focus.
FRAME = """() => [...document.querySelectorAll('a, button, input, select, summary, textarea')].filter(
    e => !e.closest('main') && e.getClientRects().length).map(
    e => e.tagName + e.className + e.type + e.textContent.trim()).join()"""
FROM_THE_TOP = "() => { document.activeElement?.blur(); window.scrollTo(0, 0); }"
FROM_MAIN = "() => { window.scrollTo(0, 0); document.getElementById('main-content').focus(); }"
# What stays in place while the page moves under it: nothing else can lie over what has the focus.
STAYS = """() => [...document.body.querySelectorAll('*')].some(
    e => ['fixed', 'sticky'].includes(getComputedStyle(e).position) && e.getClientRects().length)"""
OVERFLOW = """() => {
  const over = document.documentElement.scrollWidth - window.innerWidth;
  if (over <= 0) return null;
  const wide = [...document.body.querySelectorAll('*')].filter(e => {
    const r = e.getBoundingClientRect();
    return r.width > 0 && (r.right > window.innerWidth + 1 || r.left < -1) && !e.closest('.govuk-visually-hidden');
  });
  return over + ' px: ' + wide.slice(-4).map(e => e.outerHTML.slice(0, 120)).join(' | ');
}"""
HELP = """() => [...document.querySelectorAll('footer dl.app-contact a, footer dl.app-contact dt')].map(
    e => e.textContent.trim())"""


class Checks:
    """Looks at each page once in a run. `found`: what is wrong, in the order in which it was met.

    `taken`: a folder that all processes of the run share; who looks at a page leaves a file there.
    """

    def __init__(self, taken: Path, pictures: Path | None = None) -> None:
        self.found: list[str] = []
        self._taken = taken
        self._pictures = pictures
        self._help: dict[tuple[str, str, str], list[str]] = {}
        self._frames: set[tuple[str, int]] = set()
        self._axe = AXE.read_text(encoding="utf-8")

    def watch(self, page: Page) -> None:
        """From now on note every breach of the policy, script error and failed answer of this page."""
        page.on("console", lambda message: self._console(page, message))
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: script error: {error}"))
        page.on("response", self._response)

    def forgive(self, words: str) -> None:
        """Leave out what a test brought about on purpose: everything found so far that holds these words."""
        self.found = [one for one in self.found if words not in one]

    def _console(self, page: Page, message: ConsoleMessage) -> None:
        # Answers with an error status are said in the console too; those are looked at as answers.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.found.append(f"{page.url}: console: {message.text}")

    def _response(self, response: Response) -> None:
        where = f"{response.request.method} {response.url}"
        if response.status >= 500:
            self.found.append(f"{where}: {response.status}")
        if response.status == 404 and response.request.resource_type != "document":
            self.found.append(f"{where}: not found")
        policy = ALWAYS["Content-Security-Policy"]
        if not response.headers.get("content-security-policy", "").startswith(policy):
            self.found.append(f"{where}: no Content-Security-Policy")

    def page(self, page: Page, scripts: bool = True) -> None:
        """Look at the page that is shown now, unless it was looked at before."""
        key = page_key(page, scripts)
        if not self._takes(key):
            return
        wide = page.viewport_size or {"width": 1280, "height": 720}
        mirrored = page.evaluate("document.documentElement.dir") == "rtl"
        problems = [*self._document(page), *self._help_order(page)]
        if scripts:  # without them the markup is the same, and only what it looks like can differ
            problems += self._read_by_axe(page)
        self._picture(page, key, "wide")
        # At 320 px every stop of every page is visited; wide only where something could lie over one.
        if scripts and not mirrored and page.evaluate(STAYS):
            problems += [f"{words} (wide)" for words in self._stops(page)]
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        if over := page.evaluate(OVERFLOW):
            problems.append(f"wider than 320 px by {over}")
        if scripts:
            problems += [f"{words} (320 px)" for words in self._stops(page)]
        self._picture(page, key, "narrow")
        page.set_viewport_size(wide)
        page.evaluate(FROM_THE_TOP)
        self.found += [f"{key}: {problem}" for problem in problems]

    def _takes(self, key: str) -> bool:
        """Whether nobody has looked at this page yet; from now on somebody has."""
        self._taken.mkdir(exist_ok=True)
        try:
            (self._taken / hashlib.sha256(key.encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    # One kind of problem each ---------------------------------------------------------------------------------

    def _document(self, page: Page) -> list[str]:
        first = urlsplit(page.url).path.split("/")[1]
        wanted = "en" if first in {"staff", "dev"} else first
        code = next((one.code for one in i18n.languages() if one.tag.lower() == wanted.lower()), "en")
        lang, direction = page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
        found = []
        if (lang.lower(), direction) != (wanted.lower(), i18n.direction(code)):
            found.append(f"lang {lang} and dir {direction} do not fit {code}")
        if (count := page.locator("h1").count()) != 1:
            found.append(f"{count} h1 elements")
        return found

    def _read_by_axe(self, page: Page) -> list[str]:
        page.evaluate(self._axe)
        told: list[str] = page.evaluate(RUN_AXE)
        return told

    def _help_order(self, page: Page) -> list[str]:
        """The same ways to reach us in the same order on every page (WCAG 3.2.6)."""
        parts = urlsplit(page.url)
        side = (parts.netloc, parts.path.split("/")[1], page.evaluate("document.documentElement.lang"))
        shown: list[str] = page.evaluate(HELP)
        usual = self._help.setdefault(side, shown)
        return [] if shown == usual else [f"contact details {shown} instead of {usual}"]

    def _stops(self, page: Page) -> list[str]:
        """At each Tab stop some of it can be seen, and the focus is drawn (WCAG 2.4.7, 2.4.11).

        Head and foot are the same on most pages: where they were gone through before, the skip link is taken.
        """
        frame = (page.evaluate(FRAME), (page.viewport_size or NARROW)["width"])
        known = frame in self._frames
        self._frames.add(frame)
        page.evaluate(FROM_MAIN if known else FROM_THE_TOP)
        found, met = [], set()
        for _ in range(STOPS):
            page.keyboard.press("Tab")
            stop: dict[str, Any] | None = page.evaluate(FOCUS)
            if stop is None or stop["key"] in met or (known and not stop["inside"]):
                break
            met.add(stop["key"])
            if stop["hidden"] or not stop["seen"]:
                found.append(f"the focus is out of sight on {stop['name']!r}")
            if not stop["drawn"]:
                found.append(f"the focus is not drawn on {stop['name']!r}")
        return found if met or known else ["nothing takes the focus"]

    def _picture(self, page: Page, key: str, how: str) -> None:
        if self._pictures is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^\w-]+", "_", key)[:150]
            page.screenshot(path=self._pictures / f"{name}.{how}.png", full_page=True)


def page_key(page: Page, scripts: bool) -> str:
    """What tells one page from another: its address without names of cases, its part, heading and errors."""
    first = page.locator("h1").first.inner_text() if page.locator("h1").count() else ""
    heading = VARIABLE.sub("*", first)
    if heading.startswith("Inbox: "):
        heading = "Inbox"  # one list is like the other
    errors = " with errors" if page.locator(".govuk-error-summary").count() else ""
    return f"{address_key(page.url)} “{heading}”{errors}{'' if scripts else ' without scripts'}"


def address_key(address: str) -> str:
    """An address without the names of cases, people and lists that many addresses differ by."""
    parts = urlsplit(address)
    path = VARIABLE.sub("*", parts.path)
    part = parse_qs(parts.query).get("tab", [""])[0] if path.endswith("/cases/*") else ""
    return f"{path}{'?tab=' + part if part else ''}"
