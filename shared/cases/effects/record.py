"""Effects on the record: contact, messages, people and needs, consent, learning, checks, what time did."""

from datetime import datetime

from msgspec.structs import replace

from shared import clock
from shared.cases import commands as c
from shared.cases.effects.common import (
    CALL,
    Happened,
    arrange,
    arranged,
    effect,
    milestones,
    more_files,
)
from shared.cases.state import (
    ENGLISH,
    CaseState,
    CheckAnswer,
    Checked,
    Feedback,
    Message,
    Reminder,
    Task,
    Translated,
    channel_key,
    decode,
)
from shared.vocab import Stage


@effect(c.RecordContact)
def _contact_recorded(state: CaseState, event: Happened, command: c.RecordContact) -> CaseState:
    state = more_files(state, command.files)
    happened = command.happened_at
    with_resident = command.with_whom in {"resident", "helper"}
    if with_resident and command.reached:
        on = clock.london_date(happened)
        if state.last_contact_on is None or on > state.last_contact_on:
            state = replace(state, last_contact_on=on)
        state = arranged(state, CALL, on)
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
        return milestones(state, stage_2_first_contact_at=happened)
    first = state.stage in {Stage.RECEIVED, Stage.STAGE_1}
    if first and counts(m.allocated_at, m.first_contact_at):
        return milestones(state, first_contact_at=happened)
    return state


@effect(c.Note)
def _noted(state: CaseState, event: Happened, command: c.Note) -> CaseState:
    return more_files(state, command.files)


@effect(c.AddInformation)
def _information_added(state: CaseState, event: Happened, command: c.AddInformation) -> CaseState:
    return more_files(state, command.files)


@effect(c.Message)
def _message_sent(state: CaseState, event: Happened, command: c.Message) -> CaseState:
    message = Message(
        at=event.at,
        sender=event.name,
        text=command.text,
        language=command.language,
        from_staff=event.staff_id is not None,
        files=tuple(f.id for f in command.files),
    )
    state = more_files(state, command.files)
    if message.from_staff:
        state = replace(state, last_contact_on=clock.london_date(event.at))
    return replace(state, messages=(*state.messages, message))


@effect(c.ChangeContact)
def _contact_changed(state: CaseState, event: Happened, command: c.ChangeContact) -> CaseState:
    return replace(state, resident=command.resident, safety=command.safety)


@effect(c.ChangeNeeds)
def _needs_changed(state: CaseState, event: Happened, command: c.ChangeNeeds) -> CaseState:
    known = {need.code: need for need in state.needs}
    needs = tuple(
        replace(known[n.code], detail=n.detail or known[n.code].detail) if n.code in known else n
        for n in command.needs
    )
    return arrange(replace(state, needs=needs, language=command.language or state.language), event)


@effect(c.MeetNeed)
def _need_met(state: CaseState, event: Happened, command: c.MeetNeed) -> CaseState:
    needs = tuple(
        replace(n, met=command.met, owner=command.owner, review_on=command.review_on)
        if n.code == command.code
        else n
        for n in state.needs
    )
    state = replace(state, needs=needs)
    return arranged(state, command.code, clock.london_date(event.at)) if command.met else state


@effect(c.SetConsent)
def _consent_set(state: CaseState, event: Happened, command: c.SetConsent) -> CaseState:
    return replace(state, consent=replace(command.consent, recorded_at=event.at))


@effect(c.RecordLearning)
def _learning_recorded(state: CaseState, event: Happened, command: c.RecordLearning) -> CaseState:
    return replace(state, learning=command.words, learning_theme=command.theme)


@effect(c.Translate)
def _translated(state: CaseState, event: Happened, command: c.Translate) -> CaseState:
    # A page of the case reads the words from the log, beside the original and never over it.
    state = replace(state, untranslated=state.untranslated - {command.of})
    if command.language != ENGLISH:
        return state
    others = tuple(one for one in state.translated if one.of != command.of)
    return replace(state, translated=(*others, Translated(of=command.of, text=command.text)))


@effect(c.Tag)
def _tagged(state: CaseState, event: Happened, command: c.Tag) -> CaseState:
    kept = [tag for tag in state.tags if tag not in command.remove]
    return replace(state, tags=tuple(dict.fromkeys([*kept, *command.add])))


@effect(c.Remind)
def _reminded(state: CaseState, event: Happened, command: c.Remind) -> CaseState:
    if command.on is None:
        return replace(state, reminder=None)
    return replace(state, reminder=Reminder(on=command.on, reason=command.reason, by=event.name))


@effect(c.AddTask)
def _task_added(state: CaseState, event: Happened, command: c.AddTask) -> CaseState:
    task = Task(
        number=len(state.tasks) + 1,
        text=command.text,
        owner=command.owner.name,
        owner_id=command.owner.id,
        due_on=command.due_on,
        by=event.name,
    )
    return replace(state, tasks=(*state.tasks, task))


@effect(c.FinishTask)
def _task_finished(state: CaseState, event: Happened, command: c.FinishTask) -> CaseState:
    on = clock.london_date(event.at)
    return replace(
        state, tasks=tuple(replace(t, done_on=on) if t.number == command.number else t for t in state.tasks)
    )


@effect(c.Link)
def _linked(state: CaseState, event: Happened, command: c.Link) -> CaseState:
    return replace(state, linked=(*(r for r in state.linked if r != command.ref), command.ref))


@effect(c.AskCheck)
def _check_asked(state: CaseState, event: Happened, command: c.AskCheck) -> CaseState:
    asked = Checked(
        about=command.about,
        stage=state.stage_number,
        by_id=command.of.id,
        by=command.of.name,
        exactly=command.exactly,
        asked_by=event.staff_id,
    )
    kept = tuple(x for x in state.checks if (x.about, x.stage) != (asked.about, asked.stage))
    return replace(state, checks=(*kept, asked))


@effect(c.Check)
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


@effect(c.UndoSend)
def _send_undone(state: CaseState, event: Happened, command: c.UndoSend) -> CaseState:
    # Whoever acted has acted, whatever was taken back.
    before = decode(event.facts.restored)
    return replace(before, acted_stage_1=before.acted_stage_1 | state.acted_stage_1)


@effect(c.GiveFeedback)
def _feedback_given(state: CaseState, event: Happened, command: c.GiveFeedback) -> CaseState:
    return replace(state, feedback=Feedback(satisfied=command.satisfied, words=command.words))


@effect(c.AnswerChecklist)
def _checklist_answered(state: CaseState, event: Happened, command: c.AnswerChecklist) -> CaseState:
    kept = tuple(a for a in state.checklist if a.item != command.item)
    answer = CheckAnswer(item=command.item, answer=command.answer, comment=command.comment)
    return replace(state, checklist=(*kept, answer))


@effect(c.MarkAddress)
def _address_marked(state: CaseState, event: Happened, command: c.MarkAddress) -> CaseState:
    one = frozenset({channel_key(command.channel, command.address)})
    return replace(state, failing=state.failing | one if command.fails else state.failing - one)


@effect(c.RaiseOverdue)
def _overdue_raised(state: CaseState, event: Happened, command: c.RaiseOverdue) -> CaseState:
    return replace(state, overdue_raised=state.overdue_raised | {f"{command.clock}:{command.due_on}"})


@effect(c.RecomputeDates)
def _dates_recomputed(state: CaseState, event: Happened, command: c.RecomputeDates) -> CaseState:
    return state  # due dates are computed from milestones and calendar; the event records what moved
