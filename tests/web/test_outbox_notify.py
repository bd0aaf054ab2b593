"""The outbox through GOV.UK Notify, against a server that speaks its API: sent once, or staff know why not."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from shared import clock
from shared.config import Config, UnsafeConfiguration
from shared.db import writing
from shared.mail import contract, notify, outbox, send
from shared.models import Delivery, OutboxMessage
from shared.vocab import Channel
from tests.support import outbox_worker
from tests.support.at_once import at_once
from tests.support.notify import EMAIL_TEMPLATE, KEY, NotifyServer, Refused
from tests.support.outbox import Make, applications, due_now, put, the
from tests.support.smtp import silent_server

NUMBER = "+447700900123"


@pytest.fixture
def url(make_database: Callable[[], str]) -> str:
    return make_database()


@pytest.fixture
def make_app(url: str) -> Iterator[Make]:
    with applications(url) as make:
        yield make


@pytest.fixture
def server() -> Iterator[NotifyServer]:
    with NotifyServer() as running:
        yield running


@pytest.fixture
def app(make_app: Make, server: NotifyServer) -> Flask:
    return make_app(**server.settings)


def test_an_e_mail_carries_its_words_its_letter_and_our_reference(app: Flask, server: NotifyServer) -> None:
    pdf = b"%PDF-1.7 a letter"
    message_id = put(subject="شکایت شما", attachments=[("letter.pdf", "application/pdf", pdf)])
    assert send.send_due("w") == 1
    (taken,) = server.taken
    assert (taken.kind, taken.to, taken.reference) == ("email", "resident@example.org", message_id)
    assert taken.words["subject"] == "شکایت شما"
    assert taken.words["body"] == "Dear Ms Rahman,\n\nThank you.\n"
    assert taken.file == pdf
    assert taken.words["file"]["retention_period"] == "78 weeks", (
        "it can be read as long as the letter counts"
    )
    assert taken.words["file"]["confirm_email_before_download"] is True
    row = the()
    assert (row.status, row.remote_id, row.remote_status) == (Delivery.SENT, taken.id, "created")


def test_where_to_answer_stands_in_the_message_itself(app: Flask, server: NotifyServer) -> None:
    address = "complaints+hal-2026-0042-3.0123456789abcdef@landlord.example"
    put(language="fa", text="سلام\n", reply_to=address)
    send.send_due("w")
    ((first, *_, told, last),) = [one.words["body"].splitlines() for one in server.taken]
    assert (first, last) == ("سلام", address)
    assert "ایمیل" in told


def test_a_text_and_a_letter_by_post(app: Flask, server: NotifyServer) -> None:
    put(NUMBER, channel=Channel.TEXT, dedupe="text", text="Your code is 123456", confidential=True)
    pdf = ("letter.pdf", "application/pdf", b"%PDF-1.7 printed")
    put("4 Elm Court, WA8 0TD", channel=Channel.LETTER, dedupe="post", attachments=[pdf])
    assert send.send_due("w") == 2
    text, post = server.taken
    assert (text.kind, text.to, text.words) == ("sms", NUMBER, {"body": "Your code is 123456"})
    assert (post.kind, post.file, post.postage) == ("letter", b"%PDF-1.7 printed", "second")
    assert the("text").text == outbox.WIPED
    assert the("text").remote_id == text.id


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            Refused(429, "RateLimitError", "Exceeded rate limit for key type LIVE"),
            "no more messages just now",
        ),
        (Refused(429, "TooManyRequestsError", "Exceeded send limits (1000) for today"), "no more messages"),
        (Refused(500, "Exception", "Internal server error"), "did not answer as it should"),
        (Refused(503, "Exception", "Service unavailable"), "did not answer as it should"),
        (Refused(403, "AuthError", "Invalid token: API key not found"), "does not accept our key"),
        (
            Refused(403, "BadRequestError", "Cannot send letters with a team api key"),
            "team only, which sends no",
        ),
    ],
)
def test_what_may_pass_is_tried_again(app: Flask, server: NotifyServer, answer: Refused, why: str) -> None:
    server.fail.append(answer)
    message_id = put()
    send.send_due("w")
    assert (the().status, the().attempts, server.taken) == (Delivery.QUEUED, 1, [])
    assert why in (the().problem or "")
    assert the().next_attempt_at > clock.now()
    due_now()
    send.send_due("w")
    assert [one.reference for one in server.taken] == [message_id]
    assert the().status == Delivery.SENT


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("email_address Not a valid email address", "not an e-mail address that can be written to"),
        ("Can’t send to this recipient when service is in trial mode – see ...", "in trial mode"),
        ("Can’t send to this recipient using a team-only API key", "members of the team only"),
        ("Missing personalisation: name", "places that this service does not know"),
        ("Template not found", "does not know the template"),
        (
            "Send files by email has not been set up - add contact details for your service",
            "contact details there",
        ),
        ("File did not pass the virus scan", "took the file for unsafe"),
        ("Something of the year 2031", "refused it (400: Something of the year 2031)"),
    ],
)
def test_a_refusal_is_final_and_says_what_to_do(
    app: Flask, server: NotifyServer, message: str, why: str
) -> None:
    server.fail.append(Refused(400, "BadRequestError", message))
    put()
    send.send_due("w")
    assert (the().status, the().attempts) == (Delivery.FAILED, 1)
    assert why in (the().problem or "")
    with writing() as session:
        assert outbox.retry(session, the().id)
    send.send_due("w")
    assert (the().status, len(server.taken)) == (Delivery.SENT, 1)


def test_the_real_checks_of_recipient_and_template(make_app: Make, server: NotifyServer) -> None:
    make_app(**(server.settings | {"notify_email_template": EMAIL_TEMPLATE[:-1] + "0"}))
    put()
    send.send_due("w")
    assert "does not know the template" in (the().problem or "")


def test_a_wrong_key_waits_for_whoever_can_mend_it(make_app: Make, server: NotifyServer) -> None:
    make_app(**(server.settings | {"notify_api_key": KEY[:-1] + "9"}))
    put()
    send.send_due("w")
    assert the().status == Delivery.QUEUED
    assert "does not accept our key" in (the().problem or "")


def test_while_it_is_down_nothing_is_lost(make_app: Make) -> None:
    with NotifyServer() as gone:
        settings = gone.settings
    make_app(**settings)
    message_id = put()
    send.send_due("w")
    assert (the().status, the().attempts) == (Delivery.QUEUED, 1)
    due_now()
    with NotifyServer(gone.port) as back:
        send.send_due("w")
        assert [one.reference for one in back.taken] == [message_id]
    assert the().status == Delivery.SENT


def test_a_silent_server_does_not_stop_the_worker(make_app: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "TIMEOUT", 0.3)
    with silent_server() as port, NotifyServer() as other:
        make_app(**(other.settings | {"notify_url": f"http://127.0.0.1:{port}"}))
        put()
        started = time.monotonic()
        send.send_due("w")
    assert time.monotonic() - started < 5
    assert (the().status, the().attempts) == (Delivery.QUEUED, 1)


def test_an_answer_that_was_lost_is_looked_up_and_not_sent_again(app: Flask, server: NotifyServer) -> None:
    server.garble = 1
    put()
    send.send_due("w")
    assert (the().status, len(server.taken)) == (Delivery.QUEUED, 1)
    due_now()
    send.send_due("w")
    assert len(server.taken) == 1
    row = the()
    assert (row.status, row.remote_id) == (Delivery.SENT, server.taken[0].id)


def test_what_did_not_arrive_may_be_sent_again(app: Flask, server: NotifyServer) -> None:
    put()
    send.send_due("w")
    server.became("temporary-failure")
    with writing() as session:
        row = session.get_one(OutboxMessage, the().id)
        row.status, row.problem = Delivery.FAILED, "The phone was off"
    with writing() as session:
        assert outbox.retry(session, the().id)
    send.send_due("w")
    assert [one.status for one in server.taken] == ["temporary-failure", "created"]
    assert the().remote_id == server.taken[1].id


def test_words_that_were_wiped_are_not_sent_again(app: Flask, server: NotifyServer) -> None:
    put(NUMBER, channel=Channel.TEXT, dedupe="text", confidential=True)
    send.send_due("w")
    with writing() as session:
        session.get_one(OutboxMessage, the("text").id).status = Delivery.FAILED
    with writing() as session:
        assert not outbox.retry(session, the("text").id)


def test_kill_9_between_sending_and_writing_it_down_sends_once(
    app: Flask, url: str, server: NotifyServer
) -> None:
    put()
    outbox_worker.kill_in_mid_send(url, server.settings)  # it has the message, our database does not know
    assert (the().status, len(server.taken)) == (Delivery.QUEUED, 1)
    due_now()
    with outbox_worker.started(url, server.settings):
        outbox_worker.wait_until(lambda: the().status == Delivery.SENT)
    assert len(server.taken) == 1
    assert the().remote_id == server.taken[0].id


def test_several_workers_hand_each_message_over_once(app: Flask, server: NotifyServer) -> None:
    for number in range(12):
        put(dedupe=f"{number}", to=f"r{number}@example.org")

    def work(number: int) -> None:
        while send.send_due(f"w{number}", 5):
            pass

    at_once(app, 3, work)
    assert sorted(one.to for one in server.taken) == sorted(f"r{n}@example.org" for n in range(12))


def test_post_takes_one_pdf_and_e_mail_no_file_that_is_too_big(app: Flask, server: NotifyServer) -> None:
    put("4 Elm Court", channel=Channel.LETTER, dedupe="none")
    big = ("letter.pdf", "application/pdf", b"%PDF-" + bytes(notify.LARGEST_FILE))
    put(dedupe="big", attachments=[big])
    send.send_due("w")
    assert (the("none").status, the("big").status) == (Delivery.FAILED, Delivery.FAILED)
    assert "too big" in (the("big").problem or "")
    assert server.taken == []


def test_statuses_are_asked_by_number(app: Flask, server: NotifyServer) -> None:
    put()
    send.send_due("w")
    status = send.state().status
    assert status is not None
    assert status(the().remote_id or "") == "created"
    server.became("delivered")
    assert status(the().remote_id or "") == "delivered"
    assert status("00000000-0000-0000-0000-000000000000") == "unknown"
    server.fail.append(Refused(500, "Exception", "Internal server error"))
    with pytest.raises(contract.Temporary):
        status(the().remote_id or "")


def test_an_operator_hears_what_would_keep_messages_from_leaving(server: NotifyServer) -> None:
    ours = notify.Notify.of(Config(**server.settings))
    assert list(ours.problems()) == []
    server.lacking = {"file"}
    assert list(ours.problems()) == ["the template Ours at GOV.UK Notify lacks ((file))"]
    wrong = notify.Notify.of(Config(**(server.settings | {"notify_api_key": KEY[:-1] + "9"})))
    assert all("does not accept our key" in one for one in wrong.problems())
    assert len(list(wrong.problems())) == 2


@pytest.mark.parametrize("to", ["07700 900123", "+15005550006", "0151 496 0000", "", "x"])
def test_a_number_that_no_text_may_go_to_is_refused_at_once(app: Flask, to: str) -> None:
    with pytest.raises(ValueError, match="number"):
        put(to, channel=Channel.TEXT)


def test_without_a_provider_a_text_fails_with_its_reason(make_app: Make, server: NotifyServer) -> None:
    make_app(**(server.settings | {"notify_text_template": "", "notify_post": ""}))
    put(NUMBER, channel=Channel.TEXT, dedupe="text")
    send.send_due("w")
    assert (the("text").status, the("text").problem) == (Delivery.FAILED, "Nothing is set up to send this")


GOOD = Config(
    environment="production",
    secret_key="x" * 32,
    base_url="https://complaints.example",
    notify_api_key=KEY,
    notify_email_template=EMAIL_TEMPLATE,
)


def test_production_starts_with_notify_instead_of_smtp() -> None:
    GOOD.check()
    assert not GOOD.keeps_messages
    assert not GOOD.sends_texts
    assert replace(GOOD, notify_text_template="x").sends_texts


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"notify_api_key": ""}, "NOTIFY_API_KEY"),
        ({"notify_api_key": "not-a-key"}, "NOTIFY_API_KEY"),
        ({"notify_url": "http://api.example"}, "NOTIFY_URL"),
        ({"notify_post": "pigeon"}, "NOTIFY_POST"),
        ({"smtp_host": "mail.example"}, "not both"),
        ({"notify_email_template": ""}, "no letter could leave"),
    ],
)
def test_settings_that_would_lose_messages_are_refused(change: dict[str, str], names: str) -> None:
    with pytest.raises(UnsafeConfiguration, match=names):
        replace(GOOD, **change).check()  # type: ignore[arg-type]
