"""MP4, MOV, M4A and 3GP: boxes in boxes (ISO 14496-12). Hidden details are blanked where they lie.

Every byte keeps its place, since tables inside the file count from its start. A box that must go is renamed
to `free` and filled with zeros, which players skip. Sound and picture are never decoded or changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from shared.uploads.contract import Reason, Refused


def _names(names: str) -> frozenset[bytes]:
    return frozenset(name.encode() for name in names.split())


_TOP_KEPT = _names("ftyp moov mdat moof styp sidx mfra ssix prft")
_MEDIA = _names("moov mdat moof")
_CONTAINERS = _names("moov trak mdia minf dinf stbl edts mvex moof traf gmhd")
_KEPT = {
    b"moov": _names("mvhd trak mvex iods"),
    b"trak": _names("tkhd mdia edts tapt clip matt load"),
    b"mdia": _names("mdhd hdlr minf elng"),
}
_TELLING = _names("udta meta uuid free skip wide XMP_ cprt name") | {b"gps "}
_SHOWN = frozenset(
    {b"vide", b"soun"}
)  # any other track can hold places: GoPro's and iPhone's data, drones' subtitles
_MAX_TABLES = 30_000_000  # bytes of a moov or moof; an hour of film needs about one million
_MAX_DEPTH = 12
_ZEROS = bytes(1 << 16)


Span = tuple[int, int]  # from, to: bytes of the file


@dataclass(frozen=True, slots=True)
class Box:
    """One box: `at` is where it begins, `body` where its content begins, `end` where it ends."""

    name: bytes
    at: int
    body: int
    end: int


@dataclass(slots=True)
class Recording:
    """What the tables say about the recording."""

    pictures: bool = False
    sounds: bool = False
    width: int | None = None
    height: int | None = None
    brand: bytes = b""


def blank_boxes(out: BinaryIO) -> Recording:
    """Clean the whole file in `out` (readable and writable) in place; cuts off what lies behind the last box.

    Raises Refused: broken, not_cleanable, too_complex.
    """
    size = out.seek(0, 2)
    found = Recording()
    seen: set[bytes] = set()
    for box in _top_boxes(out, size):
        seen.add(box.name)
        if box.name == b"ftyp":
            out.seek(box.body)
            found.brand = out.read(4)
        elif box.name in {b"moov", b"moof"}:
            _clean_tables(out, box, found)
        elif box.name not in _TOP_KEPT:
            _blank_in_file(out, box)
    if b"moov" not in seen or not seen & {b"mdat", b"moof"} or not (found.pictures or found.sounds):
        raise Refused(Reason.BROKEN)
    return found


def _top_boxes(out: BinaryIO, size: int) -> Iterator[Box]:
    at = 0
    seen: set[bytes] = set()
    while at < size:
        out.seek(at)
        box = _parse(out.read(16), at, size)
        if box is None:
            out.seek(at)
            if out.read(8)[4:8] in _MEDIA or not {b"moov", b"mdat"} <= seen:
                raise Refused(Reason.BROKEN)  # the recording itself is cut off
            out.truncate(at)  # a tail of another kind, such as a hidden archive
            return
        seen.add(box.name)
        yield box
        at = box.end


def _parse(head: bytes, at: int, limit: int) -> Box | None:
    """The box whose first bytes are `head`, or None when it is no box that ends before `limit`."""
    if len(head) < 8:
        return None
    size, name, body = int.from_bytes(head[:4]), head[4:8], at + 8
    if size == 1:
        size, body = int.from_bytes(head[8:16]), at + 16
    elif size == 0:
        size = limit - at
    if at + size > limit or at + size < body or not all(32 <= sign < 127 or sign == 0xA9 for sign in name):
        return None
    return Box(name, at, body, at + size)


def _blank_in_file(out: BinaryIO, box: Box) -> None:
    out.seek(box.at + 4)
    out.write(b"free")
    _zero(out, box.body, box.end)


def _zero(out: BinaryIO, start: int, end: int) -> None:
    out.seek(start)
    while start < end:
        start += out.write(_ZEROS[: end - start])


def _clean_tables(out: BinaryIO, box: Box, found: Recording) -> None:
    """Clean a moov or moof in memory, then the samples that its hidden tracks point to."""
    if box.end - box.at > _MAX_TABLES:
        raise Refused(Reason.TOO_COMPLEX)
    out.seek(box.at)
    tables = bytearray(out.read(box.end - box.at))
    inner = Box(box.name, 0, box.body - box.at, len(tables))
    if any(child.name == b"cmov" for child in children(tables, inner)):
        raise Refused(Reason.NOT_CLEANABLE)
    hidden: list[Span] = []
    _clean(tables, inner, found, hidden, 0)
    out.seek(box.at)
    out.write(tables)
    size = out.seek(0, 2)
    for start, end in hidden:
        if end > size:
            raise Refused(Reason.BROKEN)
        _zero(out, start, end)


def children(tables: bytes | bytearray, parent: Box) -> Iterator[Box]:
    """The boxes inside a box. A rest too short for a box is allowed, as QuickTime writes it."""
    at = parent.body
    while at + 8 <= parent.end:
        child = _parse(bytes(tables[at : at + 16]), at, parent.end)
        if child is None:
            raise Refused(Reason.BROKEN)
        yield child
        at = child.end


def _clean(tables: bytearray, parent: Box, found: Recording, hidden: list[Span], depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise Refused(Reason.TOO_COMPLEX)
    kept = _KEPT.get(parent.name)
    for child in children(tables, parent):
        if child.name in _TELLING or (kept is not None and child.name not in kept):
            _blank(tables, child)
        elif child.name == b"trak" and not _is_shown(tables, child, found):
            hidden.extend(_samples(tables, child))
            _blank(tables, child)
        elif child.name == b"dref":
            _refuse_other_files(tables, child)
        elif child.name == b"hdlr":
            program = child.body + 24
            tables[program : child.end] = bytes(max(0, child.end - program))
        elif child.name in _CONTAINERS:
            _clean(tables, child, found, hidden, depth + 1)


def _blank(tables: bytearray, box: Box) -> None:
    tables[box.at + 4 : box.at + 8] = b"free"
    tables[box.body : box.end] = bytes(box.end - box.body)


def _is_shown(tables: bytearray, track: Box, found: Recording) -> bool:
    """Whether the track is picture or sound, noted in `found` with the size of the picture."""
    handler = _only(tables, track, b"mdia", b"hdlr")
    kind = bytes(tables[handler.body + 8 : handler.body + 12])
    if kind not in _SHOWN:
        if _has_fragments(tables):
            raise Refused(Reason.NOT_CLEANABLE)  # no table here says where its samples lie
        return False
    if kind == b"vide":
        head = _only(tables, track, b"tkhd")
        width, height = _number(tables, head.end - 8) >> 16, _number(tables, head.end - 4) >> 16
        if width and height and not found.pictures:
            found.width, found.height = width, height
        found.pictures = True
    else:
        found.sounds = True
    return True


def _has_fragments(tables: bytearray) -> bool:
    top = _parse(bytes(tables[:16]), 0, len(tables))
    return top is not None and any(child.name == b"mvex" for child in children(tables, top))


def _only(tables: bytearray, box: Box, *path: bytes) -> Box:
    for name in path:
        inner = next((child for child in children(tables, box) if child.name == name), None)
        if inner is None:
            raise Refused(Reason.BROKEN)
        box = inner
    return box


def _refuse_other_files(tables: bytearray, box: Box) -> None:
    """The recording must lie in this file; a reference to another one could make a player fetch it."""
    entries = Box(box.name, box.at, box.body + 8, box.end)
    for entry in children(tables, entries):
        if not tables[entry.body + 3] & 1:
            raise Refused(Reason.NOT_CLEANABLE)


def _samples(tables: bytearray, track: Box) -> list[Span]:
    """Where in the file the data of a track lies, as (start, end), from its four tables."""
    table = _only(tables, track, b"mdia", b"minf", b"stbl")
    boxes = {child.name: child for child in children(tables, table)}
    wide = b"co64" in boxes
    chunks = boxes.get(b"co64" if wide else b"stco")
    sizes, runs = boxes.get(b"stsz"), boxes.get(b"stsc")
    if chunks is None or sizes is None or runs is None:
        raise Refused(Reason.NOT_CLEANABLE)
    starts = _numbers(tables, chunks, chunks.body + 8, _number(tables, chunks.body + 4), 8 if wide else 4)
    same, count = _number(tables, sizes.body + 4), _number(tables, sizes.body + 8)
    each = None if same else _numbers(tables, sizes, sizes.body + 12, count, 4)
    flat = _numbers(tables, runs, runs.body + 8, 3 * _number(tables, runs.body + 4), 4)
    firsts, per_chunk = flat[0::3], flat[1::3]
    spans: list[Span] = []
    sample = run = 0
    for index, start in enumerate(starts, 1):
        while run + 1 < len(firsts) and firsts[run + 1] <= index:
            run += 1
        held = min(per_chunk[run] if per_chunk else 0, count - sample)
        length = same * held if each is None else sum(each[sample : sample + held])
        spans.append((start, start + length))
        sample += held
    if sample < count:
        raise Refused(Reason.NOT_CLEANABLE)
    return spans


def _number(tables: bytearray, at: int) -> int:
    return int.from_bytes(tables[at : at + 4])


def _numbers(tables: bytearray, box: Box, start: int, count: int, width: int) -> list[int]:
    if start + count * width > box.end:
        raise Refused(Reason.BROKEN)
    return [int.from_bytes(tables[at : at + width]) for at in range(start, start + count * width, width)]
