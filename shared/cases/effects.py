"""What each event does to a case: pure functions folded over the log, one a command.

`apply` is the only way a CaseState changes. Nothing here reads a clock, a policy or the database: whatever
perform worked out when the event happened stands in the event's own `facts`, so that folding the log years
later gives the same case.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any

import msgspec
from msgspec.structs import replace

from shared import clock
from shared.cases import commands as c
from shared.cases.state import (
    CaseState,
    CheckAnswer,
    Checked,
    Clarification,
    Commitment,
    Decision,
    Definition,
    Extension,
    Feedback,
    FileRef,
    Message,
    Milestones,
    Panel,
    Point,
    Refusal,
    Remedy,
    Reminder,
    Sent,
    StaffRef,
    Value,
    Visit,
    decode,
)
from shared.vocab import CloseReason, Kind, Role, Stage

ENGLISH = "en"  # what staff read


class Derived(Value, kw_only=True):
    """What perform worked out at the moment of the event, kept with it for ever."""

    ref: str = ""
    landlord: str = ""
    policy_version: str = ""
    old_due_on: date | None = None
    new_due_on: date | None = None
    late: bool = False
    back_to: Stage | None = None
    sends: bool = False  # a letter went with this event
    restored: str = ""  # the case before a letter that was taken back, as JSON
    approver: str = ""


class Happened(Value, kw_only=True):
    """One event as the fold sees it. `actor` is Actor.key; `to` the stage that the step led to."""

    seq: int
    at: datetime
    actor: str
    name: str
    role: Role
    command: c.Command
    to: Stage | None = None
    facts: Derived = Derived()

    @property
    def staff_id(self) -> int | None:
        """The account number of the member of staff who acted, or None."""
        kind, _, number = self.actor.partition(":")
        return int(number) if kind == "staff" else None


Effect = Callable[[CaseState, Happened, Any], CaseState]
_EFFECTS: dict[type[c.Command], Effect] = {}


def _effect(command: type[c.Command]) -> Callable[[Effect], Effect]:
    def register(function: Effect) -> Effect:
        _EFFECTS[command] = function
        return function

    return register


def apply(state: CaseState | None, event: Happened) -> CaseState:
    """The case after one more event.

    Raises KeyError for a command without an effect (the completeness test sees to it that none is missing)
    and ValueError for an event that cannot follow.
    """
    if state is None:
        if not isinstance(event.command, c.Submit):
            raise ValueError("a case begins by being submitted")
        return _submitted(event, event.command)
    state = _note_who_acted(state, event)
    state = _EFFECTS[type(event.command)](state, event, event.command)
    state = _note_heard(_note_untranslated(state, event), event)
    if event.to is not None:
        state = replace(state, stage=event.to)
    sent = Sent(seq=event.seq, at=event.at, by=event.actor) if event.facts.sends else None
    return replace(state, last_sent=sent) if sent != state.last_sent else state


def fold(events: Iterable[Happened]) -> CaseState:
    """The case that these events, oldest first, lead to. Raises ValueError for an empty log."""
    state: CaseState | None = None
    for event in events:
        state = apply(state, event)
    if state is None:
        raise ValueError("a case without events")
    return state


# Asking for stage 2 belongs to stage 2 already, even when a colleague writes the request down; sorting cases
# is no work on one.
_NOT_STAGE_1 = (c.Escalate, c.DeclareConflict, c.Tag, c.Remind)


def _note_who_acted(state: CaseState, event: Happened) -> CaseState:
    """Whoever acts before the escalation has had a hand in stage 1 (Code 6.13), approvers included."""
    if state.milestones.escalated_at is not None or isinstance(event.command, _NOT_STAGE_1):
        return state
    acted = set(state.acted_stage_1)
    if event.staff_id is not None:
        acted.add(event.staff_id)
    for name in ("approver", "checked_by"):
        other = getattr(event.command, name, None)
        if isinstance(other, StaffRef):
            acted.add(other.id)
    return replace(state, acted_stage_1=frozenset(acted)) if acted != state.acted_stage_1 else state


def _note_untranslated(state: CaseState, event: Happened) -> CaseState:
    """What the resident writes in another language waits for a translation, by the name Translate uses."""
    command = event.command
    words = getattr(command, "text", "") or getattr(command, "answer", "") or getattr(command, "reason", "")
    by_resident = event.role in {Role.RESIDENT, Role.REPRESENTATIVE}
    if not by_resident or not isinstance(words, str) or getattr(command, "language", ENGLISH) == ENGLISH:
        return state
    return replace(state, untranslated=state.untranslated | {f"message:{event.seq}"}) if words else state


def _note_heard(state: CaseState, event: Happened) -> CaseState:
    """The resident has spoken: she acted herself, or somebody wrote down what she said or asked for."""
    command = event.command
    heard = event.role in {Role.RESIDENT, Role.REPRESENTATIVE}
    at = event.at
    if isinstance(command, c.RecordContact):
        heard, at = command.with_whom in {"resident", "helper"} and command.reached, command.happened_at
    heard = heard or isinstance(command, c.Escalate | c.AnswerClarification | c.AnswerExtension)
    if not heard or (state.heard_at is not None and state.heard_at >= at):
        return state
    return replace(state, heard_at=at)


def _milestones(state: CaseState, **changes: datetime | None) -> CaseState:
    return replace(state, milestones=replace(state.milestones, **changes))


def _more_files(state: CaseState, files: tuple[FileRef, ...]) -> CaseState:
    return replace(state, files=state.files + files) if files else state


def _submitted(event: Happened, command: c.Submit) -> CaseState:
    stage = {
        Kind.COMPLAINT: Stage.RECEIVED,
        Kind.SERVICE_REQUEST: Stage.SERVICE_REQUEST,
        Kind.COMPLIMENT: Stage.RECORDED,
        Kind.COMMENT: Stage.RECORDED,
    }[command.kind]
    staff = event.staff_id
    return CaseState(
        ref=event.facts.ref,
        landlord=event.facts.landlord,
        policy_version=event.facts.policy_version,
        kind=command.kind,
        stage=stage,
        language=command.language,
        channel=command.channel,
        story=command.story,
        milestones=Milestones(
            received_at=command.received_at or event.at,
            logged_at=event.at,
            complained_at=(command.received_at or event.at) if command.kind is Kind.COMPLAINT else None,
        ),
        resident=command.resident,
        helper=command.helper,
        consent=command.consent,
        anonymous=command.anonymous,
        group=command.group,
        campaign=command.campaign,
        safety=command.safety,
        needs=command.needs,
        files=command.files,
        linked=command.linked,
        acted_stage_1=frozenset() if staff is None else frozenset({staff}),
        untranslated=frozenset({"story"})
        if command.story.what and command.story.language != ENGLISH
        else frozenset(),
    )


@_effect(c.Triage)
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
        # A request or comment turns complaint now: its clocks start now, not when it first reached us. What
        # was a complaint before, and was taken for something else, keeps the clocks it had.
        state = _milestones(state, received_at=event.at, logged_at=event.at, complained_at=event.at)
    return replace(
        state,
        kind=command.kind,
        stage=stage,
        risk=command.risk,
        at_risk=command.at_risk,
        triage_note=command.note,
    )


@_effect(c.RecordContact)
def _contact_recorded(state: CaseState, event: Happened, command: c.RecordContact) -> CaseState:
    state = _more_files(state, command.files)
    happened = command.happened_at
    with_resident = command.with_whom in {"resident", "helper"}
    if with_resident and command.reached:
        on = clock.london_date(happened)
        if state.last_contact_on is None or on > state.last_contact_on:
            state = replace(state, last_contact_on=on)
    if command.contact_agreement or command.contact_every_days:
        state = replace(
            state,
            contact_agreement=command.contact_agreement or state.contact_agreement,
            contact_every_days=command.contact_every_days or state.contact_every_days,
        )
    if command.first_contact and with_resident and command.reached:
        return _first_contact(state, happened)
    return state


def _first_contact(state: CaseState, happened: datetime) -> CaseState:
    """The handler's first word with the resident: only once there is a handler, and of that day or later."""
    m = state.milestones

    def counts(given: datetime | None, made: datetime | None) -> bool:
        began = given is not None and clock.london_date(given) <= clock.london_date(happened)
        return made is None and began

    second = state.stage in {Stage.STAGE_2_REQUESTED, Stage.STAGE_2}
    if second and counts(m.escalation_allocated_at, m.stage_2_first_contact_at):
        return _milestones(state, stage_2_first_contact_at=happened)
    first = state.stage in {Stage.RECEIVED, Stage.STAGE_1}
    if first and counts(m.allocated_at, m.first_contact_at):
        return _milestones(state, first_contact_at=happened)
    return state


