"""What a clock says besides its date: what is left out, met, late, shown, and refused."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from shared.clock import LONDON
from shared.deadlines.age import age
from shared.deadlines.calendar import OutsideCalendar, calendar
from shared.deadlines.compute import compute
from shared.deadlines.milestones import (
    ExtensionRefused,
    Milestones,
    OutOfOrder,
    check_extensions,
    check_order,
)
from shared.deadlines.shown import past_the_code, shown
from shared.policy.load import load
from shared.policy.policy import Policy
from shared.policy.rules import Limit
from shared.policy.terms import ClockName

CALENDAR = calendar()
HALTON, HOUSING_SERVICES, HARROGATE = (load(s) for s in ("halton", "housing-services", "harrogate"))
ALL = [HALTON, HOUSING_SERVICES, HARROGATE]


def on(text: str) -> datetime:
    """Ten in the morning in London on that day."""
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), LONDON) + timedelta(hours=10)


# --- which clocks there are --------------------------------------------------------------------------------

FULL = Milestones(
    received_at=on("2026-09-01"),
    logged_at=on("2026-09-01"),
    acknowledged_at=on("2026-09-03"),
    allocated_at=on("2026-09-03"),
    responded_at=on("2026-09-15"),
    escalated_at=on("2026-09-21"),
    escalation_logged_at=on("2026-09-22"),
    escalation_acknowledged_at=on("2026-09-22"),
    escalation_allocated_at=on("2026-09-23"),
    final_response_at=on("2026-10-12"),
    determination_at=on("2026-11-10"),
)
BOTH_STAGES = {
    "stage_1_acknowledgement",
    "stage_1_response",
    "stage_1_response_code",
    "stage_2_acknowledgement",
    "stage_2_response",
    "stage_2_response_code",
}


@pytest.mark.parametrize(
    ("policy", "besides"),
    [
        (
            HALTON,
            {
                "stage_1_first_contact",
                "escalation_window",
                "stage_2_first_contact",
                "determination_forward",
                "determination_share",
                "determination_review",
                "determination_follow_up",
            },
        ),
        (HOUSING_SERVICES, {"escalation_window"}),
        (HARROGATE, {"record_closes"}),
    ],
    ids=lambda value: getattr(value, "slug", ""),
)
def test_each_landlord_has_its_own_clocks(policy: Policy, besides: set[str]) -> None:
    assert set(compute(FULL, policy, CALENDAR)) == BOTH_STAGES | besides


@pytest.mark.parametrize(
    ("policy", "clocks"),
    [
        (HALTON, {"stage_1_acknowledgement"}),  # its response waits for the log
        (HOUSING_SERVICES, {"stage_1_acknowledgement"}),  # its response waits for the acknowledgement
        (HARROGATE, {"stage_1_acknowledgement", "stage_1_response"}),  # both run from receipt
    ],
    ids=lambda value: getattr(value, "slug", ""),
)
def test_a_clock_whose_start_has_not_happened_is_left_out(policy: Policy, clocks: set[str]) -> None:
    assert set(compute(Milestones(received_at=on("2026-09-01")), policy, CALENDAR)) == clocks


def test_clocks_come_in_the_order_of_a_case() -> None:
    found = list(compute(FULL, HALTON, CALENDAR))
    assert found == [name for name in ClockName if name in found]


@pytest.mark.parametrize(
    ("escalated", "final_response", "start"),
    [
        (None, None, date(2026, 9, 15)),  # answered, and nobody asked for more
        (on("2026-09-21"), None, None),  # a review is open: the record does not close
        (on("2026-09-21"), on("2026-10-12"), date(2026, 10, 12)),  # the final response starts it again
    ],
)
def test_the_record_does_not_close_under_an_open_review(
    escalated: datetime | None, final_response: datetime | None, start: date | None
) -> None:
    facts = Milestones(
        received_at=on("2026-09-01"),
        responded_at=on("2026-09-15"),
        escalated_at=escalated,
        final_response_at=final_response,
    )
    clock = compute(facts, HARROGATE, CALENDAR).get(ClockName.RECORD_CLOSES)
    assert (clock and clock.start) == start


@pytest.mark.parametrize("days", [7, None])
def test_a_landlord_cannot_outlast_the_code_or_leave_its_limits_out(days: int | None) -> None:
    # Received on Monday 21 December 2026: the Code's 5 working days end on 30 December, in any case
    clocks = dict(HALTON.landlord.clocks)
    own = clocks.pop(ClockName.STAGE_1_ACKNOWLEDGEMENT)
    if days:
        longer = Limit(number=days, unit=own.limit.unit)
        clocks[ClockName.STAGE_1_ACKNOWLEDGEMENT] = msgspec.structs.replace(own, limit=longer)
    landlord = msgspec.structs.replace(HALTON.landlord, clocks=clocks)
    found = compute(stage_1(), msgspec.structs.replace(HALTON, landlord=landlord), CALENDAR)
    clock = found[ClockName.STAGE_1_ACKNOWLEDGEMENT]
    assert (clock.due, clock.source) == (date(2026, 12, 30), "Complaint Handling Code 2024, 6.2")


# --- met, late, overdue ------------------------------------------------------------------------------------


def stage_1(acknowledged: str | None = None) -> Milestones:
    # Received on Monday 21 December 2026, so to be acknowledged by Wednesday 30
    return Milestones(
        received_at=on("2026-12-21"), acknowledged_at=on(acknowledged) if acknowledged else None
    )


@pytest.mark.parametrize(
    ("acknowledged", "in_time"),
    [("2026-12-22", True), ("2026-12-30", True), ("2026-12-31", False), ("2027-01-05", False), (None, None)],
)
def test_a_clock_is_met_in_time_until_its_last_day_is_over(
    acknowledged: str | None, in_time: bool | None
) -> None:
    clock = compute(stage_1(acknowledged), HALTON, CALENDAR)[ClockName.STAGE_1_ACKNOWLEDGEMENT]
    assert clock.met_on == (date.fromisoformat(acknowledged) if acknowledged else None)
    assert clock.met_in_time is in_time


def test_a_limit_in_hours_is_judged_by_the_minute() -> None:
    decided = datetime(2026, 12, 23, 14, 0, tzinfo=LONDON)
    for minute, in_time in ((0, True), (1, False)):
        facts = Milestones(
            received_at=on("2026-01-05"),
            determination_at=decided,
            determination_forwarded_at=datetime(2026, 12, 24, 14, minute, tzinfo=UTC),
        )
        clock = compute(facts, HALTON, CALENDAR)[ClockName.DETERMINATION_FORWARD]
        assert clock.met_in_time is in_time


# --- two clocks for one answer -----------------------------------------------------------------------------


def test_the_earlier_of_landlord_and_code_is_shown_and_both_are_kept() -> None:
    # Halton counts 10 from the log on 1 December: 15 December. The Code 10 from the
    # acknowledgement on 8 December: 22 December.
    facts = Milestones(
        received_at=on("2026-12-01"), logged_at=on("2026-12-01"), acknowledged_at=on("2026-12-08")
    )
    line = shown(compute(facts, HALTON, CALENDAR))[ClockName.STAGE_1_RESPONSE]
    assert line.due == date(2026, 12, 15)
    assert line.policy is not None
    assert line.policy.due == date(2026, 12, 15)
    assert line.code is not None
    assert line.code.due == date(2026, 12, 22)
    assert line.differs
    assert line.earlier.source == "Talk to Us procedure v7.3, section 6"


def test_the_codes_date_is_shown_when_a_late_log_would_hide_it() -> None:
    # Acknowledged on Thursday 3 December, logged only on Thursday 10. The Code: 4 (1), 7-11 (6), 14-17 (10),
    # so 17 December. Halton: 11 (1), 14-18 (6), 21-24 (10), so 24 December.
    facts = Milestones(
        received_at=on("2026-12-01"), logged_at=on("2026-12-10"), acknowledged_at=on("2026-12-03")
    )
    line = shown(compute(facts, HALTON, CALENDAR))[ClockName.STAGE_1_RESPONSE]
    assert line.due == date(2026, 12, 17)
    assert line.earlier.source == "Complaint Handling Code 2024, 6.3"


def test_a_panel_that_ends_after_the_codes_date_is_named() -> None:
    # The Code's 20 from 30 December end on 28 January; the panel's outcome is due on 5 February
    facts = Milestones(
        received_at=on("2026-11-02"),
        escalated_at=on("2026-12-24"),
        escalation_acknowledged_at=on("2026-12-30"),
        review_investigated_at=on("2027-01-11"),
        panel_held_at=on("2027-01-22"),
    )
    late = past_the_code(compute(facts, HARROGATE, CALENDAR))
    assert [(clock.name, clock.due) for clock in late] == [("panel_outcome", date(2027, 2, 5))]
    assert past_the_code(compute(FULL, HALTON, CALENDAR)) == ()


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "stage", "cap"),
    [
        (HALTON, 1, 10),
        (HALTON, 2, 20),
        (HOUSING_SERVICES, 1, 10),  # no cap of its own: the Code's
        (HOUSING_SERVICES, 2, 20),
        (HARROGATE, 1, 10),
        (HARROGATE, 2, 10),
    ],
    ids=lambda value: getattr(value, "slug", str(value)),
)
def test_how_far_an_answer_can_be_put_off(policy: Policy, stage: int, cap: int) -> None:
    assert policy.extension_cap(stage) == cap
    check_extensions(_extended(stage, cap), policy)
    with pytest.raises(ExtensionRefused, match=f"at most {cap} working days for {policy.landlord.name}"):
        check_extensions(_extended(stage, cap + 1), policy)


def _extended(stage: int, days: int) -> Milestones:
    return msgspec.structs.replace(FULL, **{f"stage_{stage}_extended_by": days})


def test_nothing_can_be_put_off_that_has_not_begun() -> None:
    facts = Milestones(received_at=on("2026-09-01"), stage_1_extended_by=5)
    with pytest.raises(ExtensionRefused, match="has not begun"):
        check_extensions(facts, HALTON)
    check_extensions(facts, HARROGATE)  # its clock has: it runs from receipt


@pytest.mark.parametrize(
    ("event", "day", "message"),
    [
        ("logged_at", "2026-08-31", "logged .* cannot come before received"),
        ("acknowledged_at", "2026-09-16", "responded .* cannot come before acknowledged"),
        ("responded_at", "2026-09-22", "escalated .* cannot come before responded"),
        ("escalated_at", "2026-09-14", "escalated .* cannot come before responded"),
        ("escalation_logged_at", "2026-09-18", "escalation logged .* cannot come before escalated"),
        (
            "escalation_allocated_at",
            "2026-10-13",
            "final response .* cannot come before escalation allocated",
        ),
        ("determination_at", "2026-10-11", "determination .* cannot come before final response"),
    ],
)
def test_events_out_of_order_are_refused(event: str, day: str, message: str) -> None:
    check_order(FULL)
    with pytest.raises(OutOfOrder, match=message):
        check_order(msgspec.structs.replace(FULL, **{event: on(day)}))


def test_events_of_one_day_are_in_order_whatever_their_hours() -> None:
    late = datetime(2026, 9, 1, 18, 0, tzinfo=LONDON)
    check_order(Milestones(received_at=late, logged_at=on("2026-09-01"), acknowledged_at=on("2026-09-01")))


def test_dates_that_nobody_can_know_are_refused() -> None:
    with pytest.raises(OutsideCalendar):
        compute(Milestones(received_at=on("2028-12-28")), HALTON, CALENDAR)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        compute(Milestones(received_at=datetime(2026, 9, 1)), HALTON, CALENDAR)


# --- age ---------------------------------------------------------------------------------------------------

# An issue of Wednesday 15 October 2025, complained about on different days. The resident may have learnt of
# it later; the Code counts from then (2.3). Twelve months from 15 October 2025 end on 15 October 2026.
AGES = [
    # landlord, learnt of on, complained on, too old for the Code, too old in the landlord's words
    (HALTON, None, "2026-10-15", False, False),
    (HALTON, None, "2026-10-16", True, True),
    (HALTON, "2025-12-01", "2026-10-16", False, False),
    (HOUSING_SERVICES, "2025-12-01", "2026-10-16", False, True),
    (HARROGATE, "2025-12-01", "2026-10-16", False, True),
    (HARROGATE, "2025-12-01", "2026-12-02", True, True),
]


@pytest.mark.parametrize(("policy", "aware", "received", "code", "own"), AGES)
def test_how_old_an_issue_may_be(
    policy: Policy, aware: str | None, received: str, code: bool, own: bool
) -> None:
    aware_on = date.fromisoformat(aware) if aware else None
    found = age(date(2025, 10, 15), date.fromisoformat(received), policy, CALENDAR, aware_on=aware_on)
    assert (found.too_old, found.too_old_for_landlord) == (code, own)
    assert found.discretion
