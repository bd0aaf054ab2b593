"""Effects of answering: findings, remedies, promises, more time, responses, stage 2, and the end."""

from typing import Any

from msgspec.structs import replace

from shared import clock
from shared.cases import commands as c
from shared.cases.effects.common import Happened, effect, milestones, more_files
from shared.cases.state import (
    CaseState,
    Commitment,
    Consent,
    Decision,
    Extension,
    Panel,
    Remedy,
    Visit,
)
from shared.vocab import CloseReason, ConsentScope, Kind, Stage

# Who acts by law or for somebody who cannot answer: no word of the resident's began it, and closing ends nothing.
BY_LAW = frozenset({"attorney", "executor", "parent", "best_interests", "elected_representative"})


@effect(c.Decide)
def _decided(state: CaseState, event: Happened, command: c.Decide) -> CaseState:
    stage = state.stage_number
    new = tuple(
        Decision(
            stage=stage,
            point=one.point,
            finding=one.finding,
            reasons=one.reasons,
            basis=one.basis,
            apology=one.apology,
        )
        for one in command.every
    )
    decided = {d.point for d in new}
    kept = tuple(d for d in state.decisions if d.stage != stage or d.point not in decided)
    return replace(state, decisions=(*kept, *new))


@effect(c.OfferRemedy)
def _remedy_offered(state: CaseState, event: Happened, command: c.OfferRemedy) -> CaseState:
    remedy = Remedy(
        number=len(state.remedies) + 1,
        stage=state.stage_number,
        kind=command.kind,
        text=command.text,
        by_on=command.by_on,
        amount_pence=command.amount_pence,
        breakdown=command.breakdown,
        factors=command.factors,
        ordered_by_ombudsman=command.ordered_by_ombudsman,
        offset_arrears=command.offset_arrears,
    )
    return _settled(replace(state, remedies=(*state.remedies, remedy)), event)


@effect(c.SettleRemedy)
def _remedy_settled(state: CaseState, event: Happened, command: c.SettleRemedy) -> CaseState:
    def settle(remedy: Remedy) -> Remedy:
        accepted = remedy.accepted if command.accepted is None else command.accepted
        return replace(remedy, accepted=accepted, paid_on=command.paid_on or remedy.paid_on)

    remedies = tuple(settle(r) if r.number == command.number else r for r in state.remedies)
    return _settled(replace(state, remedies=remedies), event)


def _settled(state: CaseState, event: Happened) -> CaseState:
    """Stage 1 has settled the matter once the resident said yes to all that was offered and all is kept."""
    if state.stage is not Stage.STAGE_1_ANSWERED:
        return state
    said = [r.accepted for r in state.remedies] + [p.confirmed for p in state.commitments]
    settled = bool(said) and all(word is True for word in said)
    return milestones(state, resolved_at=(state.milestones.resolved_at or event.at) if settled else None)


@effect(c.Commit)
def _committed(state: CaseState, event: Happened, command: c.Commit) -> CaseState:
    promise = Commitment(
        number=len(state.commitments) + 1,
        stage=state.stage_number,
        text=command.text,
        owner=command.owner.name,
        owner_id=command.owner.id or None,
        due_on=command.due_on,
    )
    return _settled(replace(state, commitments=(*state.commitments, promise)), event)


def _change_commitment(state: CaseState, number: int, **changes: Any) -> CaseState:
    return replace(
        state,
        commitments=tuple(replace(p, **changes) if p.number == number else p for p in state.commitments),
    )


@effect(c.CompleteCommitment)
def _commitment_completed(state: CaseState, event: Happened, command: c.CompleteCommitment) -> CaseState:
    said = next((p.confirmed for p in state.commitments if p.number == command.number), None)
    return _change_commitment(
        more_files(state, command.files),
        command.number,
        completed_on=command.completed_on,
        proof=command.proof,
        proof_files=tuple(f.id for f in command.files),
        confirmed=said or None,  # who said no is asked again; who has seen it done is not
    )


@effect(c.ConfirmCommitment)
def _commitment_confirmed(state: CaseState, event: Happened, command: c.ConfirmCommitment) -> CaseState:
    said = {"confirmed": command.done, "confirmed_words": command.words}
    return _settled(_change_commitment(state, command.number, **said), event)


@effect(c.MoveCommitment)
def _commitment_moved(state: CaseState, event: Happened, command: c.MoveCommitment) -> CaseState:
    owner = command.owner
    return _change_commitment(
        state, command.number, due_on=command.due_on, owner=owner.name, owner_id=owner.id or None
    )


@effect(c.Extend)
def _extended(state: CaseState, event: Happened, command: c.Extend) -> CaseState:
    if event.facts.old_due_on is None or event.facts.new_due_on is None:
        raise ValueError("an extension keeps its old and its new date")
    extension = Extension(
        stage=state.stage_number,
        days=command.days,
        reason_code=command.reason_code,
        reason=command.reason,
        old_due_on=event.facts.old_due_on,
        new_due_on=event.facts.new_due_on,
        given_at=event.at,
        late=event.facts.late,
        exceptional=command.exceptional,
        agreement_sought=command.agreement_sought,
        agreed=command.agreed,
        approver=command.approver.name if command.approver else "",
        resident_words=command.agreement_words,
    )
    state = replace(state, last_contact_on=clock.london_date(event.at))
    return replace(state, extensions=(*state.extensions, extension))


