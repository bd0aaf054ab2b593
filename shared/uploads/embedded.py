"""Photos inside documents: the hidden details go, the picture stays bit for bit.

A Word file or a scanner app keeps a photo as the camera wrote it, with its place. Only the containers of JPEG
and PNG are rewritten here, so a letter with fifty photos takes no time and loses no quality.
"""

from zlib import crc32

_JPEG_KEPT_APPS = {0xE0, 0xE2, 0xEE}  # JFIF, colour profile, Adobe's colour transform
_JPEG_COMMENT = 0xFE
_JPEG_SCAN = 0xDA
_JPEG_END = 0xD9
_JPEG_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs acTL fcTL fdAT".split())


def strip_jpeg(data: bytes, *, whole: bool = True) -> bytes:
    """The same JPEG without EXIF, XMP, IPTC, comments, further pictures and any tail.

    Raises ValueError when the bytes are no JPEG or, unless `whole` is false, when its end is missing.
    """
    if data[:2] != b"\xff\xd8":
        raise ValueError("not a JPEG")
    kept = [b"\xff\xd8"]
    at = 2
    while True:
        if at >= len(data) - 1 and not whole:
            return b"".join(kept)
        at = _next_marker(data, at)
        code = data[at + 1]
        if code == _JPEG_END:
            kept.append(b"\xff\xd9")
            return b"".join(kept)
        if code in _JPEG_STANDALONE:
            kept.append(data[at : at + 2])
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if end > len(data) or end < at + 4:
            raise ValueError("a JPEG segment runs over the end")
        app = 0xE0 <= code <= 0xEF
        multi = code == 0xE2 and data[at + 4 : at + 8] == b"MPF\0"  # points to further pictures in the tail
        if (not app or code in _JPEG_KEPT_APPS) and code != _JPEG_COMMENT and not multi:
            kept.append(data[at:end])
        if code == _JPEG_SCAN:
            scan = _end_of_scan(data, end)
            if whole and scan == len(data):
                raise ValueError("the JPEG is cut off")
            kept.append(data[end:scan])
            end = scan
        at = end


def _next_marker(data: bytes, at: int) -> int:
    while data[at : at + 2] == b"\xff\xff":  # fill bytes are allowed before a marker
        at += 1
    if at + 2 > len(data) or data[at] != 0xFF:
        raise ValueError("a JPEG marker is missing")
    return at


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the compressed pixels end: at a marker that is neither stuffing nor a restart, or at the end."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        if data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
            at += 2
        elif data[at + 1] == 0xFF:
            at += 1
        else:
            return at


def strip_png(data: bytes) -> bytes:
    """The same PNG with only the chunks that draw it. Raises ValueError when the bytes are no whole PNG."""
    if not data.startswith(_PNG_SIGNATURE):
        raise ValueError("not a PNG")
    kept = [_PNG_SIGNATURE]
    at = len(_PNG_SIGNATURE)
    while True:
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        end = at + 12 + size
        if end > len(data) or len(name) < 4:
            raise ValueError("the PNG is cut off")
        if int.from_bytes(data[end - 4 : end]) != crc32(data[at + 4 : end - 4]):
            raise ValueError("a PNG chunk is damaged")
        if name in _PNG_KEPT:
            kept.append(data[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end
