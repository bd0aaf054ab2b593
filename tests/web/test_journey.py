"""A complaint from the start page to the receipt, as a person sends it."""

import re
from datetime import timedelta
from io import BytesIO

import pytest

from shared import clock
from shared.cases import queries
from shared.cases.case_view import CaseView
from shared.db import db
from shared.identity import access
from shared.identity.actors import Resident
from shared.models import Case, Draft, OutboxMessage
from shared.vocab import Channel, Kind, Stage
from tests.support import samples
from tests.support.client import Client, Page

REACH = {
    "name": "Amal Haddad",
    "address": "4 Elm Court\nWidnes",
    "postcode": "wa8 7aa",
    "email": "amal@example.org",
}
SHORT_WAY = "Skip the optional questions"


def begin(client: Client, who: str = "me") -> Page:
    return client.submit("/en/", {"who": who}, form="#start")


def short(client: Client) -> Page:
    """The shortest honest complaint, up to the check page."""
    page = client.send(begin(client), {"what": "The boiler is broken."}, press=SHORT_WAY)
    return client.send(page, REACH, press=SHORT_WAY)


def the_case() -> CaseView:
    row = db.session.query(Case).one()
    return queries.case(row.ref, Resident(row.ref, ""))


def test_the_shortest_honest_complaint_is_five_pages(client: Client) -> None:
    pages = [client.page("/en/")]
    pages.append(client.send(pages[-1], {}, form="#start"))
    pages.append(client.send(pages[-1], {"what": "The boiler is broken."}, press=SHORT_WAY))
    pages.append(client.send(pages[-1], REACH, press=SHORT_WAY))
    pages.append(client.send(pages[-1], {}, form="#send"))
    assert [p.h1 for p in pages] == [
        "Tell us that something is wrong",
        "What has gone wrong?",
        "Who are you, and how can we reach you?",
        "Check your answers and send",
        "We have your complaint",
    ]
    view = the_case()
    assert view.ref in pages[-1].main
    assert view.state.kind is Kind.COMPLAINT
    assert view.state.stage is Stage.RECEIVED
    assert view.state.channel is Channel.PORTAL
    assert view.state.story.what == "The boiler is broken."
    assert view.state.resident is not None
    assert view.state.resident.address == ("4 Elm Court", "Widnes")
    assert view.state.resident.postcode == "WA8 7AA"
    due = view.duties[0].due_on
    assert f"{due:%A} {due.day} {due:%B %Y}" in pages[-1].main
    assert db.session.query(OutboxMessage).filter_by(recipient="amal@example.org").count() == 1
    assert db.session.query(Draft).one().case_ref == view.ref


def test_the_whole_way_asks_one_question_a_page_in_order(client: Client) -> None:
    page = begin(client)
    seen = [page.h1]
    page = client.send(page, {"what": "Damp in the bedroom.\n\nIt came back."}, press="Continue")
    seen.append(page.h1)
    page = client.send(page, {"started": "last winter"}, press="Continue")
    seen.append(page.h1)
    page = client.send(page, {"effect": "My son coughs at night."}, press="Continue")
    seen.append(page.h1)
    page = client.send(page, {"danger": "damp"}, press="Continue")
    assert page.h1 == "Please call now"
    assert "999" in page.main
    page = client.page(page.link("Continue"))
    seen.append(page.h1)
    page = client.send(page, {"wanted": "Find the leak and mend it."}, press="Continue")
    seen.append(page.h1)
    for name, data in (
        ("bedroom.jpg", samples.twelve_megapixel_jpeg()),
        ("IMG_0042.HEIC", samples.heic()),
    ):
        page = client.send(page, {"files": [(BytesIO(data), name)]}, press="Add this file")
    assert "bedroom.jpg" in page.main
    assert "2 files added" in page.main
    page = client.send(page, {}, press="Continue")
    seen.append(page.h1)
    page = client.send(page, REACH | {"phone": "07700 900 982"}, press="Continue")
    seen.append(page.h1)
    page = client.send(
        page, {"prefers": "phone", "times": "after 4 pm", "unsafe": ["no_voicemail"]}, press="Continue"
    )
    seen.append(page.h1)
    page = client.send(page, {"relation": "tenant"}, press="Continue")
    seen.append(page.h1)
    page = client.send(
        page,
        {
            "needs_writing": ["large_print"],
            "needs_talking": ["hearing_loop"],
            "needs_detail": "Please speak slowly.",
            "interpreter": "Sorani Kurdish",
        },
        press="Continue",
    )
    seen.append(page.h1)
    assert seen == [
        "What has gone wrong?",
        "When did it start? (optional)",
        "How has it affected you or anyone in your home? (optional)",
        "Is anyone unsafe or unwell because of this now? (optional)",
        "What would you like us to do? (optional)",
        "Do you have photos, documents or recordings? (optional)",
        "Who are you, and how can we reach you?",
        "How and when should we get in contact? (optional)",
        "Which of these is right for you? (optional)",
        "Is there anything we should do differently so that this works for you? (optional)",
        "Check your answers and send",
    ]
    for words in ("last winter", "My son coughs", "after 4 pm", "Large print", "Sorani Kurdish", "IMG_0042"):
        assert words in page.main, words
    client.send(page, {}, form="#send")

    state = the_case().state
    assert (state.story.started, state.story.danger) == ("last winter", "damp")
    assert state.story.effect == "My son coughs at night."
    assert state.story.wanted == "Find the leak and mend it."
    assert state.resident is not None
    assert (state.resident.relationship, state.resident.prefers) == ("tenant", Channel.PHONE)
    assert (state.safety.times, state.safety.no_voicemail, state.safety.no_post) == (
        "after 4 pm",
        True,
        False,
    )
    assert {n.code: n.detail for n in state.needs} == {
        "large_print": "",
        "hearing_loop": "",
        "interpreter": "Sorani Kurdish",
        "other": "Please speak slowly.",
    }
    assert [f.media_type for f in state.files] == ["image/jpeg", "image/jpeg"]
    assert state.files[0].taken_on is not None


