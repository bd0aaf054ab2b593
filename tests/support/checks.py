"""What every answer must hold to, whatever page it is: asserted by the test client on each request."""

import hashlib
import itertools
import re
from collections.abc import Iterable

import html5lib
from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

from shared import i18n
from shared.web.headers import ALWAYS

SILENT = ("hidden", "submit", "button")  # inputs that need no label
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
INLINE = ("style", "hx-vars")


def words(element: Tag) -> str:
    """The words of an element with single spaces."""
    return " ".join(element.get_text(" ").split())


def check_headers(response: TestResponse) -> None:
    """Every answer carries every security header, and nothing but versioned files may be kept."""
    for name, value in ALWAYS.items():
        stricter = {value, f"{value}; sandbox"} if name == "Content-Security-Policy" else {value}
        assert response.headers.get(name) in stricter, (
            f"{response.request.path}: {name} is {response.headers.get(name)!r}"
        )
    if not response.request.path.startswith("/static/"):
        assert "no-store" in response.headers.get("Cache-Control", ""), (
            f"{response.request.path} may be cached"
        )


_SEEN: set[bytes] = set()
_TAG = re.compile(r"<[^>]*>")
_MATTERS = re.compile(r"<(title|h1)\b[^>]*>(.*?)</\1>", re.DOTALL)


def is_new(markup: str, status: int) -> bool:
    """Whether a page of this shape has not been checked yet in this process.

    The shape is the tags with their attributes, less figures and typed values, and the words of title and h1:
    whatever the checks can object to. Most tests see the same pages again and again.
    """
    tags = re.sub(r' value="[^"]*"|[0-9]+', "", "".join(_TAG.findall(markup)))
    heads = "".join(found[1] for found in _MATTERS.findall(markup))
    shape = hashlib.sha256(f"{status}{tags}{heads}".encode()).digest()
    if shape in _SEEN:
        return False
    _SEEN.add(shape)
    return True


def check_html(
    markup: str, where: str, *, fragment: bool = False, status: int = 200, strictly: bool = True
) -> BeautifulSoup:
    """Fail on markup that a strict reader would not accept; returns it parsed.

    Not `strictly`: its syntax is left to whoever reads the page next (nu.py), since that costs half of the time.
    """
    if strictly:
        _read_strictly(markup, where, fragment)
    # What passes a strict reader is read by any reader alike; this one is much quicker.
    soup = BeautifulSoup(markup, "html5lib" if fragment else "lxml")
    problems = list(_problems(soup, fragment, status))
    assert not problems, f"{where}: " + "; ".join(problems)
    return soup


def _read_strictly(markup: str, where: str, fragment: bool) -> None:
    parser = html5lib.HTMLParser(strict=True)
    try:
        parser.parseFragment(markup) if fragment else parser.parse(markup)
    except html5lib.html5parser.ParseError as error:
        line, column = parser.tokenizer.stream.position()
        lines = markup.splitlines()
        raise AssertionError(
            f"{where}: {error} near line {line}, column {column}: {lines[line - 1 : line]}"
        ) from None


class Parts:
    """The elements of a page, gone through once: all of them, by name, by id, and labels by what they name."""

    def __init__(self, soup: BeautifulSoup) -> None:
        self.all: list[Tag] = list(soup.find_all(True))
        self.ids: dict[str, list[Tag]] = {}
        self._named: dict[str, list[Tag]] = {}
        self.labels: dict[str, list[Tag]] = {}
        for element in self.all:
            self._named.setdefault(element.name, []).append(element)
            if element.has_attr("id"):
                self.ids.setdefault(str(element["id"]), []).append(element)
            if element.name == "label" and element.has_attr("for"):
                self.labels.setdefault(str(element["for"]), []).append(element)

    def named(self, *names: str) -> list[Tag]:
        """Every element of these names."""
        return [element for name in names for element in self._named.get(name, [])]


