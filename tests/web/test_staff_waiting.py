"""Working together: presence, tasks, mentions, texts to start from, drafts, and going on to the next case."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select

from shared import clock, i18n
from shared.cases import commands as c
from shared.cases.case_clocks import response_duty
from shared.cases.colleagues import presence, snippets, tasks
from shared.cases.correspondence import held_mail, inbound_mail
from shared.cases.inbox import lists
from shared.db import db
from shared.models import CaseMention, CaseTask, OutboxMessage, Presence, StaffSession
from shared.vocab import Action, Role, Stage
from staff.presence import words
from tests.support import staff as made
from tests.support.desk import Desk, Life, day, desk_of, life
from tests.web.test_staff_actions_each import photo


def beat(desk: Desk, writing: str = "") -> str:
    """What the open page asks every few seconds."""
    page = desk.form(writing) if writing else desk.see()
    sent = {"csrf_token": page.one("#csrf-here")["value"], "writing": writing}
    answer = desk.client.post(page.one("#here")["hx-post"], data=sent, headers={"HX-Request": "true"})
    assert answer.status_code in {200, 204}
    return " ".join(answer.get_data(as_text=True).split())


def second_of(app: Flask, case: Life) -> Desk:
    return Desk.of(app, Role.OFFICER, case.ref, name="Second Officer")


# Presence -------------------------------------------------------------------------------------------------------


def test_colleagues_see_who_is_here_and_what_they_write(app: Flask) -> None:
    case = life().at_stage_1()
    first, second = desk_of(app, case.handler, case.ref), second_of(app, case)
    first.see()
    assert db.session.scalar(select(func.count()).select_from(Presence)) == 0  # looking writes nothing
    beat(first, "respond")
    assert "Handler Person is writing the stage 1 response." in second.see().one("#_presence").get_text()
    assert "Handler Person is writing the stage 1 response." in beat(second)
    assert "Second Officer is looking at this case." in beat(first)
    assert "Second Officer" not in second.see().one("#_presence").get_text()


def test_a_page_that_says_it_already_is_not_told_again(app: Flask) -> None:
    case = life()
    first, second = desk_of(app, case.officer, case.ref), second_of(app, case)
    beat(first)
    page = second.see()
    answer = second.client.send(page, {}, form="#here", htmx=True, status=204)
    assert answer.text == ""


def test_without_scripts_a_button_tells_colleagues(app: Flask) -> None:
    case = life()
    first, second = desk_of(app, case.officer, case.ref), second_of(app, case)
    page = first.client.send(first.see(), {}, form="#here", press="Show colleagues that I am here")
    assert page.url == first.url()
    assert "Officer Person is looking at this case." in second.see().text


def test_who_left_a_minute_ago_is_gone_and_swept(app: Flask) -> None:
    case = life()
    first, second = desk_of(app, case.officer, case.ref), second_of(app, case)
    beat(first)
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        assert "Officer Person" not in second.see().one("#_presence").get_text()
        assert presence.sweep() == 1
    assert db.session.scalar(select(func.count()).select_from(Presence)) == 0


def test_whoever_is_walled_off_neither_sees_nor_appears(app: Flask) -> None:
    case = life()
    walled, other = desk_of(app, case.handler, case.ref), second_of(app, case)
    page = walled.see()
    beat(walled)
    beat(other)
    made_conflict = c.DeclareConflict(staff=made.ref_of(case.handler), reason="A neighbour")
    case.by(case.officer, made_conflict)
    assert "Handler Person" not in other.see().one("#_presence").get_text()
    walled.client.send(page, {}, form="#here", htmx=True, status=404)
    assert presence.others(case.ref, made.actor(case.handler)) == ()


@pytest.mark.parametrize("action", ["note", ""])
def test_signed_out_meanwhile_only_a_page_without_a_form_goes_to_the_door_by_itself(
    app: Flask, action: str
) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form(action) if action else desk.see()
    db.session.execute(delete(StaffSession))
    db.session.commit()
    sent = {"csrf_token": page.one("#csrf-here")["value"], "writing": action}
    answer = desk.client.post(page.one("#here")["hx-post"], data=sent, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert ("HX-Redirect" in answer.headers) is not bool(action)


def test_the_words_of_presence() -> None:
    here = presence.Here
    assert words(()) == ""
    assert words((here("Ada", None),)) == "Ada is looking at this case."
    found = (here("Ada", None), here("Ben", Action.RESPOND, 2), here("Cy", None))
    assert words(found) == "Ben is writing the stage 2 response. Ada and Cy are looking at this case."


# Tasks ----------------------------------------------------------------------------------------------------------


def test_a_task_is_given_listed_told_and_done(app: Flask) -> None:
    case = life().defined()
    officer, handler = desk_of(app, case.officer, case.ref), desk_of(app, case.handler, case.ref)
    officer.do("add_task", {"text": "Ring the surveyor", "owner": str(case.handler.id), **day("due_on", 2)})
    assert "Ring the surveyor" in officer.see().text
    listed = handler.client.page("/staff/mine")
    assert "Ring the surveyor" in listed.text
    assert "My tasks 1 open" in " ".join(listed.one(".app-header__links").get_text().split())
    mail = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.recipient == case.handler.email)
    ).one()
    assert "Ring" not in mail.text + mail.subject
    assert "Mina" not in mail.text + mail.subject
    handler.press(handler.client.page(listed.link("Mark as done")), {"words": "She comes on Friday."})
    assert "You have no open tasks." in handler.client.page("/staff/mine").text
    assert handler.state.tasks[0].done_on == clock.today()
    row = db.session.scalars(select(CaseTask)).one()
    assert (row.owner_id, row.done_on) == (case.handler.id, clock.today())
    assert "finish_task" not in handler.view.allowed


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"text": "", **day("due_on", 1)}, "Write what is to be done"),
        ({"text": "x", **day("due_on", -1)}, "It has passed already"),
        ({"text": "x", "due_on-day": ""}, "Enter the day by which"),
        ({"text": "x", "owner": "99999", **day("due_on", 1)}, "Choose who does it"),
        ({"text": "x" * 301, **day("due_on", 1)}, "characters or fewer"),
    ],
)
def test_a_task_that_cannot_be(app: Flask, typed: dict[str, str], says: str) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    assert says in " ".join(desk.do("add_task", typed, status=422).errors)


def test_neither_a_task_nor_a_reminder_hides_a_clock(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.officer, case.ref)
    before = [(duty.name, duty.due_on) for duty in desk.view.duties]
    shown = lists.inbox(made.actor(case.officer)).rows[0]
    desk.do("remind", {**day("on", 40), "reason": "After the works"})
    desk.do("add_task", {"text": "Look again", **day("due_on", 60)})
    assert [(duty.name, duty.due_on) for duty in desk.view.duties] == before
    after = lists.inbox(made.actor(case.officer)).rows[0]
    assert (after.dues, after.ref) == (shown.dues, shown.ref)
    listed = desk.client.page("/staff/inbox?tab=all-open")
    assert "Stage 1" in listed.one(".app-row__dues").get_text()
    assert "Reminder" in listed.one(".app-row__dues").get_text()


def test_the_frame_counts_mail_that_waits_to_be_placed_for_those_who_place_it(app: Flask) -> None:
    raw = b"From: new@example.org\nTo: complaints@landlord.example\nMessage-ID: <1@example.org>\n\nIt leaks."
    assert inbound_mail.take_in(raw) == "held"
    officer, _ = made.signed_in(app, Role.OFFICER)
    handler, _ = made.signed_in(app, Role.HANDLER)
    links = " ".join(officer.page("/staff/inbox").one(".app-menu").get_text().split())
    assert links.startswith("Menu 1 waiting for you ")
    assert " Mail 1 to place " in links
    assert "waiting for you" not in handler.page("/staff/inbox").text
    held_mail.dismiss(held_mail.held()[0].id, made.actor(made.colleague(Role.OFFICER, name="Other")))
    assert "waiting for you" not in officer.page("/staff/inbox").text


# Mentions -------------------------------------------------------------------------------------------------------


def test_a_colleague_named_in_a_note_is_told_and_finds_it(app: Flask) -> None:
    case = life()
    officer, handler = desk_of(app, case.officer, case.ref), desk_of(app, case.handler, case.ref)
    officer.do("note", {"text": "@Handler Person, Mina rang about her son. mail@handler.example is no name."})
    mail = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.recipient == case.handler.email)
    ).one()
    for word in ("Mina", "son", "Elm"):
        assert word not in mail.text + mail.subject + (mail.html or "")
    assert f"/staff/cases/{case.ref}" in mail.text
    page = handler.client.page("/staff/mentions")
    assert "Not read yet" in page.text
    assert "Mentions 1 unread" in " ".join(page.one(".app-header__links").get_text().split())
    opened = handler.client.send(page, {}, form="main form", press="Open the note")
    assert opened.url.split("#")[0] == handler.url()
    assert "Mina rang about her son" in opened.text
    after = handler.client.page("/staff/mentions")
    assert "Not read yet" not in after.text
    assert "unread" not in after.one(".app-header__links").get_text()


def test_opening_the_list_reads_nothing_and_marking_does(app: Flask) -> None:
    case = life()
    case.by(case.officer, c.Note(text="@Handler", mentions=(made.ref_of(case.handler),)))
    handler = desk_of(app, case.handler, case.ref)
    page = handler.client.page("/staff/mentions")
    assert tasks.waiting(made.actor(case.handler)).mentions == 1
    handler.client.send(page, {}, form="main form", press="Mark as read")
    assert tasks.waiting(made.actor(case.handler)).mentions == 0


def test_a_name_is_put_in_by_a_button_and_keeps_the_words(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    typed = {"text": "Please look at this,", "put_name": "Handler Person"}
    page = desk.press(desk.form("note"), typed, press="Put in @ and the name")
    assert page.one("[name=text]").get_text().strip() == "Please look at this, @Handler Person"
    desk.press(page)
    assert db.session.scalars(select(CaseMention.staff_id)).all() == [case.handler.id]


@pytest.mark.parametrize("text", ["@Nobody Known, see this", "@Walled Person, see this", "@colin colleague"])
def test_a_name_of_nobody_who_may_open_the_case_is_said(app: Flask, text: str) -> None:
    case = life()
    walled = made.colleague(Role.HANDLER, name="Walled Person")
    made.colleague(Role.COLLEAGUE, name="Colin Colleague")
    case.by(case.officer, c.DeclareConflict(staff=made.ref_of(walled), reason="A neighbour"))
    desk = desk_of(app, case.officer, case.ref)
    page = desk.do("note", {"text": text}, status=422)
    assert "can open this case" in page.errors[0]
    assert page.one("[name=text]").get_text().strip() == text


def test_who_is_walled_off_later_finds_neither_task_nor_mention(app: Flask) -> None:
    case = life()
    case.by(case.officer, c.Note(text="@Handler", mentions=(made.ref_of(case.handler),)))
    case.by(case.officer, c.AddTask(text="Ring", owner=made.ref_of(case.handler), due_on=clock.today()))
    case.by(case.officer, c.DeclareConflict(staff=made.ref_of(case.handler), reason="A neighbour"))
    assert tasks.waiting(made.actor(case.handler)) == tasks.Waiting()
    client = made.sign_in(made.browser(app), case.handler)
    assert case.ref not in client.page("/staff/mine").text + client.page("/staff/mentions").text


# Texts to start from --------------------------------------------------------------------------------------------


def manager(app: Flask, case: Life) -> Desk:
    return Desk.of(app, Role.MANAGER, case.ref)


def test_a_text_is_agreed_offered_filled_in_and_blocks_until_it_is_whole(app: Flask) -> None:
    case = life().at_stage_1()
    boss = manager(app, case)
    page = boss.client.page("/staff/texts")
    text = "Dear {name}, the surveyor comes on {day of the visit}. {Reference}"
    page = boss.client.send(
        page, {"title": "Visit", "text": text, "actions": ["update_resident"]}, form="#text-form"
    )
    assert "Visit" in page.text
    desk = desk_of(app, case.officer, case.ref)
    assert desk.form("note").all("#put_text") == []
    form = desk.form("update_resident")
    number = form.one("#put_text option:not([value=''])")["value"]
    put = desk.press(form, {"message": "Hello.", "put_text": str(number)}, press="Put in")
    wanted = f"Hello.\n\nDear Mina Rahman, the surveyor comes on {{day of the visit}}. {case.ref}"
    assert put.one("[name=message]").get_text().strip() == wanted
    assert put.one("[name=message]").has_attr("autofocus")
    back = desk.press(put, status=422)
    assert "Replace {day of the visit} with the real words" in " ".join(back.errors)
    assert back.one("#message-error")
    desk.press(desk.press(back, {"message": wanted.replace("{day of the visit}", "Friday")}))
    sent = db.session.scalars(select(OutboxMessage.text).order_by(OutboxMessage.id.desc())).first()
    assert "surveyor comes on Friday" in str(sent)


def test_a_placeholder_in_a_translation_or_a_decision_is_named_beside_it(app: Flask) -> None:
    case = life(language="pl").at_stage_1()
    desk = desk_of(app, case.handler, case.ref)
    page = desk.do(
        "update_resident", {"message": "We came.", "message_translation": "Byliśmy {kiedy}."}, status=422
    )
    assert page.one("#message_translation-error")
    typed = {"p1-finding": "not_upheld", "p1-reasons": "As {who} said.", "p1-basis": "Policy"}
    assert desk.do("decide", typed, status=422).one("#p1-reasons-error")
    asked = desk.do("message", {"text": "Hello {name}"}, status=422)
    assert asked.one("#text-error")
    desk.do("note", {"text": "Colleagues may write {whatever}."})


def test_texts_are_changed_removed_and_named_once(app: Flask) -> None:
    case = life()
    boss = manager(app, case)
    snippets.keep(made.actor(boss.account), "One", "First", [], [])
    snippets.keep(made.actor(boss.account), "Two", "Second", [], [])
    one = boss.client.page(boss.client.page("/staff/texts").link("One"))
    taken = boss.client.send(one, {"title": "Two"}, form="#text-form", status=422)
    assert "There is a text with this title already" in taken.errors[0]
    boss.client.send(one, {"title": "Uno", "stages": ["stage_1"]}, form="#text-form")
    for stage, titles in ((Stage.STAGE_1, ["Two", "Uno"]), (Stage.STAGE_2, ["Two"])):
        assert [t.title for t in snippets.offered(snippets.every(), Action.NOTE, stage, "en")] == titles
    boss.client.send(
        boss.client.page("/staff/texts"),
        {},
        form=".app-card:not(:has(a[href$='/1'])) form",
        press="Remove Two",
    )
    assert [t.title for t in snippets.every()] == ["Uno"]
    assert boss.client.page("/staff/texts", status=200).all(".govuk-error-summary") == []


def test_a_text_in_the_language_of_the_letter_comes_first_and_speaks_it(app: Flask) -> None:
    case = life(language="ar").at_stage_1()
    boss = manager(app, case)
    for title, text, language in (
        ("A visit", "We come on {day}. We answer by {reply by}.", "en"),
        ("Visit, Arabic", "نزوركم. نجيبكم في موعد أقصاه {reply by}.", "ar"),
        ("Wizyta", "Przyjdziemy.", "pl"),
    ):
        boss.client.send(
            boss.client.page("/staff/texts"),
            {"title": title, "text": text, "language": language},
            form="#text-form",
        )
    page = boss.client.page("/staff/texts")
    assert page.one(".app-own-words[lang=ar]").get_text().startswith("نزوركم")
    desk = desk_of(app, case.handler, case.ref)
    form = desk.form("update_resident")
    offered = [option.get_text() for option in form.all("#put_text option")[1:]]
    assert offered == ["Visit, Arabic (Arabic)", "A visit (English)"], "and none in a third language"
    put = desk.press(
        form,
        {"put_text": form.all("#put_text option")[1]["value"], "put_into": "message_translation"},
        press="Put in",
        status=200,
    )
    due = response_duty(desk.state, desk.view.clocks)
    assert due is not None
    with i18n.in_language("ar"):
        assert i18n.date_text(due.due_on) in put.one("[name=message_translation]").get_text()
    told = [t.title for t in snippets.offered(snippets.every(), Action.UPDATE_RESIDENT, Stage.STAGE_1, "en")]
    assert told == ["A visit"]


@pytest.mark.parametrize("role", [Role.OFFICER, Role.HANDLER, Role.COLLEAGUE, Role.DIRECTOR])
def test_texts_are_kept_by_managers_and_admins(app: Flask, role: Role) -> None:
    client, _ = made.signed_in(app, role)
    assert client.get("/staff/texts").status_code == 403
    admin, _ = made.signed_in(app, Role.ADMIN)
    assert admin.get("/staff/texts").status_code == 200


# Drafts ---------------------------------------------------------------------------------------------------------


def test_drafts_of_two_points_do_not_overwrite_each_other(app: Flask) -> None:
    case = life().at_stage_1()
    desk = desk_of(app, case.handler, case.ref)
    for point in ("1", "2"):
        desk.press(
            desk.form("decide", f"?point={point}"),
            {f"p{point}-reasons": f"About {point}"},
            press="Save draft",
        )
    for point in ("1", "2"):
        page = desk.form("decide", f"?point={point}")
        assert page.one(f"[name=p{point}-reasons]").get_text().strip() == f"About {point}"
    assert len(tasks.drafts_of(made.actor(case.handler))) == 2
    assert "for point 2" in desk.see().text


def test_a_draft_outlives_reassignment_and_a_step_that_is_no_longer_open(app: Flask) -> None:
    case = life().defined()
    made.allocate(case.ref, case.handler, case.officer)
    desk = desk_of(app, case.officer, case.ref)
    desk.do("acknowledge", {"message": "A personal word."}, press="Save draft")
    other = made.colleague(Role.HANDLER, name="Other Handler")
    made.allocate(case.ref, other, case.officer)
    assert "A personal word." in desk.form("acknowledge").one("[name=message]").get_text()
    case.by(case.officer, c.Acknowledge())
    listed = desk.client.page("/staff/mine")
    back = desk.client.page(listed.link("Acknowledge"), status=409)
    assert "A personal word." in back.text
    assert "You began" in desk.see().text


def test_what_is_typed_when_the_session_has_ended_stays_on_the_page(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    page = desk.form("note")
    desk.client.delete_cookie("session", path="/")
    for cookie in list(desk.client._cookies.values()):
        desk.client.delete_cookie(cookie.key, domain=cookie.domain, path=cookie.path)
    answer = desk.client.post(
        desk.url("note/draft"), data={"text": "Half a thought"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code in {400, 401}
    assert "HX-Redirect" not in answer.headers  # going away by itself would throw the words away
    assert page.one("[name=text]")


# Save and open next ---------------------------------------------------------------------------------------------


def test_saving_goes_on_to_the_next_case_of_the_list(app: Flask) -> None:
    cases = [
        life(name="First Person"),
    ]
    others = [made.complaint(name=f"Person {n}") for n in range(2)]
    desk = desk_of(app, cases[0].officer, cases[0].ref)
    listed = desk.client.page("/staff/inbox?tab=to-triage")
    rows = [link.get_text().strip() for link in listed.all(".app-row__ref a")]
    assert set(rows) == {cases[0].ref, *others}
    opened = desk.client.page(listed.link(rows[0]))
    form = desk.client.page(opened.one("#next-step")["href"])
    after = desk.press(form, {"risk": "routine"}, press="Save and open next case")
    assert after.h1.startswith(rows[1])
    assert after.one("h1").has_attr("autofocus")
    assert f"{rows[0]}: Triaged." in " ".join(after.one("#saved").get_text().split())
    form = desk.client.page(after.one("#next-step")["href"])
    third = desk.press(form, {"risk": "routine"}, press="Save and open next case")
    assert third.h1.startswith(rows[2])
    end = desk.press(
        desk.client.page(third.one("#next-step")["href"]),
        {"risk": "routine"},
        press="Save and open next case",
    )
    assert "That was the last case in this list." in end.text
    assert end.url.startswith("/staff/inbox?tab=to-triage")


def test_the_list_is_kept_through_errors_drafts_and_letters(app: Flask) -> None:
    case = life().at_stage_1()
    other = made.complaint(name="Other Person")
    desk = desk_of(app, case.officer, case.ref)
    at = "?list=tab%3Dall-open"
    back = desk.do("update_resident", {"message": ""}, at, status=422)
    shown = desk.press(back, {"message": "We came today."})
    after = desk.press(shown, press="Send and open next case")
    assert after.h1.startswith(other)
    assert after.link("Take the letter back") == f"/staff/cases/{case.ref}/undo_send"
    assert "list=tab" in desk.do("note", {"text": "x"}, at, press="Save draft").url


def test_without_a_list_there_is_no_next(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    assert "Save and open next" not in desk.form("note").text
    assert "Save and open next" in desk.form("note", "?list=tab%3Dall-open").text
    for odd in ("?list=%00", "?list=tab%3Dnonsense&list=x", "?list=" + "x" * 3000):
        assert desk.client.get(desk.url("note", odd)).status_code == 200


# The history ----------------------------------------------------------------------------------------------------


def test_the_history_turns_round(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    desk.do("note", {"text": "The newest."})
    newest = [item["id"] for item in desk.see().all(".app-entry[id]")]
    page = desk.client.page(desk.see().link("Show the oldest first"))
    assert [item["id"] for item in page.all(".app-entry[id]")] == newest[::-1]
    assert not page.one(".app-timeline").has_attr("reversed")


def test_pictures_are_looked_at_side_by_side_with_their_dates(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    desk.do(
        "add_information", {"text": "Three.", "uploads": [photo("a.jpg"), photo("b.jpg"), photo("c.jpg")]}
    )
    page = desk.see("?tab=files")
    assert page.all(".app-beside") == []
    first, _, third = (f.id for f in desk.state.files)
    shown = desk.see(f"?tab=files&beside={third}&beside={first}&beside=x&beside=99999")
    assert [img["alt"] for img in shown.all(".app-beside img")] == ["a.jpg", "c.jpg"]
    assert "No date in the picture" in shown.one(".app-beside").get_text()


def test_saving_the_step_that_a_case_waits_for_goes_on_to_the_one_after_it(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    assert "take the next step" not in desk.form("note").text
    form = desk.client.page(desk.see("?list=tab%3Dall-open").one("#next-step")["href"])
    assert form.title.startswith(f"Triage: {case.ref}, To acknowledge")
    after = desk.press(form, {"risk": "routine"}, press="Save and take the next step")
    assert after.h1 == "Write the complaint definition"
    assert "Triaged" in after.one(".govuk-notification-banner").get_text()
    assert after.link("Cancel").endswith("?list=tab%3Dall-open"), "the list goes along"
    refused = desk.press(after, press="Save and take the next step", status=422)
    assert refused.h1 == after.h1
    assert not refused.all(".govuk-notification-banner")


def test_what_somebody_else_did_meanwhile_is_shown_before_the_next_step(app: Flask) -> None:
    case = life()
    desk = desk_of(app, case.officer, case.ref)
    form = desk.form("triage")
    case.by(case.handler, c.Note(text="Her son rang."))
    after = desk.press(form, {"risk": "routine"}, press="Save and take the next step")
    assert after.h1.startswith(case.ref)
    assert "This changed while you were writing" in after.one("#changes").get_text()
