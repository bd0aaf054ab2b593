"""Who a signed-in browser belongs to, read anew from the case each time: a withdrawal counts at once."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, config
from shared.cases.guards.merge import same_person
from shared.cases.state import CaseState, decode
from shared.db import db, writing
from shared.identity import resident_sessions
from shared.identity.actors import Representative, Resident
from shared.models import Case, ResidentSession


def recognise(ref: str, person: str) -> Resident | Representative | None:
    """The person behind an Actor.key as the case stands now; None when there is no such person on it.

    For somebody whose code or link was just checked. Reads only.
    """
    kept = db.session.scalar(select(Case.state).where(Case.ref == ref))
    return _as_it_stands(ref, kept, person) if kept is not None else None


def signed_in(token: str, *, timed_out: bool = False) -> Resident | Representative | None:
    """The person whose session this is, as the case stands now; None once it has ended.

    With `timed_out` also somebody who was away for too long, but not who signed out. Reads only.
    """
    row = db.session.execute(
        select(Case.ref, Case.state, ResidentSession.person)
        .join(ResidentSession, ResidentSession.case_id == Case.id)
        .where(*resident_sessions.behind(token, timed_out=timed_out))
    ).first()
    return _as_it_stands(row.ref, row.state, row.person) if row else None


def sign_in(person: Resident | Representative) -> str:
    """Begin a session of somebody who has proved who they are; returns the token for their browser."""
    lifetime = timedelta(hours=config.current().resident_absolute_hours)
    with writing() as session:
        case_id = session.scalars(select(Case.id).where(Case.ref == person.case_ref)).one()
        return resident_sessions.start(session, case_id, person.key, lifetime=lifetime)


def sign_out(token: str) -> None:
    """End the session of one browser, and of every copy of its cookie."""
    with writing() as session:
        resident_sessions.end(session, token)


def sign_out_everywhere(person: Resident | Representative) -> None:
    """End the sessions of one person in every browser, by whichever case they came in."""
    with writing() as session:
        for case_id, key in ways_in(session, person):
            resident_sessions.end_all(session, case_id, key)


def ways_in(session: Session, person: Resident | Representative) -> list[tuple[int, str]]:
    """The cases by which a person gets in, each with their key there: their own, then what was merged into it."""
    found = select(Case.id, Case.state).where(Case.ref == person.case_ref)
    case_id, kept = session.execute(found).one()
    state = decode(kept)
    merged = [one.ref for one in state.merged if one.same_person]
    rows = session.execute(select(Case.id, Case.ref, Case.state).where(Case.ref.in_(merged))).all()
    hers = [row for row in rows if isinstance(person, Resident) and same_person(decode(row.state), state)]
    return [(case_id, person.key), *((row.id, Resident(row.ref, person.name).key) for row in hers)]


def _as_it_stands(ref: str, kept: str, person: str) -> Resident | Representative | None:
    """The person on the case; a helper comes with the scope of the resident's present consent (Code 3.6)."""
    state = decode(kept)
    if (stays := _where_it_went(state, person)) is not None:
        return stays
    if state.resident is not None and not state.anonymous:
        resident = Resident(ref, state.resident.name)
        if resident.key == person:
            return resident
    if state.helper is not None:
        helper = Representative(ref, state.helper.name, state.consent.in_force(clock.today()))
        if helper.key == person:
            return helper
    return None


def _where_it_went(state: CaseState, person: str) -> Resident | None:
    """The resident on the case that hers was merged into, if both surely are hers; never a helper.

    Everybody else stays on the case that they came in by, and reads it as it was.
    """
    into = state.merged_into
    if into is None or not into.same_person or person != Resident(state.ref, "").key:
        return None
    found = db.session.scalar(select(Case.state).where(Case.ref == into.ref))
    stays = decode(found) if found else None
    if stays is None or stays.resident is None or not same_person(state, stays):
        return None  # the contact details of one of them changed meanwhile
    return Resident(stays.ref, stays.resident.name)
