"""The words of a letter or a text, to be read in a page: taken out by a bounded child process.

What is shown is words alone, in paragraphs, headings, lists and rows of tables. Nothing of the file reaches the
page as markup, and a long one is cut where it says so.
"""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from shutil import copyfileobj
from typing import Any, BinaryIO, Literal

import msgspec
from lxml import etree

from shared.uploads import bounded
from shared.uploads.contract import Limits, Reason, Refused
from shared.uploads.office import Parts, local_name, read_xml, unpack

MOST_CHARACTERS = 100_000  # of one file: a page that is still quick on an old telephone
MOST_BLOCKS = 3_000
MOST_CELLS = 30  # of one row
SECONDS = 10

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ODT = "application/vnd.oasis.opendocument.text"
WORK = {
    _DOCX: "shared.uploads.reading:docx",
    _ODT: "shared.uploads.reading:odt",
    "text/plain": "shared.uploads.reading:plain",
}


class Block(msgspec.Struct, frozen=True):
    """One paragraph, heading or item, or one row of a table by its cells."""

    kind: Literal["text", "heading", "item", "row"]
    cells: tuple[str, ...]


class Enclosed(msgspec.Struct, frozen=True):
    """A file inside a file: an attachment of an e-mail. `size` in bytes."""

    name: str
    size: int


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a page shows of a file. `pictures`: how many of them it does not show."""

    blocks: tuple[Block, ...]
    headers: tuple[tuple[str, str], ...] = ()
    enclosed: tuple[Enclosed, ...] = ()
    pictures: int = 0
    cut: bool = False

    @property
    def runs(self) -> tuple[tuple[str, tuple[Block, ...]], ...]:
        """The blocks in runs of one kind, as lists and tables are shown."""
        return tuple((kind, tuple(run)) for kind, run in groupby(self.blocks, lambda block: block.kind))


def read(content: BinaryIO, work: str) -> Reading:
    """Have `work` take the words out of an open file. Raises Refused when that cannot be done safely."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out:
        copyfileobj(content, source)
        source.seek(0)
        bounded.run(work, source, out, replace(Limits(), seconds=SECONDS))
        out.seek(0)
        return msgspec.json.decode(out.read(), type=Reading)


def write(out: BinaryIO, blocks: Iterable[Block], **more: Any) -> dict[str, Any]:
    """Write what was read, cut to what a page can hold: the end of every `work`."""
    kept: list[Block] = []
    left, cut = MOST_CHARACTERS, False
    for block in blocks:
        if not any(cell.strip() for cell in block.cells):
            continue
        if left <= 0 or len(kept) == MOST_BLOCKS:
            cut = True
            break
        cells = tuple(cell[:left] for cell in block.cells[:MOST_CELLS])
        cut = cut or cells != block.cells
        left -= sum(map(len, cells))
        kept.append(Block(block.kind, cells))
    out.write(msgspec.json.encode(Reading(blocks=tuple(kept), cut=cut, **more)))
    return {}


def paragraphs(text: str) -> Iterator[Block]:
    """Plain words by their empty lines; single line breaks stay."""
    for one in text.split("\n\n"):
        if one.strip():
            yield Block("text", (one.strip("\n"),))


def plain(source: BinaryIO, out: BinaryIO, limits: Limits) -> dict[str, Any]:
    """A text, which was kept as UTF-8."""
    return write(out, paragraphs(source.read(limits.text_bytes).decode(errors="replace")))


# Word -------------------------------------------------------------------------------------------------------

_AROUND = ("word/header", "word/footer", "word/footnotes", "word/endnotes", "word/comments")
_NOT_READ = frozenset({"Fallback", "delText", "instrText", "delInstrText"})  # said twice, or struck out


def docx(source: BinaryIO, out: BinaryIO, limits: Limits) -> dict[str, Any]:
    """A Word letter: its body, then what stands around it on every page and below."""
    names, parts = unpack(
        source, lambda name: name == "word/document.xml" or name.startswith(_AROUND), limits
    )
    if "word/document.xml" not in parts:
        raise Refused(Reason.BROKEN)
    pictures = sum(name.startswith("word/media/") for name in names)
    return write(out, _word_blocks(parts), pictures=pictures)


