"""What colleagues who log a complaint on somebody's behalf may know: what they logged, and what may be double.

Any employee may log one (Code 3.2), and most of them may see no case: they get a receipt and nothing else.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, literal_column, select

from shared import clock
from shared.cases import commands as c
from shared.cases import guards, queries, service
from shared.cases.access import visibility
from shared.cases.guards import Env, Problem
from shared.cases.inbox.rows import InboxRow
from shared.db import db
from shared.identity.actors import Staff
from shared.identity.roles import Permission, may
from shared.models import Case, CaseEvent
from shared.policy.load import load
from shared.policy.terms import ClockName
from shared.vocab import Action


@dataclass(frozen=True, slots=True)
class Receipt:
    """What may be read out to the person: nothing of what happens on the case afterwards."""

    ref: str
    kind: str
    received_on: date
    logged_at: datetime
    acknowledge_by: date | None


def problems(command: c.Submit, actor: Staff, landlord: str) -> list[Problem]:
    """What `service.submit` would refuse, so that it can be said before anything is logged. Writes nothing."""
    env = Env(load(landlord), clock.now(), staff=lambda number: None)
    return guards.problems(None, command, actor, env)


def possible_doubles(command: c.Submit, actor: Staff, limit: int = 8) -> tuple[InboxRow, ...]:
    """Cases from the same postcode, or of a person of the same name, newest first: for who may see cases.

    To others they say nothing: whether a neighbour has complained is not theirs to know.
    """
    person = command.resident if may(actor.roles, Permission.SEES_INBOX) else None
    return queries.similar_cases(person.postcode, person.name, actor, limit=limit) if person else ()


def logged_by(actor: Staff, limit: int = 10) -> tuple[Receipt, ...]:
    """What this person logged on somebody's behalf, newest first."""
    query = (
        select(Case, CaseEvent.at)
        .join(CaseEvent, CaseEvent.case_id == Case.id)
        # Written out: a database uses an index of first events alone where it can read that only those are meant.
        .where(CaseEvent.seq == literal_column("1"))
        .where(CaseEvent.actor == actor.key, CaseEvent.action == Action.SUBMIT.value)
        .where(visibility.not_walled(Case.id, actor.id))
        .order_by(CaseEvent.id.desc())
        .limit(limit)
    )
    return tuple(_receipt(row, at) for row, at in db.session.execute(query))


def receipt(ref: str, actor: Staff) -> Receipt:
    """The receipt of one case for whoever logged it, or may see cases. Raises service.NoSuchCase otherwise."""
    found = db.session.execute(
        select(Case, CaseEvent.at, CaseEvent.actor)
        .join(CaseEvent, and_(CaseEvent.case_id == Case.id, CaseEvent.seq == 1))
        .where(Case.ref == ref, visibility.not_walled(Case.id, actor.id))
    ).first()
    if found is None:
        raise service.NoSuchCase
    sees_it = may(actor.roles, Permission.SEES_INBOX) and visibility.reaches(db.session(), found[0].id, actor)
    if found.actor != actor.key and not sees_it:
        raise service.NoSuchCase
    return _receipt(found[0], found[1])


def _receipt(row: Case, at: datetime) -> Receipt:
    dues = {name: date.fromisoformat(on) for name, on in row.clocks}
    return Receipt(
        ref=row.ref,
        kind=row.kind,
        received_on=row.received_on,
        logged_at=at,
        acknowledge_by=dues.get(ClockName.STAGE_1_ACKNOWLEDGEMENT.value),
    )
