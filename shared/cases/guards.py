"""The law and the landlord's rules that depend on what was typed: pure checks, one function a command.

flow.py has already said that this role may take this action at this stage. A guard returns every problem at
once, each with the field it belongs to, how to mend it, and the clause it comes from.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared import clock
from shared.cases import commands as c
from shared.cases.law import extension_rule
from shared.cases.state import CaseState, StaffRef
from shared.identity.actors import Actor, Staff
from shared.letters.facts import Words
from shared.policy.policy import Policy
from shared.policy.terms import Agreement, CodeGround
from shared.vocab import CloseReason, Kind, Role, Stage


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stands in the way: where, how to mend it, and which rule asks for it."""

    field: str
    message: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Env:
    """What a guard may know besides the case: the rules, the day, and who people are."""

    policy: Policy
    now: datetime
    staff: Callable[[int], Staff | None]  # an active account, or None
    response_due_on: date | None = None  # of the stage the case is in
    window_ends_on: date | None = None  # the landlord's escalation window, None where there is none
    record_closes_on: date | None = None

    @property
    def today(self) -> date:
        """The London day of `now`."""
        return clock.london_date(self.now)


CODE = "Complaint Handling Code 2024"

Guard = Callable[[CaseState, Any, Actor, Env], Iterator[Problem]]
LONGEST_TAG = 40  # characters
MOST_TAGS = 20

_GUARDS: dict[type[c.Command], Guard] = {}


def _guard(command: type[c.Command]) -> Callable[[Guard], Guard]:
    def register(function: Guard) -> Guard:
        _GUARDS[command] = function
        return function

    return register


def problems(state: CaseState | None, command: c.Command, actor: Actor, env: Env) -> list[Problem]:
    """Everything that stands in the way of this command; empty when nothing does."""
    if isinstance(command, c.Submit):
        return list(_submit(command, actor, env))
    if state is None:
        raise ValueError("only a submission can come without a case")
    guard = _GUARDS.get(type(command))
    return list(guard(state, command, actor, env)) if guard else []


def _needs(field: str, words: Words | str | None, message: str, clause: str = "") -> Iterator[Problem]:
    text = words.text if isinstance(words, Words) else (words or "")
    if not text.strip():
        yield Problem(field, message, clause)


def _not_future(field: str, when: datetime | date, env: Env) -> Iterator[Problem]:
    late = when > env.now if isinstance(when, datetime) else when > env.today
    if late:
        yield Problem(field, "Check the date. It is in the future")


def _submit(command: c.Submit, actor: Actor, env: Env) -> Iterator[Problem]:
    if not command.story.what.strip() and not command.story.write_for_me:
        yield Problem("what", "Write what has gone wrong, or ask for a call")
    person = command.resident
    if not command.anonymous:
        if person is None or not person.name.strip():
            yield Problem("name", "Enter a name")
        reachable = [
            p for p in (person, command.helper) if p and (p.email or p.phone or p.address or p.postcode)
        ]
        if not reachable:
            yield Problem("contact", "Enter one way to get in contact")
    if command.received_at is not None:
        yield from _not_future("received_at", command.received_at, env)


@_guard(c.Triage)
def _triage(state: CaseState, command: c.Triage, actor: Actor, env: Env) -> Iterator[Problem]:
    if state.kind is Kind.COMPLAINT and command.kind is not Kind.COMPLAINT:
        yield from _needs(
            "note",
            command.note,
            "Write why this is not a complaint and that the resident agrees. Who wishes to complain may",
            f"{CODE}, 1.3",
        )


