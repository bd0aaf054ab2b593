"""The outbox against a real mail server: what arrives, what is refused, and what is never lost."""

import logging
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from shared import clock
from shared.config import Config
from shared.db import db, writing
from shared.mail import channels, outbox, send, worker
from shared.models import Delivery, OutboxMessage, SentMail
from shared.uploads import open_store
from shared.vocab import Channel
from tests.support import outbox_worker
from tests.support.at_once import at_once
from tests.support.outbox import Make, applications, due_now, put, the
from tests.support.smtp import MailServer, certificate, server_tls, silent_server


@pytest.fixture
def url(make_database: Callable[[], str]) -> str:
    return make_database()


@pytest.fixture
def make_app(url: str) -> Iterator[Make]:
    with applications(url) as make:
        yield partial(make, smtp_security="none")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def app(make_app: Make, server: MailServer) -> Flask:
    return make_app(smtp_host="127.0.0.1", smtp_port=server.port)


def test_a_message_arrives_whole(app: Flask, server: MailServer) -> None:
    pdf = bytes(range(256)) * 50
    message_id = put(
        subject="شکایت شما HAL-2026-0042-7",
        text="سلام\n" + "মেরামত " * 600,  # one line far beyond the 998 bytes that mail allows
        html=f'<html lang="fa" dir="rtl"><p>{"سلام " * 400}</p></html>',
        language="fa",
        attachments=[("نامه.pdf", "application/pdf", pdf)],
    )
    assert send.send_due("w") == 1
    ((to, message, raw),) = server.messages
    assert to == "resident@example.org"
    assert message["Message-ID"] == message_id
    assert message_id.endswith("@halton.example>")
    assert message["Subject"] == "شکایت شما HAL-2026-0042-7"
    assert message["From"].addresses[0].addr_spec == "complaints@halton.example"
    assert message["Content-Language"] == "fa"
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n").strip() == ("سلام\n" + "মেরামত " * 600).strip()
    assert 'dir="rtl"' in html.get_content()
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        "نامه.pdf",
        "application/pdf",
        pdf,
    )
    assert max(len(line) for line in raw.splitlines()) <= 998
    row = the()
    assert (row.status, row.attempts, row.problem, row.claimed_by) == (Delivery.SENT, 1, None, None)
    assert row.sent_at is not None
    assert send.send_due("w") == 0


def test_the_same_reason_sends_once(app: Flask, server: MailServer) -> None:
    assert put() == put()
    send.send_due("w")
    send.send_due("w")
    assert server.recipients == ["resident@example.org"]


