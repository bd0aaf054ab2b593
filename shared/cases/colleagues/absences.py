"""What an absence means for the cases: what the stand-in did meanwhile, and what they may not take on."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from shared import clock
from shared.cases.inbox import lists
from shared.cases.state import decode
from shared.db import db
from shared.identity.actors import Staff
from shared.identity.standins import Absence
from shared.models import Case, CaseEvent

MOST = 200


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A case on which the stand-in acted: how many things, and the last of them."""

    ref: str
    steps: int
    last_at: datetime


def meanwhile(absence: Absence, reader: Staff) -> tuple[Meanwhile, ...]:
    """What the stand-in did on the absent person's cases in those days, the newest first."""
    begin = datetime.combine(absence.from_on, time(), clock.LONDON)
    end = datetime.combine(absence.until_on + timedelta(days=1), time(), clock.LONDON)
    theirs = lists.seen_by(select(Case.id).where(Case.holder_id == absence.from_id), reader)
    steps = (
        select(CaseEvent.case_id, func.count().label("steps"), func.max(CaseEvent.at).label("last"))
        .where(
            CaseEvent.case_id.in_(theirs),
            CaseEvent.actor == f"staff:{absence.to_id}",
            CaseEvent.at >= begin,
            CaseEvent.at < end,
        )
        .group_by(CaseEvent.case_id)
        .subquery()
    )
    query = (
        select(Case.ref, steps.c.steps, steps.c.last)
        .join(steps, steps.c.case_id == Case.id)
        .order_by(steps.c.last.desc())
        .limit(MOST)
    )
    return tuple(Meanwhile(ref, int(number), last) for ref, number, last in db.session.execute(query))


def out_of_reach(absent: int, stand_in: int, reader: Staff) -> tuple[str, ...]:
    """Open cases of the absent person that the stand-in may not take on, as far as the reader sees them.

    At stage 2 nobody looks into a case who acted on it at stage 1 (Code 6.13), standing in or not.
    """
    query = select(Case).where(Case.holder_id == absent, Case.at_stage_2.is_(True))
    rows = db.session.scalars(lists.seen_by(query, reader).options(undefer(Case.state)).limit(MOST))
    return tuple(row.ref for row in rows if stand_in in decode(row.state).acted_stage_1)
