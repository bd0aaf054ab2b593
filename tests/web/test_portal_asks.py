"""Mediation and a formal answer: asked for on the resident's pages, with or without a word."""

import pytest
from flask import Flask

from shared.cases import commands as c
from shared.cases import queries
from shared.cases.state import CaseState
from shared.letters.facts import Words
from shared.vocab import CloseReason, Kind, Risk, Stage
from tests.support.client import Client
from tests.support.portal import Complaint, Team, complaint, sign_in, team

MINE = "/en/my-complaint"
AGREED = "She agreed on the phone to have it mended today instead of a letter."


@pytest.fixture
def people(app: Flask) -> Team:
    return team()


@pytest.fixture
def case(people: Team, client: Client) -> Complaint:
    found = complaint()
    sign_in(client, found.ref, found.code)
    return found


def state(case: Complaint) -> CaseState:
    return queries.case(case.ref, case.resident).state


@pytest.mark.parametrize("words", ["", "The two of you could talk with me."])
def test_mediation_is_asked_for_in_one_press_and_changes_no_date(
    client: Client, case: Complaint, people: Team, words: str
) -> None:
    people.acknowledge(case.ref)
    before = queries.case(case.ref, case.resident).duties
    page = client.page(client.page(MINE).link("Ask for mediation"))
    assert "takes no side" in page.main
    client.send(page, {"words": words}, form="#answer")
    assert "We have your request for mediation" in client.page(f"{MINE}?done=mediation").main
    assert (words or "Asked for on the portal.") in state(case).mediation
    assert queries.case(case.ref, case.resident).duties == before
    assert "You asked for mediation" in client.page(f"{MINE}/history").main


def test_after_a_quick_resolution_a_formal_answer_is_one_press_away(
    client: Client, case: Complaint, people: Team
) -> None:
    people.does(case.ref, c.Triage(risk=Risk.ROUTINE, note=AGREED, quick_resolution_agreed=True))
    people.does(case.ref, c.RecordLearning(theme="repairs", words="Send the plumber first."))
    people.does(case.ref, c.Close(reason=CloseReason.RESOLVED, words=Words("She rang: it works.")))
    assert state(case).stage is Stage.CLOSED
    page = client.page(client.page(MINE).link("Ask for a formal answer"))
    client.send(page, {"reason": ""}, form="#answer")
    assert state(case).stage is Stage.RECEIVED
    assert "We opened the record again" in client.page(f"{MINE}/history").main


@pytest.mark.parametrize("kind", [Kind.SERVICE_REQUEST, Kind.COMMENT])
def test_what_was_taken_for_less_is_told_and_is_a_complaint_at_her_word(
    client: Client, case: Complaint, people: Team, kind: Kind
) -> None:
    before = queries.case(case.ref, case.resident).duties
    people.does(case.ref, c.Triage(kind=kind, risk=Risk.ROUTINE, note="She only asks for a repair."))
    letter = queries.case(case.ref, case.resident).letters[-1]
    assert letter.kind == "progress"
    shown = client.page(f"{MINE}/letters/{letter.id}")
    assert "If you want it to be a complaint, tell us in any way." in shown.main
    page = client.page(client.page(MINE).link("Ask for a formal answer"))
    client.send(page, {"reason": "It is a complaint."}, form="#answer")
    assert (state(case).kind, state(case).stage) == (Kind.COMPLAINT, Stage.RECEIVED)
    assert queries.case(case.ref, case.resident).duties == before


def test_nobody_asks_for_a_formal_answer_where_one_is_on_its_way(client: Client, case: Complaint) -> None:
    assert "Ask for a formal answer" not in client.page(MINE).main
    assert client.get(f"{MINE}/formal-answer").status_code == 403


def test_the_days_she_has_say_why(client: Client, case: Complaint, people: Team) -> None:
    people.acknowledge(case.ref)
    people.promise(case.ref)
    people.respond(case.ref)
    why = client.page(MINE).all("details")[0].get_text(" ")
    assert "You have 20 working days" in why
    assert "the day of our answer" in why
