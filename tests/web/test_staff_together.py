"""Two people on one case: what merges by itself, what is shown side by side, and that nothing typed is lost."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from shared.cases import commands as c
from shared.cases import service
from shared.cases.state import Person, Point, Safety
from shared.db import db
from shared.identity.actors import Resident
from shared.letters.facts import Words
from shared.models import Case, CaseEvent
from shared.vocab import Finding, Role
from tests.support import staff as made
from tests.support.desk import Desk, Life, desk_of, life
from tests.web.test_staff_actions_each import photo

TWO = {"text": "Said by the second."}


def second_of(app: Flask, case: Life) -> Desk:
    return Desk.of(app, Role.OFFICER, case.ref, name="Second Officer")


def resident(case: Life, command: c.Command) -> None:
    service.perform(case.ref, command, Resident(case.ref, "Mina Rahman"))
    db.session.expire_all()


# What merges by itself ------------------------------------------------------------------------------------------


def test_two_notes_are_both_saved_and_the_second_writer_is_told(app: Flask) -> None:
    case = life().defined()
    second = second_of(app, case)
    lying_open = second.form("note")
    case.by(case.officer, c.Note(text="Said by the first."))
    page = second.press(lying_open, TWO)
    assert "Your change was saved as well" in page.text
    assert "Internal note" in page.one("#changes").get_text()
    said = [e.command.text for e in second.view.events if isinstance(e.command, c.Note)]
    assert said == ["Said by the first.", "Said by the second."]


def test_what_is_saved_on_a_quiet_case_says_nothing_of_changes(app: Flask) -> None:
    case = life()
    page = desk_of(app, case.officer, case.ref).do("note", TWO)
    assert page.all("#changes") == []


def test_two_points_are_decided_side_by_side(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.handler, case.ref)
    page = desk.form("decide", "?point=1")
    case.by(
        case.officer,
        c.Decide(
            point=2,
            finding=Finding.UPHELD,
            reasons=Words("So."),
            basis=Words("Policy"),
            apology=Words("Sorry."),
        ),
    )
    desk.press(page, {"p1-finding": "not_upheld", "p1-reasons": "It was done.", "p1-basis": "Repairs policy"})
    assert {n: d.finding for n, d in desk.state.decisions_at(1).items()} == {
        1: Finding.NOT_UPHELD,
        2: Finding.UPHELD,
    }


def test_different_answers_of_one_form_are_put_together(app: Flask) -> None:
    case = life()
    desk = second_of(app, case)
    page = desk.form("change_contact")
    before = desk.state.resident
    assert before is not None
    case.by(
        case.officer,
        c.ChangeContact(
            resident=Person(name=before.name, email="new@resident.example", phone=before.phone,
                            address=before.address, postcode=before.postcode),
            safety=Safety(),
        ),
    )  # fmt: skip
    done = desk.press(page, {"phone": "01632 960 009"})
    now = desk.state.resident
    assert now is not None
    assert (now.email, now.phone.replace(" ", "")[-6:]) == ("new@resident.example", "960009")
    assert "Your change was saved as well" in done.text


def test_a_letter_is_previewed_although_a_note_came_in_and_says_so(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("update_resident")
    case.by(case.handler, c.Note(text="Meanwhile."))
    shown = desk.press(page, {"message": "We are still looking."})
    assert shown.h1 == "Check the letter before it goes"
    assert "Meanwhile." in shown.one("#changes").get_text()
    case.by(case.handler, c.Note(text="Meanwhile again."))
    done = desk.press(shown)
    assert "Your change was saved as well" in done.text
    assert desk.view.letters[-1].kind == "progress"


# What is shown side by side -------------------------------------------------------------------------------------


def test_two_answers_to_one_question_are_shown_side_by_side_to_choose(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("record_learning")
    case.by(case.handler, c.RecordLearning(theme="delay", words="Call back within a day."))
    back = desk.press(page, {"words": "Tell people when we are late.", "theme": "communication"}, status=409)
    beside = back.one(".app-beside").get_text()
    assert "Call back within a day." in beside
    assert "Tell people when we are late." in beside
    assert back.one("[name=words]").get_text().strip() == "Tell people when we are late."
    assert desk.state.learning == "Call back within a day."
    both = desk.press(back, press="keep both")
    assert both.one("[name=words]").get_text().strip().splitlines() == [
        "Tell people when we are late.",
        "",
        "Call back within a day.",
    ]
    theirs = desk.press(back, press="take theirs")
    assert theirs.one("[name=words]").get_text().strip() == "Call back within a day."
    desk.press(back)
    assert desk.state.learning == "Tell people when we are late."


def test_the_handler_somebody_else_named_is_not_overwritten_in_silence(app: Flask) -> None:
    case = life().defined()
    boss = Desk.of(app, Role.MANAGER, case.ref)
    page = boss.form("allocate")
    made.allocate(case.ref, case.handler, case.officer)
    other = made.colleague(Role.HANDLER, name="Other Handler")
    back = boss.press(page, {"to": str(other.id)}, status=409)
    beside = back.one(".app-beside").get_text()
    assert "Handler Person" in beside
    assert "Other Handler" in beside
    assert boss.press(back, press="take theirs").one("#to option[selected]")["value"] == str(case.handler.id)
    boss.press(back)
    assert boss.state.handler is not None
    assert boss.state.handler.id == other.id


def test_a_letter_stands_against_what_it_says_and_keeps_its_words(app: Flask) -> None:
    case = life().at_stage_1().decided()
    desk = desk_of(app, case.handler, case.ref)
    page = desk.form("respond")
    typed = {"decision": "We do not agree.", "steps_taken": "We read it all.", "no_remedy_reason": "All is well.",
             "nothing_outstanding": "y"}  # fmt: skip
    shown = desk.press(page, typed)
    assert shown.h1 == "Check the letter before it goes"
    case.by(case.officer, c.Decide(point=2, finding=Finding.UPHELD, reasons=Words("We were late."),
                                   basis=Words("Policy"), apology=Words("Sorry.")))  # fmt: skip
    back = desk.press(shown, status=409)
    assert "look at this before you save" in back.one("#changes").get_text()
    for name in ("decision", "steps_taken", "no_remedy_reason"):
        assert back.one(f"[name={name}]").get_text().strip() == typed[name]
    assert desk.view.letters[-1].kind != "response_1"


def test_a_new_word_of_the_resident_is_read_before_the_answer_goes(app: Flask) -> None:
    case = life().at_stage_1().decided()
    desk = desk_of(app, case.handler, case.ref)
    page = desk.form("respond")
    resident(case, c.Message(text="They came today and it is worse."))
    back = desk.press(page, {"decision": "We do not agree."}, status=409)
    assert "They came today and it is worse." in back.one("#changes").get_text()
    assert back.one("[name=decision]").get_text().strip() == "We do not agree."


def test_lists_of_a_changed_page_keep_their_rows_and_show_the_others(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.press(desk.form("define"), {"points-0-text": "One"}, press="Add another point")
    case.by(
        case.officer,
        c.Define(
            points=(Point(number=1, text=Words("Mould")),),
            outcomes=(Words("Treat it"),),
            responsible_for=Words("The wall."),
            not_responsible_for=Words("Nothing."),
        ),
    )
    typed = {"points-0-text": "One", "points-1-text": "Two", "outcomes-0-text": "Three"}
    back = desk.press(page, typed, status=409)
    for name, text in typed.items():
        assert back.one(f"[name={name}]").get_text().strip() == text
    assert "Mould" in back.all(".app-beside")[0].get_text()
    # What had not been touched is filled in from the case.
    assert back.one("[name=responsible_for]").get_text().strip() == "The wall."
    assert "they now stand as on the case" in back.text


def test_files_of_a_form_that_must_be_looked_at_again_are_not_lost(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("record_contact")
    agreed = {"words": "Rang her.", "contact_agreement": "Each Friday"}
    case.by(case.handler, c.RecordContact(channel="phone", happened_at=case_time(desk), words="Rang.",
                                          contact_agreement="Each Monday"))  # fmt: skip
    back = desk.press(page, {**agreed, "uploads": [photo("damp.jpg")]}, status=409)
    assert "damp.jpg" in back.text
    assert "Each Monday" in back.one("#changes").get_text()
    desk.press(back)
    assert [f.name for f in desk.state.files] == ["damp.jpg"]
    assert desk.state.contact_agreement == "Each Friday"


def case_time(desk: Desk) -> Any:
    return desk.state.milestones.logged_at


# The same form twice ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "typed"),
    [
        ("note", {"text": "Once."}),
        ("record_contact", {"words": "Rang her."}),
        ("message", {"text": "Hello."}),
        (
            "add_task",
            {"text": "Ring the surveyor", "due_on-day": "1", "due_on-month": "2", "due_on-year": "2027"},
        ),
    ],
)
def test_the_same_form_sent_twice_does_one_thing(app: Flask, action: str, typed: dict[str, Any]) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form(action)
    desk.press(page, typed)
    again = desk.press(page, typed)
    assert again.url.startswith(desk.url())
    assert desk.view.version == 2


def test_the_same_form_sent_twice_at_one_moment_does_one_thing(app: Flask) -> None:
    """The second post has seen the same version, and finds the first one's event under the lock."""
    case = life()
    who, note = made.actor(case.officer), c.Note(text="Once.")
    first = service.perform(case.ref, note, who, seen=1, form="abc", merge=True)
    second = service.perform(case.ref, note, who, seen=1, form="abc", merge=True)
    assert (first.version, second.version, second.again) == (2, 2, True)
    other = made.actor(case.handler)
    assert not service.perform(case.ref, note, other, seen=1, form="abc", merge=True).again


