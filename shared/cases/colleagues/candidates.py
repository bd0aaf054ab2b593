"""Who can be named: for a case, a promise, a yes, a reading; by role, load and who is away."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from shared import clock
from shared.cases.flow import CASEWORK, REVIEWERS
from shared.cases.guards.common import at_least
from shared.db import db
from shared.identity import standins
from shared.models import Case, Delegation, StaffAccount
from shared.vocab import Role

if TYPE_CHECKING:
    from shared.cases.case_view import CaseView

LOAD_CAP = 200  # far more than anybody can look after; counting stops there


@dataclass(frozen=True, slots=True)
class Eligible:
    """Somebody who may be named handler now; `load` is how many open cases they hold, at most LOAD_CAP.

    `away`: until when they are away and who stands in, in words; such people come last.
    """

    id: int
    name: str
    job: str
    email: str
    phone: str
    load: int
    away: str = ""


def eligible(view: "CaseView") -> tuple[Eligible, ...]:
    """Who may look into the present stage, least loaded first; stage 2 bars all who acted at stage 1."""
    fit = REVIEWERS if view.state.stage_number == 2 else CASEWORK
    barred = view.state.conflicts | (
        view.state.acted_stage_1 if view.state.stage_number == 2 else frozenset()
    )
    return tuple(person for person, roles in _people_by_load() if roles & fit and person.id not in barred)


def approvers(minimum: Role) -> tuple[Eligible, ...]:
    """Active people who hold a role or one above it, for choosing who approved something."""
    return holding(at_least(minimum))


def colleagues(role: Role | None = None) -> tuple[Eligible, ...]:
    """Active people, or those who hold exactly this role, least loaded first: owners and checkers."""
    return tuple(person for person, roles in _people_by_load() if role is None or role in roles)


def holding(roles: frozenset[Role]) -> tuple[Eligible, ...]:
    """Active people who hold any of these roles, least loaded first."""
    return tuple(person for person, held in _people_by_load() if held & roles)


def open_cases_of(number: int) -> int:
    """How many open cases an account holds, for who is about to disable it."""
    query = select(func.count()).where(Case.holder_id == number, Case.is_open.is_(True))
    return int(db.session.scalar(query) or 0)


def _people_by_load() -> list[tuple[Eligible, frozenset[Role]]]:
    held = (
        select(Case.id)
        .where(Case.holder_id == StaffAccount.id, Case.is_open.is_(True))
        .order_by(Case.sort_on, Case.id)  # or PostgreSQL looks through all cases for those who hold none
        .limit(LOAD_CAP)
        .correlate(StaffAccount)
        .subquery()
    )
    load = select(func.count()).select_from(held).scalar_subquery().label("load")
    stand_in = aliased(StaffAccount)
    gone = and_(Delegation.from_id == StaffAccount.id, standins.in_force(clock.today()))
    query = (
        select(StaffAccount, load, Delegation.until_on, stand_in.name)
        .outerjoin(Delegation, gone)
        .outerjoin(stand_in, stand_in.id == Delegation.to_id)
        .where(StaffAccount.active.is_(True))
        .order_by(Delegation.until_on.is_not(None), load, StaffAccount.name)
    )
    return [
        (Eligible(a.id, a.name, a.job_title, a.email, a.phone, int(number), _away(until, other)), a.role_set)
        for a, number, until, other in db.session.execute(query)
    ]


def _away(until: date | None, stand_in: str | None) -> str:
    return f"away until {until:%-d %B}, {stand_in} stands in" if until else ""