@effect(c.AnswerExtension)
def _extension_answered(state: CaseState, event: Happened, command: c.AnswerExtension) -> CaseState:
    *before, last = state.extensions
    answered = replace(last, agreed=command.agreed, resident_words=command.words)
    return replace(state, extensions=(*before, answered))


@effect(c.UpdateResident)
def _resident_updated(state: CaseState, event: Happened, command: c.UpdateResident) -> CaseState:
    return replace(state, last_contact_on=clock.london_date(event.at))


@effect(c.Mediate)
def _mediation_recorded(state: CaseState, event: Happened, command: c.Mediate) -> CaseState:
    said = f"{command.words} {command.answer}".strip()
    return replace(state, mediation=f"{state.mediation}\n{said}".strip())


@effect(c.Respond)
def _responded(state: CaseState, event: Happened, command: c.Respond) -> CaseState:
    state = replace(state, last_contact_on=clock.london_date(event.at))
    if command.learning:
        state = replace(state, learning=command.learning.text)
    if state.stage_number == 2:
        if state.panel is not None and state.panel.held_on and state.panel.outcome_on is None:
            # The final response is the outcome of the panel: one stage, one answer (Code 5.3).
            state = replace(state, panel=replace(state.panel, outcome_on=clock.london_date(event.at)))
        return milestones(state, final_response_at=event.at)
    return milestones(state, responded_at=event.at)


@effect(c.Escalate)
def _escalated(state: CaseState, event: Happened, command: c.Escalate) -> CaseState:
    state = more_files(state, command.files)
    if state.milestones.escalated_at is None:
        asked = command.received_at or event.at
        state = milestones(state, escalated_at=asked, escalation_logged_at=event.at)
    # Who withdrew during stage 2 and comes back goes on where it stood: its clocks never start again.
    reason = command.reason or state.escalation_reason
    state = _asked_anew(milestones(state, closed_at=None, resolved_at=None))
    return replace(state, escalation_reason=reason, close_reason=None)


@effect(c.Close)
def _closed(state: CaseState, event: Happened, command: c.Close) -> CaseState:
    if command.reason is CloseReason.RESOLVED and state.stage is Stage.STAGE_1_ANSWERED:
        state = milestones(state, resolved_at=state.milestones.resolved_at or event.at)
    return _ended(state, event, command.reason)


@effect(c.Withdraw)
def _withdrawn(state: CaseState, event: Happened, command: c.Withdraw) -> CaseState:
    return _ended(state, event, CloseReason.WITHDRAWN)


def _ended(state: CaseState, event: Happened, reason: CloseReason) -> CaseState:
    state = replace(milestones(state, closed_at=event.at), close_reason=reason)
    consent, on = state.consent, clock.london_date(event.at)
    if consent.basis in BY_LAW or (consent.until is not None and consent.until <= on):
        return state
    if consent.scope in {ConsentScope.NONE, ConsentScope.REFUSED}:
        return state
    # What the resident agreed to until the complaint ends, ends with this day by itself (Code 3.6).
    return replace(state, consent=replace(consent, until=on, ended_by_closing=True))


def _asked_anew(state: CaseState) -> CaseState:
    """A record that opens again: what a helper may be told now is for the resident to say once more."""
    if not state.consent.ended_by_closing:
        return state
    return replace(state, consent=Consent(basis=state.consent.basis))


@effect(c.Reopen)
def _reopened(state: CaseState, event: Happened, command: c.Reopen) -> CaseState:
    if event.facts.back_to is None:
        raise ValueError("a reopened case keeps the stage it goes back to")
    quick = state.ended_quickly
    if state.taken_for_less:  # her word makes it the complaint that it was, with the clocks that it had
        state = replace(state, kind=Kind.COMPLAINT)
    state = replace(
        _asked_anew(milestones(state, closed_at=None, resolved_at=None)),
        close_reason=None,
        stage=event.facts.back_to,
    )
    if not quick:
        return state
    # Put right at once, and yet she wants a formal answer: the complaint is made now, and its clocks start now.
    return replace(
        milestones(state, received_at=event.at, logged_at=event.at, complained_at=event.at),
        quick_agreed_on=None,
    )


@effect(c.OfferVisit)
def _visit_offered(state: CaseState, event: Happened, command: c.OfferVisit) -> CaseState:
    visit = Visit(stage=state.stage_number, accepted=command.accepted)
    return replace(state, visits=(*state.visits, visit))


@effect(c.HoldPanel)
def _panel_held(state: CaseState, event: Happened, command: c.HoldPanel) -> CaseState:
    panel = state.panel or Panel()
    on = command.happened_on
    changed = {
        "asked": replace(panel, asked_on=on, declined=False),
        "held": replace(panel, held_on=on, attended=command.attended, resolved=command.resolved),
        "outcome": replace(panel, outcome_on=on, resolved=command.resolved),
        "declined": replace(panel, declined=True),
    }[command.step]
    return replace(state, panel=changed)
