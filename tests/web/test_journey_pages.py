"""Every page of the journey in every language, in words from the catalogue, light enough for an old phone."""

import pytest
from flask import Flask

from portal.questions import QUESTIONS
from shared import i18n
from shared.db import db
from shared.models import Case
from tests.support.client import Client, Page
from tests.support.pseudo import find_literals, speak_pseudo

PAGES = [
    "",
    *(f"tell-us/{q.name}" for q in QUESTIONS),
    "tell-us/danger-now",
    "tell-us/check",
    "tell-us/later",
    "tell-us/later/sent",
    "tell-us/forget",
    "come-back",
]


def begun(client: Client, who: str = "me") -> None:
    page = client.submit("/en/", {"who": who}, form="#start")
    client.send(page, {"what": "Damp."}, press="Continue")
    client.send(client.page("/en/tell-us/danger"), {"danger": "people"}, press="Continue")


def sent(client: Client) -> Page:
    page = client.page("/en/tell-us/reach")
    page = client.send(page, {"name": "Amal", "address": "4 Elm Court", "by_post": "y"}, press="Skip the opt")
    return client.send(page, {}, form="#send")


@pytest.mark.only_on("sqlite")  # words and markup of many pages, which no database has a say in
@pytest.mark.parametrize("who", ["me", "helping", "group", "anonymous"])
@pytest.mark.parametrize("lang", [one.tag for one in i18n.languages()])
def test_every_page_opens_in_every_language(client: Client, lang: str, who: str) -> None:
    begun(client, who)
    for name in PAGES:
        page = client.page(f"/{lang}/{name}")
        assert page.url.startswith(f"/{lang}/{name}"), "no page sends the reader somewhere else"


def test_no_text_stands_outside_the_catalogue(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(client)
    helper = app.test_client()
    assert isinstance(helper, Client)
    begun(helper, "helping")
    sender = app.test_client()
    assert isinstance(sender, Client)
    begun(sender)
    sent(sender)
    speak_pseudo(monkeypatch)
    for reader in (client, helper):
        for name in PAGES:
            assert find_literals(reader.page(f"/en/{name}").response.text) == [], name
    for name in ("receipt", "receipt/copy"):
        assert find_literals(sender.page(f"/en/{name}").response.text) == [], name


def test_errors_come_from_the_catalogue_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(client)
    speak_pseudo(monkeypatch)
    for name in ("what", "reach", "helper", "who"):
        page = client.page(f"/en/tell-us/{name}")
        token = str(page.one("#question input[name=csrf_token]")["value"])
        bad = {"postcode": "x", "email": "x", "phone": "x", "helper_email": "x", "who": "king"}
        answer = client.post(f"/en/tell-us/{name}", data={"csrf_token": token, "press": "continue", **bad})
        assert answer.status_code == 422, name
        assert find_literals(answer.text) == [], name


def test_other_ways_to_complain_stand_above_the_button(client: Client) -> None:
    text = client.page("/en/").response.text
    button = text.index("Start now")
    assert 0 < text.index('class="app-languages') < text.index("0303 333 0101") < button
    assert text.index("See all ways to reach us") < button


def test_who_is_signed_in_is_not_asked_twice(client: Client) -> None:
    page = client.submit("/en/", {}, form="#start")
    page = client.send(page, {"what": "Damp."}, press="Skip the opt")
    answers = {"name": "Amal", "address": "4 Elm Court\nWidnes", "phone": "07700 900982"}
    client.send(page, answers, press="Skip the opt")
    page = client.page("/en/tell-us/needs?back=check")
    page = client.send(page, {"needs_writing": ["large_print"], "interpreter": "Urdu"}, press="Continue")
    client.send(page, {}, form="#send")
    first = db.session.query(Case).one().ref

    page = client.submit("/en/", {}, form="#start")
    page = client.send(page, {"what": "And noise."}, press="Skip the opt")
    assert page.h1 == "Check your answers and send"
    for known in ("Amal", "4 Elm Court", "07700 900982", "Large print", "Urdu"):
        assert known in page.main
    client.send(page, {}, form="#send")
    second = db.session.query(Case).filter(Case.ref != first).one()
    assert f'"linked":["{first}"]' in second.state


def test_whoever_helps_next_is_not_given_the_particulars(client: Client) -> None:
    page = client.submit("/en/", {}, form="#start")
    page = client.send(page, {"what": "Damp."}, press="Skip the opt")
    page = client.send(page, {"name": "Amal", "address": "4 Elm Court", "by_post": "y"}, press="Skip the opt")
    client.send(page, {}, form="#send")
    client.submit("/en/", {"who": "helping"}, form="#start")
    assert client.page("/en/tell-us/reach").one("#name").get("value", "") == ""


def test_a_quick_way_out_once_somebody_is_threatened(client: Client) -> None:
    page = client.submit("/en/", {}, form="#start")
    client.send(page, {"what": "Damp."}, press="Continue")
    assert "Leave this page quickly" not in client.page("/en/tell-us/wanted").main
    begun(client)
    for name in ("danger-now", "wanted", "reach"):
        page = client.page(f"/en/tell-us/{name}")
        assert "Leave this page quickly" in page.text
    left = client.get(page.link("Leave this page quickly"))
    assert left.status_code == 303
    assert not left.location.startswith("/")
    assert client.page("/en/tell-us/what").one("#what").get_text().strip() == ""
