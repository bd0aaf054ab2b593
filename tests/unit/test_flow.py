"""Who may do what at which stage: the whole cross product of role, stage and action against one table.

r resident, h helper with the resident's consent, c colleague, O officer, H handler, S service manager,
M manager, D director, B member responsible for complaints, A admin, s the service itself.
"""

from dataclasses import replace

import pytest

from shared.cases import commands, effects, flow, timeline
from shared.cases.flow import FLOW, Facts, allowed
from shared.vocab import Action, ConsentScope, Role, Stage

LETTERS = {
    "r": Role.RESIDENT,
    "h": Role.REPRESENTATIVE,
    "c": Role.COLLEAGUE,
    "O": Role.OFFICER,
    "H": Role.HANDLER,
    "S": Role.SERVICE_MANAGER,
    "M": Role.MANAGER,
    "D": Role.DIRECTOR,
    "B": Role.MEMBER_RESPONSIBLE,
    "A": Role.ADMIN,
    "s": Role.SYSTEM,
}
# Everything a step can wait for is there: points, questions, promises, an extension, consent to everything.
EVERYTHING = Facts(
    scope=ConsentScope.EVERYTHING,
    has_points=True,
    has_commitments=True,
    open_question=True,
    open_extension=True,
    open_remedy=True,
    has_needs=True,
    took_in=True,
    has_panel=True,
    panel_open=True,
    has_checklist=True,
    has_tasks=True,
    asked_to_check=True,
    just_sent=True,
    just_named=True,
    may_escalate=True,
    quick_agreed=True,
    may_return=True,
)
STAGES = (
    Stage.RECEIVED,
    Stage.STAGE_1,
    Stage.STAGE_1_ANSWERED,
    Stage.STAGE_2_REQUESTED,
    Stage.STAGE_2,
    Stage.STAGE_2_ANSWERED,
    Stage.NOT_ACCEPTED,
    Stage.CLOSED,
    Stage.RECORDED,
    Stage.SERVICE_REQUEST,
)
TABLE = """
                     received|stage 1|1 answ.|2 asked|stage 2|2 answ.|refused|closed |recorded|request
submit               -       -       -       -       -       -       -       -       -       -
triage               OM      -       -       -       -       -       -       -       OM      OM
record_contact       OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD
note                 OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD
add_information      rhOHSMD rhOHSMD rhOHSMD rhOHSMD rhOHSMD rhOHSMD rhOHSMD -       rhOHSMD rhOHSMD
message              rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM
change_contact       rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM
change_needs         rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM
meet_need            OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD
define               OHM     OHM     -       OHM     OHM     -       -       -       -       -
ask_clarification    OHM     OHM     -       OHM     OHM     -       -       -       -       -
answer_clarification rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   -       -       -       -
declare_conflict     OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   -       -       OHSMD   OHSMD
allocate             OM      OM      -       OM      OM      -       -       -       -       OM
undo_allocate        OM      OM      -       OM      OM      -       -       -       -       OM
acknowledge          OM      -       -       OHSMD   -       -       -       -       -       -
not_accept           OHM     -       -       -       -       -       -       -       -       -
accept_by_order      -       -       -       -       -       -       OM      -       -       -
decide               -       OHM     -       -       HSMD    -       -       -       -       -
offer_remedy         OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   -       -       -       -
settle_remedy        rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    -       -
commit               OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   -       OHSMD
complete_commitment  OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD
confirm_commitment   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM
move_commitment      OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD
extend               -       OHMD    -       -       OHMD    -       -       -       -       -
answer_extension     -       rhOHM   -       -       rhOHM   -       -       -       -       -
update_resident      OHM     OHM     OHM     OHM     OHM     OHM     -       -       OHM     OHM
mediate              rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   -       -       -       -       -
respond              -       OHM     -       -       HSMD    -       -       -       -       -
escalate             -       -       rhcOHSMD -       -       -       -      rhcOHSMD -       -
decline_escalation   -       -       -       OHM     -       -       -       -       -       -
set_consent          rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    rOHM
record_learning      OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD
close                OHM     -       OHMs    -       -       OHMs    OHMs    -       OHMs    OHMs
reopen               -       -       -       -       -       -       -       rhcOHSMD rhcOHSMD rhcOHSMD
withdraw             rOHM    rOHM    rOHM    rOHM    rOHM    rOHM    -       -       -       rOHM
translate            OHM     OHM     OHM     OHM     OHM     OHM     OHM     OHM     OHM     OHM
tag                  OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD
remind               OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD
add_task             OHSMDs  OHSMDs  OHSMDs  OHSMDs  OHSMDs  OHSMDs  OHSMDs  OHSMDs  OHSMDs  OHSMDs
finish_task          OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD
link                 rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM   rhOHM
merge                OM      OM      -       -       -       -       -       -       -       OM
unmerge              OM      OM      OM      OM      OM      OM      OM      OM      OM      OM
offer_visit          OHSMD   OHSMD   -       OHSMD   OHSMD   -       -       -       -       -
hold_panel           -       -       -       OHSMD   rhOHSMD -       -       -       -       -
ask_check            OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   -       -       -       -
check                OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   -       -       -       -
undo_send            OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD
give_feedback        -       -       rh      -       -       rh      -       rh      -       -
answer_checklist     OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD   OHSMD
mark_address         s       s       s       s       s       s       s       s       s       s
raise_overdue        s       s       s       s       s       s       s       s       s       s
recompute_dates      s       s       s       s       s       s       s       s       s       s
"""


