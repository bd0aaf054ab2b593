"""Messages for tests of the outbox: applications with settings of mail, and one message put, found and hurried."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.config import Config
from shared.db import db, writing
from shared.mail import outbox
from shared.models import OutboxMessage
from shared.vocab import Channel
from tests.support.core import core_app

Make = Callable[..., Flask]
TO = "resident@example.org"


@contextmanager
def applications(url: str) -> Iterator[Make]:
    """Builds the application with settings of mail, again and again; the database is made with the first one."""
    contexts = []

    def make(**settings: object) -> Flask:
        config = Config(environment="test", database_url=url, mail_from="Halton <complaints@halton.example>")
        app = core_app(replace(config, **settings))  # type: ignore[arg-type]
        context = app.app_context()
        context.push()
        contexts.append(context)
        db.create_all()
        return app

    yield make
    while contexts:
        db.session.remove()
        db.engine.dispose()
        contexts.pop().pop()


def put(to: str = TO, **more: object) -> str:
    """Queue one message; returns its Message-ID. Its reason is "test:" and the address unless told."""
    facts: dict[str, object] = {
        "channel": Channel.EMAIL,
        "subject": "We have your complaint",
        "text": "Dear Ms Rahman,\n\nThank you.\n",
        "html": '<html lang="en"><p>Thank you.</p></html>',
        "language": "en",
        "dedupe": f"test:{to}",
    }
    with writing() as session:
        return str(outbox.queue(session, to=to, **(facts | more)).message_id)  # type: ignore[arg-type]


def the(dedupe: str = f"test:{TO}") -> OutboxMessage:
    """The message of a reason as it stands now, whoever changed it."""
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.dedupe == dedupe)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def due_now(dedupe: str = f"test:{TO}") -> None:
    """Let the pause before the next attempt be over."""
    with writing() as session:
        row = session.scalars(select(OutboxMessage).where(OutboxMessage.dedupe == dedupe)).one()
        row.next_attempt_at, row.claimed_until = clock.now(), None
