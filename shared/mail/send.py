"""Delivering what is due: a lease, one attempt, and the outcome. At least once, never lost.

A worker that dies in mid-send leaves a lease that runs out; the next worker sends the same message again with
the same Message-ID. Nothing but the database is shared, so any number of workers on any hosts may run.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from flask import Flask, current_app
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from shared import clock
from shared.config import Config
from shared.db import db, writing
from shared.mail import outbox
from shared.mail.channels import channels_for, masked
from shared.mail.contract import Deliver, File, Outgoing, Permanent, Receipt, Temporary
from shared.mail.notify import Notify
from shared.mail.outbox import WIPED
from shared.models.outbox import Delivery, OutboxMessage
from shared.uploads import open_store
from shared.vocab import Channel

LEASE = timedelta(minutes=3)  # longer than any one attempt: every step of it has a timeout
LONGEST_ROUND = 60  # seconds after which no further message is begun: jobs come in between
FIRST_PAUSE = timedelta(seconds=30)  # doubles with each attempt
LONGEST_PAUSE = timedelta(hours=4)
MOST_ATTEMPTS = 14  # about a day and a half
EXTENSION = "redress_mail"

log = logging.getLogger("redress.mail")


@dataclass(frozen=True, slots=True)
class MailState:
    """What sending needs from the application: a function for each channel, and a reader of stored files.

    `status` asks the provider what became of a message; None where there is nobody to ask.
    """

    channels: Mapping[Channel, Deliver]
    read_file: Callable[[str], bytes]
    status: Callable[[str], str] | None


def init_app(app: Flask, config: Config) -> None:
    """Give an application its channels, and the file store for attachments that were queued by their key."""

    def read_file(key: str) -> bytes:
        with open_store(config.data_dir / "files").open(key) as stream:
            return stream.read()

    status = Notify.of(config).status if config.notify_api_key else None
    app.extensions[EXTENSION] = MailState(channels_for(app, config), read_file, status)


def send_due(worker: str, limit: int = 50) -> int:
    """Deliver up to `limit` messages that are due, one lease at a time; returns how many were attempted.

    Ends after LONGEST_ROUND, so that a server which keeps each message waiting does not keep the jobs waiting too.
    """
    until = time.monotonic() + LONGEST_ROUND
    for number in range(limit):
        message_id = claim(worker) if time.monotonic() < until else None
        if message_id is None:
            return number
        attempt(message_id, worker)
    return limit


def claim(worker: str) -> int | None:
    """Lease the message that has been due longest; None when nothing is due. The attempt counts from here."""
    if db.session.scalar(select(OutboxMessage.id).where(_is_due(clock.now())).limit(1)) is None:
        return None  # an idle worker never takes SQLite's write lock
    with writing() as session:
        row = session.scalars(
            select(OutboxMessage)
            .where(_is_due(clock.now()))
            .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        if row.attempts >= MOST_ATTEMPTS:  # each time the worker itself died, so no attempt could say why
            row.problem = "given up: sending stopped the worker every time"
            outbox.move(session, row, Delivery.FAILED)
            return None
        row.attempts += 1
        row.claimed_by, row.claimed_until = worker, clock.now() + LEASE
        return int(row.id)


def attempt(outbox_id: int, worker: str) -> None:
    """Deliver one leased message and write down what came of it."""
    row = db.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.id == outbox_id)
        .options(selectinload(OutboxMessage.attachments))
    ).one()
    name, attempts, to = f"outbox {row.id} to {masked(row.recipient)}", row.attempts, row.recipient
    try:
        outgoing = _outgoing(row)
        deliver = state().channels[row.via]
        db.session.rollback()  # no transaction is held open while the mail server thinks
        receipt = deliver(outgoing)
    except Permanent as error:
        log.error("%s failed for good: %s", name, _without(str(error), to))
        finish(outbox_id, worker, problem=str(error), again_at=None)
    except Exception as error:  # one odd message must not stop the others: it waits and is tried again
        words = str(error) if isinstance(error, Temporary) else f"{type(error).__name__}: {error}"
        again_at = None if attempts >= MOST_ATTEMPTS else clock.now() + pause_after(attempts)
        log.warning("%s not sent at attempt %d: %s", name, attempts, _without(words, to))
        finish(outbox_id, worker, problem=words, again_at=again_at)
    else:
        log.info("%s sent at attempt %d", name, attempts)
        finish(outbox_id, worker, receipt=receipt)


def finish(
    outbox_id: int,
    worker: str,
    *,
    receipt: Receipt | None = None,
    problem: str | None = None,
    again_at: datetime | None = None,
) -> None:
    """Record one outcome: sent with its receipt, to be tried `again_at`, or failed for staff to see.

    A delivery is recorded even when the lease ran out meanwhile; a failure then is the new holder's business.
    """
    with writing() as session:
        row = session.get_one(OutboxMessage, outbox_id, with_for_update=True, populate_existing=True)
        if receipt is not None:
            row.status, row.sent_at, row.receipt, row.problem = (
                Delivery.SENT,
                clock.now(),
                receipt.words,
                None,
            )
            row.remote_id, row.remote_status = receipt.remote_id or None, receipt.remote_status or None
            if row.confidential:
                row.text, row.html = WIPED, None
        elif row.claimed_by != worker or row.status != Delivery.QUEUED:
            return
        else:
            row.problem = problem
            if again_at is None:
                outbox.move(session, row, Delivery.FAILED)
            else:
                row.next_attempt_at = again_at
        row.claimed_by = row.claimed_until = None


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling, capped, and spread so that a crowd parts."""
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many messages are overdue for sending, and since when, for the health page."""
    due = session.scalars(select(OutboxMessage.next_attempt_at).where(_is_due(clock.now()))).all()
    return len(due), min(due, default=None)


def _is_due(now: datetime) -> ColumnElement[bool]:
    free = or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now)
    return and_(OutboxMessage.status == Delivery.QUEUED, OutboxMessage.next_attempt_at <= now, free)


def _outgoing(row: OutboxMessage) -> Outgoing:
    files = []
    for item in row.attachments:
        content = item.content if item.content is not None else state().read_file(item.store_key or "")
        files.append(File(item.name, item.media_type, content))
    return Outgoing(
        row.message_id,
        row.recipient,
        row.subject,
        row.text,
        row.html,
        row.language,
        tuple(files),
        row.reply_to,
        again=row.attempts > 1 or row.problem is not None,
    )


def state() -> MailState:
    """What this application sends with."""
    return cast(MailState, current_app.extensions[EXTENSION])


def _without(words: str, address: str) -> str:
    return words.replace(address, masked(address))
