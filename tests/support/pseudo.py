"""A language that nobody speaks: every text in brackets, so that a text without them was never translated.

`speak_pseudo(monkeypatch)` makes gettext answer in it; `find_literals(html)` lists what is left outside the
brackets. Skipped, because they are no texts of ours: <bdi>, <time>, whatever says translate="no", and what
people wrote themselves (dir="auto").
"""

import re
from typing import Any

import flask_babel
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

OPEN, CLOSE = "⟦", "⟧"
SKIPPED = {"script", "style", "bdi", "time", "code", "textarea"}
READ_ALOUD = ("aria-label", "alt", "title", "placeholder", "data-failed", "data-too-big", "data-too-many")
LETTERS = re.compile(r"[^\W\d_]{2,}")


class Pseudo:
    """Stands in for a catalogue."""

    def gettext(self, text: str) -> str:
        return f"{OPEN}{text}{CLOSE}"

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)

    def pgettext(self, context: str, text: str) -> str:
        return self.gettext(text)

    def npgettext(self, context: str, one: str, many: str, count: int) -> str:
        return self.ngettext(one, many, count)

    ugettext, ungettext, upgettext, unpgettext = gettext, ngettext, pgettext, npgettext


def speak_pseudo(monkeypatch: Any) -> None:
    """Let every text of every language come out in brackets for the rest of a test."""
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda self: Pseudo())


def find_literals(markup: str) -> list[str]:
    """The texts of a page that did not come through gettext, in order; empty when all did."""
    soup = BeautifulSoup(markup, "html5lib")
    found: list[str] = []
    for element in soup.find_all(True):
        for attribute in READ_ALOUD:
            value = element.get(attribute)
            if value and not _skipped(element):
                found += _outside([str(value)])
    pieces: list[str] = []
    for node in soup.descendants:
        if isinstance(node, NavigableString) and type(node) is NavigableString:
            parent = node.parent
            pieces.append(" " if parent is None or _skipped(parent) else str(node))
    return [*_outside(pieces), *found]


def _skipped(element: Tag) -> bool:
    chain = [element, *element.parents]
    return any(
        one.name in SKIPPED
        or one.get("translate") == "no"
        or (one.get("dir") == "auto" and one.name != "input")
        for one in chain
        if isinstance(one, Tag) and one.name != "[document]"
    )


def _outside(pieces: list[str]) -> list[str]:
    """What stands outside all brackets; a bracket may open in one piece and close in a later one."""
    depth, kept = 0, []
    for piece in pieces:
        text = ""
        for character in piece:
            if character == OPEN:
                depth += 1
            elif character == CLOSE:
                depth -= 1
            elif depth == 0:
                text += character
        if LETTERS.search(text):
            kept.append(" ".join(text.split()))
    return kept
