"""Guards of taking a complaint in: what it is about, who looks into it, and when it may be refused."""

from collections.abc import Iterator
from typing import Any

from shared.cases import commands as c
from shared.cases.guards_common import CODE, Env, Problem, approved, guard, independence, needs, not_future
from shared.cases.state import CaseState
from shared.identity.actors import Actor
from shared.policy.terms import CodeGround
from shared.vocab import Kind, Role


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


@guard(c.Triage)
def _triage(state: CaseState, command: c.Triage, actor: Actor, env: Env) -> Iterator[Problem]:
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
    if state.stage_number == 2 and state.reviewer is not None:
        yield from independence(state, state.reviewer.id)


def _handler_clause(state: CaseState) -> str:
    return f"{CODE}, " + ("6.13" if state.stage_number == 2 else "6.2")


@guard(c.DeclareConflict)
def _conflict(state: CaseState, command: c.DeclareConflict, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("reason", command.reason, "Write what the conflict is", f"{CODE}, 5.8")


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


@guard(c.NotAccept)
def _not_accept(state: CaseState, command: c.NotAccept, actor: Actor, env: Env) -> Iterator[Problem]:
    landlord = env.policy.landlord
    yield from _refusal(state, command, landlord.exclusions, env, code_only=False)
    approvals = landlord.approvals
    yield from approved("approver", command.approver, approvals.refusal, env, approvals.refusal_source)


@guard(c.AcceptByOrder)
def _accept(state: CaseState, command: c.AcceptByOrder, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("words", command.words, "Write what the Ombudsman ordered", f"{CODE}, 2.4")
    yield from not_future("ordered_on", command.ordered_on, env)


@guard(c.DeclineEscalation)
def _decline(state: CaseState, command: c.DeclineEscalation, actor: Actor, env: Env) -> Iterator[Problem]:
    landlord = env.policy.landlord
    grounds = (*landlord.escalation.refusals, *landlord.exclusions)
    yield from _refusal(state, command, grounds, env, code_only=True)
    approvals = landlord.approvals
    yield from approved("approver", command.approver, approvals.refusal, env, approvals.refusal_source)
