"""Whose work stands against whose: every step beside every other, in one table to be read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.cases import clashes, service
from shared.cases import commands as c
from shared.cases.effects import Happened
from shared.cases.state import CaseState, Milestones
from shared.letters.facts import Words
from shared.vocab import Action, Channel, Finding, Role
from tests.support import specimens
from tests.support.paper import at
from tests.support.sequences import turns
from tests.unit.test_effects_sequences import BEGINNINGS, SLOW

A = Action
# Beside each step: what must not have happened while somebody was filling in its form. Letters come below.
TABLE = """
submit
triage                STAGE
record_contact        record_contact declare_conflict allocate escalate decline_escalation
note
add_information
message
change_contact        change_contact
change_needs          change_needs meet_need
meet_need             change_needs meet_need
define                define decide
ask_clarification
answer_clarification  ask_clarification answer_clarification
declare_conflict
allocate              declare_conflict allocate escalate decline_escalation
acknowledge           STAGE
not_accept            STAGE HEARD
accept_by_order       STAGE
decide                define decide escalate decline_escalation
offer_remedy          escalate decline_escalation
settle_remedy         offer_remedy settle_remedy
commit                escalate decline_escalation
complete_commitment   commit complete_commitment confirm_commitment move_commitment
confirm_commitment    commit complete_commitment confirm_commitment move_commitment
move_commitment       commit complete_commitment confirm_commitment move_commitment
extend                extend answer_extension recompute_dates HEARD
answer_extension      extend answer_extension
update_resident
mediate
respond               STAGE record_learning HEARD
escalate              STAGE
decline_escalation    STAGE declare_conflict allocate HEARD
set_consent           set_consent escalate close reopen withdraw
record_learning       respond record_learning
close                 STAGE HEARD
reopen                STAGE
withdraw              STAGE
translate             translate
tag                   tag
remind                remind
link
offer_visit           escalate decline_escalation
hold_panel            hold_panel respond
ask_check             ask_check check
check                 ask_check check
give_feedback         give_feedback
answer_checklist      answer_checklist
add_task
finish_task           add_task finish_task
mark_address
raise_overdue
recompute_dates       extend recompute_dates
"""
GROUPS = {
    # What moves the stage.
    "STAGE": """triage acknowledge not_accept accept_by_order respond escalate decline_escalation close reopen
        withdraw""",
    # A new word of the resident: whoever is about to decide reads it first.
    "HEARD": """answer_clarification escalate record_contact message add_information answer_extension
        confirm_commitment withdraw give_feedback""",
    # What letters are written from. A letter stands against each of these, and against every other letter.
    "SAID": """triage define declare_conflict allocate acknowledge not_accept accept_by_order decide offer_remedy
        settle_remedy commit complete_commitment confirm_commitment move_commitment extend answer_extension
        record_contact change_contact change_needs meet_need set_consent record_learning respond escalate
        decline_escalation close withdraw reopen ask_check check mark_address recompute_dates""",
}


# These change the case as a whole: they stand against all that goes by anything, and all stands against them.
WHOLE = {A.UNDO_SEND, A.UNDO_ALLOCATE, A.MERGE, A.UNMERGE}


def table() -> dict[Action, set[Action]]:
    found = {}
    for line in TABLE.strip().splitlines():
        name, *others = line.split()
        against = {A(other) for word in others for other in GROUPS.get(word, word).split()}
        found[A(name)] = against | (WHOLE if others else set())
    for action in WHOLE:
        found[action] = set(Action) - {A.SUBMIT}
    return found


def happened(action: Action) -> frozenset[str]:
    return clashes.written(action)


@pytest.mark.parametrize("mine", list(Action))
def test_what_stands_against_what(mine: Action) -> None:
    expected = set(table()[mine])
    if mine in clashes.LETTERS and mine not in WHOLE:
        expected |= {A(name) for name in GROUPS["SAID"].split()} | clashes.LETTERS | WHOLE
    touched = clashes.touched(mine)
    found = {a for a in Action if any(clashes._same(p, q) for p in touched for q in happened(a))}
    assert {a.value for a in found} == {a.value for a in expected}


def test_every_step_has_its_row_and_shows_only_what_it_changes() -> None:
    assert set(clashes.TABLE) == set(Action)
    for action, row in clashes.TABLE.items():
        assert set(row.shows) <= {part.partition(":")[0] for part in row.changes}, action


def event(command: c.Command, seq: int = 7) -> Happened:
    return Happened(
        seq=seq,
        at=specimens.instant(specimens.BEGUN),
        actor="staff:2",
        name="Olive",
        role=Role.OFFICER,
        command=command,
    )


def decide(point: int) -> c.Decide:
    return c.Decide(point=point, finding=Finding.UPHELD, reasons=Words("So."), basis=Words("Policy"))


def test_two_points_are_two_things_and_one_point_is_one() -> None:
    assert clashes.between([decide(1)], [event(decide(2))]) == {}
    assert clashes.between([decide(1)], [event(decide(1))]) == {7: frozenset({"decision:1"})}
    assert clashes.between([decide(3), decide(2)], [event(decide(2))]) == {7: frozenset({"decision:2"})}


def test_an_answer_that_was_not_given_stands_against_nothing() -> None:
    def contact(**more: object) -> c.RecordContact:
        return c.RecordContact(
            channel=Channel.PHONE, happened_at=specimens.instant(specimens.BEGUN), words="Rang.", **more
        )

    agreed = contact(contact_agreement="A call each Friday")
    assert clashes.between([contact()], [event(contact())]) == {}
    assert clashes.between([agreed], [event(contact())]) == {}
    assert clashes.between([agreed], [event(agreed)]) == {7: frozenset({"agreement"})}


# What the effects truly do ------------------------------------------------------------------------------------

FIELD_TO_PART = {
    "kind": "kind", "stage": "stage", "language": "language", "resident": "person", "safety": "person",
    "consent": "consent", "needs": "needs", "files": "files", "risk": "triage", "triage_note": "triage",
    "at_risk": "triage", "handler": "handler", "reviewer": "handler", "conflicts": "conflicts",
    "contact_agreement": "agreement", "contact_every_days": "agreement", "last_contact_on": "contact",
    "heard_at": "heard", "ordered_on": "stage", "definition": "definition", "clarifications": "question",
    "decisions": "decision", "remedies": "remedy", "commitments": "promise", "extensions": "extension",
    "refusals": "refusal", "escalation_reason": "escalation", "messages": "message", "mediation": "mediation",
    "learning": "learning", "learning_theme": "learning", "close_reason": "stage", "linked": "link",
    "panel": "panel", "visits": "visit", "checks": "check", "feedback": "feedback", "last_sent": "sent",
    "checklist": "checklist", "tags": "tags", "reminder": "reminder", "tasks": "task",
    "overdue_raised": "overdue", "failing": "address", "quick_agreed_on": "triage", "surveyed_on": "sent",
    "merged_into": "merged", "merged": "merged", "translated": "translation",
    "first_contact_at": "first_contact", "stage_2_first_contact_at": "first_contact",
    "allocated_at": "handler", "escalation_allocated_at": "handler",
}  # fmt: skip
# Who has had a hand in stage 1, and which words wait for a translation, follow from any step; so does whether
# the naming of somebody can still be taken back; and a step uses up the yes that a colleague gave to it.
FOLLOWS = {"acted_stage_1", "untranslated", "milestones", "last_named"}


def changed_parts(before: CaseState, after: CaseState) -> set[str]:
    fields = {n for n in CaseState.__struct_fields__ if getattr(before, n) != getattr(after, n)} - FOLLOWS
    times = {
        n
        for n in Milestones.__struct_fields__
        if getattr(before.milestones, n) != getattr(after.milestones, n)
    }
    parts = {FIELD_TO_PART[name] for name in fields} | {FIELD_TO_PART.get(name, "stage") for name in times}
    return parts | ({"round"} if before.stage_number != after.stage_number else set())


def test_every_part_of_a_case_is_known_to_the_table() -> None:
    fixed = {
        "ref",
        "landlord",
        "policy_version",
        "channel",
        "story",
        "helper",
        "anonymous",
        "group",
        "campaign",
    }
    assert set(CaseState.__struct_fields__) - fixed - FOLLOWS <= set(FIELD_TO_PART)
    named = {part.partition(":")[0] for a in Action for part in (*clashes.touched(a), *clashes.written(a))}
    known = {*FIELD_TO_PART.values(), "round", "dates", "note", "translation", clashes.EVERYTHING}
    assert named <= known, named - known


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(st.data(), st.sampled_from(specimens.LANDLORDS), st.sampled_from(BEGINNINGS), st.integers(5, 15))
def test_no_step_changes_more_than_its_row_says(
    data: st.DataObject, landlord: str, beginning: specimens.Specimen, steps: int
) -> None:
    play = at(landlord, beginning)
    for turn in turns(data.draw, play, steps):
        before = play.state
        try:
            play.does(*turn, at=play.now)
        except service.Refused:
            continue
        command = turn[1]
        said = {part.partition(":")[0] for part in clashes.written(command.action, command)}
        said |= {"heard"} if turn[0] in {"resident", "helper"} else set()
        # A letter is what somebody may take back: any step after it ends that.
        if clashes.EVERYTHING not in said:
            assert changed_parts(before, play.state) - {"sent", "check"} <= said, command
