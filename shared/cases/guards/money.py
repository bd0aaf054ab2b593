"""Guards of money: what a payment needs, and that no payment hides in words (Code 7.3, 7.4)."""

from collections.abc import Callable, Iterator

from shared import i18n
from shared.cases import approvals
from shared.cases import commands as c
from shared.cases.guards.common import Env, Problem, unconflicted
from shared.cases.state import CaseState
from shared.i18n import money_text
from shared.identity.actors import Actor
from shared.letters.facts import Words
from shared.letters.sums import Written, given, named, promised
from shared.policy.terms import CODE

MONEY = "money"
LIMITS = "the landlord's limits for payments"


def payment(state: CaseState, command: c.OfferRemedy, actor: Actor, env: Env) -> Iterator[Problem]:
    """A remedy in money: the sum, its breakdown, and somebody who may approve so much (Code 7.3, 7.4)."""
    if command.amount_pence <= 0:
        yield Problem("amount", "Enter the amount in pounds, such as 150.00")
        return
    lines = command.breakdown
    if any(pence <= 0 for _, pence in lines) or sum(pence for _, pence in lines) != command.amount_pence:
        yield Problem("breakdown", "Check the breakdown. The lines must add up to the amount")
    elif not all(head.strip() for head, _ in lines):
        yield Problem("breakdown", "Write what each part of the amount is for")
    words = command.text.text
    said = promised(words) or given(words)
    if any(one.pence is None or one.pence > command.amount_pence for one in said):
        more = (
            "The words say more than the amount. Use figures, and quote other sums in a sentence of their own"
        )
        yield Problem("text", more, LIMITS)
    compensation = env.policy.landlord.compensation
    if command.offset_arrears and command.ordered_by_ombudsman:
        yield Problem(
            "offset_arrears", "A sum the Ombudsman ordered cannot be set against arrears", f"{CODE}, 7.4"
        )
    elif command.offset_arrears and not compensation.offset_against_debt:
        barred = "This landlord's policy does not set payments against arrears"
        yield Problem("offset_arrears", barred, compensation.source)
    # A limit is for the whole of a complaint: two payments are not a way around it.
    offered = [r.amount_pence for r in state.remedies if r.kind == MONEY and r.accepted is not False]
    total = command.amount_pence + sum(offered)
    approver = env.staff(command.approver.id) if command.approver else None
    people = [p for p in (actor, approver) if p is not None]
    if not any(env.policy.may_promise(role, total) for p in people for role in p.roles):
        with_others = f" With what was offered before it comes to {money_text(total)}." if offered else ""
        above = f"This is above your limit.{with_others} Choose somebody who may approve this amount"
        yield Problem("approver", above, LIMITS)
    if approver is None:
        return
    alone = any(env.policy.may_promise(role, total) for role in actor.roles)
    if approver.id in state.conflicts:
        yield from unconflicted("approver", approver.id, state)
    elif not (alone or approvals.said_yes(state, command, command.approver, actor)):
        yield Problem("approver", approvals.no_yes_yet(approver, approvals.covered(state, command)), LIMITS)


def unrecorded(
    field: str, words: Words | None, state: CaseState, find: Callable[[str], list[Written]]
) -> Iterator[Problem]:
    """Sums in a text that no payment on record covers: in prose they would go past the limits for payments.

    `find` says which sums of a text count. In a translation nobody can tell, so it has none that the English lacks.
    """
    if words is None:
        return
    known = _recorded(state)
    loose = [one.text for one in find(words.text) if one.pence not in known]
    if not named(words.text):
        loose += [one.text for one in named(words.translation or "")]
    if loose:
        sums = ", ".join(dict.fromkeys(loose))
        mend = f"Record {sums} as a remedy of the kind money first, in figures, or say it without the sum"
        yield Problem(field, mend, LIMITS)


def in_message(text: str, language: str, state: CaseState) -> Iterator[Problem]:
    """The same for a message of ours, which goes without a letter: in another language no sum can be told apart."""
    find = promised if language == i18n.SOURCE else named
    yield from unrecorded("text", Words(text), state, find)


def translated(field: str, text: str, letter: str, state: CaseState) -> Iterator[Problem]:
    """Sums in the translation of a letter that the letter does not name: a slip of the pen, or a promise unseen."""
    known = _recorded(state) | {one.pence for one in named(letter)}
    other = ", ".join(dict.fromkeys(one.text for one in named(text) if one.pence not in known))
    if other:
        yield Problem(
            field, f"The letter names no sum of {other}. Check the figures of the translation", LIMITS
        )


def _recorded(state: CaseState) -> set[int]:
    """Every sum that payments on record amount to: each of them, their parts, and all together."""
    offers = [r for r in state.remedies if r.kind == MONEY and r.accepted is not False]
    parts = {pence for offer in offers for _head, pence in offer.breakdown}
    return parts | {offer.amount_pence for offer in offers} | {sum(offer.amount_pence for offer in offers)}
