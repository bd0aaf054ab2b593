"""Who stands in for whom while somebody is away. The stand-in acts in their own name, with their own roles.

A stand-in is there from the first to the last London day, and needs nobody to end it. There are no chains:
whoever stands in for somebody is not away on those days, so that nobody's work falls between two absences.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from shared import clock
from shared.db import LARGEST_ID, once
from shared.identity.actors import Staff
from shared.identity.roles import Permission, may
from shared.models import Delegation, StaffAccount

LONGEST = 366  # days
BACK_FOR = 14  # days for which somebody who is back is shown what happened meanwhile


class Unfit(ValueError):
    """An absence that cannot be; `field` names the answer, the message says how to mend it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Absence:
    """One person's absence with the stand-in, as pages show it. `until_on` is its last day."""

    id: int
    from_id: int
    away: str
    to_id: int
    stand_in: str
    from_on: date
    until_on: date
    reason: str
    ended: bool

    def on(self, day: date) -> bool:
        """Whether the stand-in has the work on this London day."""
        return not self.ended and self.from_on <= day <= self.until_on


def in_force(day: Any) -> ColumnElement[bool]:
    """The condition on Delegation that it counts on a London day."""
    return and_(Delegation.from_on <= day, Delegation.until_on >= day, Delegation.ended_at.is_(None))


def whose_work(session: Session, me: Staff) -> list[int]:
    """The account numbers of everybody whose work is this person's today: their own, and whom they stand in for.

    Read before lists are: a database that only learns it on the way looks through all open cases.
    """
    query = select(Delegation.from_id).where(Delegation.to_id == me.id, in_force(clock.today()))
    absent = once(
        session,
        f"absent:{me.id}:{clock.today()}",
        lambda: list(session.scalars(query.order_by(Delegation.from_id))),
    )
    return [me.id, *absent]


def stand_ins(session: Session, absent: Iterable[int]) -> frozenset[int]:
    """Who stands in for any of these people today: they get the same notices."""
    wanted = list(absent)
    if not wanted:
        return frozenset()
    query = select(Delegation.to_id).where(Delegation.from_id.in_(wanted), in_force(clock.today()))
    return frozenset(session.scalars(query))


def away(session: Session, day: date | None = None) -> dict[int, Absence]:
    """Everybody who is away on a day (today), by account number."""
    return {a.from_id: a for a in _absences(session, in_force(day or clock.today()))}


def about(session: Session, person: int) -> list[Absence]:
    """What somebody must know when they begin the day: whom they stand in for, and their own absences.

    Their own are shown while they last and for BACK_FOR days after; those that have ended early too.
    """
    today = clock.today()
    recent = Delegation.until_on >= today - timedelta(days=BACK_FOR)
    mine = and_(Delegation.from_id == person, recent, Delegation.from_on <= today)
    theirs = and_(Delegation.to_id == person, in_force(today))
    return _absences(session, or_(mine, theirs))


def planned(session: Session, person: int | None = None) -> list[Absence]:
    """Absences that are not over, of everybody or of one person and those whom that person stands in for."""
    open_ones = and_(Delegation.until_on >= clock.today(), Delegation.ended_at.is_(None))
    if person is None:
        return _absences(session, open_ones)
    return _absences(session, open_ones, or_(Delegation.from_id == person, Delegation.to_id == person))


def find(session: Session, number: int) -> Absence | None:
    """One absence by its number."""
    found = _absences(session, Delegation.id == min(number, LARGEST_ID))
    return found[0] if found else None


def _absences(session: Session, *where: ColumnElement[bool]) -> list[Absence]:
    away, there = aliased(StaffAccount), aliased(StaffAccount)
    query = (
        select(Delegation, away.name, there.name)
        .join(away, away.id == Delegation.from_id)
        .join(there, there.id == Delegation.to_id)
        .where(*where)
        .order_by(Delegation.from_on, Delegation.id)
    )
    return [
        Absence(d.id, d.from_id, of, d.to_id, by, d.from_on, d.until_on, d.reason, d.ended_at is not None)
        for d, of, by in session.execute(query)
    ]


def may_decide_for(actor: Staff, person: int) -> bool:
    """Whether somebody may name a stand-in for this person, or end the absence."""
    return actor.id == person or may(actor.roles, Permission.DECIDES_ABSENCES)


def appoint(
    session: Session, *, absent: int, to: int, from_on: date, until_on: date, reason: str, by: Staff
) -> Delegation:
    """Name a stand-in from one day to another, both counted. The caller commits.

    Raises Unfit, with words for the person, for oneself, days that are over or the wrong way round, an absence
    that overlaps another, a stand-in who is away or cannot see cases, and anybody who may not decide it.
    """
    if not may_decide_for(by, absent):
        raise Unfit("absent", "Only the person or a manager can name a stand-in")
    # Both rows locked in one order: of two at the same moment that would make a circle, one finds the other.
    people = {
        a.id: a
        for a in session.scalars(
            select(StaffAccount)
            .where(StaffAccount.id.in_([absent, to]))
            .order_by(StaffAccount.id)
            .with_for_update()
        )
    }
    if absent not in people or not people[absent].active:
        raise Unfit("absent", "Choose somebody with an active account")
    if to not in people or not people[to].active or not may(people[to].role_set, Permission.SEES_INBOX):
        raise Unfit("to", "Choose somebody with an active account who works on cases")
    if absent == to:
        raise Unfit("to", "Nobody stands in for themselves. Choose a colleague")
    _days(from_on, until_on)
    _no_overlap(session, people[absent].name, absent, people[to].name, to, from_on, until_on)
    row = Delegation(
        from_id=absent,
        to_id=to,
        from_on=from_on,
        until_on=until_on,
        reason=" ".join(reason.split())[:300],
        made_by=by.display[:200],
    )
    session.add(row)
    session.flush()
    return row


def _days(from_on: date, until_on: date) -> None:
    if until_on < from_on:
        raise Unfit("until_on", "The last day is before the first. Check both")
    if until_on < clock.today():
        raise Unfit("until_on", "These days are over. Enter days from today on")
    if (until_on - from_on).days >= LONGEST:
        raise Unfit("until_on", "Name a stand-in for one year at most")


def _no_overlap(
    session: Session, who: str, absent: int, other: str, to: int, from_on: date, until_on: date
) -> None:
    same_days = (
        Delegation.from_on <= until_on,
        Delegation.until_on >= from_on,
        Delegation.ended_at.is_(None),
    )
    touched = or_(Delegation.from_id.in_([absent, to]), Delegation.to_id == absent)
    for found in _absences(session, *same_days, touched):
        days = f"from {found.from_on:%-d %B %Y} to {found.until_on:%-d %B %Y}"
        if found.from_id == absent:
            raise Unfit("from_on", f"{found.stand_in} stands in for {who} already {days}. End that first")
        if found.from_id == to and found.to_id == absent:
            raise Unfit("to", f"{who} stands in for {other} {days}. Choose somebody else")
        if found.from_id == to:
            raise Unfit("to", f"{other} is away {days}. Choose somebody else")
        raise Unfit(
            "from_on",
            f"{who} stands in for {found.away} {days}. Name somebody else for {found.away} first",
        )


def end(session: Session, number: int, by: Staff) -> None:
    """End an absence before its last day, or before it begins. The caller commits. Raises Unfit."""
    row = session.get(Delegation, number, with_for_update=True)
    if row is None or not may_decide_for(by, row.from_id):
        raise Unfit("", "Only the person or a manager can end this")
    if row.ended_at is None:
        row.ended_at = clock.now()
