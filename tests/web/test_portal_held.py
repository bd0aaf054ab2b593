"""Files chosen on a page survive whatever is wrong beside them, with scripts and without."""

from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import func, select

from portal import rate_limits
from shared.cases import files, queries
from shared.db import db
from shared.models import Attachment
from shared.vocab import ConsentScope
from tests.support import samples
from tests.support.client import Client, Page
from tests.support.portal import Complaint, Team, browser, complaint, consent, sign_in

MESSAGES = "/en/my-complaint/messages"
TOO_LONG = "x" * 20_001


@pytest.fixture
def case(client: Client, people: Team) -> Complaint:
    found = complaint(helper=True)
    sign_in(client, found.ref, found.code)
    return found


def photo(name: str = "wall.jpg") -> tuple[BytesIO, str]:
    return BytesIO(samples.jpeg()), name


def kept() -> int:
    return db.session.scalar(select(func.count()).select_from(Attachment)) or 0


def read(answer: Any) -> Page:
    return Page(answer, BeautifulSoup(answer.text, "lxml"))


@pytest.mark.parametrize("htmx", [False, True])
def test_an_error_beside_it_loses_no_file(client: Client, case: Complaint, htmx: bool) -> None:
    page = client.submit(
        MESSAGES, {"text": TOO_LONG, "files": [photo()]}, form="#answer", status=422, htmx=htmx
    )
    assert "wall" in page.one("#_held").get_text()
    page = client.send(page, {"text": "Here it is"}, form="#answer", press="Send message")
    state = queries.case(case.ref, case.resident).state
    assert [f.name for f in state.files] == [f.name for f in queries.case(case.ref, case.resident).files]
    assert len(state.files) == 1
    assert state.messages[0].files == (state.files[0].id,)


def test_the_good_one_of_two_is_held_and_the_bad_one_named(client: Client, case: Complaint) -> None:
    bad = (BytesIO(b"MZ\x90\x00" + bytes(200)), "tool.exe")
    page = client.submit(MESSAGES, {"text": "Two", "files": [photo(), bad]}, form="#answer", status=422)
    assert any(error.startswith("\u2068tool.exe\u2069: ") for error in page.errors)
    assert "wall" in page.one("#_held").get_text()
    client.send(page, {}, form="#answer", press="Send message")
    assert len(queries.case(case.ref, case.resident).files) == 1


def test_a_held_file_is_taken_off_again(client: Client, case: Complaint) -> None:
    page = client.submit(MESSAGES, {"text": TOO_LONG, "files": [photo()]}, form="#answer", status=422)
    assert kept() == 1
    page = client.send(page, {"text": "Only words"}, form="#answer", press="Remove", status=200)
    assert page.one("#_held").has_attr("hidden")
    assert page.one("textarea[name=text]").get_text().strip() == "Only words"
    assert kept() == 0
    client.send(page, {}, form="#answer", press="Send message")
    assert queries.case(case.ref, case.resident).state.files == ()


