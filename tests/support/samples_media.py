"""Recordings to send, built box by box: a real structure around a known pattern instead of sound and film."""

import struct
from collections.abc import Sequence
from io import BytesIO

from mutagen.ogg import OggPage

from tests.support.samples import PLACE

SOUND = b"\x21SOUND" * 200  # what must come out unchanged
PICTURE = b"\x65FRAME" * 300
HIDDEN = (PLACE.encode() + b"/track ") * 20


def box(name: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I", 8 + len(body)) + name + body


def full(name: bytes, *bodies: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(name, struct.pack(">I", version << 24 | flags), *bodies)


def location_boxes() -> bytes:
    """Both ways to note a place: the old (c)xyz text of Android and QuickTime, and the keys of an iPhone."""
    old = box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0x15C7), PLACE.encode()))
    key = b"com.apple.quicktime.location.ISO6709"
    new = box(
        b"meta",
        full(b"hdlr", bytes(4), b"mdta", bytes(13)),
        full(b"keys", struct.pack(">I", 1), struct.pack(">I", 8 + len(key)), b"mdta", key),
        box(b"ilst", box(b"\0\0\0\x01", box(b"data", struct.pack(">II", 1, 0), PLACE.encode()))),
    )
    return old + new


def track(
    kind: bytes, offset: int, sizes: Sequence[int], *, elsewhere: bool = False, wide: bool = False
) -> bytes:
    """A track whose samples lie in one chunk at `offset` of the file. `elsewhere`: in another file."""
    where = full(b"url ", b"" if not elsewhere else b"http://trap.example/x\0", flags=0 if elsewhere else 1)
    chunks = (
        full(b"co64", struct.pack(">IQ", 1, offset)) if wide else full(b"stco", struct.pack(">II", 1, offset))
    )
    entry = {b"vide": b"avc1", b"soun": b"mp4a"}.get(kind, b"gpmd")
    table = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), box(entry, bytes(40))),
        full(b"stts", struct.pack(">III", 1, len(sizes), 1000)),
        full(b"stsc", struct.pack(">IIII", 1, 1, len(sizes), 1)),
        full(b"stsz", struct.pack(">II", 0, len(sizes)), struct.pack(f">{len(sizes)}I", *sizes)),
        chunks,
    )
    size = struct.pack(">II", 640 << 16, 360 << 16) if kind == b"vide" else bytes(8)
    return box(
        b"trak",
        full(b"tkhd", bytes(72), size, flags=7),
        box(
            b"mdia",
            full(b"mdhd", bytes(8), struct.pack(">II", 1000, 2000), bytes(4)),
            full(b"hdlr", bytes(4), kind, bytes(12), b"Core Media of Sam\0"),
            box(b"minf", box(b"dinf", full(b"dref", struct.pack(">I", 1), where)), table),
        ),
        box(b"udta", box(b"name", PLACE.encode())),
    )