def test_a_complaint_raised_by_a_form_sent_twice_is_one(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("link")
    typed = {"how": "raise", "what": "A new leak", "why": "Found during the visit"}
    desk.press(page, typed)
    desk.press(page, typed)
    assert db.session.scalar(select(func.count()).select_from(Case)) == 2


def test_going_back_and_writing_something_else_is_something_else(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("note")
    desk.press(page, {"text": "First thought."})
    desk.press(page, {"text": "Second thought."})
    said = [e.command.text for e in desk.view.events if isinstance(e.command, c.Note)]
    assert said == ["First thought.", "Second thought."]


def test_without_leave_to_merge_any_change_is_an_obstacle(app: Flask) -> None:
    case = life()
    case.by(case.officer, c.Note(text="One."))
    with pytest.raises(service.Stale):
        service.perform(case.ref, c.Note(text="Two."), made.actor(case.officer), seen=1)
    assert db.session.scalar(select(func.count()).select_from(CaseEvent)) == 2


def test_a_row_of_a_list_added_meanwhile_hides_no_change(app: Flask) -> None:
    """A small button on a page that is out of date leaves it out of date: the next save still notices."""
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("define")
    case.by(case.officer, c.Tag(add=("damp",)))
    more = desk.press(page, {"points-0-text": "One"}, press="Add another point")
    assert more.one("[name=seen]")["value"] == "1"


def test_files_have_no_bytes_left_out(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("note")
    kept = desk.press(page, {"text": "See the wall.", "uploads": [photo("wall.jpg")]}, press="Save draft")
    assert "Your draft is kept" in kept.text
    again = desk.form("note")
    assert "wall.jpg" in again.text
    desk.press(again, {})
    assert [f.name for f in desk.state.files] == ["wall.jpg"]
    refused = desk.press(
        desk.form("note"), {"text": "x", "uploads": [(BytesIO(b""), "no.jpg")]}, press="Save draft"
    )
    assert "one of its files was refused" in refused.text
