"""Sessions of residents and helpers: what ends them, for the browser itself and for whoever copied its cookie."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from shared.cases import commands as c
from shared.cases import service
from shared.cases.access import codes
from shared.cases.state import Person, Safety
from shared.db import db
from shared.models import OutboxMessage, ResidentSession
from shared.vocab import ConsentScope, Role
from tests.support.client import Client
from tests.support.portal import Complaint, browser, complaint, consent, sign_in, team, to_check
from tests.support.still import StillClock

IN, OUT = "My complaint", "See your complaint"


@pytest.fixture
def case(app: Flask) -> Complaint:
    """A complaint whose resident is signed in nowhere."""
    return complaint()


def copied(app: Flask, client: Client) -> Client:
    """A browser that holds a copy of another one's cookie."""
    thief = browser(app)
    with client.session_transaction() as hers:
        kept = dict(hers)
    with thief.session_transaction() as his:
        his.update(kept)
    return thief


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(ResidentSession)) or 0


@pytest.mark.parametrize(
    ("path", "form"),
    [("/en/my-complaint", "#sign-out"), ("/en/my-complaint/contact", "#everywhere")],
)
def test_a_copy_of_the_cookie_is_dead_once_she_signs_out(
    client: Client, app: Flask, case: Complaint, path: str, form: str
) -> None:
    sign_in(client, case.ref, case.code)
    thief = copied(app, client)
    assert thief.page("/en/my-complaint").h1 == IN
    thief = copied(app, client)
    assert "signed out" in client.submit(path, form=form).main
    assert client.page("/en/my-complaint").h1 == OUT
    assert thief.page("/en/my-complaint").h1 == OUT
    assert rows() == 0


def test_the_cookie_names_nobody_and_the_table_holds_no_token(client: Client, case: Complaint) -> None:
    sign_in(client, case.ref, case.code)
    with client.session_transaction() as kept:
        token = kept["who"]["token"]
        assert set(kept["who"]) == {"token", "seen"}
    row = db.session.scalars(select(ResidentSession)).one()
    assert row.token_hash != token
    assert token not in row.token_hash


def test_a_made_up_token_opens_nothing(client: Client, case: Complaint) -> None:
    sign_in(client, case.ref, case.code)
    with client.session_transaction() as kept:
        mine = kept["who"]
    for token in ("", "x" * 43, db.session.scalars(select(ResidentSession.token_hash)).one(), None, 7, ["a"]):
        with client.session_transaction() as kept:
            kept["who"] = {**mine, "token": token}
        assert client.page("/en/my-complaint").h1 == OUT


def test_closing_the_receipt_ends_the_session_too(client: Client, app: Flask) -> None:
    page = client.send(to_check(client), form="#send")
    thief = copied(app, client)
    client.send(page, form="#close")
    assert thief.page("/en/my-complaint").h1 == OUT
    assert rows() == 0


def test_signing_in_again_ends_what_this_browser_held_before(
    client: Client, app: Flask, case: Complaint
) -> None:
    sign_in(client, case.ref, case.code)
    thief = copied(app, client)
    sign_in(client, case.ref, case.code)
    assert thief.page("/en/my-complaint").h1 == OUT
    assert client.page("/en/my-complaint").h1 == IN
    assert rows() == 1


def test_out_on_one_device_is_not_out_on_the_other(client: Client, app: Flask, case: Complaint) -> None:
    phone = sign_in(browser(app), case.ref, case.code)
    sign_in(client, case.ref, case.code)
    client.submit("/en/my-complaint", form="#sign-out")
    assert phone.page("/en/my-complaint").h1 == IN


def test_out_on_every_device_leaves_her_helper_in(client: Client, app: Flask) -> None:
    case = complaint(helper=True)
    phone = sign_in(browser(app), case.ref, case.code)
    helper = sign_in(browser(app), case.ref, case.helper_code)
    sign_in(client, case.ref, case.code)
    client.submit("/en/my-complaint/contact", form="#everywhere")
    assert phone.page("/en/my-complaint").h1 == OUT
    assert helper.page("/en/my-complaint").h1 == "The complaint that you help with"


def test_a_new_code_ends_every_session_but_the_one_that_made_it(
    client: Client, app: Flask, case: Complaint
) -> None:
    phone = sign_in(browser(app), case.ref, case.code)
    sign_in(client, case.ref, case.code)
    thief = copied(app, client)
    client.submit("/en/my-complaint/new-code", form="#new-code")
    assert client.page("/en/my-complaint").h1 == IN
    assert phone.page("/en/my-complaint").h1 == thief.page("/en/my-complaint").h1 == OUT


def test_a_receipt_does_not_go_on_to_show_a_code_that_opens_nothing(client: Client) -> None:
    client.send(to_check(client), form="#send")
    client.submit("/en/my-complaint/new-code", form="#new-code")
    again = client.page("/en/receipt")
    assert again.h1 == "We have your complaint"
    assert not again.all(".app-code")


def test_a_code_from_an_officer_ends_what_the_lost_one_opened(client: Client, case: Complaint) -> None:
    sign_in(client, case.ref, case.code)
    codes.issue_new_code(case.ref, Role.RESIDENT, team().as_actor(), identified_by="Date of birth")
    assert client.page("/en/my-complaint").h1 == OUT


def test_a_session_ends_however_busy_it_is_kept(client: Client, case: Complaint, time: StillClock) -> None:
    sign_in(client, case.ref, case.code)
    for _ in range(23):
        time.wait(minutes=30)
        assert client.page("/en/my-complaint").h1 == IN
    page = client.page("/en/my-complaint/messages")
    time.wait(minutes=31)
    page = client.send(page, {"text": "The wall is wet again"}, form="#answer", status=403)
    assert "Nothing that you wrote is lost" in page.main
    page = client.send(page, {"ref": case.ref, "code": case.code}, form="#sign-in")
    assert "The wall is wet again" in page.main


def test_a_helper_is_out_of_every_browser_when_the_resident_says_no(client: Client, app: Flask) -> None:
    case = complaint(helper=True)
    consent(case, ConsentScope.EVERYTHING)
    sign_in(client, case.ref, case.helper_code)
    hers = sign_in(browser(app), case.ref, case.code)
    consent(case, ConsentScope.SOME, topics="The repair")
    assert client.page("/en/my-complaint").h1 == "The complaint that you help with"
    consent(case, ConsentScope.REFUSED)
    assert client.page("/en/my-complaint").h1 == OUT
    assert hers.page("/en/my-complaint").h1 == IN


def test_a_link_on_its_way_to_an_address_she_gave_up_opens_nothing(
    client: Client, app: Flask, case: Complaint
) -> None:
    client.submit("/en/sign-in/link", {"who": case.ref}, form="#ask")
    mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.dedupe.startswith("sign-in:"))).one()
    found = re.search(r"https?://[^/\s]+(/\S+/sign-in/link/\S+)", mail.text)
    digits = re.search(r"\b(\d{6})\b", mail.text)
    assert found
    assert digits
    person = Person(name="Mina Rahman", email="new@resident.example", phone="01632 960 001")
    service.perform(case.ref, c.ChangeContact(resident=person, safety=Safety()), case.resident)
    assert browser(app).page(found.group(1), status=410).h1 == "This link does not work any more"
    client.submit("/en/sign-in/code", {"digits": digits.group(1)}, form="#digits-form", status=422)