OPTIONAL = ("started", "effect", "danger", "wanted", "files", "safe", "relation", "needs")


@pytest.mark.parametrize("name", OPTIONAL)
def test_every_optional_question_is_skipped_in_one_press(client: Client, name: str) -> None:
    short(client)
    page = client.page(f"/en/tell-us/{name}")
    after = client.send(page, {}, press="Skip this question")
    assert after.h1 != page.h1
    assert not after.errors


def test_what_is_needed_is_asked_for_in_words_that_say_how_to_mend_it(client: Client) -> None:
    page = client.send(begin(client), {}, press="Continue", status=422)
    assert page.errors == ["Write what has gone wrong, or ask us to call you"]
    assert page.title.startswith("Error: What has gone wrong?")
    page = client.send(page, {"what": "Noise"}, press=SHORT_WAY)
    page = client.send(page, {}, press="Continue", status=422)
    assert page.errors == [
        "Enter your name",
        "Enter the address of the home. If it has none, write where it is.",
        "Enter an email address or a phone number, or choose that we write by post",
    ]
    page = client.send(
        page,
        {"name": "Amal", "address": "Here", "postcode": "99", "email": "amal", "phone": "12"},
        press="Continue",
        status=422,
    )
    assert page.errors == [
        "Check the postcode. It should look like WA7 1AB.",
        "Enter an email address with an @, like name@example.com",
        "Enter a phone number, like 01632 960 001 or 07700 900 982",
    ]
    assert page.one("#email")["value"] == "amal"


def test_post_alone_is_a_way_to_be_reached(client: Client) -> None:
    page = client.send(begin(client), {"what": "Noise"}, press=SHORT_WAY)
    page = client.send(page, REACH | {"email": "", "by_post": "y"}, press=SHORT_WAY)
    client.send(page, {}, form="#send")
    resident = the_case().state.resident
    assert resident is not None
    assert resident.prefers is Channel.LETTER


def test_somebody_who_cannot_write_asks_for_a_call(client: Client) -> None:
    page = client.send(begin(client), {"write_for_me": "y"}, press=SHORT_WAY)
    page = client.send(page, REACH, press=SHORT_WAY, status=422)
    assert page.errors == ["Enter your phone number, so that we can call you"]
    page = client.send(page, {"phone": "٠٧٧٠٠ ٩٠٠٩٨٢"}, press=SHORT_WAY)
    assert "Call me and write it for me" in page.main
    client.send(page, {}, form="#send")
    state = the_case().state
    assert state.story.write_for_me
    assert state.resident is not None
    assert state.resident.phone == "07700 900982"


