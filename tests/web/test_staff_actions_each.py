"""Each action of staff through its page: what it leaves on the case, and what stands in its way."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import files, service
from shared.cases.state import Commitment, Need, Person, Story
from shared.db import db
from shared.identity.actors import Resident
from shared.models import Attachment, Letter
from shared.vocab import Channel, CloseReason, ConsentScope, Finding, Kind, Role, Stage
from tests.support import staff as made
from tests.support.desk import Desk, Life, day, desk_of, life


def photo(name: str = "wall.jpg") -> tuple[BytesIO, str]:
    """A small picture, as a browser sends it."""
    stream = BytesIO()
    Image.new("RGB", (40, 30), "green").save(stream, "JPEG")
    stream.seek(0)
    return stream, name


def officer_of(app: Flask, case: Life) -> Desk:
    return desk_of(app, case.officer, case.ref)


def resident(case: Life, command: c.Command) -> None:
    service.perform(case.ref, command, Resident(case.ref, "Mina Rahman"))
    db.session.expire_all()


# Taking it in ---------------------------------------------------------------------------------------------------


def test_triage(app: Flask) -> None:
    desk = officer_of(app, life())
    assert "Choose how urgent it is" in desk.do("triage", {}, status=422).errors
    desk.do("triage", {"risk": "danger", "at_risk": "A child", "note": "Water by the fuse box."})
    assert (desk.state.risk, desk.state.at_risk) == ("danger", "A child")


def test_triage_to_a_service_request_needs_its_reason(app: Flask) -> None:
    desk = officer_of(app, life())
    page = desk.do("triage", {"kind": "service_request", "risk": "routine"}, status=422)
    assert "1.3" in page.errors[0]
    desk.press(page, {"note": "A first request for a repair. She agrees."})
    assert (desk.state.kind, desk.state.stage) == (Kind.SERVICE_REQUEST, Stage.SERVICE_REQUEST)


def test_a_contact_recorded_later_shows_both_days(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.handler, case.ref)
    desk.do(
        "record_contact",
        {
            "channel": "visit",
            "words": "Saw the mould.",
            **day("happened_on", -2),
            "happened_time": "14.30",
            "contact_agreement": "A call each Friday",
            "contact_every_days": "7",
            "uploads": [photo()],
        },
    )
    state = desk.state
    assert state.milestones.first_contact_at is None  # it was before anybody was named to look into it
    assert (state.contact_agreement, state.contact_every_days) == ("A call each Friday", 7)
    assert "written down later" in desk.see().text
    assert db.session.get_one(Attachment, state.files[0].id).internal
    desk.do("record_contact", {"words": "Rang her."})
    assert desk.state.milestones.first_contact_at is not None


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({**day("happened_on", 1)}, "It is in the future"),
        ({"happened_on-day": "31", "happened_on-month": "2", "happened_on-year": "2026"}, "no such day"),
        ({"happened_time": "25:00"}, "Enter the time"),
        ({"contact_every_days": "often"}, "Enter a whole number"),
        ({"words": ""}, "5.12"),
        ({"words": "x" * 20_001}, "characters or fewer"),
    ],
)
def test_a_contact_that_cannot_be(app: Flask, typed: dict[str, Any], says: str) -> None:
    desk = officer_of(app, life())
    page = desk.do("record_contact", {"words": "Rang her.", **typed}, status=422)
    assert says in " ".join(page.errors)
    assert desk.view.version == 1


def test_a_file_survives_a_mistake_elsewhere(app: Flask) -> None:
    desk = officer_of(app, life())
    page = desk.do("note", {"text": "", "uploads": [photo("damp.jpg")]}, status=422)
    assert "damp.jpg" in page.text
    desk.press(page, {"text": "The picture of the wall."})
    assert [f.name for f in desk.state.files] == ["damp.jpg"]


def test_a_file_that_is_none_is_refused_in_words(app: Flask) -> None:
    desk = officer_of(app, life())
    page = desk.do("note", {"text": "See this.", "uploads": [(BytesIO(b""), "empty.jpg")]}, status=422)
    assert "empty.jpg\u2069: The file is empty" in page.errors[0]
    assert page.one("[name=text]").get_text().strip() == "See this."


def test_nobody_can_claim_a_file_that_is_not_theirs(app: Flask) -> None:
    case = life()
    first, second = officer_of(app, case), Desk.of(app, Role.MANAGER, case.ref)
    page = first.do("note", {"text": "", "uploads": [photo()]}, status=422)
    token = page.one("[name=kept_files]")["value"]
    form = second.form("note")
    sent = {"csrf_token": form.one("#csrf-act")["value"], "seen": "1", "do": "save", "text": "Mine now"}
    for forged in (token, f"{token}x", "[[1]]", "x"):
        answer = second.client.post(second.url("note"), data={**sent, "kept_files": forged})
        sent["seen"] = str(second.view.version)
        assert answer.status_code in {303, 409}
    assert second.state.files == ()


def test_files_can_be_looked_at_and_cannot_steer_the_page(app: Flask) -> None:
    desk = officer_of(app, life())
    desk.do("add_information", {"text": "Two pictures.", "uploads": [photo("a.jpg"), photo("b.jpg")]})
    page = desk.see("?tab=files")
    shown = [str(one["src"]) for one in page.all("main img")]
    assert len(shown) == 2
    for url in shown:
        answer = desk.client.get(url)
        assert answer.mimetype == "image/jpeg"
        assert answer.headers["Content-Security-Policy"].endswith("; sandbox")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    kept = desk.client.get(page.link("Download"))
    assert kept.headers["Content-Disposition"].startswith("attachment")
    other = made.complaint(name="Ola Other")
    assert desk.client.get(f"/staff/cases/{other}/files/{desk.state.files[0].id}").status_code == 404


def test_message(app: Flask) -> None:
    desk = officer_of(app, life(language="ar"))
    desk.do("message", {"text": "مرحبا", "language": "ar", "uploads": [photo()]})
    message = desk.state.messages[0]
    assert (message.text, message.language, message.from_staff) == ("مرحبا", "ar", True)
    assert not db.session.get_one(Attachment, message.files[0]).internal
    assert "Sent to resident" in desk.see().text


def test_change_contact(app: Flask) -> None:
    desk = officer_of(app, life())
    page = desk.do(
        "change_contact", {"email": "", "phone": "", "address": "", "safety": ["no_calls"]}, status=422
    )
    assert "Keep at least one way" in page.errors[0]
    assert "Enter an email address" in desk.press(page, {"email": "nothing"}, status=422).errors[0]
    desk.press(page, {"email": "new@resident.example", "postcode": "wa8 0td", "prefers": "letter"})
    state = desk.state
    assert state.resident is not None
    assert (state.resident.email, state.resident.postcode) == ("new@resident.example", "WA8 0TD")
    assert state.resident.prefers is Channel.LETTER
    assert state.safety.no_calls
    assert "Do not call" in desk.see().text


def test_needs_are_changed_and_reviewed(app: Flask) -> None:
    desk = officer_of(app, life(needs=(Need(code="large_print"),)))
    desk.do("change_needs", {"needs": ["large_print", "interpreter"], "other": "No strip lights"})
    assert [n.code for n in desk.state.needs] == ["large_print", "interpreter", "other"]
    desk.do("meet_need", {"code": "interpreter", "met": "no", "owner": "Olu", **day("review_on", 30)})
    need = next(n for n in desk.state.needs if n.code == "interpreter")
    assert (need.met, need.owner) == (False, "Olu")
    assert "An interpreter" in desk.see().text


# Understanding --------------------------------------------------------------------------------------------------


def test_a_definition_says_what_it_lacks_and_counts_its_versions(app: Flask) -> None:
    desk = officer_of(app, life())
    page = desk.do("define", {}, status=422)
    said = " ".join(page.errors)
    assert said.count("5.6") == 2
    assert said.count("5.7") == 2
    assert "version 1" in page.text
    filled = {
        "points-0-text": "Mould",
        "points-0-ours": "no",
        "outcomes-0-text": "A clean wall",
        "responsible_for": "The wall.",
        "not_responsible_for": "The furniture.",
    }
    desk.press(page, filled)
    definition = desk.state.definition
    assert definition is not None
    assert not definition.points[0].ours
    again = desk.form("define")
    assert "version 2" in again.text
    more = desk.press(again, {}, press="Add another point")
    fewer = desk.press(more, {"points-1-text": "A second"}, press="Remove point 1")
    assert fewer.one("[name=points-1-text]").get_text().strip() == "A second"
    desk.press(fewer, {})
    definition = desk.state.definition
    assert definition is not None
    assert [(p.number, p.text.text) for p in definition.points] == [(1, "A second")]
    assert definition.version == 2


def test_a_question_and_its_answer(app: Flask) -> None:
    desk = officer_of(app, life().defined())
    desk.send("ask_clarification", {"question": "Which wall is it?"})
    assert "Waiting for an answer" in desk.see("?tab=points").text
    desk.do("answer_clarification", {"answer": "The north one. By telephone."})
    assert desk.state.clarifications[0].answer == "The north one. By telephone."


def test_acknowledging_names_what_comes_first(app: Flask) -> None:
    desk = officer_of(app, life())
    page = desk.do("acknowledge", {"message": "Thank you."}, status=422)
    assert "Write the complaint definition first" in page.errors[0]
    assert "Name who looks into the complaint first" in page.errors[1]


REFUSAL = {
    "reasons": "It was looked at last year.",
    "evidence": "HAL-2025-0001",
    "exceptional": "Nothing new has come.",
}


def test_not_accepting_weighs_ground_approver_and_court(app: Flask) -> None:
    case = life()
    manager = made.colleague(Role.MANAGER)
    desk = officer_of(app, case)
    page = desk.do("not_accept", {}, status=422)
    assert "Choose a ground that the Code allows" in page.errors
    caution = "the Code asks that the claim form and particulars have been filed"
    assert caution in page.text
    refused = desk.press(
        page, {**REFUSAL, "ground": "legal_proceedings", "approver": str(manager.id)}, status=422
    )
    assert "A letter before action is no ground" in " ".join(refused.errors)
    refused = desk.press(
        page, {**REFUSAL, "ground": "already_considered", "approver": str(case.officer.id)}, status=422
    )
    assert "Choose who approved this" in " ".join(refused.errors)
    good = {**REFUSAL, "ground": "already_considered", "approver": str(manager.id)}
    refused = desk.do("not_accept", good, status=422)
    assert "has not said yes to the ground “already considered”" in " ".join(refused.errors)
    desk.asks("not_accept", good, desk_of(app, manager, case.ref))
    desk.send("not_accept", {})
    assert desk.state.stage is Stage.NOT_ACCEPTED
    desk.do("accept_by_order", {"words": "Investigate it.", **day("ordered_on")})
    assert desk.state.stage is Stage.RECEIVED


def test_a_ground_that_nobody_offered_is_refused(app: Flask) -> None:
    case = life()
    manager = made.colleague(Role.MANAGER)
    desk = officer_of(app, case)
    page = desk.form("not_accept")
    token = page.one("#csrf-act")["value"]
    data = {**REFUSAL, "ground": "they_are_rude", "approver": str(manager.id)}
    answer = desk.client.post(
        desk.url("not_accept"), data={**data, "csrf_token": token, "seen": "1", "do": "send"}
    )
    assert answer.status_code == 422
    assert desk.state.stage is Stage.RECEIVED


def test_an_escalation_is_declined_only_on_the_codes_grounds(app: Flask) -> None:
    case = life().escalated()
    manager = made.colleague(Role.MANAGER)
    desk = officer_of(app, case)
    offered = {str(o["value"]) for o in desk.form("decline_escalation").all("[name=ground]")}
    assert "late_without_reason" not in offered
    assert "legal_proceedings" in offered
    good = {**REFUSAL, "ground": "already_considered", "approver": str(manager.id)}
    desk.asks("decline_escalation", good, desk_of(app, manager, case.ref))
    desk.send("decline_escalation", {})
    assert desk.state.stage is Stage.STAGE_1_ANSWERED


# Answering ------------------------------------------------------------------------------------------------------


def test_one_point_or_all_of_them(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.handler, case.ref)
    page = desk.form("decide", "?point=2")
    assert page.all("[name^=p1-]") == []
    assert "Decide at least one point" in desk.press(page, {}, status=422).errors
    desk.press(page, {"p2-finding": "upheld", "p2-reasons": "We did not ring.", "p2-basis": "Call policy"})
    assert set(desk.state.decisions_at(1)) == {2}
    page = desk.do("decide", {"p1-finding": "partly_upheld", "p2-reasons": ""}, status=422)
    assert sorted(page.errors) == sorted(
        [
            "Write the reasons for this decision (Complaint Handling Code 2024, 6.9)",
            "Write which policy, law or good practice this rests on (Complaint Handling Code 2024, 6.7)",
            "Write the reasons for this decision (Complaint Handling Code 2024, 6.9)",
        ]
    )
    assert set(desk.state.decisions_at(1)) == {2}
    desk.press(page, {"p1-reasons": "In part.", "p1-basis": "Policy", "p2-reasons": "No ring."})
    assert desk.state.decisions_at(1)[1].finding is Finding.PARTLY_UPHELD


MONEY = {"kind": "money", "text": "For the delay", **day("by_on", 10)}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"amount": "12.345"}, "Enter an amount in pounds"),
        ({"amount": "ten"}, "Enter an amount in pounds"),
        ({"amount": "-5"}, "Enter an amount in pounds"),
        ({"amount": "1e3"}, ""),
        ({"amount": "NaN"}, "Enter an amount in pounds"),
        ({"amount": ""}, "Enter the amount in pounds"),
        ({"amount": "100", "breakdown-0-text": "x", "breakdown-0-amount": "99.99"}, "add up"),
        ({"amount": "100", "by_on-day": "", "by_on-month": "", "by_on-year": ""}, "7.3"),
        ({"amount": "250.01"}, "above your limit"),
        ({"amount": "20", "ordered_by_ombudsman": "y", "offset_arrears": "y"}, "cannot be set against"),
    ],
)
def test_money_that_cannot_be(app: Flask, typed: dict[str, Any], says: str) -> None:
    desk = officer_of(app, life())
    page = desk.do("offer_remedy", {**MONEY, **typed}, status=422)
    assert says in " ".join(page.errors)
    assert page.one("[name=amount]")["value"] == typed["amount"]
    assert desk.state.remedies == ()


@pytest.mark.parametrize(
    ("typed", "pence"),
    [("£150.50", 15050), ("150", 15000), ("1,0.10", 1010), ("0.01", 1), ("١٢٫٥", None), ("250.00", 25000)],
)
def test_money_is_read_exactly(app: Flask, typed: str, pence: int | None) -> None:
    desk = officer_of(app, life())
    desk.do("offer_remedy", {**MONEY, "amount": typed}, status=200 if pence else 422)
    assert [r.amount_pence for r in desk.state.remedies] == ([pence] if pence else [])


def test_money_above_the_own_limit_names_its_approver_and_is_settled(app: Flask) -> None:
    case = life()
    director = made.colleague(Role.DIRECTOR)
    desk = officer_of(app, case)
    page = desk.form("offer_remedy")
    assert "No heating and no hot water: £15.00 for each day" in page.text
    page = desk.press(page, {**MONEY}, press="Add another line")
    sums = {
        "amount": "1,250.00",
        "breakdown-0-text": "Delay",
        "breakdown-0-amount": "1000",
        "breakdown-1-text": "Time and trouble",
        "breakdown-1-amount": "250",
        "approver": str(director.id),
    }
    refused = desk.press(page, sums, status=422)
    assert "has not said yes to £1,250.00" in " ".join(refused.errors)
    desk.press(refused, {}, press="Save draft")
    desk.do("ask_check", {"about": "offer_remedy", "of": str(director.id)})
    top = desk_of(app, director, case.ref)
    assert "your yes covers £1,250.00, and nothing else" in top.form("check").text
    top.do("check", {"about": "offer_remedy", "fine": "yes"})
    desk.do("offer_remedy", {})
    assert desk.state.remedies[0].breakdown == (("Delay", 100_000), ("Time and trouble", 25_000))
    assert "£1,250.00" in desk.see("?tab=points").text
    page = desk.do("settle_remedy", {"number": "1"}, status=422)
    assert "Say what the resident answered" in page.errors[0]
    desk.press(page, {"number": "1", "accepted": "yes", **day("paid_on")})
    assert desk.state.remedies[0].accepted is True
    assert desk.state.remedies[0].paid_on is not None


def test_more_time_within_the_cap_with_reason_agreement_and_approval(app: Flask) -> None:
    case = life().at_stage_1()
    manager = made.colleague(Role.MANAGER)
    desk = desk_of(app, case.handler, case.ref)
    page = desk.form("extend")
    assert "at most 10 working days" in page.text
    refused = desk.press(page, {"days": "11"}, status=422)
    said = " ".join(refused.errors)
    for words in ("Enter at most 10", "Choose a reason", "Write the reason", "Ask the resident", "approved"):
        assert words in said
    good = {
        "days": "5",
        "reason_code": "complex",
        "reason": "Two contractors have to report.",
        "agreement_sought": "y",
        "approver": str(manager.id),
    }
    old = desk.view.duties[-1].due_on
    refused = desk.do("ask_check", {"about": "extend", "of": str(manager.id)}, status=422)
    assert "Fill that page in without gaps first" in " ".join(refused.errors)
    desk.asks("extend", good, desk_of(app, manager, case.ref))
    shown = desk.do("extend", {})
    assert "New date:" in shown.text
    desk.press(shown)
    extension = desk.state.extensions[0]
    assert extension.old_due_on == old
    assert extension.new_due_on > old
    desk.do("answer_extension", {"agreed": "yes", "words": "Very well."})
    assert desk.state.extensions[0].agreed is True
    again = desk.do("extend", {**good, "days": "6"}, status=422)
    assert "exceptional" in " ".join(again.errors)


def test_mediation_and_visits_are_recorded(app: Flask) -> None:
    desk = officer_of(app, life().at_stage_1())
    desk.do("mediate", {"words": "She asked for it.", "answer": "We agreed."})
    desk.do("offer_visit", {"words": "Offered on the telephone.", "accepted": "yes"})
    assert "She asked for it." in desk.state.mediation
    assert desk.state.visits[0].accepted is True
    assert "She asked for it." in desk.see("?tab=points").text


# Promises -------------------------------------------------------------------------------------------------------


def promised(app: Flask) -> tuple[Desk, Life]:
    case = life().at_stage_1()
    desk = officer_of(app, case)
    desk.do("commit", {"text": "Paint the wall", "owner_name": "Repairs team", **day("due_on", 9)})
    return desk, case


def only(desk: Desk) -> Commitment:
    (promise,) = desk.state.commitments
    return promise


def test_a_promise_from_its_making_to_the_residents_word(app: Flask) -> None:
    desk, _ = promised(app)
    assert (only(desk).owner, only(desk).owner_id) == ("Repairs team", None)
    due_on = only(desk).due_on
    same = {"owner": str(desk.account.id), "owner_name": "", "reason": "Leave"}
    desk.do("move_commitment", same)  # only the owner changes: nobody is written to
    assert (only(desk).owner_id, only(desk).due_on) == (desk.account.id, due_on)
    desk.send("move_commitment", {**same, "reason": "Rain", **day("due_on", 12)})
    assert only(desk).due_on != due_on
    text = db.session.scalars(select(Letter.text).order_by(Letter.id.desc())).first() or ""
    assert "A promise has a new date" in text
    assert "Rain" in text
    page = desk.do("complete_commitment", {}, query="?number=1", status=422)
    assert "Write how we know it is done" in page.errors[0]
    shown = desk.press(page, {"uploads": [photo("painted.jpg")]})
    desk.press(shown)
    assert only(desk).proof_files
    assert desk.see("?tab=promises").link("See the proof")
    desk.do("confirm_commitment", {"number": "1", "done": "no", "words": "Half of it."})
    assert only(desk).open
    assert "The resident says: not done" in desk.see("?tab=promises").text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"owner_name": ""}, "Name who will see to it"),
        ({"text": ""}, "Write what we promise"),
        ({**day("due_on", -1)}, "a day that has not passed"),
        ({"due_on-day": "", "due_on-month": "", "due_on-year": ""}, "Enter the day by which"),
        ({"due_on-year": "2999"}, "too far away"),
    ],
)
def test_a_promise_that_cannot_be(app: Flask, typed: dict[str, Any], says: str) -> None:
    desk = officer_of(app, life().at_stage_1())
    good = {"text": "Paint", "owner_name": "Repairs", **day("due_on", 9)}
    assert says in " ".join(desk.do("commit", {**good, **typed}, status=422).errors)
    assert desk.state.commitments == ()


# Turns ----------------------------------------------------------------------------------------------------------


def test_stage_2_is_logged_on_behalf_without_a_reason(app: Flask) -> None:
    case = life().answered()
    desk = officer_of(app, case)
    page = desk.do("escalate", {**day("received_on", -1)}, status=422)
    assert "had not been sent then" in page.errors[0]
    page = desk.do("escalate", {"received_on-year": "1066"}, status=422)
    desk.press(page, {**day("received_on"), "channel": "phone"})
    assert desk.state.stage is Stage.STAGE_2_REQUESTED
    assert desk.state.escalation_reason == ""


def test_consent_is_recorded_with_its_words(app: Flask) -> None:
    officer, handler = made.colleague(Role.OFFICER), made.colleague(Role.HANDLER)
    submitted = c.Submit(
        language="en",
        channel=Channel.PORTAL,
        story=Story(what="Mould"),
        resident=Person(name="Mina Rahman", email="mina@resident.example"),
        helper=Person(name="Sam Ali", email="sam@helper.example", relationship="friend"),
    )
    ref = service.submit(submitted, made.actor(officer), "halton").ref
    desk = officer_of(app, Life(ref, officer, handler))
    assert "tell them nothing yet" in desk.see().text
    page = desk.do("set_consent", {"scope": "everything"}, status=422)
    assert "Write the words the resident used" in page.errors[0]
    desk.press(page, {"words": "“Talk to Sam.” On her own telephone.", "basis": "spoken"})
    assert desk.state.consent.scope is ConsentScope.EVERYTHING


def test_closing_opening_again_and_withdrawing(app: Flask) -> None:
    case = life().answered()
    desk = officer_of(app, case)
    offered = {str(o["value"]) for o in desk.form("close").all("[name=reason]")}
    assert offered == {"resolved", "no_reply"}
    page = desk.do("close", {"reason": "no_reply"}, status=422)
    assert page.errors
    needed = desk.do("close", {"reason": "resolved"}, status=422)
    assert "9.1" in needed.errors[0]
    desk.do("record_learning", {"theme": "quality", "words": "Look at the wall before the answer."})
    desk.send("close", {"reason": "resolved", "words": "You told us that the wall is dry."})
    assert desk.state.close_reason is CloseReason.RESOLVED
    assert "Write why the record opens again" in desk.do("reopen", {}, status=422).errors
    desk.do("reopen", {"reason": "She rang: the wall is wet again."})
    assert desk.state.stage is Stage.STAGE_1_ANSWERED
    desk.send("withdraw", {"reason": "She rang and asked us to stop."})
    assert desk.state.close_reason is CloseReason.WITHDRAWN


def test_learning_translations_tags_and_reminders(app: Flask) -> None:
    desk = officer_of(app, life(language="ar", what="العفن في غرفة النوم").at_stage_1())
    desk.do("record_learning", {"theme": "delay", "words": "Ring back."})
    desk.do("translate", {"of": "story", "text": "Mould in the bedroom", "translator": "Amal Interpreter"})
    page = desk.see()
    assert "العفن" in page.text
    assert "Translation by Amal Interpreter" in page.text
    desk.do("tag", {"tags": "mould,  winter   2026 ,mould"})
    assert desk.state.tags == ("mould", "winter 2026")
    desk.do("tag", {"tags": "mould"})
    assert desk.state.tags == ("mould",)
    desk.do("remind", {**day("on", 3), "reason": "Did the surveyor come?"})
    assert "Did the surveyor come?" in desk.see().text
    assert len(desk.view.duties) > 0


def test_cases_are_linked_both_ways_or_raised_anew(app: Flask) -> None:
    case = life()
    other = made.complaint(name="Ola Other")
    desk = officer_of(app, case)
    page = desk.do("link", {"how": "link", "ref": "HAL-2026-9999-1", "why": "Same leak."}, status=422)
    assert "Enter the reference of a case that you can open" in page.errors[0]
    desk.press(page, {"ref": other.lower().replace("-", " ")})
    assert desk.state.linked == (other,)
    assert desk_of(app, case.officer, other).state.linked == (case.ref,)
    desk.do("link", {"how": "raise", "what": "The new boiler is cold.", "why": "A new point, too late."})
    raised = desk.state.linked[-1]
    assert desk_of(app, case.officer, raised).state.story.what == "The new boiler is cold."


def test_what_the_resident_did_shows_as_hers(app: Flask) -> None:
    case = life()
    resident(case, c.AddInformation(text="The ceiling is wet too.", files=()))
    page = officer_of(app, case).see()
    entry = next(e for e in page.all(".app-entry") if "Information added" in e.get_text())
    assert "From the resident" in entry.get_text()


def test_what_she_writes_in_her_language_waits_for_its_translation(app: Flask) -> None:
    case = life(language="ar", what="العفن")
    resident(case, c.Message(text="أين أنتم؟", language="ar"))
    desk = officer_of(app, case)
    page = desk.see()
    assert page.text.count("Waits for a translation") == 2
    form = desk.client.page(page.all("a[href*='of=message']")[0]["href"])
    desk.press(form, {"text": "Where are you?", "translator": "Amal Interpreter"})
    page = desk.see()
    assert "Where are you?" in page.text
    assert page.text.count("Waits for a translation") == 1


def test_a_letter_that_does_not_fit_says_so_first(app: Flask) -> None:
    case = life(email="", needs=(Need(code="braille"),)).at_stage_1()
    desk = officer_of(app, case)
    desk.do("change_contact", {"safety": ["no_post"]})
    shown = desk.do("update_resident", {"message": "We came today."})
    assert "Post is not safe or not wanted" in shown.text
    assert "This resident also needs: Braille" in shown.text


def test_what_the_resident_reads_on_the_portal_is_not_called_internal(app: Flask) -> None:
    desk, _ = promised(app)
    entry = next(e for e in desk.see().all(".app-entry") if "Promise made" in e.get_text())
    assert "The resident can see it" in entry.get_text()
    desk.do("note", {"text": "Between us."})
    entry = next(e for e in desk.see().all(".app-entry") if "Between us." in e.get_text())
    assert "Internal" in entry.get_text()


def test_a_landlords_checklist_and_panel(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "LANDLORD", "harrogate")
    case = life().at_stage_2(made.colleague(Role.MANAGER, name="Rae Reviewer"))
    desk = Desk.of(app, Role.MANAGER, case.ref)
    page = desk.see("?tab=checklist")
    assert "from the record" in page.text
    asked = next(a for a in page.all("a[href*='item=']"))
    line = str(asked["href"]).partition("item=")[2]
    form = desk.client.page(str(asked["href"]))
    desk.press(form, {"answer": "no", "comment": "Not on the first visit."})
    assert desk.state.checklist[0].item == line
    assert "Not on the first visit." in desk.see("?tab=checklist").text
    refused = desk.do("hold_panel", {"step": "outcome", "words": "Upheld."}, status=422)
    assert "Record first when the panel met" in refused.errors[0]
    desk.press(refused, {"step": "held", "words": "All were there.", "attended": "yes"})
    assert desk.state.panel is not None
    assert desk.state.panel.attended is True
    assert "met on" in desk.see("?tab=points").text


def test_a_landlord_without_a_checklist_has_no_tab_for_it(app: Flask) -> None:
    desk = officer_of(app, life())
    assert "Checklist" not in desk.see().text
    assert desk.see("?tab=checklist").one("#tab-heading").get_text() == "Record"


def test_files_of_a_form_that_nobody_saved_do_not_stay_for_ever(app: Flask) -> None:
    desk = officer_of(app, life())
    desk.do("note", {"text": "", "uploads": [photo()]}, status=422)
    desk.do("note", {"text": "Kept.", "uploads": [photo("kept.jpg")]})
    assert files.tidy(1) == 0
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        assert files.tidy(1) == 1
    assert [row.name for row in db.session.scalars(select(Attachment))] == ["kept.jpg"]


def test_a_new_point_joins_with_a_reason_that_the_resident_reads(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.press(desk.form("define"), {}, press="Add another point")
    known = len(desk.state.definition.points) if desk.state.definition else 0
    more = {f"points-{known}-text": "The lift is broken too.", f"points-{known}-ours": "yes"}
    refused = desk.press(page, more, status=422)
    assert "Write why the definition changes" in " ".join(refused.errors)
    shown = desk.press(refused, {"why": "You told us of the lift on the phone."})
    assert "The lift is broken too." in shown.text
    desk.press(shown)
    assert desk.state.definition is not None
    assert len(desk.state.definition.points) == known + 1
    text = db.session.scalars(select(Letter.text).order_by(Letter.id.desc())).first() or ""
    assert "You told us of the lift on the phone." in text
