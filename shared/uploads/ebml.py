"""WebM, as browsers record it: elements in elements (RFC 8794). Hidden details become Void where they lie.

A live recording leaves the length of its Segment and Clusters open, so the walk goes through those two and
steps over everything else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from shared.uploads.contract import Reason, Refused

_EBML, _SEGMENT, _CLUSTER, _TRACKS, _INFO = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1654AE6B, 0x1549A966
_VOID = 0xEC
_SEEK_HEAD, _CUES = 0x114D9B74, 0x1C53BB6B
_KEPT = frozenset({_EBML, _SEGMENT, _CLUSTER, _TRACKS, _INFO, _SEEK_HEAD, _CUES})
_KEPT_INFO = frozenset({0x2AD7B1, 0x4489, 0x4D80, 0x5741})  # time scale, duration, two programs
# Inside a cluster: its time, blocks of sound and picture, and where it lies.
_KEPT_CLUSTER = frozenset({0xE7, 0xA3, 0xA0, 0xA7, 0xAB})
_TRACK_ENTRY, _TRACK_TYPE = 0xAE, 0x83
# Of a track: its number, kind, codec, language, timing, and how its picture or sound is laid out.
_KEPT_TRACK = frozenset(
    {0xD7, 0x73C5, 0x83, 0xB9, 0x88, 0x55AA, 0x9C, 0x6DE7, 0x6DF8, 0x23E383, 0x22B59C, 0x22B59D, 0x86, 0x63A2}
    | {0xE0, 0xE1, 0x56AA, 0x56BB, 0x6D80, 0x55EE}
)
_PICTURES, _SOUNDS = 1, 2
_MAX_TABLES = 4_000_000
_ZEROS = bytes(1 << 16)


@dataclass(frozen=True, slots=True)
class Element:
    """One element: where it begins, its content begins and it ends (None while the length is open)."""

    name: int
    at: int
    body: int
    end: int | None


def blank_elements(out: BinaryIO) -> bool:
    """Clean the WebM in `out` in place and cut off any tail; returns whether it has a picture.

    Raises Refused: broken, not_cleanable.
    """
    size = out.seek(0, 2)
    kinds: set[int] = set()
    clusters = 0
    for element in _walk(out, size):
        if element.name in {_SEGMENT, _EBML}:
            continue
        if element.name == _CLUSTER:
            clusters += 1
        elif element.name in {_TRACKS, _INFO}:
            kinds |= _clean_table(out, element)
        elif element.name not in _KEPT and element.name not in _KEPT_CLUSTER:
            _void(out, element)
    if not clusters or not kinds:
        raise Refused(Reason.BROKEN)
    if not kinds <= {_PICTURES, _SOUNDS}:
        raise Refused(Reason.NOT_CLEANABLE)  # a track of words or buttons: could hold places
    return _PICTURES in kinds


def _walk(out: BinaryIO, size: int) -> Iterator[Element]:
    """The elements of the Segment and of each Cluster, in the order of the file."""
    at, segment_end, first = 0, size, True
    clusters = 0
    while at < size:
        element = _parse(out, at, size) if at < segment_end else None
        if element is None or (element.name == _EBML) is not first:
            if not clusters or (element is None and _starts_block(out, at)):
                raise Refused(Reason.BROKEN)
            out.truncate(at)
            return
        first = False
        if element.name == _SEGMENT:
            segment_end = element.end or size
        clusters += element.name == _CLUSTER
        yield element
        at = element.body if element.name in {_SEGMENT, _CLUSTER} else element.end or size


def _starts_block(out: BinaryIO, at: int) -> bool:
    """Whether a piece of sound or picture begins here but is cut off."""
    out.seek(at)
    return out.read(1) in {b"\xa3", b"\xa0"}


def _parse(out: BinaryIO, at: int, size: int) -> Element | None:
    out.seek(at)
    head = out.read(12)
    name_length = _length(head[:1], 4)
    size_length = _length(head[name_length : name_length + 1], 8)
    if not name_length or not size_length or len(head) < name_length + size_length:
        return None
    name = int.from_bytes(head[:name_length])
    body = at + name_length + size_length
    mask = (1 << (7 * size_length)) - 1
    length = int.from_bytes(head[name_length : name_length + size_length]) & mask
    if length == mask:
        return Element(name, at, body, None) if name in {_SEGMENT, _CLUSTER} else None
    return Element(name, at, body, body + length) if body + length <= size else None


def _length(first: bytes, most: int) -> int:
    """How many bytes a number has, told by the leading zero bits of its first byte; 0 when it is none."""
    count = 9 - first[0].bit_length() if first and first[0] else 0
    return count if count <= most else 0


def _clean_table(out: BinaryIO, table: Element) -> set[int]:
    """Blank what tells on the writer in Info and Tracks; returns the kinds of tracks."""
    end = table.end or 0
    if end - table.body > _MAX_TABLES:
        raise Refused(Reason.TOO_COMPLEX)
    kinds: set[int] = set()
    for element in _inside(out, table):
        if table.name == _INFO and element.name not in _KEPT_INFO:
            _void(out, element)
        elif element.name == _TRACK_ENTRY:
            for field in _inside(out, element):
                if field.name not in _KEPT_TRACK:
                    _void(out, field)
                elif field.name == _TRACK_TYPE:
                    out.seek(field.body)
                    kinds.add(int.from_bytes(out.read((field.end or 0) - field.body)))
    return kinds


def _inside(out: BinaryIO, parent: Element) -> Iterator[Element]:
    at, end = parent.body, parent.end or 0
    while at < end:
        element = _parse(out, at, end)
        if element is None or element.end is None:
            raise Refused(Reason.BROKEN)
        yield element
        at = element.end


def _void(out: BinaryIO, element: Element) -> None:
    """Overwrite the whole element by a Void of the same length."""
    total = (element.end or 0) - element.at
    if total < 2:
        raise Refused(Reason.BROKEN)
    wide = 1 if total - 2 < 127 else 8
    length = total - 1 - wide
    if length < 0:
        raise Refused(Reason.BROKEN)
    out.seek(element.at)
    out.write(bytes([_VOID]) + (length | (1 << (7 * wide))).to_bytes(wide))
    while length:
        length -= out.write(_ZEROS[:length])
