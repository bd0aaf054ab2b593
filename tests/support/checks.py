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

LABELLED = "input:not([type=hidden]):not([type=submit]):not([type=button]), select, textarea"
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


def check_html(markup: str, where: str, *, fragment: bool = False, status: int = 200) -> BeautifulSoup:
    """Fail on markup that a strict reader would not accept; returns it parsed."""
    parser = html5lib.HTMLParser(strict=True)
    try:
        parser.parseFragment(markup) if fragment else parser.parse(markup)
    except html5lib.html5parser.ParseError as error:
        line, column = parser.tokenizer.stream.position()
        lines = markup.splitlines()
        raise AssertionError(
            f"{where}: {error} near line {line}, column {column}: {lines[line - 1 : line]}"
        ) from None
    soup = BeautifulSoup(markup, "html5lib")
    problems = list(_problems(soup, fragment, status))
    assert not problems, f"{where}: " + "; ".join(problems)
    return soup


def _problems(soup: BeautifulSoup, fragment: bool, status: int) -> Iterable[str]:
    yield from _inline(soup)
    yield from _ids(soup)
    yield from _forms(soup)
    ids = {str(e["id"]) for e in soup.select("[id]")}
    for element in soup.select("a[href], button"):
        if not _spoken(element):
            yield f"nothing to read out for {str(element)[:120]}"
    for link in soup.select(".govuk-error-summary a[href^='#']"):
        if str(link["href"])[1:] not in ids:
            yield f"the error summary leads to {link['href']}, which is not there"
    yield from (f"image without alt: {i.get('src')}" for i in soup.select("img:not([alt])"))
    yield from (f"tabindex {e['tabindex']}" for e in soup.select("[tabindex]") if int(str(e["tabindex"])) > 0)
    if not fragment:
        yield from _whole_page(soup, status)


def _ids(soup: BeautifulSoup) -> Iterable[str]:
    ids = [str(e["id"]) for e in soup.select("[id]")]
    yield from (f"id {one!r} stands {ids.count(one)} times" for one in sorted(set(ids)) if ids.count(one) > 1)
    yield from (f"id {one!r} is empty or has a space" for one in set(ids) if not one or re.search(r"\s", one))


def _forms(soup: BeautifulSoup) -> Iterable[str]:
    ids = {str(e["id"]) for e in soup.select("[id]")}
    for form in soup.select("form[method=post]"):
        if not form.select("input[type=hidden][name=csrf_token]"):
            yield f"a form that posts to {form.get('action')!r} has no csrf_token"
        if not form.has_attr("novalidate"):
            yield f"the form to {form.get('action')!r} lacks novalidate"
    for control in soup.select(LABELLED):
        if not _name(control, soup):
            yield f"control {control.get('name')!r} has no label"
        if control.has_attr("required"):
            yield f"control {control.get('name')!r} is required: the browser would speak in its own language"
        for described in str(control.get("aria-describedby") or "").split():
            if described not in ids:
                yield f"control {control.get('name')!r} is described by a missing {described!r}"


def _whole_page(soup: BeautifulSoup, status: int) -> Iterable[str]:
    headings = soup.select("h1")
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
    if len(soup.select("main")) != 1:
        yield "not exactly one main"
    levels = [
        int(h.name[1])
        for h in soup.select("h1, h2, h3, h4, h5, h6")
        if not h.find_parent(class_="govuk-error-summary")
    ]
    for above, below in itertools.pairwise(levels):
        if below > above + 1:
            yield f"heading level jumps from h{above} to h{below}"
    has_summary = bool(soup.select(".govuk-error-summary"))
    if has_summary and status != 422:
        yield f"an error summary with status {status}"


def _inline(soup: BeautifulSoup) -> Iterable[str]:
    for script in soup.select("script"):
        if not script.get("src"):
            yield "an inline script"
    if soup.select("style"):
        yield "an inline style element"
    for element in soup.find_all(True):
        for attribute in element.attrs:
            if attribute in INLINE or attribute.startswith(("on", "hx-on")):
                yield f"<{element.name} {attribute}=...>"
        trigger = str(element.get("hx-trigger") or "")
        if "[" in trigger or "js:" in str(element.attrs.values()):
            yield f"an expression in htmx attributes of <{element.name}>"


def _name(control: Tag, soup: BeautifulSoup) -> str:
    """The accessible name of a control, as far as our templates give one."""
    if control.get("aria-label"):
        return str(control["aria-label"])
    if control.get("aria-labelledby"):
        return " ".join(
            words(e) for i in str(control["aria-labelledby"]).split() for e in soup.select(f'[id="{i}"]')
        )
    labels = soup.select(f'label[for="{control.get("id")}"]') if control.get("id") else []
    return " ".join(words(one) for one in labels)


def _spoken(element: Tag) -> str:
    images = " ".join(str(i.get("alt", "")) for i in element.select("img"))
    return str(element.get("aria-label") or "") or words(element) or images.strip()
