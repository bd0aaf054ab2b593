"""What keeps a person safe and lets nobody down: the quick way out, the limits on floods, the receipt to keep."""

import dataclasses
from urllib.parse import quote

import pypdfium2
import pytest
from flask import Flask

from shared import config, i18n
from shared.cases import commands as c
from shared.cases import service
from shared.cases.state import Person, Story
from shared.config import Config
from shared.db import db
from shared.identity.actors import Resident
from shared.models import Case, Draft
from shared.vocab import Channel
from tests.support import qr
from tests.support.client import Client, Page
from tests.support.portal import browser, complaint, sign_in
from tests.support.staff import LANDLORD
from tests.support.still import StillClock

REACH = {"name": "Amal Haddad", "address": "4 Elm Court", "email": "amal@example.org"}
SHORT_WAY = "Skip the optional questions"


def begin(client: Client) -> Page:
    return client.submit("/en/", {"who": "me"}, form="#start")


def to_check(client: Client) -> Page:
    page = client.send(begin(client), {"what": "Damp"}, press=SHORT_WAY)
    return client.send(page, REACH, press=SHORT_WAY)


# The quick way out ----------------------------------------------------------------------------------------


def test_who_is_threatened_can_leave_from_every_page(client: Client, app: Flask) -> None:
    begin(client)
    assert client.page("/en/tell-us/what").all("[data-leave]") == []
    page = client.submit("/en/tell-us/danger", {"danger": "people"}, form="#question", press="Continue")
    assert "Leave this page quickly" in page.main
    assert client.page(page.link("How to stay safe")).h1 == "How to stay safe"
    for where in ("/en/tell-us/wanted", "/en/tell-us/files", "/en/tell-us/later", "/en/", "/ur/help"):
        page = client.page(where)
        assert len(page.all("a[data-leave]")) == 2, where  # one of them for the keyboard, before all else
    gone = client.get(str(page.all("a[data-leave]")[0]["href"]))
    assert gone.status_code == 303
    assert "weather" in str(gone.location)
    with client.session_transaction() as cookie:
        assert "draft" not in cookie
    assert db.session.query(Draft).count() == 1  # she may come back to it
    assert client.page("/en/tell-us/wanted").one("textarea").get_text().strip() == ""


def test_and_from_her_own_pages(client: Client, app: Flask) -> None:
    command = c.Submit(
        language="en",
        channel=Channel.PORTAL,
        story=Story(what="Threats", danger="people"),
        resident=Person(name="Mina", email="mina@resident.example", address=("4 Elm Court",)),
    )
    done = service.submit(command, Resident("", "Mina"), LANDLORD)
    sign_in(client, done.ref, done.codes[f"resident:{done.ref}"])
    for where in ("", "/messages", "/history"):
        assert client.page(f"/en/my-complaint{where}").all("#_leave a[data-leave]")
    client.get("/en/leave")
    assert client.page("/en/my-complaint").h1 == "See your complaint"
    other = complaint()
    sign_in(client, other.ref, other.code)
    assert client.page("/en/my-complaint").all("[data-leave]") == []


# Floods ---------------------------------------------------------------------------------------------------


@pytest.fixture
def few(app: Flask, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "redress", dataclasses.replace(config, complaints_per_hour=1))


def test_a_flood_of_beginnings_waits_for_seconds_and_loses_nothing(
    client: Client, app: Flask, few: None, time: StillClock
) -> None:
    for _n in range(4):
        begin(browser(app))
    page = client.submit("/en/", {"who": "helping"}, form="#start", status=422)
    assert "There were too many tries" in page.errors[0]
    assert "call us" in page.errors[0]
    assert page.one("input[name=who][checked]")["value"] == "helping"
    assert db.session.query(Draft).count() == 4
    piece = client.post(
        "/en/tell-us/files/piece?upload=abcdefgh&offset=0&size=3&name=a.txt",
        data=b"abc",
        headers={"X-CSRFToken": str(page.one("#question input[name=csrf_token]")["value"])},
    )
    assert piece.status_code == 429
    time.wait(seconds=3)
    assert client.send(page, {}, form="#question", press="Continue").h1 == "What has gone wrong?"


