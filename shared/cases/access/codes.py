"""A new access code in place of a lost one; the old one stops working at once."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import config
from shared.cases import commands as c
from shared.cases import service
from shared.cases.access import keys, people
from shared.cases.addresses import portal_page
from shared.cases.guards import Problem
from shared.cases.state import CaseState, decode
from shared.db import db, writing
from shared.identity import access
from shared.identity.actors import Representative, Resident, Staff
from shared.letters import paper
from shared.mail import outbox, templates
from shared.models import Case
from shared.policy.load import load
from shared.vocab import Channel, Role

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
    if _holder(_state(ref), person) is None:
        raise service.Refused([Problem("person", f"This case has no way to know {WHO[person]}")])
    # The note comes first: a note without a code can be put right, a code that nobody knows of cannot.
    note = f"New access code for {WHO[person]}. Identity: {identified_by.strip()}"
    done = service.perform(ref, c.Note(text=note), actor, seen)
    with writing() as session:
        state = _state(ref)
        holder = _holder(state, person)
        if holder is None:
            raise service.NoSuchCase
        code = _renew(session, holder)
        address = safe_address(state, person)
        if mail and address:
            outbox.queue_words(
                session,
                _words(state, code),
                to=address,
                dedupe=f"access-code:{ref}:{done.version}",
                case_id=done.case_id,
                confidential=True,
            )
        return code


def on_paper(ref: str, person: Role, code: str) -> bytes:
    """The letter that brings a new code by post, as a PDF in the language of the case. It is stored nowhere.

    Raises NoSuchCase where this is not that person's code, or not any more.
    """
    state = _state(ref)
    holder, to = _holder(state, person), state.helper if person is Role.REPRESENTATIVE else state.resident
    case_id = db.session.scalar(select(Case.id).where(Case.ref == ref))
    key = access.check_access_code(db.session(), case_id, code)
    if holder is None or to is None or key is None or key.person != holder.key:
        raise service.NoSuchCase
    words = _words(state, code)
    return paper.short_letter(
        words.subject,
        words.text,
        language=words.language,
        recipient=(to.name, *to.address, to.postcode),
        large_print=person is Role.RESIDENT and any(need.code == "large_print" for need in state.needs),
    )


def own_new_code(ref: str, actor: Resident | Representative) -> str:
    """A new code for the person who is signed in to the case, to be shown once; all else that let them in ends."""
    if actor.case_ref != ref:
        raise service.NoSuchCase
    with writing() as session:
        return _renew(session, actor)


def safe_address(state: CaseState, person: Role) -> str:
    """The e-mail address to which a code may go; "" where there is none that works and only this person reads."""
    if person is Role.REPRESENTATIVE:
        address = state.helper.email if state.helper else ""
    else:
        safe = not state.safety.no_email and not state.one_mailbox
        address = state.resident.email if state.resident and safe else ""
    return "" if state.fails(Channel.EMAIL, address) else address


def _renew(session: Session, person: Resident | Representative) -> str:
    """A code in place of all that let a person in, by the cases that were merged into this one as well."""
    (case_id, key), *others = people.ways_in(session, person)
    for other_id, other_key in others:
        access.revoke_access(session, other_id, other_key)
    return access.issue_access_code(session, case_id, key)


def _state(ref: str) -> CaseState:
    kept = db.session.scalar(select(Case.state).where(Case.ref == ref))
    if kept is None:
        raise service.NoSuchCase
    return decode(kept)


def _holder(state: CaseState, person: Role) -> Resident | Representative | None:
    return keys.helper_of(state) if person is Role.REPRESENTATIVE else keys.resident_of(state)


def _words(state: CaseState, code: str) -> templates.Composed:
    who = load(config.current().landlord).landlord
    return templates.compose(
        "access_code",
        state.language,
        landlord=who.name,
        reference=state.ref,
        code=code,
        link=portal_page(state.language, "sign-in"),
        phone=who.contact.phone,
    )
