"""Figures for who runs complaints: load, ages, what will breach, and how much was answered in time.

They count every case and name no resident. Each is one query over columns that have an index, and takes longer
the more cases there are: pages show what figures_cache.py keeps.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, extract, func, select

from shared import clock
from shared.db import db
from shared.models import Case, StaffAccount
from shared.vocab import Kind

PROMISE = "promise"
DAYS_AHEAD = 7
WEEKS_BACK = 8
MONTHS_BACK = 6
AGES: tuple[tuple[str, int, int], ...] = (
    ("Up to 1 week", 0, 7),
    ("1 to 2 weeks", 8, 14),
    ("2 to 4 weeks", 15, 28),
    ("4 to 8 weeks", 29, 56),
    ("Over 8 weeks", 57, 36_500),
)


@dataclass(frozen=True, slots=True)
class Load:
    """The open cases of one colleague; `name` is empty, and there is no `id`, for those that nobody holds."""

    name: str
    held: int
    overdue: int
    due_soon: int
    id: int | None = None


@dataclass(frozen=True, slots=True)
class DueDay:
    """What is due on one day, by clock."""

    on: date
    clocks: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """All clocks together."""
        return sum(number for _, number in self.clocks)


@dataclass(frozen=True, slots=True)
class InTime:
    """The answers of one month at one stage. `rate` in percent, None without an answer."""

    month: date
    answered: int
    in_time: int

    @property
    def rate(self) -> int | None:
        """Rounded down, so that 100 means all."""
        return self.in_time * 100 // self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class Figures:
    """All of them, counted one after another."""

    loads: tuple[Load, ...]
    ages: tuple[tuple[str, int], ...]
    due: tuple[DueDay, ...]
    in_time_1: tuple[InTime, ...]
    in_time_2: tuple[InTime, ...]
    received: tuple[tuple[date, int], ...]


def count() -> Figures:
    """Every figure, as it stands now."""
    return Figures(loads(), ages(), due_this_week(), in_time(1), in_time(2), received_by_week())


def loads() -> tuple[Load, ...]:
    """Open cases by who holds them, the most first; those that nobody holds come first of all."""
    today = clock.today()
    overdue = func.sum(case((Case.sort_on < today, 1), else_=0))
    soon = func.sum(case((Case.sort_on.between(today, today + timedelta(days=DAYS_AHEAD - 1)), 1), else_=0))
    by_holder = (
        select(Case.holder_id, func.count().label("held"), overdue.label("late"), soon.label("near"))
        .where(Case.is_open.is_(True))
        .group_by(Case.holder_id)
        .subquery()
    )
    figures = (by_holder.c.held, by_holder.c.late, by_holder.c.near, by_holder.c.holder_id)
    query = select(StaffAccount.name, *figures).select_from(
        by_holder.outerjoin(StaffAccount, StaffAccount.id == by_holder.c.holder_id)
    )
    found = [
        Load(name or "", int(n), int(late), int(near), who)
        for name, n, late, near, who in db.session.execute(query)
    ]
    return tuple(sorted(found, key=lambda load: (load.name != "", -load.held, load.name)))


def ages() -> tuple[tuple[str, int], ...]:
    """Open complaints by how long ago they were received, in calendar days."""
    today = clock.today()
    parts = [
        func.sum(
            case(
                (Case.received_on.between(today - timedelta(days=to), today - timedelta(days=start)), 1),
                else_=0,
            )
        )
        for _, start, to in AGES
    ]
    query = select(*parts).where(Case.is_open.is_(True), Case.kind == Kind.COMPLAINT)
    row = db.session.execute(query).one()
    return tuple((words, int(number or 0)) for (words, _, _), number in zip(AGES, row, strict=True))


def due_this_week() -> tuple[DueDay, ...]:
    """What will be broken within the week unless somebody acts, day by day; nothing that is late already."""
    today = clock.today()
    name = case((Case.next_due_on == Case.sort_on, Case.next_due), else_=PROMISE)
    query = (
        select(Case.sort_on, name, func.count())
        .where(
            Case.is_open.is_(True),
            Case.sort_on.between(today, today + timedelta(days=DAYS_AHEAD - 1)),
        )
        .group_by(Case.sort_on, name)
        .order_by(Case.sort_on, name)
    )
    days: dict[date, list[tuple[str, int]]] = {}
    for on, clock_name, number in db.session.execute(query):
        days.setdefault(on, []).append((clock_name, int(number)))
    return tuple(DueDay(on, tuple(clocks)) for on, clocks in days.items())


def in_time(stage: int) -> tuple[InTime, ...]:
    """How many answers of a stage came in time, for this month and those before it, the oldest first.

    In time is by the date that the case then showed, extensions included: the earlier of the Code's and ours.
    """
    answered_on, late = (
        (Case.answered_1_on, Case.answered_1_late)
        if stage == 1
        else (Case.answered_2_on, Case.answered_2_late)
    )
    months = _months()
    year, month = extract("year", answered_on), extract("month", answered_on)
    query = (
        select(year, month, func.count(), func.sum(case((late.is_(True), 0), else_=1)))
        .where(answered_on >= months[0])
        .group_by(year, month)
    )
    found = {(int(y), int(m)): (int(n), int(good)) for y, m, n, good in db.session.execute(query)}
    return tuple(InTime(first, *found.get((first.year, first.month), (0, 0))) for first in months)


def received_by_week() -> tuple[tuple[date, int], ...]:
    """Complaints by the week in which they were received (its Monday), the oldest first."""
    today = clock.today()
    this = today - timedelta(days=today.weekday())
    weeks = [this - timedelta(weeks=back) for back in reversed(range(WEEKS_BACK))]
    query = (
        select(Case.received_on, func.count())
        .where(Case.received_on >= weeks[0], Case.kind == Kind.COMPLAINT, Case.merged_into.is_(None))
        .group_by(Case.received_on)
    )
    found: Counter[date] = Counter()
    rows: Sequence[Any] = db.session.execute(query).all()
    for on, number in rows:
        found[on - timedelta(days=on.weekday())] += int(number)
    return tuple((monday, found[monday]) for monday in weeks)


def _months() -> list[date]:
    months = [clock.today().replace(day=1)]
    while len(months) < MONTHS_BACK:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months[::-1]
