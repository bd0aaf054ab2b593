"""When things are due, as a table that a lawyer can check with a calendar.

Each row: who, what happened, which clock, when it is due, and the count worked by hand. Day 0 is the London
day of the event; days are counted Monday to Friday without bank holidays. In the working, [x] is a day passed
over because nobody works, and the number in round brackets is how many days have been counted by then.
"""
# ruff: noqa: E501 - a row of the table stays on a line

from datetime import date, datetime

import pytest

from shared.clock import LONDON
from shared.deadlines.calendar import calendar
from shared.deadlines.compute import compute
from shared.deadlines.milestones import Milestones
from shared.policy.load import load
from shared.policy.terms import ClockName

H, S, A = "halton", "housing-services", "harrogate"

# fmt: off
VECTORS = [
    # --- stage 1: acknowledgement --------------------------------------------------------------------------
    # 22 23 24 Dec (3), [25 Christmas, 26 27 weekend, 28 substitute], 29 30 (5)
    (H, "received 2026-12-21", "stage_1_acknowledgement", "2026-12-30"),
    (S, "received 2026-12-21", "stage_1_acknowledgement", "2026-12-30"),
    # a Saturday is day 0 like any other day: 30 Nov (1), 1 2 3 4 Dec (5); St Andrew's Day is Scotland's
    (H, "received 2026-11-28", "stage_1_acknowledgement", "2026-12-04"),
    # 1 2 3 4 Dec (4), [5 6 weekend], 7 (5)
    (H, "received 2026-11-30", "stage_1_acknowledgement", "2026-12-07"),
    # received on Good Friday: [27 28 weekend, 29 Easter Monday], 30 31 Mar 1 2 Apr (4), [3 4], 5 (5)
    (H, "received 2027-03-26", "stage_1_acknowledgement", "2027-04-05"),
    # New Year 2028 falls on a Saturday: 31 Dec (1), [1 2, 3 substitute], 4 5 6 7 Jan (5)
    (S, "received 2027-12-30", "stage_1_acknowledgement", "2028-01-07"),
    # the Jubilee: 31 May 1 Jun (2), [2 moved spring holiday, 3 Jubilee, 4 5], 6 7 8 (5)
    (H, "received 2022-05-30", "stage_1_acknowledgement", "2022-06-08"),
    # the State Funeral: 16 Sep (1), [17 18, 19 funeral], 20 21 22 23 (5)
    (H, "received 2022-09-15", "stage_1_acknowledgement", "2022-09-23"),
    # the Coronation: [29 30 Apr, 1 May], 2 3 4 5 (4), [6 7, 8 Coronation], 9 (5)
    (H, "received 2023-04-28", "stage_1_acknowledgement", "2023-05-09"),
    # Harrogate's two days: [25, 26 27, 28], 29 30 (2)
    (A, "received 2026-12-24", "stage_1_acknowledgement", "2026-12-30"),
    # 30 Nov (1), 1 Dec (2): St Andrew's Day counts in England
    (A, "received 2026-11-27", "stage_1_acknowledgement", "2026-12-01"),
    # Christmas 2027 on a weekend: [25 26, 27 28 substitutes], 29 30 (2)
    (A, "received 2027-12-24", "stage_1_acknowledgement", "2027-12-30"),
    # half past midnight in London on Wednesday 1 July, though still 30 June in UTC: 2 3 (2)
    (A, "received 2026-06-30T23:30+00:00", "stage_1_acknowledgement", "2026-07-03"),
    # a quarter to midnight on 30 June in London: 1 2 (2)
    (A, "received 2026-06-30T23:45+01:00", "stage_1_acknowledgement", "2026-07-02"),

    # --- stage 1: the handler's first contact --------------------------------------------------------------
    # 21 22 23 Dec (3); the count starts when the handler has the complaint
    (H, "received 2026-12-14, allocated 2026-12-18", "stage_1_first_contact", "2026-12-23"),
    # 24 (1), [25, 26 27, 28], 29 30 (3)
    (H, "received 2026-12-21, allocated 2026-12-23", "stage_1_first_contact", "2026-12-30"),

    # --- stage 1: response ---------------------------------------------------------------------------------
    # the Code, from the acknowledgement: 31 (1), [1 New Year, 2 3], 4-8 Jan (6), [9 10], 11 12 13 14 (10)
    (H, "received 2026-12-21, acknowledged 2026-12-30", "stage_1_response_code", "2027-01-14"),
    # the spread of the two clocks. Halton from the log: 2 3 4 (3), [5 6], 7-11 (8), [12 13], 14 15 (10)
    (H, "received 2026-12-01, logged 2026-12-01, acknowledged 2026-12-08", "stage_1_response", "2026-12-15"),
    # the Code from the acknowledgement: 9 10 11 (3), [12 13], 14-18 (8), [19 20], 21 22 (10)
    (H, "received 2026-12-01, logged 2026-12-01, acknowledged 2026-12-08", "stage_1_response_code", "2026-12-22"),
    # put off by 10: from 15 Dec: 16 17 18 (3), [19 20], 21-24 (7), [25, 26 27, 28], 29 30 31 (10)
    (H, "received 2026-12-01, logged 2026-12-01, stage_1_extended_by 10", "stage_1_response", "2026-12-31"),
    # the Code's, put off by 10: from 22 Dec: 23 24 (2), [25-28], 29 30 31 (5), [1-3], 4-8 Jan (10)
    (H, "received 2026-12-01, acknowledged 2026-12-08, stage_1_extended_by 10", "stage_1_response_code", "2027-01-08"),
    # put off by 3: from 15 Dec: 16 17 18 (3)
    (H, "received 2026-12-01, logged 2026-12-01, stage_1_extended_by 3", "stage_1_response", "2026-12-18"),
    # Housing Services names no start; with the Code: 5-8 Jan (4), [9 10], 11-15 (9), [16 17], 18 (10)
    (S, "received 2026-12-29, acknowledged 2027-01-04", "stage_1_response", "2027-01-18"),
    (S, "received 2026-12-29, acknowledged 2027-01-04", "stage_1_response_code", "2027-01-18"),
    # no cap of its own, so up to the Code's 10: 19-22 (4), [23 24], 25-29 (9), [30 31], 1 Feb (10)
    (S, "received 2026-12-29, acknowledged 2027-01-04, stage_1_extended_by 10", "stage_1_response", "2027-02-01"),
    # Harrogate from receipt: 29 30 31 (3), [1-3], 4-8 (8), [9 10], 11 12 (10)
    (A, "received 2026-12-24", "stage_1_response", "2027-01-12"),
    # 20 working days from receipt, not 10 from the acknowledgement: 13 14 15 (3), 18-22 (8), 25 26 (10)
    (A, "received 2026-12-24, stage_1_extended_by 10", "stage_1_response", "2027-01-26"),
    # its Code clock runs from the acknowledgement all the same: 31 (1), [1-3], 4-8 (6), 11-14 (10)
    (A, "received 2026-12-24, acknowledged 2026-12-30", "stage_1_response_code", "2027-01-14"),

    # --- asking for stage 2 --------------------------------------------------------------------------------
    # Halton, 20 from the letter: [26 Good Friday, 27 28, 29 Easter Monday], 30 31 1 2 (4), 5-9 (9), 12-16 (14),
    # 19-23 (19), [24 25], 26 (20)
    (H, "received 2027-03-01, responded 2027-03-25", "escalation_window", "2027-04-26"),
    # Housing Services, one calendar month: there is no 31 February
    (S, "received 2027-01-04, responded 2027-01-31", "escalation_window", "2027-02-28"),
    (S, "received 2027-01-04, responded 2027-01-29", "escalation_window", "2027-02-28"),
    (S, "received 2027-01-04, responded 2027-01-28", "escalation_window", "2027-02-28"),
    (S, "received 2027-01-04, responded 2027-01-27", "escalation_window", "2027-02-27"),
    # a leap year has a 29 February
    (S, "received 2028-01-04, responded 2028-01-31", "escalation_window", "2028-02-29"),
    # the corresponding date, and not the last day of a longer month
    (S, "received 2028-02-01, responded 2028-02-29", "escalation_window", "2028-03-29"),
    (S, "received 2027-03-01, responded 2027-03-31", "escalation_window", "2027-04-30"),
    (S, "received 2027-12-01, responded 2027-12-31", "escalation_window", "2028-01-31"),
    # Christmas Day itself; accepted until the 29th (see below)
    (S, "received 2026-11-02, responded 2026-11-25", "escalation_window", "2026-12-25"),

    # --- stage 2: acknowledgement and first contact --------------------------------------------------------
    # asked for on New Year's Day: [2 3], 4-8 Jan (5)
    (H, "received 2026-11-02, escalated 2027-01-01", "stage_2_acknowledgement", "2027-01-08"),
    (S, "received 2026-11-02, escalated 2027-01-01", "stage_2_acknowledgement", "2027-01-08"),
    # Harrogate, 48 working hours are 2 working days: [25, 26 27, 28], 29 30 (2)
    (A, "received 2026-11-02, escalated 2026-12-24", "stage_2_acknowledgement", "2026-12-30"),
    # from the day the stage 2 handler has it: [25-28], 29 30 31 (3), [1-3], 4 5 Jan (5)
    (H, "received 2026-11-02, escalated 2026-12-23, escalation_allocated 2026-12-24",
        "stage_2_first_contact", "2027-01-05"),

    # --- stage 2: response ---------------------------------------------------------------------------------
    # Halton from the log: 23 Apr (1), 26-30 (6), [3 May], 4-7 (10), 10-14 (15), 17-21 (20)
    (H, "received 2027-03-01, escalated 2027-04-20, escalation_logged 2027-04-22", "stage_2_response", "2027-05-21"),
    # put off by 20: 24-28 (5), [31 May], 1-4 Jun (9), 7-11 (14), 14-18 (19), 21 (20)
    (H, "received 2027-03-01, escalated 2027-04-20, escalation_logged 2027-04-22, stage_2_extended_by 20",
        "stage_2_response", "2027-06-21"),
    # the Code's beside it, acknowledged two days after the log, on Monday 26: 27-30 (4), [3], 4-7 (8), 10-14 (13),
    # 17-21 (18), 24 25 (20)
    (H, "received 2027-03-01, escalated 2027-04-20, escalation_acknowledged 2027-04-26",
        "stage_2_response_code", "2027-05-25"),
    # Housing Services: 8-12 Feb (5), 15-19 (10), 22-26 (15), 1-5 Mar (20)
    (S, "received 2026-12-01, escalated 2027-02-01, escalation_acknowledged 2027-02-05",
        "stage_2_response", "2027-03-05"),
    # put off by the Code's 20: 8-12 (5), 15-19 (10), 22-25 (14), [26 Good Friday, 27 28, 29 Easter Monday],
    # 30 31 1 2 Apr (18), [3 4], 5 6 (20)
    (S, "received 2026-12-01, escalated 2027-02-01, escalation_acknowledged 2027-02-05, stage_2_extended_by 20",
        "stage_2_response", "2027-04-06"),
    # Harrogate, 10 from the acknowledgement: 31 (1), [1-3], 4-8 (6), 11-14 (10)
    (A, "received 2026-11-02, escalated 2026-12-24, escalation_acknowledged 2026-12-30",
        "stage_2_response", "2027-01-14"),
    # the Code's 20: 15 (11), 18-22 (16), 25-28 (20)
    (A, "received 2026-11-02, escalated 2026-12-24, escalation_acknowledged 2026-12-30",
        "stage_2_response_code", "2027-01-28"),
    # put off by 10, Harrogate reaches the Code's 20 ...
    (A, "received 2026-11-02, escalated 2026-12-24, escalation_acknowledged 2026-12-30, stage_2_extended_by 10",
        "stage_2_response", "2027-01-28"),
    # ... which therefore does not move: nobody was told 30
    (A, "received 2026-11-02, escalated 2026-12-24, escalation_acknowledged 2026-12-30, stage_2_extended_by 10",
        "stage_2_response_code", "2027-01-28"),

    # --- Harrogate's panel ---------------------------------------------------------------------------------
    # 12-15 Jan (4), 18-22 (9), 25 (10)
    (A, "received 2026-11-02, review_investigated 2027-01-11", "panel_meeting", "2027-01-25"),
    # 25-29 Jan (5), 1-5 Feb (10)
    (A, "received 2026-11-02, panel_held 2027-01-22", "panel_outcome", "2027-02-05"),

    # --- Harrogate: closing --------------------------------------------------------------------------------
    # 21-24 Dec (4), [25-28], 29 30 31 (7), [1-3], 4-8 Jan (12), [9 10], 11 12 (14)
    (A, "received 2026-12-01, responded 2026-12-18", "record_closes", "2027-01-12"),
    # from the final response once there is one: 29 Jan (1), 1-5 Feb (6), 8-12 (11), 15 16 17 (14)
    (A, "received 2026-12-01, responded 2026-12-18, escalated 2026-12-24, final_response 2027-01-28",
        "record_closes", "2027-02-17"),
    # two calendar weeks, bank holiday or not, against 14 working days
    (A, "received 2026-12-01, resolved 2026-12-18", "completion_letter", "2027-01-01"),
    (A, "received 2026-12-01, completed 2026-12-18", "closing_letter", "2027-01-12"),

    # --- Halton: when the Ombudsman has decided ------------------------------------------------------------
    # 24 Dec (1): one working day at the same time
    (H, "received 2026-01-05, determination 2026-12-23T14:00", "determination_forward", "2026-12-24T14:00"),
    # 24 (1), [25-28], 29 (2)
    (H, "received 2026-01-05, determination 2026-12-23T14:00", "determination_share", "2026-12-29T14:00"),
    # 24 (1), 29 30 31 (4), [1-3], 4 Jan (5)
    (H, "received 2026-01-05, determination 2026-12-23T14:00", "determination_review", "2027-01-04"),
    # 5-8 (9), [9 10], 11 (10)
    (H, "received 2026-01-05, determination 2026-12-23T14:00", "determination_follow_up", "2027-01-11"),
    # on a Saturday: Monday is the first working day, Tuesday the second, at the same time
    (H, "received 2026-01-05, determination 2026-12-19T10:00", "determination_forward", "2026-12-21T10:00"),
    (H, "received 2026-01-05, determination 2026-12-19T10:00", "determination_share", "2026-12-22T10:00"),
    # the clocks go back on Sunday 25 October: 15:00 stays 15:00
    (H, "received 2026-01-05, determination 2026-10-23T15:00", "determination_forward", "2026-10-26T15:00"),
]
# fmt: on


