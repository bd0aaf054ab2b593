"""A short message on paper, for people who are not written to by e-mail: its text laid out as our letters are."""

from lxml.html import HtmlElement, builder

from shared import i18n
from shared.letters.pdf import typeset


def short_letter(
    title: str, text: str, *, language: str, recipient: tuple[str, ...] = (), large_print: bool = False
) -> bytes:
    """The PDF of a text whose paragraphs are parted by blank lines. `language` is a code or tag of ours.

    `recipient` is name and address, a line each; blank lines are left out.
    """
    spoken = i18n.language(language)
    paragraphs = [part.split("\n") for part in text.strip().split("\n\n")]
    article = builder.ARTICLE(
        _lines("address", [line for line in recipient if line.strip()], apart=True),
        builder.H1(title),
        *(_lines("p", lines) for lines in paragraphs),
        lang=spoken.tag,
        dir=spoken.direction,
    )
    return typeset(article, title, large_print=large_print)


def _lines(tag: str, lines: list[str], *, apart: bool = False) -> HtmlElement:
    """One block of several lines; `apart`: each reads its own way, as names and streets do."""
    block = builder.E(tag)
    for number, line in enumerate(lines):
        if number:
            block.append(builder.BR())
        piece = builder.E("bdi" if apart else "span")
        piece.text = line
        block.append(piece)
    return block
