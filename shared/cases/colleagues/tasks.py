"""What waits for one colleague by name: tasks on cases, notes that name them, and drafts that they began."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from shared.cases.correspondence import held_mail
from shared.cases.inbox.lists import COUNT_CAP, seen_by, sees_inbox
from shared.db import db
from shared.identity.actors import Staff
from shared.identity.roles import Permission, may
from shared.models import (
    ActionDraft,
    Case,
    CaseMention,
    CaseTask,
    CaseWall,
    Delivery,
    InboundMessage,
    OutboxMessage,
)

MOST = 200  # lines of one page
KINDS = ("task", "mention", "failed", "held")  # in the order of Waiting


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many tasks are open, mentions unread, messages not delivered and messages to be put on a case.

    Each is counted up to COUNT_CAP + 1.
    """

    tasks: int = 0
    mentions: int = 0
    failed: int = 0
    held: int = 0

    @property
    def all(self) -> int:
        """All of them together."""
        return self.tasks + self.mentions + self.failed + self.held


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task of a case, as its owner's list shows it."""

    ref: str
    number: int
    text: str
    due_on: date
    resident: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """Something that a person began to write on a case and has not saved; `action` as its form's address."""

    ref: str
    action: str
    about: str
    at: datetime


def waiting(actor: Staff) -> Waiting:
    """What waits for a person, in one query."""
    wanted = named(actor)
    if not wanted:
        return Waiting()
    counted = [select(func.count()).select_from(q.subquery()).scalar_subquery() for q in wanted.values()]
    return of_kinds(dict(zip(wanted, db.session.execute(select(*counted)).one(), strict=True)))


def of_kinds(counts: dict[str, Any]) -> Waiting:
    """The counts of `named` by its kinds."""
    return Waiting(*(int(counts.get(kind, 0)) for kind in KINDS))


def named(actor: Staff) -> dict[str, Select[Any]]:
    """What waits for a person on cases that they may see, by kind, to be counted."""
    letters: dict[str, Select[Any]] = {}
    if sees_failed(actor):
        letters["failed"] = undelivered(actor).limit(COUNT_CAP + 1)
    if may(actor.roles, Permission.PLACES_MAIL):
        held = held_mail.unwalled(held_mail.HELD, actor).with_only_columns(InboundMessage.id)
        letters["held"] = held.limit(COUNT_CAP + 1)
    if not sees_inbox(actor):
        return letters
    tasks: Select[Any] = select(CaseTask.number).join(Case, Case.id == CaseTask.case_id)
    unread: Select[Any] = select(CaseMention.seq).join(Case, Case.id == CaseMention.case_id)
    return {
        "task": seen_by(tasks, actor)
        .where(CaseTask.owner_id == actor.id, CaseTask.done_on.is_(None))
        .limit(COUNT_CAP + 1),
        "mention": seen_by(unread, actor)
        .where(CaseMention.staff_id == actor.id, CaseMention.seen_at.is_(None))
        .limit(COUNT_CAP + 1),
        **letters,
    }


def sees_failed(actor: Staff) -> bool:
    """Whether somebody sees to messages that nobody received."""
    return may(actor.roles, Permission.SEES_FAILED_MAIL)


def undelivered(actor: Staff) -> Select[Any]:
    """The numbers of messages that did not arrive, but for those of cases that this person is walled off from."""
    walled = select(CaseWall.case_id).where(CaseWall.staff_id == actor.id)
    about = or_(OutboxMessage.case_id.is_(None), OutboxMessage.case_id.not_in(walled))
    return select(OutboxMessage.id).where(OutboxMessage.status == Delivery.FAILED, about)


def for_person(actor: Staff) -> tuple[TaskRow, ...]:
    """A person's open tasks, the soonest first."""
    query: Any = (
        select(Case.ref, CaseTask.number, CaseTask.text, CaseTask.due_on, Case.resident)
        .join(Case, Case.id == CaseTask.case_id)
        .where(CaseTask.owner_id == actor.id, CaseTask.done_on.is_(None))
        .order_by(CaseTask.due_on, CaseTask.case_id, CaseTask.number)
        .limit(MOST)
    )
    return tuple(TaskRow(*row) for row in db.session.execute(seen_by(query, actor)))


def drafts_of(actor: Staff, ref: str | None = None) -> tuple[DraftRow, ...]:
    """What a person began and has not saved, on one case or on all that they may see, the newest first."""
    query: Any = (
        select(Case.ref, ActionDraft.action, ActionDraft.updated_at)
        .join(Case, Case.id == ActionDraft.case_id)
        .where(ActionDraft.staff_id == actor.id)
        .order_by(ActionDraft.updated_at.desc(), ActionDraft.id)
        .limit(MOST)
    )
    if ref is not None:
        query = query.where(Case.ref == ref)
    return tuple(
        DraftRow(found, *parted(action), at)
        for found, action, at in db.session.execute(seen_by(query, actor))
    )


def parted(action: str) -> tuple[str, str]:
    """A draft's name as its action and what of the case it is about."""
    name, _, about = action.partition(":")
    return name, about
