"""Who has a case open just now, and what they are writing: a courtesy between colleagues, and no lock.

Nothing here is part of the record. A row that nobody has refreshed for a minute means nothing, and goes.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared import clock
from shared.cases.lists import seen_by
from shared.cases.service import NoSuchCase
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
        return _others(session, case_id, actor)


def others(ref: str, actor: Staff) -> tuple[Here, ...]:
    """Who else has the case open just now. Reads only; nobody for a case that is not theirs to see."""
    try:
        return _others(db.session(), _case_id(db.session(), ref, actor), actor)
    except NoSuchCase:
        return ()


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


def _others(session: Session, case_id: int, actor: Staff) -> tuple[Here, ...]:
    walled = select(CaseWall.staff_id).where(CaseWall.case_id == case_id)
    query = (
        select(StaffAccount.name, Presence.writing, Case.at_stage_2)
        .join(Case, Case.id == Presence.case_id)
        .join(StaffAccount, StaffAccount.id == Presence.staff_id)
        .where(Presence.case_id == case_id, Presence.seen_at >= clock.now() - STAYS)
        .where(Presence.staff_id != actor.id, Presence.staff_id.not_in(walled), StaffAccount.active)
        .order_by(StaffAccount.name, StaffAccount.id)
    )
    return tuple(
        Here(name, Action(action) if action else None, 2 if second else 1)
        for name, action, second in session.execute(query)
    )