@_guard(c.RecordContact)
def _record_contact(state: CaseState, command: c.RecordContact, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("words", command.words, "Write what was said or done", f"{CODE}, 5.12")
    yield from _not_future("happened_at", command.happened_at, env)
    if command.contact_every_days < 0:
        yield Problem("contact_every_days", "Enter a number of days from 1")


@_guard(c.Note)
def _note(state: CaseState, command: c.Note, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("text", command.text, "Write the note")


@_guard(c.Message)
def _message(state: CaseState, command: c.Message, actor: Actor, env: Env) -> Iterator[Problem]:
    if not command.files:
        yield from _needs("text", command.text, "Write your message")


@_guard(c.AddInformation)
def _add_information(
    state: CaseState, command: c.AddInformation, actor: Actor, env: Env
) -> Iterator[Problem]:
    if not command.files:
        yield from _needs("text", command.text, "Write what you want to add, or add a file")


@_guard(c.ChangeContact)
def _change_contact(state: CaseState, command: c.ChangeContact, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("name", command.resident.name, "Enter a name")
    person = command.resident
    if not (person.email or person.phone or person.address):
        yield Problem("contact", "Keep at least one way to get in contact")


@_guard(c.Define)
def _define(state: CaseState, command: c.Define, actor: Actor, env: Env) -> Iterator[Problem]:
    if not [p for p in command.points if p.text.text.strip()]:
        yield Problem("points", "Write at least one point of the complaint", f"{CODE}, 5.6")
    if not [o for o in command.outcomes if o.text.strip()]:
        yield Problem(
            "outcomes",
            "Write what outcome the resident seeks, in her words",
            f"{CODE}, 5.6",
        )
    if not command.responsible_for.text.strip():
        yield Problem("responsible_for", "Write what we are responsible for", f"{CODE}, 5.7")
    if not command.not_responsible_for.text.strip():
        yield Problem(
            "not_responsible_for",
            "Write what we are not responsible for, or that nothing lies outside it",
            f"{CODE}, 5.7",
        )


@_guard(c.AskClarification)
def _ask(state: CaseState, command: c.AskClarification, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("question", command.question, "Write the question")


@_guard(c.AnswerClarification)
def _answer(state: CaseState, command: c.AnswerClarification, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("answer", command.answer, "Write your answer")
    if command.number not in {q.number for q in state.clarifications if q.answered_at is None}:
        yield Problem("number", "This question has been answered already")


def independence(state: CaseState, staff_id: int) -> Iterator[Problem]:
    """Nobody who had a hand in stage 1 looks into stage 2 (Code 6.13). Asked on every route that assigns."""
    if staff_id in state.acted_stage_1:
        yield Problem(
            "to",
            "This person acted at stage 1 and cannot look into stage 2. Choose somebody else",
            f"{CODE}, 6.13",
        )


@_guard(c.Allocate)
def _allocate(state: CaseState, command: c.Allocate, actor: Actor, env: Env) -> Iterator[Problem]:
    account = env.staff(command.to.id)
    if account is None:
        yield Problem("to", "Choose somebody with an active account")
        return
    fit = {Role.OFFICER, Role.HANDLER, Role.MANAGER}
    if state.stage_number == 2:
        fit = {Role.HANDLER, Role.SERVICE_MANAGER, Role.MANAGER, Role.DIRECTOR}
    if not account.roles & fit:
        yield Problem("to", "This person does not look into complaints at this stage. Choose another")
    if command.to.id in state.conflicts:
        yield Problem(
            "to",
            "This person has declared a conflict of interest. Choose another",
            f"{CODE}, 5.8",
        )
    if state.stage_number == 2:
        yield from independence(state, command.to.id)


@_guard(c.Acknowledge)
def _acknowledge(state: CaseState, command: c.Acknowledge, actor: Actor, env: Env) -> Iterator[Problem]:
    if state.definition is None:
        yield Problem(
            "definition",
            "Write the complaint definition first: the points and the outcomes sought",
            f"{CODE}, 5.6",
        )
    if state.holder is None:
        yield Problem("handler", "Name who looks into the complaint first", _handler_clause(state))
    if state.stage_number == 2 and state.reviewer is not None:
        yield from independence(state, state.reviewer.id)


def _handler_clause(state: CaseState) -> str:
    return f"{CODE}, " + ("6.13" if state.stage_number == 2 else "6.2")


def _approver(
    field: str, approver: StaffRef | None, needed: Role, env: Env, clause: str, *, actor: Actor | None = None
) -> Iterator[Problem]:
    """The approver is an active account with the role the landlord asks for, or a more senior one."""
    rank = [Role.OFFICER, Role.HANDLER, Role.SERVICE_MANAGER, Role.MANAGER, Role.DIRECTOR]
    fit = set(rank[rank.index(needed) :]) if needed in rank else {needed}
    account = env.staff(approver.id) if approver else None
    if account is None or not account.roles & fit:
        title = env.policy.landlord.titles.get(needed, needed.value.replace("_", " "))
        yield Problem(field, f"Choose who approved this: the {title} or somebody more senior", clause)


def _refusal(
    state: CaseState, command: c.NotAccept | c.DeclineEscalation, grounds: Any, env: Env, *, code_only: bool
) -> Iterator[Problem]:
    ground = next((g for g in grounds if g.id == command.ground), None)
    if ground is None or not ground.usable or (code_only and ground.code_ground is None):
        yield Problem("ground", "Choose a ground that the Code allows", f"{CODE}, 2.2")
    elif ground.code_ground is CodeGround.LEGAL_PROCEEDINGS:
        if command.court_filed_on is None:
            yield Problem(
                "court_filed_on",
                "Enter the day on which the claim form and particulars were filed at court. "
                "A letter before action is no ground",
                f"{CODE}, 2.2",
            )
        else:
            yield from _not_future("court_filed_on", command.court_filed_on, env)
    yield from _needs(
        "reasons",
        command.reasons,
        "Write why, for this complaint on its own merits",
        f"{CODE}, 2.5",
    )
    yield from _needs("evidence", command.evidence, "Write what this rests on", f"{CODE}, 2.4")
    yield from _needs(
        "exceptional",
        command.exceptional,
        "Write how you weighed whether to make an exception",
        f"{CODE}, 2.3",
    )


@_guard(c.NotAccept)
def _not_accept(state: CaseState, command: c.NotAccept, actor: Actor, env: Env) -> Iterator[Problem]:
    landlord = env.policy.landlord
    yield from _refusal(state, command, landlord.exclusions, env, code_only=False)
    approvals = landlord.approvals
    yield from _approver("approver", command.approver, approvals.refusal, env, approvals.refusal_source)


@_guard(c.DeclineEscalation)
def _decline(state: CaseState, command: c.DeclineEscalation, actor: Actor, env: Env) -> Iterator[Problem]:
    landlord = env.policy.landlord
    grounds = (*landlord.escalation.refusals, *landlord.exclusions)
    yield from _refusal(state, command, grounds, env, code_only=True)
    approvals = landlord.approvals
    yield from _approver("approver", command.approver, approvals.refusal, env, approvals.refusal_source)


@_guard(c.Decide)
def _decide(state: CaseState, command: c.Decide, actor: Actor, env: Env) -> Iterator[Problem]:
    points = {p.number: p for p in state.definition.points} if state.definition else {}
    if command.point not in points:
        yield Problem("point", "Choose a point of the complaint definition")
    clause = f"{CODE}, " + ("6.19" if state.stage_number == 2 else "6.9")
    yield from _needs("reasons", command.reasons, "Write the reasons for this decision", clause)
    yield from _needs(
        "basis",
        command.basis,
        "Write which policy, law or good practice this rests on",
        f"{CODE}, 6.7",
    )


@_guard(c.OfferRemedy)
def _offer(state: CaseState, command: c.OfferRemedy, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("text", command.text, "Write what we will do", f"{CODE}, 7.1")
    if command.kind != "money":
        if command.by_on is None and command.kind in {
            "action",
            "correction",
            "change_of_policy",
            "reconsideration",
        }:
            yield Problem("by_on", "Enter by when it will be done", f"{CODE}, 7.3")
        return
    if command.amount_pence <= 0:
        yield Problem("amount", "Enter the amount in pounds, such as 150.00")
        return
    if command.by_on is None:
        yield Problem("by_on", "Enter by when it will be paid", f"{CODE}, 7.3")
    if any(pence < 0 for _, pence in command.breakdown) or (
        sum(pence for _, pence in command.breakdown) != command.amount_pence
    ):
        yield Problem("breakdown", "Check the breakdown. The lines must add up to the amount")
    if command.ordered_by_ombudsman and command.offset_arrears:
        yield Problem("offset_arrears", "A sum the Ombudsman ordered cannot be set against arrears")
    approver = env.staff(command.approver.id) if command.approver else None
    people = [p for p in (actor, approver) if p is not None]
    if not any(env.policy.may_promise(role, command.amount_pence) for p in people for role in p.roles):
        yield Problem("approver", "This is above your limit. Choose somebody who may approve this amount")


@_guard(c.SettleRemedy)
def _settle(state: CaseState, command: c.SettleRemedy, actor: Actor, env: Env) -> Iterator[Problem]:
    remedy = next((r for r in state.remedies if r.number == command.number), None)
    if remedy is None:
        yield Problem("number", "Choose a remedy of this case")
    elif command.paid_on is not None:
        if actor.role is Role.RESIDENT:
            yield Problem("paid_on", "Tell us in a message when a payment has reached you")
        elif remedy.kind != "money" or remedy.accepted is False:
            yield Problem("paid_on", "Only money that was not turned down can be paid")
        else:
            yield from _not_future("paid_on", command.paid_on, env)


@_guard(c.Commit)
def _commit(state: CaseState, command: c.Commit, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("text", command.text, "Write what we promise to do", f"{CODE}, 6.6")
    yield from _needs("owner", command.owner.name, "Name who will see to it", f"{CODE}, 6.6")
    if command.due_on < env.today:
        yield Problem("due_on", "Check the date. A promise needs a day that has not passed")


def _known_commitment(state: CaseState, number: int) -> Iterator[Problem]:
    if number not in {p.number for p in state.commitments}:
        yield Problem("number", "Choose a promise of this case")


@_guard(c.CompleteCommitment)
def _complete(state: CaseState, command: c.CompleteCommitment, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _known_commitment(state, command.number)
    yield from _not_future("completed_on", command.completed_on, env)
    if not command.files:
        yield from _needs("proof", command.proof, "Write how we know it is done, or add a photo", "7.3")


@_guard(c.ConfirmCommitment)
def _confirm(state: CaseState, command: c.ConfirmCommitment, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _known_commitment(state, command.number)


@_guard(c.MoveCommitment)
def _move(state: CaseState, command: c.MoveCommitment, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _known_commitment(state, command.number)
    yield from _needs("reason", command.reason, "Write why the date or the owner changes")
    if command.due_on < env.today:
        yield Problem("due_on", "Check the date. A promise needs a day that has not passed")


@_guard(c.Extend)
def _extend(state: CaseState, command: c.Extend, actor: Actor, env: Env) -> Iterator[Problem]:
    stage = state.stage_number
    cap = env.policy.extension_cap(stage)
    code = f"{CODE}, " + ("6.15" if stage == 2 else "6.4")
    rule = extension_rule(env.policy.landlord, stage)
    used = state.extended_by(stage)
    further = used > 0
    if command.days < 1:
        yield Problem("days", "Enter a number of working days from 1", code)
    elif not further and command.days > cap:
        yield Problem("days", f"Enter at most {cap} working days", code)
    elif further and used + command.days > cap and not command.exceptional:
        yield Problem(
            "exceptional",
            f"{used} of {cap} working days are used. More is only for exceptional circumstances",
            rule.further.source if rule and rule.further else code,
        )
    if further and command.exceptional and command.agreed is not True:
        yield Problem("agreed", "More time beyond the limit needs the resident's agreement", code)
    known = {reason.id for reason in rule.reasons} if rule else set()
    if known and command.reason_code not in known:
        yield Problem("reason_code", "Choose a reason", code)
    yield from _needs("reason", command.reason, "Write the reason, as it will stand in the letter", code)
    source = rule.source if rule else code
    if rule and rule.agreement is not Agreement.INFORM and not command.agreement_sought:
        yield Problem(
            "agreement_sought", "Ask the resident whether they agree, and record the answer", source
        )
    if rule and rule.agreement is Agreement.REQUIRED and command.agreed is not True:
        yield Problem("agreed", "This landlord extends only with the resident's agreement", source)
    if rule and rule.approver:
        yield from _approver("approver", command.approver, rule.approver, env, source)


@_guard(c.AnswerExtension)
def _answer_extension(
    state: CaseState, command: c.AnswerExtension, actor: Actor, env: Env
) -> Iterator[Problem]:
    if not state.extensions or state.extensions[-1].stage != state.stage_number:
        yield Problem("agreed", "There is no extension to answer")


@_guard(c.UpdateResident)
def _update(state: CaseState, command: c.UpdateResident, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("message", command.message, "Write the update", f"{CODE}, 5.9")


@_guard(c.Mediate)
def _mediate(state: CaseState, command: c.Mediate, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("words", command.words, "Write who asked for mediation and what was said")


@_guard(c.Respond)
def _respond(state: CaseState, command: c.Respond, actor: Actor, env: Env) -> Iterator[Problem]:
    check = env.policy.landlord.stage_2
    if state.stage_number == 2:
        if state.reviewer is not None:
            yield from independence(state, state.reviewer.id)
        if check.letter_check is not None:
            account = env.staff(command.checked_by.id) if command.checked_by else None
            if account is None or check.letter_check not in account.roles or account.key == actor.key:
                yield Problem(
                    "checked_by",
                    "Choose who has checked this letter, not yourself",
                    check.letter_check_source,
                )


@_guard(c.Escalate)
def _escalate(state: CaseState, command: c.Escalate, actor: Actor, env: Env) -> Iterator[Problem]:
    if command.received_at is None:
        return
    yield from _not_future("received_at", command.received_at, env)
    answered = state.milestones.responded_at
    if answered and command.received_at < answered:
        yield Problem("received_at", "Check the date. The stage 1 response had not been sent then")


@_guard(c.SetConsent)
def _set_consent(state: CaseState, command: c.SetConsent, actor: Actor, env: Env) -> Iterator[Problem]:
    if state.helper is None:
        yield Problem("scope", "Nobody is helping with this complaint")
    if isinstance(actor, Staff):
        yield from _needs("words", command.consent.words, "Write the words the resident used, and how")


@_guard(c.RecordLearning)
def _learning(state: CaseState, command: c.RecordLearning, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("words", command.words, "Write what we learned", f"{CODE}, 9.1")


@_guard(c.Close)
def _close(state: CaseState, command: c.Close, actor: Actor, env: Env) -> Iterator[Problem]:
    reason = command.reason
    fits = {
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
    # A record that closes by itself on silence gets its learning afterwards: staff are asked for it.
    by_staff = actor.role is not Role.SYSTEM
    taken_on = state.kind is Kind.COMPLAINT and state.stage is not Stage.NOT_ACCEPTED
    if by_staff and taken_on and not state.learning.strip():
        yield Problem("learning", "Record what we learned before closing", f"{CODE}, 9.1")


@_guard(c.Tag)
def _tag(state: CaseState, command: c.Tag, actor: Actor, env: Env) -> Iterator[Problem]:
    if not command.add and not command.remove:
        yield Problem("add", "Enter a tag")
    for tag in command.add:
        if not tag.strip() or tag != " ".join(tag.split()) or len(tag) > LONGEST_TAG or "," in tag:
            yield Problem("add", f"Use {LONGEST_TAG} characters or fewer for a tag, without commas")
    if len(set(state.tags) | set(command.add)) > MOST_TAGS:
        yield Problem("add", f"A case has room for {MOST_TAGS} tags. Take one off first")


@_guard(c.Remind)
def _remind(state: CaseState, command: c.Remind, actor: Actor, env: Env) -> Iterator[Problem]:
    if command.on is None:
        if state.reminder is None:
            yield Problem("on", "This case has no reminder")
        return
    if command.on <= env.today:
        yield Problem("on", "Enter a day after today")
    yield from _needs("reason", command.reason, "Write why you want to look at the case again")


@_guard(c.Reopen)
def _reopen(state: CaseState, command: c.Reopen, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("reason", command.reason, "Write why the record opens again")


@_guard(c.AcceptByOrder)
def _accept(state: CaseState, command: c.AcceptByOrder, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("words", command.words, "Write what the Ombudsman ordered", f"{CODE}, 2.4")
    yield from _not_future("ordered_on", command.ordered_on, env)


@_guard(c.Link)
def _link(state: CaseState, command: c.Link, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("why", command.why, "Write how the two cases belong together", f"{CODE}, 6.8")
    if command.ref == state.ref:
        yield Problem("ref", "Choose another case")


@_guard(c.HoldPanel)
def _hold_panel(state: CaseState, command: c.HoldPanel, actor: Actor, env: Env) -> Iterator[Problem]:
    panel = env.policy.landlord.panel
    if panel is None:
        yield Problem("step", "This landlord has no panel")
        return
    if command.step not in {"asked", "held", "outcome", "declined"}:
        yield Problem("step", "Choose what happened")
    yield from _needs("words", command.words, "Write what was said or decided", panel.source)
    yield from _not_future("happened_on", command.happened_on, env)
    if command.step == "outcome" and (state.panel is None or state.panel.held_on is None):
        yield Problem("step", "Record first when the panel met", panel.source)


@_guard(c.OfferVisit)
def _offer_visit(state: CaseState, command: c.OfferVisit, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("words", command.words, "Write how the visit was offered and what was answered")


@_guard(c.AskCheck)
def _ask_check(state: CaseState, command: c.AskCheck, actor: Actor, env: Env) -> Iterator[Problem]:
    account = env.staff(command.of.id)
    if account is None or account.key == actor.key:
        yield Problem("of", "Choose somebody else with an active account")


@_guard(c.Check)
def _check(state: CaseState, command: c.Check, actor: Actor, env: Env) -> Iterator[Problem]:
    if not command.fine:
        yield from _needs("words", command.words, "Write what to change")


@_guard(c.GiveFeedback)
def _feedback(state: CaseState, command: c.GiveFeedback, actor: Actor, env: Env) -> Iterator[Problem]:
    if command.satisfied not in range(1, 6):
        yield Problem("satisfied", "Choose one answer")


@_guard(c.AnswerChecklist)
def _checklist(state: CaseState, command: c.AnswerChecklist, actor: Actor, env: Env) -> Iterator[Problem]:
    open_lines = {i.id for s in env.policy.landlord.checklist for i in s.items}
    if command.item not in open_lines:
        yield Problem("item", "Choose a line of the checklist")


@_guard(c.DeclareConflict)
def _conflict(state: CaseState, command: c.DeclareConflict, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from _needs("reason", command.reason, "Write what the conflict is", f"{CODE}, 5.8")
