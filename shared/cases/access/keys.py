"""The keys of a case: its reference, the access codes by which its people come in, and when a way in is shut."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.cases.state import CaseState
from shared.db import ensure
from shared.identity import access, resident_sessions, tokens
from shared.identity.actors import Actor, Representative, Resident
from shared.models import Counter
from shared.vocab import ConsentScope

TELLS_NOTHING = frozenset({ConsentScope.NONE, ConsentScope.REFUSED})


def new_reference(session: Session, prefix: str) -> str:
    """The next reference of this year. Two who ask at once get two."""
    year = clock.today().year
    name = f"ref:{prefix}:{year}"
    ensure(session, Counter, name=name, value=0)
    counter = session.scalars(
        select(Counter)
        .where(Counter.name == name)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    counter.value += 1
    session.flush()
    return tokens.new_reference(prefix, year, counter.value)


def on_case(actor: Actor, ref: str) -> Actor:
    """A person who began a case, from now on known by it; staff stay who they are."""
    if isinstance(actor, Resident):
        return Resident(ref, actor.name)
    if isinstance(actor, Representative):
        return Representative(ref, actor.name, actor.scope, actor.person)
    return actor


def resident_of(state: CaseState) -> Resident | None:
    """The resident, if she can come in at all: an anonymous complaint knows nobody."""
    if state.resident is None or state.anonymous:
        return None
    return Resident(state.ref, state.resident.name)


def helper_of(state: CaseState) -> Representative | None:
    """The helper with the scope of the resident's present consent (Code 3.6)."""
    if state.helper is None:
        return None
    return Representative(state.ref, state.helper.name, state.consent.in_force(clock.today()))


def issue_codes(session: Session, case_id: int, state: CaseState) -> dict[str, str]:
    """A fresh access code for everybody who may come in, by Actor.key. The caller commits."""
    people = [person for person in (resident_of(state), helper_of(state)) if person is not None]
    return {person.key: access.issue_access_code(session, case_id, person.key) for person in people}


def end_unsafe_access(session: Session, case_id: int, before: CaseState, after: CaseState) -> None:
    """End what a step makes unsafe to leave open. The caller commits.

    A helper who may be told nothing any more is out of every browser (Code 3.6). Links and digits that are on
    their way to an e-mail address or phone which the resident has changed open nothing.
    """
    helper, resident = helper_of(after), resident_of(after)
    if (
        helper
        and helper.scope in TELLS_NOTHING
        and before.consent.in_force(clock.today()) not in TELLS_NOTHING
    ):
        resident_sessions.end_all(session, case_id, helper.key)
    if resident and _reached_by(before) != _reached_by(after):
        access.end_links(session, case_id, resident.key, access.SIGN_IN)


def _reached_by(state: CaseState) -> tuple[str, str] | None:
    return (state.resident.email, state.resident.phone) if state.resident else None
