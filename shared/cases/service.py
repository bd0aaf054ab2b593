"""The one way through: every change of every case is one call of `perform`, or of `submit` to begin one.

What a link from a letter answers goes through `answer_by_link`, which is `perform` with the link for a key.

One transaction: lock the row, find the step, check stage, role, guards and letter, append one event, fold
it in, refresh the caches, store the letter, queue what has to leave. A refusal writes nothing.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from shared.cases import (
    case_clocks,
    clashes,
    effects,
    event_log,
    files,
    flow,
    guards,
    merging,
    new_event,
    projection,
    rules,
    standing,
    surroundings,
)
from shared.cases import commands as c
from shared.cases.access import keys, visibility
from shared.cases.correspondence import consent_request, dispatch, held_mail, notices, step_letters
from shared.cases.effects import Happened
from shared.cases.guards import Problem
from shared.cases.outcomes import Done, NoSuchCase, NotAllowed, Preview, Refused, Stale
from shared.cases.state import CaseState, decode
from shared.db import db, writing
from shared.identity import access
from shared.identity.actors import Actor, Representative, Resident
from shared.identity.roles import Permission, may
from shared.letters import clarity
from shared.models import Case, Draft
from shared.policy.policy import Policy
from shared.vocab import Action, LetterKind, Stage


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

    `seen` is the version of the case that the person had before them; None only for those who saw none: the
    worker, and a colleague who passes on what somebody said. With `merge`, what happened since is no obstacle
    as long as it does not touch what this step goes by (clashes.py). `form` is a fingerprint of the form that
    was sent: the same person sending it again changes nothing. Raises NoSuchCase, NotAllowed, Stale or Refused,
    and then nothing has changed.
    """
    with writing() as session:
        row = _lock(session, ref, actor)
        looks_back = row.version != seen and (seen is not None or form)
        since = event_log.events(session, row.id, seen or 0) if looks_back else []
        if form and any(e.actor == actor.key and e.facts.form == form for e in since):
            return Done(row.ref, row.version, row.id, again=True)
        if seen is not None and row.version != seen and not _merges(command, seen, row, since, merge):
            raise Stale(ref, seen, row.version)
        return _step(session, row, command, actor, form)


def _merges(command: c.Command, seen: int, row: Case, since: Sequence[Happened], merge: bool) -> bool:
    """Whether a step stands beside what happened since the case was seen."""
    return merge and 0 < seen < row.version and not clashes.between([command], since)


def answer_by_link(token: str, purpose: str, command: c.Command) -> Done:
    """Take the one step that the resident was sent a link for. The link is used up with the step or not at all.

    Raises NoSuchCase for a link that is used, too old or of another purpose, and what `perform` raises.
    """
    with writing() as session:
        link = access.use_link(session, token, purpose)
        found = session.get(Case, link.case_id) if link and link.case_id else None
        if found is None:
            raise NoSuchCase
        actor = Resident(found.ref, found.resident)
        return _step(session, _lock(session, found.ref, actor), command, actor)


def submit(
    command: c.Submit, actor: Actor, landlord: str, draft_id: int | None = None, *, prefix: str | None = None
) -> Done:
    """Begin a case. With a draft, only once: the same draft sent twice gives the same case and a fresh code.

    `actor` is the resident or helper (their case_ref does not matter yet) or the member of staff who logs it.
    Raises NotAllowed, or Refused when the little that is required is missing.
    """
    with writing() as session:
        draft = _draft(session, draft_id)
        if draft is not None and draft.case_ref:
            return _submitted_before(session, draft.case_ref, actor)
        if not isinstance(actor, Resident | Representative) and not actor.roles & flow.MAY_SUBMIT:
            raise NotAllowed(Action.SUBMIT, Stage.RECEIVED)
        policy = rules.current_policy(session, landlord)
        env = surroundings.at_the_door(session, policy)
        if problems := guards.problems(None, command, actor, env):
            raise Refused(problems)
        ref = keys.new_reference(session, prefix or policy.landlord.reference_prefix)
        event = new_event.first(command, keys.on_case(actor, ref), ref, landlord, env)
        state = effects.apply(None, event)
        row = projection.new_row(state)
        found = projection.refresh(session, row, state, event, policy, rules.calendar(session))
        event_log.append(session, row, event, state.stage, state.stage)
        files.take(session, row.id, command.files, draft_id)
        held_mail.take(session, row.ref, command.mail, actor)
        codes = keys.issue_codes(session, row.id, state)
        letters = step_letters.receipts(session, row, state, found, env, event.seq)
        letters += consent_request.ask(session, row, state, found, env, event.seq)
        notices.queue_notices(session, row, state, event, policy)
        if draft is not None:
            draft.case_ref = ref
        return Done(ref, row.version, row.id, letters, codes)


