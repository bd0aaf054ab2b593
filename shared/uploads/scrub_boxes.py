"""MP4, MOV, M4A and 3GP: hidden details are blanked where they lie.

Every byte keeps its place, since tables inside the file count from its start. A box that must go is renamed
to `free` and filled with zeros, which players skip. Sound and picture are never decoded or changed, and data
that belongs to neither is filled with zeros.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from shared.uploads.boxes import Box, Layout, children, lay_out, number, only, parse
from shared.uploads.contract import Reason, Refused


def _names(names: str) -> frozenset[bytes]:
    return frozenset(name.encode() for name in names.split())


_TOP_KEPT = _names("ftyp moov mdat moof styp sidx mfra ssix prft")
_MEDIA = _names("moov mdat moof")
# What each container may hold. Places and names stand in other boxes (udta, meta, uuid) and go with them.
_KEPT = {
    b"moov": _names("mvhd trak mvex iods"),
    b"trak": _names("tkhd mdia edts tapt clip matt load"),
    b"mdia": _names("mdhd hdlr minf elng"),
    b"minf": _names("vmhd smhd hdlr dinf stbl"),
    b"dinf": _names("dref"),
    b"stbl": _names("stsd stts ctts cslg stss stps stsh sdtp stsz stz2 stsc stco co64 sbgp sgpd saiz saio"),
    b"edts": _names("elst"),
    b"mvex": _names("mehd trex"),
    b"moof": _names("mfhd traf"),
    b"traf": _names("tfhd tfdt trun sdtp sbgp sgpd saiz saio"),
}
_SHOWN = _names("vide soun")  # any other track can hold places: a camera's data, a drone's subtitles
_MAX_TABLES = 30_000_000  # bytes of a moov or moof; an hour of film needs about one million
_ZEROS = bytes(1 << 16)


@dataclass(slots=True)
class Recording:
    """What the tables say about the recording."""

    pictures: bool = False
    sounds: bool = False
    others: bool = False  # tracks of another kind
    in_pieces: bool = False  # recorded live: the tables of its data are spread over the file
    width: int | None = None
    height: int | None = None
    brand: bytes = b""


def blank_boxes(out: BinaryIO) -> Recording:
    """Clean the whole file in `out` (readable and writable) in place; cuts off what lies behind the last box.

    Raises Refused: broken, not_cleanable, too_complex.
    """
    size = out.seek(0, 2)
    found, layout = Recording(), Layout()
    data: list[Box] = []
    seen: set[bytes] = set()
    for box in _top_boxes(out, size):
        seen.add(box.name)
        if box.name == b"ftyp":
            out.seek(box.body)
            found.brand = out.read(4)
        elif box.name == b"mdat":
            data.append(box)
        elif box.name in {b"moov", b"moof"}:
            found.in_pieces |= box.name == b"moof"
            _clean_tables(out, box, found, layout)
        elif box.name not in _TOP_KEPT:
            out.seek(box.at + 4)
            out.write(b"free")
            _zero(out, box.body, box.end)
    if b"moov" not in seen or not seen & {b"mdat", b"moof"} or not (found.pictures or found.sounds):
        raise Refused(Reason.BROKEN)
    if not found.in_pieces:
        _zero_between(out, data, layout)
    elif found.others:
        raise Refused(Reason.NOT_CLEANABLE)  # no table here says where the other data lies
    return found


def _top_boxes(out: BinaryIO, size: int) -> Iterator[Box]:
    at = 0
    seen: set[bytes] = set()
    while at < size:
        out.seek(at)
        head = out.read(16)
        box = parse(head, at, size)
        if box is None:
            if head[4:8] in _MEDIA or not {b"moov", b"mdat"} <= seen:
                raise Refused(Reason.BROKEN)  # the recording itself is cut off
            out.truncate(at)  # a tail of another kind, such as a hidden archive
            return
        seen.add(box.name)
        yield box
        at = box.end


def _zero(out: BinaryIO, start: int, end: int) -> None:
    out.seek(start)
    while start < end:
        start += out.write(_ZEROS[: end - start])


def _zero_between(out: BinaryIO, data: list[Box], layout: Layout) -> None:
    """Blank all data that is neither sound nor picture. Tracks that reach over the end are cut off."""
    for box in data:
        at = box.body
        for start, end in layout.spans(box.end):
            if start >= box.end or end <= at:
                continue
            if start > at:
                _zero(out, at, start)
            at = min(end, box.end)
        _zero(out, at, box.end)
    size = out.seek(0, 2)
    if any(end > size for _, end in layout.kept):
        raise Refused(Reason.BROKEN)


def _clean_tables(out: BinaryIO, box: Box, found: Recording, layout: Layout) -> None:
    """Clean a moov or moof in memory and write it back."""
    if box.end - box.at > _MAX_TABLES:
        raise Refused(Reason.TOO_COMPLEX)
    out.seek(box.at)
    tables = bytearray(out.read(box.end - box.at))
    inner = Box(box.name, 0, box.body - box.at, len(tables))
    names = {child.name for child in children(tables, inner)}
    if b"cmov" in names:
        raise Refused(Reason.NOT_CLEANABLE)  # tables packed as QuickTime did long ago
    found.in_pieces |= b"mvex" in names
    _clean(tables, inner, found, layout)
    out.seek(box.at)
    out.write(tables)


def _clean(tables: bytearray, parent: Box, found: Recording, layout: Layout) -> None:
    """Blank what is not on the list. Cannot run deep: no kept box can hold one of its own kind."""
    at = parent.body
    for child in children(tables, parent):
        if child.name not in _KEPT[parent.name]:
            _blank(tables, child)
        elif child.name == b"trak":
            shown = _is_shown(tables, child, found)
            lay_out(tables, child, layout, keep=shown)
            if shown:
                _clean(tables, child, found, layout)
            else:
                _blank(tables, child)
        elif child.name == b"dref":
            _refuse_other_files(tables, child)
        elif child.name == b"hdlr":
            program = child.body + 24
            tables[program : child.end] = bytes(max(0, child.end - program))
        elif child.name in _KEPT:
            _clean(tables, child, found, layout)
        at = child.end
    tables[at : parent.end] = bytes(parent.end - at)  # a rest too short for a box


def _blank(tables: bytearray, box: Box) -> None:
    tables[box.at + 4 : box.at + 8] = b"free"
    tables[box.body : box.end] = bytes(box.end - box.body)


def _is_shown(tables: bytearray, track: Box, found: Recording) -> bool:
    """Whether the track is picture or sound, noted in `found` with the size of the picture."""
    handler = only(tables, track, b"mdia", b"hdlr")
    kind = bytes(tables[handler.body + 8 : handler.body + 12])
    if kind not in _SHOWN:
        found.others = True
        return False
    if kind == b"vide":
        head = only(tables, track, b"tkhd")
        width, height = number(tables, head.end - 8) >> 16, number(tables, head.end - 4) >> 16
        if width and height and not found.pictures:
            found.width, found.height = width, height
        found.pictures = True
    else:
        found.sounds = True
    return True


def _refuse_other_files(tables: bytearray, box: Box) -> None:
    """The recording must lie in this file; a reference to another one could make a player fetch it."""
    entries = Box(box.name, box.at, box.body + 8, box.end)
    for entry in children(tables, entries):
        if not tables[entry.body + 3] & 1:
            raise Refused(Reason.NOT_CLEANABLE)