@_effect(c.Note)
def _noted(state: CaseState, event: Happened, command: c.Note) -> CaseState:
    return _more_files(state, command.files)


@_effect(c.AddInformation)
def _information_added(state: CaseState, event: Happened, command: c.AddInformation) -> CaseState:
    return _more_files(state, command.files)


@_effect(c.Message)
def _message_sent(state: CaseState, event: Happened, command: c.Message) -> CaseState:
    message = Message(
        at=event.at,
        sender=event.name,
        text=command.text,
        language=command.language,
        from_staff=event.staff_id is not None,
        files=tuple(f.id for f in command.files),
    )
    state = _more_files(state, command.files)
    if message.from_staff:
        state = replace(state, last_contact_on=clock.london_date(event.at))
    return replace(state, messages=(*state.messages, message))


@_effect(c.ChangeContact)
def _contact_changed(state: CaseState, event: Happened, command: c.ChangeContact) -> CaseState:
    return replace(state, resident=command.resident, safety=command.safety)


@_effect(c.ChangeNeeds)
def _needs_changed(state: CaseState, event: Happened, command: c.ChangeNeeds) -> CaseState:
    known = {need.code: need for need in state.needs}
    needs = tuple(
        replace(known[n.code], detail=n.detail or known[n.code].detail) if n.code in known else n
        for n in command.needs
    )
    return replace(state, needs=needs, language=command.language or state.language)