def preview(ref: str, command: c.Command, actor: Actor) -> Preview:
    """The letter that `perform` would send now, and what stands in its way. Writes nothing."""
    session = db.session()
    row = session.scalar(select(Case).options(undefer(Case.state)).where(Case.ref == ref))
    if row is None or not visibility.came_in_by(ref, actor):
        raise NoSuchCase
    state, policy, step = _way(session, row, command, actor)
    env = surroundings.of_case(session, state, policy, actor)
    problems = guards.problems(state, command, actor, env)
    if step.letter is None or state.resident is None:
        return Preview(None, problems, [])
    if not step_letters.is_due(state, command):
        return Preview(None, problems, [], silent=True)
    try:
        event = new_event.next_one(session, row, state, step, command, actor, env)
        after = effects.apply(state, event)
    except (ValueError, LookupError):  # too much is missing for a letter: the problems say what
        return Preview(None, problems, [])
    found = case_clocks.clocks(after, policy, rules.calendar(session))
    to = step_letters.readers(after)[0]
    composed = step_letters.compose(step.letter, after, found, env, event=event, to=to)
    advice = clarity.notes(composed.facts)
    channel, address = dispatch.way_out(after, to)
    return Preview(composed.finished, problems, composed.misses, advice, channel, address)


def _lock(session: Session, ref: str, actor: Actor) -> Case:
    """The row of a case, read anew even where this session read it before, and nobody else's until the end."""
    if not visibility.came_in_by(ref, actor):
        raise NoSuchCase
    query = select(Case).options(undefer(Case.state)).where(Case.ref == ref).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NoSuchCase
    return row


def _way(
    session: Session, row: Case, command: c.Command, actor: Actor
) -> tuple[CaseState, Policy, flow.Step]:
    """The case, its rules, and the step of the table that this person may take by this command."""
    policy, state = rules.policy_of(session, row), decode(row.state)
    reached = visibility.reaches(session, row.id, actor) or _without_seeing(command, actor)
    if visibility.is_walled_off(state, actor) or not reached:
        raise NoSuchCase
    step = flow.find(state.stage, actor.roles, standing.facts_of(state, actor, policy), command.action)
    if step is None:
        raise NotAllowed(command.action, state.stage)
    return state, policy, step


def _without_seeing(command: c.Command, actor: Actor) -> bool:
    """Any employee may pass on that somebody is not satisfied with our answer, and see nothing of it (3.2)."""
    return isinstance(command, c.Escalate | c.Reopen) and may(actor.roles, Permission.LOGS_INTAKE)


def _step(
    session: Session,
    row: Case,
    command: c.Command,
    actor: Actor,
    form: str = "",
    reached: frozenset[str] = frozenset(),
) -> Done:
    """Take a step on a locked row, and its echo on other cases but those that it has `reached` already."""
    state, policy, step = _way(session, row, command, actor)
    env = surroundings.of_case(session, state, policy, actor)
    if problems := guards.problems(state, command, actor, env):
        raise Refused(problems)
    event = new_event.next_one(session, row, state, step, command, actor, env, form)
    after = effects.apply(state, event)
    if isinstance(command, c.UndoSend) and not dispatch.take_back(session, row.id, command.seq):
        raise Refused([Problem("seq", "The letter has left already")])
    found = projection.refresh(session, row, after, event, policy, rules.calendar(session))
    event_log.append(session, row, event, state.stage, after.stage)
    files.take(session, row.id, getattr(command, "files", ()))
    held_mail.take(session, row.ref, getattr(command, "mail", None), actor)
    keys.end_unsafe_access(session, row.id, state, after)
    letters: tuple[int, ...] = ()
    if step.letter is not None and event.facts.sends:
        letters = step_letters.send(session, row, after, found, env, event, step.letter)
    if event.facts.survey:
        letters += step_letters.send(session, row, after, found, env, event, LetterKind.SURVEY)
    notices.queue_notices(session, row, after, event, policy)
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


def _draft(session: Session, draft_id: int | None) -> Draft | None:
    """The draft that a complaint comes from, held until the end, so that it is sent once."""
    if draft_id is None:
        return None
    draft = session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None:
        raise NoSuchCase
    return draft


def _submitted_before(session: Session, ref: str, actor: Actor) -> Done:
    """The case that this very draft gave, with fresh codes for those who came by it."""
    row = session.scalar(select(Case).options(undefer(Case.state)).where(Case.ref == ref))
    if row is None:
        raise NoSuchCase
    if isinstance(actor, Resident | Representative):
        key = keys.on_case(actor, ref).key
        codes = {key: access.issue_access_code(session, row.id, key)}
    else:  # logged on somebody's behalf: the codes are theirs, not the colleague's
        codes = keys.issue_codes(session, row.id, decode(row.state))
    return Done(ref, row.version, row.id, (), codes, again=True)


__all__ = [
    "Done",
    "NoSuchCase",
    "NotAllowed",
    "Preview",
    "Refused",
    "Stale",
    "answer_by_link",
    "perform",
    "preview",
    "submit",
]
