"""Guards of answering: findings, remedies and money, more time, the response, and asking for stage 2."""

from collections.abc import Iterator

from shared.cases import approvals
from shared.cases import commands as c
from shared.cases.case_clocks import extension_rule
from shared.cases.guards.common import (
    Env,
    Problem,
    approved,
    guard,
    independence,
    needs,
    not_future,
    promised_day,
    unconflicted,
)
from shared.cases.guards.money import MONEY, payment, unrecorded
from shared.cases.state import CaseState
from shared.identity.actors import Actor, Staff
from shared.letters.sums import given, promised
from shared.policy.terms import CODE, Agreement
from shared.vocab import Action, Kind, Role

DONE_LATER = frozenset({MONEY, "action", "correction", "change_of_policy", "reconsideration"})
REMEDIES = DONE_LATER | {"apology", "explanation"}


@guard(c.Decide)
def _decide(state: CaseState, command: c.Decide, actor: Actor, env: Env) -> Iterator[Problem]:
    points = {p.number: p for p in state.definition.points} if state.definition else {}
    clause = f"{CODE}, " + ("6.19" if state.stage_number == 2 else "6.9")
    relies = "Write which policy, law or good practice this rests on"
    seen: set[int] = set()
    for one in command.every:
        at = f":{one.point}" if seen else ""  # the first point's problems carry no number
        if one.point not in points or one.point in seen:
            yield Problem(f"point{at}", "Choose a point of the complaint definition")
        seen.add(one.point)
        yield from needs(f"reasons{at}", one.reasons, "Write the reasons for this decision", clause)
        yield from unrecorded(f"reasons{at}", one.reasons, state, promised)
        yield from unrecorded(f"apology{at}", one.apology, state, promised)
        yield from needs(f"basis{at}", one.basis, relies, f"{CODE}, 6.7")


