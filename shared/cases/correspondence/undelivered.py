"""Messages that nobody received: why, and what somebody did about each. None is ever dropped."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import service
from shared.cases.colleagues import tasks
from shared.db import db, writing
from shared.identity.actors import Staff
from shared.identity.roles import Permission, may
from shared.mail import outbox
from shared.mail.channels import masked
from shared.models import Case, OutboxMessage
from shared.vocab import Channel

PAGE = 25
POSTED = "posted"
WAYS = {POSTED: "Posted it", "told": "Told them in another way", "not_needed": "It is not needed any more"}


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One message as the page shows it; the recipient is masked for those who see no personal data."""

    id: int
    ref: str | None
    channel: Channel
    to: str
    subject: str
    why: str
    at: datetime
    letter_id: int | None
    can_go_again: bool


class NotThere(LookupError):
    """Somebody else has seen to it, or it is none of this person's."""


def listed(actor: Staff, before: int | None = None) -> tuple[Undelivered, ...]:
    """What waits, newest first, up to PAGE and one more, which says that there is another page.

    `before`: only messages with smaller numbers, for the next page.
    """
    older = [OutboxMessage.id < before] if before is not None else []
    query = (
        select(OutboxMessage, Case.ref)
        .outerjoin(Case, Case.id == OutboxMessage.case_id)
        .where(OutboxMessage.id.in_(tasks.undelivered(actor)), *older)
        .order_by(OutboxMessage.id.desc())
        .limit(PAGE + 1)
    )
    open_book = may(actor.roles, Permission.SEES_PERSONAL_DATA)
    return tuple(
        Undelivered(
            id=row.id,
            ref=ref if may(actor.roles, Permission.SEES_INBOX) else None,
            channel=row.via,
            to=row.recipient if open_book else masked(row.recipient),
            subject=row.subject,
            why=row.problem or "",
            at=row.created_at,
            letter_id=row.letter_id,
            can_go_again=row.text != outbox.WIPED,
        )
        for row, ref in db.session.execute(query)
    )


def send_again(actor: Staff, numbers: list[int] | None = None) -> int:
    """Put messages back in the queue, all that can go when none is named. Returns how many."""
    wanted = list(db.session.scalars(tasks.undelivered(actor)))
    db.session.rollback()
    with writing() as session:
        return sum(outbox.retry(session, n) for n in wanted if numbers is None or n in numbers)


def settle(actor: Staff, number: int, way: str, words: str) -> None:
    """Somebody has seen to a message; its case keeps what was done. Raises NotThere, or what `perform` raises."""
    row = db.session.scalar(
        select(OutboxMessage).where(
            OutboxMessage.id == number, OutboxMessage.id.in_(tasks.undelivered(actor))
        )
    )
    if row is None:
        raise NotThere
    case = db.session.get(Case, row.case_id) if row.case_id else None
    about = row.subject or f"A message by {row.via.value}"
    said = f"{WAYS[way]} ({about}). {words}".strip()
    if case is not None and may(actor.roles, Permission.SEES_INBOX):
        ref = case.ref
        db.session.rollback()
        service.perform(ref, _entry(way, said), actor)
    with writing() as session:
        outbox.settle(session, number, f"{WAYS[way]}: {actor.display}, {clock.today():%-d %B %Y}")


def _entry(way: str, said: str) -> c.Command:
    if way == POSTED:
        return c.RecordContact(channel=Channel.LETTER, happened_at=clock.now(), reached=False, words=said)
    return c.Note(text=said)
