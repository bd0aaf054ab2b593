"""The staff door: who gets in, for how long, and that it tells a stranger nothing."""

import re
from time import monotonic

import pytest
from flask import Flask
from sqlalchemy import select

from shared.db import db, writing
from shared.identity import accounts, throttle
from shared.models import OutboxMessage
from shared.vocab import Role
from tests.support.client import Client
from tests.support.staff import PASSWORD, browser, colleague, sign_in, signed_in
from tests.support.still import StillClock

DOOR = "/staff/sign-in"


def test_an_officer_comes_in_and_goes_out(client: Client) -> None:
    account = colleague(Role.OFFICER)
    page = client.submit(DOOR, {"email": account.email.upper(), "password": PASSWORD})
    assert page.h1.startswith("Inbox")
    assert account.name in page.text
    page = client.submit("/staff/inbox", form="header form")
    assert "You have signed out" in page.main
    assert client.page("/staff/inbox").h1 == "Sign in"


def test_signing_out_ends_copies_of_the_cookie_too(app: Flask, client: Client) -> None:
    sign_in(client, colleague(Role.OFFICER))
    cookie = client.get_cookie("redress")
    assert cookie is not None
    client.submit("/staff/inbox", form="header form")
    thief = browser(app)
    thief.set_cookie("redress", cookie.value)
    assert thief.page("/staff/inbox").h1 == "Sign in"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("nobody@landlord.example", PASSWORD),
        ("officer.person@landlord.example", "three other words"),
        ("disabled.person@landlord.example", PASSWORD),
        ("invited.person@landlord.example", PASSWORD),
        ("not an address", PASSWORD),
        ("nul\x00@landlord.example", PASSWORD),
        ("x" * 5000 + "@landlord.example", "y" * 100_000),
    ],
)
def test_every_wrong_try_gets_the_same_answer(client: Client, email: str, password: str) -> None:
    colleague(Role.OFFICER)
    shut = colleague(Role.OFFICER, name="Disabled Person")
    colleague(Role.OFFICER, name="Invited Person", password="")
    with writing() as session:
        accounts.disable(session, shut)
    page = client.submit(DOOR, {"email": email, "password": password}, status=422)
    wrong = "The e-mail address or the password is not right. Check both and try again."
    assert page.errors == [wrong]
    assert not page.one("#password").get("value"), "a password is never sent back"


def test_empty_answers_say_what_to_enter(client: Client) -> None:
    page = client.submit(DOOR, {"email": "", "password": ""}, status=422)
    assert page.errors == ["Enter your e-mail address", "Enter your password"]


def test_the_way_back_is_kept_and_never_leaves_the_service(client: Client) -> None:
    account = colleague(Role.OFFICER)
    page = client.page("/staff/inbox?tab=overdue")
    assert page.one("input[name=next]")["value"] == "/staff/inbox?tab=overdue"
    for evil in (
        "//evil.example/staff/",
        "https://evil.example/staff/",
        "/staff/\\evil",
        "/en/",
        "javascript:1",
    ):
        assert client.page(f"{DOOR}?next={evil}").one("input[name=next]")["value"] == ""
        answer = client.submit(
            DOOR, {"email": account.email, "password": PASSWORD, "next": evil}, follow=False
        ).response
        assert answer.location == "/staff/"
        client.submit("/staff/inbox", form="header form")
    page = client.send(
        client.page("/staff/inbox?tab=overdue"), {"email": account.email, "password": PASSWORD}
    )
    assert page.url == "/staff/inbox?tab=overdue"


def test_many_wrong_tries_have_to_wait_and_then_the_right_one_passes(
    client: Client, time: StillClock
) -> None:
    account = colleague(Role.OFFICER)
    for _ in range(5):
        client.submit(DOOR, {"email": account.email, "password": "wrong words here"}, status=422)
    page = client.submit(DOOR, {"email": account.email, "password": PASSWORD}, status=422)
    assert re.fullmatch(r"Too many tries\. Wait \d seconds?, then try again\.", page.errors[0])
    time.wait(seconds=130)
    assert client.submit(DOOR, {"email": account.email, "password": PASSWORD}).h1.startswith("Inbox")


def test_a_browser_that_was_in_before_is_not_slowed_by_guesses_made_elsewhere(
    app: Flask, client: Client
) -> None:
    account = colleague(Role.OFFICER)
    sign_in(client, account)
    client.submit("/staff/inbox", form="header form")
    stranger = browser(app)
    for _ in range(6):
        stranger.submit(DOOR, {"email": account.email, "password": "wrong words here"}, status=422)
    assert client.submit(DOOR, {"email": account.email, "password": PASSWORD}).h1.startswith("Inbox")


def test_a_quiet_hour_ends_the_session_and_says_so(app: Flask, time: StillClock) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    time.wait(minutes=59)
    assert client.page("/staff/inbox").h1.startswith("Inbox")
    time.wait(minutes=59)
    assert client.page("/staff/inbox").h1.startswith("Inbox"), "somebody who works is not signed out"
    time.wait(minutes=61)
    page = client.page("/staff/inbox?tab=overdue")
    assert page.h1 == "Sign in"
    assert "nothing happened here for a while" in page.main


