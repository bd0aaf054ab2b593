"""The one way through: every change of every case is one call of `perform`, or of `submit` to begin one.

One transaction: lock the row, find the step, check stage, role, guards and letter, append one event, fold
it in, refresh the caches, store the letter, queue what has to leave. A refusal writes nothing.
"""

import dataclasses
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, undefer

from shared import clock, config
from shared.cases import (
    asking,
    clashes,
    correspondence,
    effects,
    flow,
    guards,
    law,
    ledger,
    merging,
    notices,
    projection,
    rules,
    sight,
    standing,
)
from shared.cases import commands as c
from shared.cases.effects import Derived, Happened
from shared.cases.guards import Env, Problem
from shared.cases.guards_common import Beside
from shared.cases.state import CaseState, decode, encode
from shared.db import db, ensure, writing
from shared.deadlines.compute import Clock
from shared.identity import access, tokens
from shared.identity.actors import Actor, Representative, Resident, Staff
from shared.letters import clarity
from shared.letters.clarity import Note
from shared.letters.gate import Miss
from shared.letters.render import FinishedLetter
from shared.models import Attachment, Case, CaseEvent, Counter, Draft
from shared.policy.policy import Policy
from shared.policy.terms import ClockName
from shared.vocab import Action, Channel, ConsentScope, LetterKind, Role, Stage


class NoSuchCase(LookupError):
    """There is no such case for this person. Never says whether it exists for somebody else."""


class NotAllowed(Exception):
    """This person may not take this action at this stage."""

    def __init__(self, action: Action, stage: Stage) -> None:
        super().__init__(f"{action} is not open to this person at {stage}")
        self.action, self.stage = action, stage


class Stale(Exception):
    """Somebody changed the case since this page was opened. `since` is the version the person saw."""

    def __init__(self, ref: str, since: int, now: int) -> None:
        super().__init__(f"{ref} moved from version {since} to {now}")
        self.ref, self.since, self.now = ref, since, now


class Refused(Exception):
    """The law or the landlord's rules stand in the way: every problem, and every part the letter lacks."""

    def __init__(self, problems: list[Problem], misses: list[Miss] | None = None) -> None:
        super().__init__("; ".join([p.message for p in problems] + [str(m) for m in misses or []]))
        self.problems, self.misses = problems, misses or []


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. `codes` are access codes by Actor.key, to be shown once; they are stored nowhere."""

    ref: str
    version: int
    case_id: int
    letters: tuple[int, ...] = ()
    codes: dict[str, str] = field(default_factory=dict)
    again: bool = False  # this very form had been sent before: nothing new came of it


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter as it would go, and everything that stands in its way."""

    letter: FinishedLetter | None
    problems: list[Problem]
    misses: list[Miss]
    notes: list[Note] = field(default_factory=list)  # advice on the words, never a reason not to send
    channel: Channel | None = None
    address: str = ""  # where an e-mail goes
    silent: bool = False  # this time nobody is written to: nothing that the resident was told changes


def perform(
    ref: str,
    command: c.Command,
    actor: Actor,
    seen: int | None = None,
    *,
    form: str = "",
    merge: bool = False,
) -> Done:
    """Take one action on one case. The only writer.

    `seen` is the version of the case that the person had before them; None only for those who saw none
    (the worker). With `merge`, what happened since is no obstacle as long as it does not touch what this
    step goes by (clashes.py). `form` is a fingerprint of the form that was sent: the same person sending
    it again changes nothing. Raises NoSuchCase, NotAllowed, Stale or Refused, and then nothing has changed.
    """
    with writing() as session:
        row = _lock(session, ref, actor)
        if seen is not None and row.version != seen:
            since = ledger.events(session, row.id, seen)
            if form and any(e.actor == actor.key and e.facts.form == form for e in since):
                return Done(row.ref, row.version, row.id, again=True)
            if not merge or not 0 < seen < row.version or clashes.between([command], since):
                raise Stale(ref, seen, row.version)
        return _step(session, row, command, actor, form)