def recording(
    brand: bytes = b"mp42",
    kinds: Sequence[bytes] = (b"vide", b"soun"),
    *,
    moov_first: bool = False,
    elsewhere: bool = False,
    wide: bool = False,
) -> bytes:
    """An MP4, MOV or M4A with places in every corner that phones use."""
    data = {b"vide": PICTURE, b"soun": SOUND}
    bodies = [data.get(kind, HIDDEN) for kind in kinds]
    head = box(b"ftyp", brand, bytes(4), brand, b"isom")
    media = box(b"mdat", *bodies)

    def tables(start: int) -> bytes:
        tracks = []
        for kind, body in zip(kinds, bodies, strict=True):
            sizes = [len(body) // 2, len(body) - len(body) // 2]
            tracks.append(track(kind, start, sizes, elsewhere=elsewhere, wide=wide))
            start += len(body)
        head = full(b"mvhd", bytes(8), struct.pack(">II", 1000, 2000), bytes(80))
        return box(b"moov", head, *tracks, location_boxes())

    extra = box(b"uuid", bytes(16), PLACE.encode())
    if moov_first:
        return head + tables(len(head) + len(tables(0)) + 8) + media + extra
    return head + extra + media + tables(len(head) + len(extra) + 8)


def fragmented(*, with_data_track: bool = False) -> bytes:
    """As Safari records a voice: an empty moov, then pieces."""
    moov = box(
        b"moov",
        full(b"mvhd", bytes(8), struct.pack(">II", 1000, 2000), bytes(80)),
        track(b"soun", 0, []),
        track(b"meta", 0, []) if with_data_track else b"",
        box(b"mvex", full(b"trex", struct.pack(">IIIII", 1, 1, 0, 0, 0))),
        location_boxes(),
    )
    run = full(b"trun", struct.pack(">III", 1, 0, len(SOUND)), flags=0x201)
    piece = box(
        b"moof",
        full(b"mfhd", struct.pack(">I", 1)),
        box(b"traf", full(b"tfhd", struct.pack(">I", 1), flags=0x20000), run, box(b"udta", PLACE.encode())),
    )
    return box(b"ftyp", b"iso5", bytes(4), b"iso5mp41") + moov + piece + box(b"mdat", SOUND)


def _number(value: int, width: int) -> bytes:
    return (value | 1 << 7 * width).to_bytes(width)


def element(name: int, *bodies: bytes, open_end: bool = False) -> bytes:
    body = b"".join(bodies)
    length = b"\x01" + b"\xff" * 7 if open_end else _number(len(body), 8)
    return name.to_bytes((name.bit_length() + 7) // 8) + length + body


def webm(*, film: bool = False, live: bool = True, track_type: int | None = None) -> bytes:
    """As Chrome and Firefox record: open lengths when live. Tags and an attachment tell the place."""
    kind = track_type or (1 if film else 2)
    tags = element(0x1254C367, element(0x7373, element(0x67C8, element(0x4487, PLACE.encode()))))
    attached = element(0x1941A469, element(0x61A7, element(0x465C, PLACE.encode())))
    return element(0x1A45DFA3, element(0x4282, b"webm")) + element(
        0x18538067,
        element(0x1549A966, element(0x2AD7B1, b"\x0f\x42\x40"), element(0x7BA9, PLACE.encode())),
        element(0x1654AE6B, element(0xAE, element(0x83, bytes([kind])), element(0x536E, PLACE.encode()))),
        tags,
        element(0x1F43B675, element(0xE7, b"\0"), element(0xA3, b"\x81\0\0\x80" + SOUND), open_end=live),
        element(0x1F43B675, element(0xE7, b"\x05"), element(0xA3, b"\x81\0\0\x80" + SOUND), open_end=live),
        b"" if live else attached,
        open_end=live,
    )


def ogg(packets: int = 4) -> bytes:
    """A voice message as WhatsApp and Firefox keep it: Opus with a comment."""
    comment = f"LOCATION={PLACE}".encode()
    vendor = b"recorder"
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 0, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", len(vendor)) + vendor
    tags += struct.pack("<II", 1, len(comment)) + comment
    packed = BytesIO()
    for number, packet in enumerate([head, tags, *[b"\xfc" + SOUND] * packets]):
        page = OggPage()
        page.packets, page.serial, page.sequence = [packet], 77, number
        page.position = max(0, number - 1) * 960
        page.first, page.last = number == 0, number == packets + 1
        packed.write(page.write())
    return packed.getvalue()


def mp3(frames: int = 20) -> bytes:
    """MPEG-1 layer III at 128 kbit/s, 44.1 kHz, with tags at both ends."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    text = b"\0" + PLACE.encode()
    tag = b"TXXX" + struct.pack(">IH", len(text), 0) + text
    size = bytes(len(tag) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + tag + frame * frames + b"TAG" + PLACE.encode().ljust(125, b"\0")
