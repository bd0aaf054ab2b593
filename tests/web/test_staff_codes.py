"""A lost code comes back without e-mail: an officer makes sure who it is, and reads a new one out or posts it."""

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import service
from shared.cases.state import Need, Person, Safety
from shared.db import db
from shared.identity.actors import System
from shared.models import AccessKey, CaseEvent, OutboxMessage
from shared.vocab import Channel, Role
from tests.support import portal
from tests.support import staff as made
from tests.support.client import Client, Page
from tests.support.portal import Complaint, browser, complaint

ASKED = "Date of birth and the last payment of rent; both right"


@pytest.fixture
def olive(app: Flask) -> Client:
    return made.sign_in(browser(app), made.colleague(Role.OFFICER))


@pytest.fixture
def case(app: Flask) -> Complaint:
    """Of somebody with a landline and no e-mail."""
    return complaint(email="")


def given(olive: Client, ref: str, **answers: object) -> Page:
    page = olive.page(f"/staff/cases/{ref}?tab=people")
    page = olive.page(page.link("Give a new access code"))
    return olive.send(page, {"identified_by": ASKED, **answers}, form="#new-code")


def code_on(page: Page) -> str:
    return page.one(".app-code").get_text().strip()


def printed(olive: Client, page: Page, ref: str, status: int = 200) -> str:
    """The words of the letter behind the button of the page that shows the code."""
    data = {str(control["name"]): str(control["value"]) for control in page.all("#letter input")}
    answer = olive.post(f"/staff/cases/{ref}/new-code/letter", data=data)
    assert answer.status_code == status
    if status != 200:
        return ""
    assert answer.mimetype == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]
    with pypdfium2.PdfDocument(answer.data) as paper:
        return "".join("".join(p.get_textpage().get_text_range() for p in paper).split())


def test_somebody_with_a_landline_and_no_email_gets_back_in(
    client: Client, olive: Client, case: Complaint
) -> None:
    assert "Call us on" in client.page("/en/sign-in").main
    client.submit("/en/sign-in/link", {"who": case.ref}, form="#ask")
    assert db.session.scalars(select(OutboxMessage)).all() == []  # nothing can be sent to her
    page = given(olive, case.ref)
    lost = {"ref": case.ref, "code": case.code}
    client.submit("/en/sign-in", lost, form="#sign-in", status=422)
    portal.sign_in(client, case.ref, code_on(page))
    assert client.page("/en/my-complaint").h1 == "My complaint"
    noted = db.session.scalars(select(CaseEvent).order_by(CaseEvent.id.desc())).first()
    assert noted is not None
    assert ASKED in noted.payload
    assert code_on(page) not in noted.payload
    assert "no-store" in page.response.headers["Cache-Control"]


def test_the_letter_to_print_carries_code_and_address_and_is_kept_nowhere(
    client: Client, olive: Client, case: Complaint
) -> None:
    page = given(olive, case.ref)
    before = db.session.query(CaseEvent).count()
    words = printed(olive, page, case.ref)
    for word in (code_on(page), case.ref, "MinaRahman", "4ElmCourt", "WA80TD", "/en/sign-in", "03033330101"):
        assert word in words, word
    assert db.session.query(CaseEvent).count() == before
    assert db.session.scalars(select(OutboxMessage)).all() == []
    portal.sign_in(client, case.ref, code_on(page))
    assert client.page("/en/my-complaint").h1 == "My complaint"


def test_only_a_code_that_opens_the_case_is_printed(olive: Client, case: Complaint) -> None:
    page = given(olive, case.ref)
    given(olive, case.ref)
    printed(olive, page, case.ref, status=404)
    token = str(page.one("#letter input[name=csrf_token]")["value"])
    for code in ("", "2222-2222-2222-2222", "x" * 999):
        data = {"csrf_token": token, "person": "resident", "code": code}
        assert olive.post(f"/staff/cases/{case.ref}/new-code/letter", data=data).status_code == 404