def submit(
    command: c.Submit, actor: Actor, landlord: str, draft_id: int | None = None, *, prefix: str | None = None
) -> Done:
    """Begin a case. With a draft, only once: the same draft sent twice gives the same case and a fresh code.

    `actor` is the resident or helper (their case_ref does not matter yet) or the member of staff who logs it.
    Raises Refused when the little that is required is missing.
    """
    with writing() as session:
        if draft_id is not None:
            draft = session.scalar(_fresh(select(Draft).where(Draft.id == draft_id)))
            if draft is None:
                raise NoSuchCase
            if draft.case_ref:
                return _submitted_before(session, draft.case_ref, actor)
        policy = rules.current_policy(session, landlord)
        env = Env(policy, clock.now(), rules.staff_lookup(session))
        if not isinstance(actor, Resident | Representative) and not actor.roles & flow.MAY_SUBMIT:
            raise NotAllowed(Action.SUBMIT, Stage.RECEIVED)
        if problems := guards.problems(None, command, actor, env):
            raise Refused(problems)
        ref = _new_reference(session, prefix or policy.landlord.reference_prefix)
        actor = _named(actor, ref)
        event = Happened(
            seq=1,
            at=env.now,
            actor=actor.key,
            name=actor.display,
            role=actor.role,
            command=command,
            facts=Derived(ref=ref, landlord=landlord, policy_version=policy.version),
        )
        state = effects.apply(None, event)
        row = projection.new_row(state)
        found = projection.refresh(session, row, state, event, policy, rules.calendar(session))
        ledger.append(session, row, event, state.stage, state.stage)
        _take_files(session, row.id, draft_id, command)
        codes = _codes(session, row.id, state)
        letters = correspondence.receipts(session, row, state, policy, found, env, event.seq)
        letters += asking.ask(session, row, state, policy, found, env, event.seq)
        notices.after(session, row, state, event, policy)
        if draft_id is not None:
            draft.case_ref = ref
        return Done(ref, row.version, row.id, letters, codes)


def preview(ref: str, command: c.Command, actor: Actor) -> Preview:
    """The letter that `perform` would send now, and what stands in its way. Writes nothing."""
    session = db.session()
    row = session.scalar(select(Case).where(Case.ref == ref))
    if row is None or not _theirs(ref, actor):
        raise NoSuchCase
    policy = rules.policy_of(session, row)
    state = decode(row.state)
    _keep_out(state, actor)
    if not sight.reaches(session, row.id, actor):
        raise NoSuchCase
    env = _env(session, state, policy)
    step = flow.find(state.stage, actor.roles, standing.facts_of(state, actor, policy), command.action)
    if step is None:
        raise NotAllowed(command.action, state.stage)
    problems = guards.problems(state, command, actor, env)
    if step.letter is None or state.resident is None:
        return Preview(None, problems, [])
    if not correspondence.is_due(state, command):
        return Preview(None, problems, [], silent=True)
    try:
        event = _event(row, state, command, actor, step, policy, env, session)
        after = effects.apply(state, event)
    except (ValueError, LookupError):
        return Preview(None, problems, [])
    found = law.clocks(after, policy, rules.calendar(session))
    to = _reader(after)
    composed = correspondence.compose(step.letter, after, event, policy, found, env, to=to)
    advice = clarity.notes(composed.facts)
    channel, address = correspondence.way_out(after, to)
    return Preview(composed.finished, problems, composed.misses, advice, channel, address)


def _fresh(query: Select[Any]) -> Select[Any]:
    """Locks what it finds, and reads it anew even where this session read it before."""
    return query.with_for_update().execution_options(populate_existing=True)


def _theirs(ref: str, actor: Actor) -> bool:
    """Residents and helpers reach the one case that they came in by, and no other."""
    return not isinstance(actor, Resident | Representative) or actor.case_ref == ref


def _keep_out(state: CaseState, actor: Actor) -> None:
    """For a person with a conflict of interest the case is not there (Code 5.8)."""
    if isinstance(actor, Staff) and actor.id in state.conflicts:
        raise NoSuchCase


def _without_seeing(command: c.Command, actor: Actor) -> bool:
    """Any employee may pass on that somebody is not satisfied with our answer, and see nothing of it (3.2)."""
    return isinstance(command, c.Escalate | c.Reopen) and Role.COLLEAGUE in actor.roles


def _lock(session: Session, ref: str, actor: Actor) -> Case:
    if not _theirs(ref, actor):
        raise NoSuchCase
    row = session.scalar(_fresh(select(Case).options(undefer(Case.state)).where(Case.ref == ref)))
    if row is None:
        raise NoSuchCase
    return row


def _env(session: Session, state: CaseState, policy: Policy) -> Env:
    found = law.clocks(state, policy, rules.calendar(session))
    due = law.response_duty(state, found)

    def ends(name: ClockName) -> date | None:
        return found[name].accepted_until if name in found else None

    return Env(
        policy=policy,
        now=clock.now(),
        staff=rules.staff_lookup(session),
        response_due_on=due.due_on if due else None,
        window_ends_on=ends(ClockName.ESCALATION_WINDOW),
        record_closes_on=ends(ClockName.RECORD_CLOSES),
    )


