"""Mail as Outlook and others pack it, made in code: winmail.dat, harmless and hostile."""

import struct

SIGNATURE, KEY = struct.pack("<I", 0x223E9F78), struct.pack("<H", 1)
MESSAGE, ATTACHMENT = 1, 2
BODY, CODEPAGE, RENDERING, TITLE, DATA, PROPERTIES = 0x8800C, 0x69007, 0x69002, 0x18010, 0x6800F, 0x69005
MAPI = 0x69003
LONG_NAME, OBJECT, RICH = 0x3707, 0x3701, 0x1009
AN_INNER_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def attribute(level: int, kind: int, content: bytes, length: int | None = None) -> bytes:
    """One attribute; `length` lies about its size."""
    head = struct.pack("<BII", level, kind & 0xFFFFFFFF, len(content) if length is None else length)
    return head + content + struct.pack("<H", sum(content) & 0xFFFF)


def properties(*pairs: tuple[int, int, bytes]) -> bytes:
    """MAPI properties with one value each: type, name, content."""
    packed = struct.pack("<I", len(pairs))
    for kind, name, content in pairs:
        packed += struct.pack("<HHII", kind, name, 1, len(content)) + content + b"\0" * (-len(content) % 4)
    return packed


def winmail(
    *files: tuple[str, bytes], body: str = "", rich: bytes = b"", inner: tuple[bytes, ...] = ()
) -> bytes:
    """A winmail.dat with these files, and with whole messages inside it. `rich`: words in compressed RTF."""
    packed = SIGNATURE + KEY + attribute(MESSAGE, CODEPAGE, struct.pack("<II", 1252, 0))
    if body:
        packed += attribute(MESSAGE, BODY, body.encode("cp1252") + b"\0")
    if rich:
        packed += attribute(MESSAGE, MAPI, properties((0x102, RICH, rich)))
    for name, content in files:
        packed += attribute(ATTACHMENT, RENDERING, b"\0" * 14)
        packed += attribute(ATTACHMENT, TITLE, name.encode("cp1252", "replace")[:12] + b"\0")
        packed += attribute(ATTACHMENT, DATA, content)
        long_name = (0x1F, LONG_NAME, f"{name}\0".encode("utf-16-le"))
        packed += attribute(ATTACHMENT, PROPERTIES, properties(long_name))
    for message in inner:
        packed += attribute(ATTACHMENT, RENDERING, b"\0" * 14)
        packed += attribute(ATTACHMENT, PROPERTIES, properties((0x0D, OBJECT, AN_INNER_MESSAGE + message)))
    return packed + attribute(MESSAGE, 0x88008, b"end")  # the library leaves out a last one that is short
