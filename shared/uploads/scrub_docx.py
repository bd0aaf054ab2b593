"""Word letters (.docx): text, layout and pictures stay; what fetches, runs, embeds or names somebody goes."""

import re
from posixpath import dirname, join, normpath
from typing import BinaryIO

from lxml import etree

from shared.uploads.contract import Kind, Limits, Reason, Refused, Scrubbed
from shared.uploads.names import words
from shared.uploads.office import (
    Parts,
    clean_picture,
    drop,
    local_name,
    pack,
    read_xml,
    unpack,
    write_xml,
)

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAIN = MEDIA_TYPE + ".main+xml"
_TYPES = "[Content_Types].xml"
_RELATION_NS = {
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",  # the strict form of the same
}
_LEFT_OUT = re.compile(
    r"word/(embeddings|activex|webextensions|printersettings|fonts|afchunk|customizations|vba|people"
    r"|attachedtoolbars)",
    re.IGNORECASE,
)
# An element of these is nothing without the part or address that it points to.
_NOTHING_WITHOUT = words(
    "OLEObject control altChunk attachedTemplate externalData subDoc printerSettings embedRegular embedBold"
    " embedItalic embedBoldItalic hlinkClick hlinkHover hlinkMouseOver videoFile audioFile wavAudioFile"
    " quickTimeFile svgBlip media movie headerReference footerReference userShapes dataSource headerSource"
    " recipientData saveThroughXslt sourceFileName contentPart webVideoPr"
)
_ALWAYS_OUT = frozenset({"mailMerge", "saveThroughXslt", "docVars", "dataBinding"})
# A field can fetch a file or start a program (DDE, INCLUDEPICTURE ...). Only these may stay alive; any other
# keeps the words that it last showed.
_FIELD = re.compile(
    r"\s*(?:HYPERLINK\s+\\l\s+\"[^\"]*\"[\s\\hon]*"
    r"|(?:PAGE|NUMPAGES|SECTION|SECTIONPAGES|PAGEREF|NOTEREF|REF|TOC|TC|SEQ|DATE|TIME|SYMBOL|STYLEREF|XE|INDEX"
    r"|LISTNUM|FORMTEXT|FORMCHECKBOX|FORMDROPDOWN|ADVANCE)(?:\s[^{}\"]*(?:\"[^\"]*\"[^{}\"]*)*)?)?",
    re.IGNORECASE,
)
_ADDRESSES = frozenset({"src", "href", "althref", "hrefpict"})  # older drawings fetch these


def scrub_docx(source: BinaryIO, out: BinaryIO, limits: Limits) -> Scrubbed:
    """Write the letter again from its harmless parts.

    Raises Refused: macros, encrypted, broken, too_complex.
    """
    names, parts = unpack(source, _is_wanted, limits)
    kinds = _content_types(parts)
    if any("vba" in name.lower() for name in names) or any(
        "macroenabled" in kind.lower() or "vbaproject" in kind.lower() for kind in kinds.values()
    ):
        raise Refused(Reason.MACROS)
    main = [name for name, kind in kinds.items() if kind == _MAIN and name in parts]
    if len(main) != 1 or "_rels/.rels" not in parts:
        raise Refused(Reason.BROKEN)
    for name in [name for name in parts if name.lower().startswith("word/media/")]:
        picture = clean_picture(parts.pop(name))
        if picture is not None:
            parts[name] = picture
    lost = {part: _cut_relations(parts, part) for part in [name for name in parts if name.endswith(".rels")]}
    for name in [name for name in parts if name.endswith(".xml") and name != _TYPES]:
        relations = join(dirname(name), "_rels", name.rpartition("/")[2] + ".rels")
        parts[name] = _clean_part(parts[name], lost.get(relations, set()))
    _cut_content_types(parts)
    pack(parts, out, first=_TYPES)
    return Scrubbed(Kind.DOCUMENT, MEDIA_TYPE, ".docx")


def _is_wanted(name: str) -> bool:
    if name in {_TYPES, "_rels/.rels"}:
        return True
    if not name.startswith("word/") or _LEFT_OUT.match(name):
        return False
    return name.endswith((".xml", ".rels")) or name.lower().startswith("word/media/")


def _content_types(parts: Parts) -> dict[str, str]:
    """Part name (or ".ending") -> content type."""
    if _TYPES not in parts:
        raise Refused(Reason.BROKEN)
    kinds: dict[str, str] = {}
    for entry in read_xml(parts[_TYPES]):
        name = entry.get("PartName", "").removeprefix("/") or "." + entry.get("Extension", "")
        kinds[name] = entry.get("ContentType", "")
    return kinds


def _cut_content_types(parts: Parts) -> None:
    root = read_xml(parts[_TYPES])
    for entry in list(root):
        if local_name(entry) == "Override" and entry.get("PartName", "").removeprefix("/") not in parts:
            drop(entry)
    parts[_TYPES] = write_xml(root)


def _cut_relations(parts: Parts, name: str) -> set[str]:
    """Take out relations to addresses outside and to parts left out; returns their ids."""
    root = read_xml(parts[name])
    folder = dirname(dirname(name))
    lost: set[str] = set()
    for relation in list(root):
        target = relation.get("Target", "")
        inside = target[1:] if target.startswith("/") else normpath(join(folder, target))
        if relation.get("TargetMode", "Internal") != "Internal" or inside not in parts:
            lost.add(relation.get("Id", ""))
            drop(relation)
    parts[name] = write_xml(root)
    return lost


def _clean_part(part: bytes, lost: set[str]) -> bytes:
    root = read_xml(part)
    for element in [each for each in root.iter() if isinstance(each.tag, str)]:
        name = local_name(element)
        if name in _ALWAYS_OUT:
            drop(element)
        elif name in {"instrText", "delInstrText"} and not _FIELD.fullmatch(element.text or ""):
            element.text = ""
        elif name == "fldSimple":
            _calm_field(element)
        _unlink(element, name, lost)
    return write_xml(root)


def _calm_field(element: etree._Element) -> None:
    for key, value in element.attrib.items():
        if str(key).endswith("}instr") and not _FIELD.fullmatch(str(value)):
            drop(element, keep_content=True)
            return


def _unlink(element: etree._Element, name: str, lost: set[str]) -> None:
    for key, value in list(element.attrib.items()):
        if etree.QName(str(key)).localname in _ADDRESSES:
            del element.attrib[key]
        elif etree.QName(str(key)).namespace in _RELATION_NS and value in lost:
            if name in _NOTHING_WITHOUT:
                drop(element)
                return
            del element.attrib[key]
