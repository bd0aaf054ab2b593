"""Two people's yes: what exactly somebody approved, in their own session, before it may happen.

Where a landlord's file names an approver or a reader, a name typed by the person who acts is not enough. They ask
(`AskCheck`), the other one answers (`Check`), and the yes counts for what was asked and for nothing else. Whoever
holds the role acts on their own yes.
"""

import hashlib

import msgspec

from shared.cases import commands as c
from shared.cases.case_clocks import extension_rule
from shared.cases.state import CaseState, Checked, StaffRef
from shared.i18n import money_text
from shared.identity.actors import Actor, Staff
from shared.policy.policy import Policy
from shared.vocab import Action

# The steps that may need a yes, and are over with it: the next one needs its own.
APPROVED = frozenset({Action.EXTEND, Action.NOT_ACCEPT, Action.DECLINE_ESCALATION, Action.OFFER_REMEDY})


def covered(state: CaseState, command: c.Command) -> str:
    """What a yes to this command covers, in words: days, a ground, a sum, or one wording of an answer."""
    match command:
        case c.Extend():
            return f"{command.days} more working {'day' if command.days == 1 else 'days'}"
        case c.NotAccept() | c.DeclineEscalation():
            return f"the ground “{command.ground.replace('_', ' ')}”"
        case c.OfferRemedy():
            return money_text(command.amount_pence)
        case c.Respond():
            return f"this wording ({_wording(state, command)})"
    return ""


def _wording(state: CaseState, command: c.Respond) -> str:
    """A short mark of all that the answer will say: it changes when any of that does."""
    stage = state.stage_number
    said = (
        msgspec.structs.replace(command, checked_by=None),
        state.definition,
        [d for d in state.decisions if d.stage == stage],
        [r for r in state.remedies if r.stage == stage],
        state.open_commitments,
    )
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()[:8]


def needs_yes(state: CaseState, policy: Policy, about: Action) -> bool:
    """Whether the landlord's file has somebody say yes before this step, other than for money (by amount)."""
    landlord = policy.landlord
    match about:
        case Action.EXTEND:
            rule = extension_rule(landlord, state.stage_number)
            return rule is not None and rule.approver is not None
        case Action.RESPOND:
            return state.stage_number == 2 and landlord.stage_2.letter_check is not None
    return about in APPROVED


def said_yes(state: CaseState, command: c.Command, who: StaffRef | None, actor: Actor) -> bool:
    """Whether this person said yes to exactly this, or acts here on their own."""
    if who is None:
        return False
    if actor.key == f"staff:{who.id}":
        return True
    wanted = covered(state, command)
    return any(x.fine and x.by_id == who.id and x.exactly == wanted for x in asked(state, command.action))


def asked(state: CaseState, about: Action) -> list[Checked]:
    """Everybody who was asked about a step of the present stage."""
    return [x for x in state.checks if x.about == about and x.stage == state.stage_number]


def no_yes_yet(who: StaffRef | Staff, what: str) -> str:
    """What to do where the yes is missing."""
    return (
        f"{who.name} has not said yes to {what}. Save a draft, then ask for their yes under “Ask a colleague”"
    )
