"""The attacker's pass over the residents' door: what it tells, what it can be made to do, what a browser keeps."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from shared import clock
from shared.config import Config
from shared.db import db
from shared.identity import throttle
from shared.models import Case, Draft, OutboxMessage, ResidentSession, SignInLink
from tests.support.client import Client
from tests.support.portal import Complaint, browser, complaint, sign_in, to_check
from tests.support.still import StillClock
from tests.web.test_attacks_portal import addresses, plain
from wsgi import create_app

UNKNOWN = "HAL-2026-0099-9"
WRONG = "2222-2222-2222-2222"


@pytest.fixture
def case(app: Flask) -> Complaint:
    """A complaint whose resident is signed in nowhere."""
    return complaint()


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database was asked meanwhile."""
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(" ".join(statement.split())[:60])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def posted(client: Client, path: str, form: str, **data: str) -> tuple[TestResponse, list[str]]:
    token = str(client.page(path).one(f"{form} input[name=csrf_token]")["value"])
    with statements() as asked:
        answer = client.post(path, data={"csrf_token": token, **data})
    return answer, asked


def elsewhere(app: Flask, number: int) -> Client:
    """A browser at an address of its own: what one is asked counts for nobody else."""
    found = browser(app)
    found.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
    return found


# What it tells --------------------------------------------------------------------------------------------


def test_a_known_reference_costs_and_looks_like_an_unknown_one(app: Flask, case: Complaint) -> None:
    known, asked = posted(elsewhere(app, 1), "/en/sign-in", "#sign-in", ref=case.ref, code=WRONG)
    other, asked_too = posted(elsewhere(app, 2), "/en/sign-in", "#sign-in", ref=UNKNOWN, code=WRONG)
    assert asked == asked_too
    assert known.status_code == other.status_code == 422
    assert set(known.headers.keys()) == set(other.headers.keys())


def test_asking_for_a_link_takes_the_same_time_and_looks_the_same_for_everybody(
    app: Flask, case: Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "EVEN", 0.3)
    complaint(what="Another thing")  # the more cases an address has, the more there is to do
    who = (case.ref, UNKNOWN, "mina@resident.example", "nobody@resident.example", "07700 900982", "?")
    seen = set()
    for number, typed in enumerate(who):
        one = elsewhere(app, number)
        began = time.monotonic()
        answer, _asked = posted(one, "/en/sign-in/link", "#ask", who=typed)
        assert time.monotonic() - began >= 0.3
        seen.add((answer.status_code, answer.location, frozenset(answer.headers.keys())))
        assert one.page("/en/sign-in/code").h1 == "Look for our message"
        with one.session_transaction() as kept:
            assert re.fullmatch(r"[0-9a-f]{64}", kept["asked"]), (
                "a number would show how many links were made"
            )
    assert len(seen) == 1
    assert len(db.session.scalars(select(SignInLink.id)).all()) == 2 + len(who) - 1


def test_another_spelling_of_a_reference_gets_no_more_mails_out_of_us(
    app: Flask, case: Complaint, time: StillClock
) -> None:
    bare = case.ref.replace("-", "")
    spelt = [case.ref, case.ref.lower(), bare, f" {bare.lower()} "]
    answers = [
        posted(elsewhere(app, n), "/en/sign-in/link", "#ask", who=who)[0] for n, who in enumerate(spelt)
    ]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 422]


# What it can be made to do --------------------------------------------------------------------------------


def test_no_form_of_the_portal_is_sent_from_elsewhere(client: Client, app: Flask, case: Complaint) -> None:
    """Without a token of this very session nothing is done, whatever address it is posted to."""
    sign_in(client, case.ref, case.code)
    client.submit("/en/", {"who": "me"}, form="#start")
    hers = plain(app, client)
    stranger = str(browser(app).page("/en/sign-in").one("#sign-in input[name=csrf_token]")["value"])
    before = footprint()
    tried = 0
    for address in {*addresses(app, "POST"), *addresses(app, "POST", "2")}:
        for token in ({}, {"csrf_token": ""}, {"csrf_token": stranger}):
            data = {**token, "text": "forged", "who": "me", "ref": case.ref, "code": case.code, "seen": "1"}
            answer = hers.post(address, data=data, headers={"Origin": "https://evil.example"})
            assert answer.status_code in {303, 400, 403, 404}, (address, answer.status)
            assert answer.status_code != 303 or re.fullmatch(r"/en/(|sign-in.*)", answer.location), address
            tried += 1
    assert tried > 60
    assert footprint() == before
    assert client.page("/en/my-complaint").h1 == "My complaint"


