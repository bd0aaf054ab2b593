"""OpenDocument letters (.odt): text, layout and pictures stay; what fetches, runs or embeds goes."""

import mimetypes
import re
from typing import BinaryIO

from lxml import etree

from shared.uploads.contract import Kind, Limits, Reason, Refused, Scrubbed
from shared.uploads.names import words
from shared.uploads.office import Parts, clean_picture, drop, local_name, pack, read_xml, unpack, write_xml

MEDIA_TYPE = "application/vnd.oasis.opendocument.text"
_MANIFEST = "META-INF/manifest.xml"
_MANIFEST_NS = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_HREF = "{http://www.w3.org/1999/xlink}href"
_BODY = ("content.xml", "styles.xml", "settings.xml")
_PICTURES = ("Pictures/", "ObjectReplacements/", "media/")
_MACRO = re.compile(r"(Basic/.+/(?!script-l[bc]\.xml$).+\.xml|Scripts/.+)", re.IGNORECASE)
_OUT = words(
    "scripts script event-listeners event-listener dde-source dde-connection dde-connection-decls dde-link"
    " execute-macro object object-ole plugin applet floating-frame external-data database-display"
    " database-next database-name database-source database-row-select database-row-number"
)
_PRINTER = re.compile("Printer|CurrentDatabase|EmbeddedDatabase|ImagePreferredDPI", re.IGNORECASE)


def scrub_odt(source: BinaryIO, out: BinaryIO, limits: Limits) -> Scrubbed:
    """Write the letter again from its harmless parts.

    Raises Refused: macros, encrypted, broken, too_complex.
    """
    names, parts = unpack(source, _is_wanted, limits)
    if b"encryption-data" in parts.pop(_MANIFEST, b""):
        raise Refused(Reason.ENCRYPTED)
    if any(_MACRO.fullmatch(name) for name in names):
        raise Refused(Reason.MACROS)
    if "content.xml" not in parts:
        raise Refused(Reason.BROKEN)
    for name in [name for name in parts if name.startswith(_PICTURES)]:
        picture = clean_picture(parts.pop(name))
        if picture is not None:
            parts[name] = picture
    for name in _BODY:
        if name in parts:
            parts[name] = _clean_part(parts[name], parts)
    parts["mimetype"] = MEDIA_TYPE.encode()
    parts[_MANIFEST] = _manifest(parts)
    pack(parts, out, first="mimetype")
    return Scrubbed(Kind.DOCUMENT, MEDIA_TYPE, ".odt")


def _is_wanted(name: str) -> bool:
    return name in {*_BODY, _MANIFEST} or name.startswith(_PICTURES)


def _clean_part(part: bytes, parts: Parts) -> bytes:
    root = read_xml(part)
    for element in [each for each in root.iter() if isinstance(each.tag, str)]:
        name = local_name(element)
        if name in _OUT or (name == "config-item" and _PRINTER.search(_config_name(element))):
            drop(element)
            continue
        href = element.get(_HREF)
        if href is None or href.startswith("#") or href.removeprefix("./") in parts:
            continue
        drop(element, keep_content=name == "a")  # a link keeps its words
    return write_xml(root)


def _config_name(element: etree._Element) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}name")), "")


def _manifest(parts: Parts) -> bytes:
    root = etree.Element(f"{{{_MANIFEST_NS}}}manifest", nsmap={"manifest": _MANIFEST_NS})
    root.set(f"{{{_MANIFEST_NS}}}version", "1.3")
    for name, kind in [("/", MEDIA_TYPE), *((name, _kind(name)) for name in sorted(parts))]:
        if name not in {"mimetype", _MANIFEST}:
            entry = etree.SubElement(root, f"{{{_MANIFEST_NS}}}file-entry")
            entry.set(f"{{{_MANIFEST_NS}}}full-path", name)
            entry.set(f"{{{_MANIFEST_NS}}}media-type", kind)
    return write_xml(root)


def _kind(name: str) -> str:
    if name.endswith(".xml"):
        return "text/xml"
    return mimetypes.guess_type(name)[0] or ""
