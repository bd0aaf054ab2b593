"""The dashboard: who has how much, how old it is, what will be late, and how much was answered in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask.typing import ResponseReturnValue

from shared.cases import figures_cache, wording
from shared.cases.figures import PROMISE, DueDay, InTime, Load
from shared.identity.roles import Permission, holders, may
from shared.web.access import actor, staff
from shared.web.render import render, see_other
from staff.blueprint import pages


@dataclass(frozen=True, slots=True)
class Linked:
    """A word or a number that leads to the list of its cases."""

    words: str | int
    url: str


Cell = str | int | Linked | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a plot: its words, its length, and the words of its number. `part` is drawn solid inside it."""

    words: str
    length: int
    said: str
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot and the table beside it, which says the same and more."""

    id: str
    title: str
    explained: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    bars: tuple[Bar, ...]
    none: str  # what to say when there is nothing to show

    @property
    def longest(self) -> int:
        """What the longest bar stands for; at least 1."""
        return max((bar.length for bar in self.bars), default=0) or 1


READERS = holders(Permission.SEES_DASHBOARD)


@pages.get("/dashboard")
@staff(*READERS)
def dashboard() -> ResponseReturnValue:
    """All figures on one page, with the time at which they were counted."""
    found = figures_cache.latest()
    given = found.figures
    shown = (
        _due(given.due),
        _in_time(1, given.in_time_1),
        _in_time(2, given.in_time_2),
        _loads(given.loads),
        _ages(given.ages),
        _received(given.received),
    )
    minutes = int(figures_cache.EVERY.total_seconds()) // 60
    return render("staff/dashboard.html", counted=found, minutes=minutes, figures=shown)


@pages.post("/dashboard")
@staff(*READERS)
def dashboard_post() -> ResponseReturnValue:
    """Count now, for everybody who looks at the page."""
    figures_cache.refresh()
    return see_other(url_for("staff.dashboard"))


def _due(days: Sequence[DueDay]) -> Figure:
    names = wording.CLOCKS | {PROMISE: "Promise"}
    return Figure(
        "due",
        "What runs out within 7 days",
        "Dates that will be broken unless somebody acts. What is overdue already is not among them.",
        ("Day", "What", "Cases"),
        tuple((_day(day.on), names.get(name, name), number) for day in days for name, number in day.clocks),
        tuple(Bar(_day(day.on), day.total, str(day.total)) for day in days),
        "Nothing runs out within 7 days.",
    )


def _in_time(stage: int, months: Sequence[InTime]) -> Figure:
    return Figure(
        f"in-time-{stage}",
        f"Stage {stage} answers in time",
        "By the date that the case showed, extensions included. The solid part of a bar came in time.",
        ("Month", "Answered", "In time", "Rate"),
        tuple(
            (
                f"{one.month:%B %Y}",
                one.answered,
                one.in_time,
                f"{one.rate}%" if one.rate is not None else None,
            )
            for one in months
        ),
        tuple(
            Bar(
                f"{one.month:%b %Y}",
                one.answered,
                f"{one.in_time} of {one.answered}, {one.rate}%" if one.answered else "none answered",
                one.in_time,
            )
            for one in months
        ),
        "",
    )


def _loads(people: Sequence[Load]) -> Figure:
    return Figure(
        "loads",
        "Open cases by who holds them",
        "The solid part of a bar is overdue.",
        ("Who", "Open", "Overdue", "Due within 7 days"),
        tuple(_load(one) for one in people),
        tuple(
            Bar(one.name or "Nobody yet", one.held, f"{one.held}, {one.overdue} overdue", one.overdue)
            for one in people[:20]
        ),
        "No case is open.",
    )


def _load(one: Load) -> tuple[Cell, ...]:
    """Whose cases they are, leading to them where the reader may see cases."""
    numbers = (one.held, one.overdue, one.due_soon)
    if not may(actor().roles, Permission.SEES_INBOX):
        return (one.name or "Nobody yet", *numbers)
    if one.id is None:
        return (Linked("Nobody yet", url_for("staff.inbox", tab="unassigned")), *numbers)
    all_open = Linked(one.name, url_for("staff.inbox", tab="all-open", holder=one.id))
    late = Linked(one.overdue, url_for("staff.inbox", tab="overdue", holder=one.id))
    return (all_open, one.held, late if one.overdue else 0, one.due_soon)


def _ages(bands: tuple[tuple[str, int], ...]) -> Figure:
    return Figure(
        "ages",
        "Open complaints by age",
        "Since the day on which they were received.",
        ("Age", "Complaints"),
        bands,
        tuple(Bar(words, number, str(number)) for words, number in bands),
        "",
    )


def _received(weeks: Sequence[tuple[date, int]]) -> Figure:
    return Figure(
        "received",
        "Complaints received by week",
        "More complaints can mean that it has become easier to complain. This number is no target.",
        ("Week from", "Complaints"),
        tuple((_day(monday), number) for monday, number in weeks),
        tuple(Bar(_day(monday), number, str(number)) for monday, number in weeks),
        "",
    )


def _day(day: date) -> str:
    return f"{day:%a %-d %b}"
