"""The dashboard: who has how much, how old it is, what will be late, and how much was answered in time."""

from dataclasses import dataclass
from datetime import date

from flask.typing import ResponseReturnValue

from shared import clock
from shared.cases import figures, wording
from shared.identity.roles import Permission, holders
from shared.web.access import staff
from shared.web.render import render
from staff.blueprint import pages

Cell = str | int | None


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


@pages.get("/dashboard")
@staff(*holders(Permission.SEES_DASHBOARD))
def dashboard() -> ResponseReturnValue:
    """All figures of today on one page."""
    shown = (_due(), _in_time(1), _in_time(2), _loads(), _ages(), _received())
    return render("staff/dashboard.html", today=clock.today(), figures=shown)


def _due() -> Figure:
    days = figures.due_this_week()
    names = wording.CLOCKS | {figures.PROMISE: "Promise"}
    return Figure(
        "due",
        "What runs out within 7 days",
        "Dates that will be broken unless somebody acts. What is overdue already is not among them.",
        ("Day", "What", "Cases"),
        tuple((_day(day.on), names.get(name, name), number) for day in days for name, number in day.clocks),
        tuple(Bar(_day(day.on), day.total, str(day.total)) for day in days),
        "Nothing runs out within 7 days.",
    )


def _in_time(stage: int) -> Figure:
    months = figures.in_time(stage)
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


def _loads() -> Figure:
    people = figures.loads()
    return Figure(
        "loads",
        "Open cases by who holds them",
        "The solid part of a bar is overdue.",
        ("Who", "Open", "Overdue", "Due within 7 days"),
        tuple((one.name or "Nobody yet", one.held, one.overdue, one.due_soon) for one in people),
        tuple(
            Bar(one.name or "Nobody yet", one.held, f"{one.held}, {one.overdue} overdue", one.overdue)
            for one in people[:20]
        ),
        "No case is open.",
    )


def _ages() -> Figure:
    bands = figures.ages()
    return Figure(
        "ages",
        "Open complaints by age",
        "Since the day on which they were received.",
        ("Age", "Complaints"),
        bands,
        tuple(Bar(words, number, str(number)) for words, number in bands),
        "",
    )


def _received() -> Figure:
    weeks = figures.received_by_week()
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
