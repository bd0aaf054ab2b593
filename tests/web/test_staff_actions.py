"""What stands around every action: drafts, stale pages, double clicks, the letter before it goes, who may what."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine

from shared.cases import commands as c
from shared.cases import service
from shared.cases.state import Need
from shared.db import db
from shared.models import ActionDraft, CaseEvent, Letter
from shared.vocab import Action, Role, Stage
from staff.forms import FORMS
from tests.support import staff as made
from tests.support.desk import Desk, desk_of, life

NOTE = {"text": "She has a new telephone number."}
SYSTEM_OR_RESIDENT = {
    Action.SUBMIT,
    Action.MARK_ADDRESS,
    Action.RAISE_OVERDUE,
    Action.RECOMPUTE_DATES,
    Action.GIVE_FEEDBACK,
}


def test_every_action_of_staff_has_its_form() -> None:
    assert set(FORMS) == set(Action) - SYSTEM_OR_RESIDENT


def test_every_form_that_is_open_can_be_opened(app: Flask) -> None:
    case = life(needs=(Need(code="large_print"),)).answered()
    desk = desk_of(app, case.officer, case.ref)
    for action in sorted(desk.view.allowed):
        page = desk.form(action)
        assert page.one("#act")["action"] == desk.url(action)
        assert page.one("[name=seen]")["value"] == str(desk.view.version)


@pytest.mark.parametrize("text", ["nonsense", "submit", "raise_overdue", "recompute_dates", "draft"])
def test_what_is_no_action_of_staff_is_not_found(app: Flask, text: str) -> None:
    case = life()
    client, _ = made.signed_in(app, Role.MANAGER)
    assert client.get(f"/staff/cases/{case.ref}/{text}").status_code == 404


def test_a_case_that_is_not_there_is_not_found(app: Flask) -> None:
    client, _ = made.signed_in(app, Role.MANAGER)
    assert client.get("/staff/cases/HAL-2026-9999-9").status_code == 404
    assert client.get("/staff/cases/HAL-2026-9999-9/note").status_code == 404


# Two people on one case -----------------------------------------------------------------------------------------


def test_what_is_no_longer_open_says_so_and_keeps_the_words(app: Flask) -> None:
    case = life().defined()
    made.allocate(case.ref, case.handler, case.officer)
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("acknowledge")
    case.by(case.officer, c.Acknowledge())
    back = desk.press(page, {"message": "A personal word."}, status=409)
    assert back.h1 == "This cannot be done now"
    assert "A personal word." in back.text
    assert "Acknowledgement sent" in back.text


def test_a_second_click_finds_its_work_done(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("note")
    desk.press(page, NOTE)
    again = desk.press(page, NOTE)
    assert again.url.startswith(desk.url())
    assert desk.view.version == 2


@pytest.mark.parametrize("seen", ["", "0", "x", "-1", "99", "9" * 40])
def test_a_post_that_does_not_say_what_it_saw_is_not_carried_out(app: Flask, seen: str) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("note")
    back = desk.press(page, {**NOTE, "seen": seen}, status=409)
    assert back.one("[name=text]").get_text().strip() == NOTE["text"]
    assert desk.view.version == 1


# Drafts ---------------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_restored_and_gone_once_saved(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    kept = desk.press(desk.form("note"), NOTE, press="Save draft")
    assert "Your draft is kept" in kept.text
    assert desk.view.version == 1
    page = desk.form("note")
    assert "This is what you had typed" in page.text
    assert page.one("[name=text]").get_text().strip() == NOTE["text"]
    desk.press(page, {})
    assert db.session.scalar(select(func.count()).select_from(ActionDraft)) == 0
    assert desk.form("note").one("[name=text]").get_text().strip() == ""


def test_a_draft_keeps_lists_and_dates_and_can_be_thrown_away(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.press(desk.form("define"), {"points-0-text": "One"}, press="Add another point")
    desk.press(page, {"points-0-text": "One", "points-1-text": "Two"}, press="Save draft")
    back = desk.form("define")
    assert back.one("[name=points-1-text]").get_text().strip() == "Two"
    desk.press(desk.form("commit"), {"due_on-day": "32", "due_on-month": "x"}, press="Save draft")
    assert desk.form("commit").one("[name=due_on-day]")["value"] == "32"
    desk.client.send(desk.form("define"), form=".app-draft")
    assert desk.form("define").all("[name=points-1-text]") == []


def test_a_draft_is_kept_by_itself_while_somebody_types(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("note")
    assert page.one("#act")["hx-post"] == desk.url("note/draft")
    answer = desk.press(page, NOTE, press="Save draft", htmx=True)
    assert "Draft kept at" in answer.text
    assert "HX-Retarget" not in answer.response.headers  # one line changes, the form stays as it is
    assert desk.form("note").one("[name=text]").get_text().strip() == NOTE["text"]


def test_a_draft_is_nobody_elses(app: Flask) -> None:
    case = life()
    desk_of(app, case.officer, case.ref).do("note", NOTE, press="Save draft")
    other = Desk.of(app, Role.MANAGER, case.ref)
    assert other.form("note").one("[name=text]").get_text().strip() == ""


def test_who_may_not_see_the_case_cannot_keep_a_draft_about_it(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("note")
    service.perform(
        case.ref,
        c.DeclareConflict(staff=made.ref_of(case.officer), reason="A neighbour"),
        made.actor(case.officer),
    )
    desk.press(page, NOTE, press="Save draft", status=404)
    assert db.session.scalar(select(func.count()).select_from(ActionDraft)) == 0


def test_the_one_who_was_asked_to_check_sees_the_draft(app: Flask) -> None:
    case = life().at_stage_1().decided()
    writer = desk_of(app, case.handler, case.ref)
    reader = Desk.of(app, Role.MANAGER, case.ref)
    writer.do("respond", {"decision": "We do not agree, for these reasons."}, press="Save draft")
    writer.do("ask_check", {"about": "respond", "of": str(reader.account.id)})
    assert "We do not agree, for these reasons." in reader.form("check").text
    reader.do("check", {"about": "respond", "fine": "no", "words": "Say sorry first."})
    assert "To change: Say sorry first." in writer.see().text
    assert "check" not in reader.view.allowed


# Letters --------------------------------------------------------------------------------------------------------


def test_a_preview_writes_nothing_and_loses_nothing(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("update_resident")
    written: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
            written.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        shown = desk.press(page, {"message": "The surveyor came.\n\nNext comes the plasterer."})
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert written == []
    assert "Next comes the plasterer." in shown.one("#letter").get_text()
    back = desk.press(shown, press="Change the text")
    assert back.one("[name=message]").get_text().strip().splitlines() == [
        "The surveyor came.",
        "",
        "Next comes the plasterer.",
    ]
    kept = desk.press(shown, press="Save draft")
    assert "Your draft is kept" in kept.text
    desk.press(shown)
    letter = db.session.scalars(select(Letter).where(Letter.kind == "progress")).one()
    assert "Next comes the plasterer." in letter.text
    assert len(letter.digest) == 64


def test_a_letter_is_shown_in_the_residents_language_and_direction(app: Flask) -> None:
    case = life(language="ar", needs=(Need(code="large_print"),)).at_stage_1()
    desk = desk_of(app, case.officer, case.ref)
    message = {"message": "We came today.", "message_translation": "جئنا اليوم."}
    shown = desk.do("update_resident", message)
    article = shown.one("#letter article")
    assert (article["lang"], article["dir"]) == ("ar", "rtl")
    assert "جئنا اليوم." in article.get_text()
    assert "large print" in shown.text
    assert "Arabic" in shown.text
    desk.press(shown)
    letter = db.session.scalars(select(Letter).where(Letter.kind == "progress")).one()
    assert (letter.language, letter.large_print) == ("ar", True)
    read = desk.client.page(f"/staff/cases/{case.ref}/letters/{letter.id}")
    assert read.one(".app-letter article")["dir"] == "rtl"


def test_what_a_letter_lacks_is_named_with_its_clause(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.handler, case.ref)
    page = desk.do("respond", {"decision": "We agree.", "steps_taken": "We looked."}, status=422)
    misses = page.one("#misses").get_text()
    assert "6.9" in misses
    assert "Complaint Handling Code 2024" in misses
    assert page.one("[name=decision]").get_text().strip() == "We agree."
    assert "We looked." in page.one(".app-letter").get_text()
    assert desk.state.stage is Stage.STAGE_1


def test_the_gate_holds_without_a_preview_too(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.handler, case.ref)
    page = desk.form("respond")
    sent = {name: page.one(f"[name={name}]")["value"] for name in ("seen",)}
    token = page.one("#csrf-act")["value"]
    answer = desk.client.post(
        desk.url("respond"),
        data={
            **sent,
            "csrf_token": token,
            "do": "send",
            "decision": "We agree.",
            "steps_taken": "We looked.",
        },
    )
    assert answer.status_code == 422
    assert "6.9" in answer.text
    assert desk.state.stage is Stage.STAGE_1


def test_a_letter_that_nobody_can_get_by_mail_is_a_print_task(app: Flask) -> None:
    case = life(email="").at_stage_1()
    desk = desk_of(app, case.officer, case.ref)
    shown = desk.do("update_resident", {"message": "We came today."})
    assert "by post" in shown.text
    desk.press(shown)
    listed = desk.see("?tab=letters")
    assert "To be printed and posted" in listed.text
    assert desk.client.get(listed.link("Print the PDF")).data.startswith(b"%PDF-")
    posted = desk.client.page(listed.link("record that it was posted"))
    assert posted.one("#channel option[selected]")["value"] == "letter"
    assert "letters wait to be printed and posted" in desk.see().text
    desk.press(posted, {"words": "Posted second class."})
    assert "to be printed" not in desk.see("?tab=letters").text
    assert "Recorded as posted" in desk.see("?tab=letters").text


def test_a_letter_can_be_taken_back_before_it_leaves(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "redress", replace(app.extensions["redress"], undo_seconds=30))
    case = life().defined()
    made.allocate(case.ref, case.handler, case.officer)
    desk = desk_of(app, case.officer, case.ref)
    sent = desk.send("acknowledge", {})
    assert sent.link("Take the letter back") == desk.url("undo_send")
    desk.do("undo_send", {})
    assert desk.state.stage is Stage.RECEIVED


# Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.COLLEAGUE, Role.ADMIN, Role.MEMBER_RESPONSIBLE, Role.SERVICE_MANAGER])
def test_actions_of_other_roles_are_refused_and_write_nothing(app: Flask, role: Role) -> None:
    case = life().defined()
    officer = desk_of(app, case.officer, case.ref)
    client, _ = made.signed_in(app, role)
    before = db.session.scalar(select(func.count()).select_from(CaseEvent))
    token = officer.form("allocate").one("#csrf-act")["value"]
    for action in ("triage", "allocate", "acknowledge", "not_accept", "define"):
        # To a service manager without a part in it the case is not there (404).
        assert client.get(officer.url(action)).status_code in {403, 404, 409}
        data = {"csrf_token": token, "seen": str(officer.view.version), "do": "send", "to": "1"}
        assert client.post(officer.url(action), data=data).status_code in {400, 403, 404, 409}
    assert db.session.scalar(select(func.count()).select_from(CaseEvent)) == before


def test_nobody_who_acted_at_stage_1_is_offered_or_taken_for_stage_2(app: Flask) -> None:
    case = life().escalated()
    boss = Desk.of(app, Role.MANAGER, case.ref)
    page = boss.form("allocate")
    offered = {str(o["value"]) for o in page.all("#to option")}
    assert str(case.handler.id) not in offered
    assert str(case.officer.id) not in offered
    for barred in (case.handler, case.officer):
        back = boss.press(page, {"to": str(barred.id)}, status=422)
        assert back.errors, barred.name
    assert "6.13" in boss.press(page, {"to": str(case.handler.id)}, status=422).errors[0]
    assert boss.state.reviewer is None


def test_who_acted_at_stage_1_cannot_decide_or_answer_stage_2_by_any_post(app: Flask) -> None:
    case = life().at_stage_2(made.colleague(Role.MANAGER))
    desk = desk_of(app, case.handler, case.ref)
    token = desk.form("note").one("#csrf-act")["value"]
    for action, data in (
        ("decide", {"p1-finding": "upheld", "p1-reasons": "x", "p1-basis": "y"}),
        ("respond", {"decision": "x", "steps_taken": "y"}),
        ("allocate", {"to": str(case.handler.id)}),
    ):
        for do in ("save", "send", "preview"):
            sent = {**data, "csrf_token": token, "seen": str(desk.view.version), "do": do}
            assert desk.client.post(desk.url(action), data=sent).status_code in {403, 409}
        kept = desk.client.post(desk.url(f"{action}/draft"), data={**data, "csrf_token": token})
        assert kept.status_code == 303  # a draft is only paper: it names nobody and decides nothing
        assert desk.client.get(desk.url(action)).status_code in {403, 409}
    assert desk.state.decisions_at(2) == {}
    assert desk.state.reviewer is not None
    assert desk.state.reviewer.id != case.handler.id


def test_a_conflict_of_interest_walls_off(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.handler, case.ref)
    gone = desk.do("declare_conflict", {"reason": "She is my cousin."})
    assert gone.url.startswith("/staff/inbox")
    assert desk.client.get(desk.url()).status_code == 404
    boss = Desk.of(app, Role.MANAGER, case.ref)
    page = boss.form("allocate")
    assert str(case.handler.id) not in {str(o["value"]) for o in page.all("#to option")}
    assert "5.8" in boss.press(page, {"to": str(case.handler.id)}, status=422).errors[0]
    neighbour = made.complaint(name="Ola Other", what="Of the same home")
    assert case.ref not in desk.client.page(f"/staff/cases/{neighbour}?tab=similar").text
    assert case.ref in boss.client.page(f"/staff/cases/{neighbour}?tab=similar").text


# Whatever comes --------------------------------------------------------------------------------------------------

ODD = [
    "\x00'; DROP TABLE letter; --",
    "9" * 40,
    "-1",
    "\u202e☃\U0001f600",
    "1e999",
    "",
    "٣٢",
    "<script>1</script>",
]


@pytest.mark.parametrize("stage", ["received", "stage_1", "answered", "stage_2"])
def test_nothing_that_is_typed_breaks_a_page(app: Flask, stage: str) -> None:
    case = life(needs=(Need(code="large_print"),))
    if stage == "stage_1":
        case.at_stage_1()
    elif stage == "answered":
        case.answered()
    elif stage == "stage_2":
        case.at_stage_2(made.colleague(Role.MANAGER, name="Rae Reviewer"))
    desk = Desk.of(app, Role.MANAGER, case.ref)
    for at, action in enumerate(sorted(desk.view.allowed)):
        page = desk.form(action)
        names = {str(one["name"]) for one in page.all("#act [name]")}
        for odd in (ODD[at % len(ODD)], ODD[(at + 3) % len(ODD)]):
            data: dict[str, Any] = dict.fromkeys(names, odd) | {
                "csrf_token": page.one("#csrf-act")["value"],
                "seen": str(desk.view.version),
                "do": ("save", "send", "preview", "edit", "add:points", "remove:points:x")[at % 6],
            }
            data.pop("uploads", None)
            answer = desk.client.post(desk.url(action), data=data)
            assert answer.status_code < 500, (action, odd)
            if action not in desk.view.allowed:
                break
        kept = desk.client.post(desk.url(f"{action}/draft"), data=dict.fromkeys(names, "x") | data)
        assert kept.status_code < 500
        if "note" not in desk.view.allowed:
            break


@pytest.mark.parametrize("ref", ["%00", "HAL-2026-0001-0", "..%2f..", "%F0%9F%98%80", "x" * 300])
def test_a_reference_that_is_none_is_not_found(app: Flask, ref: str) -> None:
    client, _ = made.signed_in(app, Role.MANAGER)
    for tail in ("", "/note", "/letters/1", "/files/1", "/letters/1.pdf"):
        assert client.get(f"/staff/cases/{ref}{tail}").status_code == 404