@_effect(c.MeetNeed)
def _need_met(state: CaseState, event: Happened, command: c.MeetNeed) -> CaseState:
    needs = tuple(
        replace(n, met=command.met, owner=command.owner, review_on=command.review_on)
        if n.code == command.code
        else n
        for n in state.needs
    )
    return replace(state, needs=needs)


@_effect(c.Define)
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


@_effect(c.AskClarification)
def _clarification_asked(state: CaseState, event: Happened, command: c.AskClarification) -> CaseState:
    question = Clarification(
        number=len(state.clarifications) + 1, question=command.question, asked_at=event.at
    )
    return replace(state, clarifications=(*state.clarifications, question))


@_effect(c.AnswerClarification)
def _clarification_answered(state: CaseState, event: Happened, command: c.AnswerClarification) -> CaseState:
    return replace(
        state,
        clarifications=tuple(
            replace(q, answer=command.answer, answered_at=event.at) if q.number == command.number else q
            for q in state.clarifications
        ),
    )


@_effect(c.DeclareConflict)
def _conflict_declared(state: CaseState, event: Happened, command: c.DeclareConflict) -> CaseState:
    who = command.staff.id
    state = replace(state, conflicts=state.conflicts | {who})
    if state.handler and state.handler.id == who and state.stage_number == 1:
        # Whoever gets it next makes the first contact anew.
        state = replace(_milestones(state, allocated_at=None, first_contact_at=None), handler=None)
    if state.reviewer and state.reviewer.id == who:
        state = _milestones(state, escalation_allocated_at=None, stage_2_first_contact_at=None)
        state = replace(state, reviewer=None)
    return state


