"""How a letter leaves: stored as sent, queued by the reader's own channel, and taken back while it waits."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, config
from shared.cases.correspondence import texting
from shared.cases.state import CaseState, Person
from shared.letters import envelope, render
from shared.letters.facts import LetterFacts
from shared.letters.render import FinishedLetter
from shared.mail import inbound, outbox
from shared.models import Case, Letter
from shared.uploads import open_store
from shared.vocab import Channel, ConsentScope


def letter(
    session: Session,
    row: Case,
    state: CaseState,
    facts: LetterFacts,
    finished: FinishedLetter,
    seq: int,
    *,
    at: datetime,
    to: str = "resident",
    undo_until: datetime | None = None,
    mailed: FinishedLetter | None = None,
) -> int:
    """Store a letter as sent, with its PDF, and queue it by the reader's own channel. Returns its id.

    Until `undo_until` the message waits, so that whoever sent it can take it back. `mailed` is the same letter
    with a link for the reader's eyes alone: it travels, is wiped once sent, and is stored nowhere.

    Where no e-mail may be used the letter is a print task: its channel is `letter`, and staff post it.
    """
    channel, address = way_out(state, to)
    pdf = render.pdf(finished, large_print=facts.large_print)
    key = open_store(config.current().data_dir / "files").put(pdf, ".pdf")
    stored = _store(session, row.id, seq, facts, finished, key, channel, to=to, at=at)
    if channel is Channel.EMAIL:
        plain = any(need.code == "plain_email" for need in state.needs) and to == "resident"
        outbox.queue(
            session,
            channel=Channel.EMAIL,
            to=address,
            subject=finished.title,
            text=(mailed or finished).text,
            html=None if plain else (mailed or finished).html,
            language=finished.language,
            dedupe=f"letter:{stored.id}",
            attachments=[(f"{row.ref}-{facts.kind.value}.pdf", "application/pdf", key)],
            case_id=row.id,
            letter_id=stored.id,
            confidential=mailed is not None,
            not_before=undo_until,
            reply_to=answers_to(row.ref),
        )
    else:
        _post(session, row, state, stored, pdf, to, undo_until)
        texting.of_letter(session, row.id, state, to, stored.id, not_before=undo_until)
    return stored.id


def _store(
    session: Session,
    case_id: int,
    seq: int,
    facts: LetterFacts,
    finished: FinishedLetter,
    key: str,
    channel: Channel,
    *,
    to: str,
    at: datetime,
) -> Letter:
    stored = Letter(
        case_id=case_id,
        seq=seq,
        kind=facts.kind,
        to=to,
        language=finished.language,
        large_print=facts.large_print,
        title=finished.title[:300],
        html=finished.html,
        text=finished.text,
        digest=finished.digest,
        pdf_key=key,
        channel=channel,
        sent_at=at,
    )
    session.add(stored)
    session.flush()
    return stored


def _post(
    session: Session,
    row: Case,
    state: CaseState,
    stored: Letter,
    pdf: bytes,
    to: str,
    undo_until: datetime | None,
) -> None:
    """A letter on paper: through the printer that is set up, or a print task for staff."""
    person = state.helper if to == "representative" else state.resident
    lines = (person.name, *person.address, person.postcode) if person is not None and person.address else ()
    if not config.current().notify_post or not lines or (to == "resident" and state.safety.no_post):
        row.to_post = True
        return
    outbox.queue(
        session,
        channel=Channel.LETTER,
        to=", ".join(line for line in lines[1:] if line)[:320],
        subject=stored.title,
        text=stored.text,
        html=None,
        language=stored.language,
        dedupe=f"letter:{stored.id}",
        attachments=[(f"{row.ref}-{stored.kind}.pdf", "application/pdf", envelope.with_address(pdf, lines))],
        case_id=row.id,
        letter_id=stored.id,
        not_before=undo_until,
    )


def way_out(state: CaseState, to: str) -> tuple[Channel, str]:
    """How a letter to this reader travels, and the e-mail address where it is one ("" for post)."""
    person = state.helper if to == "representative" else state.resident
    if person is not None and person.email and not _no_email(state, person, to):
        return Channel.EMAIL, person.email
    return Channel.LETTER, ""


def _no_email(state: CaseState, person: Person, to: str) -> bool:
    """E-mail is not used where it does not arrive, where the resident said it is not safe or asked for post."""
    if to == "representative":
        return state.fails(Channel.EMAIL, person.email)
    scope = state.consent.in_force(clock.today())
    if state.one_mailbox and scope not in {ConsentScope.EVERYTHING, ConsentScope.ME_AS_WELL}:
        return True  # it would be read by a helper who may not be told
    if state.fails(Channel.EMAIL, person.email):
        return True
    return state.safety.no_email or (person.prefers is Channel.LETTER and not state.safety.no_post)


def answers_to(ref: str) -> str:
    """The address by which an answer finds this case; empty where nobody reads answers."""
    settings = config.current()
    return (
        inbound.reply_address(settings.reply_address, ref, settings.secret_key)
        if settings.reply_address
        else ""
    )


def take_back(session: Session, case_id: int, seq: int) -> bool:
    """Stop the letters of one event from leaving; False when one of them has left already."""
    for letter in session.scalars(select(Letter).where(Letter.case_id == case_id, Letter.seq == seq)):
        for reason in (f"letter:{letter.id}", texting.letter_reason(letter.id)):
            if outbox.status_of(session, reason) is not None and not outbox.cancel(session, reason):
                return False
        letter.undone = True
    by_post = (Letter.case_id == case_id, Letter.channel == Channel.LETTER, Letter.undone.is_(False))
    if session.scalar(select(Letter.id).where(*by_post).limit(1)) is None:
        session.get_one(Case, case_id).to_post = False
    return True
