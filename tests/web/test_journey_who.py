"""Everybody who may write to us: helpers, groups, elected people, the nameless, and other things to say."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from shared.cases import queries
from shared.cases.state import CaseState
from shared.config import Config
from shared.db import db
from shared.identity.actors import Representative, Resident
from shared.models import Case, Draft, Letter, OutboxMessage
from shared.vocab import ConsentScope, Kind, Stage
from tests.support.client import Client, Page
from wsgi import create_app

SHORT_WAY = "Skip the optional questions"
HOME = {"name": "Amal Haddad", "address": "4 Elm Court"}
CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")


def told(client: Client, who: str, **words: str) -> Page:
    page = client.submit("/en/", {"who": who}, form="#start")
    return client.send(page, {"what": "The lift is broken.", **words}, press=SHORT_WAY)


def state() -> CaseState:
    row = db.session.query(Case).one()
    return queries.case(row.ref, Resident(row.ref, "")).state


def test_a_helper_starts_it_at_once_and_sees_a_receipt_and_nothing_else(client: Client) -> None:
    page = told(client, "helping")
    assert page.h1 == "About you"
    page = client.send(page, {"helper_name": "Sam Ali"}, press="Continue", status=422)
    assert page.errors == ["Enter your email address or your phone number"]
    answers = {"helper_relation": "friend", "helper_email": "sam@example.org", "helper_group": "Age UK"}
    page = client.send(page, answers, press="Continue")
    assert page.h1 == "Who are you helping?"
    page = client.send(page, HOME, press=SHORT_WAY)
    page = client.send(page, {}, form="#send")
    assert page.h1 == "We have your complaint"
    assert "Until then we can only show you this receipt." in page.main

    case = db.session.query(Case).one()
    assert case.stage == Stage.RECEIVED
    assert case.next_due_on is not None, "the clock runs before anybody has agreed to anything"
    helper = Representative(case.ref, "Sam Ali", ConsentScope.NONE)
    view = queries.case(case.ref, helper)
    assert view.events == ()
    assert [letter.kind for letter in view.letters] == ["receipt"]
    assert view.state.helper is not None
    assert view.state.helper.relationship == "friend"
    assert view.state.resident is not None
    assert view.state.resident.name == "Amal Haddad"
    to_the_resident = {row.kind for row in db.session.query(Letter) if row.to == "resident"}
    assert to_the_resident <= {"consent"}, "by post, to ask whether the helper may be told"


def test_a_helper_is_shown_only_the_own_code(client: Client) -> None:
    page = told(client, "helping")
    page = client.send(
        page, {"helper_name": "Sam", "helper_relation": "family", "helper_phone": "07700900982"}, press="Con"
    )
    page = client.send(page, HOME, press=SHORT_WAY)
    page = client.send(page, {}, form="#send")
    from shared.identity import access

    [code] = set(CODE.findall(page.main))
    case = db.session.query(Case).one()
    key = access.check_access_code(db.session(), case.id, code)
    assert key is not None
    assert key.person == f"representative:{case.ref}:1"


def test_an_mp_writes_for_a_resident(client: Client) -> None:
    page = told(client, "elected")
    assert "Solicitor" not in page.main
    answers = {
        "helper_name": "Office of Jo Bell MP",
        "helper_relation": "mp",
        "helper_email": "jo@example.org",
    }
    page = client.send(page, answers, press="Continue")
    page = client.send(page, HOME, press=SHORT_WAY)
    page = client.send(page, {}, form="#send")
    assert "we call your office" in page.main
    found = state()
    assert found.consent.basis == "elected_representative"
    assert found.consent.scope is ConsentScope.NONE


def test_nobody_writes_to_somebody_who_has_died(client: Client) -> None:
    page = told(client, "helping")
    answers = {"helper_name": "Sam", "helper_relation": "executor", "helper_email": "sam@example.org"}
    page = client.send(page, answers, press="Continue")
    assert page.h1 == "Who is this about?"
    assert not page.all("[name=email], [name=phone], [name=by_post]")
    page = client.send(page, HOME, press="Continue")
    assert page.h1.startswith("Which of these"), "and is not asked what is safe for them"
    page = client.send(client.page("/en/tell-us/check"), {}, form="#send")
    assert "photo of the paper" in page.main
    assert "We ask the person" not in page.main
    assert [row.recipient for row in db.session.query(OutboxMessage)] == ["sam@example.org"]


def test_who_asks_for_a_helper_to_be_called_gives_the_helpers_number(client: Client) -> None:
    page = client.submit("/en/", {"who": "helping"}, form="#start")
    page = client.send(page, {"write_for_me": "y"}, press=SHORT_WAY)
    answers = {"helper_name": "Sam", "helper_email": "sam@example.org"}
    page = client.send(page, answers, press="Continue", status=422)
    assert page.errors == ["Enter your phone number, so that we can call you"]


def test_neighbours_complain_together_through_one_of_them(client: Client) -> None:
    page = told(client, "group")
    assert page.h1 == "Who are you, and how can we reach you?", "who the others are may be left out"
    page = client.page("/en/tell-us/group")
    people = "Flat 1: Bo\n\nFlat 2: Di"
    page = client.send(page, {"group_name": "Residents of Elm Court", "group_people": people}, press="Con")
    assert "Name of the person we should write to" in page.main
    page = client.send(page, HOME | {"phone": "01632 960 001"}, press=SHORT_WAY)
    client.send(page, {}, form="#send")
    found = state()
    assert found.group == "Residents of Elm Court\nFlat 1: Bo\nFlat 2: Di"


def test_without_a_name_it_is_passed_on_and_says_so(client: Client) -> None:
    page = told(client, "anonymous")
    assert page.h1 == "Check your answers and send"
    assert "we cannot tell you what we do about it" in page.main
    page = client.page("/en/tell-us/place?back=check")
    page = client.send(page, {"address": "The stairs of Elm Court"}, press="Continue")
    page = client.send(page, {}, form="#send")
    assert "We cannot tell you what we do about it." in page.main
    assert not CODE.search(page.main)
    case = db.session.query(Case).one()
    assert case.ref in page.main
    assert case.home == "The stairs of Elm Court"
    assert db.session.query(Letter).count() == 0


def test_nobody_without_a_name_is_asked_for_one(client: Client) -> None:
    page = client.submit("/en/", {"who": "anonymous"}, form="#start")
    assert "Call me" not in page.main
    for _ in range(12):
        if page.h1.startswith("Check"):
            break
        assert not page.all("#name, #email, #phone, #helper_name")
        words = {"what": "Rats"} if page.all("#what") else {}
        page = client.send(page, words, press="Continue" if words else "Skip this question")
    assert page.h1.startswith("Check")


def test_thanks_take_two_questions_and_no_name(client: Client) -> None:
    page = client.send(client.page("/en/"), {}, form="#other", press="Thank us")
    assert page.h1 == "What did we do well?"
    assert "999" not in page.main
    page = client.send(page, {"what": "Your plumber was kind."}, press="Continue")
    page = client.send(page, {}, press="Continue")
    assert page.h1 == "Check your answers and send"
    page = client.send(page, {}, form="#send")
    assert page.h1 == "Thank you. We have what you wrote."
    case = db.session.query(Case).one()
    assert (case.kind, case.stage) == (Kind.COMPLIMENT, Stage.RECORDED)


def test_a_request_is_not_a_complaint_and_can_become_one(client: Client) -> None:
    page = client.send(client.page("/en/"), {}, form="#other", press="Ask us to do something")
    assert page.h1 == "What do you need us to do?"
    page = client.send(page, {"what": "Please mend the tap."}, press=SHORT_WAY)
    page = client.send(page, HOME | {"email": "amal@example.org"}, press=SHORT_WAY)
    page = client.send(page, {}, form="#send")
    assert "you can complain at any time" in page.main
    case = db.session.query(Case).one()
    assert (case.kind, case.stage) == (Kind.SERVICE_REQUEST, Stage.SERVICE_REQUEST)
    assert case.next_due_on is None


def test_a_link_from_a_poster_fills_in_campaign_and_building(client: Client) -> None:
    page = client.page("/complain?campaign=damp-2026&building=Elm%20Court<script>%00")
    assert "This is about Elm Courtscript" in page.main
    page = client.send(page, {}, form="#start")
    page = client.send(page, {"what": "Damp"}, press=SHORT_WAY)
    assert page.one("#address").get_text().strip() == "Elm Courtscript"
    page = client.send(page, {"name": "Amal", "address": "4 Elm Court", "by_post": "y"}, press=SHORT_WAY)
    client.send(page, {}, form="#send")
    assert state().campaign == "damp-2026"


def test_answers_to_questions_no_longer_asked_are_left_out(client: Client) -> None:
    page = told(client, "helping")
    answers = {"helper_name": "Sam", "helper_relation": "friend", "helper_email": "sam@example.org"}
    page = client.send(page, answers, press="Continue")
    page = client.send(page, HOME | {"email": "amal@example.org"}, press=SHORT_WAY)
    page = client.send(client.page("/en/tell-us/who?back=check"), {"who": "me"}, press="Continue")
    assert "Sam" not in page.main
    client.send(page, {}, form="#send")
    assert state().helper is None
    assert db.session.query(Draft).one().answers["helper_name"] == "Sam"


def test_another_kind_begins_anew(client: Client) -> None:
    client.send(client.submit("/en/", {}, form="#start"), {"what": "Noise"}, press="Continue")
    page = client.send(client.page("/en/"), {}, form="#other", press="Tell us what you think")
    assert page.h1 == "What do you want to tell us?"
    assert page.one("#what").get_text().strip() == ""
    assert db.session.query(Draft).count() == 2


def test_no_receipt_without_having_sent(client: Client) -> None:
    assert client.page("/en/receipt").h1 == "Tell us that something is wrong"
    assert client.page("/en/receipt/copy").h1 == "Tell us that something is wrong"
    assert client.get("/en/receipt/qr.svg").status_code == 404


def test_neighbours_who_say_no_more_are_several_all_the_same(client: Client) -> None:
    page = told(client, "group")
    page = client.send(page, HOME | {"by_post": "y"}, press=SHORT_WAY)
    client.send(page, {}, form="#send")
    assert state().group == "Several neighbours"


def test_a_helper_need_not_say_who_they_are_to_the_person(client: Client) -> None:
    page = told(client, "helping")
    page = client.send(page, {"helper_name": "Sam", "helper_email": "sam@example.org"}, press="Continue")
    page = client.send(page, HOME, press=SHORT_WAY)
    client.send(page, {}, form="#send")
    found = state()
    assert found.helper is not None
    assert (found.helper.relationship, found.consent.basis) == ("", "")


@pytest.mark.parametrize("slug", ["halton", "housing-services", "harrogate"])
def test_every_landlord_takes_it_from_its_file_alone(app: Flask, config: Config, slug: str) -> None:
    other = create_app(replace(config, landlord=slug))
    other.test_client_class = Client
    with other.app_context():
        client = other.test_client()
        assert isinstance(client, Client)
        page = told(client, "me")
        client.page("/en/tell-us/danger")
        page = client.send(
            client.page("/en/tell-us/reach"), HOME | {"email": "a@example.org"}, press=SHORT_WAY
        )
        page = client.send(page, {}, form="#send")
        assert page.h1 == "We have your complaint"
        case = db.session.query(Case).one()
        assert case.landlord == slug
        assert case.next_due_on is not None
        db.session.remove()
        db.engine.dispose()  # its own connections, beside those of the application that all tests share
