"""The table of steps: who may do what at which stage, and what follows. Pure; read it top to bottom.

Portal, staff side and background worker ask the same table. Buttons, guards and tests call `allowed`; the one
writer (service.perform) calls `find`. Law that depends on what was typed lies in guards/.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shared.vocab import Action, ConsentScope, LetterKind, Role, Stage


@dataclass(frozen=True, slots=True)
class Facts:
    """What `allowed` needs to know of a case and of the actor beyond stage and role."""

    scope: ConsentScope = ConsentScope.NONE  # what the actor's consent covers; only for a representative
    has_points: bool = False
    has_commitments: bool = False
    open_question: bool = False
    open_extension: bool = False
    open_remedy: bool = False
    walled_off: bool = False  # the actor declared a conflict of interest or is named in the complaint
    acted_stage_1: bool = False
    has_needs: bool = False
    has_checklist: bool = False  # the landlord works with a checklist
    has_panel: bool = False  # the landlord has a panel inside stage 2
    panel_open: bool = False  # it was offered and has not met: the resident may ask for it or decline
    has_tasks: bool = False  # something is still to be done
    asked_to_check: bool = False  # the actor was asked to read a letter before it goes
    just_sent: bool = False  # the actor's letter has not left yet
    just_named: bool = False  # the actor named who looks into it, and nothing has happened since
    merged: bool = False  # the case went into another: nothing runs on it
    took_in: bool = False  # another case went into this one
    may_escalate: bool = False  # answered at stage 1 and no final response yet
    in_review: bool = False  # stage 2 was acknowledged before the record closed
    quick_agreed: bool = False  # the resident agreed to have it put right at once
    may_return: bool = False  # the resident's word makes it a complaint at stage 1 again
    was_told: bool = False  # the helper could be told until the record closed


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: an action by these roles at these stages leads to `to` (None: stays)."""

    action: Action
    roles: frozenset[Role]
    stages: frozenset[Stage]
    to: Stage | None = None
    letter: LetterKind | None = None
    when: Callable[[Facts], bool] | None = None


S, R, A, L = Stage, Role, Action, LetterKind

RESIDENTS = frozenset({R.RESIDENT, R.REPRESENTATIVE})
TEAM = frozenset({R.OFFICER, R.MANAGER})
CASEWORK = frozenset({R.OFFICER, R.HANDLER, R.MANAGER})
REVIEWERS = frozenset({R.HANDLER, R.SERVICE_MANAGER, R.MANAGER, R.DIRECTOR})
DELIVERY = CASEWORK | {R.SERVICE_MANAGER, R.DIRECTOR}
EMPLOYEES = DELIVERY | {R.COLLEAGUE}  # whoever people turn to passes on what they say (Code 3.2)

OPEN = frozenset(
    {S.RECEIVED, S.STAGE_1, S.STAGE_1_ANSWERED, S.STAGE_2_REQUESTED, S.STAGE_2, S.STAGE_2_ANSWERED}
)
WORKED = frozenset({S.RECEIVED, S.STAGE_1, S.STAGE_2_REQUESTED, S.STAGE_2})
ASKED_AGAIN = frozenset({S.STAGE_2_REQUESTED, S.STAGE_2})
ANY = frozenset(Stage)
FEEDBACK = frozenset({S.SERVICE_REQUEST, S.RECORDED})


def _acts_for_her(facts: Facts) -> bool:
    """A helper acts for the resident when she may be told everything, and not of some things alone (3.6)."""
    return facts.scope in {ConsentScope.EVERYTHING, ConsentScope.ME_AS_WELL}


def _acted_for_her(facts: Facts) -> bool:
    """Closing the record ends what a helper may be told, and not that she may ask for stage 2 (3.6, 6.10)."""
    return _acts_for_her(facts) or facts.was_told


def _told_something(facts: Facts) -> bool:
    """Who may be told of something may write about it."""
    return _acts_for_her(facts) or facts.scope is ConsentScope.SOME