def test_a_change_that_fails_sends_nothing(app: Flask, server: MailServer) -> None:
    def fail() -> None:
        with writing() as session:
            outbox.queue(
                session,
                channel=Channel.EMAIL,
                to="a@example.org",
                subject="s",
                text="t",
                html=None,
                language="en",
                dedupe="x",
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert send.send_due("w") == 0
    assert server.messages == []


def test_no_header_can_be_smuggled_in(app: Flask, server: MailServer) -> None:
    put(
        subject="Hello\r\nBcc: everybody@example.org\r\n\r\nBody",
        attachments=[("a\r\nX-Evil: 1.pdf", "application/pdf", b"x")],
    )
    send.send_due("w")
    ((_, message, raw),) = server.messages
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: everybody@example.org Body"
    assert not any(line.startswith(b"X-Evil") for line in raw.splitlines())


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@example.org\r\nBcc: b@example.org", "a@example.org,b@example.org", "A <a@example.org>"],
)
def test_what_is_no_address_is_refused_at_once(app: Flask, address: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        put(address)


@pytest.mark.parametrize(
    ("address", "arrives"),
    [
        ("o'neil+tenant@example.org", True),
        ("resident@bücher.example", True),
        ("имя@example.org", False),  # no mail server has to take such a name; staff must hear of it
    ],
)
def test_unusual_addresses_arrive_or_are_shown_to_staff(
    app: Flask, server: MailServer, address: str, arrives: bool
) -> None:
    put(address)
    send.send_due("w")
    assert the(f"test:{address}").status == (Delivery.SENT if arrives else Delivery.FAILED)
    assert len(server.messages) == arrives


def test_a_channel_nobody_delivers_is_refused(app: Flask) -> None:
    with pytest.raises(ValueError, match="whatsapp"):
        put(channel=Channel.WHATSAPP)
    assert set(channels.channels_for(app, Config())) == outbox.OUTGOING


def test_a_refused_address_fails_with_its_reason(app: Flask, server: MailServer) -> None:
    server.refuse_recipient = lambda to: "550 5.1.1 no such mailbox" if to.startswith("resident") else None
    put()
    put("other@example.org")
    send.send_due("w")
    row = the()
    assert (row.status, row.attempts) == (Delivery.FAILED, 1)
    assert "no such mailbox" in (row.problem or "")
    assert [item.id for item in outbox.failed(db.session())] == [row.id]
    assert server.recipients == ["other@example.org"]
    server.refuse_recipient = lambda _to: None
    with writing() as session:
        assert outbox.retry(session, row.id)
        assert not outbox.retry(session, row.id)
    send.send_due("w")
    assert the().status == Delivery.SENT
    assert server.messages[-1][1]["Message-ID"] == row.message_id


def test_a_busy_server_is_asked_again_later(app: Flask, server: MailServer) -> None:
    answers = iter(["451 try later", None])
    server.refuse_data = lambda _to: next(answers)
    message_id = put()
    send.send_due("w")
    row = the()
    assert (row.status, row.claimed_until) == (Delivery.QUEUED, None)
    assert "try later" in (row.problem or "")
    assert timedelta(seconds=20) < row.next_attempt_at - clock.now() < timedelta(seconds=40)
    assert send.send_due("w") == 0, "it must not be tried before its pause is over"
    due_now()
    send.send_due("w")
    assert the().status == Delivery.SENT
    assert server.messages[0][1]["Message-ID"] == message_id


def test_mail_that_cannot_leave_waits_until_the_server_is_back(make_app: Make) -> None:
    with MailServer() as gone:
        port = gone.port
    make_app(smtp_host="127.0.0.1", smtp_port=port)
    message_id = put()
    send.send_due("w")
    assert (the().status, the().attempts) == (Delivery.QUEUED, 1)
    assert "ConnectionRefused" in (the().problem or "")
    assert send.waiting(db.session())[0] == 0, "it waits out its pause"
    due_now()
    assert send.waiting(db.session())[0] == 1
    with MailServer(port) as back:
        send.send_due("w")
    assert back.messages[0][1]["Message-ID"] == message_id
    assert the().status == Delivery.SENT


def test_staff_are_told_when_every_attempt_has_failed(
    make_app: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailServer() as gone:
        port = gone.port
    make_app(smtp_host="127.0.0.1", smtp_port=port)
    put()
    for _ in range(send.MOST_ATTEMPTS):
        assert the().status == Delivery.QUEUED
        due_now()
        send.send_due("w")
    assert (the().status, the().attempts) == (Delivery.FAILED, send.MOST_ATTEMPTS)
    assert outbox.failed(db.session()) == [the()]


def test_a_silent_server_does_not_stop_the_worker(make_app: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "TIMEOUT", 0.3)
    with silent_server() as port:
        make_app(smtp_host="127.0.0.1", smtp_port=port)
        put()
        started = time.monotonic()
        send.send_due("w")
    assert time.monotonic() - started < 5
    assert (the().status, the().attempts) == (Delivery.QUEUED, 1)
    assert "timed out" in (the().problem or "").lower()


@pytest.mark.parametrize(
    ("host", "trusted", "arrives"),
    [("127.0.0.1", True, True), ("127.0.0.1", False, False), ("mail.example", True, False)],
)
def test_tls_certificates_are_verified(
    make_app: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, trusted: bool, arrives: bool
) -> None:
    cert, key = certificate(tmp_path / "tls", host)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    with MailServer(tls=server_tls(cert, key)) as server:
        make_app(smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="starttls")
        put()
        send.send_due("w")
        assert (len(server.messages), the().status == Delivery.SENT) == (int(arrives), arrives)
        assert server.tls_was_used == [True] * arrives
    assert arrives or "CERTIFICATE_VERIFY_FAILED" in (the().problem or "")


def test_the_undo_window(app: Flask, server: MailServer) -> None:
    put("a@example.org", not_before=clock.now() + timedelta(seconds=30))
    put("b@example.org", not_before=clock.now() + timedelta(seconds=30))
    assert send.send_due("w") == 0
    with writing() as session:
        assert outbox.cancel(session, "test:a@example.org")
    due_now("test:b@example.org")
    with writing() as session:
        assert not outbox.cancel(session, "test:b@example.org"), "its window is over"
    send.send_due("w")
    assert server.recipients == ["b@example.org"]
    assert the("test:a@example.org").status == Delivery.CANCELLED


def test_words_with_a_code_are_wiped_once_sent(app: Flask, server: MailServer) -> None:
    put(text="Your code is 123456", html="<p>123456</p>", confidential=True)
    send.send_due("w")
    body = server.messages[0][1].get_body(("plain",))
    assert body is not None
    assert "123456" in body.get_content()
    assert "123456" not in the().text
    assert the().html is None


def test_attachments_can_lie_in_the_file_store(make_app: Make, server: MailServer, tmp_path: Path) -> None:
    make_app(smtp_host="127.0.0.1", smtp_port=server.port, data_dir=tmp_path)
    store = open_store(tmp_path / "files")
    lost = store.put(b"lost", ".pdf")
    store.delete(lost)
    put(attachments=[("letter.pdf", "application/pdf", store.put(b"%PDF-1.7", ".pdf"))])
    put("b@example.org", attachments=[("gone.pdf", "application/pdf", lost)])
    send.send_due("w")
    (file,) = server.messages[0][1].iter_attachments()
    assert file.get_content() == b"%PDF-1.7"
    assert the("test:b@example.org").status == Delivery.QUEUED, "a missing file may come back with its disk"
    assert "StorageError" in (the("test:b@example.org").problem or "")


def test_logs_never_show_an_address(app: Flask, server: MailServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.refuse_recipient = lambda to: f"550 <{to}> unknown" if to.startswith("bad") else None
    put("resident@example.org")
    put("bad@example.org")
    send.send_due("w")
    text = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("redress"))
    assert "r***@example.org sent" in text
    assert "b***@example.org failed for good" in text
    assert "resident@" not in text
    assert "bad@" not in text


def test_without_a_mail_server_messages_go_to_the_sink(make_app: Make) -> None:
    make_app()
    message_id = put(text="Your code is ABCD")
    send.send_due("w")
    ((row, message),) = channels.sunk(db.session(), "resident@example.org")
    assert (row.message_id, message["Message-ID"]) == (message_id, message_id)
    body = message.get_body(("plain",))
    assert body is not None
    assert "Dear" not in body.get_content()
    assert "Your code is ABCD" in body.get_content()
    assert channels.sunk(db.session(), "other@example.org") == []


def test_several_workers_share_the_queue_and_nobody_gets_a_letter_twice(
    app: Flask, server: MailServer
) -> None:
    for number in range(20):
        put(f"r{number}@example.org")

    def work(number: int) -> None:
        while send.send_due(f"w{number}", 5):
            pass

    at_once(app, 3, work)
    assert sorted(server.recipients) == sorted(f"r{number}@example.org" for number in range(20))


def test_a_late_failure_does_not_undo_somebody_elses_delivery(app: Flask, server: MailServer) -> None:
    put()
    first = send.claim("slow")
    assert first is not None
    with writing():
        db.session.get_one(OutboxMessage, first).claimed_until = clock.now()  # its lease ran out
    assert send.send_due("quick") == 1
    send.finish(first, "slow", problem="too late", again_at=clock.now())
    assert (the().status, the().problem) == (Delivery.SENT, None)
    assert send.send_due("quick") == 0


# Real processes ---------------------------------------------------------------------------------------------


def sent_to(server: MailServer) -> dict[str, object]:
    return {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}


def unsent() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(OutboxMessage.status != Delivery.SENT)) or 0


def test_kill_9_in_mid_send_loses_nothing(app: Flask, url: str, server: MailServer) -> None:
    message_id = put()
    settings = sent_to(server)
    outbox_worker.kill_in_mid_send(url, settings)  # the server has the message, the database does not know
    assert (the().status, the().sent_at) == (Delivery.QUEUED, None)
    assert send.claim("next") is None, "the dead worker's lease still runs"
    with writing():
        the().claimed_until = clock.now()
    with outbox_worker.started(url, settings):
        outbox_worker.wait_until(lambda: unsent() == 0)
    assert [message["Message-ID"] for _, message, _ in server.messages] == [message_id, message_id]
    assert (the().status, the().attempts) == (Delivery.SENT, 2)


def test_sigterm_finishes_the_message_in_hand(app: Flask, url: str, server: MailServer) -> None:
    put()
    with outbox_worker.started(url, sent_to(server), "1.5") as working:
        assert working.stdout is not None
        assert working.stdout.readline() == "delivered\n"
        working.send_signal(signal.SIGTERM)
        assert working.wait(10) == 0
    assert the().status == Delivery.SENT
    assert worker.is_alive(db.session())


def test_a_server_that_keeps_each_message_waiting_does_not_keep_the_jobs_waiting(
    app: Flask, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        put(f"r{number}@example.org")
    monkeypatch.setattr(send, "LONGEST_ROUND", 0.1)

    def slow(_to: str) -> None:
        time.sleep(0.15)

    server.refuse_data = slow
    assert [send.send_due("w") for _ in range(4)] == [1, 1, 1, 0]


def test_the_sink_is_tidied_after_a_month(make_app: Make) -> None:
    make_app()
    with writing() as session:
        old = clock.now() - timedelta(days=31)
        session.add(SentMail(message_id="<1>", recipient="a@b", subject="s", raw=b"x", sent_at=old))
        session.add(SentMail(message_id="<2>", recipient="a@b", subject="s", raw=b"x"))
    worker._tidy()
    assert db.session.scalars(select(SentMail.message_id)).all() == ["<2>"]
