"""What stands around a case when a step is taken: its rules and dates, who works here, and the cases beside it."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from shared import clock
from shared.cases import case_clocks, rules
from shared.cases.access import visibility
from shared.cases.guards.common import Beside, Env
from shared.cases.state import CaseState, decode
from shared.identity.actors import Actor
from shared.models import Case, Letter
from shared.policy.policy import Policy
from shared.policy.terms import ClockName


def at_the_door(session: Session, policy: Policy) -> Env:
    """For a complaint that is about to begin: it has no dates yet, and knows of no other case."""
    return Env(policy, clock.now(), rules.staff_lookup(session))


def of_case(session: Session, state: CaseState, policy: Policy, actor: Actor) -> Env:
    """What guards may know besides the case when this person takes a step on it."""
    found = case_clocks.clocks(state, policy, rules.calendar(session))
    due = case_clocks.response_duty(state, found)

    def ends(name: ClockName) -> date | None:
        return found[name].accepted_until if name in found else None

    return Env(
        policy=policy,
        now=clock.now(),
        staff=rules.staff_lookup(session),
        response_due_on=due.due_on if due else None,
        window_ends_on=ends(ClockName.ESCALATION_WINDOW),
        record_closes_on=ends(ClockName.RECORD_CLOSES),
        beside=lambda ref: _beside(session, actor, ref),
        letter_text=lambda seq: _letter_text(session, state.ref, seq),
    )


def _letter_text(session: Session, ref: str, seq: int) -> str:
    """The words of the letter that an event of a case sent, "" where it sent none."""
    sent = select(Letter.text).join(Case, Case.id == Letter.case_id).where(Case.ref == ref, Letter.seq == seq)
    return session.scalar(sent.order_by(Letter.id).limit(1)) or ""


def _beside(session: Session, actor: Actor, ref: str) -> Beside | None:
    """Another case as far as this person may know of it."""
    if not visibility.came_in_by(ref, actor):
        return None
    row = session.scalar(select(Case).options(undefer(Case.state)).where(Case.ref == ref))
    state = decode(row.state) if row else None
    if row is None or state is None or visibility.is_walled_off(state, actor):
        return None
    found = case_clocks.clocks(state, rules.policy_of(session, row), rules.calendar(session))
    due = case_clocks.response_duty(state, found)
    return Beside(state, due.due_on if due else None)
