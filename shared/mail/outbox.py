"""The queue of messages, written in the transaction of the change that causes them."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, has_app_context
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock
from shared.mail import phones
from shared.mail.templates import Composed
from shared.models import Case, Delivery, OutboxAttachment, OutboxMessage
from shared.vocab import Channel

CONTROL = dict.fromkeys((*range(32), 0x7F, 0x85, 0x2028, 0x2029), " ")
# channels.py holds one function for each; the tests keep the two equal
OUTGOING = frozenset({Channel.EMAIL, Channel.TEXT, Channel.LETTER})
WIPED = "(wiped after sending: it carried a code or a sign-in link)"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send along: either its bytes or the file store key under which it lies."""

    name: str
    media_type: str
    source: bytes | str


def queue(
    session: Session,
    *,
    channel: Channel,
    to: str,
    subject: str,
    text: str,
    html: str | None,
    language: str,
    dedupe: str,
    attachments: Iterable[Attachment | tuple[str, str, bytes | str]] = (),
    case_id: int | None = None,
    letter_id: int | None = None,
    not_before: datetime | None = None,
    message_id: str | None = None,
    confidential: bool = False,
    reply_to: str = "",
) -> OutboxMessage:
    """Add one message to the caller's transaction and return its row; the caller commits.

    `dedupe` names the reason for the message ("letter:17", "sign-in:3"): a second call with the same one
    returns the first row and sends nothing more. `not_before` ends the undo window (an aware instant).
    `message_id` is the RFC 5322 Message-ID with its angle brackets, chosen here when left out.
    `reply_to` is where answers go, so that they find their case; empty: to the sender.
    `confidential` is for messages that carry a code or a sign-in link: their words are wiped once sent.
    Raises ValueError for an address or a channel that could never be delivered to.
    """
    _check(channel, to)
    if found := _queued(session, dedupe):
        return found
    row = OutboxMessage(
        channel=channel,
        recipient=to,
        subject=" ".join(subject.translate(CONTROL).split())[:400],  # one line: no header can be smuggled in
        text=text,
        html=html,
        language=language,
        message_id=message_id or new_message_id(),
        dedupe=dedupe,
        case_id=case_id,
        letter_id=letter_id,
        confidential=confidential,
        reply_to=reply_to,
        next_attempt_at=not_before or clock.now(),
        attachments=[_attachment(item) for item in attachments],
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # another transaction queued the same message meanwhile
        found = _queued(session, dedupe)
        if found is None:
            raise
        return found
    return row


def _check(channel: Channel, to: str) -> None:
    if channel not in OUTGOING:
        raise ValueError(f"no way to deliver by {channel}")
    if channel is Channel.EMAIL and not _is_address(to):
        raise ValueError("the e-mail address is not one that mail can be sent to")
    if channel is Channel.TEXT and phones.mobile(to) != to:
        raise ValueError("the number is not one that a text message can be sent to")


def _queued(session: Session, dedupe: str) -> OutboxMessage | None:
    return session.scalar(select(OutboxMessage).where(OutboxMessage.dedupe == dedupe))


def queue_words(
    session: Session,
    words: Composed,
    *,
    to: str,
    dedupe: str,
    case_id: int | None = None,
    not_before: datetime | None = None,
    confidential: bool = False,
) -> OutboxMessage:
    """Add the words of a template, by the channel that they were written for; all else as `queue` has it."""
    return queue(
        session,
        channel=words.channel,
        to=to,
        subject=words.subject,
        text=words.text,
        html=words.html or None,
        language=words.language,
        dedupe=dedupe,
        case_id=case_id,
        not_before=not_before,
        confidential=confidential,
    )


def status_of(session: Session, dedupe: str) -> str | None:
    """Where the message of a reason stands; None when there is none."""
    return session.scalar(select(OutboxMessage.status).where(OutboxMessage.dedupe == dedupe))


def move(session: Session, row: OutboxMessage, status: Delivery) -> None:
    """Give a message another status; where that is about reaching nobody, the lists of cases show it at once."""
    before, row.status = row.status, status
    if row.case_id is None or Delivery.FAILED not in {before, status}:
        return
    # Held first: two messages of one case may change at once, and each must see what became of the other.
    session.scalar(select(Case.id).where(Case.id == row.case_id).with_for_update())
    session.flush()
    left = select(OutboxMessage.id).where(
        OutboxMessage.case_id == row.case_id, OutboxMessage.status == Delivery.FAILED
    )
    session.execute(
        update(Case).where(Case.id == row.case_id).values(undelivered=left.exists()),
        execution_options={"synchronize_session": False},
    )


def cancel(session: Session, dedupe: str) -> bool:
    """Take a message back within its undo window; False when it is being sent or has left already."""
    # Whoever holds its row sends it just now. Waiting for them could be waiting for each other (see `move`).
    asked = select(OutboxMessage).where(OutboxMessage.dedupe == dedupe)
    row = session.scalar(asked.with_for_update(skip_locked=True))
    now = clock.now()
    if row is None or row.status != Delivery.QUEUED or row.attempts or row.next_attempt_at <= now:
        return False
    row.status = Delivery.CANCELLED
    return True


def retry(session: Session, outbox_id: int) -> bool:
    """Put a failed message back in the queue once its cause is mended; False if it cannot go again.

    One whose code was wiped is asked for anew by the person. What it was refused for stays on the row, so
    that the next attempt first looks whether an earlier one got through after all.
    """
    row = session.get(OutboxMessage, outbox_id, with_for_update=True)
    if row is None or row.status != Delivery.FAILED or row.text == WIPED:
        return False
    row.attempts, row.next_attempt_at = 0, clock.now()
    move(session, row, Delivery.QUEUED)
    return True


def settle(session: Session, outbox_id: int, words: str) -> bool:
    """Somebody has seen to a failed message in another way; False if it has not failed, or no longer."""
    row = session.get(OutboxMessage, outbox_id, with_for_update=True)
    if row is None or row.status != Delivery.FAILED:
        return False
    row.problem = f"{row.problem or ''}. {words}".lstrip(". ")
    move(session, row, Delivery.SETTLED)
    return True


def lost(session: Session, cases: Sequence[int]) -> set[int]:
    """Those of these cases of which a message reached nobody, as the messages have it."""
    query = select(OutboxMessage.case_id).where(
        OutboxMessage.case_id.in_(cases), OutboxMessage.status == Delivery.FAILED
    )
    return {number for number in session.scalars(query) if number is not None}


def failed(session: Session, case_id: int | None = None) -> Sequence[OutboxMessage]:
    """Messages that nobody received, newest first, of one case or of all: staff must act on each."""
    query = select(OutboxMessage).where(OutboxMessage.status == Delivery.FAILED)
    if case_id is not None:
        query = query.where(OutboxMessage.case_id == case_id)
    return session.scalars(query.order_by(OutboxMessage.id.desc())).all()


def of_case(session: Session, case_id: int) -> Sequence[OutboxMessage]:
    """Every message of a case with its delivery, newest first."""
    query = select(OutboxMessage).where(OutboxMessage.case_id == case_id)
    return session.scalars(query.order_by(OutboxMessage.id.desc())).all()


def new_message_id() -> str:
    """A world-wide unique RFC 5322 Message-ID under the sender's own domain, as spam filters like to see."""
    sender = str(current_app.config.get("MAIL_DEFAULT_SENDER") or "") if has_app_context() else ""
    domain = sender.rpartition("@")[2].strip(" >") or "redress.invalid"
    return f"<{uuid.uuid4().hex}@{domain}>"


def _attachment(item: Attachment | tuple[str, str, bytes | str]) -> OutboxAttachment:
    name, media_type, source = (
        (item.name, item.media_type, item.source) if isinstance(item, Attachment) else item
    )
    return OutboxAttachment(
        name=" ".join(name.translate(CONTROL).split()),
        media_type=media_type,
        content=source if isinstance(source, bytes) else None,
        store_key=source if isinstance(source, str) else None,
    )


def _is_address(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    return bool(local and at and domain) and not any(
        c.isspace() or ord(c) < 32 or c in ',;<>"' for c in address
    )
