"""Text messages to people on a case: short, only to mobile phones that are safe, and never what a letter says."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import clock, config
from shared.cases.addresses import portal_page
from shared.cases.state import CaseState
from shared.db import db
from shared.mail import outbox, phones, templates
from shared.models import OutboxMessage
from shared.policy.load import load
from shared.vocab import Channel

MOST_A_DAY = 8  # texts to one number, whatever they are about and whoever asks


def number_for(state: CaseState, to: str) -> str | None:
    """The mobile number by which this reader can be sent texts; None where there is none that is safe.

    `to` is "resident" or "representative". A phone that is not safe to ring is not safe to write to, and one
    that resident and helper share is the helper's: whoever reads it must not come in as the resident.
    """
    person = state.helper if to == "representative" else state.resident
    number = phones.mobile(person.phone) if person is not None else None
    if number is None or state.fails(Channel.TEXT, number) or not config.current().sends_texts:
        return None
    if to == "representative":
        return number
    shared = state.helper is not None and phones.same(state.helper.phone, number)
    return None if shared or state.anonymous or state.safety.no_calls else number


def may_go(session: Session, number: str) -> bool:
    """Whether this number has not had its texts of the day, so that nobody can make us pester a stranger."""
    since = clock.now() - timedelta(days=1)
    sent = (OutboxMessage.recipient == number, OutboxMessage.created_at > since)
    count = session.scalar(
        select(func.count(OutboxMessage.id)).where(OutboxMessage.channel == Channel.TEXT, *sent)
    )
    return (count or 0) < MOST_A_DAY


def receipt(session: Session, case_id: int, state: CaseState, to: str, write_by: date | None) -> None:
    """Tell somebody who has no e-mail that we have it, under which reference, and by when we write."""
    number = number_for(state, to)
    if number is None or not may_go(session, number):
        return
    words = _words("receipt", state, write_by=write_by)
    why = f"receipt-text:{state.ref}:{to}"
    outbox.queue_words(session, words, to=number, dedupe=why, case_id=case_id)


def receipt_sent(ref: str, to: str) -> bool:
    """Whether this reader was sent a receipt by text. Reads only."""
    return outbox.status_of(db.session(), f"receipt-text:{ref}:{to}") is not None


def of_letter(
    session: Session,
    case_id: int,
    state: CaseState,
    to: str,
    letter_id: int,
    *,
    not_before: datetime | None = None,
) -> None:
    """Tell a reader who gets no e-mail that a letter is there to be read, but not before it may leave."""
    number = number_for(state, to)
    if number is None or not may_go(session, number):
        return
    words, why = _words("letter", state), letter_reason(letter_id)
    outbox.queue_words(session, words, to=number, dedupe=why, case_id=case_id, not_before=not_before)


def letter_reason(letter_id: int) -> str:
    """Under which reason the text about a letter stands in the outbox."""
    return f"letter-text:{letter_id}"


def _words(name: str, state: CaseState, **facts: object) -> templates.Composed:
    link = portal_page(state.language, "sign-in")
    who = load(config.current().landlord).landlord.name
    return templates.text_message(name, state.language, landlord=who, reference=state.ref, link=link, **facts)
