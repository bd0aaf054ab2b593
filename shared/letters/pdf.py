"""The letter as a tagged PDF (PDF/UA-1), so that a screen reader meets headings, lists and tables as such.

Typst lays out data that this module hands over as JSON; no text that a person wrote is ever run as markup.
The fonts come from static/built/fonts, so that a letter looks the same on every machine.
"""

import io
import json
import os
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import typst
from babel import Locale, UnknownLocaleError
from lxml.html import HtmlElement

from shared.config import ROOT
from shared.letters.blocks import Block, Line, Run, blocks

TEMPLATE = ROOT / "templates" / "letters" / "letter.typ"
NORMAL, LARGE = 12, 18  # points; 18 is the size at which charities for blind people begin "large print"
# The font decides what copying, searching and a screen reader get, not only how a letter looks: newer Arabic
# builds of Noto store dots as letters of their own and double every word, Vazirmatn does not.
_FIRST_FONT = {
    "ar": "Vazirmatn",
    "fa": "Vazirmatn",
    "ur": "Vazirmatn",
    "bn": "Noto Sans Bengali",
    "hi": "Noto Sans Devanagari",
}
ALL_FONTS = ("Noto Sans", "Vazirmatn", "Noto Sans Bengali", "Noto Sans Devanagari", "Noto Sans TC")
_LEADING = {"ar": 0.2, "fa": 0.2, "ur": 0.35, "bn": 0.2, "hi": 0.2, "zh": 0.35}


_UNSHOWN = re.compile(r'the text `"([^`]+)"` could not be displayed')


class FontsMissing(RuntimeError):
    """The letter fonts are not where they should be; the message says how to build them."""


class UnprintableText(RuntimeError):
    """The letter cannot become a PDF; the message says what to do instead."""


def fonts_folder() -> Path:
    """Where the letter fonts lie: REDRESS_FONTS_DIR, or static/built/fonts as the asset build leaves them."""
    return Path(os.environ.get("REDRESS_FONTS_DIR") or ROOT / "static" / "built" / "fonts")


def typeset(article: HtmlElement, title: str, large_print: bool = False) -> bytes:
    """Lay out a letter's `<article>`. Returns the PDF's bytes; the same letter gives the same bytes.

    Raises FontsMissing when the fonts were not built.
    """
    large = large_print or "large-print" in article.get("class", "").split()
    lang = article.get("lang", "en")
    first = _FIRST_FONT.get(lang.split("-")[0], "Noto Sans")
    reference = article.find(".//*[@data-part='reference']")
    data: dict[str, Any] = {
        "title": title,
        "reference": reference.text_content() if reference is not None else "",
        "size": LARGE if large else NORMAL,
        "fonts": [first, *(font for font in ALL_FONTS if font != first)],
        "leading": _LEADING.get(lang.split("-")[0], 0.1) + (0.1 if large else 0),
        "direction": article.get("dir", "ltr"),
        "blocks": [_block(block) for block in blocks(article)],
        **_language(lang),
    }
    made = _typeset(data)
    return _copied_in_order(made) if data["direction"] == "rtl" else made


def _typeset(data: dict[str, Any]) -> bytes:
    """Try our fonts, then the machine's for a script that ours lack, then name what no font can show.

    PDF/UA forbids a blank box for a missing character, and a resident's emoji must not hold up a letter.
    """
    folder = fonts_folder()
    try:
        return _compile(data, _fonts(folder))
    except typst.TypstError as error:
        if not _UNSHOWN.search(error.diagnostic):
            raise
    fonts = _fonts(folder, system=True)
    for _ in range(8):
        try:
            return _compile(data, fonts)
        except typst.TypstError as error:
            unshown = {_unescaped(text) for text in _UNSHOWN.findall(error.diagnostic)}
            if not unshown:
                raise
            data = _renamed(data, {character: _stand_in(character) for text in unshown for character in text})
    raise UnprintableText("no font can show some characters of this letter: send it as a web page or e-mail")


