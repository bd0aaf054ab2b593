"""From what has happened and the policy to every clock that runs, each able to explain itself.

Nothing here reads the wall clock, the database or the request. The Code knows no pause, so there is none:
only an extension, counted in working days from the date it puts off.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec

from shared.clock import LONDON, london_date
from shared.deadlines.calendar import Calendar, OutsideCalendar, Skipped
from shared.deadlines.milestones import Milestones
from shared.policy.edition import CodeTimer
from shared.policy.policy import Policy, response_clock
from shared.policy.rules import Limit
from shared.policy.terms import ClockName, Event, Unit

ENDS: dict[ClockName, Event] = {
    ClockName.STAGE_1_ACKNOWLEDGEMENT: Event.ACKNOWLEDGED,
    ClockName.STAGE_1_FIRST_CONTACT: Event.CONTACTED,
    ClockName.STAGE_1_RESPONSE: Event.RESPONDED,
    ClockName.STAGE_1_RESPONSE_CODE: Event.RESPONDED,
    ClockName.ESCALATION_WINDOW: Event.ESCALATED,
    ClockName.STAGE_2_ACKNOWLEDGEMENT: Event.ESCALATION_ACKNOWLEDGED,
    ClockName.STAGE_2_FIRST_CONTACT: Event.ESCALATION_CONTACTED,
    ClockName.STAGE_2_RESPONSE: Event.FINAL_RESPONSE,
    ClockName.STAGE_2_RESPONSE_CODE: Event.FINAL_RESPONSE,
    ClockName.PANEL_MEETING: Event.PANEL_HELD,
    ClockName.PANEL_OUTCOME: Event.PANEL_OUTCOME_SENT,
    ClockName.RECORD_CLOSES: Event.CLOSED,
    ClockName.COMPLETION_LETTER: Event.COMPLETION_LETTER_SENT,
    ClockName.CLOSING_LETTER: Event.CLOSING_LETTER_SENT,
    ClockName.DETERMINATION_FORWARD: Event.DETERMINATION_FORWARDED,
    ClockName.DETERMINATION_SHARE: Event.DETERMINATION_SHARED,
    ClockName.DETERMINATION_REVIEW: Event.DETERMINATION_REVIEWED,
    ClockName.DETERMINATION_FOLLOW_UP: Event.DETERMINATION_FOLLOWED_UP,
}
"""The event that stops each clock."""

CODE_CLOCKS = {
    ClockName.STAGE_1_RESPONSE: ClockName.STAGE_1_RESPONSE_CODE,
    ClockName.STAGE_2_RESPONSE: ClockName.STAGE_2_RESPONSE_CODE,
}
"""The landlord's response clocks and the Code's beside them."""

STAGES = {response_clock(stage): stage for stage in (1, 2)}


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One time limit on one case: when it is due and every step of the count.

    `due` and `start` are London dates, or London datetimes for limits in hours. `counted` are the working
    days that were counted (none for calendar limits); `skipped` the days passed over, each with its reason.
    """

    name: ClockName
    due: date | datetime
    start: date | datetime
    start_event: Event
    limit: str
    source: str
    counted: tuple[date, ...]
    skipped: tuple[Skipped, ...]
    accepted_until: date  # `due_on`, or the next working day when nobody works on it
    extended_by: int = 0  # working days
    unextended_due: date | datetime | None = None  # the date before the extension, when there is one
    met_at: datetime | None = None  # when the event that stops the clock happened

    @property
    def due_on(self) -> date:
        """The London date on which it is due; something done at any hour of that day is in time."""
        return self.due.date() if isinstance(self.due, datetime) else self.due

    @property
    def met_on(self) -> date | None:
        """The London date on which the clock was stopped."""
        return london_date(self.met_at) if self.met_at else None

    @property
    def met_in_time(self) -> bool | None:
        """Whether it was stopped in time; None while it runs."""
        return None if self.met_at is None else not self._late(self.met_at)

    def _late(self, when: date | datetime) -> bool:
        if isinstance(when, datetime):
            if isinstance(self.due, datetime):
                return when > self.due
            when = london_date(when)
        return when > self.due_on