def test_a_change_of_language_keeps_the_file(client: Client, case: Complaint) -> None:
    page = client.page(MESSAGES)
    token = str(page.one("#answer input[name=csrf_token]")["value"])
    answer = client.post(
        "/ur/my-complaint/messages",
        data={"csrf_token": token, "language": "ur", "files": [photo()]},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 200
    assert len(read(answer).all("#_held input[name=held]")) == 1


def test_the_end_of_a_session_keeps_the_file(client: Client, case: Complaint) -> None:
    page = client.page(MESSAGES)
    with client.session_transaction() as cookie:
        cookie["who"] = {**cookie["who"], "seen": 0}
    page = client.send(page, {"text": "The wall", "files": [photo()]}, form="#answer", status=403)
    assert page.h1 == "See your complaint"
    page = client.send(page, {"ref": case.ref, "code": case.code}, form="#sign-in")
    assert "wall" in page.main
    page = client.send(page, {}, form="#go-on")
    state = queries.case(case.ref, case.resident).state
    assert state.messages[0].text == "The wall"
    assert len(state.messages[0].files) == 1


def test_what_is_held_for_one_person_is_nothing_to_another(
    client: Client, app: Flask, case: Complaint
) -> None:
    page = client.submit(MESSAGES, {"text": TOO_LONG, "files": [photo()]}, form="#answer", status=422)
    token = str(page.one("#_held input[name=held]")["value"])
    consent(case, ConsentScope.EVERYTHING)
    other = complaint()
    for ref, code in ((case.ref, case.helper_code), (other.ref, other.code)):
        thief = sign_in(browser(app), ref, code)
        page = thief.page(MESSAGES)
        sent = {"csrf_token": str(page.one("#answer input[name=csrf_token]")["value"]), "seen": "9"}
        answer = thief.post(MESSAGES, data={**sent, "text": "Mine?", "held": token})
        assert answer.status_code == 303
        answer = thief.post(MESSAGES, data={**sent, "text": TOO_LONG, "drop": token})
        assert kept() == 1
    for odd in ("1", "", "ÿ.x.y", "\x00", token[:-1], "a" * 5000):
        answer = client.post(
            MESSAGES,
            data={
                "csrf_token": str(client.page(MESSAGES).one("#answer input[name=csrf_token]")["value"]),
                "held": odd,
                "drop": odd,
            },
        )
        assert answer.status_code == 200
    assert db.session.scalars(select(Attachment.case_id)).all() == [None]


def test_pieces_arrive_for_the_form_that_is_open(client: Client, case: Complaint, app: Flask) -> None:
    data = photo()[0].read()
    page = client.page(MESSAGES)
    token = str(page.one("#answer input[name=csrf_token]")["value"])
    half = len(data) // 2
    where = f"/en/my-complaint/files/piece?upload=abcdefgh&size={len(data)}&name=wall.jpg"
    first = client.post(f"{where}&offset=0", data=data[:half], headers={"X-CSRFToken": token})
    assert first.json == {"received": half}
    assert client.get("/en/my-complaint/files/piece?upload=abcdefgh").json == {"received": half}
    last = client.post(f"{where}&offset={half}", data=data[half:], headers={"X-CSRFToken": token})
    assert last.json
    assert last.json["done"] is True
    sent = {"csrf_token": token, "seen": "1", "text": "", "held": last.json["held"]}
    assert client.post(MESSAGES, data=sent).status_code == 303
    assert len(queries.case(case.ref, case.resident).files) == 1
    stranger = browser(app)
    assert stranger.get("/en/my-complaint/files/piece?upload=abcdefgh").status_code == 303


def test_a_case_that_is_full_takes_no_more_from_outside(
    client: Client, case: Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_ON_CASE", 1)
    client.submit(MESSAGES, {"text": "One", "files": [photo()]}, form="#answer")
    page = client.submit(MESSAGES, {"text": "Two", "files": [photo()]}, form="#answer", status=422)
    assert "Your complaint holds as many files as we can take" in page.errors[0]
    assert kept() == 1


def test_files_by_the_hundred_wait_whether_sent_whole_or_in_pieces(
    client: Client, case: Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "FILES_FOR_EACH_SENT", 0)
    page = client.submit(MESSAGES, {"text": "Two", "files": [photo()]}, form="#answer", status=422)
    assert "Wait one minute and try again" in page.errors[0]
    token = str(page.one("#answer input[name=csrf_token]")["value"])
    where = "/en/my-complaint/files/piece?upload=abcdefgh&size=9&name=wall.jpg&offset=0"
    answer = client.post(where, data=b"begun", headers={"X-CSRFToken": token})
    assert answer.json
    assert "Wait one minute" in answer.json["problem"]
    assert client.get("/en/my-complaint/files/piece?upload=abcdefgh").json == {"received": 0}


def test_a_complaint_that_lay_open_too_long_keeps_its_file(client: Client) -> None:
    page = client.submit("/en/", {"who": "me"}, form="#start")
    page = client.send(page, {"what": "Damp"}, press="Continue")
    page = client.page("/en/tell-us/files")
    with client.session_transaction() as cookie:
        cookie.clear()
    page = client.send(page, {"files": [photo()]}, form="#question", press="Add this file", status=422)
    assert "Nothing that you wrote is lost" in page.main
    assert "wall" in page.one("#_files").get_text()
