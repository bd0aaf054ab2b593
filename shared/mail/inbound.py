"""Mail that reaches us, read generously: whatever arrives becomes an `Incoming`, never an error.

Which case a message belongs to is told by a signed address or by the thread, never by a subject, which anybody
can write. What robots send (absence notes, bounces, our own mail come back) is told apart from what people do.
"""

import re
import ssl
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr
from enum import StrEnum

import lxml.html
import nh3
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls

from shared.config import Config
from shared.identity import tokens

MAX_RAW = 40_000_000  # bytes of one message; mail servers refuse more anyway
MAX_TEXT = 200_000  # characters kept of a message's words
SIGNED = re.compile(r"\+([a-z0-9-]{8,40})\.([0-9a-f]{16})$", re.IGNORECASE)
REFERENCE = re.compile(r"\b[A-Z]{2,6}-\d{4}-\d{4,9}-\d\b")
MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")


class Sort(StrEnum):
    """What kind of message it is."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"  # absence notes and other robots: kept, never answered
    BOUNCE = "bounce"  # one of ours could not be delivered
    LOOP = "loop"  # our own mail come back
    CALENDAR = "calendar"  # an answer to an invitation


@dataclass(frozen=True, slots=True)
class Part:
    """A file that came with a message, as it came: not yet cleaned."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as far as it could be read. Addresses are lower case."""

    message_id: str
    thread: tuple[str, ...]  # Message-IDs it answers, nearest first
    sender: str
    sender_name: str
    to: tuple[str, ...]
    subject: str
    text: str
    sort: Sort
    failed: tuple[str, ...] = ()  # addresses that bounced
    parts: tuple[Part, ...] = ()
    damaged: bool = False  # something in it could not be read


def read(raw: bytes) -> Incoming:
    """Any bytes as a message. Never raises: what cannot be read is left out and the message says `damaged`."""
    message = BytesParser(policy=policy.default).parsebytes(raw[:MAX_RAW])
    damaged = len(raw) > MAX_RAW or bool(message.defects)
    try:
        text, parts, broken = _content(message)
    except (LookupError, ValueError, KeyError, AttributeError, TypeError, AssertionError):
        text, parts, broken = "", (), True
    name, address = parseaddr(_header(message, "From"))
    return Incoming(
        message_id=_first_id(_header(message, "Message-ID"))
        or f"<{tokens.fingerprint(str(len(raw)), raw.hex())}>",
        thread=_thread(message),
        sender=address.strip().lower(),
        sender_name=" ".join(name.split())[:200],
        to=_recipients(message),
        subject=" ".join(_header(message, "Subject").split())[:400],
        text=text[:MAX_TEXT],
        sort=_sort(message),
        failed=_failed(message),
        parts=parts,
        damaged=damaged or broken,
    )


def reply_address(inbound: str, ref: str, secret: str) -> str:
    """The address by which answers find their case: signed, so that nobody can write one for another case."""
    local, _, domain = inbound.partition("@")
    return f"{local}+{ref.lower()}.{_signature(ref, secret)}@{domain}"


def signed_reference(addresses: tuple[str, ...], secret: str) -> str | None:
    """The case named by an address of ours that carries the right signature, or None."""
    for address in addresses:
        found = SIGNED.search(address.partition("@")[0])
        if found and tokens.same(found[2].lower(), _signature(found[1].upper(), secret)):
            return found[1].upper()
    return None


def mailbox(config: Config) -> BaseMailBox:
    """The mailbox, signed in, over a verified connection. Raises OSError or imap_tools.MailboxLoginError."""
    # Left to itself the library would take any certificate.
    tls = ssl.create_default_context()
    box: BaseMailBox
    if config.imap_security == "starttls":
        box = MailBoxStartTls(config.imap_host, config.imap_port, timeout=30, ssl_context=tls)
    else:
        box = MailBox(config.imap_host, config.imap_port, timeout=30, ssl_context=tls)
    return box.login(config.imap_username, config.imap_password, config.imap_folder)


def _signature(ref: str, secret: str) -> str:
    return tokens.keyed_fingerprint(secret, "reply", ref)[:16]


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, TypeError, AttributeError, IndexError):  # headers that the standard parser trips over
        raw = next((v for k, v in message.raw_items() if k.lower() == name.lower()), "")
        return str(raw)