def compute(
    facts: Milestones, policy: Policy, calendar: Calendar, *, known_only: bool = False
) -> dict[ClockName, Clock]:
    """Every clock whose start has happened, in the order of `ClockName`.

    Clocks that the landlord does not have, or whose start has not happened, are left out. The Code's own
    response clocks run beside the landlord's under names ending in `_code`. Where the Code requires a limit
    that the landlord's file leaves out or makes longer, the Code's is used (6.2, 6.11).

    Raises OutsideCalendar when a date falls where bank holidays are not known; with `known_only` such a clock
    is left out instead, so that the rest of the case can be shown.
    """
    found: dict[ClockName, Clock] = {}
    make = _known if known_only else _clock
    for name, timer in policy.landlord.clocks.items():
        add = _extension(name, facts)
        if clock := make(name, timer.start, timer.limit, timer.source, add, facts, calendar):
            found[name] = clock
    for name, rule in policy.code.clocks.items():
        shown_as = CODE_CLOCKS.get(name, name)
        add = _past_the_code(name, rule, policy, facts)
        source = policy.code.source(rule.clause)
        clock = make(shown_as, rule.start, rule.limit, source, add, facts, calendar)
        if clock and (shown_as not in found or clock.due_on < found[shown_as].due_on):
            found[shown_as] = clock
    return {name: found[name] for name in ClockName if name in found}


# What runs for the resident, not for us: how long she may ask, and how long the record waits for her word.
RESIDENTS_OWN = frozenset({ClockName.ESCALATION_WINDOW, ClockName.RECORD_CLOSES})


def _extension(name: ClockName, facts: Milestones) -> int:
    if name in RESIDENTS_OWN:
        return facts.resident_more_days
    return facts.extended_by(STAGES[name]) if name in STAGES else 0


def _past_the_code(name: ClockName, rule: CodeTimer, policy: Policy, facts: Milestones) -> int:
    """By how many working days the landlord's extension moves the Code's own date.

    An extension that only brings a shorter limit up to the Code's is no extension under the Code: a resident
    who was told 10 + 10 days has not been told 20 + 10.
    """
    days = _extension(name, facts)
    own = policy.landlord.clocks.get(name)
    if days and own and own.limit.unit is rule.limit.unit is Unit.WORKING_DAYS:
        return min(days, max(0, own.limit.number + days - rule.limit.number))
    return days


def _clock(
    name: ClockName,
    event: Event,
    limit: Limit,
    source: str,
    extended_by: int,
    facts: Milestones,
    calendar: Calendar,
) -> Clock | None:
    begun = facts.at(event)
    if begun is None:
        return None
    plain = due(begun, limit, calendar)
    final = calendar.add_working_days(_day(plain), extended_by) if extended_by else plain
    start = london_date(begun)
    in_hours = isinstance(plain, datetime)
    in_working_time = limit.unit in {Unit.WORKING_DAYS, Unit.WORKING_HOURS}
    text = f"{limit}, extended by {extended_by} working days" if extended_by else str(limit)
    return Clock(
        name=name,
        due=final,
        start=begun.astimezone(LONDON) if in_hours else start,
        start_event=event,
        limit=text,
        source=source,
        counted=calendar.counted(start, _day(final)) if in_working_time else (),
        skipped=calendar.skipped(start, _day(final)) if in_working_time else (),
        accepted_until=calendar.next_working_day(_day(final)),
        extended_by=extended_by,
        unextended_due=plain if extended_by else None,
        met_at=facts.at(ENDS.get(name)),
    )


def _known(*what: Any) -> Clock | None:
    """The clock, or None where it runs out beyond the known bank holidays."""
    try:
        return _clock(*what)
    except OutsideCalendar:
        return None


def due(begun: datetime, limit: Limit, calendar: Calendar) -> date | datetime:
    """When a limit that began at an aware instant runs out: a London date, or a London datetime for hours.

    24 working hours are one working day at the same time of day: the one paper that gives the same duty both
    ways equates 48 of them with 2 working days, and office hours would put a 48-hour duty after a 5-day one.
    """
    start = london_date(begun)
    number = limit.number
    if limit.unit is Unit.WORKING_DAYS:
        return calendar.add_working_days(start, number)
    if limit.unit is Unit.CALENDAR_DAYS:
        return calendar.add_days(start, number)
    if limit.unit is Unit.CALENDAR_MONTHS:
        return calendar.add_months(start, number)
    if limit.unit is Unit.WORKING_HOURS:
        at: time = begun.astimezone(LONDON).time()
        return datetime.combine(calendar.add_working_days(start, number // 24), at, LONDON)
    return (begun + timedelta(hours=number)).astimezone(LONDON)


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when
