"""A change of language loses no word, on any page with something to fill in; it sends nothing either."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from shared.cases import queries
from shared.db import db
from shared.models import Draft
from tests.support.client import Client, Page, filled
from tests.support.portal import Complaint, Team, complaint, sign_in
from tests.web.test_portal_consent import consent_mail

URDU = "اردو"


def in_urdu(client: Client, page: Page, form: str, data: dict[str, str]) -> Page:
    """Fill in, press a language, and follow the browser, which sends the same form once more."""
    element = page.form(form)
    button = next(b for b in page.all("nav button[name=language]") if URDU in b.get_text())
    assert button["form"] == element["id"]
    sent = filled(element, page.soup) | {name: [value] for name, value in data.items()}
    sent["language"] = [str(button["value"])]
    answer = client.post(str(button.get("formaction") or element["action"]), data=sent)
    while answer.status_code == 307:
        answer = client.post(str(answer.location), data=sent)
    if answer.status_code == 303:
        answer = client.get(str(answer.location))
    assert answer.status_code == 200
    assert answer.request.path.startswith("/ur/")
    found = Page(answer, BeautifulSoup(answer.text, "lxml"))
    assert found.errors == []
    return found


@pytest.mark.parametrize(
    ("address", "form", "data"),
    [
        ("/en/sign-in", "#sign-in", {"ref": "HAL 2026 1", "code": "7K3M PQ9R"}),
        ("/en/sign-in/link", "#ask", {"who": "mina@resident.example"}),
        ("/en/come-back", "#back", {"code": "7K3M"}),
    ],
)
def test_at_the_door(client: Client, address: str, form: str, data: dict[str, str]) -> None:
    page = in_urdu(client, client.page(address), form, data)
    for name, value in data.items():
        assert page.one(f"{form} [name={name}]")["value"] == value


def test_on_the_first_page_without_beginning_a_draft(client: Client) -> None:
    first = client.page("/en/?building=Elm+Court&campaign=damp")
    page = in_urdu(client, first, "#start", {"who": "helping"})
    assert page.one("#start input[name=who][checked]")["value"] == "helping"
    assert page.one("#start input[name=building]")["value"] == "Elm Court"
    assert db.session.query(Draft).count() == 0
    page = client.send(page, form="#start")
    assert page.url.startswith("/ur/tell-us/what")
    assert db.session.query(Draft).one().answers["who"] == "helping"


def test_on_a_first_page_that_lay_open_over_the_end_of_its_session(client: Client) -> None:
    answer = client.post("/ur/?building=Elm+Court", data={"who": "helping", "language": "ur"})
    assert answer.status_code == 303
    assert answer.location == "/ur/?building=Elm+Court"


def test_on_the_way(client: Client) -> None:
    page = client.submit("/en/", {"who": "me"}, form="#start")
    page = in_urdu(client, page, "#question", {"what": "Der Keller ist nass"})
    assert page.one("textarea[name=what]").get_text().strip() == "Der Keller ist nass"
    page = in_urdu(client, client.page("/en/tell-us/reach"), "#question", {"email": "not an address"})
    assert page.one("input[name=email]")["value"] == "not an address"
    page = in_urdu(client, client.page("/en/tell-us/later"), "#mail", {"email": "a@b.example"})
    assert page.one("input[name=email]")["value"] == "a@b.example"


def test_on_her_own_pages(client: Client, people: Team) -> None:
    case = complaint(helper=True)
    people.acknowledge(case.ref)
    people.promise(case.ref)
    people.respond(case.ref)
    sign_in(client, case.ref, case.code)
    before = queries.case(case.ref, case.resident).version
    for name, field in (
        ("messages", "text"),
        ("add", "text"),
        ("escalate", "reason"),
        ("withdraw", "reason"),
        ("contact", "address"),
        ("needs", "needs_detail"),
        ("consent", "topics"),
        ("feedback", "words"),
        ("promises/1", "words"),
    ):
        page = in_urdu(client, client.page(f"/en/my-complaint/{name}"), "#answer", {field: "Mokra ściana"})
        assert page.one(f"textarea[name={field}]").get_text().strip() == "Mokra ściana", name
    assert queries.case(case.ref, case.resident).version == before


def test_behind_the_link_that_asks_about_a_helper(client: Client, app: Flask) -> None:
    complaint(helper=True)
    _mail, link = consent_mail()
    page = in_urdu(client, client.page(link), "#consent", {"scope": "some", "topics": "Naprawa"})
    assert page.one("input[name=scope][checked]")["value"] == "some"
    assert page.one("textarea[name=topics]").get_text().strip() == "Naprawa"
    assert client.page(link).h1 == "May somebody act for you?"  # it was not used up


def test_with_what_was_kept_over_the_end_of_a_session(client: Client, people: Team) -> None:
    case: Complaint = complaint()
    sign_in(client, case.ref, case.code)
    page = client.page("/en/my-complaint/messages")
    client.post("/en/sign-out", data={"csrf_token": str(page.one("#sign-out input")["value"])})
    door = client.page("/en/sign-in")
    token = str(door.one("#sign-in input[name=csrf_token]")["value"])
    answer = client.post(
        "/en/my-complaint/messages",
        data={"csrf_token": token, "text": "Mokra ściana", "seen": "1"},
        headers={"Origin": "http://localhost"},
    )
    assert answer.status_code == 403
    page = in_urdu(client, Page(answer, BeautifulSoup(answer.text, "lxml")), "#sign-in", {"ref": case.ref})
    assert page.one("[name='kept:text']")["value"] == "Mokra ściana"
    assert page.one("[name=ref]")["value"] == case.ref
    page = client.send(page, {"code": case.code}, form="#sign-in")
    assert "Mokra ściana" in page.main
