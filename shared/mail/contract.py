"""What every channel is given and gives back: one message, a receipt, and two ways to say that it did not go."""

from collections.abc import Callable
from dataclasses import dataclass

TIMEOUT = 10  # seconds that one answer of the other side may take


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along, with its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way, free of the database. `message_id` is the same at every attempt.

    `to` is an e-mail address, a mobile number in E.164, or for post the lines of the address. `again`: an
    earlier attempt may have got through without our knowing.
    """

    message_id: str
    to: str
    subject: str
    text: str
    html: str | None
    language: str  # BCP 47
    files: tuple[File, ...] = ()
    reply_to: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side answered when it took the message over, and under which number it knows it."""

    words: str
    remote_id: str = ""
    remote_status: str = ""


class Temporary(Exception):
    """Not delivered now; the same message may well get through later."""


class Permanent(Exception):
    """Never deliverable like this: somebody has to read why and act."""


Deliver = Callable[[Outgoing], Receipt]
