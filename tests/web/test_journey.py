"""A complaint from the start page to the receipt, as a person sends it."""

from shared.cases import queries
from shared.db import db
from shared.identity.actors import Resident
from shared.models import Case, Draft, OutboxMessage
from tests.support.client import Client, Page

REACH = {
    "name": "Amal Haddad",
    "address": "4 Elm Court\nWidnes",
    "postcode": "wa8 7aa",
    "email": "amal@example.org",
}


def begin(client: Client, who: str = "me") -> Page:
    return client.submit("/en/", {"who": who}, form="#start")


def short(client: Client, who: str = "me") -> Page:
    """The shortest honest complaint, up to the check page."""
    page = begin(client, who)
    page = client.send(page, {"what": "The boiler is broken."}, press="Skip the optional")
    return client.send(page, REACH, press="Skip the optional")


def test_the_shortest_honest_complaint_is_five_pages(client: Client) -> None:
    pages = [client.page("/en/")]
    pages.append(client.send(pages[-1], {}, form="#start"))
    pages.append(client.send(pages[-1], {"what": "The boiler is broken."}, press="Skip the optional"))
    pages.append(client.send(pages[-1], REACH, press="Skip the optional"))
    pages.append(client.send(pages[-1], {}, form="#send"))
    assert len({p.h1 for p in pages}) == 5
    assert pages[-1].h1 == "We have your complaint"
    case = db.session.query(Case).one()
    assert case.ref in pages[-1].main
    view = queries.case(case.ref, Resident(case.ref, "Amal Haddad"))
    assert view.state.story.what == "The boiler is broken."
    assert view.state.resident is not None
    assert view.state.resident.address == ("4 Elm Court", "Widnes")
    assert view.state.resident.postcode == "WA8 7AA"
    due = view.duties[0].due_on
    assert f"{due:%A} {due.day} {due:%B %Y}" in pages[-1].main
    assert db.session.query(OutboxMessage).filter_by(recipient="amal@example.org").count() == 1
    assert db.session.query(Draft).one().case_ref == case.ref