@_effect(c.Allocate)
def _allocated(state: CaseState, event: Happened, command: c.Allocate) -> CaseState:
    if state.stage_number == 2:
        first = state.milestones.escalation_allocated_at or event.at
        return replace(_milestones(state, escalation_allocated_at=first), reviewer=command.to)
    first = state.milestones.allocated_at or event.at
    return replace(
        _milestones(state, allocated_at=first),
        handler=command.to,
        acted_stage_1=state.acted_stage_1 | {command.to.id},
    )


@_effect(c.Acknowledge)
def _acknowledged(state: CaseState, event: Happened, command: c.Acknowledge) -> CaseState:
    on = clock.london_date(event.at)
    state = replace(state, last_contact_on=on)
    if state.stage_number == 2:
        return _milestones(state, escalation_acknowledged_at=event.at)
    return _milestones(state, acknowledged_at=event.at)


def _refused(state: CaseState, of: str, command: c.NotAccept | c.DeclineEscalation) -> CaseState:
    refusal = Refusal(
        of=of,
        ground=command.ground,
        reasons=command.reasons,
        evidence=command.evidence,
        exceptional=command.exceptional,
        approver=command.approver.name,
        court_filed_on=command.court_filed_on,
    )
    return replace(state, refusals=(*state.refusals, refusal))


@_effect(c.NotAccept)
def _not_accepted(state: CaseState, event: Happened, command: c.NotAccept) -> CaseState:
    return _refused(state, "complaint", command)


@_effect(c.AcceptByOrder)
def _accepted_by_order(state: CaseState, event: Happened, command: c.AcceptByOrder) -> CaseState:
    # The clocks start on the day of the order, not when somebody writes it down; the receipt is in the log.
    start = min(event.at, datetime.combine(command.ordered_on, time(12), clock.LONDON))
    return replace(_milestones(state, received_at=start, logged_at=start), ordered_on=command.ordered_on)