def test_twelve_hours_end_every_session(app: Flask, time: StillClock) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    for _ in range(13):
        time.wait(minutes=54)
        assert client.page("/staff/inbox").h1.startswith("Inbox")
    time.wait(minutes=20)
    assert client.page("/staff/inbox").h1 == "Sign in"


def test_a_disabled_account_is_out_at_once(app: Flask) -> None:
    client, account = signed_in(app, Role.OFFICER)
    with writing() as session:
        accounts.disable(session, account)
    assert client.page("/staff/inbox").h1 == "Sign in"


def link_in_mail() -> str:
    text = db.session.scalars(select(OutboxMessage.text).order_by(OutboxMessage.id.desc())).first()
    assert text is not None
    found = re.search(r"/staff/set-password/\S+", text)
    assert found is not None
    return found.group(0)


def test_a_link_sets_a_password_once_and_opening_it_uses_nothing_up(app: Flask, client: Client) -> None:
    account = colleague(Role.OFFICER)
    elsewhere = sign_in(browser(app), account)
    page = client.submit("/staff/forgotten-password", {"email": f" {account.email.upper()} "})
    assert "If there is an account with that address" in page.main
    link = link_in_mail()
    for _ in range(3):
        assert client.page(link).h1 == "Set your password"
    page = client.submit(link, {"password": "short"}, status=422)
    assert "at least 12 characters" in page.errors[0]
    page = client.submit(link, {"password": "another four random words"})
    assert "Your password is set" in page.main
    assert client.page(link, status=410).h1 == "This link has ended"
    assert elsewhere.page("/staff/inbox").h1 == "Sign in", "a new password ends every session"
    client.submit(DOOR, {"email": account.email, "password": PASSWORD}, status=422)
    sign_in(client, account, "another four random words")
    assert client.page("/staff/inbox").h1.startswith("Inbox")


def test_asking_for_a_link_tells_a_stranger_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "EVEN", 0.2)
    shut, known = colleague(Role.OFFICER), colleague(Role.HANDLER)
    with writing() as session:
        accounts.disable(session, shut)
    for address in ("nobody@landlord.example", shut.email, known.email):
        began = monotonic()
        page = client.submit("/staff/forgotten-password", {"email": address})
        assert monotonic() - began >= 0.2
        assert "If there is an account with that address" in page.main
    assert db.session.scalars(select(OutboxMessage.recipient)).all() == [known.email]


def test_nobody_can_bury_a_colleague_in_links(app: Flask, time: StillClock) -> None:
    account = colleague(Role.OFFICER)
    client = browser(app)
    for number in range(3):
        client.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
        client.submit("/staff/forgotten-password", {"email": account.email})
    page = client.submit("/staff/forgotten-password", {"email": account.email}, status=422)
    assert page.errors[0].startswith("Too many tries")


def test_a_link_ends_by_itself(client: Client, time: StillClock) -> None:
    colleague(Role.OFFICER)
    client.submit("/staff/forgotten-password", {"email": "officer.person@landlord.example"})
    link = link_in_mail()
    time.wait(hours=49)
    client.page(link, status=410)
    assert client.page("/staff/set-password/made-up", status=410).h1 == "This link has ended"


def test_an_ended_session_sends_htmx_to_the_door_as_a_whole(app: Flask, client: Client) -> None:
    answer = client.get(
        "/staff/inbox", headers={"HX-Request": "true", "Referer": "http://localhost/staff/inbox?tab=overdue"}
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/staff/sign-in?next=/staff/inbox?tab%3Doverdue"


def test_what_was_typed_when_the_session_had_ended_is_carried_through_the_door(
    app: Flask, time: StillClock
) -> None:
    client, account = signed_in(app, Role.OFFICER)
    page = client.page("/staff/views?tab=overdue")
    time.wait(minutes=61)
    door = client.send(page, {"name": "My <long> name"}, form="#keep", status=403)
    assert door.h1 == "Sign in"
    assert "What you wrote is kept" in door.main
    door = client.send(door, {"email": account.email, "password": "wrong words here"}, status=422)
    go_on = client.send(door, {"email": account.email, "password": PASSWORD})
    assert go_on.h1 == "You are signed in. Send it again?"
    assert "My <long> name" in go_on.text
    page = client.send(go_on, form="#go-on")
    assert page.h1 == "Inbox: Overdue"
    assert page.link("My <long> name")


def test_a_forged_post_is_not_carried(app: Flask, client: Client) -> None:
    account = colleague(Role.OFFICER)
    answer = client.post("/staff/views", data={"name": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 303
    page = client.page("/staff/sign-in")
    form = page.one("main form")
    token = form.select("input[name=csrf_token]")[0]["value"]
    forged = {"csrf_token": token, "email": account.email, "password": PASSWORD, "carried:name": "x"}
    answer = client.post(DOOR, data={**forged, "carried_to": "https://evil.example/staff/"})
    assert answer.status_code == 303