def _rows(
    action: Action,
    stages: Iterable[Stage],
    roles: Iterable[Role],
    *,
    to: Stage | None = None,
    letter: LetterKind | None = None,
    when: Callable[[Facts], bool] | None = None,
) -> tuple[Step, ...]:
    """Staff and residents in one row; a helper's row also asks for consent, but never to add facts."""
    roles = frozenset(roles)
    rows = []
    if roles - {R.REPRESENTATIVE}:
        rows.append(Step(action, roles - {R.REPRESENTATIVE}, frozenset(stages), to, letter, when))
    if R.REPRESENTATIVE in roles:
        consented = _acts_for_her if when is None else lambda f: _acts_for_her(f) and when(f)
        rows.append(Step(action, frozenset({R.REPRESENTATIVE}), frozenset(stages), to, letter, consented))
    return tuple(rows)


FLOW: tuple[Step, ...] = (
    # ---- taking it in -------------------------------------------------------------------------------------
    *_rows(A.TRIAGE, {S.RECEIVED, S.SERVICE_REQUEST, S.RECORDED}, TEAM, letter=L.PROGRESS),
    *_rows(A.DEFINE, {S.RECEIVED, S.STAGE_1}, CASEWORK, letter=L.PROGRESS),
    *_rows(A.DEFINE, ASKED_AGAIN, {R.OFFICER}, letter=L.PROGRESS),
    *_rows(A.DEFINE, ASKED_AGAIN, CASEWORK, letter=L.PROGRESS, when=lambda f: not f.acted_stage_1),
    *_rows(A.ASK_CLARIFICATION, WORKED, CASEWORK, letter=L.CLARIFICATION),
    *_rows(A.ANSWER_CLARIFICATION, OPEN, CASEWORK | RESIDENTS, when=lambda f: f.open_question),
    *_rows(A.ALLOCATE, WORKED | {S.SERVICE_REQUEST}, TEAM),
    *_rows(A.UNDO_ALLOCATE, WORKED | {S.SERVICE_REQUEST}, TEAM, when=lambda f: f.just_named),
    *_rows(A.DECLARE_CONFLICT, OPEN | FEEDBACK, DELIVERY),
    *_rows(A.ACKNOWLEDGE, {S.RECEIVED}, TEAM, to=S.STAGE_1, letter=L.ACKNOWLEDGEMENT_1),
    *_rows(A.NOT_ACCEPT, {S.RECEIVED}, CASEWORK, to=S.NOT_ACCEPTED, letter=L.NOT_ACCEPTED),
    *_rows(A.ACCEPT_BY_ORDER, {S.NOT_ACCEPTED}, TEAM, to=S.RECEIVED),
    # ---- looking into it ----------------------------------------------------------------------------------
    *_rows(A.DECIDE, {S.STAGE_1}, CASEWORK, when=lambda f: f.has_points),
    *_rows(A.DECIDE, {S.STAGE_2}, REVIEWERS, when=lambda f: f.has_points and not f.acted_stage_1),
    *_rows(A.OFFER_REMEDY, OPEN - {S.STAGE_2}, DELIVERY),
    *_rows(A.OFFER_REMEDY, {S.STAGE_2}, DELIVERY, when=lambda f: not f.acted_stage_1),
    *_rows(A.SETTLE_REMEDY, ANY - FEEDBACK, CASEWORK | {R.RESIDENT}, when=lambda f: f.open_remedy),
    *_rows(A.EXTEND, {S.STAGE_1, S.STAGE_2}, CASEWORK | {R.DIRECTOR}, letter=L.EXTENSION),
    *_rows(A.ANSWER_EXTENSION, {S.STAGE_1, S.STAGE_2}, CASEWORK | RESIDENTS, when=lambda f: f.open_extension),
    *_rows(A.UPDATE_RESIDENT, OPEN | FEEDBACK, CASEWORK, letter=L.PROGRESS),
    *_rows(A.MEDIATE, WORKED | {S.STAGE_1_ANSWERED}, CASEWORK | RESIDENTS),
    # ---- answering it -------------------------------------------------------------------------------------
    *_rows(A.RESPOND, {S.STAGE_1}, CASEWORK, to=S.STAGE_1_ANSWERED, letter=L.RESPONSE_1),
    *_rows(
        A.RESPOND,
        {S.STAGE_2},
        REVIEWERS,
        to=S.STAGE_2_ANSWERED,
        letter=L.RESPONSE_2,
        when=lambda f: not f.acted_stage_1,
    ),
    # ---- the second stage ---------------------------------------------------------------------------------
    *_rows(A.ESCALATE, {S.STAGE_1_ANSWERED}, EMPLOYEES | RESIDENTS, to=S.STAGE_2_REQUESTED),
    *_rows(A.ACKNOWLEDGE, {S.STAGE_2_REQUESTED}, TEAM | REVIEWERS, to=S.STAGE_2, letter=L.ACKNOWLEDGEMENT_2),
    *_rows(
        A.DECLINE_ESCALATION,
        {S.STAGE_2_REQUESTED},
        CASEWORK,
        to=S.STAGE_1_ANSWERED,
        letter=L.ESCALATION_DECLINED,
    ),
    # ---- the record, at any time --------------------------------------------------------------------------
    *_rows(A.RECORD_CONTACT, ANY, DELIVERY),
    *_rows(A.NOTE, ANY, DELIVERY),
    *_rows(A.MESSAGE, ANY, CASEWORK | {R.RESIDENT}),
    Step(A.MESSAGE, frozenset({R.REPRESENTATIVE}), ANY, when=_told_something),
    *_rows(A.ADD_INFORMATION, ANY - {S.CLOSED}, DELIVERY | {R.RESIDENT}),
    Step(A.ADD_INFORMATION, frozenset({R.REPRESENTATIVE}), ANY - {S.CLOSED}),
    *_rows(A.CHANGE_CONTACT, ANY, CASEWORK | {R.RESIDENT}),
    *_rows(A.CHANGE_NEEDS, ANY, CASEWORK | {R.RESIDENT}),
    *_rows(A.MEET_NEED, ANY, DELIVERY, when=lambda f: f.has_needs),
    *_rows(A.SET_CONSENT, ANY, CASEWORK | {R.RESIDENT}),
    *_rows(A.TRANSLATE, ANY, CASEWORK, letter=L.PROGRESS),
    *_rows(A.TAG, ANY, DELIVERY),
    *_rows(A.REMIND, ANY, DELIVERY),
    *_rows(A.ADD_TASK, ANY, DELIVERY | {R.SYSTEM}),
    *_rows(A.FINISH_TASK, ANY, DELIVERY, when=lambda f: f.has_tasks),
    # ---- promises, which outlive everything ---------------------------------------------------------------
    *_rows(A.COMMIT, ANY - {S.RECORDED}, DELIVERY),
    *_rows(A.COMPLETE_COMMITMENT, ANY, DELIVERY, letter=L.PROMISE_DONE, when=lambda f: f.has_commitments),
    *_rows(A.MOVE_COMMITMENT, ANY, DELIVERY, letter=L.PROGRESS, when=lambda f: f.has_commitments),
    *_rows(A.CONFIRM_COMMITMENT, ANY, CASEWORK | RESIDENTS, when=lambda f: f.has_commitments),
    # ---- the end, and after -------------------------------------------------------------------------------
    *_rows(A.RECORD_LEARNING, ANY, DELIVERY),
    *_rows(
        A.CLOSE,
        {S.STAGE_1_ANSWERED, S.STAGE_2_ANSWERED, S.NOT_ACCEPTED} | FEEDBACK,
        CASEWORK | {R.SYSTEM},
        to=S.CLOSED,
        letter=L.CLOSING,
    ),
    *_rows(A.CLOSE, {S.RECEIVED}, CASEWORK, to=S.CLOSED, letter=L.CLOSING, when=lambda f: f.quick_agreed),
    *_rows(A.WITHDRAW, OPEN | {S.SERVICE_REQUEST}, CASEWORK | {R.RESIDENT}, to=S.CLOSED, letter=L.CLOSING),
    *_rows(A.REOPEN, {S.CLOSED}, TEAM),
    *_rows(
        A.REOPEN,
        {S.CLOSED} | FEEDBACK,
        EMPLOYEES | RESIDENTS,
        when=lambda f: f.may_return,
    ),
    *_rows(
        A.ESCALATE,
        {S.CLOSED},
        EMPLOYEES | {R.RESIDENT},
        to=S.STAGE_2_REQUESTED,
        when=lambda f: f.may_escalate and not f.in_review,
    ),
    *_rows(
        A.ESCALATE,
        {S.CLOSED},
        EMPLOYEES | {R.RESIDENT},
        to=S.STAGE_2,
        when=lambda f: f.may_escalate and f.in_review,
    ),
    Step(
        A.ESCALATE,
        frozenset({R.REPRESENTATIVE}),
        frozenset({S.CLOSED}),
        S.STAGE_2_REQUESTED,
        when=lambda f: f.may_escalate and not f.in_review and _acted_for_her(f),
    ),
    Step(
        A.ESCALATE,
        frozenset({R.REPRESENTATIVE}),
        frozenset({S.CLOSED}),
        S.STAGE_2,
        when=lambda f: f.may_escalate and f.in_review and _acted_for_her(f),
    ),
    *_rows(A.GIVE_FEEDBACK, {S.STAGE_1_ANSWERED, S.STAGE_2_ANSWERED, S.CLOSED}, RESIDENTS),
    # ---- beside the stages -------------------------------------------------------------------------------
    *_rows(A.LINK, ANY, CASEWORK | RESIDENTS),
    *_rows(A.MERGE, {S.RECEIVED, S.STAGE_1, S.SERVICE_REQUEST}, TEAM),
    *_rows(A.UNMERGE, ANY, TEAM, when=lambda f: f.merged or f.took_in),
    *_rows(A.OFFER_VISIT, WORKED, DELIVERY),
    *_rows(A.HOLD_PANEL, {S.STAGE_2_REQUESTED, S.STAGE_2}, DELIVERY, when=lambda f: f.has_panel),
    *_rows(A.HOLD_PANEL, {S.STAGE_2}, RESIDENTS, when=lambda f: f.panel_open),
    *_rows(A.ASK_CHECK, OPEN, DELIVERY),
    *_rows(A.CHECK, OPEN, DELIVERY, when=lambda f: f.asked_to_check),
    *_rows(A.ANSWER_CHECKLIST, ANY, DELIVERY, when=lambda f: f.has_checklist),
    *_rows(A.UNDO_SEND, ANY, DELIVERY, when=lambda f: f.just_sent),
    # ---- the system ---------------------------------------------------------------------------------------
    *_rows(A.MARK_ADDRESS, ANY, {R.SYSTEM}),
    *_rows(A.RAISE_OVERDUE, ANY, {R.SYSTEM}),
    *_rows(A.RECOMPUTE_DATES, ANY, {R.SYSTEM}, letter=L.PROGRESS),
)

