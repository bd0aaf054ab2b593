"""The mailbox in which answers arrive, read over IMAP: what is unread, one message at a time, byte for byte.

A message is marked as read once it is taken in, and nothing more: none is ever deleted or moved by us.
"""

import imaplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls

from shared import clock
from shared.config import Config

TIMEOUT = 30  # seconds that one answer of the server may take


class Gone(LookupError):
    """The message is no longer in the mailbox: somebody moved or deleted it meanwhile."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message as the server has it. `arrived_at`: when it reached the mailbox, never later than now."""

    raw: bytes
    arrived_at: datetime


class Mailbox:
    """An open folder. Every method raises OSError or imaplib.IMAP4.error when the server is lost."""

    def __init__(self, box: BaseMailBox) -> None:
        self._box = box

    def unread(self) -> list[str]:
        """The numbers (UIDs) of what is unread, oldest first; what was set aside comes last."""
        return [*self._box.uids("UNSEEN UNFLAGGED"), *self._box.uids("UNSEEN FLAGGED")]

    def read(self, uid: str) -> Fetched:
        """One message, left unread. Raises Gone."""
        status, data = self._box.client.uid("fetch", uid, "(INTERNALDATE BODY.PEEK[])")
        pieces = [piece for piece in data or () if piece]
        found = next((piece[1] for piece in pieces if isinstance(piece, tuple)), None)
        if status != "OK" or not isinstance(found, bytes):
            raise Gone(uid)
        told = b" ".join(piece[0] if isinstance(piece, tuple) else piece for piece in pieces)
        return Fetched(found, _arrived(told))

    def taken_in(self, uid: str) -> None:
        """Mark a message as read: it is ours now."""
        self._store(uid, "+FLAGS", r"(\Seen)")

    def set_aside(self, uid: str) -> None:
        """Put a flag on a message that could not be taken in: it is tried again after all others."""
        self._store(uid, "+FLAGS", r"(\Flagged)")

    def _store(self, uid: str, change: str, flags: str) -> None:
        # Not by the library's own way, which expunges what somebody else has marked as deleted.
        status, answer = self._box.client.uid("store", uid, change, flags)
        if status != "OK":
            raise OSError(f"the mailbox did not mark message {uid}: {answer}")


@contextmanager
def opened(config: Config) -> Iterator[Mailbox]:
    """The mailbox of the settings, signed in over a verified connection.

    Raises OSError, imaplib.IMAP4.error, or an error of imap_tools for a wrong password or a missing folder.
    """
    tls = ssl.create_default_context()  # left to itself the library would take any certificate
    kind = MailBoxStartTls if config.imap_security == "starttls" else MailBox
    box: BaseMailBox = kind(config.imap_host, config.imap_port, timeout=TIMEOUT, ssl_context=tls)
    try:
        plain = (config.imap_username + config.imap_password).isascii()
        sign_in = box.login if plain else box.login_utf8
        sign_in(config.imap_username, config.imap_password, config.imap_folder)
        yield Mailbox(box)
    finally:
        _leave(box)


def _leave(box: BaseMailBox) -> None:
    """Say goodbye, and close the connection where nobody answers: what went wrong before must still be told."""
    try:
        box.logout()
    except Exception:  # whatever a lost connection raises
        box.client.shutdown()


def _arrived(told: bytes) -> datetime:
    when = imaplib.Internaldate2tuple(told)
    if when is None:
        return clock.now()
    return min(datetime.fromtimestamp(time.mktime(when), UTC), clock.now())
