"""Who sees which case: everybody with the role for it, or those alone who have a part in it.

A service manager delivers promises: they see the cases in which they or somebody of their team has one, holds
the case, has a task, was asked to check a letter or is named in a note. To them no other case is there.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from shared.cases.state import CaseState
from shared.identity.actors import Actor, Representative, Resident, Staff
from shared.identity.roles import Permission, may
from shared.models import CaseMention, CasePart, CaseWall, StaffAccount


def is_narrow(actor: Actor) -> bool:
    """Whether somebody sees those cases alone in which they have a part."""
    if not isinstance(actor, Staff) or may(actor.roles, Permission.SEES_ALL_CASES):
        return False
    return may(actor.roles, Permission.SEES_INBOX)


def parts(state: CaseState) -> frozenset[int]:
    """The account numbers of everybody who has a part in a case, by its state."""
    found = {promise.owner_id for promise in state.commitments} | {task.owner_id for task in state.tasks}
    found |= {person.id for person in (state.handler, state.reviewer) if person}
    found |= {check.by_id for check in state.checks}
    return frozenset(number for number in found if number)


def takes_part(case_id: Any, me: Any) -> ColumnElement[bool]:
    """The condition that this person, or somebody of their team, has a part in a case."""
    mine, mate = aliased(StaffAccount), aliased(StaffAccount)
    team = select(mate.id).join(mine, and_(mine.team == mate.team, mine.team != "")).where(mine.id == me)
    part, note = aliased(CasePart), aliased(CaseMention)  # of their own, whatever the query around them reads
    has_part = exists().where(part.case_id == case_id, or_(part.staff_id == me, part.staff_id.in_(team)))
    named = exists().where(note.case_id == case_id, note.staff_id == me)
    return or_(has_part, named)


def not_walled(case_id: Any, me: Any) -> ColumnElement[bool]:
    """Asked of each row that is read, since a list reads few: nobody's walls have to be gone through first."""
    wall = aliased(CaseWall)
    return ~exists().where(wall.staff_id == me, wall.case_id == case_id)


def in_sight(case_id: Any, me: Any, narrow: bool) -> ColumnElement[bool]:
    """The condition that a case is there for somebody: no wall (Code 5.8) and, where asked for, a part in it."""
    open_to_me = not_walled(case_id, me)
    return and_(open_to_me, takes_part(case_id, me)) if narrow else open_to_me


def came_in_by(ref: str, actor: Actor) -> bool:
    """Residents and helpers reach the one case that they came in by, and no other; staff may ask for any."""
    return not isinstance(actor, Resident | Representative) or actor.case_ref == ref


def is_walled_off(state: CaseState, actor: Actor) -> bool:
    """For a person with a conflict of interest the case is not there (Code 5.8)."""
    return isinstance(actor, Staff) and actor.id in state.conflicts


def reaches(session: Session, case_id: int, actor: Actor) -> bool:
    """Whether a narrow reader has a part in a case; true for everybody else. Walls are asked elsewhere."""
    if not isinstance(actor, Staff) or not is_narrow(actor):
        return True
    return bool(session.scalar(select(takes_part(case_id, actor.id))))