def test_the_letter_speaks_the_language_of_the_case_in_large_print(olive: Client, app: Flask) -> None:
    case = complaint(email="", language="ur", needs=(Need(code="large_print"),))
    page = given(olive, case.ref)
    words = printed(olive, page, case.ref)
    assert code_on(page) in words
    assert "/ur/sign-in" in words
    assert "کوڈ" in words


def test_a_helper_gets_a_code_of_her_own(client: Client, olive: Client) -> None:
    case = complaint(helper=True)
    page = given(olive, case.ref, person="representative", mail=None)
    portal.sign_in(client, case.ref, code_on(page))
    assert client.page("/en/my-complaint").h1 == "The complaint that you help with"
    portal.sign_in(client, case.ref, case.code)  # the resident's is as good as before
    assert client.page("/en/my-complaint").h1 == "My complaint"
    sent = "access-code:%"
    assert db.session.scalars(select(OutboxMessage).where(OutboxMessage.dedupe.like(sent))).all() == []


def test_it_goes_by_email_too_where_that_is_safe(olive: Client, app: Flask) -> None:
    case = complaint()
    page = given(olive, case.ref)
    assert "also goes out by e-mail" in page.main
    sent = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert sent is not None
    assert sent.recipient == "mina@resident.example"
    assert sent.confidential
    assert code_on(page) in sent.text
    person = Person(name="Mina Rahman", email="mina@resident.example", phone="01632 960 001")
    safety = Safety(no_email=True, no_post=True)
    service.perform(case.ref, c.ChangeContact(resident=person, safety=safety), case.resident)
    page = given(olive, case.ref)
    assert "e-mail" not in page.main
    assert page.all("#letter") == []
    assert "Post is not safe" in page.main
    token = str(
        olive.page(f"/staff/cases/{case.ref}/new-code").one("#new-code input[name=csrf_token]")["value"]
    )
    letter = {"csrf_token": token, "person": "resident", "code": code_on(page)}
    assert olive.post(f"/staff/cases/{case.ref}/new-code/letter", data=letter).status_code == 404


def test_nobody_is_told_that_a_code_goes_where_nothing_arrives(olive: Client, app: Flask) -> None:
    case = complaint()
    dead = c.MarkAddress(
        channel=Channel.EMAIL, address="mina@resident.example", fails=True, reason="No such box"
    )
    service.perform(case.ref, dead, System("deliveries"))
    page = given(olive, case.ref)
    assert "e-mail" not in page.main
    sent = "access-code:%"
    assert db.session.scalars(select(OutboxMessage).where(OutboxMessage.dedupe.like(sent))).all() == []


def test_nobody_gets_a_code_without_questions(olive: Client, case: Complaint) -> None:
    address = f"/staff/cases/{case.ref}/new-code"
    page = olive.submit(address, {"identified_by": "  "}, form="#new-code", status=422)
    assert page.errors == ["Write how you made sure who it is"]
    assert db.session.query(AccessKey).count() == 1
    given_to = olive.submit(address, {"identified_by": ASKED}, form="#new-code")
    assert code_on(given_to)
    token = str(olive.page(address).one("#new-code input[name=csrf_token]")["value"])
    data = {"csrf_token": token, "person": "representative", "identified_by": ASKED}
    assert olive.post(address, data=data).status_code == 422
    assert olive.post(address, data={**data, "person": "king"}).status_code == 422
    assert db.session.query(AccessKey).count() == 2


@pytest.mark.parametrize("role", [Role.COLLEAGUE, Role.DIRECTOR, Role.MEMBER_RESPONSIBLE, Role.ADMIN])
def test_who_may_not_see_whose_case_it_is_gives_no_codes(app: Flask, case: Complaint, role: Role) -> None:
    one = made.sign_in(browser(app), made.colleague(role, name="The Reader"))
    assert one.get(f"/staff/cases/{case.ref}/new-code").status_code == 403
    assert db.session.query(AccessKey).count() == 1


def test_an_anonymous_complaint_has_nobody_to_give_a_code_to(olive: Client, app: Flask) -> None:
    case = complaint(anonymous=True)
    assert olive.get(f"/staff/cases/{case.ref}/new-code").status_code == 404
