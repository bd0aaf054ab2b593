"""What waits for one colleague by name: tasks on cases, notes that name them, and drafts that they began."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from shared.cases.lists import COUNT_CAP, seen_by, sees_inbox
from shared.db import db
from shared.identity.actors import Staff
from shared.models import ActionDraft, Case, CaseMention, CaseTask

MOST = 200  # lines of one page


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many tasks are open and how many mentions unread, each counted up to COUNT_CAP + 1."""

    tasks: int = 0
    mentions: int = 0


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task of a case, as its owner's list shows it."""

    ref: str
    number: int
    text: str
    due_on: date


@dataclass(frozen=True, slots=True)
class DraftRow:
    """Something that a person began to write on a case and has not saved; `action` as its form's address."""

    ref: str
    action: str
    about: str
    at: datetime


def waiting(actor: Staff) -> Waiting:
    """What waits for a person, in one query."""
    if not sees_inbox(actor):
        return Waiting()
    tasks: Select[Any] = select(CaseTask.number).join(Case, Case.id == CaseTask.case_id)
    unread: Select[Any] = select(CaseMention.seq).join(Case, Case.id == CaseMention.case_id)
    both = (
        seen_by(tasks, actor).where(CaseTask.owner_id == actor.id, CaseTask.done_on.is_(None)),
        seen_by(unread, actor).where(CaseMention.staff_id == actor.id, CaseMention.seen_at.is_(None)),
    )
    counted = [
        select(func.count()).select_from(one.limit(COUNT_CAP + 1).subquery()).scalar_subquery()
        for one in both
    ]
    found = db.session.execute(select(*counted)).one()
    return Waiting(int(found[0]), int(found[1]))


def of(actor: Staff) -> tuple[TaskRow, ...]:
    """A person's open tasks, the soonest first."""
    query: Any = (
        select(Case.ref, CaseTask.number, CaseTask.text, CaseTask.due_on)
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
        DraftRow(found, *_parted(action), at)
        for found, action, at in db.session.execute(seen_by(query, actor))
    )


def _parted(action: str) -> tuple[str, str]:
    name, _, about = action.partition(":")
    return name, about
