"""One case as a page shows it: frozen values, so that nothing a page does can change a case."""

from dataclasses import dataclass
from datetime import date, datetime

from shared import clock
from shared.cases import case_clocks
from shared.cases.effects import Happened
from shared.cases.inbox.rows import working_days_left
from shared.cases.state import CaseState, Merged
from shared.deadlines.calendar import Calendar, OutsideCalendar
from shared.deadlines.compute import Clock
from shared.policy.policy import Policy
from shared.policy.terms import ClockName
from shared.vocab import Action


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter that was sent, without its text. `seq` is the event that sent it."""

    id: int
    seq: int
    kind: str
    title: str
    to: str
    language: str
    large_print: bool
    channel: str
    sent_at: datetime
    delivery: str  # queued, sent, delivered, failed, settled, cancelled, or "post" for a print task
    problem: str
    of: str = ""  # the reference of a case that came into this one, if it was written on that


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a case; `has_preview` for pictures."""

    id: int
    name: str
    media_type: str
    size: int
    taken_on: date | None
    has_preview: bool
    internal: bool
    added_by: str
    created_at: datetime
    of: str = ""  # as for letters


@dataclass(frozen=True, slots=True)
class MergedCase:
    """A case that came into another, with its own history."""

    how: Merged
    story: str
    events: tuple[Happened, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything a case page shows. `version` goes back with every form as `seen`."""

    ref: str
    version: int
    state: CaseState
    policy: Policy
    clocks: dict[ClockName, Clock]
    duties: tuple[case_clocks.Duty, ...]
    events: tuple[Happened, ...]
    letters: tuple[LetterRow, ...]
    files: tuple[FileRow, ...]
    allowed: frozenset[Action]
    calendar: Calendar
    merged: tuple[MergedCase, ...] = ()  # for staff: the cases that came into this one

    def left(self, day: date) -> int | None:
        """Working days from today to a day, negative once it has passed; None beyond the known holidays."""
        try:
            return working_days_left(clock.today(), day, self.calendar)
        except OutsideCalendar:
            return None
