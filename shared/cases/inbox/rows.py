"""A case as one row of a list: what the inbox shows of it without opening it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared import clock
from shared.cases import rules
from shared.db import db
from shared.deadlines.calendar import Calendar, OutsideCalendar
from shared.models import Case
from shared.vocab import Stage


@dataclass(frozen=True, slots=True)
class Due:
    """One running clock of a row: its name, day, and working days left (negative: overdue by so many).

    `left` is None beyond the known bank holidays: then only the day can be said.
    """

    name: str
    on: date
    left: int | None


@dataclass(frozen=True, slots=True)
class InboxRow:
    """What the inbox shows of a case."""

    ref: str
    kind: str
    stage: Stage
    resident: str
    home: str
    postcode: str
    summary: str
    summary_language: str
    language: str
    needs: tuple[str, ...]
    risk: str
    holder: str
    holder_id: int | None
    received_on: date
    dues: tuple[Due, ...]
    promise: Due | None
    waiting_on: str
    unread: bool
    triaged: bool
    awaits_consent: bool
    awaits_translation: bool
    tags: tuple[str, ...]
    remind_on: date | None
    remind: str
    last_contact_on: date | None
    version: int
    merged_into: str = ""


def rows_of(cases: Sequence[Case]) -> tuple[InboxRow, ...]:
    """Cases as lists show them, today."""
    calendar, today = rules.calendar(db.session()), clock.today()
    return tuple(row_of(case, today, calendar) for case in cases)


def row_of(row: Case, today: date, calendar: Calendar) -> InboxRow:
    """A case as lists show it."""
    dues = tuple(_due(name, date.fromisoformat(on), today, calendar) for name, on in row.clocks)
    promise = row.next_promise_on and _due("promise", row.next_promise_on, today, calendar)
    return InboxRow(
        ref=row.ref,
        kind=row.kind,
        stage=Stage(row.stage),
        resident=row.resident,
        home=row.home,
        postcode=_spaced(row.postcode),
        summary=row.summary,
        summary_language=row.summary_language,
        language=row.language,
        needs=tuple(row.needs),
        risk=row.risk,
        holder=row.holder,
        holder_id=row.holder_id,
        received_on=row.received_on,
        dues=dues,
        promise=promise or None,
        waiting_on=row.waiting_on,
        unread=row.unread,
        triaged=row.triaged,
        awaits_consent=row.awaits_consent,
        awaits_translation=row.awaits_translation,
        tags=tuple(row.tags),
        remind_on=row.remind_on,
        remind=row.remind,
        last_contact_on=row.last_contact_on,
        version=row.version,
        merged_into=row.merged_into or "",
    )


def _spaced(postcode: str) -> str:
    """As it stands on an envelope, "WA7 1AB"; the column holds it without its blank, to be compared."""
    return f"{postcode[:-3]} {postcode[-3:]}" if len(postcode) > 4 else postcode


def _due(name: str, on: date, today: date, calendar: Calendar) -> Due:
    try:
        return Due(name, on, working_days_left(today, on, calendar))
    except OutsideCalendar:
        return Due(name, on, None)


def working_days_left(today: date, due_on: date, calendar: Calendar) -> int:
    """Working days from today to a due date; negative when it has passed, by at least one."""
    if due_on >= today:
        return calendar.working_days_between(today, due_on)
    return -max(1, calendar.working_days_between(due_on, today))