def _first_id(text: str) -> str:
    found = MESSAGE_ID.search(text)
    return found[0] if found else ""


def _thread(message: EmailMessage) -> tuple[str, ...]:
    nearest = MESSAGE_ID.findall(_header(message, "In-Reply-To"))
    older = list(reversed(MESSAGE_ID.findall(_header(message, "References"))))
    return tuple(dict.fromkeys([*nearest, *older]))[:50]


def _recipients(message: EmailMessage) -> tuple[str, ...]:
    names = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
    pairs = getaddresses([_header(message, name) for name in names])
    return tuple(dict.fromkeys(address.strip().lower() for _, address in pairs if address))


def _sort(message: EmailMessage) -> Sort:
    kind = message.get_content_type()
    sender = parseaddr(_header(message, "From"))[1].lower()
    if kind == "multipart/report" or sender.startswith(("mailer-daemon@", "postmaster@")):
        return Sort.BOUNCE
    if _header(message, "X-Redress-Origin"):
        return Sort.LOOP
    submitted = _header(message, "Auto-Submitted").lower()
    robots = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
    precedence = _header(message, "Precedence").lower() in {"bulk", "junk", "list", "auto_reply"}
    if submitted not in {"", "no"} or precedence or any(_header(message, name) for name in robots):
        return Sort.AUTO_REPLY
    if kind == "text/calendar" or any(p.get_content_type() == "text/calendar" for p in message.walk()):
        return Sort.CALENDAR
    return Sort.PERSON


def _failed(message: EmailMessage) -> tuple[str, ...]:
    found = []
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in part.get_payload() if isinstance(part.get_payload(), list) else []:
            if str(block.get("Action", "")).lower() == "failed":  # type: ignore[union-attr]
                address = str(block.get("Final-Recipient", "")).partition(";")[2]  # type: ignore[union-attr]
                found.append(address.strip().lower())
    return tuple(a for a in dict.fromkeys(found) if a)


def _content(message: EmailMessage) -> tuple[str, tuple[Part, ...], bool]:
    """The words, the files, and whether something could not be read."""
    plain: list[str] = []
    html: list[str] = []
    parts: list[Part] = []
    broken = False
    for part in message.walk():
        if part.is_multipart():
            continue
        name = _file_name(part)
        kind = part.get_content_type()
        try:
            if kind in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment":
                (plain if kind == "text/plain" else html).append(_words(part))
                continue
            content = part.get_payload(decode=True)
        except (LookupError, ValueError, TypeError, AttributeError):
            broken = True
            continue
        if (
            isinstance(content, bytes)
            and content
            and kind not in {"text/calendar", "message/delivery-status"}
        ):
            parts.append(Part(name or f"file-{len(parts) + 1}", kind, content))
    text = "\n".join(plain).strip() or _plain_of("\n".join(html))
    return _without_quotes(text), tuple(parts), broken


def _file_name(part: EmailMessage) -> str:
    try:
        return (part.get_filename() or "")[:200]
    except (ValueError, TypeError, AttributeError, LookupError):
        return ""


def _words(part: EmailMessage) -> str:
    raw = part.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "windows-1252"):
        try:
            return content.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode("utf-8", errors="replace")


def _plain_of(html: str) -> str:
    if not html.strip():
        return ""
    clean = nh3.clean(html, tags={"p", "br", "div", "li", "tr"}, attributes={})
    broken_up = re.sub(r"<(?:br|/p|/div|/li|/tr)[^>]*>", "\n", clean)
    found = "".join(str(piece) for piece in lxml.html.fromstring(f"<div>{broken_up}</div>").itertext())
    return re.sub(r"\n{3,}", "\n\n", found).strip()


_QUOTE = re.compile(
    r"^(?:>.*|-{2,} ?(?:Original Message|Forwarded message).*|On .{5,200} wrote:|From: .+|_{10,})$",
    re.IGNORECASE,
)


def _without_quotes(text: str) -> str:
    """The new words above the quoted letter; all of it when nothing stands above."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines):
        if _QUOTE.match(line.strip()):
            above = "\n".join(lines[:number]).strip()
            return above or text.strip()
    return text.strip()
