"""Guards of taking a complaint in: what it is about, who looks into it, and when it may be refused."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Any

from shared.cases import commands as c
from shared.cases.flow import CASEWORK, REVIEWERS
from shared.cases.guards.common import (
    Env,
    Problem,
    approved,
    at_least,
    countable,
    guard,
    independence,
    needs,
    not_future,
    redefines,
    unconflicted,
)
from shared.cases.guards.money import unrecorded
from shared.cases.state import CaseState
from shared.clock import london_date
from shared.identity.actors import Actor, Representative, Staff
from shared.identity.roles import Permission, may
from shared.letters.sums import promised
from shared.policy.terms import CODE, CodeGround
from shared.vocab import Channel, ConsentScope, Kind, Stage

_REFERENCE = re.compile(r"\b[A-Za-z]{2,}[-/ ]?\d[\w/-]*\d")
TELLING = frozenset({ConsentScope.EVERYTHING, ConsentScope.SOME, ConsentScope.ME_AS_WELL})


def submission(command: c.Submit, actor: Actor, env: Env) -> Iterator[Problem]:
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
        yield from not_future("received_at", command.received_at, env)
        yield from countable("received_at", london_date(command.received_at))
    if isinstance(actor, Representative) and command.consent.scope in TELLING:
        yield Problem(
            "consent", "Only the person whose home it is can say what you may be told", f"{CODE}, 3.6"
        )
    if isinstance(actor, Staff) and command.channel is Channel.SOCIAL_MEDIA and not command.anonymous:
        how = "Write how you made sure who it is, by a private message"
        yield from needs("known_by", command.known_by, how, f"{CODE}, 3.1")
    if isinstance(actor, Staff) and command.consent.scope in TELLING:
        yield from needs("consent", command.consent.words, "Write the words the resident used, and how")


@guard(c.Triage)
def _triage(state: CaseState, command: c.Triage, actor: Actor, env: Env) -> Iterator[Problem]:
    if command.quick_resolution_agreed:
        if command.kind is not Kind.COMPLAINT:
            only = "Only a complaint is put right at once instead of by a formal answer"
            yield Problem("quick_resolution_agreed", only, f"{CODE}, 5.2")
        said = "Write how the resident agreed to have it put right at once, without a formal answer for now"
        yield from needs("note", command.note, said, f"{CODE}, 5.2 and 6.1")
    if state.kind is Kind.COMPLAINT and command.kind is not Kind.COMPLAINT:
        yield from needs(
            "note",
            command.note,
            "Write why this is not a complaint and that the resident agrees. Who wishes to complain may",
            f"{CODE}, 1.3",
        )


@guard(c.Define)
def _define(state: CaseState, command: c.Define, actor: Actor, env: Env) -> Iterator[Problem]:
    if not [p for p in command.points if p.text.text.strip()]:
        yield Problem("points", "Write at least one point of the complaint", f"{CODE}, 5.6")
    elif [p.number for p in command.points if p.text.text.strip()] != [*range(1, len(command.points) + 1)]:
        yield Problem("points", "Number the points 1, 2, 3 and so on, and leave none empty", f"{CODE}, 5.6")
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
    if state.stage is not Stage.RECEIVED and redefines(state, command):
        yield from _redefined(state, command)


def _redefined(state: CaseState, command: c.Define) -> Iterator[Problem]:
    """What the resident has read before changes with a reason; what is new at stage 2 begins anew (Code 6.8)."""
    yield from needs(
        "why",
        command.why,
        "Write why the definition changes. The resident reads it: for a new point, how it belongs to this "
        "complaint; for one that goes, what she said",
        f"{CODE}, 5.6 and 6.8",
    )
    before = len(state.definition.points) if state.definition else 0
    if state.stage_number == 2 and len(command.points) > before and not command.left_out:
        yield Problem(
            "points",
            "Stage 1 is answered: raise what is new as a new complaint, linked with this one. A point that the "
            "resident made before, and that stage 1 left out, can join: say so",
            f"{CODE}, 6.8",
        )


@guard(c.AskClarification)
def _ask(state: CaseState, command: c.AskClarification, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("question", command.question, "Write the question")


@guard(c.AnswerClarification)
def _answer(state: CaseState, command: c.AnswerClarification, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("answer", command.answer, "Write your answer")
    if command.number not in {q.number for q in state.clarifications if q.answered_at is None}:
        yield Problem("number", "This question has been answered already")


@guard(c.Allocate)
def _allocate(state: CaseState, command: c.Allocate, actor: Actor, env: Env) -> Iterator[Problem]:
    account = env.staff(command.to.id)
    if account is None:
        yield Problem("to", "Choose somebody with an active account")
        return
    fit = REVIEWERS if state.stage_number == 2 else CASEWORK
    if not account.roles & fit:
        yield Problem("to", "This person does not look into complaints at this stage. Choose another")
    yield from unconflicted("to", account.id, state)
    if state.stage_number != 2:
        return
    yield from independence(state, account.id)
    review = env.policy.landlord.stage_2
    if account.roles & fit and not account.roles & at_least(review.handler_role):
        usual = f"The {review.handler_title} looks into this stage here. Write why it is somebody else"
        yield from needs("reason", command.reason, usual, review.source)


@guard(c.UndoAllocate)
def _undo_allocate(state: CaseState, command: c.UndoAllocate, actor: Actor, env: Env) -> Iterator[Problem]:
    named, holder = state.last_named, state.holder
    if named is None or named.seq != command.seq or holder is None or holder.id != command.of.id:
        yield Problem("seq", f"Something has happened since. {command.of.name} stays named")


@guard(c.Acknowledge)
def _acknowledge(state: CaseState, command: c.Acknowledge, actor: Actor, env: Env) -> Iterator[Problem]:
    if state.definition is None:
        yield Problem(
            "definition",
            "Write the complaint definition first: the points and the outcomes sought",
            f"{CODE}, 5.6",
        )
    if state.holder is None:
        yield Problem("handler", "Name who looks into the complaint first", _handler_clause(state))
    elif env.staff(state.holder.id) is None:
        gone = f"{state.holder.name} no longer works on complaints. Name somebody else first"
        yield Problem("handler", gone, _handler_clause(state))
    if state.stage_number == 2 and state.reviewer is not None:
        yield from independence(state, state.reviewer.id)
    yield from unrecorded("message", command.message, state, promised)


def _handler_clause(state: CaseState) -> str:
    return f"{CODE}, " + ("6.13" if state.stage_number == 2 else "6.2")


@guard(c.DeclareConflict)
def _conflict(state: CaseState, command: c.DeclareConflict, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("reason", command.reason, "Write what the conflict is", f"{CODE}, 5.8")
    if env.staff(command.staff.id) is None:
        yield Problem("staff", "Choose somebody with an active account", f"{CODE}, 5.8")
    elif f"staff:{command.staff.id}" != actor.key and not may(actor.roles, Permission.WALLS_OFF):
        yield Problem(
            "staff", "You can declare a conflict of your own only. Tell your manager", f"{CODE}, 5.8"
        )


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
            yield from not_future("court_filed_on", command.court_filed_on, env)
    elif ground.code_ground is CodeGround.ALREADY_CONSIDERED and code_only:
        yield from _another_complaint(state, command)
    elif ground.code_ground is CodeGround.OVER_TWELVE_MONTHS:
        yield from _too_old(state, command.aware_on, env)
    yield from needs(
        "reasons",
        command.reasons,
        "Write why, for this complaint on its own merits",
        f"{CODE}, 2.5",
    )
    yield from needs("evidence", command.evidence, "Write what this rests on", f"{CODE}, 2.4")
    yield from needs(
        "exceptional",
        command.exceptional,
        "Write how you weighed whether to make an exception",
        f"{CODE}, 2.3",
    )


def _another_complaint(state: CaseState, command: c.NotAccept | c.DeclineEscalation) -> Iterator[Problem]:
    """Stage 1 of this very complaint is no earlier consideration: stage 2 is its second half (Code 6.10)."""
    named = {found.upper() for found in _REFERENCE.findall(command.evidence.text)}
    if not named - {state.ref}:
        what = "Give the reference of the other complaint. The answer at stage 1 of this one is no ground"
        yield Problem("evidence", what, f"{CODE}, 2.2 and 6.10")


def _too_old(state: CaseState, aware_on: date | None, env: Env) -> Iterator[Problem]:
    """The Code counts from the day the resident learnt of the issue, whatever a landlord's paper says (2.3)."""
    limit = env.policy.code.age_limit
    if aware_on is None:
        asked = "Enter the day on which it happened or, if that is later, on which the resident learnt of it"
        yield Problem("aware_on", asked, limit.source)
        return
    yield from countable("aware_on", aware_on)
    received_on = london_date(state.milestones.received_at)
    if _months_after(aware_on, limit.limit.number) >= received_on:
        yield Problem("aware_on", f"That is no more than {limit.limit} before: take it on", limit.source)


