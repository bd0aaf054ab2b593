"""A new access code in place of a lost one; the old one stops working at once."""

from sqlalchemy import select

from shared import config
from shared.cases import commands as c
from shared.cases import keys, people, service
from shared.cases.addresses import portal_page
from shared.cases.guards import Problem
from shared.cases.state import CaseState, decode
from shared.db import writing
from shared.identity import access
from shared.identity.actors import Representative, Resident, Staff
from shared.mail import outbox, templates
from shared.models import Case
from shared.policy.load import load
from shared.vocab import Role

WHO = {Role.RESIDENT: "the resident", Role.REPRESENTATIVE: "the helper"}


def issue_new_code(
    ref: str, person: Role, actor: Staff, *, identified_by: str, seen: int | None = None, mail: bool = False
) -> str:
    """Give the resident or helper of a case a new code, once a colleague knows whom they speak to.

    person: Role.RESIDENT or Role.REPRESENTATIVE. identified_by: how the colleague made sure, in words; it is
    kept as an internal note. mail: send the code to the person's address too (never where e-mail is not safe).
    Returns the code, to be read out or shown once. Raises NoSuchCase, NotAllowed, Stale or Refused.
    """
    if not identified_by.strip():
        raise service.Refused([Problem("identified_by", "Write how you made sure who it is")])
    # The note comes first: a note without a code can be put right, a code that nobody knows of cannot.
    note = f"New access code for {WHO[person]}. Identity: {identified_by.strip()}"
    done = service.perform(ref, c.Note(text=note), actor, seen)
    with writing() as session:
        row = session.scalars(select(Case).where(Case.ref == ref)).one()
        state = decode(row.state)
        holder = keys.helper_of(state) if person is Role.REPRESENTATIVE else keys.resident_of(state)
        if holder is None:
            raise service.Refused([Problem("person", f"This case has no way to know {WHO[person]}")])
        code = access.issue_access_code(session, done.case_id, holder.key)
        address = _address(state, person)
        if mail and address:
            who = load(config.current().landlord).landlord
            words = templates.compose(
                "access_code",
                state.language,
                landlord=who.name,
                reference=ref,
                code=code,
                link=portal_page(state.language, "sign-in"),
                phone=who.contact.phone,
            )
            outbox.queue_words(
                session,
                words,
                to=address,
                dedupe=f"access-code:{ref}:{done.version}",
                case_id=done.case_id,
                confidential=True,
            )
        return code


def own_new_code(ref: str, actor: Resident | Representative) -> str:
    """A new code for the person who is signed in to the case, to be shown once; all else that let them in ends."""
    if actor.case_ref != ref:
        raise service.NoSuchCase
    with writing() as session:
        (case_id, key), *others = people.doors(session, actor)
        for other_id, other_key in others:
            access.revoke_access(session, other_id, other_key)
        return access.issue_access_code(session, case_id, key)


def _address(state: CaseState, person: Role) -> str:
    if person is Role.REPRESENTATIVE:
        return state.helper.email if state.helper else ""
    safe = not state.safety.no_email and not state.one_mailbox
    return state.resident.email if state.resident and safe else ""
