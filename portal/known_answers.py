"""What a person who is signed in told us before: shown back and never asked twice (Code 3.1, 5.10)."""

from typing import Any

from portal import session
from portal.compose import needs_answers
from portal.forms.reach import UNSAFE
from shared.cases import queries, service
from shared.identity.actors import Resident


def answers() -> dict[str, Any]:
    """The signed-in resident's particulars as answers of a new draft; nothing for a helper or a stranger."""
    actor = session.current_resident()
    if not isinstance(actor, Resident):
        return {}
    try:
        state = queries.case(actor.case_ref, actor).state
    except service.NoSuchCase:
        return {}
    person, safety = state.resident, state.safety
    if person is None:
        return {}
    return {
        "linked": actor.case_ref,
        "name": person.name,
        "address": "\n".join(person.address),
        "postcode": person.postcode,
        "email": person.email,
        "phone": person.phone,
        "by_post": not (person.email or person.phone),
        "relation": person.relationship,
        "prefers": person.prefers.value if person.prefers else "",
        "times": safety.times,
        "unsafe": [code for code in UNSAFE if getattr(safety, code)],
        "reply_language": state.language,
        **needs_answers(state.needs),
    }
