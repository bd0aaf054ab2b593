"""Mail that reaches us, read generously: whatever arrives becomes an `Incoming`, never an error.

Which case a message belongs to is told by a signed address or by the thread, never by a subject, which anybody
can write. What robots send (absence notes, bounces, our own mail come back) is told apart from what people do.
"""

import hashlib
import re
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from enum import StrEnum

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls

from shared.config import Config
from shared.identity import tokens
from shared.mail import mime, quotes
from shared.mail.mime import Part

MAX_RAW = 40_000_000  # bytes of one message; mail servers refuse more anyway
MAX_TEXT = 200_000  # characters kept of a message's words
SIGNED = re.compile(r"\+([a-z0-9-]{8,40})\.([0-9a-f]{16})$", re.IGNORECASE)
GONE = ("5.1", "5.2.1")  # enhanced status codes of RFC 3463: bad address, mailbox closed
BRACKETED = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")


class Sort(StrEnum):
    """What kind of message it is."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"  # absence notes and other robots: kept, never answered
    BOUNCE = "bounce"  # one of ours could not be delivered
    LOOP = "loop"  # our own mail come back
    CALENDAR = "calendar"  # an answer to an invitation
    BULK = "bulk"  # sent to many: kept, unless it answers a letter of ours


@dataclass(frozen=True, slots=True)
class Failed:
    """One address of a bounce. `for_good`: the address itself is at fault, not its mailbox or the way there."""

    address: str
    for_good: bool


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
    failed: tuple[Failed, ...] = ()  # addresses that bounced
    returned: tuple[str, ...] = ()  # Message-IDs of ours that a bounce carries inside
    parts: tuple[Part, ...] = ()
    damaged: bool = False  # something in it could not be read, or is too long


def read(raw: bytes) -> Incoming:
    """Any bytes as a message. Never raises: what cannot be read is left out and the message says `damaged`."""
    message, damaged = mime.parse(raw[:MAX_RAW])
    text, parts, broken = mime.content(message)
    name, address = _address(message, "From")
    return Incoming(
        message_id=_first_id(mime.header(message, "Message-ID")) or f"<{hashlib.sha256(raw).hexdigest()}>",
        thread=_thread(message),
        sender=address.strip().lower(),
        sender_name=" ".join(name.split())[:200],
        to=_recipients(message),
        subject=" ".join(mime.header(message, "Subject").split())[:400],
        text=quotes.own_words(text[:MAX_TEXT]),
        sort=_sort(message),
        failed=_failed(message),
        returned=_returned(message),
        parts=parts,
        damaged=damaged or broken or len(raw) > MAX_RAW or len(text) > MAX_TEXT,
    )


def reply_address(inbound: str, ref: str, secret: str) -> str:
    """The address by which answers find their case: signed, so that nobody can write one for another case."""
    local, _, domain = inbound.partition("@")
    return f"{local}+{ref.lower()}.{_signature(ref, secret)}@{domain}"


def signed_references(addresses: tuple[str, ...], secret: str) -> tuple[str, ...]:
    """The cases named by addresses of ours that carry the right signature, each once."""
    found = (SIGNED.search(address.partition("@")[0]) for address in addresses)
    right = (one for one in found if one and tokens.same(one[2].lower(), _signature(one[1].upper(), secret)))
    return tuple(dict.fromkeys(one[1].upper() for one in right))


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


def raw_of(box: BaseMailBox, uid: str) -> bytes:
    """One message of the mailbox byte for byte, left unread. Raises OSError when the server gives none."""
    status, data = box.client.uid("fetch", uid, "(BODY.PEEK[])")
    found = next((piece[1] for piece in data or () if isinstance(piece, tuple)), None)
    if status != "OK" or not isinstance(found, bytes):
        raise OSError(f"the mailbox gave no message {uid}")
    return found


def _signature(ref: str, secret: str) -> str:
    return tokens.keyed_fingerprint(secret, "reply", ref)[:16]


def _address(message: EmailMessage, name: str) -> tuple[str, str]:
    """Name and address; what stands in angle brackets is the address, whatever the name pretends to be."""
    try:
        shown, address = parseaddr(mime.header(message, name))
    except Exception:
        shown, address = "", ""
    bracketed = BRACKETED.findall(mime.as_written(message, name))
    return shown, bracketed[0] if len(bracketed) == 1 else address


def _first_id(text: str) -> str:
    found = MESSAGE_ID.search(text)
    return found[0] if found else ""


def _thread(message: EmailMessage) -> tuple[str, ...]:
    nearest = MESSAGE_ID.findall(mime.header(message, "In-Reply-To"))
    older = list(reversed(MESSAGE_ID.findall(mime.header(message, "References"))))
    return tuple(dict.fromkeys([*nearest, *older]))[:50]


def _recipients(message: EmailMessage) -> tuple[str, ...]:
    names = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
    try:
        pairs = getaddresses([mime.as_written(message, name) for name in names])
    except Exception:
        pairs = []
    return tuple(dict.fromkeys(address.strip().lower() for _, address in pairs if address))


def _sort(message: EmailMessage) -> Sort:
    kind = mime.kind_of(message)
    sender = _address(message, "From")[1].lower()
    if kind == "multipart/report":
        # Receipts of reading and news of a delay are reports as well, and nothing has failed.
        return Sort.BOUNCE if _failed(message) or not _delivery_blocks(message) else Sort.AUTO_REPLY
    if sender.startswith(("mailer-daemon@", "postmaster@")):
        return Sort.BOUNCE
    if mime.header(message, "X-Redress-Origin"):
        return Sort.LOOP
    precedence = mime.header(message, "Precedence").lower().strip()
    submitted = mime.header(message, "Auto-Submitted").lower().split(";")[0].strip()
    answers = any(mime.header(message, name) for name in ("X-Autoreply", "X-Autorespond"))
    if submitted not in {"", "no"} or answers or precedence in {"auto_reply", "auto-reply"}:
        return Sort.AUTO_REPLY
    if any(mime.kind_of(part) == "text/calendar" for part in mime.blocks(message)):
        return Sort.CALENDAR
    # People write through lists too, and some programs put these on everything that they send.
    many = precedence in {"bulk", "junk", "list"} or mime.header(message, "List-Unsubscribe")
    return Sort.BULK if many else Sort.PERSON


def _delivery_blocks(message: EmailMessage) -> list[EmailMessage]:
    kinds = {"message/delivery-status", "message/disposition-notification"}
    found = [mime.inside(part) for part in mime.blocks(message) if mime.kind_of(part) in kinds]
    return [block for one in found for block in one]


def _failed(message: EmailMessage) -> tuple[Failed, ...]:
    found = []
    for block in _delivery_blocks(message):
        if mime.header(block, "Action").lower().strip() == "failed":
            address = mime.header(block, "Final-Recipient").partition(";")[2].strip().lower()
            status = mime.header(block, "Status").strip()
            found.append(Failed(address, for_good=status.startswith(GONE)))
    return tuple(one for one in dict.fromkeys(found) if one.address)


def _returned(message: EmailMessage) -> tuple[str, ...]:
    """The Message-IDs of what a report sends back, whole or as headers alone."""
    found: list[str] = []
    for part in mime.blocks(message):
        if mime.kind_of(part) == "message/rfc822":
            found += [mime.header(one, "Message-ID") for one in mime.inside(part)]
        if mime.kind_of(part) == "text/rfc822-headers":
            found += re.findall(r"^message-id:(.*)$", mime.words(part), re.IGNORECASE | re.MULTILINE)
    return tuple(dict.fromkeys(_first_id(one) for one in found if _first_id(one)))