def test_change_leads_straight_back_to_the_check_page(client: Client) -> None:
    page = short(client)
    for link in [str(a["href"]) for a in page.all(".govuk-summary-list__actions a")]:
        changed = client.page(link)
        assert "Skip" not in changed.main or "/files" in link
        back = client.send(changed, {}, press="Continue")
        assert back.h1 in {"Check your answers and send", "Please call now"}, link
    page = client.page("/en/tell-us/danger?back=check")
    page = client.send(page, {"danger": "gas"}, press="Continue")
    assert page.h1 == "Please call now"
    page = client.page(page.link("Continue"))
    assert page.h1 == "Check your answers and send"
    assert "smell of gas" in page.main


def test_sending_before_it_is_complete_says_what_is_missing(client: Client) -> None:
    page = client.send(begin(client), {"what": "Noise"}, press="Continue")
    page = client.page("/en/tell-us/check")
    assert "We still need an answer here:" in page.main
    page = client.send(page, {}, form="#send", status=422)
    assert page.errors == ["Enter your name"]
    assert db.session.query(Case).count() == 0


def test_the_receipt_shows_the_code_in_groups_and_keeps_it_nowhere(client: Client) -> None:
    page = client.send(short(client), {}, form="#send")
    code = re.search(r"\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\b", page.main)
    assert code
    copy = client.get(page.link("Save as a web page"))
    assert copy.headers["Content-Disposition"].startswith("attachment")
    assert code[0] in copy.text
    drawn = client.get(str(page.one("main img")["src"]))
    assert drawn.mimetype == "image/svg+xml"
    stored = " ".join(str(row) for table in ("access_key", "draft", "case_event") for row in _rows(table))
    assert code[0] not in stored
    assert code[0].replace("-", "") not in stored
    client.send(page, {}, form="#close")
    assert client.page("/en/receipt").h1 == "Tell us that something is wrong"


def _rows(table: str) -> list[object]:
    from sqlalchemy import text

    return [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608


def code_on(page: Page) -> str:
    found = re.search(r"\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\b", page.main)
    assert found
    return found[0]


def test_pressing_send_twice_makes_one_complaint(client: Client) -> None:
    check = short(client)
    first = client.send(check, {}, form="#send")
    second = client.send(check, {}, form="#send")
    assert code_on(first) == code_on(second)
    assert db.session.query(Case).count() == 1


def test_an_answer_that_got_lost_comes_again_with_a_code_that_works(client: Client) -> None:
    check = short(client)
    cookie = client.get_cookie("redress")
    assert cookie is not None
    first = client.send(check, {}, form="#send")
    client.set_cookie("redress", cookie.value)
    second = client.send(check, {}, form="#send")
    case = db.session.query(Case).one()
    assert access.check_access_code(db.session(), case.id, code_on(first)) is None
    assert access.check_access_code(db.session(), case.id, code_on(second)) is not None


def test_an_old_page_does_not_open_the_case_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    check = short(client)
    cookie = client.get_cookie("redress")
    assert cookie is not None
    code = code_on(client.send(check, {}, form="#send"))
    client.set_cookie("redress", cookie.value)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=1))
    page = client.send(check, {}, form="#send")
    assert "/sign-in" in page.url
    case = db.session.query(Case).one()
    assert access.check_access_code(db.session(), case.id, code) is not None


def test_closing_leaves_nothing_for_the_next_person(client: Client) -> None:
    check = short(client)
    page = client.send(check, {}, form="#send")
    client.send(page, {}, form="#close")
    page = client.send(check, {}, form="#send", follow=True)
    assert page.h1 == "Tell us that something is wrong"
    assert client.page("/en/receipt").h1 == "Tell us that something is wrong"


def test_after_sending_the_next_complaint_is_another(client: Client) -> None:
    client.send(short(client), {}, form="#send")
    assert client.page("/en/tell-us/check").h1 == "We have your complaint"
    page = client.submit("/en/", {}, form="#start")
    page = client.send(page, {"what": "Something new"}, press=SHORT_WAY)
    assert page.h1 == "Check your answers and send", "who she is and where she lives is known"
    assert "The boiler" not in page.main
    assert db.session.query(Draft).count() == 2


def test_by_htmx_the_words_are_saved_before_the_page_changes(client: Client) -> None:
    page = begin(client)
    page = client.send(page, {"what": "Noise"}, press="Continue", htmx=True, status=204)
    assert page.response.headers["HX-Redirect"] == "/en/tell-us/started"
    assert db.session.query(Draft).one().answers["what"] == "Noise"
    page = client.send(client.page("/en/tell-us/what"), {"what": ""}, press="Continue", htmx=True, status=422)
    assert page.errors