def _months_after(day: date, months: int) -> date:
    """The corresponding day so many months later, or the last of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@guard(c.NotAccept)
def _not_accept(state: CaseState, command: c.NotAccept, actor: Actor, env: Env) -> Iterator[Problem]:
    landlord = env.policy.landlord
    yield from _refusal(state, command, landlord.exclusions, env, code_only=False)
    if state.ordered_on is not None:
        yield Problem("ground", "The Ombudsman told us to take this complaint on", f"{CODE}, 2.4")
    rules = landlord.approvals
    yield from approved(state, command, rules.refusal, actor, env, rules.refusal_source)


@guard(c.AcceptByOrder)
def _accept(state: CaseState, command: c.AcceptByOrder, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("words", command.words, "Write what the Ombudsman ordered", f"{CODE}, 2.4")
    yield from not_future("ordered_on", command.ordered_on, env)
    if command.ordered_on < london_date(state.milestones.received_at):
        yield Problem("ordered_on", "Check the date. We had not received the complaint then")


@guard(c.DeclineEscalation)
def _decline(state: CaseState, command: c.DeclineEscalation, actor: Actor, env: Env) -> Iterator[Problem]:
    landlord = env.policy.landlord
    grounds = (*landlord.escalation.refusals, *landlord.exclusions)
    yield from _refusal(state, command, grounds, env, code_only=True)
    rules = landlord.approvals
    yield from approved(state, command, rules.refusal, actor, env, rules.refusal_source)
