"""Asking the resident what her helper may be told, on her own channel (Code 3.6). Work never waits for it."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from shared import config
from shared.cases.addresses import portal_page
from shared.cases.correspondence import dispatch
from shared.cases.correspondence.letter_facts import letter_facts
from shared.cases.effects.answer import BY_LAW
from shared.cases.guards import Env
from shared.cases.state import CaseState
from shared.deadlines.compute import Clock
from shared.identity import access
from shared.identity.actors import Resident
from shared.letters import render
from shared.models import Case
from shared.policy.policy import Policy
from shared.policy.terms import ClockName
from shared.vocab import Channel, ConsentScope, LetterKind

PURPOSE = "consent"
LINK_DAYS = 28
# Who acts by law or for somebody who cannot answer: a colleague looks at the proof, nobody is written to.
_BY_LAW = BY_LAW - {"elected_representative"}


def needed(state: CaseState, policy: Policy) -> bool:
    """Whether somebody helps and the resident has to be asked. An MP or councillor needs no consent by law
    (Data Protection Act 2018, Schedule 1, paragraphs 23 and 24) unless the landlord asks all the same."""
    if state.helper is None or state.resident is None or state.consent.scope is not ConsentScope.NONE:
        return False
    if state.consent.basis == "elected_representative":
        return policy.landlord.intake.representatives.elected_too
    return state.consent.basis not in _BY_LAW


def footing(state: CaseState, policy: Policy) -> str:
    """On what footing a helper acts whom nobody's yes is needed for; "" where the resident is asked."""
    refused = state.consent.scope is ConsentScope.REFUSED
    return "" if refused or needed(state, policy) else state.consent.basis


def ask(
    session: Session, row: Case, state: CaseState, found: dict[ClockName, Clock], env: Env, seq: int
) -> tuple[int, ...]:
    """Write to the resident by her own e-mail or post. Nothing where only a call reaches her: the inbox shows
    that she has to be asked. The link goes by e-mail alone and opens nothing but the question.

    The letter as stored carries another link in its place, for which she has to sign in: colleagues who read
    it must not be able to answer for her."""
    if not needed(state, env.policy) or state.resident is None:
        return ()
    channel, _address = dispatch.way_out(state, "resident")
    by_email = channel is Channel.EMAIL
    if not by_email and (state.safety.no_post or not state.resident.address):
        return ()
    link = _link(session, row, state) if by_email else ""
    facts = replace(
        letter_facts(LetterKind.CONSENT, state, found, env),
        representative_name=state.helper.name if state.helper else "",
        consent_link=link,
        consent_until=state.consent.until,
    )
    finished = render.letter(facts)
    if not link:
        return (dispatch.letter(session, row, state, facts, finished, seq, at=env.now),)
    kept = render.letter(replace(facts, consent_link=portal_page(state.language, "my-complaint/consent")))
    return (dispatch.letter(session, row, state, facts, kept, seq, at=env.now, mailed=finished),)


def _link(session: Session, row: Case, state: CaseState) -> str:
    settings = config.current()
    issued = access.issue_link(
        session,
        purpose=PURPOSE,
        lifetime=timedelta(days=LINK_DAYS),
        secret=settings.secret_key,
        case_id=row.id,
        person=Resident(state.ref, "").key,
    )
    return portal_page(state.language, f"consent/{issued.token}")
