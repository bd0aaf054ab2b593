"""Effects of taking a case in: triage, definition, questions, allocation, acknowledgement, refusal."""

from datetime import datetime, time

from msgspec.structs import replace

from shared import clock
from shared.cases import commands as c
from shared.cases.effects.common import Happened, arrange, effect, milestones
from shared.cases.effects.merge import declared_here
from shared.cases.state import (
    CaseState,
    Clarification,
    Decision,
    Definition,
    Point,
    Refusal,
    decode,
)
from shared.vocab import Kind, Stage


@effect(c.Triage)
def _triaged(state: CaseState, event: Happened, command: c.Triage) -> CaseState:
    # The kind may change both ways: a request becomes a complaint the moment somebody is dissatisfied (1.4).
    stage = state.stage
    if command.kind is Kind.COMPLAINT:
        stage = Stage.RECEIVED
    elif command.kind is Kind.SERVICE_REQUEST:
        stage = Stage.SERVICE_REQUEST
    else:
        stage = Stage.RECORDED
    if stage is Stage.RECEIVED and state.milestones.complained_at is None:
        # A request turns complaint now: its clocks start now, not when it first reached us (1.4). What was filed
        # as a comment was dissatisfaction from the first, and what was a complaint before keeps its clocks.
        if state.kind is Kind.SERVICE_REQUEST:
            state = milestones(state, received_at=event.at, logged_at=event.at, complained_at=event.at)
        else:
            state = milestones(state, complained_at=state.milestones.received_at)
    return replace(
        state,
        kind=command.kind,
        stage=stage,
        risk=command.risk,
        at_risk=command.at_risk,
        triage_note=command.note,
        quick_agreed_on=clock.london_date(event.at) if command.quick_resolution_agreed else None,
    )


@effect(c.Define)
def _defined(state: CaseState, event: Happened, command: c.Define) -> CaseState:
    version = state.definition.version + 1 if state.definition else 1
    definition = Definition(
        points=command.points,
        outcomes=command.outcomes,
        responsible_for=command.responsible_for,
        not_responsible_for=command.not_responsible_for,
        version=version,
    )
    return replace(state, definition=definition, decisions=_still_hold(state, command.points))


def _still_hold(state: CaseState, points: tuple[Point, ...]) -> tuple[Decision, ...]:
    """The decisions without those of the present stage on points that now say something else (Code 6.7)."""
    before = {p.number: p.text.text for p in state.definition.points} if state.definition else {}
    now = {p.number: p.text.text for p in points}
    changed = {number for number, text in before.items() if now.get(number) != text}
    stage = state.stage_number
    return tuple(d for d in state.decisions if d.stage != stage or d.point not in changed)


@effect(c.AskClarification)
def _clarification_asked(state: CaseState, event: Happened, command: c.AskClarification) -> CaseState:
    question = Clarification(
        number=len(state.clarifications) + 1, question=command.question, asked_at=event.at
    )
    return replace(state, clarifications=(*state.clarifications, question))


@effect(c.AnswerClarification)
def _clarification_answered(state: CaseState, event: Happened, command: c.AnswerClarification) -> CaseState:
    return replace(
        state,
        clarifications=tuple(
            replace(q, answer=command.answer, answered_at=event.at) if q.number == command.number else q
            for q in state.clarifications
        ),
    )


@effect(c.DeclareConflict)
def _conflict_declared(state: CaseState, event: Happened, command: c.DeclareConflict) -> CaseState:
    who = command.staff.id
    state = declared_here(replace(state, conflicts=state.conflicts | {who}), who)
    if state.holder and state.holder.id == who:
        # What somebody with a conflict decided is decided anew by whoever comes next (Code 5.8).
        unanswered = state.stage_number if state.stage in {Stage.STAGE_1, Stage.STAGE_2} else 0
        state = replace(state, decisions=tuple(d for d in state.decisions if d.stage != unanswered))
    if state.handler and state.handler.id == who and state.stage_number == 1:
        # Whoever gets it next makes the first contact anew.
        state = replace(milestones(state, allocated_at=None, first_contact_at=None), handler=None)
    if state.reviewer and state.reviewer.id == who:
        state = milestones(state, escalation_allocated_at=None, stage_2_first_contact_at=None)
        state = replace(state, reviewer=None)
    return state


@effect(c.Allocate)
def _allocated(state: CaseState, event: Happened, command: c.Allocate) -> CaseState:
    if state.stage_number == 2:
        first = state.milestones.escalation_allocated_at or event.at
        return arrange(replace(milestones(state, escalation_allocated_at=first), reviewer=command.to), event)
    first = state.milestones.allocated_at or event.at
    state = replace(
        milestones(state, allocated_at=first),
        handler=command.to,
        acted_stage_1=state.acted_stage_1 | {command.to.id},
    )
    return arrange(state, event)


@effect(c.UndoAllocate)
def _allocation_undone(state: CaseState, event: Happened, command: c.UndoAllocate) -> CaseState:
    # Whoever acted has acted; whoever was only named has had no part in it, and may still look into stage 2.
    before = decode(event.facts.restored)
    only_named = {command.of.id} - {event.staff_id}
    return replace(before, acted_stage_1=before.acted_stage_1 | (state.acted_stage_1 - only_named))


@effect(c.Acknowledge)
def _acknowledged(state: CaseState, event: Happened, command: c.Acknowledge) -> CaseState:
    on = clock.london_date(event.at)
    state = replace(state, last_contact_on=on)
    if state.stage_number == 2:
        return milestones(state, escalation_acknowledged_at=event.at)
    return milestones(state, acknowledged_at=event.at)


def _refused(state: CaseState, of: str, command: c.NotAccept | c.DeclineEscalation) -> CaseState:
    refusal = Refusal(
        of=of,
        ground=command.ground,
        reasons=command.reasons,
        evidence=command.evidence,
        exceptional=command.exceptional,
        approver=command.approver.name,
        court_filed_on=command.court_filed_on,
        aware_on=command.aware_on,
    )
    return replace(state, refusals=(*state.refusals, refusal))


@effect(c.NotAccept)
def _not_accepted(state: CaseState, event: Happened, command: c.NotAccept) -> CaseState:
    return _refused(state, "complaint", command)


@effect(c.AcceptByOrder)
def _accepted_by_order(state: CaseState, event: Happened, command: c.AcceptByOrder) -> CaseState:
    # The clocks start on the day of the order, not when somebody writes it down; the receipt is in the log.
    start = min(event.at, datetime.combine(command.ordered_on, time(12), clock.LONDON))
    return replace(milestones(state, received_at=start, logged_at=start), ordered_on=command.ordered_on)


@effect(c.DeclineEscalation)
def _escalation_declined(state: CaseState, event: Happened, command: c.DeclineEscalation) -> CaseState:
    state = _refused(state, "escalation", command)
    # Whoever said no to stage 2 has judged the complaint, and cannot be the new mind at a later stage 2.
    judged = {command.approver.id} | ({event.staff_id} if event.staff_id is not None else set())
    return replace(
        milestones(
            state,
            escalated_at=None,
            escalation_logged_at=None,
            escalation_allocated_at=None,
            escalation_acknowledged_at=None,
            stage_2_first_contact_at=None,
        ),
        reviewer=None,
        acted_stage_1=state.acted_stage_1 | judged,
    )
