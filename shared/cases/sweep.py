"""What time does to cases: clocks that run out, records that close on silence, calendars that change.

The worker calls these; each acts through `perform` as the system, so that the log shows what time did and no
alarm is raised twice. A case that cannot be moved on is logged and left for the next round: it never keeps
the others waiting.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError

from shared import clock
from shared.cases import case_clocks, files, projection, rules, service
from shared.cases import commands as c
from shared.cases.colleagues import presence
from shared.cases.state import CaseState, decode
from shared.db import db, writing
from shared.deadlines.compute import Clock
from shared.identity.actors import Actor, System
from shared.mail import jobs
from shared.models import Case, ExtraHoliday
from shared.policy.load import load
from shared.policy.terms import ClockName
from shared.vocab import CloseReason, Stage

log = logging.getLogger("redress.sweep")

BATCH = 500
CLOCK = System("deadlines")
PROMISE = "promise"


def register(landlord: str) -> None:
    """Give the worker its periodic work."""
    jobs.register("overdue", 600, raise_overdue)
    jobs.register("silence", 3600, close_on_silence)
    jobs.register("presence", 300, presence.sweep)
    jobs.register("files", 3600, lambda: files.tidy(load(landlord).landlord.draft_days))


def raise_overdue() -> int:
    """Record every clock and promise that has run out, once each, and wake who must know."""
    today = clock.today()
    raised = 0
    for row in cases(or_(Case.next_due_on < today, Case.next_promise_on < today)):
        raised += apart(row.ref, partial(_raise_on, row, today))
    return raised


def apart(ref: str, step: Callable[[], int]) -> int:
    """What a step on one case comes to. One that fails is left for the next round and keeps no other waiting."""
    try:
        return step()
    except SQLAlchemyError:
        raise  # no other case fares better
    except Exception:
        db.session.rollback()
        log.exception("%s is left for the next round", ref)
        return 0


def _raise_on(row: Case, today: date) -> int:
    state = decode(row.state)
    owed = case_clocks.duties(state, _clocks(row, state))
    late = overdue(state, owed, today)
    return sum(_acted(row.ref, c.RaiseOverdue(clock=name, due_on=due_on)) for name, due_on in late)


def overdue(state: CaseState, owed: Iterable[case_clocks.Duty], today: date) -> list[tuple[str, date]]:
    """The clocks and promises of a case that have run out and were not yet raised.

    Where landlord and Code count differently both are raised, each when its own day is over.
    """
    late = []
    for duty in owed:
        days = {one.due_on: one.name for one in (duty.other, duty.clock) if one is not None}
        late += [(name.value, on) for on, name in sorted(days.items()) if on < today]
    late += [(f"{PROMISE}_{p.number}", p.due_on) for p in state.open_commitments if p.due_on < today]
    return [(name, on) for name, on in late if f"{name}:{on}" not in state.overdue_raised]


def close_on_silence() -> int:
    """Close records whose resident has not answered within the landlord's own limit, where it has one.

    Closes the record only: a late request for stage 2 is still judged, and promises stay open.
    """
    closed = 0
    for row in cases(Case.stage == Stage.STAGE_1_ANSWERED):
        closed += apart(row.ref, partial(_close_if_silent, row))
    return closed


def _close_if_silent(row: Case) -> int:
    state = decode(row.state)
    ends = _clocks(row, state).get(ClockName.RECORD_CLOSES)
    if ends is None or clock.today() <= ends.accepted_until or not state.silent:
        return 0
    return _acted(row.ref, c.Close(reason=CloseReason.NO_REPLY))


def add_holiday(day: date, name: str, actor: Actor) -> int:
    """Add a newly proclaimed bank holiday and move every date in flight. Returns how many cases moved.

    Each moved case keeps what moved in its log; the resident is written to where a date moved later.
    """
    before = {row.ref: _due_dates(row) for row in cases(Case.next_due_on.is_not(None))}
    with writing() as session:
        if session.get(ExtraHoliday, day) is None:
            session.add(ExtraHoliday(day=day, name=name, added_by=actor.display))
    moved_cases = 0
    for ref, old in before.items():
        row = db.session.scalar(select(Case).where(Case.ref == ref))
        if row is None:
            continue
        new = _recomputed(row)
        moved = tuple((k, old[k], new[k]) for k in old if k in new and old[k] != new[k])
        if moved:
            reason = f"{name} on {day:%-d %B %Y} is not a working day"
            moved_cases += _acted(ref, c.RecomputeDates(reason=reason, moved=moved))
    return moved_cases


def _acted(ref: str, command: c.Command) -> bool:
    """Take one step as the system; False, and a line in the log, when the case does not let it."""
    try:
        service.perform(ref, command, CLOCK)
    except (service.Refused, service.NotAllowed) as refusal:
        log.warning("%s of %s was not possible: %s", command.action, ref, refusal)
        return False
    return True


def _clocks(row: Case, state: CaseState) -> dict[ClockName, Clock]:
    session = db.session()
    return case_clocks.clocks(state, rules.policy_of(session, row), rules.calendar(session))


def _due_dates(row: Case) -> dict[str, date]:
    return {name: date.fromisoformat(on) for name, on in row.clocks}


def _recomputed(row: Case) -> dict[str, date]:
    session = db.session()
    values, _ = projection.columns(decode(row.state), rules.policy_of(session, row), rules.calendar(session))
    clocks: Iterable[list[str]] = values["clocks"]  # type: ignore[assignment]
    return {name: date.fromisoformat(on) for name, on in clocks}


def cases(condition: object) -> Iterable[Case]:
    """Cases by condition, in batches by id, so that a sweep never holds the whole table."""
    last = 0
    while True:
        query = select(Case).where(condition, Case.id > last).order_by(Case.id).limit(BATCH)  # type: ignore[arg-type]
        found = list(db.session.scalars(query))
        if not found:
            return
        last = found[-1].id
        yield from found


def silent(state: CaseState, today: date) -> bool:
    """Whether a case has gone without contact for longer than was agreed with the resident (Code 5.9)."""
    every = state.contact_every_days
    if not every or state.last_contact_on is None:
        return False
    return state.last_contact_on + timedelta(days=every) < today
