"""How MP4, MOV, M4A and 3GP are built: boxes in boxes, and tables that say where sound and picture lie.

Only reading happens here (ISO 14496-12); scrub_boxes does the cleaning.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.uploads.contract import Reason, Refused

Span = tuple[int, int]  # from, to: bytes of the file
_PLAIN_SOUND = 8  # bytes of the largest sample of uncompressed stereo


@dataclass(frozen=True, slots=True)
class Box:
    """One box: `at` is where it begins, `body` where its content begins, `end` where it ends."""

    name: bytes
    at: int
    body: int
    end: int


@dataclass(slots=True)
class Layout:
    """Where the data of all tracks lies in the file."""

    kept: list[Span] = field(default_factory=list)
    open_ended: list[int] = field(default_factory=list)  # kept chunks of unknown length
    starts: list[int] = field(default_factory=list)  # of every chunk, kept or not

    def spans(self, limit: int) -> list[Span]:
        """What is kept, in order; a chunk of unknown length ends where the next one begins, or at `limit`."""
        starts = sorted({*self.starts, limit})
        ends = (starts[min(bisect_right(starts, start), len(starts) - 1)] for start in self.open_ended)
        return sorted([*self.kept, *zip(self.open_ended, ends, strict=True)])


def parse(head: bytes, at: int, limit: int) -> Box | None:
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


def children(tables: bytes | bytearray, parent: Box) -> Iterator[Box]:
    """The boxes inside a box. A rest too short for a box is allowed, as QuickTime writes it."""
    at = parent.body
    while at + 8 <= parent.end:
        child = parse(bytes(tables[at : at + 16]), at, parent.end)
        if child is None:
            raise Refused(Reason.BROKEN)
        yield child
        at = child.end


def only(tables: bytearray, box: Box, *path: bytes) -> Box:
    """The box at the end of a path of names; a file without it is broken."""
    for name in path:
        inner = next((child for child in children(tables, box) if child.name == name), None)
        if inner is None:
            raise Refused(Reason.BROKEN)
        box = inner
    return box


def number(tables: bytearray, at: int) -> int:
    """The 32-bit number that begins at `at`."""
    return int.from_bytes(tables[at : at + 4])


def lay_out(tables: bytearray, track: Box, layout: Layout, *, keep: bool) -> None:
    """Note in `layout` where the data of a track lies, from its four tables."""
    table = only(tables, track, b"mdia", b"minf", b"stbl")
    boxes = {child.name: child for child in children(tables, table)}
    chunks, wide = (boxes[b"co64"], 8) if b"co64" in boxes else (boxes.get(b"stco"), 4)
    sizes, runs = boxes.get(b"stsz"), boxes.get(b"stsc")
    if chunks is None:
        raise Refused(Reason.BROKEN)
    starts = _numbers(tables, chunks, chunks.body + 8, number(tables, chunks.body + 4), wide)
    layout.starts.extend(starts)
    if not keep:
        return
    if sizes is None or runs is None:
        layout.open_ended.extend(starts)  # compact sizes (stz2) and the like: rare, and left whole
        return
    same, count = number(tables, sizes.body + 4), number(tables, sizes.body + 8)
    if 0 < same <= _PLAIN_SOUND:
        layout.open_ended.extend(starts)  # old QuickTime counts such samples in units of its own
        return
    each = None if same else _numbers(tables, sizes, sizes.body + 12, count, 4)
    flat = _numbers(tables, runs, runs.body + 8, 3 * number(tables, runs.body + 4), 4)
    firsts, per_chunk = flat[0::3], flat[1::3]
    sample = run = 0
    for index, start in enumerate(starts, 1):
        while run + 1 < len(firsts) and firsts[run + 1] <= index:
            run += 1
        held = min(per_chunk[run] if per_chunk else 0, count - sample)
        length = same * held if each is None else sum(each[sample : sample + held])
        layout.kept.append((start, start + length))
        sample += held
    if sample < count:
        raise Refused(Reason.BROKEN)


def _numbers(tables: bytearray, box: Box, start: int, count: int, width: int) -> list[int]:
    if start + count * width > box.end:
        raise Refused(Reason.BROKEN)
    return [int.from_bytes(tables[at : at + width]) for at in range(start, start + count * width, width)]