def _step(
    session: Session,
    row: Case,
    command: c.Command,
    actor: Actor,
    form: str = "",
    reached: frozenset[str] = frozenset(),
) -> Done:
    policy = rules.policy_of(session, row)
    state = decode(row.state)
    _keep_out(state, actor)
    if not (sight.reaches(session, row.id, actor) or _without_seeing(command, actor)):
        raise NoSuchCase
    step = flow.find(state.stage, actor.roles, standing.facts_of(state, actor, policy), command.action)
    if step is None:
        raise NotAllowed(command.action, state.stage)
    env = dataclasses.replace(_env(session, state, policy), beside=partial(_beside, session, actor))
    if problems := guards.problems(state, command, actor, env):
        raise Refused(problems)
    event = _event(row, state, command, actor, step, policy, env, session)
    if form:
        event = replace(event, facts=replace(event.facts, form=form))
    after = effects.apply(state, event)
    if isinstance(command, c.UndoSend) and not correspondence.take_back(session, row.id, command.seq):
        raise Refused([Problem("seq", "The letter has left already")])
    found = projection.refresh(session, row, after, event, policy, rules.calendar(session))
    ledger.append(session, row, event, state.stage, after.stage)
    _take_files(session, row.id, None, command)
    letters: tuple[int, ...] = ()
    if step.letter is not None and event.facts.sends:
        letters = _send(session, row, after, event, step.letter, policy, found, env)
    if event.facts.survey:
        letters += _send(session, row, after, event, LetterKind.SURVEY, policy, found, env)
    notices.after(session, row, after, event, policy)
    reached |= {row.ref}
    for ref, echo in merging.echoes(state, command):
        if ref not in reached:
            reached |= {ref}
            _echo(session, ref, echo, actor, reached)
    return Done(row.ref, row.version, row.id, letters)


def _echo(session: Session, ref: str, command: c.Command, actor: Actor, reached: frozenset[str]) -> None:
    """The part of a step that belongs to another case: both are written, or neither."""
    other = _lock(session, ref, actor)
    known = isinstance(command, c.DeclareConflict) and command.staff.id in decode(other.state).conflicts
    if not known:
        _step(session, other, command, actor, reached=reached)


def _beside(session: Session, actor: Actor, ref: str) -> Beside | None:
    """Another case as far as this person may know of it."""
    row = session.scalar(select(Case).where(Case.ref == ref)) if _theirs(ref, actor) else None
    if row is None:
        return None
    state = decode(row.state)
    if isinstance(actor, Staff) and actor.id in state.conflicts:
        return None
    found = law.clocks(state, rules.policy_of(session, row), rules.calendar(session))
    due = law.response_duty(state, found)
    return Beside(state, due.due_on if due else None)


def _event(
    row: Case,
    state: CaseState,
    command: c.Command,
    actor: Actor,
    step: flow.Step,
    policy: Policy,
    env: Env,
    session: Session,
) -> Happened:
    event = Happened(
        seq=row.version + 1,
        at=env.now,
        actor=actor.key,
        name=actor.display,
        role=next((r for r in Role if r in actor.roles & step.roles), actor.role),
        command=command,
        to=step.to,
    )
    if isinstance(command, c.Extend):
        return replace(event, facts=_new_date(state, event, policy, env, session))
    if isinstance(command, c.Merge):
        facts = merging.derived(state, env.beside(command.into or command.takes), command)
        return replace(event, facts=facts)
    if isinstance(command, c.Reopen):
        return replace(event, facts=Derived(back_to=_where_it_stood(session, row, state)))
    if isinstance(command, c.UndoSend):
        return replace(event, facts=_restored(session, row, state, command))
    sends = _sends(step, state, command)
    survey = sends and correspondence.asks_survey(state, command, policy)
    return replace(
        event,
        facts=Derived(
            sends=sends,
            survey=survey,
            awaits=sends and correspondence.awaits_translation(state, command),
            old_due_on=_promised_before(state, command),
        ),
    )


def _new_date(state: CaseState, event: Happened, policy: Policy, env: Env, session: Session) -> Derived:
    """Old and new date of an extension, the new one counted by the same clocks that show every other date."""
    old = env.response_due_on
    if old is None:
        raise Refused([Problem("days", "There is no date to extend")])
    trial = effects.apply(state, replace(event, facts=Derived(old_due_on=old, new_due_on=old)))
    due = law.response_duty(trial, law.clocks(trial, policy, rules.calendar(session)))
    new = due.due_on if due else old
    return Derived(old_due_on=old, new_due_on=new, late=env.today > old, sends=_is_written_to(state))


