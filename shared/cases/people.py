"""Who a signed-in browser belongs to, read anew from the case each time: a withdrawal counts at once."""

from sqlalchemy import func, select

from shared import clock
from shared.cases.guards_merge import same_person
from shared.cases.state import CaseState, decode
from shared.db import db
from shared.identity.actors import Representative, Resident
from shared.models import AccessKey, Case


def recognise(ref: str, person: str, since: int | None = None) -> Resident | Representative | None:
    """The person behind an Actor.key as the case stands now; None when that way in has ended.

    `since`: the second in which the browser signed in; a code given anew after it ends what came in before. A
    helper comes with the scope of the resident's present consent (Code 3.6). Reads only.
    """
    row = db.session.execute(select(Case.id, Case.state).where(Case.ref == ref)).first()
    if row is None or _ended(row.id, person, since):
        return None
    state = decode(row.state)
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


def _ended(case_id: int, person: str, since: int | None) -> bool:
    """Whether the way in was withdrawn, or given anew because a code was lost.

    Who never had a code came in by a link.
    """
    of_person = (AccessKey.case_id == case_id, AccessKey.person == person)
    total, live, newest = db.session.execute(
        select(
            func.count(AccessKey.id),
            func.count(AccessKey.id).filter(AccessKey.revoked_at.is_(None)),
            func.max(AccessKey.created_at),
        ).where(*of_person)
    ).one()
    renewed = total > 1 and since is not None and newest.timestamp() >= since + 1
    return bool(total) and (not live or renewed)
