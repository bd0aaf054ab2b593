"""Why a date is what it is, so that anybody can count it again with a calendar on the wall."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from shared import clock, i18n
from shared.cases.case_clocks import Duty
from shared.cases.case_view import CaseView
from shared.deadlines.compute import Clock
from shared.policy.terms import ClockName, Event
from shared.web.filters import day, english, fill

STARTS: dict[Event, Any] = {
    Event.RECEIVED: _l("the day we got your complaint"),
    Event.LOGGED: _l("the day we wrote down your complaint"),
    Event.ACKNOWLEDGED: _l("the day we wrote to say that we look into it"),
    Event.ALLOCATED: _l("the day your complaint went to the person who looks into it"),
    Event.RESPONDED: _l("the day of our answer"),
    Event.ESCALATED: _l("the day you asked us to look again"),
    Event.ESCALATION_LOGGED: _l("the day we wrote down that you asked us to look again"),
    Event.ESCALATION_ACKNOWLEDGED: _l("the day we wrote to you that we look again"),
    Event.ESCALATION_ALLOCATED: _l("the day it went to the person who looks again"),
}
HOLIDAYS: dict[str, Any] = {
    "New Year's Day": _l("New Year's Day"),
    "Good Friday": _l("Good Friday"),
    "Easter Monday": _l("Easter Monday"),
    "Early May bank holiday": _l("Early May bank holiday"),
    "Spring bank holiday": _l("Spring bank holiday"),
    "Summer bank holiday": _l("Summer bank holiday"),
    "Christmas Day": _l("Christmas Day"),
    "Boxing Day": _l("Boxing Day"),
}
SUBSTITUTE = " (substitute)"
YOURS = {ClockName.ESCALATION_WINDOW}  # the resident's own time, not ours
WEEKEND = {"Saturday", "Sunday"}


@dataclass(frozen=True, slots=True)
class Why:
    """The count of one date: where it starts, how far it goes, what is left out, and what says so."""

    lines: tuple[Any, ...]
    holidays: tuple[tuple[date, str], ...]


def why(view: CaseView, duty: Duty) -> Why:
    """The reasons behind the date of a duty."""
    found = duty.clock
    lines: list[Any] = [
        fill(
            gettext("We count from %(day)s, %(event)s."),
            day=day(_date(found.start)),
            event=STARTS.get(found.start_event, gettext("the day it began")),
        ),
        _length(found, duty.name in YOURS),
    ]
    if found.extended_by:
        more = i18n.working_days_text(found.extended_by)
        lines.append(
            gettext("This includes %(days)s more, because you need more time.", days=more)
            if duty.name in YOURS
            else gettext("This includes %(days)s more, as we told you.", days=more)
        )
    weekends = sum(1 for skipped in found.skipped if skipped.why in WEEKEND)
    if weekends:
        lines.append(gettext("We do not count Saturdays and Sundays."))
    holidays = tuple((s.day, holiday(s.why)) for s in found.skipped if s.why not in WEEKEND)
    lines.append(fill(gettext("This is the rule: %(source)s."), source=english(found.source)))
    if duty.other is not None and duty.other.due_on != duty.due_on:
        lines.append(
            fill(
                gettext(
                    "Another rule (%(source)s) counts in another way and ends on %(day)s. We use the earlier day."
                ),
                source=english(duty.other.source),
                day=day(duty.other.due_on),
            )
        )
    return Why(tuple(lines), holidays)


def holiday(published: str) -> str:
    """The name of a bank holiday in the reader's language; as published where the catalogue does not know it."""
    plain = published.removesuffix(SUBSTITUTE)
    known = str(HOLIDAYS.get(plain, plain))
    return gettext("%(holiday)s, on another day", holiday=known) if plain != published else known


def _length(found: Clock, yours: bool) -> str:
    days = len(found.counted)
    if yours:
        if days:
            return gettext("You have %(days)s.", days=i18n.working_days_text(days))
        return fill(gettext("You have until %(day)s."), day=day(found.accepted_until))
    if days:
        return gettext("The time for this is %(days)s.", days=i18n.working_days_text(days))
    return fill(gettext("We have until %(day)s."), day=day(found.due_on))


def _date(when: date | datetime) -> date:
    return clock.london_date(when) if isinstance(when, datetime) else when
