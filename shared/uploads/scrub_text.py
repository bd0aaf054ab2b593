"""Plain text and e-mail files: kept as text and never shown as a page."""

import unicodedata
from email import policy
from email.parser import BytesHeaderParser
from typing import BinaryIO

from shared.uploads.contract import Kind, Reason, Refused, Scrubbed
from shared.uploads.sniff import HEAD, looks_like_markup

_KEPT_CONTROLS = {"\n", "\t"}
_REVERSERS = {"\u202d", "\u202e"}


def scrub_text(source: BinaryIO, out: BinaryIO) -> Scrubbed:
    """Write the text again as UTF-8 without control signs, whatever program saved it.

    Signs that reverse the reading order go as well: they can make a sentence show other words than it has.
    """
    raw = source.read()
    text = _decode(raw).replace("\r\n", "\n").replace("\r", "\n")
    clean = "".join(sign for sign in text if sign in _KEPT_CONTROLS or not _is_tricky(sign))
    if not clean.strip():
        raise Refused(Reason.EMPTY)
    if looks_like_markup(clean[:HEAD].encode()):  # it hid behind another encoding or control signs
        raise Refused(Reason.WRONG_TYPE)
    out.write(clean.encode())
    return Scrubbed(Kind.DOCUMENT, "text/plain", ".txt")


def _is_tricky(sign: str) -> bool:
    return sign in _REVERSERS or unicodedata.category(sign) == "Cc"


def _decode(raw: bytes) -> str:
    try:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            return raw.decode("utf-16")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        if b"\0" in raw:
            raise Refused(Reason.BROKEN) from None
        return raw.decode("cp1252", errors="replace")


def scrub_mail(source: BinaryIO, out: BinaryIO) -> Scrubbed:
    """Keep an e-mail byte for byte, since its headers are the evidence; only its headers are read here.

    Its attachments stay packed inside: nobody's page opens them, and staff get it as a download only.
    """
    raw = source.read()
    if b"\0" in raw:
        raise Refused(Reason.BROKEN)
    headers = BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
    if not headers.get("From"):
        raise Refused(Reason.BROKEN)
    out.write(raw)
    return Scrubbed(Kind.DOCUMENT, "message/rfc822", ".eml")
