"""Nothing that somebody wrote is lost, and nobody else can read it."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal import jobs
from shared import clock, i18n
from shared.db import db
from shared.models import Attachment, Case, Draft, OutboxMessage, SignInLink
from tests.support.client import Client, Page

SHORT_WAY = "Skip the optional questions"
CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")
OTHER = next((one for one in i18n.languages() if one.code != "en"), None)


def begun(client: Client, what: str = "The boiler is broken.") -> Page:
    page = client.submit("/en/", {"who": "me"}, form="#start")
    return client.send(page, {"what": what}, press="Continue")


def words(client: Client) -> str:
    return client.page("/en/tell-us/what").one("#what").get_text().removeprefix("\n")


def test_looking_around_writes_nothing(client: Client) -> None:
    for page in ("", "tell-us/what", "tell-us/files", "tell-us/needs", "come-back"):
        client.page(f"/en/{page}")
    for page in ("tell-us/check", "tell-us/later", "tell-us/forget", "receipt"):
        assert client.page(f"/en/{page}").h1 == "Tell us that something is wrong"
    assert db.session.query(Draft).count() == 0


def test_the_first_answer_begins_a_draft(client: Client) -> None:
    begun(client)
    assert words(client) == "The boiler is broken."
    page = client.page("/en/")
    assert "You started to write to us and did not send it yet." in page.main


def test_another_browser_cannot_see_it(app: Flask, client: Client) -> None:
    begun(client)
    stranger = app.test_client()
    assert isinstance(stranger, Client)
    assert words(stranger) == ""
    assert stranger.page("/en/tell-us/check").h1 == "Tell us that something is wrong"
    assert stranger.get("/en/tell-us/files/1").status_code == 404


@pytest.mark.skipif(OTHER is None, reason="there is only one language")
def test_a_change_of_language_loses_no_word_even_of_a_wrong_answer(client: Client) -> None:
    assert OTHER is not None
    page = client.submit("/en/", {}, form="#start")
    page = client.send(page, {"what": "  Halb "}, press=OTHER.name)
    assert page.url == f"/{OTHER.tag}/tell-us/what"
    assert page.one("#what").get_text().strip() == "Halb"
    page = client.page(f"/{OTHER.tag}/tell-us/reach")
    page = client.send(page, {"name": "Amal", "email": "not-an-address"}, press="English")
    assert page.url == "/en/tell-us/reach"
    assert page.one("#email")["value"] == "not-an-address"
    assert page.one("#name")["value"] == "Amal"


@pytest.mark.skipif(OTHER is None, reason="there is only one language")
def test_the_story_keeps_the_language_it_was_written_in(client: Client) -> None:
    assert OTHER is not None
    page = client.submit(f"/{OTHER.tag}/", {}, form="#start")
    page = client.send(page, {"what": "..."}, press="English")
    page = client.send(page, {}, press=SHORT_WAY)
    page = client.send(page, {"name": "Amal", "address": "Here", "by_post": "y"}, press=SHORT_WAY)
    client.send(page, {}, form="#send")
    case = db.session.query(Case).one()
    assert case.language == "en"
    assert f'"language":"{OTHER.code}"' in case.state


def test_enter_goes_on_and_does_not_change_the_language(client: Client) -> None:
    page = client.page("/en/tell-us/started")
    first = page.soup.select("button[form=question], #question button")[0]
    assert (first["name"], first["value"]) == ("press", "continue")


def test_an_ended_session_loses_nothing(app: Flask, client: Client) -> None:
    page = begun(client)
    later = app.test_client()
    assert isinstance(later, Client)
    page = later.send(page, {"started": "in May"}, press="Continue", status=422)
    assert "Nothing that you wrote is lost." in page.main
    assert page.one("#started")["value"] == "in May"
    page = later.send(page, {}, press="Continue")
    assert words(later) == "The boiler is broken."
    assert db.session.query(Draft).one().answers["started"] == "in May"


def test_an_ended_session_says_so_before_it_sends(app: Flask, client: Client) -> None:
    begun(client)
    page = client.page("/en/tell-us/check")
    later = app.test_client()
    assert isinstance(later, Client)
    page = later.send(page, {}, form="#send", status=422)
    assert "Please press the button again." in page.main
    assert "The boiler is broken." in page.main
    page = later.send(page, {}, form="#send", status=422)
    assert page.errors == ["Enter your name"]


def test_a_post_from_elsewhere_is_not_taken(app: Flask, client: Client) -> None:
    page = begun(client)
    token = page.one("input[name=draft_token]")["value"]
    forged = app.test_client().post(
        "/en/tell-us/started",
        data={"started": "x", "draft_token": token},
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    )
    assert forged.status_code == 400
    assert str(token) not in forged.text
    assert "started" not in db.session.query(Draft).one().answers


def test_a_written_code_leads_back_from_any_device(app: Flask, client: Client) -> None:
    page = begun(client)
    page = client.send(page, {"started": "May"}, press="Save and come back later")
    assert page.h1 == "Save and come back later"
    page = client.send(page, {}, form="#code")
    code = CODE.search(page.main)
    assert code
    client.send(page, {}, form="#close")
    assert words(client) == ""

    phone = app.test_client()
    assert isinstance(phone, Client)
    page = phone.submit("/en/come-back", {"code": "7K3M-PQ9R-WDX4-H6TC"}, status=422)
    assert page.errors == ["We cannot find a complaint with this code. Check the code, or start again."]
    page = phone.send(page, {"code": code[0].lower().replace("-", " ")})
    assert page.h1 == "When did it start? (optional)", "where they left off"
    assert words(phone) == "The boiler is broken."
    phone.send(page, {"started": "May"}, press="Continue")
    page = client.submit("/en/come-back", {"code": code[0]})
    assert page.h1 == "Who are you, and how can we reach you?", "what still needs an answer"
    assert words(client) == "The boiler is broken.", "interrupted twice, back twice"


def test_a_link_by_email_uses_nothing_up_when_opened(app: Flask, client: Client) -> None:
    begun(client)
    page = client.submit("/en/tell-us/later", {"email": "amal@example"}, form="#mail", status=422)
    page = client.send(page, {"email": "amal@example.org"}, form="#mail")
    assert page.h1 == "We have sent you an email"
    mail = db.session.query(OutboxMessage).one()
    assert mail.confidential
    link = re.search(r"http://127.0.0.1:8000(/en/come-back\?code=\S+)", mail.text)
    assert link
    scanner = app.test_client()
    for _ in range(3):
        assert scanner.get(link[1], follow_redirects=True).status_code == 200
    phone = app.test_client()
    assert isinstance(phone, Client)
    page = phone.submit(link[1], {})
    assert page.h1 == "Who are you, and how can we reach you?"
    stored = db.session.query(Draft).one()
    assert "amal@example.org" not in str(stored.answers)


def test_forgetting_asks_once_and_takes_everything_along(client: Client) -> None:
    from io import BytesIO

    begun(client)
    client.send(
        client.page("/en/tell-us/files"), {"files": [(BytesIO(b"hello"), "a.txt")]}, press="Add this file"
    )
    client.submit("/en/tell-us/later", {}, form="#code")
    page = client.page("/en/tell-us/forget")
    assert db.session.query(Draft).count() == 1
    client.send(page, {}, form="#forget")
    for table in (Draft, Attachment, SignInLink):
        assert db.session.query(table).count() == 0
    assert words(client) == ""


def test_a_draft_nobody_returns_to_is_deleted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(client)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=27))
    assert jobs.tidy() == 0
    assert words(client) == "The boiler is broken."
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=29))
    assert jobs.tidy() == 1
    assert words(client) == ""


def test_sending_a_draft_that_was_deleted_meanwhile_starts_again(client: Client) -> None:
    page = begun(client)
    page = client.send(
        client.page("/en/tell-us/reach"), {"name": "A", "address": "B", "by_post": "y"}, press=SHORT_WAY
    )
    db.session.query(Draft).delete()
    db.session.commit()
    page = client.send(page, {}, form="#send")
    assert page.h1 == "Tell us that something is wrong"
    assert db.session.query(Case).count() == 0


HUGE = "ص" * 30_000
NASTY = "a\x00b\x07c\u202egnp.exe\u2066\ufeff\ud7ff<script>alert(1)</script>{{7*7}}%(name)s"


@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("what", "what"),
        ("started", "started"),
        ("effect", "effect"),
        ("wanted", "wanted"),
        ("reach", "name"),
        ("reach", "address"),
        ("reach", "postcode"),
        ("reach", "email"),
        ("reach", "phone"),
        ("safe", "times"),
        ("needs", "needs_detail"),
        ("needs", "interpreter"),
    ],
)
def test_no_field_can_be_made_to_fail(client: Client, page: str, field: str) -> None:
    begun(client)
    opened = client.page(f"/en/tell-us/{page}")
    answer = client.send(opened, {field: HUGE}, press="Continue", status=422)
    assert answer.errors
    answer = client.send(opened, {field: NASTY}, press="Continue", status=_either(client, opened, field))
    shown = client.page(f"/en/tell-us/{page}").response.text
    assert "<script>alert" not in shown
    assert "\x07" not in shown
    kept = db.session.query(Draft).one().answers[field]
    assert "\x00" not in kept
    if field not in {"what", "effect", "wanted", "needs_detail"}:
        assert "\u202e" not in kept
    client.page("/en/tell-us/check")


def _either(client: Client, opened: Page, field: str) -> int:
    """Some fields can hold odd text and some cannot; both are answers, a fault is none."""
    return 422 if field in {"postcode", "email", "phone", "name", "address"} else 200


@pytest.mark.parametrize(
    ("page", "data"),
    [
        ("who", {"who": "king"}),
        ("danger", {"danger": "dragons"}),
        ("relation", {"relation": ["tenant", "x"]}),
        ("safe", {"unsafe": ["no_post", "moon"], "prefers": "pigeon"}),
        ("needs", {"needs_writing": ["braille", "x"], "reply_language": "tlh"}),
    ],
)
def test_choices_that_nobody_offered_are_refused_and_kept_out(
    client: Client, page: str, data: dict[str, object]
) -> None:
    begun(client)
    form = client.page(f"/en/tell-us/{page}")
    token = str(form.one("#question input[name=csrf_token]")["value"])
    sent = client.post(f"/en/tell-us/{page}", data={**data, "csrf_token": token, "press": "continue"})
    assert sent.status_code in {200, 303, 422}
    client.page("/en/tell-us/check")


def test_a_flood_of_fields_is_no_fault(client: Client) -> None:
    begun(client)
    token = str(client.page("/en/tell-us/started").one("#question input[name=csrf_token]")["value"])
    many = {f"x{i}": "y" for i in range(3000)}
    assert client.post("/en/tell-us/started", data={"csrf_token": token, **many}).status_code < 500
    odd = {
        "csrf_token": token,
        "press": "\u202e",
        "back": "//evil.example",
        "language": "../x",
        "started": "x",
    }
    answer = client.post("/en/tell-us/started", data=odd)
    assert answer.status_code == 303
    assert answer.location.startswith("/en/tell-us/")
    assert client.get("/en/tell-us/nothing").status_code == 404
    assert client.get("/xx/tell-us/what").status_code == 404
