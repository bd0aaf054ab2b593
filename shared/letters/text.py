"""The letter as plain text, for e-mail programs without HTML and screen readers that prefer it.

Plain text has no markup for direction, so whatever reads its own way (a telephone number in an Arabic
sentence) stands between Unicode isolates, but only where directions mix: old programs show them as boxes.
"""

import unicodedata

from lxml.html import HtmlElement

from shared.letters.blocks import Block, Line, Run, blocks

_OPEN = {"ltr": "\u2066", "rtl": "\u2067", "auto": "\u2068"}
_CLOSE = "\u2069"
_LEFT = "\u200e"  # a letter without a shape, that reads from the left


def plain(article: HtmlElement) -> str:
    """The words of a letter's `<article>`, with underlined headings, numbered lists and tables as lines."""
    return "\n\n".join(_block(block) for block in blocks(article)) + "\n"


def _block(block: Block) -> str:
    rtl = block.direction == "rtl"
    if block.kind == "heading":
        words = _line(block.lines[0], rtl)
        mark = {1: "=", 2: "-"}.get(block.level)
        return f"{words}\n{mark * min(_width(words), 72)}" if mark else words
    if block.kind == "list":
        items = (_line(item, rtl).replace("\n", "\n   ") for item in block.lines)
        return "\n".join(f"{n}. {item}" if block.ordered else f"-  {item}" for n, item in enumerate(items, 1))
    if block.kind == "table":
        heads = [_line(cell, rtl) for cell in block.head]
        rows = [
            "\n".join(_named(head, _line(cell, rtl)) for head, cell in zip(heads, row, strict=True))
            for row in block.rows
        ]
        return "\n\n".join([_line(block.caption, rtl), *rows])
    return _line(block.lines[0], rtl)


def _named(head: str, words: str) -> str:
    """A cell behind the head of its column; after a full-width letter with the colon that goes with it."""
    return f"{head}：{words}" if _wide(head[-1:]) else f"{head}: {words}"


def _width(words: str) -> int:
    """How many columns words take: a Chinese character takes two."""
    return len(words) + sum(map(_wide, words))


def _wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in {"W", "F"}


def _line(line: Line, rtl: bool) -> str:
    return "".join(_run(run, rtl) for run in line)


def _run(run: Run, rtl: bool) -> str:
    text = run.text
    if run.href.startswith("http"):
        # One mark before, none behind: mail programs would take it for the end of the address, and open another.
        return f"{_LEFT}{text}" if rtl else text
    if run.isolate and (rtl or has_rtl(text)):
        lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        text = f"{lead}{_OPEN[run.isolate]}{text.strip()}{_CLOSE}{tail}"
    return text


def has_rtl(text: str) -> bool:
    """Whether any letter in the text is written from right to left."""
    return any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)
