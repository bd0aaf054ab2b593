"""What Word and OpenDocument letters share: unpacking with a limit, reading XML, pictures, packing again."""

import re
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

from lxml import etree

from shared.uploads.contract import Limits, Reason, Refused
from shared.uploads.embedded import strip_jpeg, strip_png

_CHUNK = 1 << 16
_SAFE_NAME = re.compile(r"[^/\\:\x00-\x1f]+(?:/[^/\\:\x00-\x1f]+)*/?")
_STAMP = (1980, 1, 1, 0, 0, 0)  # when somebody saved the letter is nobody's business

Parts = dict[str, bytes]


def unpack(source: BinaryIO, wanted: Callable[[str], bool], limits: Limits) -> tuple[set[str], Parts]:
    """All names in the package, and the bytes of the parts that are wanted.

    Counts what really comes out, since a zip bomb lies about its sizes. Raises Refused.
    """
    parts: Parts = {}
    room = limits.unzipped_bytes
    try:
        with zipfile.ZipFile(source) as package:
            entries = [entry for entry in package.infolist() if not entry.is_dir()]
            if len(entries) > limits.zip_entries:
                raise Refused(Reason.TOO_COMPLEX)
            names = {entry.filename for entry in entries}
            if len(names) != len(entries) or not all(map(_is_safe, names)):
                raise Refused(Reason.BROKEN)
            for entry in entries:
                if entry.flag_bits & 1:
                    raise Refused(Reason.ENCRYPTED)
                if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                    raise Refused(Reason.BROKEN)
                if wanted(entry.filename):
                    parts[entry.filename] = _read(package, entry, room)
                    room -= len(parts[entry.filename])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise Refused(Reason.BROKEN) from None
    return names, parts


def _is_safe(name: str) -> bool:
    return bool(_SAFE_NAME.fullmatch(name)) and ".." not in name.split("/")


def _read(package: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> bytes:
    pieces: list[bytes] = []
    with package.open(entry) as part:
        while piece := part.read(_CHUNK):
            room -= len(piece)
            if room < 0:
                raise Refused(Reason.TOO_COMPLEX)
            pieces.append(piece)
    return b"".join(pieces)


def pack(parts: Parts, out: BinaryIO, *, first: str | None = None) -> None:
    """Write the parts as a new package; `first` goes in front, uncompressed, as OpenDocument asks."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(parts, key=lambda name: (name != first, name)):
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.compress_type = zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED
            package.writestr(entry, parts[name])


def read_xml(part: bytes) -> etree._Element:
    """The root of a part. A document type is refused: office programs write none, attacks need one."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(part, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Refused(Reason.BROKEN) from None
    info: Any = root.getroottree().docinfo
    if info.doctype or b"<!ENTITY" in part:
        raise Refused(Reason.BROKEN)
    return root


def write_xml(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def local_name(element: etree._Element) -> str:
    """The name without its namespace."""
    return str(etree.QName(element).localname)


def drop(element: etree._Element, *, keep_content: bool = False) -> None:
    """Take an element out; the text behind it always stays, its own content only if asked."""
    parent = element.getparent()
    if parent is None:
        return
    if keep_content:
        at = parent.index(element)
        _add_text_before(parent, at, element.text)
        for child in reversed(element):
            parent.insert(at, child)
        _add_text_before(parent, parent.index(element), element.tail)
    else:
        _add_text_before(parent, parent.index(element), element.tail)
    element.tail = None
    parent.remove(element)


def _add_text_before(parent: etree._Element, at: int, text: str | None) -> None:
    if not text:
        return
    if at == 0:
        parent.text = (parent.text or "") + text
    else:
        parent[at - 1].tail = (parent[at - 1].tail or "") + text


def clean_picture(data: bytes) -> bytes | None:
    """A picture inside a letter without the camera's details; None when it is not a plain picture."""
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return strip_jpeg(data, whole=False)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return strip_png(data)
    except ValueError:
        return None
    if data[:6] in {b"GIF87a", b"GIF89a"} or (data[:2] == b"BM" and data[6:10] == b"\0\0\0\0"):
        return data
    if data[40:44] == b" EMF" or data[:4] in {b"\xd7\xcd\xc6\x9a", b"\x01\x00\x09\x00"}:
        return data
    return None
