"""Every limit in the papers, once: who, which clock, how long, from when. A missing one fails by its name.

C are the Code's, H Halton's, V Housing Services', A Harrogate's, numbered as they stand in the papers.
"""

import pytest

from shared.policy.load import load
from shared.policy.rules import Limit
from shared.policy.terms import Agreement, ClockName, LateRequest, Unit
from shared.vocab import Role

H, S, A = "halton", "housing-services", "harrogate"
PROCEDURE = "Talk to Us procedure v7.3, section "
POLICY = "Complaints Handling Policy CWPO004, "
FEEDBACK = "Customer Complaints and Feedback Policy 2024, "

CODE = [
    # id, clock, limit, from, clause, further days, their clause
    ("C1", "stage_1_acknowledgement", "5 working days", "received_at", "6.2", None, None),
    ("C2", "stage_1_response", "10 working days", "acknowledged_at", "6.3", 10, "6.4"),
    ("C3", "stage_2_acknowledgement", "5 working days", "escalated_at", "6.11", None, None),
    ("C4", "stage_2_response", "20 working days", "escalation_acknowledged_at", "6.14", 20, "6.15"),
]

LANDLORDS = [
    # id, landlord, clock, limit, from, cited as
    ("H2", H, "stage_1_acknowledgement", "5 working days", "received_at", PROCEDURE + "6"),
    ("H3", H, "stage_1_first_contact", "3 working days", "allocated_at", PROCEDURE + "6"),
    ("H4", H, "stage_1_response", "10 working days", "logged_at", PROCEDURE + "6"),
    ("H6", H, "escalation_window", "20 working days", "responded_at", PROCEDURE + "7"),
    ("H7", H, "stage_2_acknowledgement", "5 working days", "escalated_at", PROCEDURE + "7"),
    ("H8", H, "stage_2_first_contact", "5 working days", "escalation_allocated_at", PROCEDURE + "7"),
    ("H9", H, "stage_2_response", "20 working days", "escalation_logged_at", PROCEDURE + "7"),
    ("H13", H, "determination_forward", "24 working hours", "determination_at", PROCEDURE + "11"),
    ("H14", H, "determination_share", "48 working hours", "determination_at", PROCEDURE + "11"),
    ("H15", H, "determination_review", "5 working days", "determination_at", PROCEDURE + "11"),
    ("H16", H, "determination_follow_up", "10 working days", "determination_at", PROCEDURE + "11"),
    ("V1", S, "stage_1_acknowledgement", "5 working days", "received_at", POLICY + "7.6"),
    ("V2", S, "stage_1_response", "10 working days", "acknowledged_at", POLICY + "7.6"),
    ("V3", S, "escalation_window", "1 calendar month", "responded_at", POLICY + "7.6"),
    ("V4", S, "stage_2_acknowledgement", "5 working days", "escalated_at", POLICY + "7.6"),
    ("V5", S, "stage_2_response", "20 working days", "escalation_acknowledged_at", POLICY + "7.6"),
    ("A1", A, "stage_1_acknowledgement", "2 working days", "received_at", FEEDBACK + "5.2.2 and 6.1"),
    ("A2", A, "stage_1_response", "10 working days", "received_at", FEEDBACK + "5.2.2 and 6.1"),
    ("A4", A, "stage_2_acknowledgement", "2 working days", "escalated_at", FEEDBACK + "section 10"),
    ("A5", A, "stage_2_response", "10 working days", "escalation_acknowledged_at", FEEDBACK + "6.1"),
    ("A6", A, "panel_meeting", "10 working days", "review_investigated_at", FEEDBACK + "6.1"),
    ("A7", A, "panel_outcome", "10 working days", "panel_held_at", FEEDBACK + "6.1 and section 10"),
    ("A8", A, "record_closes", "14 working days", "outcome_at", FEEDBACK + "5.2.3"),
    ("A9", A, "closing_letter", "14 working days", "completed_at", FEEDBACK + "section 10"),
    ("A10", A, "completion_letter", "14 calendar days", "resolved_at", FEEDBACK + "section 10"),
]

AGES = [
    # id, landlord, limit, whether learning of it later counts
    ("H10", H, "12 calendar months", True),
    ("V6", S, "12 calendar months", False),
    ("A11", A, "12 calendar months", False),
]

EXTENSIONS = [
    # id, landlord, stage, cap in the paper, cap that holds, agreement, who approves, beforehand, further
    ("H4", H, 1, 10, 10, "sought", "manager", True, "sought"),
    ("H9", H, 2, 20, 20, "sought", "manager", True, "sought"),
    ("V2", S, 1, None, 10, "inform", "manager", False, None),
    ("V5", S, 2, None, 20, "sought", "manager", False, None),
    ("A2", A, 1, 10, 10, "inform", "manager", False, "required"),
    ("A5", A, 2, 10, 10, "inform", "manager", False, None),
]