def footprint() -> list[object]:
    """What a resident's post could have changed."""
    db.session.expire_all()
    rows = (Case, Draft, OutboxMessage, ResidentSession, SignInLink)
    counts = [db.session.query(one).count() for one in rows]
    return [*counts, *db.session.scalars(select(Case.version)), *db.session.scalars(select(Draft.answers))]


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/en/sign-in/link",
        "/%0a/evil.example",
        "\\evil.example",
        "/en/..//evil.example",
    ],
)
def test_the_door_leads_nowhere_else_however_it_is_asked(
    client: Client, case: Complaint, target: str
) -> None:
    token = str(client.page("/en/sign-in").one("#sign-in input[name=csrf_token]")["value"])
    data = {"csrf_token": token, "ref": case.ref, "code": case.code}
    answer = client.post("/en/sign-in", data={**data, "next": target})
    assert answer.status_code == 303
    assert re.match(r"/(?![/\\])", answer.location)
    page = client.get("/en/sign-in", query_string={"next": target})
    assert re.match(r"/(?![/\\])", page.location)
    client.submit("/en/my-complaint", form="#sign-out")
    token = str(client.page("/en/sign-in").one("#sign-in input[name=csrf_token]")["value"])
    data = {"csrf_token": token, "ref": case.ref, "code": case.code, "kept_for": target, "kept:text": "x"}
    answer = client.post("/en/sign-in", data=data)
    for form in re.findall(r'<form[^>]* action="([^"]*)"', answer.get_data(as_text=True)):
        assert re.match(r"/(?![/\\])", form)


@pytest.mark.parametrize("header", ["Referer", "Origin"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_address_that_is_none_is_no_error_of_ours(client: Client, header: str, scheme: str) -> None:
    who = client.open
    odd = {"headers": {header: "http://["}, "base_url": f"{scheme}://localhost"}
    for path in ("/en/sign-in", "/en/my-complaint/messages", "/staff/sign-in", "/staff/my-work"):
        for method in ("GET", "POST"):
            assert who(path, method=method, **odd).status_code < 500, (method, path)
    assert who("/staff/sign-in", query_string={"next": "http://["}).status_code == 200


def test_no_mail_takes_its_links_from_the_host_of_a_request(app: Flask, case: Complaint) -> None:
    hers = plain(app, browser(app))
    found = hers.get("/en/sign-in/link", headers={"Host": "evil.example"})
    token = re.search(r'name="csrf_token" value="([^"]+)"', found.get_data(as_text=True))
    assert token
    data = {"who": case.ref, "csrf_token": token.group(1)}
    assert hers.post("/en/sign-in/link", data=data, headers={"Host": "evil.example"}).status_code == 303
    (mail,) = db.session.scalars(select(OutboxMessage).where(OutboxMessage.dedupe.startswith("sign-in:")))
    assert "evil.example" not in mail.text + (mail.html or "")
    assert "http://127.0.0.1:8000/en/sign-in/link/" in mail.text


# What a browser keeps -------------------------------------------------------------------------------------


def test_no_page_stays_behind_for_the_back_button(client: Client, app: Flask, case: Complaint) -> None:
    sign_in(client, case.ref, case.code)
    client.submit("/en/", {"who": "me"}, form="#start")
    hers = plain(app, client)
    for address in addresses(app, "GET"):
        if not address.endswith("/leave"):
            answer = hers.get(address)
            assert answer.headers["Cache-Control"] == "no-store", address
            assert answer.headers["Referrer-Policy"] == "same-origin", address


def test_the_cookie_is_for_this_host_and_https_alone(tmp_path: Path) -> None:
    settings = Config(
        environment="production",
        data_dir=tmp_path,
        secret_key="k" * 40,
        base_url="https://complaints.landlord.example",
        smtp_host="mail.landlord.example",
    )
    answer = create_app(settings).test_client().get("/en/sign-in", base_url=settings.base_url)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    name, *flags = (part.strip() for part in cookie.split(";"))
    assert name.startswith("__Host-redress=")
    assert set(flags) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}  # no end: it goes with the browser


def test_the_code_of_a_receipt_leaves_the_cookie(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.send(to_check(client), form="#send")
    code = page.one(".app-code").get_text()
    thief = browser(app)
    with client.session_transaction() as hers, thief.session_transaction() as his:
        assert hers["receipt"]["code"] == code
        his.update(dict(hers))
    client.submit("/en/my-complaint", form="#sign-out")
    assert code not in thief.page("/en/receipt").text  # of a session that has ended
    sent_at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: sent_at + timedelta(minutes=31))
    thief.page("/en/sign-in")
    with thief.session_transaction() as his:
        assert his["receipt"]["code"] == ""


def test_the_code_of_a_draft_does_not_stay_in_the_address(client: Client, app: Flask) -> None:
    page = client.submit("/en/", {"who": "me"}, form="#start")
    client.send(page, {"what": "The lift is broken"}, form="#question", press="Continue")
    page = client.submit("/en/tell-us/later", form="#code")
    code = page.one(".app-code").get_text().strip()
    back = browser(app)
    assert back.get(f"/en/come-back?code={code}").location == "/en/come-back"
    page = back.page("/en/come-back")
    assert page.one("#back input[name=code]")["value"] == code
    assert back.send(page, form="#back").url.startswith("/en/tell-us/")
    assert back.page("/en/come-back").one("#back input[name=code]").get("value", "") == ""


def test_a_draft_that_was_sent_opens_nothing_any_more(client: Client, app: Flask) -> None:
    """Whoever holds its code must not be given a fresh one for the case that came of it."""
    page = to_check(client)
    code = client.submit("/en/tell-us/later", form="#code").one(".app-code").get_text().strip()
    client.send(page, form="#send")
    thief = browser(app)
    page = thief.submit("/en/come-back", {"code": code}, form="#back", status=422)
    token = str(page.one("#back input[name=csrf_token]")["value"])
    answer = thief.post("/en/tell-us/check", data={"csrf_token": token})
    assert answer.location == "/en/"
    assert thief.page("/en/my-complaint").h1 == "See your complaint"
