"""Every page of somebody's own complaint: translated, whole, and closed to everybody else."""

import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from shared import i18n
from shared.cases import commands as c
from shared.cases import files, queries, service
from shared.cases.state import FileRef
from shared.db import db
from shared.letters.facts import Words
from shared.models import Attachment, Letter
from shared.vocab import CloseReason
from tests.support.client import Client
from tests.support.portal import Complaint, Team, browser, complaint, ref_staff, sign_in
from tests.support.pseudo import find_literals, speak_pseudo

OWN = (
    "",
    "/escalate",
    "/withdraw",
    "/mediation",
    "/panel",
    "/formal-answer",
    "/messages",
    "/add",
    "/questions/1",
    "/more-time",
    "/contact",
    "/needs",
    "/consent",
    "/history",
    "/new-code",
    "/feedback",
    "/unhappy",
    "/promises/1",
)
POSTS = ("/offers/1",)


def photo(name: str = "wall.jpg") -> BytesIO:
    raw = BytesIO()
    Image.new("RGB", (40, 30)).save(raw, "JPEG")
    raw.seek(0)
    raw.name = name
    return raw


def kept(name: str = "wall.jpg") -> FileRef:
    return files.add(photo(), name, added_by="Mina Rahman")


def busy(people: Team) -> Complaint:
    """A case in the middle of stage 1 with everything on it."""
    case = complaint(helper=True)
    people.acknowledge(case.ref)
    people.promise(case.ref)
    service.perform(case.ref, c.AddInformation(text="A photo", files=(kept(),)), case.resident)
    people.does(case.ref, c.AskClarification(question=Words("Which wall is it?")), people.handler)
    people.does(case.ref, c.Message(text="We come on Tuesday"), people.handler)
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
    return case


def answered(people: Team) -> Complaint:
    case = complaint()
    people.acknowledge(case.ref)
    people.promise(case.ref)
    people.respond(case.ref)
    return case


def closed(people: Team) -> Complaint:
    case = answered(people)
    people.does(case.ref, c.Close(reason=CloseReason.RESOLVED, words=Words("She said so on the phone.")))
    return case


def finished(people: Team) -> Complaint:
    case = answered(people)
    service.perform(case.ref, c.Escalate(), case.resident)
    people.acknowledge(case.ref, people.reviewer)
    people.respond(case.ref, people.reviewer)
    return case


def withdrawn(people: Team) -> Complaint:
    case = complaint()
    people.acknowledge(case.ref)
    service.perform(case.ref, c.Withdraw(), case.resident)
    return case


STATES = {
    "busy": busy,
    "answered": answered,
    "closed": closed,
    "finished": finished,
    "withdrawn": withdrawn,
}


@pytest.mark.only_on("sqlite")  # words and markup of many pages, which no database has a say in
@pytest.mark.parametrize("state", STATES)
def test_every_page_opens_in_every_language(client: Client, people: Team, state: str) -> None:
    case = STATES[state](people)
    sign_in(client, case.ref, case.code)
    opened = 0
    for page in OWN:
        for language in i18n.languages():
            answer = client.get(f"/{language.tag}/my-complaint{page}")
            assert answer.status_code in {200, 303, 403, 404}, page
            opened += answer.status_code == 200
    assert opened >= 6 * len(i18n.languages())


@pytest.mark.only_on("sqlite")  # words and markup of many pages, which no database has a say in
@pytest.mark.parametrize("state", STATES)
def test_every_page_is_wholly_translated(
    app: Flask, client: Client, people: Team, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = STATES[state](people)
    sign_in(client, case.ref, case.code)
    with client.session_transaction() as held:
        mine = dict(held)
    names = {language.name for language in i18n.languages()}  # each in its own language, also in a select
    speak_pseudo(monkeypatch)
    plain = FlaskClient(app, app.response_class)
    with plain.session_transaction() as held:
        held.update(mine)
    for page in OWN:
        answer = plain.get(f"/en/my-complaint{page}")
        if answer.status_code == 200:
            found = find_literals(answer.get_data(as_text=True))
            assert [one for one in found if one not in names] == [], page


def test_nobody_elses_letters_and_files_can_be_told_from_none_at_all(
    client: Client, app: Flask, people: Team
) -> None:
    case = busy(people)
    thief = sign_in(browser(app), *_of(complaint(what="Another thing")))
    letters = [x.id for x in db.session.scalars(select(Letter)) if x.case_id == _id(case.ref)]
    attached = [x.id for x in db.session.scalars(select(Attachment)) if x.case_id == _id(case.ref)]
    assert letters
    assert attached
    unknown = thief.get("/en/my-complaint/letters/999999")
    assert unknown.status_code == 404
    for number in letters:
        for ending in ("", ".pdf", "-large.pdf", ".txt"):
            answer = thief.get(f"/en/my-complaint/letters/{number}{ending}")
            assert answer.status_code == 404
            assert plain_404(answer) == plain_404(unknown)
    for number in attached:
        answer = thief.get(f"/en/my-complaint/files/{number}")
        assert plain_404(answer) == plain_404(unknown)
    assert case.ref not in thief.page("/en/my-complaint").text


def test_without_a_session_every_address_leads_to_the_door(client: Client, people: Team) -> None:
    case = busy(people)
    letter = db.session.scalars(select(Letter.id)).first()
    for page in (*OWN, f"/letters/{letter}", f"/letters/{letter}.pdf", "/files/1"):
        answer = client.get(f"/en/my-complaint{page}")
        assert answer.status_code == 303, page
        assert "/en/sign-in" in (answer.location or "")
    for page in (*OWN, *POSTS):
        answer = client.post(f"/en/my-complaint{page}", data={"done": "yes"})
        assert answer.status_code in {303, 400, 405}, page
    assert queries.case(case.ref, case.resident).state.commitments[0].confirmed is None


def test_nothing_is_done_without_a_token_of_the_form(client: Client, people: Team) -> None:
    case = answered(people)
    sign_in(client, case.ref, case.code)
    before = queries.case(case.ref, case.resident).version
    for page in (*OWN, *POSTS):
        answer = client.post(f"/en/my-complaint{page}", data={"seen": str(before), "done": "yes"})
        assert answer.status_code in {400, 405}, page
    assert queries.case(case.ref, case.resident).version == before


def test_opening_pages_writes_nothing(client: Client, people: Team) -> None:
    case = busy(people)
    sign_in(client, case.ref, case.code)
    before = queries.case(case.ref, case.resident).version
    for page in OWN:
        client.get(f"/en/my-complaint{page}")
        client.head(f"/en/my-complaint{page}")
    assert queries.case(case.ref, case.resident).version == before


def plain_404(answer: TestResponse) -> str:
    """The page without its own address, which the language switcher repeats."""
    return re.sub(r"/my-complaint/[^\"<]*", "", answer.get_data(as_text=True))


def _of(case: Complaint) -> tuple[str, str]:
    return case.ref, case.code


def _id(ref: str) -> int:
    from shared.models import Case

    found = db.session.scalar(select(Case.id).where(Case.ref == ref))
    assert found is not None
    return found


def test_a_page_asks_the_database_at_most_ten_things(client: Client, people: Team) -> None:
    case = busy(people)
    sign_in(client, case.ref, case.code)
    asked: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for page in OWN:
            asked.clear()
            client.get(f"/en/my-complaint{page}")
            assert len(asked) <= 10, page
    finally:
        event.remove(Engine, "before_cursor_execute", note)
