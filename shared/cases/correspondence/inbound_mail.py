"""Mail taken in: onto its case when case and sender are both sure, to an officer when either is not.

A message is placed by itself only when the address it was sent to, or the thread it answers, names the case and
the sender is somebody of that case. A forged sender gains nothing: adding words to a case shows no case.
"""

import logging
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from shared import clock, config
from shared.cases import commands as c
from shared.cases import files, service
from shared.cases.correspondence import deliveries, mail_files
from shared.cases.state import CaseState, decode
from shared.db import db, writing
from shared.identity import tokens
from shared.identity.actors import Actor, Representative, Resident, Staff, System
from shared.mail import inbound
from shared.mail.inbound import Incoming, Sort
from shared.models import Case, CaseWall, InboundMessage, OutboxMessage
from shared.uploads import StorageError
from shared.vocab import Channel

MAIL = System("inbound mail")
AT_ONCE = 100  # messages of one round
LONGEST_WHY = 300  # characters
log = logging.getLogger("redress.inbound")


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits for an officer, with the case it seems to belong to."""

    id: int
    sender: str
    sender_name: str
    subject: str
    text: str
    why: str
    case_ref: str | None
    received_at: object


def fetch() -> int:
    """Read the mailbox once and take in what is new. Returns how many messages; the worker calls this.

    A message is marked as seen only after it is stored, so a crash between the two reads it again and its
    Message-ID keeps it from being taken in twice.
    """
    settings = config.current()
    if not settings.imap_host:
        return 0
    taken = 0
    with inbound.mailbox(settings) as box:
        for uid in box.uids("UNSEEN")[:AT_ONCE]:
            try:
                take_in(inbound.raw_of(box, uid))
            except Exception:  # one odd message stays unread for the next round and keeps no other waiting
                db.session.rollback()
                log.exception("message %s of the mailbox could not be taken in", uid)
                continue
            box.flag(uid, r"\Seen", True)
            taken += 1
    return taken


def take_in(raw: bytes) -> str:
    """One message, as bytes. Returns its status: placed, held, kept, bounced or again. Loses nothing."""
    incoming = inbound.read(raw)
    key = _free_id(incoming)
    if key is None:
        return "again"
    refs = _cases_of(incoming)
    ref = refs[0] if len(refs) == 1 else None
    status, why = _judge(incoming, refs)
    kept = files.store().put(raw, ".eml")
    number = _store(incoming, key, kept, ref, "held" if status == "placed" else status, why or "Being placed")
    if status == "bounced" and not _tell_of_bounce(incoming):
        return _hold(number, "Mail came back, and it does not say which message of ours")
    if status != "placed" or ref is None:
        return status
    sender = _sender(ref, incoming.sender)
    if sender is None:
        return _hold(number, "The sender is not on this case")
    deliveries.works_again(ref, Channel.EMAIL, incoming.sender)
    return _place(number, ref, incoming, kept, sender)


def _store(incoming: Incoming, key: str, raw_key: str, ref: str | None, status: str, why: str) -> int:
    """Keep the message and where it stands. Returns its number; what fails leaves no file behind."""
    try:
        with writing() as session:
            row = InboundMessage(
                message_id=key,
                sender=incoming.sender[:320],
                sender_name=incoming.sender_name,
                subject=incoming.subject,
                text=incoming.text,
                raw_key=raw_key,
                sort=incoming.sort,
                status=status,
                why=why,
                case_ref=ref,
            )
            session.add(row)
            session.flush()
            return row.id
    except BaseException:
        files.store().delete(raw_key)
        raise


def waiting(reader: Staff | None = None, limit: int = 100) -> tuple[Held, ...]:
    """The messages that wait for an officer, oldest first; none of a case that the reader is walled off from."""
    return _rows(unwalled("held", reader).order_by(InboundMessage.id).limit(limit))


def set_aside(reader: Staff | None = None, limit: int = 30) -> tuple[Held, ...]:
    """The latest messages with which nothing was done, newest first: a robot's may be a person's after all."""
    return _rows(unwalled("kept", reader).order_by(InboundMessage.id.desc()).limit(limit))


def open_raw(number: int, reader: Staff) -> tuple[Held, BinaryIO]:
    """A message that is held or kept, and all of it byte for byte. Raises LookupError when it is not there.

    What was placed on a case is read there, by those who see the case.
    """
    for status in ("held", "kept"):
        row = db.session.scalar(unwalled(status, reader).where(InboundMessage.id == number))
        if row is not None and row.raw_key is not None:
            return _row(row), files.store().open(row.raw_key)
    raise LookupError(number)


def unwalled(status: str, reader: Staff | None) -> Select[InboundMessage]:
    """The messages of one status, but for those of cases that the reader is walled off from.

    Where a message names several cases, `why` lists them, and a wall around one of them is enough.
    """
    query = select(InboundMessage).where(InboundMessage.status == status)
    if reader is None:
        return query
    walls = select(CaseWall.case_id).where(CaseWall.staff_id == reader.id)
    named = or_(InboundMessage.case_ref == Case.ref, InboundMessage.why.contains(Case.ref))
    return query.where(~exists().where(Case.id.in_(walls), named).correlate(InboundMessage))


def _rows(query: Select[InboundMessage]) -> tuple[Held, ...]:
    return tuple(map(_row, db.session.scalars(query)))


def _row(m: InboundMessage) -> Held:
    return Held(m.id, m.sender, m.sender_name, m.subject, m.text, m.why, m.case_ref, m.received_at)


def place(number: int, ref: str, officer: Staff) -> service.Done:
    """An officer says to which case a held or kept message belongs; it goes on the case as a contact by e-mail.

    Cleaning its files takes a while: who presses the button twice meanwhile has it there once.
    Raises LookupError when the message is settled already, uploads.StorageError where the store has lost it,
    mail_files.NotNow, and what `perform` raises.
    """
    row = db.session.get(InboundMessage, number)
    if row is None or row.status not in {"held", "kept"}:
        raise LookupError("this message has been dealt with already")
    with files.store().open(row.raw_key or "") as kept:
        incoming = inbound.read(kept.read())
    seen = db.session.scalar(select(Case.version).where(Case.ref == ref))
    taken = mail_files.take(incoming, row.raw_key or "", row.sender, whole=True)
    words = f"E-mail from {row.sender}: {row.subject}\n\n{taken.told}".strip()
    command = c.RecordContact(
        channel=Channel.EMAIL,
        happened_at=row.received_at,
        outgoing=False,
        with_whom="resident",
        words=words,
        files=taken.files,
    )
    done = service.perform(ref, command, officer, seen, form=f"mail:{number}", merge=True)
    if done.again:
        for file in taken.files:
            files.drop_waiting(file.id)
    _settle(number, ref, officer.display)
    return done


def dismiss(number: int, officer: Staff) -> None:
    """An officer says that a held message belongs to no case. It stays kept, it only no longer waits.

    Raises LookupError when it does not wait any more: what is on a case stays there.
    """
    with writing() as session:
        row = session.get(InboundMessage, number, with_for_update=True, populate_existing=True)
        if row is None or row.status != "held":
            raise LookupError(number)
        row.status, row.settled_by = "kept", officer.display


def _place(number: int, ref: str, incoming: Incoming, raw_key: str, sender: Actor) -> str:
    try:
        taken = mail_files.take(incoming, raw_key, sender.display)
    except mail_files.NotNow:
        log.warning("message %s is held: its files could not be kept", number)
        return _hold(
            number, "Its files could not be kept when it came. Put it on its case when there is room"
        )
    try:
        service.perform(ref, c.AddInformation(text=taken.told, files=taken.files), sender)
    except (service.NotAllowed, service.Refused, service.NoSuchCase) as error:
        log.info("message %s is held: %s", number, type(error).__name__)
        return _hold(number, "The case does not take it by itself as it stands")
    _settle(number, ref, MAIL.display)
    return "placed"


def _hold(number: int, why: str) -> str:
    with writing() as session:
        row = session.get_one(InboundMessage, number)
        row.status, row.why = "held", why
    return "held"


def _settle(number: int, ref: str, who: str) -> None:
    with writing() as session:
        row = session.get_one(InboundMessage, number)
        row.status, row.settled_by, row.case_ref = "placed", who, ref


def _judge(incoming: Incoming, refs: tuple[str, ...]) -> tuple[str, str]:
    """What to do with a message, and why, in words for the officer."""
    ref = refs[0] if refs else None
    if incoming.sort is Sort.BOUNCE:
        return "bounced", "A message of ours could not be delivered"
    several = f"It names more than one case: {', '.join(refs)}" if len(refs) > 1 else ""
    if incoming.sort in {Sort.LOOP, Sort.AUTO_REPLY}:
        return "kept", f"Sent by a robot. {several}".removesuffix(". ")[:LONGEST_WHY]
    if incoming.sort is Sort.BULK and ref is None:
        return "kept", "Sent to many people at once"
    if incoming.sort is Sort.CALENDAR:
        return "held", f"An answer to an invitation. {several}".removesuffix(". ")[:LONGEST_WHY]
    if ref is None:
        return "held", "It names no case by address or thread"
    if several:
        return "held", several[:LONGEST_WHY]
    if _sender(ref, incoming.sender) is None:
        return "held", "The sender is not on this case"
    if incoming.damaged:
        return "held", "Part of it could not be read"
    return "placed", ""


def _cases_of(incoming: Incoming) -> tuple[str, ...]:
    """The cases that its addresses name or, where none does, the thread. A subject is never enough."""
    signed = inbound.signed_references(incoming.to, config.current().secret_key)
    if signed or not incoming.thread:
        return signed
    query = (
        select(Case.ref)
        .join(OutboxMessage, OutboxMessage.case_id == Case.id)
        .where(OutboxMessage.message_id.in_(incoming.thread))
        .distinct()
        .order_by(Case.ref)
    )
    return tuple(db.session.scalars(query))


def _sender(ref: str, address: str) -> Actor | None:
    """The person of the case who writes from this address, or None."""
    state = _state(db.session(), ref)
    if state is None or not address:
        return None
    if state.resident and state.resident.email.lower() == address:
        return Resident(ref, state.resident.name)
    if state.helper and state.helper.email.lower() == address:
        return Representative(ref, state.helper.name, state.consent.scope)
    return None


def _state(session: Session, ref: str) -> CaseState | None:
    row = session.scalar(select(Case).where(Case.ref == ref))
    return decode(row.state) if row is not None else None


def _tell_of_bounce(incoming: Incoming) -> bool:
    """What follows from a bounce; False where it names no message of ours.

    Only a message's own id counts, which nobody can guess: a made-up bounce must not cut anybody off.
    """
    ids = (*incoming.returned, *incoming.thread)
    query = select(OutboxMessage.id, OutboxMessage.recipient).where(
        OutboxMessage.message_id.in_(ids or ("",))
    )
    found = db.session.execute(query).first()
    if found is None:
        return False
    number, recipient = found
    for_good = any(one.for_good and one.address == recipient.lower() for one in incoming.failed)
    why = f"It came back on {clock.today():%-d %B %Y}"
    deliveries.not_delivered(number, why, for_good=for_good)
    return True


def _free_id(incoming: Incoming) -> str | None:
    """Under which id to keep a message; None when this very message is kept already.

    Another message under an id that was used before, by a broken program or to have it overlooked, is a
    message like any other.
    """
    first = incoming.message_id[:255]
    known = db.session.scalar(select(InboundMessage).where(InboundMessage.message_id == first))
    if known is None:
        return first
    if _same(known, incoming):
        return None
    told = (incoming.sender, incoming.subject, incoming.text, *(p.name for p in incoming.parts))
    other = f"{first[:200]}#{tokens.fingerprint(*told)[:32]}"
    taken = db.session.scalar(select(InboundMessage.id).where(InboundMessage.message_id == other))
    return other if taken is None else None


def _same(known: InboundMessage, incoming: Incoming) -> bool:
    if (known.sender, known.subject, known.text) != (incoming.sender[:320], incoming.subject, incoming.text):
        return False
    try:
        with files.store().open(known.raw_key or "") as kept:
            return inbound.read(kept.read()).parts == incoming.parts
    except (StorageError, OSError):
        return True