def _copied_in_order(content: bytes) -> bytes:
    """Drop the mark that the document opens from the right: it only turns pages, and letters are no books.

    With it, Chrome and Edge hand every Latin word and number of the page to copying and searching reversed.
    """
    with pikepdf.open(io.BytesIO(content)) as document:
        preferences = document.Root.get("/ViewerPreferences", pikepdf.Dictionary())
        if "/Direction" in preferences:
            del preferences["/Direction"]
        target = io.BytesIO()
        document.save(target, deterministic_id=True)
    return target.getvalue()


def _compile(data: dict[str, Any], fonts: typst.Fonts) -> bytes:
    made = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"letter": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    if not isinstance(made, bytes):
        raise TypeError("typst gave no PDF")
    return made


def _unescaped(text: str) -> str:
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), text)


def _stand_in(character: str) -> str:
    """What stands for a character that no font has: the name of a picture, a question mark for a letter."""
    if unicodedata.category(character) == "So":
        return f"[{unicodedata.name(character, 'picture').lower()}]"
    return "" if unicodedata.combining(character) or unicodedata.category(character).startswith("M") else "?"


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """The same data with every unprintable character replaced."""
    if isinstance(value, str):
        return "".join(names.get(character, character) for character in value)
    if isinstance(value, list):
        return [_renamed(one, names) for one in value]
    if isinstance(value, dict):
        return {key: _renamed(one, names) for key, one in value.items()}
    return value


@cache
def _fonts(folder: Path, system: bool = False) -> typst.Fonts:
    if not any(folder.glob("*.ttf")):
        raise FontsMissing(f"no fonts in {folder}: run `make assets`, or set REDRESS_FONTS_DIR")
    fonts = typst.Fonts(include_system_fonts=system, include_embedded_fonts=False, font_paths=[folder])
    missing = set(ALL_FONTS) - set(fonts.families())
    if missing:
        raise FontsMissing(f"{folder} lacks {', '.join(sorted(missing))}: run `make assets`")
    return fonts


def _language(tag: str) -> dict[str, str | None]:
    """A BCP 47 tag as Typst wants it: the language, and the region, which decides Chinese shapes."""
    try:
        locale = Locale.parse(tag, sep="-") if tag else None
    except (UnknownLocaleError, ValueError):
        locale = None
    if locale is None:
        return {"lang": "", "region": None}
    chinese = "CN" if locale.script == "Hans" else "TW"
    usual = {"en": "GB", "zh": chinese}.get(locale.language)
    return {"lang": locale.language, "region": locale.territory or usual}


def _block(block: Block) -> dict[str, Any]:
    rtl = block.direction == "rtl"
    return {
        "kind": block.kind,
        "level": block.level,
        "ordered": block.ordered,
        "aside": block.aside,
        "direction": "rtl" if rtl else "ltr",
        "lines": [_line(line, rtl) for line in block.lines],
        "caption": _line(block.caption, rtl),
        "head": [_line(cell, rtl) for cell in block.head],
        "rows": [[{"line": _line(cell, rtl)} for cell in row] for row in block.rows],
        "svg": block.svg,
        **_language(block.lang),
    }


def _line(line: Line, rtl: bool) -> list[dict[str, Any]]:
    return [
        {
            # A number that reads from left to right also stays on one line.
            "text": run.text.replace(" ", "\u00a0") if run.isolate == "ltr" and not run.lang else run.text,
            "strong": run.strong,
            "href": run.href,
            "isolate": _against(run, rtl),
            **_language(run.lang),
        }
        for run in line
    ]


def _against(run: Run, rtl: bool) -> str:
    """The direction of a run that reads against its line, "" for one that needs no care."""
    own = run.isolate
    if own == "auto":
        strong = (unicodedata.bidirectional(character) for character in run.text)
        own = next(("ltr" if kind == "L" else "rtl" for kind in strong if kind in {"L", "R", "AL"}), "")
    return "" if own == ("rtl" if rtl else "ltr") else own
