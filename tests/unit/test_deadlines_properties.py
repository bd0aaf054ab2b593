"""What must hold for every landlord, every day and every hour, whatever the numbers in the files."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clock import london_date
from shared.deadlines.calendar import calendar
from shared.deadlines.compute import Clock, compute, due
from shared.deadlines.milestones import Milestones
from shared.deadlines.shown import shown
from shared.policy.load import available, load
from shared.policy.policy import Policy
from shared.policy.rules import Limit
from shared.policy.terms import ClockName, Event, Unit

CALENDAR = calendar()
POLICIES = [load(slug) for slug in available()]

instants = st.datetimes(datetime(2012, 1, 2), datetime(2027, 6, 1), timezones=st.just(UTC))
policies = st.sampled_from(POLICIES)
units = st.sampled_from(Unit)
extensions = st.integers(0, 20)


def limit(number: int, unit: Unit) -> Limit:
    return Limit(number=number * 24 if unit is Unit.WORKING_HOURS else number, unit=unit)


def everything(begun: datetime, **extended: int) -> Milestones:
    """A case on which every event that starts a clock happened at once."""
    starts = {timer.start for policy in POLICIES for timer in policy.landlord.clocks.values()}
    starts |= {timer.start for policy in POLICIES for timer in policy.code.clocks.values()}
    starts |= {Event.RECEIVED, Event.RESPONDED, Event.FINAL_RESPONSE}
    return Milestones(**{event.value: begun for event in starts - {Event.OUTCOME}}, **extended)


@settings(deadline=None)
@given(instants, st.timedeltas(timedelta(0), timedelta(days=40)), st.integers(1, 12), units)
def test_a_later_start_is_never_due_earlier(
    begun: datetime, later: timedelta, number: int, unit: Unit
) -> None:
    first, second = (due(when, limit(number, unit), CALENDAR) for when in (begun, begun + later))
    assert _day(first) <= _day(second)


@settings(deadline=None)
@given(instants, st.integers(1, 12), units)
def test_a_longer_limit_is_never_due_earlier(begun: datetime, number: int, unit: Unit) -> None:
    assert due(begun, limit(number, unit), CALENDAR) <= due(begun, limit(number + 1, unit), CALENDAR)


@settings(deadline=None)
@given(instants, st.integers(1, 30), st.sampled_from([Unit.WORKING_DAYS, Unit.WORKING_HOURS]))
def test_limits_in_working_time_end_on_a_working_day(begun: datetime, number: int, unit: Unit) -> None:
    assert CALENDAR.is_working(_day(due(begun, limit(number, unit), CALENDAR)))


@settings(deadline=None)
@given(instants, policies, extensions, extensions)
def test_an_extension_never_shortens(begun: datetime, policy: Policy, one: int, two: int) -> None:
    plain = compute(everything(begun), policy, CALENDAR)
    longer = compute(everything(begun, stage_1_extended_by=one, stage_2_extended_by=two), policy, CALENDAR)
    assert plain.keys() == longer.keys()
    for name in plain:
        assert longer[name].due >= plain[name].due
        assert longer[name].unextended_due in (None, plain[name].due)


@settings(deadline=None)
@given(instants, policies, extensions)
def test_an_extension_touches_its_own_stage_alone(begun: datetime, policy: Policy, days: int) -> None:
    plain = compute(everything(begun), policy, CALENDAR)
    longer = compute(everything(begun, stage_1_extended_by=days), policy, CALENDAR)
    moved = {name for name in plain if plain[name].due != longer[name].due}
    assert moved <= {ClockName.STAGE_1_RESPONSE, ClockName.STAGE_1_RESPONSE_CODE}


@settings(deadline=None)
@given(instants, policies)
def test_every_clock_can_explain_itself(begun: datetime, policy: Policy) -> None:
    for clock in compute(everything(begun), policy, CALENDAR).values():
        assert clock.source
        assert clock.limit[0].isdigit()
        assert clock.due_on >= london_date(begun)
        if clock.counted:
            assert clock.counted[-1] == clock.due_on
            assert all(CALENDAR.why_not(day) == why for day, why in clock.skipped)


@settings(deadline=None)
@given(instants, policies)
def test_hour_clocks_keep_the_time_of_day(begun: datetime, policy: Policy) -> None:
    for clock in compute(everything(begun), policy, CALENDAR).values():
        if isinstance(clock.due, datetime):
            assert isinstance(clock.start, datetime)
            assert clock.due.time() == clock.start.time()
            assert clock.due.tzinfo is not None


@settings(deadline=None)
@given(instants, st.timedeltas(timedelta(0), timedelta(days=30)), policies)
def test_what_is_shown_is_never_later_than_landlord_or_code(
    received: datetime, wait: timedelta, policy: Policy
) -> None:
    facts = Milestones(received_at=received, logged_at=received, acknowledged_at=received + wait)
    clocks = compute(facts, policy, CALENDAR)
    for line in shown(clocks).values():
        both: list[Clock] = [clock for clock in (line.policy, line.code) if clock]
        assert line.earlier in both
        assert all(line.earlier.due_on <= clock.due_on for clock in both)


@pytest.mark.parametrize("hour", range(24))
def test_the_hour_of_an_event_never_matters_to_a_limit_in_days(hour: int) -> None:
    begun = datetime(2026, 12, 21, hour, 59, tzinfo=UTC)
    assert due(begun, limit(5, Unit.WORKING_DAYS), CALENDAR) == date(2026, 12, 30)


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when
