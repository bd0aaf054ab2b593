"""Mail taken in: onto its case when case and sender are both sure, to an officer when either is not.

A message is placed by itself only when the address it was sent to, the thread it answers or the letter it quotes
names the case, and the sender is somebody of that case. A forged sender gains nothing: adding words to a case
shows no case.
"""

import hashlib
import logging
import time
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from shared import clock, config
from shared.cases import commands as c
from shared.cases import files, service
from shared.cases.correspondence import deliveries, held_mail, mail_files
from shared.cases.state import decode
from shared.db import db, writing
from shared.identity import tokens
from shared.identity.actors import Actor, Representative, Resident
from shared.mail import inbound, jobs, mailbox
from shared.mail.inbound import Incoming, Sort
from shared.models import Case, InboundMessage, OutboxMessage
from shared.uploads import StorageError
from shared.vocab import Channel

JOB = "inbound mail"
AT_ONCE = 100  # messages of one round, so that what must leave does not wait for all that has come
LONGEST_ROUND = 120  # seconds after which no further message is begun: the others come in the next round
LONGEST_WHY = 300  # characters
UNSURE = {  # what is no person's answer, and may still have to be read by one
    Sort.CALENDAR: "An answer to an invitation",
    Sort.PROGRAM: "Sent by a program, such as a form on a website or a scanner",
}
log = logging.getLogger("redress.inbound")


class NotTaken(Exception):
    """Some messages could not be taken in. They stay unread in the mailbox and are tried again."""


def fetch() -> int:
    """Read the mailbox once and take in what is new. Returns how many messages; the worker calls this.

    A message is marked as read only after it is stored, so a crash between the two reads it again and its
    Message-ID keeps it from being taken in twice. One that cannot be taken in keeps no other waiting.
    Raises NotTaken after such ones, and what mailbox.opened raises.
    """
    settings = config.current()
    if not settings.imap_host:
        return 0
    _go_on()
    taken, odd = 0, []
    until = time.monotonic() + LONGEST_ROUND
    with mailbox.opened(settings) as box:
        for uid in box.unread():
            if taken >= AT_ONCE or time.monotonic() > until:
                break
            try:
                found = box.read(uid)
            except mailbox.Gone:
                continue
            try:
                take_in(found.raw, found.arrived_at)
            except (StorageError, OperationalError):
                raise  # no room, or no database: no other message fares better now
            except Exception:
                db.session.rollback()
                log.exception("message %s of the mailbox could not be taken in", uid)
                box.set_aside(uid)
                odd.append(uid)
                continue
            box.taken_in(uid)
            taken += 1
    if odd:
        raise NotTaken(f"{len(odd)} messages could not be taken in and stay in the mailbox: {', '.join(odd)}")
    return taken


def last_read() -> jobs.LastRun | None:
    """How reading the mailbox went last; None where there is none, or it was never read."""
    return jobs.latest(db.session()).get(JOB) if config.current().imap_host else None


def take_in(raw: bytes, arrived_at: datetime | None = None) -> str:
    """One message, as bytes. Returns where it stands: placed, held, kept, bounced or again. Loses nothing."""
    incoming = inbound.read(raw)
    key = _free_id(incoming)
    if key is None:
        return "again"
    refs = _cases_of(incoming)
    status, why = _judge(incoming, refs)
    number = _store(incoming, raw, key, refs[0] if len(refs) == 1 else None, status, why, arrived_at)
    return _follow(number, incoming) if status == held_mail.ARRIVED else status


def _store(
    incoming: Incoming, raw: bytes, key: str, ref: str | None, status: str, why: str, at: datetime | None
) -> int:
    """Keep the message and where it stands. Returns its number; what fails leaves no file behind."""
    raw_key = files.store().put(raw, ".eml")
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
                received_at=at or clock.now(),
            )
            session.add(row)
            session.flush()
            return row.id
    except BaseException:
        files.store().delete(raw_key)
        raise


def _go_on() -> None:
    """Go on with messages at which a worker died, if one did.

    Each first waits for an officer: one at which the worker dies again stays there and stops nobody.
    """
    query = select(InboundMessage.id, InboundMessage.raw_key).where(
        InboundMessage.status == held_mail.ARRIVED
    )
    for number, raw_key in db.session.execute(query).all():
        held_mail.hold(number, "The service stopped while this was taken in")
        try:
            with files.store().open(raw_key or "") as kept:
                incoming = inbound.read(kept.read())
            _follow(number, incoming)
        except Exception:
            db.session.rollback()
            log.exception("message %s waits for an officer", number)


