"""What a file is, decided by its content alone; its name can only convict it of a lie."""

import zipfile
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

import filetype

from shared.uploads.contract import Reason, Refused
from shared.uploads.names import words

HEAD = 8192


class Found(StrEnum):
    """Every type of content that we can clean. TIFF is left out: a fax in it has pages that we would lose."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    BMP = "bmp"
    HEIF = "heif"
    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    TEXT = "text"
    MAIL = "mail"
    BOXES = "boxes"  # MP4, MOV, M4A, 3GP
    WEBM = "webm"
    OGG = "ogg"
    MP3 = "mp3"


@dataclass(frozen=True, slots=True)
class _Family:
    """Endings that people use for one another without meaning harm."""

    found: frozenset[Found]
    endings: frozenset[str]


_FAMILIES = (
    _Family(
        frozenset({Found.JPEG, Found.PNG, Found.GIF, Found.WEBP, Found.BMP, Found.HEIF}),
        words("jpg jpeg jpe jfif png gif webp bmp dib heic heif hif heics heifs"),
    ),
    _Family(frozenset({Found.PDF}), frozenset({"pdf"})),
    _Family(frozenset({Found.DOCX, Found.ODT}), frozenset({"docx", "odt"})),
    _Family(frozenset({Found.TEXT, Found.MAIL}), frozenset({"txt", "text", "eml"})),
    _Family(
        frozenset({Found.BOXES, Found.WEBM, Found.OGG, Found.MP3}),
        words("mp4 m4v mov qt m4a m4b 3gp 3g2 webm weba ogg oga ogv opus mp3 mpga"),
    ),
)

# Endings that mean something we never take: content of another family under one of them is a lie.
_FOREIGN_ENDINGS = words(
    "exe com scr pif dll msi msix bat cmd ps1 vbs vbe js jse mjs wsf wsh hta jar class apk app dmg iso img"
    " lnk url html htm xhtml xht mht mhtml shtml svg svgz xml xsl php asp aspx jsp css swf sh py pl rb elf"
    " bin doc dot docm dotm dotx xls xlsx xlsm xlsb xltm csv ppt pptx pptm ppsx rtf pages numbers key ods odp"
    " odg ott zip rar 7z gz tgz bz2 xz tar cab ace tif tiff psd ai eps ico avif jxl raw dng cr2 nef avi mkv"
    " wmv flv mpg mpeg wav flac aac amr wma aiff mid msg pst ttf otf woff woff2 sqlite db"
)

_HEIF_BRANDS = words("heic heix heim heis hevc hevx hevm hevs mif1 msf1")
_AVIF_BRANDS = words("avif avis")
_BOX_BRANDS = words(
    "isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 mp71 avc1 dash cmfc M4V M4A M4B MSNV qt f4v XAVC"
    " 3gp4 3gp5 3gp6 3gp7 3gs7 3ge6 3ge7 3gg6 3g2a 3g2b 3g2c kddi"
)

_MARKUP = words(
    "<!doctype <html <head <body <script <iframe <h1 <div <font <table <a <style <title <b <br <p <!-- <svg"
    " <?xml <?php <% {\\rtf %!ps"
)
_MAIL_HEADERS = words("from to subject date received message-id mime-version return-path delivered-to")
_BMP_HEADERS = {b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0"}


def sniff(source: BinaryIO, said: str) -> Found:
    """The type of the content in `source` (seekable), whose name ends in `said` (small letters, no dot).

    Raises Refused: wrong_type, lies_about_type, encrypted or broken.
    """
    source.seek(0)
    head = source.read(HEAD)
    found = _by_signature(head) or _inside_zip(source, head, said) or _text(head, said)
    if found is Found.DOCX and said in {"docm", "dotm"}:
        raise Refused(Reason.MACROS)
    family = next((one for one in _FAMILIES if said in one.endings), None)
    if found is None:
        raise _unknown(head, said, family)
    if said in _FOREIGN_ENDINGS and found is Found.TEXT:
        raise Refused(Reason.WRONG_TYPE, said=said)  # a table or a script is text: no lie, but not for us
    if said in _FOREIGN_ENDINGS or (family and found not in family.found):
        raise Refused(Reason.LIES_ABOUT_TYPE, said=said, found=found)
    source.seek(0)
    return found


def _by_signature(head: bytes) -> Found | None:
    if head.startswith(b"\xff\xd8\xff"):
        return Found.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Found.PNG
    if head[:6] in {b"GIF87a", b"GIF89a"}:
        return Found.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Found.WEBP
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and head[14:18] in _BMP_HEADERS:
        return Found.BMP
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t \0").startswith(b"%PDF-"):
        return Found.PDF
    if head.startswith(b"OggS"):
        return Found.OGG
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return Found.WEBM
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and len(head) > 3 and head[1] & 0xE6 == 0xE2):
        return Found.MP3  # an MPEG frame of layer III: its frames are walked later
    return None


def _by_brand(head: bytes) -> Found | None:
    marks = [head[8:12], *(head[at : at + 4] for at in range(16, min(int.from_bytes(head[:4]), HEAD), 4))]
    main, *others = [mark.decode("latin-1").strip() for mark in marks]
    if main in _AVIF_BRANDS or (main == "mif1" and _AVIF_BRANDS & set(others)):
        return None
    if main in _HEIF_BRANDS:
        return Found.HEIF
    return Found.BOXES if _BOX_BRANDS & {main, *others} else None


def _inside_zip(source: BinaryIO, head: bytes, said: str) -> Found | None:
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") and said in {"docx", "docm"}:
        # Word keeps a document with a password in this old container; one without a password is an old .doc.
        source.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in source.read():
            raise Refused(Reason.ENCRYPTED)
        return None
    if not head.startswith(b"PK\x03\x04"):
        return None
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as package:
            names = set(package.namelist())
            if "mimetype" in names and package.getinfo("mimetype").file_size < 100:
                kind = package.read("mimetype").strip()
                return Found.ODT if kind == b"application/vnd.oasis.opendocument.text" else None
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError):
        raise Refused(Reason.BROKEN) from None
    is_word = "[Content_Types].xml" in names and any(name.startswith("word/") for name in names)
    return Found.DOCX if is_word else None


def _text(head: bytes, said: str) -> Found | None:
    if looks_like_markup(head):
        return None
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, as an old Notepad writes it
        return Found.TEXT
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    if b"\0" in head or controls > 2 + len(head) // 50:
        return None
    if said in {"eml", ""} and _is_mail(head):
        return Found.MAIL
    return Found.TEXT if said in {"txt", "text", "eml"} or _is_utf8(head) else None


def looks_like_markup(head: bytes) -> bool:
    """Whether a browser could take these first bytes for a page, a drawing with scripts or a program."""
    start = head[:HEAD].decode("latin-1").removeprefix("\xef\xbb\xbf").lstrip("\t\n\f\r ").lower()
    return start.startswith("#!") or any(
        start.startswith(mark) and not start[len(mark) : len(mark) + 1].isalpha() for mark in _MARKUP
    )


def _is_mail(head: bytes) -> bool:
    top = head.decode("latin-1").replace("\r\n", "\n").partition("\n\n")[0].lower().split("\n")
    names = {line.partition(":")[0] for line in top if ":" in line and not line[:1].isspace()}
    return "from" in names and len(names & _MAIL_HEADERS) >= 3


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and len(head) == HEAD  # cut in the middle of a letter
    return True


def _unknown(head: bytes, said: str, family: _Family | None) -> Refused:
    guess = filetype.guess(head)
    if family is None:
        return Refused(Reason.WRONG_TYPE, said=said)
    if guess.extension in family.endings if guess else not looks_like_markup(head):
        return Refused(Reason.BROKEN)
    return Refused(Reason.LIES_ABOUT_TYPE, said=said, found=guess.mime if guess else "markup")
