"""What became of messages after they left, and what has to follow where one did not arrive.

The case then shows it, nothing more is sent that way, and whoever holds the case gets a task. What a provider
says later comes by asking it, so that no address of ours has to be open to it.
"""

import logging
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import or_, select

from shared import clock
from shared.cases import commands as c
from shared.cases import rules, service
from shared.cases.state import CaseState, StaffRef, decode
from shared.db import db, writing
from shared.deadlines.calendar import OutsideCalendar
from shared.identity.actors import System
from shared.identity.roles import Permission, may
from shared.mail import outbox, phones, send
from shared.mail.contract import Temporary
from shared.mail.notify import FOR_GOOD, NOT_ARRIVED, SETTLED, not_arrived
from shared.models import Case, Delivery, OutboxMessage, StaffAccount
from shared.vocab import Channel, Role

DELIVERY = System("delivery")
BATCH = 100
MOST_UNANSWERED = 5  # in one round, after which the provider is left alone until the next
KEPT = timedelta(days=7)  # so long a provider can be asked
WORDS = {Channel.EMAIL: "by e-mail", Channel.TEXT: "by text message", Channel.LETTER: "by post"}

log = logging.getLogger("redress.deliveries")


def ask_statuses() -> int:
    """Ask the provider about every message that it has not finished with. Returns how many moved on.

    One about which it gives no answer keeps no other waiting. Raises Temporary after such ones, and at once
    where it seems to answer nothing at all.
    """
    ask = send.state().status
    if ask is None:
        return 0
    moved, last, unanswered = 0, 0, []
    while rows := _open(last):
        for number, remote_id, before in rows:
            last = number
            db.session.rollback()  # nothing is held open while the provider thinks
            try:
                status = ask(remote_id)
            except Temporary as error:
                unanswered.append(error)
                if len(unanswered) >= MOST_UNANSWERED:
                    raise
                continue
            if status != before:
                moved += 1
                _now(number, status)
    if unanswered:
        raise unanswered[-1]
    return moved


def not_delivered(number: int, why: str, *, for_good: bool) -> None:
    """A message that had left did not arrive: say so on its row, and on its case where it has one.

    `for_good`: the address or number itself is at fault, so that nothing more is sent there.
    """
    row = db.session.get_one(OutboxMessage, number, populate_existing=True)
    channel, address, case_id = row.via, row.recipient, row.case_id
    if case_id is not None and for_good:
        case = db.session.get_one(Case, case_id)
        ref, state = case.ref, decode(case.state)
        if _is_theirs(state, channel, address):
            _on_record(ref, channel, address, why, fails=True)
            _give_task(ref, channel)
    with writing() as session:
        row = session.get_one(OutboxMessage, number, with_for_update=True, populate_existing=True)
        if row.status in {Delivery.SENT, Delivery.QUEUED}:
            row.problem = why
            outbox.move(session, row, Delivery.FAILED)


def works_again(ref: str, channel: Channel, address: str) -> None:
    """Something came from or reached an address that had failed: it may be used again."""
    row = db.session.scalar(select(Case).where(Case.ref == ref))
    if row is not None and decode(row.state).fails(channel, address):
        _on_record(ref, channel, address, "", fails=False)


def _open(after: int) -> list[tuple[int, str, str | None]]:
    query = (
        select(OutboxMessage.id, OutboxMessage.remote_id, OutboxMessage.remote_status)
        .where(
            OutboxMessage.id > after,
            OutboxMessage.remote_id.is_not(None),
            or_(OutboxMessage.remote_status.is_(None), OutboxMessage.remote_status.not_in(SETTLED)),
            OutboxMessage.sent_at > clock.now() - KEPT,
        )
        .order_by(OutboxMessage.id)
        .limit(BATCH)
    )
    return [(number, str(remote), status) for number, remote, status in db.session.execute(query)]


def _now(number: int, status: str) -> None:
    """Take down a new status. What follows from a failure comes first: a crash in between repeats it."""
    if status in NOT_ARRIVED:
        via = db.session.get_one(OutboxMessage, number).via
        not_delivered(number, not_arrived(status, via), for_good=status in FOR_GOOD)
    if status == "delivered":
        row = db.session.get_one(OutboxMessage, number)
        case = db.session.get(Case, row.case_id) if row.case_id else None
        if case is not None:
            works_again(case.ref, row.via, row.recipient)
    with writing() as session:
        session.get_one(OutboxMessage, number, with_for_update=True).remote_status = status


def _is_theirs(state: CaseState, channel: Channel, address: str) -> bool:
    """Whether this is an address of the resident or helper, and not of a colleague who was told of the case."""
    if channel is Channel.LETTER:
        return False  # what the printer refuses is no fault of the address
    people = [person for person in (state.resident, state.helper) if person is not None]
    if channel is Channel.TEXT:
        return any(phones.mobile(person.phone) == address for person in people)
    return any(person.email.strip().casefold() == address.strip().casefold() for person in people)


def _on_record(ref: str, channel: Channel, address: str, why: str, *, fails: bool) -> None:
    command = c.MarkAddress(channel=channel, address=address, fails=fails, reason=why)
    with suppress(service.Refused):  # it is on record already
        service.perform(ref, command, DELIVERY)


def _give_task(ref: str, channel: Channel) -> None:
    """A task for the next working day, to whoever holds the case, or else to an officer; one at a time."""
    row = db.session.scalars(select(Case).where(Case.ref == ref)).one()
    state = decode(row.state)
    text = f"A message did not arrive {WORDS[channel]}. Reach them in another way and correct the address"
    owner = _owner(state)
    if owner is None or any(task.text == text for task in state.open_tasks):
        return
    today = clock.today()
    try:
        due_on = rules.calendar(db.session()).add_working_days(today, 1)
    except OutsideCalendar:
        due_on = today + timedelta(days=1)
    try:
        service.perform(ref, c.AddTask(text=text, owner=owner, due_on=due_on), DELIVERY)
    except service.Refused as refusal:
        log.warning("no task on %s: %s", ref, refusal)


def _owner(state: CaseState) -> StaffRef | None:
    query = select(StaffAccount).where(StaffAccount.active).order_by(StaffAccount.id)
    able = [
        account
        for account in db.session.scalars(query)
        if may(account.role_set, Permission.SEES_INBOX) and account.id not in state.conflicts
    ]
    holder = state.holder.id if state.holder else 0
    able.sort(key=lambda a: (a.id != holder, Role.OFFICER not in a.role_set, Role.MANAGER not in a.role_set))
    for account in able[:1]:
        return StaffRef(id=account.id, name=account.name, job=account.job_title)
    return None