def rows() -> list[tuple[Action, Stage, str]]:
    found = []
    for line in TABLE.strip().splitlines()[1:]:
        name, *cells = line.split()
        assert len(cells) == len(STAGES), line
        found += [(Action(name), stage, cell) for stage, cell in zip(STAGES, cells, strict=True)]
    return found


def test_the_table_names_every_action_and_every_stage() -> None:
    assert {(action, stage) for action, stage, _ in rows()} == {(a, s) for a in Action for s in Stage}
    assert set(LETTERS.values()) == set(Role)


@pytest.mark.parametrize(("action", "stage", "cell"), rows())
def test_who_may(action: Action, stage: Stage, cell: str) -> None:
    expected = set() if cell == "-" else {LETTERS[letter] for letter in cell}
    assert {role for role in Role if action in allowed(stage, role, EVERYTHING)} == expected


def test_every_action_is_complete() -> None:
    """A name, a command, an effect, an event in the past tense and a line in the timeline each."""
    assert set(commands.COMMANDS) == set(Action)
    assert set(commands.COMMANDS.values()) == set(effects.COMPLETE)
    assert set(flow.EVENTS) == set(Action)
    assert set(timeline.TITLES) == set(Action)
    assert {step.action for step in FLOW} == set(Action) - {Action.SUBMIT}


def test_nobody_is_allowed_by_a_row_that_names_no_role_or_stage() -> None:
    assert all(step.roles and step.stages for step in FLOW)


@pytest.mark.parametrize("scope", [ConsentScope.NONE, ConsentScope.REFUSED])
@pytest.mark.parametrize("stage", list(Stage))
def test_without_consent_a_helper_can_only_add_facts(stage: Stage, scope: ConsentScope) -> None:
    facts = replace(EVERYTHING, scope=scope)
    assert allowed(stage, Role.REPRESENTATIVE, facts) <= {Action.ADD_INFORMATION}


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.SYSTEM])
@pytest.mark.parametrize("stage", list(Stage))
def test_somebody_with_a_conflict_of_interest_can_do_nothing(stage: Stage, role: Role) -> None:
    assert allowed(stage, role, replace(EVERYTHING, walled_off=True)) == frozenset()


@pytest.mark.parametrize("role", list(Role))
def test_whoever_acted_at_stage_1_neither_decides_nor_answers_stage_2(role: Role) -> None:
    assert not allowed(Stage.STAGE_2, role, replace(EVERYTHING, acted_stage_1=True)) & {
        Action.DECIDE,
        Action.RESPOND,
    }


@pytest.mark.parametrize(
    ("missing", "action", "stage"),
    [
        ("has_points", Action.DECIDE, Stage.STAGE_1),
        ("has_points", Action.DECIDE, Stage.STAGE_2),
        ("open_question", Action.ANSWER_CLARIFICATION, Stage.RECEIVED),
        ("open_extension", Action.ANSWER_EXTENSION, Stage.STAGE_1),
        ("open_remedy", Action.SETTLE_REMEDY, Stage.STAGE_1_ANSWERED),
        ("has_commitments", Action.COMPLETE_COMMITMENT, Stage.CLOSED),
        ("has_commitments", Action.CONFIRM_COMMITMENT, Stage.CLOSED),
        ("has_needs", Action.MEET_NEED, Stage.STAGE_1),
        ("may_escalate", Action.ESCALATE, Stage.CLOSED),
    ],
)
def test_a_step_waits_for_what_it_is_about(missing: str, action: Action, stage: Stage) -> None:
    facts = replace(EVERYTHING, **{missing: False})
    assert not [role for role in Role if action in allowed(stage, role, facts)]


def test_a_resident_can_always_write_and_never_needs_a_reason_to_escalate() -> None:
    for stage in Stage:
        assert Action.MESSAGE in allowed(stage, Role.RESIDENT, Facts())
    assert Action.ESCALATE in allowed(Stage.STAGE_1_ANSWERED, Role.RESIDENT, Facts())
    assert commands.Escalate().reason == ""


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("stage", list(Stage))
def test_on_a_case_that_went_into_another_nothing_is_decided_or_sent(stage: Stage, role: Role) -> None:
    found = allowed(stage, role, replace(EVERYTHING, merged=True, took_in=False))
    assert found <= flow.ON_MERGED
    assert (Action.UNMERGE in found) == (role in {Role.OFFICER, Role.MANAGER})
    assert not {step.letter for step in FLOW if step.action in flow.ON_MERGED} - {None}