def facts(text: str) -> Milestones:
    """ "received 2026-12-21, stage_1_extended_by 10" as milestones; times without a zone are London's."""
    found: dict[str, datetime | int] = {}
    for part in text.split(","):
        name, value = part.split()
        if value.isdigit():
            found[name] = int(value)
        else:
            when = datetime.fromisoformat(value)
            found[f"{name}_at"] = when if when.tzinfo else when.replace(tzinfo=LONDON)
    return Milestones(**found)


@pytest.mark.parametrize(("landlord", "happened", "clock", "due"), VECTORS)
def test_due(landlord: str, happened: str, clock: str, due: str) -> None:
    found = compute(facts(happened), load(landlord), calendar())[ClockName(clock)]
    expected = datetime.fromisoformat(due).replace(tzinfo=LONDON) if "T" in due else date.fromisoformat(due)
    assert found.due == expected


# What the days passed over are called, as the explanation gives them.
SKIPPED = {
    "2026-12-25": "Christmas Day",
    "2026-12-26": "Saturday",
    "2026-12-27": "Sunday",
    "2026-12-28": "Boxing Day (substitute)",
}


def test_the_count_explains_itself() -> None:
    clock = compute(facts("received 2026-12-21"), load(H), calendar())[ClockName.STAGE_1_ACKNOWLEDGEMENT]
    assert [day.isoformat() for day in clock.counted] == [
        "2026-12-22",
        "2026-12-23",
        "2026-12-24",
        "2026-12-29",
        "2026-12-30",
    ]
    assert {day.isoformat(): why for day, why in clock.skipped} == SKIPPED
    assert clock.start == date(2026, 12, 21)
    assert clock.limit == "5 working days"
    assert clock.source == "Talk to Us procedure v7.3, section 6"


def test_a_month_that_ends_when_nobody_works_is_accepted_until_somebody_does() -> None:
    # Sunday 28 February 2027: a request that arrives on Monday 1 March is in time
    clock = compute(facts("received 2027-01-04, responded 2027-01-31"), load(S), calendar())[
        "escalation_window"
    ]
    assert (clock.due, clock.accepted_until) == (date(2027, 2, 28), date(2027, 3, 1))
    # Friday 25 December 2026: [25 Christmas, 26 27, 28 substitute], so Tuesday 29
    clock = compute(facts("received 2026-11-02, responded 2026-11-25"), load(S), calendar())[
        "escalation_window"
    ]
    assert (clock.due, clock.accepted_until) == (date(2026, 12, 25), date(2026, 12, 29))
