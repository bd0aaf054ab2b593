"""`redress check`: is everything as it says it is? Exit 1 when something needs mending, 0 otherwise."""

import imaplib
import smtplib
from collections.abc import Iterator
from datetime import timedelta

import click
from imap_tools import ImapToolsError
from sqlalchemy import select, text

from shared import clock, config
from shared.cases import event_log, files, projection, rules, side_rows
from shared.cli.application import application
from shared.config import Config
from shared.db import db
from shared.deadlines.calendar import LAST_YEAR
from shared.i18n import datetime_text
from shared.mail import jobs, mailbox, outbox, worker
from shared.mail.notify import Notify
from shared.models import Case
from shared.policy.compare import looser_than_code
from shared.policy.load import load
from shared.uploads import StorageError

BATCH = 500
WARN_BEFORE = timedelta(days=183)


@click.command()
def check() -> None:
    """Fold every case again, compare the landlord with the Code, ask each part to answer."""
    with application().app_context():
        settings = config.current()
        broken = [*_database(), *_storage(), *_mail(settings), *_mailbox(settings)]
        drifted = list(drift())
        for line in [*broken, *drifted, *_holidays()]:
            click.echo(f"MEND  {line}")
        for line in [*_worker(), *_jobs(), *_looseness(settings.landlord)]:
            click.echo(f"NOTE  {line}")
        if broken or drifted:
            raise SystemExit(1)
        click.echo("Everything answers, and every case agrees with its events.")


def drift() -> Iterator[str]:
    """Every case whose cached columns, or tables beside them, disagree with its events, with their names."""
    session = db.session()
    calendar = rules.calendar(session)
    last = 0
    while True:
        rows = list(session.scalars(select(Case).where(Case.id > last).order_by(Case.id).limit(BATCH)))
        if not rows:
            return
        last = rows[-1].id
        kept = side_rows.kept(session, [row.id for row in rows])
        lost = outbox.lost(session, [row.id for row in rows])
        for row in rows:
            policy = rules.policy_of(session, row)
            try:
                stale = projection.drift(
                    row, event_log.events(session, row.id), kept[row.id], policy, calendar
                )
            except (ValueError, KeyError) as error:
                yield f"{row.ref}: its events cannot be folded ({error})"
                continue
            if stale:
                yield f"{row.ref}: {', '.join(stale)} disagree with the events"
            if row.undelivered != (row.id in lost):
                yield f"{row.ref}: undelivered disagrees with its messages"
        session.expunge_all()


def _database() -> Iterator[str]:
    try:
        db.session.execute(text("SELECT 1"))
        click.echo(f"OK    database ({db.engine.dialect.name})")
    except Exception as error:  # whatever the driver raises, the answer is the same: it does not answer
        yield f"the database does not answer: {error}"


def _storage() -> Iterator[str]:
    try:
        files.store().check()
        click.echo("OK    file storage")
    except StorageError as error:
        yield f"the file storage does not answer: {error}"


def _worker() -> Iterator[str]:
    """Whether letters leave and time is watched: not a fault before the first start."""
    session = db.session()
    if worker.is_alive(session):
        click.echo("OK    worker")
    else:
        seen = worker.last_seen(session)
        since = f"since {datetime_text(seen)}" if seen else "yet"
        yield f"no worker has given a sign of life {since}: nothing leaves, and nobody hears of what is due"


def _jobs() -> Iterator[str]:
    """What the worker could not do when it last tried."""
    for job in jobs.latest(db.session()).values():
        if job.problem:
            since = (
                f"last went well on {datetime_text(job.well_at)}" if job.well_at else "has never gone well"
            )
            yield f"the worker's job “{job.name}” {since}: {job.problem}"


def _mailbox(settings: Config) -> Iterator[str]:
    """Whether answers by e-mail can be read."""
    if not settings.imap_host:
        if settings.reply_address:
            click.echo(f"NOTE  nobody reads the answers to {settings.reply_address}: no mailbox is set")
        return
    try:
        with mailbox.opened(settings):
            click.echo("OK    mailbox")
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        yield f"the mailbox cannot be read: {type(error).__name__}: {error}"


def _mail(settings: Config) -> Iterator[str]:
    if settings.notify_api_key:
        found = list(Notify.of(settings).problems())
        yield from found
        if not found:
            click.echo("OK    GOV.UK Notify")
    if settings.notify_email_template:
        return
    if not settings.smtp_host:
        click.echo("NOTE  no mail server is set: messages are kept on a page (development only)")
        return
    kind = smtplib.SMTP_SSL if settings.smtp_security == "tls" else smtplib.SMTP
    try:
        with kind(settings.smtp_host, settings.smtp_port, timeout=10) as server:
            server.noop()
        click.echo("OK    mail server")
    except (OSError, smtplib.SMTPException) as error:
        yield f"the mail server does not answer: {error}"


def _holidays() -> Iterator[str]:
    end = clock.today().replace(year=LAST_YEAR, month=12, day=31)
    if clock.today() + WARN_BEFORE > end:
        yield f"bank holidays are known until {end:%-d %B %Y} only: update the holidays package"


def _looseness(landlord: str) -> Iterator[str]:
    for one in looser_than_code(load(landlord)):
        yield (
            f"{load(landlord).landlord.name}, {one.area}: {one.landlord} "
            f"The Code ({one.clause}): {one.code} Here: {one.handled}"
        )
