"""What a mail system says of a message of ours that it could not deliver: which message, which address, and why.

Most write a report as RFC 3464 has it. Older ones say it in words and put our message below them.
"""

import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr

from shared.mail import mime

# Codes of RFC 3463 by which the address itself is at fault: no such mailbox, no such system, moved, closed.
# Others of these classes speak of our own address, a full mailbox, or a limit that passes.
GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4", "5.4.310"})
REPORTS = frozenset({"message/delivery-status", "message/disposition-notification"})
MOST_WORDS = 100_000  # characters of a report in words that are looked at
MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")
_CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_RETURNED = re.compile(r"^[> \t]*message-id:[ \t]*(<[^<>\s]{3,250}>)", re.IGNORECASE | re.MULTILINE)
_ADDRESSED = re.compile(r"^[ \t]*<?([^<>\s@:]{1,64}@[^<>\s@:]{1,255})>?:?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Failed:
    """One address of a bounce. `for_good`: the address itself is at fault, not its mailbox or the way there."""

    address: str
    for_good: bool


def is_one(message: EmailMessage) -> bool:
    """Whether a report says that something failed.

    Receipts of reading, news of a delay, and reports of spam are made the same way, and nothing has failed.
    """
    kind = str(message.get_param("report-type", "") or "").lower()
    return bool(failed(message)) or (kind == "delivery-status" and not _blocks(message))


def failed(message: EmailMessage) -> tuple[Failed, ...]:
    """The addresses that were not reached, each once, in lower case."""
    found = []
    for block in _blocks(message):
        if mime.header(block, "Action").lower().strip() != "failed":
            continue
        # Behind a forwarding address it is another one that failed; ours is then the original.
        for name in ("Original-Recipient", "Final-Recipient"):
            address = parseaddr(mime.header(block, name).partition(";")[2].strip())[1].lower()
            found.append(Failed(address, for_good=_code(block) in GONE))
    return tuple(one for one in dict.fromkeys(found or _in_words(message)) if one.address)


def returned(message: EmailMessage) -> tuple[str, ...]:
    """The Message-IDs of what comes back: whole, as headers alone, or below the words of the report."""
    found: list[str] = []
    for part in mime.blocks(message):
        kind = mime.kind_of(part)
        if kind == "message/rfc822":
            found += [mime.header(one, "Message-ID") for one in mime.inside(part)]
        if kind == "text/rfc822-headers" or kind == "text/plain":
            found += _RETURNED.findall(mime.words(part)[:MOST_WORDS])
    ids = (MESSAGE_ID.search(one) for one in found)
    return tuple(dict.fromkeys(one[0] for one in ids if one))


def _blocks(message: EmailMessage) -> list[EmailMessage]:
    found = [mime.inside(part) for part in mime.blocks(message) if mime.kind_of(part) in REPORTS]
    return [block for one in found for block in one]


def _code(block: EmailMessage) -> str:
    """Why, as a code; some leave the status at "5.0.0" and say it in what the other system answered."""
    status = mime.header(block, "Status").strip().partition(" ")[0]
    if status and not status.endswith(".0.0"):
        return status
    answered = _CODE.search(mime.header(block, "Diagnostic-Code"))
    return answered[0] if answered else status


def _in_words(message: EmailMessage) -> list[Failed]:
    """What a report without parts says: addresses in a header of its own, or each on a line above the reason."""
    if any(mime.kind_of(part) in REPORTS for part in mime.blocks(message)):
        return []
    named = getaddresses([mime.as_written(message, "X-Failed-Recipients")])
    words = "\n".join(mime.words(p) for p in mime.blocks(message) if mime.kind_of(p) == "text/plain")[
        :MOST_WORDS
    ]
    said = re.split(r"^-{2,}", words, maxsplit=1, flags=re.MULTILINE)[0]  # below is our own message
    addresses = [address.lower() for _, address in named if address] or _ADDRESSED.findall(said.lower())
    codes = set(_CODE.findall(said))
    # One reason for one address is sure; of several nobody knows which belongs to which.
    for_good = len(set(addresses)) == 1 and bool(codes & GONE)
    return [Failed(address, for_good) for address in addresses[:20]]