def test_a_flood_of_complaints_waits_too_and_a_person_we_know_does_not(
    client: Client, app: Flask, few: None, time: StillClock
) -> None:
    known = complaint()
    first = browser(app)
    assert first.send(to_check(first), {}, form="#send").h1 == "We have your complaint"
    page = to_check(client)
    page = client.send(page, {}, form="#send", status=422)
    assert "There were too many tries" in page.errors[0]
    assert db.session.query(Case).count() == 2
    hers = sign_in(browser(app), known.ref, known.code)
    page_of_hers = hers.send(begin(hers), {"what": "Again"}, press=SHORT_WAY)  # nothing is asked twice
    assert hers.send(page_of_hers, {}, form="#send").h1 == "We have your complaint"
    time.wait(seconds=3)
    assert client.send(page, {}, form="#send").h1 == "We have your complaint"


# The receipt ----------------------------------------------------------------------------------------------


def test_the_receipt_is_a_pdf_in_her_language(client: Client) -> None:
    page = client.send(to_check(client), {}, form="#send")
    ref = db.session.query(Case).one().ref
    code = page.one(".app-code").get_text().strip()
    for language in i18n.languages():
        answer = client.get(f"/{language.tag}/receipt/copy.pdf")
        assert answer.mimetype == "application/pdf"
        assert ref in answer.headers["Content-Disposition"]
        with pypdfium2.PdfDocument(answer.data) as paper:
            words = "".join("".join(p.get_textpage().get_text_range() for p in paper).split())
        assert ref in words, language.code
        assert code in words, language.code
    assert client.get(page.link("Save as PDF")).status_code == 200
    client.post("/en/tell-us/close", data={"csrf_token": str(page.one("#close input")["value"])})
    assert client.get("/en/receipt/copy.pdf").status_code == 303


def test_what_she_keeps_leads_a_camera_to_the_door_and_never_in(client: Client) -> None:
    page = client.send(to_check(client), {}, form="#send")
    ref = db.session.query(Case).one().ref
    for tag in ("en", "ur"):
        address = f"{config.current().base_url}/{tag}/sign-in?ref={ref}"
        wanted = qr.drawn_for(address)  # nothing but the address: what else is drawn would look another way
        copy = client.page(f"/{tag}/receipt/copy")
        picture = copy.one("img")
        assert picture["alt"]
        assert qr.of_picture(str(picture["src"])) == wanted
        drawn = client.get(f"/{tag}/receipt/qr.svg").get_data(as_text=True)
        assert 'xmlns="http://www.w3.org/2000/svg"' in drawn, "a browser shows it as an image"
        assert qr.of_picture(f"data:image/svg+xml;charset=utf-8,{quote(drawn)}") == wanted
        assert qr.of_pdf(client.get(f"/{tag}/receipt/copy.pdf").data) == wanted
    door = client.page(address.removeprefix(config.current().base_url))
    assert door.one("input[name=ref]")["value"] == ref
    assert not door.one("input[name=code]").get("value")
    assert page.one(".app-code").get_text().strip() in copy.text


def test_a_link_from_elsewhere_names_campaign_building_and_language(client: Client) -> None:
    page = client.page("/complain?campaign=damp&building=Elm+Court&lang=ur")
    assert page.url.startswith("/ur/")
    assert page.one("#start input[name=building]")["value"] == "Elm Court"
    assert client.page("/complain?lang=//evil.example").url.startswith("/en/")


def test_nobodys_mailbox_is_flooded_with_ways_back(client: Client) -> None:
    client.send(begin(client), {"what": "Damp"}, press=SHORT_WAY)
    for _n in range(3):
        client.submit("/en/tell-us/later", {"email": "Somebody@else.example"}, form="#mail")
    page = client.submit("/en/tell-us/later", {"email": "somebody@ELSE.example"}, form="#mail", status=422)
    assert "There were too many tries" in page.errors[0]
    assert page.one("#mail input[name=email]")["value"] == "somebody@else.example"