def _problems(soup: BeautifulSoup, fragment: bool, status: int) -> Iterable[str]:
    parts = Parts(soup)
    yield from _inline(parts)
    yield from _ids(parts)
    yield from _forms(parts)
    for element in parts.named("a", "button"):
        if (element.name == "button" or element.has_attr("href")) and not _spoken(element):
            yield f"nothing to read out for {str(element)[:120]}"
    for link in soup.select(".govuk-error-summary a[href^='#']"):
        if str(link["href"])[1:] not in parts.ids:
            yield f"the error summary leads to {link['href']}, which is not there"
    yield from (f"image without alt: {i.get('src')}" for i in parts.named("img") if not i.has_attr("alt"))
    for element in parts.all:
        if element.has_attr("tabindex") and int(str(element["tabindex"])) > 0:
            yield f"tabindex {element['tabindex']}"
    if not fragment:
        yield from _whole_page(soup, parts, status)


def _ids(parts: Parts) -> Iterable[str]:
    yield from (f"id {one!r} stands {len(e)} times" for one, e in sorted(parts.ids.items()) if len(e) > 1)
    yield from (
        f"id {one!r} is empty or has a space" for one in parts.ids if not one or re.search(r"\s", one)
    )


def _forms(parts: Parts) -> Iterable[str]:
    for form in parts.named("form"):
        if str(form.get("method", "")).lower() != "post":
            continue
        if not form.find("input", {"type": "hidden", "name": "csrf_token"}):
            yield f"a form that posts to {form.get('action')!r} has no csrf_token"
        if not form.has_attr("novalidate"):
            yield f"the form to {form.get('action')!r} lacks novalidate"
    for control in parts.named("input", "select", "textarea"):
        if control.name == "input" and control.get("type") in SILENT:
            continue
        if not _name(control, parts):
            yield f"control {control.get('name')!r} has no label"
        if control.has_attr("required"):
            yield f"control {control.get('name')!r} is required: the browser would speak in its own language"
        for described in str(control.get("aria-describedby") or "").split():
            if described not in parts.ids:
                yield f"control {control.get('name')!r} is described by a missing {described!r}"


def _whole_page(soup: BeautifulSoup, parts: Parts, status: int) -> Iterable[str]:
    headings = parts.named("h1")
    if len(headings) != 1:
        yield f"{len(headings)} h1 elements"
    title = words(soup.title) if soup.title else ""
    if headings and not title.removeprefix("Error: ").startswith(words(headings[0])):
        expected = words(headings[0])
        errors = soup.select(".govuk-error-summary")
        if not (errors and expected in title):
            yield f"title {title!r} does not start with the h1 {expected!r}"
    html = soup.html
    assert html is not None
    try:
        language = i18n.language(str(html.get("lang")))
    except LookupError:
        yield f"lang is {html.get('lang')!r}"
    else:
        if html.get("dir") != language.direction:
            yield f"dir is {html.get('dir')!r} for {language.tag}"
    if len(parts.named("main")) != 1:
        yield "not exactly one main"
    levels = [
        int(h.name[1])
        for h in parts.all
        if h.name in HEADINGS and not h.find_parent(class_="govuk-error-summary")
    ]
    for above, below in itertools.pairwise(levels):
        if below > above + 1:
            yield f"heading level jumps from h{above} to h{below}"
    has_summary = bool(soup.select(".govuk-error-summary"))
    if has_summary and status != 422:
        yield f"an error summary with status {status}"


def _inline(parts: Parts) -> Iterable[str]:
    for script in parts.named("script"):
        if not script.get("src"):
            yield "an inline script"
    if parts.named("style"):
        yield "an inline style element"
    for element in parts.all:
        for attribute in element.attrs:
            if attribute in INLINE or attribute.startswith(("on", "hx-on")):
                yield f"<{element.name} {attribute}=...>"
        trigger = str(element.get("hx-trigger") or "")
        if "[" in trigger or "js:" in str(element.attrs.values()):
            yield f"an expression in htmx attributes of <{element.name}>"


def _name(control: Tag, parts: Parts) -> str:
    """The accessible name of a control, as far as our templates give one."""
    if control.get("aria-label"):
        return str(control["aria-label"])
    if control.get("aria-labelledby"):
        named = [e for i in str(control["aria-labelledby"]).split() for e in parts.ids.get(i, [])]
        return " ".join(words(e) for e in named)
    return " ".join(words(one) for one in parts.labels.get(str(control.get("id")), []))


def _spoken(element: Tag) -> str:
    images = " ".join(str(i.get("alt", "")) for i in element.find_all("img"))
    return str(element.get("aria-label") or "") or words(element) or images.strip()
