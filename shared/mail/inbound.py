"""Mail that reaches us, read generously: whatever arrives becomes an `Incoming`, never an error.

Which case a message belongs to is told by a signed address, written to or quoted, or by the thread; never by a
subject, which anybody can write. What robots send (absence notes, bounces, our own mail come back) is told apart
from what people do.
"""

import hashlib
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from enum import StrEnum

from shared.identity import tokens
from shared.mail import bounces, mime, quotes
from shared.mail.bounces import MESSAGE_ID, Failed
from shared.mail.mime import Part

MAX_RAW = 40_000_000  # bytes of one message; mail servers refuse more anyway
MAX_TEXT = 200_000  # characters kept of a message's words
SIGNED = re.compile(r"\+([a-z0-9-]{8,40})\.([0-9a-f]{16})$", re.IGNORECASE)
SIGNED_IN_WORDS = re.compile(r"\+[a-z0-9-]{8,40}\.[0-9a-f]{16}(?=@)", re.IGNORECASE)
LIST_HEADERS = ("List-Id", "List-Post", "List-Unsubscribe")
BRACKETED = re.compile(r"<([^<>\s]+@[^<>\s]+)>")


class Sort(StrEnum):
    """What kind of message it is."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"  # absence notes and other robots that answer: kept, never answered
    PROGRAM = (
        "program"  # sent by a program in answer to nothing: a web form or a scanner may bring a complaint
    )
    BOUNCE = "bounce"  # one of ours could not be delivered
    LOOP = "loop"  # our own mail come back
    CALENDAR = "calendar"  # an answer to an invitation
    BULK = "bulk"  # sent to many: kept, unless it answers a letter of ours


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as far as it could be read. Addresses are lower case."""

    message_id: str
    thread: tuple[str, ...]  # Message-IDs it answers, nearest first
    sender: str
    sender_name: str
    to: tuple[str, ...]
    named: tuple[
        str, ...
    ]  # what looks like our signed addresses in its words, quoted ones too, up to the "@"
    subject: str
    text: str  # the writer's own words
    cut: bool  # below them words were left out that nothing marks as quoted
    sort: Sort
    failed: tuple[Failed, ...] = ()  # addresses that bounced
    returned: tuple[str, ...] = ()  # Message-IDs of ours that a bounce carries inside
    parts: tuple[Part, ...] = ()
    lists: str = ""  # what its headers say of the mailing lists that it came through
    unanswerable: bool = False  # it was sent so that no answer or bounce can come back, as robots do
    damaged: bool = False  # something in it could not be read, or is too long


def read(raw: bytes) -> Incoming:
    """Any bytes as a message. Never raises: what cannot be read is left out and the message says `damaged`."""
    message, damaged = mime.parse(raw[:MAX_RAW])
    text, parts, broken = mime.content(message)
    name, address = _address(message, "From")
    subject, sort = " ".join(mime.header(message, "Subject").split())[:400], _sort(message)
    own = quotes.own_words(text[:MAX_TEXT], forwards=quotes.is_forward(subject))
    return Incoming(
        message_id=_first_id(mime.header(message, "Message-ID")) or f"<{hashlib.sha256(raw).hexdigest()}>",
        thread=_thread(message),
        sender=address.strip().lower(),
        sender_name=" ".join(name.split())[:200],
        to=_recipients(message),
        named=tuple(dict.fromkeys(SIGNED_IN_WORDS.findall(text[:MAX_TEXT])))[:20],
        subject=subject,
        text=own.words,
        cut=own.cut,
        sort=sort,
        failed=bounces.failed(message) if sort is Sort.BOUNCE else (),
        returned=bounces.returned(message) if sort is Sort.BOUNCE else (),
        parts=parts,
        lists=" ".join(mime.header(message, name).lower() for name in LIST_HEADERS),
        unanswerable=mime.header(message, "Return-Path").strip() == "<>",
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
        return Sort.BOUNCE if bounces.is_one(message) else Sort.AUTO_REPLY
    if sender.startswith(("mailer-daemon@", "postmaster@")):
        return Sort.BOUNCE
    if mime.header(message, "X-Redress-Origin"):
        return Sort.LOOP
    precedence = mime.header(message, "Precedence").lower().strip()
    submitted = mime.header(message, "Auto-Submitted").lower().split(";")[0].strip()
    answers = any(mime.header(message, name) for name in ("X-Autoreply", "X-Autorespond"))
    if submitted == "auto-generated" and not answers and not precedence and not _thread(message):
        return Sort.PROGRAM
    if submitted not in {"", "no"} or answers or precedence in {"auto_reply", "auto-reply"}:
        return Sort.AUTO_REPLY
    if any(mime.kind_of(part) == "text/calendar" for part in mime.blocks(message)):
        return Sort.CALENDAR
    # People write through lists too, and some programs put these on everything that they send.
    many = precedence in {"bulk", "junk", "list"} or mime.header(message, "List-Unsubscribe")
    return Sort.BULK if many else Sort.PERSON
