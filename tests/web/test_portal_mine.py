"""My complaint, as the resident sees and uses it."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from shared import clock
from shared.cases import commands as c
from shared.cases import queries, service
from shared.db import db
from shared.letters.facts import Words
from shared.models import Case, Letter
from shared.policy.terms import ClockName
from shared.vocab import CloseReason, Kind, Stage
from tests.support.client import Client, Page
from tests.support.portal import Complaint, Team, browser, complaint, ref_staff, sign_in

MINE = "/en/my-complaint"
WEDNESDAY = datetime(2026, 11, 18, 10, tzinfo=clock.LONDON)


def photo(name: str = "wall.jpg") -> tuple[BytesIO, str]:
    raw = BytesIO()
    Image.new("RGB", (40, 30)).save(raw, "JPEG")
    raw.seek(0)
    return raw, name


# Where it stands ------------------------------------------------------------------------------------------


def marks(client: Client) -> list[bool]:
    return [bool(step.get("aria-current")) for step in client.page(MINE).all(".app-steps li")]


def test_a_new_complaint_shows_where_it_stands_and_why(client: Client, app: Flask) -> None:
    with clock.pretend(WEDNESDAY):
        case = complaint()
        sign_in(client, case.ref, case.code)
        new_complaint(client, case)


def new_complaint(client: Client, case: Complaint) -> None:
    page = client.page(MINE)
    assert case.ref in page.main
    assert marks(client) == [True, False, False, False, False]
    duty = queries.case(case.ref, case.resident).duties[0]
    due = duty.due_on
    assert f"You hear from us by {due:%A} {due.day} {due:%B %Y}" in page.main
    why = page.all("details")[0].get_text(" ")
    assert "5 working days" in why
    assert "We do not count Saturdays and Sundays." in why
    assert duty.clock.source in why
    assert "0300 111 3000" in page.main


def test_the_picture_moves_with_the_complaint(client: Client, case: Complaint, people: Team) -> None:
    people.acknowledge(case.ref)
    assert marks(client).index(True) == 1
    people.promise(case.ref)
    people.respond(case.ref)
    assert marks(client).index(True) == 2
    service.perform(case.ref, c.Escalate(), case.resident)
    assert marks(client).index(True) == 3
    people.acknowledge(case.ref, people.reviewer)
    assert marks(client).index(True) == 3
    people.respond(case.ref, people.reviewer)
    assert marks(client).index(True) == 4
    people.does(case.ref, c.Close(reason=CloseReason.FINAL_RESPONSE))
    page = client.page(MINE)
    assert page.all(".app-steps li")[-1].get("aria-current") == "step"
    assert "Our promises to you still count." in page.main
    assert "We paint the wall" in page.main


def test_bank_holidays_are_named(client: Client, app: Flask) -> None:
    with clock.pretend(clock.now().replace(year=2025, month=12, day=22, hour=10)):
        case = complaint()
    sign_in(client, case.ref, case.code)
    why = client.page(MINE).all("details")[0].get_text(" ")
    for name in ("Christmas Day", "Boxing Day", "New Year's Day"):
        assert name in why or name == "New Year's Day"


def test_being_late_is_said_plainly(client: Client, app: Flask) -> None:
    with clock.pretend(clock.now() - timedelta(days=30)):
        case = complaint()
    sign_in(client, case.ref, case.code)
    assert "We are late, and we are sorry." in client.page(MINE).main


def test_what_is_not_for_her_is_not_shown(client: Client, case: Complaint, people: Team) -> None:
    people.does(case.ref, c.Note(text="A thought among colleagues"))
    people.acknowledge(case.ref)
    people.does(
        case.ref, c.OfferRemedy(kind="explanation", text=Words("An offer not sent yet")), people.handler
    )
    for page in ("", "/history", "/messages"):
        text = client.page(MINE + page).text
        assert "A thought among colleagues" not in text
        assert "An offer not sent yet" not in text
    token = client.page(f"{MINE}/messages").one("#answer input[name=csrf_token]")["value"]
    answer = client.post(
        f"{MINE}/offers/1", data={"csrf_token": token, "seen": state_version(case), "accepted": "yes"}
    )
    assert answer.status_code == 404


def state_version(case: Complaint) -> int:
    return queries.case(case.ref, case.resident).version


def test_a_request_and_a_comment_have_pages_of_their_own(client: Client, app: Flask) -> None:
    for kind, h1 in ((Kind.SERVICE_REQUEST, "My request"), (Kind.COMMENT, "What I told you")):
        case = complaint(kind=kind)
        one = sign_in(browser(app), case.ref, case.code)
        page = one.page(MINE)
        assert page.h1 == h1
        assert "Ask us to look at it again" not in page.main


# Stage 2 --------------------------------------------------------------------------------------------------


@pytest.fixture
def answered(case: Complaint, people: Team) -> Complaint:
    people.acknowledge(case.ref)
    people.promise(case.ref)
    people.respond(case.ref)
    return case


def test_escalating_takes_one_press_and_a_confirmation(client: Client, answered: Complaint) -> None:
    page = client.page(MINE)
    page = client.page(page.link("Ask us to look at it again"))
    assert not page.all("input[required], textarea[required]")
    page = client.send(page, {}, form="#answer", press="Yes, look at it again")
    assert "Another person will look" in page.main
    assert answered.state.stage is Stage.STAGE_2_REQUESTED
    assert answered.state.escalation_reason == ""
    assert client.get(f"{MINE}/escalate").status_code == 403


def test_pressing_twice_escalates_once(client: Client, answered: Complaint) -> None:
    page = client.page(f"{MINE}/escalate")
    client.send(page, {}, form="#answer", press="Yes")
    before = state_version(answered)
    assert client.send(page, {}, form="#answer", press="Yes").h1 == "My complaint"
    assert state_version(answered) == before


@pytest.mark.parametrize(("page", "typed"), [("messages", {"text": "It rains in."}), ("withdraw", {})])
def test_two_presses_of_one_button_are_one_step_and_no_error(
    client: Client, case: Complaint, page: str, typed: dict[str, str]
) -> None:
    form = client.page(f"{MINE}/{page}").one("main form")
    data = {str(i["name"]): str(i.get("value", "")) for i in form.select("input[type=hidden]")} | typed
    before = len(queries.case(case.ref, case.resident).events)
    answers = [client.post(f"{MINE}/{page}", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(queries.case(case.ref, case.resident).events) == before + 1
    again = client.page(f"{MINE}/messages").one("main form input[name=seen]")["value"]
    client.post(f"{MINE}/messages", data=data | {"text": "It rains in.", "seen": str(again)})
    assert queries.case(case.ref, case.resident).state.messages[-1].text == "It rains in."
    assert len(queries.case(case.ref, case.resident).events) == before + 2, "from a new page it is a new one"


def test_late_is_asked_gently_and_never_barred(
    client: Client, answered: Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "It is later than" not in client.page(f"{MINE}/escalate").main
    window = queries.case(answered.ref, answered.resident).clocks[ClockName.ESCALATION_WINDOW]
    later = clock.now() + (window.accepted_until - clock.today()) + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    sign_in(client, answered.ref, answered.code)
    page = client.page(f"{MINE}/escalate")
    assert "It is later than" in page.main
    client.send(page, {}, form="#answer", press="Yes")
    assert answered.state.stage is Stage.STAGE_2_REQUESTED


# Promises and offers --------------------------------------------------------------------------------------


def test_a_promise_is_kept_only_when_she_says_so(client: Client, case: Complaint, people: Team) -> None:
    people.acknowledge(case.ref)
    people.promise(case.ref)
    people.does(
        case.ref,
        c.CompleteCommitment(number=1, completed_on=clock.today(), proof="The painter's note"),
        people.handler,
    )
    page = client.page(MINE)
    assert "Is that right?" in page.main
    answer = client.page(page.link("Write to us about this promise"))
    page = client.send(answer, {"words": "The wall is wet"}, form="#answer", press="It is not done")
    assert "You told us that it is not done" in page.main
    kept = case.state.commitments[0]
    assert kept.confirmed is False
    assert kept.confirmed_words == "The wall is wet"
    # What she said already is not asked again.
    assert [b.get_text(strip=True) for b in page.all("#promise-form-1 button")] == ["It is done"]
    page = client.send(page, {}, form="#promise-form-1", press="It is done")
    assert [b.get_text(strip=True) for b in page.all("#promise-form-1 button")] == ["It is not done"]
    assert "You told us that it is done" in page.main
    assert case.state.commitments[0].open is False


def test_an_offer_is_answered_without_closing_any_door(client: Client, answered: Complaint) -> None:
    page = client.send(client.page(MINE), {}, form="#offer-form-1", press="No, I do not")
    assert "You did not accept this offer." in page.main
    assert answered.state.remedies[0].accepted is False
    assert "Ask us to look at it again" in page.main


# Writing --------------------------------------------------------------------------------------------------


def test_messages_go_both_ways_with_files(client: Client, case: Complaint, people: Team) -> None:
    people.does(case.ref, c.Message(text="We come on Tuesday"))
    page = client.submit(f"{MINE}/messages", {}, form="#answer", status=422)
    assert page.errors == ["Write your message"]
    page = client.send(page, {"text": "Please ring first", "files": [photo()]}, form="#answer")
    assert "We have your message" in page.main
    page = client.page(f"{MINE}/messages")
    assert "We come on Tuesday" in page.main
    assert "Please ring first" in page.main
    picture = client.get(page.link("wall.jpg"))
    assert picture.mimetype == "image/jpeg"


def test_adding_words_and_files(client: Client, case: Complaint) -> None:
    assert client.submit(f"{MINE}/add", {}, form="#answer", status=422).errors
    client.submit(
        f"{MINE}/add", {"text": "The boiler too", "files": [photo(), photo("two.jpg")]}, form="#answer"
    )
    assert [f.name for f in case.state.files] == ["wall.jpg", "two.jpg"]
    assert "wall.jpg" in client.page(MINE).main


def test_a_bad_file_is_named_and_the_words_stay(client: Client, case: Complaint) -> None:
    bad = (BytesIO(b"MZ\x90\x00 not a picture"), "<img src=x onerror=alert(1)>.jpg")
    page = client.submit(
        f"{MINE}/add", {"text": "Look at this", "files": [photo(), bad]}, form="#answer", status=422
    )
    assert "onerror" in page.errors[0]
    assert page.one("textarea[name=text]").get_text().strip() == "Look at this"
    assert case.state.files == ()


def test_a_question_is_answered_once(client: Client, case: Complaint, people: Team) -> None:
    people.does(case.ref, c.AskClarification(question=Words("Which wall is it?")))
    page = client.page(MINE)
    assert "Which wall is it?" in page.main
    page = client.page(page.link("Answer the question"))
    page = client.send(page, {}, form="#answer", status=422)
    client.send(page, {"reply": "The north wall"}, form="#answer")
    assert case.state.clarifications[0].answer == "The north wall"
    assert "Which wall is it?" not in client.page(MINE).main
    assert client.get(f"{MINE}/questions/7").status_code in {403, 404}


def test_more_time_can_be_refused_with_the_ombudsman_at_hand(
    client: Client, case: Complaint, people: Team
) -> None:
    people.acknowledge(case.ref)
    people.does(
        case.ref,
        c.Extend(
            days=5,
            reason_code="complex",
            reason=Words("The survey takes longer."),
            agreement_sought=True,
            approver=ref_staff(people.manager),
        ),
        people.handler,
    )
    page = client.page(client.page(MINE).link("Tell us if you agree"))
    assert "0300 111 3000" in page.main
    page = client.send(page, {}, form="#answer", status=422)
    client.send(page, {"agreed": "no", "words": "I waited long enough"}, form="#answer")
    last = case.state.extensions[-1]
    assert last.agreed is False
    assert last.resident_words == "I waited long enough"
    assert "Tell us if you agree" not in client.page(MINE).main


def test_another_language_keeps_every_word(client: Client, case: Complaint) -> None:
    page = client.page(f"{MINE}/messages")
    moved = client.post(
        page.url, data=(typed := {**form_of(page), "text": "The wall is wet", "language": "ar"})
    )
    assert moved.status_code == 307  # a browser sends the same form again, to the same page in Arabic
    assert moved.location == "/ar/my-complaint/messages"
    answer = client.post(moved.location, data=typed)
    page = Page(answer, BeautifulSoup(answer.text, "html5lib"))
    assert page.one("textarea[name=text]").get_text().strip() == "The wall is wet"
    assert case.state.messages == ()
    client.send(page, {"text": "الجدار رطب"}, form="#answer", press=send_word(client))
    assert case.state.messages[0].language == "ar"


def form_of(page: Page) -> dict[str, str]:
    return {str(i["name"]): str(i["value"]) for i in page.all("#answer input[type=hidden]")}


def send_word(client: Client) -> str:
    return str(
        client.page("/ar/my-complaint/messages")
        .one("#answer .govuk-button:not(.govuk-button--secondary)")
        .get_text()
    ).strip()


# What changed meanwhile -----------------------------------------------------------------------------------


def test_a_note_among_colleagues_never_stands_in_her_way(
    client: Client, answered: Complaint, people: Team
) -> None:
    page = client.page(f"{MINE}/escalate")
    people.does(answered.ref, c.Note(text="Ring her"))
    client.send(page, {}, form="#answer", press="Yes")
    assert answered.state.stage is Stage.STAGE_2_REQUESTED


def test_what_changed_is_told_and_her_words_are_kept(client: Client, case: Complaint, people: Team) -> None:
    page = client.page(f"{MINE}/withdraw")
    people.acknowledge(case.ref)
    page = client.send(page, {"reason": "It takes too long"}, form="#answer", press="Stop", status=409)
    assert "We wrote to you to say that we are looking into it" in page.main
    assert "It takes too long" in page.main
    assert case.state.stage is Stage.STAGE_1


def test_adding_is_never_too_late(client: Client, case: Complaint, people: Team) -> None:
    page = client.page(f"{MINE}/messages")
    people.acknowledge(case.ref)
    client.send(page, {"text": "Still wet"}, form="#answer")
    assert case.state.messages[0].text == "Still wet"


# Herself --------------------------------------------------------------------------------------------------


def test_contact_details_are_filled_in_and_changed(client: Client, case: Complaint) -> None:
    page = client.page(f"{MINE}/contact")
    assert page.one("input[name=email]")["value"] == "mina@resident.example"
    page = client.send(page, {"email": "", "phone": "", "address": ""}, form="#answer", status=422)
    page = client.send(page, {"email": "new@resident.example", "unsafe": ["no_voicemail"]}, form="#answer")
    person = case.state.resident
    assert person is not None
    assert person.email == "new@resident.example"
    assert case.state.safety.no_voicemail
    assert not case.state.safety.no_calls


def test_needs_are_filled_in_and_changed(client: Client, case: Complaint) -> None:
    client.submit(
        f"{MINE}/needs", {"needs_writing": ["large_print"], "interpreter": "Bengali"}, form="#answer"
    )
    assert {n.code for n in case.state.needs} == {"large_print", "interpreter"}
    page = client.page(f"{MINE}/needs")
    assert page.one("input[value=large_print]").has_attr("checked")
    client.send(page, {"needs_writing": [], "reply_language": "ar"}, form="#answer")
    assert {n.code for n in case.state.needs} == {"interpreter"}
    assert case.state.language == "ar"


def test_stopping_is_interrupted_first(client: Client, case: Complaint) -> None:
    page = client.page(f"{MINE}/withdraw")
    kept = client.page(page.link("Keep my complaint"))
    assert "Your complaint goes on" in kept.main
    page = client.send(page, {}, form="#answer", press="Stop my complaint")
    assert "You can come back to us at any time" in page.main
    assert case.state.close_reason is CloseReason.WITHDRAWN


def test_letters_come_in_every_form(client: Client, case: Complaint) -> None:
    page = client.page(MINE)
    letter = db.session.scalars(select(Letter)).first()
    assert letter is not None
    page = client.page(f"{MINE}/letters/{letter.id}")
    assert f"{page.h1} ({case.ref})" == letter.title
    assert case.ref not in client.page(MINE).one("#_letters").get_text()
    assert client.get(page.link("Save as PDF")).data.startswith(b"%PDF")
    large = client.get(page.link("large print"))
    assert large.data.startswith(b"%PDF")
    text = client.get(page.link("plain text"))
    assert text.mimetype == "text/plain"
    assert text.get_data(as_text=True) == letter.text


def test_the_history_names_roles_and_nobody(client: Client, case: Complaint, people: Team) -> None:
    people.acknowledge(case.ref)
    page = client.page(f"{MINE}/history")
    assert "The complaints team" in page.main
    assert "Officer Person" not in page.main


# Afterwards -----------------------------------------------------------------------------------------------


def test_an_unhappy_answer_becomes_a_complaint_with_one_press(
    client: Client, answered: Complaint, people: Team
) -> None:
    people.does(answered.ref, c.Close(reason=CloseReason.RESOLVED, words=Words("She said so.")))
    page = client.page(client.page(MINE).link("Tell us how it was"))
    page = client.send(page, {}, form="#answer", status=422)
    page = client.send(page, {"satisfied": "1", "words": "Nobody listened to me"}, form="#answer")
    assert page.h1 == "Do you want to complain about it?"
    client.send(page, form="#answer", press="Yes")
    sign_in(
        client, answered.ref, answered.code
    )  # the receipt never arrived: she comes back and presses again
    page = client.send(client.page(f"{MINE}/unhappy"), form="#answer", press="Yes")
    assert page.h1 == "We have your complaint"
    assert db.session.scalar(select(func.count(Case.id))) == 2
    new = db.session.scalars(select(Case).order_by(Case.id.desc())).first()
    assert new is not None
    assert new.ref != answered.ref
    assert new.resident == "Mina Rahman"
    made = queries.case(new.ref, type(answered.resident)(new.ref, "Mina Rahman")).state
    assert made.linked == (answered.ref,)
    assert made.story.what == "Nobody listened to me"
    assert answered.state.feedback is not None


def test_a_happy_answer_is_thanked_for(client: Client, answered: Complaint) -> None:
    page = client.submit(f"{MINE}/feedback", {"satisfied": "5"}, form="#answer")
    assert "Thank you for telling us how it was." in page.main
