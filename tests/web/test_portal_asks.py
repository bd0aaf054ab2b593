"""Mediation, a panel and a formal answer: asked for on the resident's pages, with or without a word."""

import pytest
from flask import Flask

from shared import clock
from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.state import Panel
from shared.letters.facts import Words
from shared.vocab import CloseReason, Kind, Risk, Stage
from tests.support import portal
from tests.support.client import Client
from tests.support.portal import Complaint, Team, complaint, sign_in

MINE = "/en/my-complaint"
AGREED = "She agreed on the phone to have it mended today instead of a letter."


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
    assert (words or "Asked for on the portal.") in case.state.mediation
    assert queries.case(case.ref, case.resident).duties == before
    assert "You asked for mediation" in client.page(f"{MINE}/history").main


def test_after_a_quick_resolution_a_formal_answer_is_one_press_away(
    client: Client, case: Complaint, people: Team
) -> None:
    people.does(case.ref, c.Triage(risk=Risk.ROUTINE, note=AGREED, quick_resolution_agreed=True))
    people.does(case.ref, c.RecordLearning(theme="repairs", words="Send the plumber first."))
    people.does(case.ref, c.Close(reason=CloseReason.RESOLVED, words=Words("She rang: it works.")))
    assert case.state.stage is Stage.CLOSED
    page = client.page(client.page(MINE).link("Ask for a formal answer"))
    client.send(page, {"reason": ""}, form="#answer")
    assert case.state.stage is Stage.RECEIVED
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
    assert (case.state.kind, case.state.stage) == (Kind.COMPLAINT, Stage.RECEIVED)
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


# ---- the landlord's panel, inside stage 2 -----------------------------------------------------------------


@pytest.fixture
def review(app: Flask, people: Team, client: Client, monkeypatch: pytest.MonkeyPatch) -> Complaint:
    """A review that was acknowledged, at a landlord that offers a panel with it."""
    monkeypatch.setattr(portal, "LANDLORD", "harrogate")
    case = complaint()
    people.acknowledge(case.ref)
    people.promise(case.ref)
    people.respond(case.ref)
    sign_in(client, case.ref, case.code)
    assert client.get(f"{MINE}/panel").status_code == 403  # nothing to ask for before stage 2
    service.perform(case.ref, c.Escalate(), case.resident)
    assert client.get(f"{MINE}/panel").status_code == 403  # nor before it was offered
    people.acknowledge(case.ref, people.manager)
    return case


def test_the_panel_is_asked_for_in_one_press_and_comes_before_the_final_answer(
    client: Client, review: Complaint, people: Team
) -> None:
    mine = client.page(MINE)
    assert "Customer Liaison Committee" in mine.one("#_asked").get_text()
    page = client.page(mine.link("Tell us if you want the panel"))
    client.send(page, {"words": "My sister comes with me."}, form="#answer", press="Yes, I want the panel")
    panel = review.state.panel
    assert panel is not None
    assert panel.asked_on == clock.today()
    assert panel.awaited
    mine = client.page(f"{MINE}?done=panel")
    assert "We wrote down your answer about the panel" in mine.main
    assert "You asked for the panel. It meets before we send you our final answer." in mine.main
    assert not mine.all("#_asked")
    assert "You asked for the panel" in client.page(f"{MINE}/history").main
    names = {duty.name.value for duty in queries.case(review.ref, review.resident).duties}
    assert names == {"stage_2_response", "panel_meeting"}  # one stage 2, and its date stays
    with pytest.raises(service.Refused, match="asked for the panel"):
        people.respond(review.ref, people.manager)


def test_who_does_not_want_the_panel_can_still_change_her_mind(
    client: Client, review: Complaint, people: Team
) -> None:
    page = client.page(f"{MINE}/panel")
    client.send(page, {"words": ""}, form="#answer", press="No, I do not want the panel")
    assert review.state.panel == Panel(declined=True)
    page = client.page(client.page(MINE).link("Tell us if you want the panel"))
    assert "You can change your mind" in page.main
    assert not page.all("button[value=declined]")
    client.send(page, {"words": ""}, form="#answer", press="Yes, I want the panel")
    panel = review.state.panel
    assert panel is not None
    assert panel.awaited


def test_after_the_panel_met_there_is_nothing_left_to_ask_for(
    client: Client, review: Complaint, people: Team
) -> None:
    met = c.HoldPanel(step="held", happened_on=clock.today(), words="All were there.", attended=True)
    page = client.page(f"{MINE}/panel")
    people.does(review.ref, met, people.manager)
    assert "Tell us if you want the panel" not in client.page(MINE).main
    refused = client.send(page, {"words": ""}, form="#answer", press="Yes, I want the panel", status=403)
    assert "This is not possible now" in refused.main


@pytest.mark.parametrize("step", ["held", "outcome", "", "x" * 5000])
def test_a_resident_writes_down_no_step_of_the_panel_that_is_ours(
    client: Client, review: Complaint, step: str
) -> None:
    page = client.page(f"{MINE}/panel")
    token, seen = page.one("#answer [name=csrf_token]")["value"], page.one("#answer [name=seen]")["value"]
    answer = client.post(
        f"{MINE}/panel", data={"csrf_token": token, "seen": seen, "press": step, "words": "Mine"}
    )
    assert answer.status_code == 422
    assert "Mine" in answer.text
    assert review.state.panel is None
    with pytest.raises(service.Refused):
        service.perform(review.ref, c.HoldPanel(step=step, happened_on=clock.today()), review.resident)


def test_where_there_is_no_panel_there_is_nothing_to_ask_for(
    client: Client, case: Complaint, people: Team
) -> None:
    people.acknowledge(case.ref)
    people.promise(case.ref)
    people.respond(case.ref)
    service.perform(case.ref, c.Escalate(), case.resident)
    people.acknowledge(case.ref, people.reviewer)
    assert "panel" not in client.page(MINE).main
    assert client.get(f"{MINE}/panel").status_code == 403