def _follow(number: int, incoming: Incoming) -> str:
    """What comes of a message that is kept by now: onto its case, or the address marked that it came back from."""
    if incoming.sort is Sort.BOUNCE:
        if _tell_of_bounce(incoming):
            return held_mail.came_back(number)
        return held_mail.hold(number, "Mail came back, and it does not say which message of ours")
    row = db.session.get_one(InboundMessage, number)
    ref, raw_key = row.case_ref or "", row.raw_key or ""
    sender = _sender(ref, incoming.sender)
    if sender is None:
        return held_mail.hold(number, "The sender is not on this case")
    deliveries.works_again(ref, Channel.EMAIL, incoming.sender)
    try:
        taken = mail_files.take(incoming, raw_key, sender.display)
    except mail_files.NotNow:
        log.warning("message %s is held: its files could not be kept", number)
        return held_mail.hold(
            number, "Its files could not be kept when it came. Put it on its case when there is room"
        )
    try:
        command = c.AddInformation(text=taken.told, files=taken.files, mail=number)
        service.perform(ref, command, sender)
    except Exception as error:  # whatever stands in the way: an officer has the message, and sees why
        mail_files.drop(taken)
        expected = isinstance(error, service.NotAllowed | service.Refused | service.NoSuchCase)
        log.log(
            logging.INFO if expected else logging.ERROR, "message %s is held", number, exc_info=not expected
        )
        return held_mail.hold(number, "The case does not take it by itself as it stands")
    return held_mail.PLACED


def _judge(incoming: Incoming, refs: tuple[str, ...]) -> tuple[str, str]:
    """What to do with a message, and why, in words for the officer."""
    ref = refs[0] if refs else None
    if incoming.sort is Sort.BOUNCE:
        return held_mail.ARRIVED, "A message of ours could not be delivered"
    several = f"It names more than one case: {', '.join(refs)}" if len(refs) > 1 else ""
    if incoming.sort in {Sort.LOOP, Sort.AUTO_REPLY}:
        return held_mail.KEPT, f"Sent by a robot. {several}".removesuffix(". ")[:LONGEST_WHY]
    if incoming.sort is Sort.BULK and ref is None and not _is_our_list(incoming):
        return held_mail.KEPT, "Sent to many people at once"
    if incoming.sort in UNSURE:
        return held_mail.HELD, f"{UNSURE[incoming.sort]}. {several}".removesuffix(". ")[:LONGEST_WHY]
    if ref is None:
        return held_mail.HELD, "Nothing in it says for certain which case it belongs to"
    if several:
        return held_mail.HELD, several[:LONGEST_WHY]
    if _sender(ref, incoming.sender) is None:
        return held_mail.HELD, "The sender is not on this case"
    if incoming.damaged:
        return held_mail.HELD, "Part of it could not be read"
    if incoming.unanswerable:
        return held_mail.HELD, "It may be a robot's: it was sent so that nobody can answer it"
    return held_mail.ARRIVED, ""


def _is_our_list(incoming: Incoming) -> bool:
    """Whether it came through a mailing list of our own: whatever a group gets looks as if sent to many."""
    settings = config.current()
    ours = (settings.reply_address, settings.mail_from)
    domains = (address.rpartition("@")[2].strip("> ").lower() for address in ours)
    return any(domain and domain in incoming.lists for domain in domains)


def _cases_of(incoming: Incoming) -> tuple[str, ...]:
    """The cases that its addresses name; where none does, the thread; and last what it quotes of our mail.

    GOV.UK Notify gives our mail ids and an address of its own, so that only the letter's words are left.
    A subject is never enough.
    """
    secret = config.current().secret_key
    if signed := inbound.signed_references(incoming.to, secret):
        return signed
    query = (
        select(Case.ref)
        .join(OutboxMessage, OutboxMessage.case_id == Case.id)
        .where(OutboxMessage.message_id.in_(incoming.thread or ("",)))
        .distinct()
        .order_by(Case.ref)
    )
    return tuple(db.session.scalars(query)) or inbound.signed_references(incoming.named, secret)


def _sender(ref: str, address: str) -> Actor | None:
    """The person of the case who writes from this address, or None."""
    row = db.session.scalar(select(Case).where(Case.ref == ref))
    if row is None or not address:
        return None
    state = decode(row.state)
    if state.resident and state.resident.email.lower() == address:
        return Resident(ref, state.resident.name)
    if state.helper and state.helper.email.lower() == address:
        return Representative(ref, state.helper.name, state.consent.scope)
    return None


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
    message like any other: some scanners send every page under the same one.
    """
    first = incoming.message_id[:255]
    known = db.session.scalar(select(InboundMessage).where(InboundMessage.message_id == first))
    if known is None:
        return first
    if _same(known, incoming):
        return None
    told = (incoming.sender, incoming.subject, incoming.text)
    contents = (f"{part.name} {hashlib.sha256(part.content).hexdigest()}" for part in incoming.parts)
    other = f"{first[:200]}#{tokens.fingerprint(*told, *contents)[:32]}"
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
