"""Mail that was kept, and where each message stands: on its case, with an officer, or with nothing to do.

A message is on one case at most. The step that puts it there names it, and both are written in one transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from shared.cases import files, openings
from shared.cases.guards.common import Problem
from shared.cases.outcomes import Refused
from shared.db import LARGEST_ID, db, writing
from shared.identity.actors import Actor, Staff
from shared.models import Case, CaseWall, InboundMessage

ARRIVED = "arrived"  # stored, and at this moment being put where it belongs
PLACED, HELD, KEPT, BOUNCED = "placed", "held", "kept", "bounced"
OPEN = frozenset({ARRIVED, HELD, KEPT})  # may still be put on a case
BY_ITSELF = "inbound mail"  # who settled what found its case without anybody
PAGE = 30  # messages of one page of those that are only kept


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits for an officer or is only kept, with the case that it seems to belong to."""

    id: int
    sender: str
    sender_name: str
    subject: str
    text: str
    why: str
    case_ref: str | None
    received_at: datetime
    raw_key: str  # where in the file store all of it lies


class Settled(LookupError):
    """Somebody has dealt with the message meanwhile. `ref`: the case that it is on, where it is on one."""

    def __init__(self, number: int, ref: str | None = None) -> None:
        super().__init__(f"message {number} has been dealt with")
        self.ref = ref


def held(reader: Staff | None = None, limit: int = 100) -> tuple[Held, ...]:
    """The messages that wait for an officer, oldest first; none of a case that the reader is walled off from."""
    return _rows(unwalled(HELD, reader).order_by(InboundMessage.id).limit(limit))


def queue(reader: Staff) -> tuple[int, datetime | None]:
    """How many messages wait for an officer, and since when the oldest of them does."""
    mine = unwalled(HELD, reader).subquery()
    number, since = db.session.execute(select(func.count(), func.min(mine.c.received_at))).one()
    return int(number), since


def kept(reader: Staff | None = None, before: int | None = None, limit: int = PAGE) -> tuple[Held, ...]:
    """Messages with which nothing was done, newest first: a robot's may be a person's after all.

    `before`: only those with smaller numbers, for the next page.
    """
    query = unwalled(KEPT, reader)
    if before is not None:
        query = query.where(InboundMessage.id < before)
    return _rows(query.order_by(InboundMessage.id.desc()).limit(limit))


def one(number: int, reader: Staff) -> Held:
    """A message that is held or kept. Raises Settled when it is on a case by now, or LookupError."""
    return _row(_open_row(number, reader))


def opened(number: int, reader: Staff) -> tuple[Held, BinaryIO]:
    """The same, and all of it byte for byte. Raises uploads.StorageError as well, where the store has lost it.

    What was placed on a case is read there, by those who see the case. Where a message seems to belong to a case,
    reading it leaves the trace that opening the case leaves.
    """
    found = one(number, reader)
    case_id = db.session.scalar(select(Case.id).where(Case.ref == (found.case_ref or "")))
    if case_id is not None:
        openings.note(db.session(), case_id, reader, f"mail:{number}")
    return found, files.store().open(found.raw_key)


def unwalled(status: str, reader: Staff | None) -> Select[InboundMessage]:
    """The messages of one status, but for those of cases that the reader is walled off from.

    Where a message names several cases, `why` lists them, and a wall around one of them is enough. So is an address
    that stands on a walled case: who complains of a colleague may write again, naming no case.
    """
    query = select(InboundMessage).where(InboundMessage.status == status)
    if reader is None:
        return query
    walls = select(CaseWall.case_id).where(CaseWall.staff_id == reader.id)
    named = or_(
        InboundMessage.case_ref == Case.ref,
        InboundMessage.why.contains(Case.ref),
        and_(InboundMessage.sender != "", Case.state.icontains(InboundMessage.sender)),
    )
    return query.where(~exists().where(Case.id.in_(walls), named).correlate(InboundMessage))


def take(session: Session, ref: str, number: int | None, actor: Actor) -> None:
    """The message that a command names is on this case from now on. Raises Refused where it is on one already.

    Its row is held until the end: of two who place it at the same moment one waits, and finds it placed.
    """
    if number is None:
        return
    row = session.get(InboundMessage, number, with_for_update=True, populate_existing=True)
    if row is None or row.status not in OPEN:
        raise Refused([Problem("mail", "Somebody has dealt with this e-mail meanwhile")])
    by = actor.display if isinstance(actor, Staff) else BY_ITSELF
    row.status, row.settled_by, row.case_ref = PLACED, by[:200], ref


def dismiss(number: int, officer: Staff) -> None:
    """An officer says that a held message belongs to no case. It stays kept, it only no longer waits.

    Raises Settled when it does not wait any more: what is on a case stays there.
    """
    with writing() as session:
        row = session.get(InboundMessage, number, with_for_update=True, populate_existing=True)
        if row is None or row.status != HELD:
            raise Settled(number, row.case_ref if row is not None else None)
        row.status, row.settled_by = KEPT, officer.display


def hold(number: int, why: str) -> str:
    """Let a message wait for an officer, unless it is settled. Returns where it stands now."""
    return _now(number, HELD, why)


def came_back(number: int) -> str:
    """A bounce is dealt with: its message and its address are marked."""
    return _now(number, BOUNCED, None)


def missing(number: int, reader: Staff) -> LookupError:
    """What to raise to whoever asks for a message that waits no longer, or that is not for their eyes."""
    query = unwalled(PLACED, reader).where(InboundMessage.id == min(number, LARGEST_ID))
    placed = db.session.scalar(query.execution_options(populate_existing=True))
    return Settled(number, placed.case_ref) if placed is not None else LookupError(number)


def _now(number: int, status: str, why: str | None) -> str:
    with writing() as session:
        row = session.get_one(InboundMessage, number, with_for_update=True, populate_existing=True)
        if row.status in OPEN:
            row.status, row.why = status, row.why if why is None else why
        return row.status


def _open_row(number: int, reader: Staff) -> InboundMessage:
    for status in (HELD, KEPT):
        query = unwalled(status, reader).where(InboundMessage.id == min(number, LARGEST_ID))
        if (row := db.session.scalar(query)) is not None:
            return row
    raise missing(number, reader)


def _rows(query: Select[InboundMessage]) -> tuple[Held, ...]:
    return tuple(map(_row, db.session.scalars(query)))


def _row(m: InboundMessage) -> Held:
    return Held(
        m.id, m.sender, m.sender_name, m.subject, m.text, m.why, m.case_ref, m.received_at, m.raw_key or ""
    )