@_effect(c.DeclineEscalation)
def _escalation_declined(state: CaseState, event: Happened, command: c.DeclineEscalation) -> CaseState:
    state = _refused(state, "escalation", command)
    # Whoever said no to stage 2 has judged the complaint, and cannot be the new mind at a later stage 2.
    judged = {command.approver.id} | ({event.staff_id} if event.staff_id is not None else set())
    return replace(
        _milestones(
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


@_effect(c.Decide)
def _decided(state: CaseState, event: Happened, command: c.Decide) -> CaseState:
    decision = Decision(
        stage=state.stage_number,
        point=command.point,
        finding=command.finding,
        reasons=command.reasons,
        basis=command.basis,
        apology=command.apology,
    )
    kept = tuple(d for d in state.decisions if (d.stage, d.point) != (decision.stage, decision.point))
    return replace(state, decisions=(*kept, decision))


@_effect(c.OfferRemedy)
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
    return replace(state, remedies=(*state.remedies, remedy))


@_effect(c.SettleRemedy)
def _remedy_settled(state: CaseState, event: Happened, command: c.SettleRemedy) -> CaseState:
    def settle(remedy: Remedy) -> Remedy:
        accepted = remedy.accepted if command.accepted is None else command.accepted
        return replace(remedy, accepted=accepted, paid_on=command.paid_on or remedy.paid_on)

    remedies = tuple(settle(r) if r.number == command.number else r for r in state.remedies)
    return replace(state, remedies=remedies)


@_effect(c.Commit)
def _committed(state: CaseState, event: Happened, command: c.Commit) -> CaseState:
    promise = Commitment(
        number=len(state.commitments) + 1,
        stage=state.stage_number,
        text=command.text,
        owner=command.owner.name,
        owner_id=command.owner.id or None,
        due_on=command.due_on,
    )
    return replace(state, commitments=(*state.commitments, promise))


def _change_commitment(state: CaseState, number: int, **changes: Any) -> CaseState:
    return replace(
        state,
        commitments=tuple(replace(p, **changes) if p.number == number else p for p in state.commitments),
    )


@_effect(c.CompleteCommitment)
def _commitment_completed(state: CaseState, event: Happened, command: c.CompleteCommitment) -> CaseState:
    return _change_commitment(
        _more_files(state, command.files),
        command.number,
        completed_on=command.completed_on,
        proof=command.proof,
        proof_files=tuple(f.id for f in command.files),
        confirmed=None,
    )


@_effect(c.ConfirmCommitment)
def _commitment_confirmed(state: CaseState, event: Happened, command: c.ConfirmCommitment) -> CaseState:
    return _change_commitment(state, command.number, confirmed=command.done, confirmed_words=command.words)


@_effect(c.MoveCommitment)
def _commitment_moved(state: CaseState, event: Happened, command: c.MoveCommitment) -> CaseState:
    owner = command.owner
    return _change_commitment(
        state, command.number, due_on=command.due_on, owner=owner.name, owner_id=owner.id or None
    )


@_effect(c.Extend)
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
    )
    state = replace(state, last_contact_on=clock.london_date(event.at))
    return replace(state, extensions=(*state.extensions, extension))


@_effect(c.AnswerExtension)
def _extension_answered(state: CaseState, event: Happened, command: c.AnswerExtension) -> CaseState:
    *before, last = state.extensions
    answered = replace(last, agreed=command.agreed, resident_words=command.words)
    return replace(state, extensions=(*before, answered))


@_effect(c.UpdateResident)
def _resident_updated(state: CaseState, event: Happened, command: c.UpdateResident) -> CaseState:
    return replace(state, last_contact_on=clock.london_date(event.at))


@_effect(c.Mediate)
def _mediation_recorded(state: CaseState, event: Happened, command: c.Mediate) -> CaseState:
    said = f"{command.words} {command.answer}".strip()
    return replace(state, mediation=f"{state.mediation}\n{said}".strip())


@_effect(c.Respond)
def _responded(state: CaseState, event: Happened, command: c.Respond) -> CaseState:
    state = replace(state, last_contact_on=clock.london_date(event.at))
    if command.learning:
        state = replace(state, learning=command.learning.text)
    if state.stage_number == 2:
        return _milestones(state, final_response_at=event.at)
    return _milestones(state, responded_at=event.at)


@_effect(c.Escalate)
def _escalated(state: CaseState, event: Happened, command: c.Escalate) -> CaseState:
    state = _more_files(state, command.files)
    state = _milestones(
        state, escalated_at=command.received_at or event.at, escalation_logged_at=event.at, closed_at=None
    )
    return replace(state, escalation_reason=command.reason, close_reason=None)


@_effect(c.SetConsent)
def _consent_set(state: CaseState, event: Happened, command: c.SetConsent) -> CaseState:
    return replace(state, consent=replace(command.consent, recorded_at=event.at))


@_effect(c.RecordLearning)
def _learning_recorded(state: CaseState, event: Happened, command: c.RecordLearning) -> CaseState:
    return replace(state, learning=command.words, learning_theme=command.theme)


@_effect(c.Close)
def _closed(state: CaseState, event: Happened, command: c.Close) -> CaseState:
    return replace(_milestones(state, closed_at=event.at), close_reason=command.reason)


@_effect(c.Withdraw)
def _withdrawn(state: CaseState, event: Happened, command: c.Withdraw) -> CaseState:
    return replace(_milestones(state, closed_at=event.at), close_reason=CloseReason.WITHDRAWN)


@_effect(c.Reopen)
def _reopened(state: CaseState, event: Happened, command: c.Reopen) -> CaseState:
    if event.facts.back_to is None:
        raise ValueError("a reopened case keeps the stage it goes back to")
    return replace(_milestones(state, closed_at=None), close_reason=None, stage=event.facts.back_to)


@_effect(c.Translate)
def _translated(state: CaseState, event: Happened, command: c.Translate) -> CaseState:
    # The words themselves are read from the log beside the original, never over it.
    return replace(state, untranslated=state.untranslated - {command.of})


@_effect(c.Tag)
def _tagged(state: CaseState, event: Happened, command: c.Tag) -> CaseState:
    kept = [tag for tag in state.tags if tag not in command.remove]
    return replace(state, tags=tuple(dict.fromkeys([*kept, *command.add])))


@_effect(c.Remind)
def _reminded(state: CaseState, event: Happened, command: c.Remind) -> CaseState:
    if command.on is None:
        return replace(state, reminder=None)
    return replace(state, reminder=Reminder(on=command.on, reason=command.reason, by=event.name))


@_effect(c.Link)
def _linked(state: CaseState, event: Happened, command: c.Link) -> CaseState:
    return replace(state, linked=(*(r for r in state.linked if r != command.ref), command.ref))


@_effect(c.OfferVisit)
def _visit_offered(state: CaseState, event: Happened, command: c.OfferVisit) -> CaseState:
    visit = Visit(stage=state.stage_number, accepted=command.accepted)
    return replace(state, visits=(*state.visits, visit))


@_effect(c.HoldPanel)
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


@_effect(c.AskCheck)
def _check_asked(state: CaseState, event: Happened, command: c.AskCheck) -> CaseState:
    asked = Checked(about=command.about, stage=state.stage_number, by_id=command.of.id, by=command.of.name)
    kept = tuple(x for x in state.checks if (x.about, x.stage) != (asked.about, asked.stage))
    return replace(state, checks=(*kept, asked))


@_effect(c.Check)
def _checked(state: CaseState, event: Happened, command: c.Check) -> CaseState:
    return replace(
        state,
        checks=tuple(
            replace(x, fine=command.fine, words=command.words)
            if (x.about, x.stage, x.by_id) == (command.about, state.stage_number, event.staff_id)
            else x
            for x in state.checks
        ),
    )


@_effect(c.UndoSend)
def _send_undone(state: CaseState, event: Happened, command: c.UndoSend) -> CaseState:
    # Whoever acted has acted, whatever was taken back.
    before = decode(event.facts.restored)
    return replace(before, acted_stage_1=before.acted_stage_1 | state.acted_stage_1)


@_effect(c.GiveFeedback)
def _feedback_given(state: CaseState, event: Happened, command: c.GiveFeedback) -> CaseState:
    return replace(state, feedback=Feedback(satisfied=command.satisfied, words=command.words))


@_effect(c.AnswerChecklist)
def _checklist_answered(state: CaseState, event: Happened, command: c.AnswerChecklist) -> CaseState:
    kept = tuple(a for a in state.checklist if a.item != command.item)
    answer = CheckAnswer(item=command.item, answer=command.answer, comment=command.comment)
    return replace(state, checklist=(*kept, answer))


@_effect(c.RaiseOverdue)
def _overdue_raised(state: CaseState, event: Happened, command: c.RaiseOverdue) -> CaseState:
    return replace(state, overdue_raised=state.overdue_raised | {f"{command.clock}:{command.due_on}"})


@_effect(c.RecomputeDates)
def _dates_recomputed(state: CaseState, event: Happened, command: c.RecomputeDates) -> CaseState:
    return state  # due dates are computed from milestones and calendar; the event records what moved


COMPLETE = frozenset(_EFFECTS) | {c.Submit}

_derived = msgspec.json.Encoder(order="deterministic")
encode_derived = _derived.encode
decode_derived = msgspec.json.Decoder(Derived).decode

__all__ = ["COMPLETE", "Derived", "Happened", "apply", "decode_derived", "encode_derived", "fold"]
