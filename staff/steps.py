"""What to do next on a case, and how all that can be done is grouped: pure functions over a case."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.cases.case_view import CaseView
from shared.cases.state import CaseState
from shared.vocab import Action, Finding, Stage
from staff.forms import FORMS

GROUPS: dict[str, tuple[Action, ...]] = {
    "Record": (
        Action.RECORD_CONTACT,
        Action.NOTE,
        Action.ADD_INFORMATION,
        Action.TRANSLATE,
        Action.RECORD_LEARNING,
        Action.OFFER_VISIT,
        Action.HOLD_PANEL,
        Action.ANSWER_CHECKLIST,
    ),
    "Work together": (
        Action.ASK_CHECK,
        Action.CHECK,
        Action.UNDO_SEND,
        Action.ADD_TASK,
        Action.FINISH_TASK,
        Action.REMIND,
        Action.TAG,
        Action.LINK,
        Action.MERGE,
        Action.UNMERGE,
    ),
    "Write to the resident": (
        Action.MESSAGE,
        Action.UPDATE_RESIDENT,
        Action.ASK_CLARIFICATION,
        Action.ANSWER_CLARIFICATION,
        Action.EXTEND,
        Action.ANSWER_EXTENSION,
        Action.MEDIATE,
    ),
    "Understand and decide": (
        Action.TRIAGE,
        Action.DEFINE,
        Action.ALLOCATE,
        Action.UNDO_ALLOCATE,
        Action.ACKNOWLEDGE,
        Action.DECIDE,
        Action.OFFER_REMEDY,
        Action.SETTLE_REMEDY,
        Action.RESPOND,
    ),
    "Promises": (
        Action.COMMIT,
        Action.COMPLETE_COMMITMENT,
        Action.CONFIRM_COMMITMENT,
        Action.MOVE_COMMITMENT,
    ),
    "People": (
        Action.CHANGE_CONTACT,
        Action.CHANGE_NEEDS,
        Action.MEET_NEED,
        Action.SET_CONSENT,
        Action.DECLARE_CONFLICT,
    ),
    "Turns": (
        Action.ESCALATE,
        Action.NOT_ACCEPT,
        Action.ACCEPT_BY_ORDER,
        Action.DECLINE_ESCALATION,
        Action.WITHDRAW,
        Action.CLOSE,
        Action.REOPEN,
    ),
}


# What is done most often, whatever the case waits for: one click away.
OFTEN = (Action.NOTE, Action.RECORD_CONTACT, Action.MESSAGE, Action.ADD_TASK)


@dataclass(frozen=True, slots=True)
class Link:
    """An action as a page offers it."""

    action: Action
    title: str


def next_step(view: CaseView) -> Link | None:
    """The step that brings this case on and that this person may take; None when nothing waits for them."""
    return next((link(action) for action in _wanted(view.state) if action in view.allowed), None)


def often(view: CaseView) -> list[Link]:
    """What is done most often and may be done now, but for the next step: that has a button already."""
    following = next_step(view)
    return [
        link(action)
        for action in OFTEN
        if action in view.allowed and (following is None or action is not following.action)
    ]


def groups(view: CaseView) -> list[tuple[str, list[Link]]]:
    """All that this person may do now, by group; empty groups are left out."""
    found = [(name, [link(a) for a in actions if a in view.allowed]) for name, actions in GROUPS.items()]
    return [(name, links) for name, links in found if links]


def link(action: Action) -> Link:
    """An action with its title."""
    return Link(action, FORMS[action].title)


def _wanted(state: CaseState) -> Iterator[Action]:
    """What the case waits for, the most pressing first."""
    match state.stage:
        case Stage.RECEIVED:
            yield from _before_stage_1(state)
        case Stage.STAGE_1 | Stage.STAGE_2:
            yield from _before_answer(state)
        case Stage.STAGE_2_REQUESTED:
            if state.reviewer is None:
                yield Action.ALLOCATE
            yield Action.ACKNOWLEDGE
        case Stage.SERVICE_REQUEST | Stage.RECORDED:
            if state.risk is None:
                yield Action.TRIAGE
            yield Action.CLOSE
        case _:
            yield from _afterwards(state)


def _before_stage_1(state: CaseState) -> Iterator[Action]:
    if state.risk is None:
        yield Action.TRIAGE
    if state.waits_for_call:
        yield Action.RECORD_CONTACT
    if state.definition is None:
        yield Action.DEFINE
    if state.handler is None:
        yield Action.ALLOCATE
    yield Action.ACKNOWLEDGE


def _before_answer(state: CaseState) -> Iterator[Action]:
    stage, m = state.stage_number, state.milestones
    contacted = m.stage_2_first_contact_at if stage == 2 else m.first_contact_at
    if state.holder is None:
        yield Action.ALLOCATE
    if contacted is None:
        yield Action.RECORD_CONTACT
    decided = state.decisions_at(stage)
    if state.definition and any(p.number not in decided for p in state.definition.points):
        yield Action.DECIDE
    upheld = any(d.finding is not Finding.NOT_UPHELD for d in decided.values())
    if upheld and not any(r.stage == stage for r in state.remedies):
        yield Action.OFFER_REMEDY
    if stage == 2 and state.panel is not None and state.panel.awaited:
        yield Action.HOLD_PANEL
    yield Action.RESPOND


def _afterwards(state: CaseState) -> Iterator[Action]:
    if not state.learning and state.stage is not Stage.CLOSED:
        yield Action.RECORD_LEARNING
    if state.stage is Stage.CLOSED and any(c.completed_on is None for c in state.commitments):
        yield Action.COMPLETE_COMMITMENT
    if any(c.completed_on and c.confirmed is None for c in state.commitments):
        yield Action.CONFIRM_COMMITMENT
    if any(c.completed_on is None for c in state.commitments):
        yield Action.COMPLETE_COMMITMENT
    yield Action.CLOSE