@guard(c.OfferRemedy)
def _offer(state: CaseState, command: c.OfferRemedy, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("text", command.text, "Write what we will do", f"{CODE}, 7.1")
    if command.kind not in REMEDIES:
        yield Problem("kind", "Choose the kind of remedy", f"{CODE}, 7.1")
    if command.by_on is None and command.kind in DONE_LATER:
        when = "paid" if command.kind == MONEY else "done"
        yield Problem("by_on", f"Enter by when it will be {when}", f"{CODE}, 7.3")
    if command.by_on is not None:
        yield from promised_day("by_on", command.by_on, env)
    if command.kind == MONEY:
        yield from payment(state, command, actor, env)
    elif command.amount_pence or command.breakdown or command.offset_arrears:
        yield Problem("kind", "Choose money as the kind of remedy for a payment", f"{CODE}, 7.3")
    else:
        yield from unrecorded("text", command.text, state, given)


@guard(c.SettleRemedy)
def _settle(state: CaseState, command: c.SettleRemedy, actor: Actor, env: Env) -> Iterator[Problem]:
    remedy = next((r for r in state.remedies if r.number == command.number), None)
    if remedy is None:
        yield Problem("number", "Choose a remedy of this case")
    elif command.accepted is None and command.paid_on is None:
        yield Problem("accepted", "Say what the resident answered, or when it was paid")
    elif remedy.accepted is False and command.accepted:
        yield Problem("accepted", "This was turned down. Offer it again", f"{CODE}, 7.3")
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
    elif command.days > cap:
        yield Problem("days", f"Enter at most {cap} working days", code)
    if further and not command.exceptional:
        yield Problem(
            "exceptional",
            f"{used} of {cap} working days are used. A second time is only for exceptional circumstances",
            rule.further.source if rule and rule.further else code,
        )
    if further and command.agreed is not True:
        yield Problem("agreed", "More time for a second time needs the resident's agreement", code)
    known = {reason.id for reason in rule.reasons} if rule else set()
    if known and command.reason_code not in known:
        yield Problem("reason_code", "Choose a reason", code)
    yield from needs("reason", command.reason, "Write the reason, as it will stand in the letter", code)
    source = rule.source if rule else code
    if rule and rule.agreement is not Agreement.INFORM and not command.agreement_sought:
        yield Problem(
            "agreement_sought", "Ask the resident whether they agree, and record the answer", source
        )
    if command.agreed is not None:
        said = "Write what the resident said about the new date, and how"
        yield from needs("agreement_words", command.agreement_words, said, f"{CODE}, 5.12")
    if rule and rule.agreement is Agreement.REQUIRED and command.agreed is not True:
        yield Problem("agreed", "This landlord extends only with the resident's agreement", source)
    if rule and rule.approver:
        yield from approved(state, command, rule.approver, actor, env, source)
    yield from unrecorded("reason", command.reason, state, promised)
    yield from unrecorded("so_far", command.so_far, state, promised)


@guard(c.AnswerExtension)
def _answer_extension(
    state: CaseState, command: c.AnswerExtension, actor: Actor, env: Env
) -> Iterator[Problem]:
    if not state.extensions or state.extensions[-1].stage != state.stage_number:
        yield Problem("agreed", "There is no extension to answer")
    if isinstance(actor, Staff):
        yield from needs("words", command.words, "Write what the resident said, and how", f"{CODE}, 5.12")


@guard(c.UpdateResident)
def _update(state: CaseState, command: c.UpdateResident, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("message", command.message, "Write the update", f"{CODE}, 5.9")
    if state.kind is Kind.COMPLAINT:  # or there is no way to record a payment
        yield from unrecorded("message", command.message, state, promised)


@guard(c.Mediate)
def _mediate(state: CaseState, command: c.Mediate, actor: Actor, env: Env) -> Iterator[Problem]:
    if isinstance(actor, Staff):
        yield from needs("words", command.words, "Write who asked for mediation and what was said")


@guard(c.Respond)
def _respond(state: CaseState, command: c.Respond, actor: Actor, env: Env) -> Iterator[Problem]:
    second = state.stage_number == 2
    if state.holder is None:
        named = "Name who looks into the complaint first"
        yield Problem("handler", named, f"{CODE}, " + ("6.13" if second else "5.8"))
    if second and state.reviewer is not None:
        yield from independence(state, state.reviewer.id)
    panel = state.panel
    if second and panel is not None and panel.awaited:
        wanted = "The resident asked for the panel. It meets before the final answer, inside stage 2"
        yield Problem("panel", wanted, f"{CODE}, 5.3")
    for field in ("decision", "steps_taken", "apology", "no_remedy_reason", "learning"):
        yield from unrecorded(field, getattr(command, field), state, promised)
    if second and env.policy.landlord.stage_2.letter_check is not None:
        yield from _checked(state, command, actor, env)
    for check in state.checks:
        if (check.about, check.stage, check.fine) == (Action.RESPOND, state.stage_number, False):
            yield Problem("checked_by", f"{check.by} asked for changes. Ask for the letter to be read again")


def _checked(state: CaseState, command: c.Respond, actor: Actor, env: Env) -> Iterator[Problem]:
    """Where the landlord has its final letters read first: by somebody else, and not by who looked before."""
    rules = env.policy.landlord.stage_2
    account = env.staff(command.checked_by.id) if command.checked_by else None
    if account is None or rules.letter_check not in account.roles or account.key == actor.key:
        who = "Choose who has checked this letter, not yourself"
        yield Problem("checked_by", who, rules.letter_check_source)
        return
    yield from unconflicted("checked_by", account.id, state)
    if state.handler is not None and account.id == state.handler.id:
        yield Problem("checked_by", "This person looked into stage 1. Choose somebody else", f"{CODE}, 6.13")
    elif command.checked_by and not approvals.said_yes(state, command, command.checked_by, actor):
        what = approvals.covered(state, command)
        yield Problem("checked_by", approvals.no_yes_yet(command.checked_by, what), rules.letter_check_source)


@guard(c.Withdraw)
def _withdraw(state: CaseState, command: c.Withdraw, actor: Actor, env: Env) -> Iterator[Problem]:
    if isinstance(actor, Staff):
        said = "Write how the resident told us that she does not want to go on"
        yield from needs("reason", command.reason, said, f"{CODE}, 5.12")


@guard(c.Escalate)
def _escalate(state: CaseState, command: c.Escalate, actor: Actor, env: Env) -> Iterator[Problem]:
    if command.received_at is None:
        return
    yield from not_future("received_at", command.received_at, env)
    answered = state.milestones.responded_at
    if answered and command.received_at < answered:
        yield Problem("received_at", "Check the date. The stage 1 response had not been sent then")
