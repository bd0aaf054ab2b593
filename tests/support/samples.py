"""Pictures and texts to send, made in code so that nothing binary is kept.

More of them in samples_documents and samples_media.
"""

import struct
import zlib
from functools import cache
from io import BytesIO

import pillow_heif
from PIL import Image, ImageCms, ImageDraw

PLACE = "53.3412N-Halton"  # what must never survive, hidden in every sample that can hide something
LATITUDE = (53.0, 20.0, 28.3199)
_GPS_NUMBER = struct.pack("<2I", 283199, 10000), struct.pack(">2I", 283199, 10000)
TAKEN = "2025:03:14 09:26:53"


def gps_traces(data: bytes) -> list[bytes]:
    """Every trace of the place in the bytes, as text or as the numbers of EXIF; empty when it is clean."""
    traces = [PLACE.encode(), PLACE.encode("utf-16-le"), *_GPS_NUMBER, b"GPSLatitude", b"Exif\0\0"]
    return [trace for trace in traces if trace in data]


def exif(orientation: int = 1, taken: str | None = TAKEN) -> Image.Exif:
    """What a phone writes: make, direction, day and place."""
    details = Image.Exif()
    details[0x010F] = "Phone maker"
    details[0x0112] = orientation
    details[0x010E] = PLACE
    if taken:
        details.get_ifd(0x8769)[0x9003] = taken
    place = details.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", LATITUDE, "W", (2.0, 41.0, 28.3199)
    return details


def picture(width: int = 640, height: int = 480) -> Image.Image:
    """A drawing whose top left quarter is red and whose top right is blue, to see turning and mirroring."""
    drawn = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 0, width // 2, height // 2), fill=(220, 20, 20))
    pen.rectangle((width // 2, 0, width, height // 2), fill=(20, 20, 220))
    pen.line((0, height, width, 0), fill=(0, 120, 0), width=5)
    return drawn


def jpeg(width: int = 640, height: int = 480, orientation: int = 1, taken: str | None = TAKEN) -> bytes:
    """A photo with GPS, a comment, and the thumbnail that many cameras leave behind."""
    packed = BytesIO()
    picture(width, height).save(packed, "JPEG", exif=exif(orientation, taken), comment=PLACE, quality=80)
    return packed.getvalue()


@cache
def twelve_megapixel_jpeg() -> bytes:
    return jpeg(4032, 3024, orientation=6)


@cache
def heic(width: int = 1200, height: int = 900) -> bytes:
    """As an iPhone makes it: HEVC in HEIF, with EXIF and XMP."""
    packed = BytesIO()
    pillow_heif.from_pillow(picture(width, height)).save(
        packed, exif=exif().tobytes(), xmp=f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{PLACE}</x:xmpmeta>".encode()
    )
    return packed.getvalue()


def saved(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    """The drawing in another format, by Pillow's name for it."""
    packed = BytesIO()
    (image or picture(200, 150)).save(packed, kind, **options)
    return packed.getvalue()


def swapped_colours_jpeg() -> bytes:
    """A photo whose profile says that its red is really green: a program must heed it to show it right."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    table = 132 + 12 * struct.unpack_from(">I", profile, 128)[0]
    for entry in range(132, table, 12):
        if bytes(profile[entry : entry + 4]) in {b"rXYZ", b"gXYZ"}:
            profile[entry] = ord("g") if profile[entry] == ord("r") else ord("r")
    return saved("JPEG", Image.new("RGB", (64, 64), (250, 0, 0)), icc_profile=bytes(profile), quality=95)


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@cache
def huge_png(side: int = 50_000) -> bytes:
    """A real black picture of 50,000 x 50,000 dots in one or two megabytes."""
    packer = zlib.compressobj(1)
    row = bytes(1 + side // 8)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def lying_png() -> bytes:
    """A small header over far more pixels than it promises."""
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(50_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def telling_png() -> bytes:
    """A screenshot with its place in text, in XMP and in EXIF."""
    plain = saved("PNG")
    told = chunk(b"tEXt", b"Comment\0" + PLACE.encode()) + chunk(
        b"eXIf", exif().tobytes().removeprefix(b"Exif\0\0")
    )
    return plain[:33] + told + plain[33:]


EXE = b"MZ" + bytes(58) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0" + bytes(200)
HTML = b"\n <!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
MAIL = (
    b"From: Sam <sam@example.org>\r\nTo: repairs@example.org\r\nSubject: Damp\r\n"
    b"Date: Mon, 3 Mar 2025 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"
    b"<script>alert(1)</script>The damp is back.\r\n"
)