@pytest.mark.parametrize(("id_", "clock", "limit", "start", "clause", "cap", "cap_clause"), CODE)
def test_the_code(
    id_: str, clock: str, limit: str, start: str, clause: str, cap: int | None, cap_clause: str | None
) -> None:
    rule = load(H).code.clocks[ClockName(clock)]
    assert (str(rule.limit), rule.start, rule.clause) == (limit, start, clause)
    extension = rule.extension
    assert (extension and extension.cap, extension and extension.clause) == (cap, cap_clause)


def test_the_code_has_no_other_limit() -> None:
    assert sorted(load(H).code.clocks) == sorted(row[1] for row in CODE)


def test_the_codes_duties_without_days() -> None:
    code = load(H).code
    assert code.duties["update_intervals"].clause == "5.9"  # C5
    assert str(code.age_limit.limit) == "12 calendar months"  # C6
    assert code.age_limit.counts_awareness
    assert code.duties["answer_when_known"].clause == "6.6 and 6.17"  # C7
    assert str(code.self_assessment.every) == "12 calendar months"  # C8
    assert len(code.self_assessment.also) == 4


@pytest.mark.parametrize(("id_", "landlord", "clock", "limit", "start", "source"), LANDLORDS)
def test_a_landlord(id_: str, landlord: str, clock: str, limit: str, start: str, source: str) -> None:
    timer = load(landlord).landlord.clocks[ClockName(clock)]
    assert (str(timer.limit), timer.start, timer.source) == (limit, start, source)


@pytest.mark.parametrize("landlord", [H, S, A])
def test_a_landlord_has_no_other_limit(landlord: str) -> None:
    expected = [clock for _, slug, clock, *_ in LANDLORDS if slug == landlord]
    assert sorted(load(landlord).landlord.clocks) == sorted(expected)


@pytest.mark.parametrize(("id_", "landlord", "limit", "awareness"), AGES)
def test_how_old_an_issue_may_be(id_: str, landlord: str, limit: str, awareness: bool) -> None:
    rule = load(landlord).landlord.age_limit
    assert (str(rule.limit), rule.counts_awareness) == (limit, awareness)


@pytest.mark.parametrize(
    ("id_", "landlord", "stage", "cap", "holds", "agreement", "approver", "before", "further"), EXTENSIONS
)
def test_an_extension(
    id_: str,
    landlord: str,
    stage: int,
    cap: int | None,
    holds: int,
    agreement: str,
    approver: str,
    before: bool,
    further: str | None,
) -> None:
    policy = load(landlord)
    rule = policy.landlord.clocks[ClockName(f"stage_{stage}_response")].extension
    assert rule is not None
    assert (rule.cap, rule.agreement, rule.approve_before) == (cap, Agreement(agreement), before)
    assert (rule.further and rule.further.agreement) == further
    assert policy.extension_cap(stage) == holds
    assert policy.extension_approver(stage) is Role(approver)
    assert rule.reasons


def test_the_rest_of_haltons_times() -> None:
    halton = load(H).landlord
    # H1: the first call has no limit of its own, but has to fit before the acknowledgement
    assert halton.quick_resolution.call_first
    assert halton.quick_resolution.within is ClockName.STAGE_1_ACKNOWLEDGEMENT
    # H6: late only for an exceptional reason
    assert halton.escalation.late_request is LateRequest.EXCEPTIONAL
    # H12: up to a year for the Ombudsman
    assert halton.ombudsman_cases is not None
    assert str(halton.ombudsman_cases.await_up_to) == "12 calendar months"
    # H13 to H16 have owners
    assert set(halton.ombudsman_cases.owners) == {
        name for name in halton.clocks if name.startswith("determination")
    }
    # H18: restrictions are looked at every month
    assert str(halton.behaviour.review_every) == "1 calendar month"


def test_the_rest_of_the_others_times() -> None:
    # V3 states no exception; A8 closes the record only, so a late request for a review is judged
    assert load(S).landlord.escalation.late_request is LateRequest.NOT_STATED
    assert load(A).landlord.escalation.late_request is LateRequest.JUDGED
    assert ClockName.ESCALATION_WINDOW not in load(A).landlord.clocks
    # V7, A10: a survey after every complaint
    assert load(S).landlord.closing.survey
    assert load(A).landlord.closing.feedback_form


def test_a_limit_in_hours_is_whole_working_days() -> None:
    with pytest.raises(ValueError, match="whole working days"):
        Limit(number=36, unit=Unit.WORKING_HOURS)
    with pytest.raises(ValueError, match="at least 1"):
        Limit(number=0, unit=Unit.WORKING_DAYS)
