"""What stands in a message, however badly it was made: its headers, words and files. Nothing here raises.

A message within a message is a file, never the writer's own words.
"""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser

import lxml.html
import nh3

MOST_PARTS = 40  # files of one message; more are no letter
MOST_BLOCKS = 250  # pieces looked at, so that a message made to be endless ends
WITHOUT_FILE = frozenset(
    {
        "text/calendar",
        "message/delivery-status",
        "text/rfc822-headers",
        # seals around a message, with nothing in them to read
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
    }
)
CONTROL = dict.fromkeys((*(n for n in range(32) if n not in (9, 10, 13)), 0x7F), None)
LATIN = frozenset({"iso-8859-1", "latin-1", "windows-1252", "us-ascii", "ascii"})
# What programs mean by a name: the encoding that has all its signs and those which are used under it as well.
MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_3",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "unicode-1-1-utf-7": "utf-7",
}
FOR_DOMAINS = frozenset({"idna", "punycode"})  # no text comes in these, and a long one takes them hours


@dataclass(frozen=True, slots=True)
class Part:
    """A file that came with a message, as it came: not yet cleaned."""

    name: str
    media_type: str
    content: bytes


def parse(raw: bytes) -> tuple[EmailMessage, bool]:
    """The message, and whether something of it could not be read. Pieces nested too deep are left out."""
    for parser, most in ((BytesParser, len(raw)), (BytesHeaderParser, 100_000)):
        # The standard parser trips over more than it admits, and whoever wrote must still be heard.
        with suppress(Exception):
            message = parser(policy=policy.default).parsebytes(raw[:most])
            return message, bool(message.defects) or parser is BytesHeaderParser
    return EmailMessage(), True


def header(message: EmailMessage, name: str) -> str:
    """One header as text without control characters; empty when it is not there."""
    raw = str(next((value for key, value in message.raw_items() if key.lower() == name.lower()), ""))
    written = _repaired(raw)
    try:
        found = str(message.get(name, "") if written == raw else policy.default.header_factory(name, written))
    except Exception:  # as above: take it as it stands
        found = written
    return tidy(found)


def _repaired(raw: str) -> str:
    """A header whose letters were sent as they are and not encoded: in UTF-8 mostly, and allowed by now."""
    sent = raw.encode("utf-8", "surrogateescape")
    try:
        return sent.decode("utf-8")
    except UnicodeDecodeError:
        return sent.decode("windows-1252", "replace")


def tidy(text: str) -> str:
    """Text that every database takes: no control characters, no halves of letters."""
    return text.encode("utf-8", "replace").decode("utf-8").translate(CONTROL)


def blocks(message: EmailMessage) -> Iterator[EmailMessage]:
    """The pieces of a message without what lies inside messages that it encloses."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_BLOCKS:
        part = waiting.pop(0)
        seen += 1
        content = inside(part)
        if content and kind_of(part).startswith("multipart/"):
            waiting[:0] = content
        else:
            yield part


def inside(part: EmailMessage) -> list[EmailMessage]:
    """The pieces or messages that a piece encloses."""
    found = part.get_payload() if part.is_multipart() else []
    return [one for one in found if isinstance(one, EmailMessage)]


def as_written(message: EmailMessage, name: str) -> str:
    """A header without taking it apart, for those that may name ten thousand people."""
    found = [_repaired(str(value)) for key, value in message.raw_items() if key.lower() == name.lower()]
    return tidy(", ".join(found)).replace("\r", " ").replace("\n", " ")


def kind_of(part: EmailMessage) -> str:
    """The media type that a piece claims, in lower case."""
    try:
        return part.get_content_type()
    except Exception:
        return "application/octet-stream"


def content(message: EmailMessage, most: int | None = MOST_PARTS) -> tuple[str, tuple[Part, ...], bool]:
    """The words, the files but `most` at most, and whether something could not be read or was left out."""
    plain: list[str] = []
    html: list[str] = []
    parts: list[Part] = []
    broken = False
    same_again = _second_choices(message)
    for part in blocks(message):
        kind = kind_of(part)
        try:
            if id(part) in same_again:
                continue
            if kind in {"text/plain", "text/html"} and not _is_attached(part):
                (plain if kind == "text/plain" else html).append(words(part))
            elif kind not in WITHOUT_FILE and (found := _bytes(part)):
                parts.append(Part(_file_name(part) or _made_up(kind, len(parts)), kind, found))
        except Exception:
            broken = True
    text = "\n".join(one for one in ("\n".join(plain).strip(), plain_of("\n".join(html))) if one)
    return tidy(text), tuple(parts[:most]), broken or len(parts) > (most or MOST_BLOCKS)


def _second_choices(message: EmailMessage) -> frozenset[int]:
    """The HTML that says once more what plain words beside it say; other HTML is part of the message."""
    found: set[int] = set()
    for group in _alternatives(message):
        texts: dict[str, list[EmailMessage]] = {"text/plain": [], "text/html": []}
        for part in blocks(group):
            if not _is_attached(part):
                texts.get(kind_of(part), []).append(part)
        if any(words(part).strip() for part in texts["text/plain"]):
            found |= {id(part) for part in texts["text/html"]}
    return frozenset(found)


def _alternatives(message: EmailMessage) -> Iterator[EmailMessage]:
    waiting, seen = [message], 0
    while waiting and seen < MOST_BLOCKS:
        part = waiting.pop(0)
        seen += 1
        if kind_of(part) == "multipart/alternative":
            yield part
        elif kind_of(part).startswith("multipart/"):
            waiting[:0] = inside(part)


def words(part: EmailMessage) -> str:
    """The text of one piece, by the encoding that it names or the one that fits."""
    raw = part.get_payload(decode=True)
    found = raw if isinstance(raw, bytes) else b""
    named = (part.get_content_charset() or "utf-8").lower()
    # What calls itself Latin but reads as UTF-8 is UTF-8: the other way round is all but impossible.
    names = ("utf-8", named, "windows-1252") if named in LATIN else (named, "utf-8", "windows-1252")
    for charset in names:
        try:
            meant = MEANT.get(charset, charset)
            if codecs.lookup(meant).name not in FOR_DOMAINS:
                return found.decode(meant)
        except (LookupError, ValueError):  # no such encoding, or no such name of one; or it does not fit
            continue
    return found.decode("utf-8", errors="replace")


def plain_of(html: str) -> str:
    """The words of HTML, without scripts and styles, in lines as a reader would see them."""
    if not html.strip():
        return ""
    clean = nh3.clean(tidy(html), tags={"p", "br", "div", "li", "tr"}, attributes={})
    broken_up = re.sub(r"<(?:br|/p|/div|/li|/tr)[^>]*>", "\n", clean)
    try:
        whole = lxml.html.fromstring(f"<div>{broken_up}</div>")
        found = "".join(str(piece) for piece in whole.itertext())
    except (ValueError, lxml.etree.LxmlError):
        found = re.sub(r"<[^>]*>", "", broken_up)
    return re.sub(r"\n{3,}", "\n\n", found).strip()


def _is_attached(part: EmailMessage) -> bool:
    try:
        return part.get_content_disposition() == "attachment"
    except Exception:
        return False


def _bytes(part: EmailMessage) -> bytes:
    if inner := inside(part):  # a message within the message
        return b"\r\n".join(one.as_bytes() for one in inner)
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _file_name(part: EmailMessage) -> str:
    try:
        return " ".join(tidy(part.get_filename() or "").split())[:200]
    except Exception:
        return ""


def _made_up(kind: str, number: int) -> str:
    return f"message-{number + 1}.eml" if kind == "message/rfc822" else f"file-{number + 1}"
