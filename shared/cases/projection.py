"""The columns that lists, tabs and searches read: worked out from a state, never by hand, never by a view."""

from datetime import date

from sqlalchemy.orm import Session

from shared import clock
from shared.cases import law, search
from shared.cases.effects import Happened
from shared.cases.state import CaseState, encode
from shared.deadlines.calendar import Calendar
from shared.deadlines.compute import Clock
from shared.models import Case
from shared.policy.policy import Policy
from shared.policy.terms import ClockName
from shared.vocab import Role, Stage

CLOSED_STAGES = frozenset({Stage.CLOSED, Stage.NOT_ACCEPTED, Stage.RECORDED})


def new_row(state: CaseState) -> Case:
    """An empty row for a new case; `refresh` fills the rest."""
    return Case(ref=state.ref, landlord=state.landlord, policy_version=state.policy_version, version=0)


def columns(
    state: CaseState, policy: Policy, calendar: Calendar
) -> tuple[dict[str, object], dict[ClockName, Clock]]:
    """Every cached column that follows from the state alone, and the clocks it was worked out from."""
    found = law.clocks(state, policy, calendar)
    owed = law.duties(state, found)
    first = law.next_due(owed)
    person = state.resident
    promises = [p.due_on for p in state.open_commitments]
    holder = state.holder
    address = ", ".join(person.address) if person else ""
    return {
        "kind": state.kind,
        "stage": state.stage,
        "is_open": state.stage not in CLOSED_STAGES,
        "triaged": state.risk is not None,
        "risk": state.risk or "",
        "language": state.language,
        "resident": (person.name if person else "")[:200],
        "home": address[:400],
        "postcode": (person.postcode if person else "").replace(" ", "").upper()[:10],
        "summary": " ".join(state.story.what.split())[:200],
        "needs": [n.code for n in state.needs],
        "holder_id": holder.id if holder else None,
        "holder": holder.name if holder else "",
        "received_on": clock.london_date(state.milestones.received_at),
        "clocks": [[d.name.value, d.due_on.isoformat()] for d in owed],
        "next_due_on": first.due_on if first else None,
        "next_due": first.name.value if first else "",
        "next_promise_on": min(promises, default=None),
        "waiting_on": _waiting_on(state, owed),
        "last_contact_on": state.last_contact_on,
    }, found


def refresh(
    session: Session, row: Case, state: CaseState, event: Happened, policy: Policy, calendar: Calendar
) -> dict[ClockName, Clock]:
    """Bring the row up to the state after one more event, index its words, and return its clocks."""
    values, found = columns(state, policy, calendar)
    for name, value in values.items():
        setattr(row, name, value)
    row.version = event.seq
    row.updated_at = event.at
    row.unread = event.role in {Role.RESIDENT, Role.REPRESENTATIVE} or (
        row.unread is True and event.role is Role.SYSTEM
    )
    row.state = encode(state).decode()
    session.add(row)
    session.flush()
    search.index(session, row.id, words(state))
    return found


def words(state: CaseState) -> str:
    """What a search looks through: references, people, homes, numbers in any spacing, and what was said."""
    parts = [state.ref, state.ref.replace("-", ""), state.story.what, state.story.wanted, state.story.effect]
    for person in (state.resident, state.helper):
        if person:
            parts += [person.name, person.email, search.phone_token(person.phone), *person.address]
            parts += [person.postcode, person.postcode.replace(" ", "")]
    if state.definition:
        parts += [point.text.text for point in state.definition.points]
    parts += [message.text for message in state.messages]
    return " ".join(part for part in parts if part)


def _waiting_on(state: CaseState, owed: list[law.Duty]) -> str:
    asked = any(q.answered_at is None for q in state.clarifications)
    if asked:
        return "resident"
    return "us" if owed or state.open_commitments else "nobody"


def drift(row: Case, state: CaseState, policy: Policy, calendar: Calendar) -> list[str]:
    """The cached columns that do not agree with the state that the events fold to."""
    values, _ = columns(state, policy, calendar)
    stale = [name for name, value in values.items() if _plain(getattr(row, name)) != _plain(value)]
    return stale + (["state"] if row.state != encode(state).decode() else [])


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
