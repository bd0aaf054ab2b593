"""Guards of answering: findings, remedies and money, more time, the response, and asking for stage 2."""

from collections.abc import Iterator

from shared.cases import commands as c
from shared.cases.guards_common import CODE, Env, Problem, approved, guard, independence, needs, not_future
from shared.cases.law import extension_rule
from shared.cases.state import CaseState
from shared.identity.actors import Actor
from shared.policy.terms import Agreement
from shared.vocab import Role


@guard(c.Decide)
def _decide(state: CaseState, command: c.Decide, actor: Actor, env: Env) -> Iterator[Problem]:
    points = {p.number: p for p in state.definition.points} if state.definition else {}
    if command.point not in points:
        yield Problem("point", "Choose a point of the complaint definition")
    clause = f"{CODE}, " + ("6.19" if state.stage_number == 2 else "6.9")
    yield from needs("reasons", command.reasons, "Write the reasons for this decision", clause)
    yield from needs(
        "basis",
        command.basis,
        "Write which policy, law or good practice this rests on",
        f"{CODE}, 6.7",
    )


@guard(c.OfferRemedy)
def _offer(state: CaseState, command: c.OfferRemedy, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("text", command.text, "Write what we will do", f"{CODE}, 7.1")
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


@guard(c.SettleRemedy)
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
            yield from not_future("paid_on", command.paid_on, env)


@guard(c.Extend)
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
    yield from needs("reason", command.reason, "Write the reason, as it will stand in the letter", code)
    source = rule.source if rule else code
    if rule and rule.agreement is not Agreement.INFORM and not command.agreement_sought:
        yield Problem(
            "agreement_sought", "Ask the resident whether they agree, and record the answer", source
        )
    if rule and rule.agreement is Agreement.REQUIRED and command.agreed is not True:
        yield Problem("agreed", "This landlord extends only with the resident's agreement", source)
    if rule and rule.approver:
        yield from approved("approver", command.approver, rule.approver, env, source)


@guard(c.AnswerExtension)
def _answer_extension(
    state: CaseState, command: c.AnswerExtension, actor: Actor, env: Env
) -> Iterator[Problem]:
    if not state.extensions or state.extensions[-1].stage != state.stage_number:
        yield Problem("agreed", "There is no extension to answer")


@guard(c.UpdateResident)
def _update(state: CaseState, command: c.UpdateResident, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("message", command.message, "Write the update", f"{CODE}, 5.9")


@guard(c.Mediate)
def _mediate(state: CaseState, command: c.Mediate, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("words", command.words, "Write who asked for mediation and what was said")


@guard(c.Respond)
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


@guard(c.Escalate)
def _escalate(state: CaseState, command: c.Escalate, actor: Actor, env: Env) -> Iterator[Problem]:
    if command.received_at is None:
        return
    yield from not_future("received_at", command.received_at, env)
    answered = state.milestones.responded_at
    if answered and command.received_at < answered:
        yield Problem("received_at", "Check the date. The stage 1 response had not been sent then")
