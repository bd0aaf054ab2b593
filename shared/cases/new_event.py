"""The one event that a step leaves: the command, and what only the moment of the step can tell.

What is worked out here is kept in the event for ever, so that folding the log never has to ask again.
"""

from datetime import date

from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.cases import case_clocks, effects, event_log, flow, merging, rules
from shared.cases import commands as c
from shared.cases.correspondence import step_letters
from shared.cases.effects import Derived, Happened
from shared.cases.guards import Env, Problem
from shared.cases.outcomes import Refused
from shared.cases.state import CaseState, encode
from shared.identity.actors import Actor
from shared.models import Case, CaseEvent
from shared.vocab import Role, Stage


def first(command: c.Submit, actor: Actor, ref: str, landlord: str, env: Env) -> Happened:
    """The event that a case begins with."""
    return Happened(
        seq=1,
        at=env.now,
        actor=actor.key,
        name=actor.display,
        role=actor.role,
        command=command,
        facts=Derived(ref=ref, landlord=landlord, policy_version=env.policy.version),
    )


def next_one(
    session: Session,
    row: Case,
    state: CaseState,
    step: flow.Step,
    command: c.Command,
    actor: Actor,
    env: Env,
    form: str = "",
) -> Happened:
    """The event of a step on a case in `state`. Raises Refused where the step cannot follow from the log.

    It stands in the name of the first of the actor's roles to which the step is open. `form` is the
    fingerprint of the form that asked for it.
    """
    event = Happened(
        seq=row.version + 1,
        at=env.now,
        actor=actor.key,
        name=actor.display,
        role=next((r for r in Role if r in actor.roles & step.roles), actor.role),
        command=command,
        to=step.to,
    )
    return replace(event, facts=replace(_derived(session, row, state, step, event, env), form=form))


def _derived(
    session: Session, row: Case, state: CaseState, step: flow.Step, event: Happened, env: Env
) -> Derived:
    match event.command:
        case c.Extend():
            return _new_date(session, state, event, env)
        case c.Merge() as merge:
            return merging.derived(state, env.beside(merge.into or merge.takes), merge)
        case c.Reopen():
            return Derived(back_to=_where_it_stood(session, row, state))
        case c.UndoSend(seq=seq) | c.UndoAllocate(seq=seq):
            return Derived(restored=_as_before(session, row, seq))
    sends = step.letter is not None and step_letters.goes_out(state, event.command)
    return Derived(
        sends=sends,
        survey=sends and step_letters.asks_survey(state, event.command, env.policy),
        awaits=sends and step_letters.awaits_translation(state, event.command),
        old_due_on=_promised_before(state, event.command),
    )


def _new_date(session: Session, state: CaseState, event: Happened, env: Env) -> Derived:
    """Old and new date of an extension, the new one counted by the same clocks that show every other date."""
    old = env.response_due_on
    if old is None:
        raise Refused([Problem("days", "There is no date to extend")])
    trial = effects.apply(state, replace(event, facts=Derived(old_due_on=old, new_due_on=old)))
    due = case_clocks.response_duty(trial, case_clocks.clocks(trial, env.policy, rules.calendar(session)))
    new = due.due_on if due else old
    sends = step_letters.goes_out(state, event.command)
    return Derived(old_due_on=old, new_due_on=new, late=env.today > old, sends=sends)


def _promised_before(state: CaseState, command: c.Command) -> date | None:
    """The day that a promise had before it was moved."""
    if not isinstance(command, c.MoveCommitment):
        return None
    return next((p.due_on for p in state.commitments if p.number == command.number), None)


def _as_before(session: Session, row: Case, seq: int) -> str:
    """The case, as JSON, before an event that is taken back: folded from the events before it."""
    before = effects.fold(e for e in event_log.events(session, row.id) if e.seq < seq)
    return encode(before).decode()


def _where_it_stood(session: Session, row: Case, state: CaseState) -> Stage:
    """The stage that the record was closed at, as the log has it; for what is to be a complaint, its first."""
    if state.taken_for_less:
        return Stage.RECEIVED
    last = (
        select(CaseEvent.stage_before)
        .where(CaseEvent.case_id == row.id, CaseEvent.stage_after == Stage.CLOSED)
        .where(CaseEvent.stage_before != Stage.CLOSED)
        .order_by(CaseEvent.seq.desc())
        .limit(1)
    )
    return Stage(session.scalars(last).one())