# What is possible on a case that went into another: people can still be heard, what a helper may be told can
# still end, and it can come back.
ON_MERGED = frozenset(
    {
        *(A.UNMERGE, A.DECLARE_CONFLICT, A.SET_CONSENT, A.MARK_ADDRESS),
        *(A.MESSAGE, A.ADD_INFORMATION, A.NOTE, A.RECORD_CONTACT),
    }
)

# Logging what reached us: the only step without a case before it. Anybody may do it (Code 3.2).
MAY_SUBMIT = RESIDENTS | EMPLOYEES

EVENTS: dict[Action, str] = {
    A.SUBMIT: "submitted",
    A.TRIAGE: "triaged",
    A.RECORD_CONTACT: "contact_recorded",
    A.NOTE: "noted",
    A.ADD_INFORMATION: "information_added",
    A.MESSAGE: "message_sent",
    A.CHANGE_CONTACT: "contact_changed",
    A.CHANGE_NEEDS: "needs_changed",
    A.MEET_NEED: "need_met",
    A.DEFINE: "defined",
    A.ASK_CLARIFICATION: "clarification_asked",
    A.ANSWER_CLARIFICATION: "clarification_answered",
    A.DECLARE_CONFLICT: "conflict_declared",
    A.ALLOCATE: "allocated",
    A.UNDO_ALLOCATE: "allocation_undone",
    A.ACKNOWLEDGE: "acknowledged",
    A.NOT_ACCEPT: "not_accepted",
    A.ACCEPT_BY_ORDER: "accepted_by_order",
    A.DECIDE: "decided",
    A.OFFER_REMEDY: "remedy_offered",
    A.SETTLE_REMEDY: "remedy_settled",
    A.COMMIT: "committed",
    A.COMPLETE_COMMITMENT: "commitment_completed",
    A.CONFIRM_COMMITMENT: "commitment_confirmed",
    A.MOVE_COMMITMENT: "commitment_moved",
    A.EXTEND: "extended",
    A.ANSWER_EXTENSION: "extension_answered",
    A.UPDATE_RESIDENT: "resident_updated",
    A.MEDIATE: "mediation_recorded",
    A.RESPOND: "responded",
    A.ESCALATE: "escalated",
    A.DECLINE_ESCALATION: "escalation_declined",
    A.SET_CONSENT: "consent_set",
    A.RECORD_LEARNING: "learning_recorded",
    A.CLOSE: "closed",
    A.REOPEN: "reopened",
    A.WITHDRAW: "withdrawn",
    A.TRANSLATE: "translated",
    A.TAG: "tagged",
    A.REMIND: "reminder_set",
    A.ADD_TASK: "task_added",
    A.FINISH_TASK: "task_finished",
    A.LINK: "linked",
    A.MERGE: "merged",
    A.UNMERGE: "unmerged",
    A.OFFER_VISIT: "visit_offered",
    A.HOLD_PANEL: "panel_recorded",
    A.ASK_CHECK: "check_asked",
    A.CHECK: "checked",
    A.UNDO_SEND: "send_undone",
    A.GIVE_FEEDBACK: "feedback_given",
    A.ANSWER_CHECKLIST: "checklist_answered",
    A.MARK_ADDRESS: "address_marked",
    A.RAISE_OVERDUE: "overdue_raised",
    A.RECOMPUTE_DATES: "dates_recomputed",
}


def find(stage: Stage, roles: Iterable[Role], facts: Facts, action: Action) -> Step | None:
    """The step by which somebody with these roles may do this now, or None."""
    roles = frozenset(roles)
    if facts.walled_off and not roles & {R.SYSTEM}:
        return None
    if facts.merged and action not in ON_MERGED:
        return None
    for step in FLOW:
        fits = step.action is action and stage in step.stages and roles & step.roles
        if fits and (step.when is None or step.when(facts)):
            return step
    return None


def allowed(stage: Stage, role: Role, facts: Facts) -> frozenset[Action]:
    """Every action this role may take at this stage. Buttons, guards and tests all ask here."""
    return frozenset(action for action in Action if find(stage, (role,), facts, action))


def ever(roles: Iterable[Role], action: Action) -> bool:
    """Whether somebody with these roles may ever take an action, at some stage of some case."""
    held = frozenset(roles)
    return any(step.action is action and held & step.roles for step in FLOW)