def _sends(step: flow.Step, state: CaseState, command: c.Command) -> bool:
    return step.letter is not None and _is_written_to(state) and correspondence.is_due(state, command)


def _promised_before(state: CaseState, command: c.Command) -> date | None:
    """The day that a promise had before it was moved."""
    if not isinstance(command, c.MoveCommitment):
        return None
    return next((p.due_on for p in state.commitments if p.number == command.number), None)


def _restored(session: Session, row: Case, state: CaseState, command: c.UndoSend) -> Derived:
    """The case as it stood before the letter that is taken back, folded from the events before it."""
    if state.last_sent is None or command.seq != row.version:
        raise Refused([Problem("seq", "Something has happened since. The letter stays sent")])
    before = effects.fold(e for e in ledger.events(session, row.id) if e.seq < command.seq)
    return Derived(restored=encode(before).decode())


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


def _reader(state: CaseState) -> str:
    """Whom a letter is for: the helper where the resident agreed to everything, the resident otherwise."""
    scope = state.consent.in_force(clock.today())
    return "representative" if state.helper and scope is ConsentScope.EVERYTHING else "resident"


def _send(
    session: Session,
    row: Case,
    state: CaseState,
    event: Happened,
    kind: LetterKind,
    policy: Policy,
    found: dict[ClockName, Clock],
    env: Env,
) -> tuple[int, ...]:
    """Compose, pass the gate, store and queue. To the helper as well where the resident agreed to both."""
    readers = [_reader(state)]
    if state.helper and state.consent.in_force(env.today) is ConsentScope.ME_AS_WELL:
        readers.append("representative")
    sent = []
    for reader in readers:
        composed = correspondence.compose(kind, state, event, policy, found, env, to=reader)
        if composed.misses:
            raise Refused([], composed.misses)
        until = env.now + timedelta(seconds=config.current().undo_seconds) if event.staff_id else None
        sent.append(
            correspondence.dispatch(
                session, row, state, composed, env, event.seq, to=reader, undo_until=until
            )
        )
    return tuple(sent)


def _is_written_to(state: CaseState) -> bool:
    return state.resident is not None and not state.anonymous


def _named(actor: Actor, ref: str) -> Actor:
    if isinstance(actor, Resident):
        return Resident(ref, actor.name)
    if isinstance(actor, Representative):
        return Representative(ref, actor.name, actor.scope, actor.person)
    return actor


def _new_reference(session: Session, prefix: str) -> str:
    year = clock.today().year
    name = f"ref:{prefix}:{year}"
    ensure(session, Counter, name=name, value=0)
    counter = session.scalars(_fresh(select(Counter).where(Counter.name == name))).one()
    counter.value += 1
    session.flush()
    return tokens.new_reference(prefix, year, counter.value)


def _codes(session: Session, case_id: int, state: CaseState) -> dict[str, str]:
    people: list[Actor] = []
    if state.resident is not None and not state.anonymous:
        people.append(Resident(state.ref, state.resident.name))
    if state.helper is not None:
        people.append(Representative(state.ref, state.helper.name, state.consent.scope))
    return {p.key: access.issue_access_code(session, case_id, p.key) for p in people}


def _submitted_before(session: Session, ref: str, actor: Actor) -> Done:
    row = session.scalar(select(Case).where(Case.ref == ref))
    if row is None:
        raise NoSuchCase
    if isinstance(actor, Resident | Representative):
        key = _named(actor, ref).key
        codes = {key: access.issue_access_code(session, row.id, key)}
    else:  # logged on somebody's behalf: the codes are theirs, not the colleague's
        codes = _codes(session, row.id, decode(row.state))
    return Done(ref, row.version, row.id, (), codes, again=True)


def _take_files(session: Session, case_id: int, draft_id: int | None, command: c.Command) -> None:
    """The files a command names become the case's. Only files that no case owns yet can be taken."""
    wanted = [f.id for f in getattr(command, "files", ())]
    if not wanted:
        return
    # A file on somebody's draft goes with that draft alone, whoever may name its number.
    mine = Attachment.draft_id.is_(None) if draft_id is None else Attachment.draft_id == draft_id
    ours = Attachment.case_id.is_(None) & mine
    free = select(Attachment).where(Attachment.id.in_(wanted), ours | (Attachment.case_id == case_id))
    rows = session.scalars(free).all()
    if len(rows) != len(set(wanted)):
        raise Refused([Problem("files", "A file is no longer there. Add it again")])
    for row in rows:
        row.case_id, row.draft_id = case_id, None
