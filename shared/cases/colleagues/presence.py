"""Who has a case open just now, and what they are writing: a courtesy between colleagues, and no lock.

Nothing here is part of the record. A row that nobody has refreshed for a minute means nothing, and goes.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from shared import clock
from shared.cases.inbox.lists import seen_by
from shared.cases.outcomes import NoSuchCase
from shared.db import db, ensure, writing
from shared.identity.actors import Staff
from shared.models import Case, CaseWall, Presence, StaffAccount
from shared.vocab import Action

STAYS = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Here:
    """A colleague who has the case open; `writing` is the action whose form they have before them."""

    name: str
    writing: Action | None
    stage: int = 1  # which of the two stages the case is in


def beat(ref: str, actor: Staff, action: Action | None) -> tuple[Here, ...]:
    """Say that this person has the case open, and get who else does.

    Raises service.NoSuchCase for a case that is not theirs to see.
    """
    with writing() as session:
        case_id = _case_id(session, ref, actor)
        ensure(session, Presence, case_id=case_id, staff_id=actor.id, writing="", seen_at=clock.now())
        row = session.get_one(Presence, (case_id, actor.id), populate_existing=True)
        row.writing, row.seen_at = action.value if action else "", clock.now()
        return _others(session, Case.id == case_id, actor)


def others(ref: str, actor: Staff) -> tuple[Here, ...]:
    """Who else has the case open just now. Reads only; nobody for a case that is not theirs to see."""
    return _others(db.session(), Case.ref == ref, actor)


def sweep() -> int:
    """Forget who is long gone; returns how many."""
    with writing() as session:
        gone = session.execute(delete(Presence).where(Presence.seen_at < clock.now() - STAYS))
        return int(gone.rowcount)


def _case_id(session: Session, ref: str, actor: Staff) -> int:
    found = session.scalar(seen_by(select(Case.id).where(Case.ref == ref), actor))
    if found is None:
        raise NoSuchCase
    return found


def somebody_else(actor: Staff) -> tuple[ColumnElement[bool], ...]:
    """The conditions on a row of presence: fresh, of a colleague who works here and is not walled off."""
    walled = exists().where(CaseWall.case_id == Presence.case_id, CaseWall.staff_id == Presence.staff_id)
    fresh = Presence.seen_at >= clock.now() - STAYS
    return (fresh, Presence.staff_id != actor.id, ~walled, StaffAccount.active.is_(True))


def _others(session: Session, case: ColumnElement[bool], actor: Staff) -> tuple[Here, ...]:
    shown: list[Any] = [StaffAccount.name, Presence.writing, Case.at_stage_2]
    query = (
        select(*shown)
        .join(Case, Case.id == Presence.case_id)
        .join(StaffAccount, StaffAccount.id == Presence.staff_id)
        .where(case, *somebody_else(actor))
        .order_by(StaffAccount.name, StaffAccount.id)
    )
    return tuple(
        Here(name, Action(action) if action else None, 2 if second else 1)
        for name, action, second in session.execute(seen_by(query, actor))
    )
