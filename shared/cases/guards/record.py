"""Guards of the record: what is kept, promised, learned, checked, closed and opened again."""

from collections.abc import Iterator

from shared.cases import commands as c
from shared.cases.guards.common import (
    Env,
    Problem,
    countable,
    guard,
    needs,
    not_future,
    promised_day,
    unconflicted,
)
from shared.cases.guards.money import in_message, translated, unrecorded
from shared.cases.state import CaseState, StaffRef
from shared.cases.wording import PANEL_STEPS
from shared.clock import london_date
from shared.identity.actors import Actor, Staff
from shared.identity.roles import Permission, may
from shared.letters.facts import Words
from shared.letters.sums import given, promised
from shared.policy.terms import CODE
from shared.vocab import CloseReason, Kind, Role, Stage

LONGEST_INTERVAL = 365  # days between two words to the resident
LONGEST_TAG = 40  # characters
MOST_TAGS = 20
LONGEST_TASK = 300  # characters
RESIDENTS_PANEL_STEPS = frozenset({"asked", "declined"})


@guard(c.RecordContact)
def _record_contact(state: CaseState, command: c.RecordContact, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("words", command.words, "Write what was said or done", f"{CODE}, 5.12")
    yield from not_future("happened_at", command.happened_at, env)
    if not 0 <= command.contact_every_days <= LONGEST_INTERVAL:
        yield Problem("contact_every_days", f"Enter a number of days from 1 to {LONGEST_INTERVAL}")


@guard(c.Note)
def _note(state: CaseState, command: c.Note, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("text", command.text, "Write the note")
    for person in command.mentions:
        account = env.staff(person.id)
        if account is None or not may(account.roles, Permission.SEES_INBOX) or person.id in state.conflicts:
            yield Problem("text", f"{person.name} cannot open this case. Take @{person.name} out")


@guard(c.AddTask)
def _add_task(state: CaseState, command: c.AddTask, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("text", command.text, "Write what is to be done")
    if len(command.text) > LONGEST_TASK:
        yield Problem("text", f"Use {LONGEST_TASK} characters or fewer. Put the rest into a note")
    account = env.staff(command.owner.id)
    if account is None or not may(account.roles, Permission.SEES_INBOX):
        yield Problem("owner", "Choose somebody who can open this case")
    yield from unconflicted("owner", command.owner.id, state)
    if command.due_on < env.today:
        yield Problem("due_on", "Check the date. It has passed already")
    yield from countable("due_on", command.due_on)


@guard(c.FinishTask)
def _finish_task(state: CaseState, command: c.FinishTask, actor: Actor, env: Env) -> Iterator[Problem]:
    if command.number not in {task.number for task in state.open_tasks}:
        yield Problem("number", "Choose a task that is still open")


@guard(c.Message)
def _message(state: CaseState, command: c.Message, actor: Actor, env: Env) -> Iterator[Problem]:
    if not command.files:
        yield from needs("text", command.text, "Write your message")
    if isinstance(actor, Staff) and state.kind is Kind.COMPLAINT:  # or there is no way to record a payment
        yield from in_message(command.text, command.language, state)


@guard(c.AddInformation)
def _add_information(
    state: CaseState, command: c.AddInformation, actor: Actor, env: Env
) -> Iterator[Problem]:
    if not command.files:
        yield from needs("text", command.text, "Write what you want to add, or add a file")


@guard(c.ChangeContact)
def _change_contact(state: CaseState, command: c.ChangeContact, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("name", command.resident.name, "Enter a name")
    person = command.resident
    if not (person.email or person.phone or person.address):
        yield Problem("contact", "Keep at least one way to get in contact")


@guard(c.SetConsent)
def _set_consent(state: CaseState, command: c.SetConsent, actor: Actor, env: Env) -> Iterator[Problem]:
    if state.helper is None:
        yield Problem("scope", "Nobody is helping with this complaint")
    if isinstance(actor, Staff):
        yield from needs("words", command.consent.words, "Write the words the resident used, and how")
    if command.consent.until is not None and command.consent.until < env.today:
        yield Problem("until", "Check the date. It has passed already")


@guard(c.Commit)
def _commit(state: CaseState, command: c.Commit, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("text", command.text, "Write what we promise to do", f"{CODE}, 6.6")
    yield from unrecorded("text", command.text, state, given)
    yield from _owner(state, command.owner, env)
    yield from promised_day("due_on", command.due_on, env)


def _owner(state: CaseState, owner: StaffRef, env: Env) -> Iterator[Problem]:
    """A colleague with an account or, without a number, somebody outside such as a contractor."""
    yield from needs("owner", owner.name, "Name who will see to it", f"{CODE}, 6.6")
    if owner.id and env.staff(owner.id) is None:
        yield Problem("owner", "Choose somebody with an active account", f"{CODE}, 6.6")
    yield from unconflicted("owner", owner.id, state)


def _known_commitment(state: CaseState, number: int) -> Iterator[Problem]:
    if number not in {p.number for p in state.commitments}:
        yield Problem("number", "Choose a promise of this case")


@guard(c.CompleteCommitment)
def _complete(state: CaseState, command: c.CompleteCommitment, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _known_commitment(state, command.number)
    yield from not_future("completed_on", command.completed_on, env)
    if not command.files:
        yield from needs(
            "proof", command.proof, "Write how we know it is done, or add a photo", f"{CODE}, 7.3"
        )


@guard(c.ConfirmCommitment)
def _confirm(state: CaseState, command: c.ConfirmCommitment, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _known_commitment(state, command.number)
    if isinstance(actor, Staff):
        yield from needs("words", command.words, "Write what the resident said, and how", f"{CODE}, 7.3")


@guard(c.MoveCommitment)
def _move(state: CaseState, command: c.MoveCommitment, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _known_commitment(state, command.number)
    yield from needs("reason", command.reason, "Write why the date or the owner changes", f"{CODE}, 6.6")
    yield from unrecorded("reason", Words(command.reason, translation=command.translation), state, promised)
    yield from _owner(state, command.owner, env)
    yield from promised_day("due_on", command.due_on, env)
    if command.number in {p.number for p in state.commitments if not p.open}:
        yield Problem("number", "This promise is kept. Make a new one", f"{CODE}, 6.6")


@guard(c.RecordLearning)
def _learning(state: CaseState, command: c.RecordLearning, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("words", command.words, "Write what we learned", f"{CODE}, 9.1")


@guard(c.Close)
def _close(state: CaseState, command: c.Close, actor: Actor, env: Env) -> Iterator[Problem]:
    reason = command.reason
    fits = {
        Stage.RECEIVED: {CloseReason.RESOLVED},
        Stage.STAGE_1_ANSWERED: {CloseReason.RESOLVED, CloseReason.NO_REPLY},
        Stage.STAGE_2_ANSWERED: {CloseReason.FINAL_RESPONSE, CloseReason.RESOLVED},
        Stage.NOT_ACCEPTED: {CloseReason.NOT_ACCEPTED},
        Stage.SERVICE_REQUEST: {CloseReason.RESOLVED, CloseReason.PASSED_ON},
        Stage.RECORDED: {CloseReason.PASSED_ON, CloseReason.RESOLVED},
    }[state.stage]
    if reason not in fits:
        yield Problem("reason", "Choose a reason that fits where the case stands")
    if reason is CloseReason.NO_REPLY:
        ends = env.record_closes_on or env.window_ends_on
        if ends is None or env.today <= ends:
            until = f" It ends on {ends:%d %B %Y}." if ends else ""
            yield Problem("reason", f"The resident still has time to answer.{until} Close after that day")
        if not state.silent:
            heard = "The resident has been in touch, or a question to her is open. This is no silence"
            yield Problem("reason", heard, f"{CODE}, 5.9")
    # A record that closes by itself on silence gets its learning afterwards: staff are asked for it.
    by_staff = actor.role is not Role.SYSTEM
    before_final = state.stage in {Stage.RECEIVED, Stage.STAGE_1_ANSWERED}
    if by_staff and reason is CloseReason.RESOLVED and before_final:
        yield from needs("words", command.words, "Write how the resident said that it is put right")
    taken_on = state.kind is Kind.COMPLAINT and state.stage is not Stage.NOT_ACCEPTED
    if taken_on:
        yield from unrecorded("words", command.words, state, promised)
    if by_staff and taken_on and not state.learning.strip():
        yield Problem("learning", "Record what we learned before closing", f"{CODE}, 9.1")


@guard(c.Reopen)
def _reopen(state: CaseState, command: c.Reopen, actor: Actor, env: Env) -> Iterator[Problem]:
    if not isinstance(actor, Staff):
        return  # whoever wants a formal answer needs no reason
    yield from needs("reason", command.reason, "Write why the record opens again")


@guard(c.Tag)
def _tag(state: CaseState, command: c.Tag, actor: Actor, env: Env) -> Iterator[Problem]:
    if not command.add and not command.remove:
        yield Problem("add", "Enter a tag")
    for tag in command.add:
        if not tag.strip() or tag != " ".join(tag.split()) or len(tag) > LONGEST_TAG or "," in tag:
            yield Problem("add", f"Use {LONGEST_TAG} characters or fewer for a tag, without commas")
    if len(set(state.tags) | set(command.add)) > MOST_TAGS:
        yield Problem("add", f"A case has room for {MOST_TAGS} tags. Take one off first")


@guard(c.Translate)
def _translate(state: CaseState, command: c.Translate, actor: Actor, env: Env) -> Iterator[Problem]:
    if not command.of.startswith("letter:"):
        return
    if command.of not in state.untranslated:
        yield Problem("of", "This letter waits for no translation")
    if command.language != state.language:
        yield Problem("language", "Translate our own words into the resident's language", f"{CODE}, 3.1")
    letter = env.letter_text(int(command.of.partition(":")[2])) if command.of in state.untranslated else ""
    yield from translated("text", command.text, letter, state)


@guard(c.Remind)
def _remind(state: CaseState, command: c.Remind, actor: Actor, env: Env) -> Iterator[Problem]:
    if command.on is None:
        if state.reminder is None:
            yield Problem("on", "This case has no reminder")
        return
    if command.on <= env.today:
        yield Problem("on", "Enter a day after today")
    yield from needs("reason", command.reason, "Write why you want to look at the case again")


@guard(c.Link)
def _link(state: CaseState, command: c.Link, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("why", command.why, "Write how the two cases belong together", f"{CODE}, 6.8")
    if command.ref == state.ref:
        yield Problem("ref", "Choose another case")


@guard(c.HoldPanel)
def _hold_panel(state: CaseState, command: c.HoldPanel, actor: Actor, env: Env) -> Iterator[Problem]:
    panel = env.policy.landlord.panel
    if panel is None:
        yield Problem("step", "This landlord has no panel")
        return
    by_staff = isinstance(actor, Staff)
    if command.step not in (PANEL_STEPS if by_staff else RESIDENTS_PANEL_STEPS):
        yield Problem("step", "Choose what happened")
    if by_staff:
        yield from needs("words", command.words, "Write what was said or decided", panel.source)
    yield from not_future("happened_on", command.happened_on, env)
    asked_again = state.milestones.escalated_at
    if asked_again is not None and command.happened_on < london_date(asked_again):
        yield Problem("happened_on", "Check the date. Stage 2 had not been asked for then", panel.source)
    met = state.panel.held_on if state.panel else None
    asked = state.panel.asked_on if state.panel else None
    earlier = {"held": asked, "outcome": met}.get(command.step)
    if earlier is not None and command.happened_on < earlier:
        yield Problem("happened_on", f"Check the date. It is before {earlier:%-d %B %Y}", panel.source)
    if command.step in RESIDENTS_PANEL_STEPS and met is not None and command.happened_on > met:
        yield Problem("step", "The panel has met already", panel.source)
    if command.step == "asked" and not by_staff and state.panel is not None and state.panel.awaited:
        yield Problem("step", "The panel has been asked for already. Its dates run from then", panel.source)
    if command.step == "outcome" and (state.panel is None or state.panel.held_on is None):
        yield Problem("step", "Record first when the panel met", panel.source)


@guard(c.OfferVisit)
def _offer_visit(state: CaseState, command: c.OfferVisit, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("words", command.words, "Write how the visit was offered and what was answered")


@guard(c.AskCheck)
def _ask_check(state: CaseState, command: c.AskCheck, actor: Actor, env: Env) -> Iterator[Problem]:
    account = env.staff(command.of.id)
    yield from unconflicted("of", command.of.id, state)
    if account is None or account.key == actor.key:
        yield Problem("of", "Choose somebody else with an active account")


@guard(c.Check)
def _check(state: CaseState, command: c.Check, actor: Actor, env: Env) -> Iterator[Problem]:
    if not command.fine:
        yield from needs("words", command.words, "Write what to change")


@guard(c.UndoSend)
def _undo_send(state: CaseState, command: c.UndoSend, actor: Actor, env: Env) -> Iterator[Problem]:
    if state.last_sent is None or state.last_sent.seq != command.seq:
        yield Problem("seq", "Something has happened since. The letter stays sent")


@guard(c.GiveFeedback)
def _feedback(state: CaseState, command: c.GiveFeedback, actor: Actor, env: Env) -> Iterator[Problem]:
    if command.satisfied not in range(1, 6):
        yield Problem("satisfied", "Choose one answer")


@guard(c.AnswerChecklist)
def _checklist(state: CaseState, command: c.AnswerChecklist, actor: Actor, env: Env) -> Iterator[Problem]:
    open_lines = {i.id for s in env.policy.landlord.checklist for i in s.items}
    if command.item not in open_lines:
        yield Problem("item", "Choose a line of the checklist")


@guard(c.MarkAddress)
def _mark_address(state: CaseState, command: c.MarkAddress, actor: Actor, env: Env) -> Iterator[Problem]:
    if state.fails(command.channel, command.address) == command.fails:
        yield Problem("address", "This is known already")


@guard(c.RaiseOverdue)
def _raise_overdue(state: CaseState, command: c.RaiseOverdue, actor: Actor, env: Env) -> Iterator[Problem]:
    if f"{command.clock}:{command.due_on}" in state.overdue_raised:
        yield Problem("clock", "This was raised before")
