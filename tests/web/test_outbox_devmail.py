"""The sink's mailbox: there for developers, not there in production or beside a real mail server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.config import Config
from shared.db import db, writing
from shared.mail import outbox, send
from shared.vocab import Channel
from tests.support.client import Client
from wsgi import create_app

TEXT = "Dear reader,\n\nhttps://complaints.example/en/sign-in/abc\n\n<script>alert(1)</script>\n"


@pytest.fixture
def app(make_database: Callable[[], str], tmp_path: Path) -> Iterator[Flask]:
    config = Config(environment="test", database_url=make_database(), data_dir=tmp_path)
    app = create_app(config, surfaces=())
    app.test_client_class = Client
    with app.app_context():
        db.create_all()
        with writing() as session:
            outbox.queue(
                session,
                channel=Channel.EMAIL,
                to="resident@example.org",
                subject="نامه شما",
                text=TEXT,
                html='<!doctype html><html lang="fa" dir="rtl"><title>t</title><h1>سلام</h1></html>',
                language="fa",
                dedupe="1",
                attachments=[("letter.pdf", "application/pdf", b"%PDF-1.7")],
            )
        send.send_due("w")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_developer_reads_what_would_have_been_sent(app: Flask) -> None:
    client = app.test_client()
    assert isinstance(client, Client)
    mailbox = client.page("/dev/mail/")
    assert "resident@example.org" in mailbox.main
    message = client.page(mailbox.link("نامه شما"))
    assert message.h1 == "نامه شما"
    assert message.link("/sign-in/") == "https://complaints.example/en/sign-in/abc"
    assert "<script>alert(1)</script>" in message.main
    assert client.get(message.link("letter.pdf")).data == b"%PDF-1.7"
    mail_as_sent = FlaskClient(app, app.response_class)  # without the checks: a letter is no page of ours
    html = mail_as_sent.get(message.link("same message as HTML"))
    assert "سلام" in html.text
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    for gone in ("/dev/mail/99", "/dev/mail/99/html", "/dev/mail/1/files/5"):
        assert client.get(gone).status_code == 404


@pytest.mark.parametrize("environment", ["production", "development"])
def test_it_does_not_exist_beside_a_real_mail_server(tmp_path: Path, environment: str) -> None:
    config = Config(
        environment=environment,
        data_dir=tmp_path,
        secret_key="x" * 40,
        base_url="https://complaints.example",
        smtp_host="mail.example",
    )
    app = create_app(config, surfaces=())
    assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/dev")]
    assert app.test_client().get("/dev/mail/").status_code == 404
