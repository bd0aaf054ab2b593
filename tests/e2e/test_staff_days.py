"""A day of each role in a browser: what they find first, what they do with it, and what is not there for them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from shared import clock
from tests.support.e2e_resident import Receipt, Resident, Told
from tests.support.e2e_service import Service
from tests.support.e2e_staff import Colleague

WORDS = "The stairwell light flickers all night"
PHONE = "01632 960 777"


@pytest.fixture(scope="module")
def team(service: Service) -> dict[str, str]:
    """One of each role, for this module alone: the address by which each signs in."""
    return {
        "colleague": service.colleague("Cora Finch", "colleague"),
        "officer": service.colleague("Otto Vale", "officer"),
        "handler": service.colleague("Hilda Stone", "handler"),
        "stand_in": service.colleague("Hector Wood", "handler"),
        "manager": service.colleague("Maud Rivers", "manager"),
        "director": service.colleague("Dina Frost", "director"),
    }


@pytest.fixture
def complaint(person: Callable[..., Any]) -> Receipt:
    """A complaint that has just come in, by the shortest way."""
    resident: Resident = person(Resident)
    resident.opens_the_portal()
    return resident.complains_in_short(Told(email="days@resident.example"))


def signed_in(person: Callable[..., Any], address: str, **more: Any) -> Colleague:
    who: Colleague = person(Colleague, **more)
    who.signs_in(address)
    return who


def test_a_colleague_logs_what_reached_them_and_sees_that_alone(
    person: Callable[..., Any], team: dict[str, str]
) -> None:
    cora = signed_in(person, team["colleague"])
    expect(cora.page).to_have_url(re.compile("/staff/intake$"))
    cora.picks("channel", "social_media")
    cora.writes_all({"what": WORDS, "name": "Gwen Parry", "phone": PHONE, "postcode": "WA8 0TD"})
    check = cora.page.locator("form#intake button[value=check]")
    cora.presses(check)
    expect(cora.page.locator(".govuk-error-summary")).to_contain_text("private message")
    cora.looks()
    cora.writes("known_by", "Date of birth, by private message")
    cora.chooses("private", "y")
    cora.presses(cora.page.locator("form#intake button[value=check]"))
    expect(cora.page.locator("#doubles")).to_have_count(0)  # a neighbour's complaint is not hers to know
    cora.looks()
    cora.presses(cora.page.locator("form#intake button[value=log]"))
    cora.sees("Access code", "send it by private message")
    cora.looks()
    ref = cora.page.url.rpartition("/")[2]
    for path in (f"/staff/cases/{ref}", "/staff/inbox", f"/staff/search?q={ref}"):
        answer = cora.page.request.get(cora.service.url + path)
        assert answer.status == 403, path
        assert "Gwen" not in answer.text()
    cora.goes_to("/staff/intake")
    cora.sees(ref)


def test_an_officers_morning_with_the_keyboard(
    person: Callable[..., Any], team: dict[str, str], complaint: Receipt
) -> None:
    otto = signed_in(person, team["officer"])
    expect(otto.page.locator("main h1")).to_have_text("Inbox: To triage")
    row = otto.page.locator("li.app-row", has=otto.page.locator(f'a[href*="{complaint.ref}"]'))
    expect(row).to_contain_text(re.compile("working day|Due"))
    keys = otto.page.keyboard
    keys.press("j")  # single keys are off until somebody switches them on
    assert otto.page.evaluate("document.activeElement === document.body")
    keys.press("Control+k")
    expect(otto.page).to_have_url(re.compile("/staff/search"))
    otto.looks()
    otto.writes("q", "Days@resident.example")
    keys.press("Enter")
    expect(otto.page.locator("main")).to_contain_text(complaint.ref)
    otto.looks()
    otto.goes_to("/staff/keys")
    otto.presses(otto.page.get_by_role("button", name="Switch single keys on"))
    expect(otto.page.locator("main")).to_contain_text("Single keys are on")
    otto.goes_to(f"/staff/cases/{complaint.ref}?list=tab%3Dto-triage")
    keys.press("n")
    expect(otto.page).to_have_url(re.compile("/note"))
    otto.control("text").focus()
    keys.type("Rang her. A naji key.")  # letters are letters where somebody writes
    keys.press("Control+Enter")
    expect(otto.page).to_have_url(re.compile("done=note"))
    otto.sees("Rang her. A naji key.")
    otto.triages(complaint.ref, "She is fine.")
    otto.allocates(complaint.ref, "Hilda Stone")
    otto.goes_to("/staff/inbox?tab=all-open")
    otto.presses(otto.page.locator(".app-filters > summary"))
    otto.picks_person("holder", "Hilda Stone")
    otto.presses(otto.page.locator(".app-filters__buttons button"))
    tick = otto.page.locator(f"#tick-{complaint.ref}")
    tick.check()
    otto.presses(otto.page.locator("#many button[value=tag]"))
    otto.looks()
    otto.writes("add", "lighting")
    otto.presses(otto.page.locator("form#many .govuk-button"))
    otto.sees("Done")
    otto.looks()
    otto.goes_to("/staff/views?tab=all-open&tag=lighting")
    otto.writes("name", "Lighting")
    otto.presses(otto.page.locator("form#keep .govuk-button"))
    expect(otto.page).to_have_url(re.compile("tag=lighting"))
    otto.sees(complaint.ref)
    otto.presses(otto.page.locator(".app-density button"))
    expect(otto.page.locator(".app-rows--compact")).to_be_visible()
    otto.looks()


def test_a_handler_goes_away_and_the_work_goes_on(
    person: Callable[..., Any], team: dict[str, str], complaint: Receipt
) -> None:
    otto = signed_in(person, team["officer"])
    otto.triages(complaint.ref, "She is fine.")
    otto.allocates(complaint.ref, "Hilda Stone")
    hilda = signed_in(person, team["handler"], scripts=False)
    expect(hilda.page.locator("main h1")).to_have_text("Inbox: My work")
    hilda.sees(complaint.ref)
    hilda.goes_to("/staff/away")
    hilda.picks_person("to", "Hilda Stone")
    hilda.dates("from_on", clock.today())
    hilda.dates("until_on", clock.today() + timedelta(days=3))
    hilda.presses(hilda.page.locator("#away-form .govuk-button"))
    expect(hilda.page.locator(".govuk-error-summary")).to_contain_text("Nobody stands in for themselves")
    hilda.looks()
    hilda.picks_person("to", "Hector Wood")
    hilda.presses(hilda.page.locator("#away-form .govuk-button"))
    hilda.sees("Hector Wood")
    hilda.looks()
    hector = signed_in(person, team["stand_in"])
    hector.goes_to("/staff/inbox?tab=my-work")
    hector.sees("You stand in for Hilda Stone", "Standing in for Hilda Stone", complaint.ref)
    hector.begins(complaint.ref, "note")
    hector.writes("text", "Looked at it for Hilda.")
    hector.saves("note")
    hilda.goes_to("/staff/away")
    hilda.presses(hilda.page.locator("form[action$='/end'] button"))
    hilda.goes_to("/staff/inbox")
    hilda.sees("While you were away, Hector Wood stood in for you")
    hilda.presses(hilda.page.get_by_role("link", name="See what happened"))
    hilda.sees(complaint.ref)
    hilda.looks()


def test_a_manager_looks_into_openings_and_merges_what_came_twice(
    person: Callable[..., Any], team: dict[str, str], complaint: Receipt
) -> None:
    resident: Resident = person(Resident)
    resident.opens_the_portal()
    again = resident.complains_in_short(Told(email="days@resident.example", what="I sent this before."))
    otto = signed_in(person, team["officer"])
    otto.opens(again.ref, "similar")
    merge = otto.page.locator(f'main a[href$="/merge?into={complaint.ref}"]')
    otto.presses(merge)
    otto.looks()
    expect(otto.control("into")).to_have_value(complaint.ref)
    otto.writes("why", "She sent the form twice.")
    otto.saves("merge")
    otto.opens(again.ref)
    expect(otto.page.locator("#_merged")).to_contain_text(complaint.ref)
    otto.opens(complaint.ref)
    otto.sees(f"History of {again.ref}")
    maud = signed_in(person, team["manager"])
    maud.goes_to("/staff/dashboard")
    maud.goes_to(f"/staff/cases/{complaint.ref}/openings")
    maud.sees("Otto Vale")
    his = maud.page.locator("tr", has_text="Otto Vale")
    maud.presses(his.get_by_role("link", name=re.compile("Look into it")).first)
    maud.looks()
    maud.writes("finding", "He merged two cases. In order.")
    maud.presses(maud.page.locator("#finding-form .govuk-button"))
    maud.sees("He merged two cases. In order.", "Maud Rivers")


def test_a_director_reads_how_a_case_was_handled_and_unfolds_the_person_by_choice(
    person: Callable[..., Any], team: dict[str, str], complaint: Receipt
) -> None:
    dina = signed_in(person, team["director"])
    dina.opens(complaint.ref, "people")
    name = dina.page.locator("main details", has_text="Amina Yusuf").first
    expect(name.get_by_text("Amina Yusuf").first).not_to_be_visible()
    dina.presses(name.locator("summary"))
    expect(name.get_by_text("Amina Yusuf").first).to_be_visible()
    dina.looks()
    assert not dina.may_begin(complaint.ref, "merge")
    dina.page.set_viewport_size({"width": 320, "height": 640})
    dina.goes_to("/staff/inbox?tab=all-open")
    dina.goes_to("/staff/dashboard")