def _word_blocks(parts: Parts) -> Iterator[Block]:
    seen: set[tuple[str, ...]] = set()
    headers = [name for name in parts if name.startswith("word/header")]
    for name in [
        *sorted(headers),
        "word/document.xml",
        *sorted(set(parts) - {*headers, "word/document.xml"}),
    ]:
        for block in _word_body(read_xml(parts[name])):
            # The first page has a header and a footer of its own, mostly the same again.
            if name == "word/document.xml" or block.cells not in seen:
                yield block
            seen.add(block.cells)


def _word_body(element: etree._Element) -> Iterator[Block]:
    for child in _elements(element):
        name = local_name(child)
        if name == "p":
            yield Block(_word_kind(child), ("".join(_word_text(child)),))
            for box in child.iter("{*}txbxContent"):
                if not any(local_name(above) == "Fallback" for above in box.iterancestors()):
                    yield from _word_body(box)
        elif name == "tr":
            yield Block("row", tuple(_cell(_word_body(cell)) for cell in child.iterchildren("{*}tc")))
        elif name not in _NOT_READ:
            yield from _word_body(child)


def _word_kind(paragraph: etree._Element) -> Literal["text", "heading", "item"]:
    style = paragraph.find("{*}pPr/{*}pStyle")
    named = (
        ""
        if style is None
        else next((str(v) for k, v in style.attrib.items() if str(k).endswith("}val")), "")
    )
    if named.lower().startswith(("heading", "title")):
        return "heading"
    return "text" if paragraph.find("{*}pPr/{*}numPr") is None else "item"


def _word_text(element: etree._Element) -> Iterator[str]:
    for child in _elements(element):
        name = local_name(child)
        if name == "t":
            yield child.text or ""
        elif name in {"tab", "br", "cr"}:
            yield "\t" if name == "tab" else "\n"
        elif name not in {*_NOT_READ, "txbxContent", "pPr", "rPr"}:
            yield from _word_text(child)


# OpenDocument -----------------------------------------------------------------------------------------------

_NOT_SAID = frozenset({"tracked-changes", "annotation", "forms", "sequence-decls", "title", "desc"})


def odt(source: BinaryIO, out: BinaryIO, limits: Limits) -> dict[str, Any]:
    """An OpenDocument letter: its body."""
    names, parts = unpack(source, lambda name: name == "content.xml", limits)
    if "content.xml" not in parts:
        raise Refused(Reason.BROKEN)
    body = read_xml(parts["content.xml"]).find("{*}body")
    pictures = sum(name.startswith("Pictures/") for name in names)
    return write(out, () if body is None else _open_body(body), pictures=pictures)


def _open_body(element: etree._Element, item: bool = False) -> Iterator[Block]:
    for child in _elements(element):
        name = local_name(child)
        if name in {"h", "p"}:
            kind: Literal["text", "heading", "item"] = (
                "heading" if name == "h" else "item" if item else "text"
            )
            yield Block(kind, ("".join(_open_text(child)),))
            for box in child.iter("{*}text-box"):
                yield from _open_body(box)
        elif name == "table-row":
            yield Block("row", tuple(_cell(_open_body(cell)) for cell in child.iterchildren("{*}table-cell")))
        elif name not in _NOT_SAID:
            yield from _open_body(child, item or name == "list-item")


def _open_text(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in _elements(element):
        name = local_name(child)
        if name == "s":
            count = next((str(v) for k, v in child.attrib.items() if str(k).endswith("}c")), "1")
            yield " " * min(int(count) if count.isdecimal() else 1, 200)
        elif name in {"tab", "line-break"}:
            yield "\t" if name == "tab" else "\n"
        elif name not in {*_NOT_SAID, "text-box"}:
            yield from _open_text(child)
        yield child.tail or ""


def _cell(blocks: Iterator[Block]) -> str:
    return "\n".join(" ".join(block.cells) for block in blocks).strip()


def _elements(element: etree._Element) -> Iterator[etree._Element]:
    return (child for child in element if isinstance(child.tag, str))
