"""The finished letter as a short list of blocks: what plain text and PDF are both laid out from.

Each block knows its language and direction, each run of text inside it whether it reads its own way, so that
no later step has to understand HTML again.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from urllib.parse import unquote

from lxml.etree import strip_tags
from lxml.html import HtmlElement

DRAWN = "data:image/svg+xml;charset=utf-8,"  # a picture that stands in the letter itself; no other is fetched
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4}
BLANKS = re.compile(r"[ \t\r]+")
BREAK = re.compile(r" ?\n ?")  # once blanks are single ones


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one kind. `isolate` is ltr, rtl or auto where it reads apart from its surroundings, else ""."""

    text: str
    strong: bool = False
    href: str = ""
    lang: str = ""
    isolate: str = ""

    @property
    def style(self) -> tuple[bool, str, str, str]:
        """Everything but the words."""
        return self.strong, self.href, self.lang, self.isolate


Line = tuple[Run, ...]
"""One line or paragraph of runs; a line break is a newline inside a run's text."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list, table or picture, in reading order.

    `kind` is heading, paragraph, list, table or picture. A paragraph or heading has one line, a list one line an
    item; a table has `caption`, `head` and `rows`, whose first cell names the row; a picture has its words for
    those who cannot see it as its line, and `svg`.
    """

    kind: str
    lang: str
    direction: str
    lines: tuple[Line, ...] = ()
    level: int = 0
    ordered: bool = False
    aside: bool = False
    """In another language or a notice: set off with a rule at its start."""
    caption: Line = ()
    head: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    svg: str = ""


def blocks(article: HtmlElement) -> list[Block]:
    """The blocks of a letter's `<article>`, in reading order."""
    article = deepcopy(article)
    strip_tags(article, "wbr")  # a line may break there, and yet an address is one
    return list(_walk(article, Block("paragraph", article.get("lang", "en"), article.get("dir", "ltr"))))


def _walk(element: HtmlElement, around: Block) -> Iterator[Block]:
    here = around
    if {"lang", "dir", "class"} & set(element.attrib):
        here = replace(
            around,
            lang=element.get("lang", around.lang),
            direction=element.get("dir", around.direction),
            aside=around.aside or bool({"original", "notice"} & set(element.get("class", "").split())),
        )
    tag = str(element.tag)
    if tag in HEADINGS:
        yield replace(here, kind="heading", level=HEADINGS[tag], lines=(line(element),))
    elif tag in {"p", "address"}:
        yield replace(here, lines=(line(element),))
    elif tag in {"ul", "ol"}:
        yield replace(here, kind="list", ordered=tag == "ol", lines=tuple(map(line, element.findall("li"))))
    elif tag == "table":
        caption = element.find("caption")
        yield replace(
            here,
            kind="table",
            caption=line(caption) if caption is not None else (),
            head=tuple(map(line, element.findall("./thead/tr/th"))),
            rows=tuple(tuple(map(line, row)) for row in element.findall("./tbody/tr")),
        )
    elif tag == "img" and element.get("src", "").startswith(DRAWN):
        svg = unquote(element.get("src").removeprefix(DRAWN))
        yield replace(here, kind="picture", svg=svg, lines=((Run(element.get("alt", "")),),))
    else:
        for child in element:
            if isinstance(child.tag, str):
                yield from _walk(child, here)


def line(element: HtmlElement) -> Line:
    """The runs inside one paragraph, heading, item or cell, with runs of blanks made one."""
    return _tidy(list(_runs(element, Run(""))))


def _runs(element: HtmlElement, style: Run) -> Iterator[Run]:
    if element.text:
        yield replace(style, text=element.text.replace("\n", " "))
    for child in element:
        if child.tag == "br":
            yield replace(style, text="\n")
        elif isinstance(child.tag, str):
            isolate = child.get("dir") or ("auto" if child.tag == "bdi" else style.isolate)
            yield from _runs(
                child,
                replace(
                    style,
                    strong=style.strong or child.tag == "strong",
                    href=child.get("href", style.href),
                    lang=child.get("lang", style.lang),
                    isolate=isolate,
                ),
            )
        if child.tail:
            yield replace(style, text=child.tail.replace("\n", " "))


def _tidy(runs: list[Run]) -> Line:
    """Collapse blanks across runs as a browser would, and join neighbours of one style."""
    tidy: list[Run] = []
    after_blank = True
    for run in runs:
        text = BREAK.sub("\n", BLANKS.sub(" ", run.text))
        if after_blank:
            text = text.removeprefix(" ")
        if not text:
            continue
        after_blank = text[-1] in " \n"
        if text.startswith("\n") and tidy:
            tidy[-1] = replace(tidy[-1], text=tidy[-1].text.rstrip(" "))
        if tidy and not run.isolate and tidy[-1].style == run.style:
            tidy[-1] = replace(tidy[-1], text=tidy[-1].text + text)
        else:
            tidy.append(replace(run, text=text))
    if tidy:
        tidy[-1] = replace(tidy[-1], text=tidy[-1].text.rstrip())
    return tuple(run for run in tidy if run.text)
