"""Two browsers on one case: who is here, what merges, what is chosen, and that no word is ever lost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.e2e_resident import Receipt, Resident, Told
from tests.support.e2e_service import PASSWORD, Service
from tests.support.e2e_staff import Colleague

BY_SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
SAVE = "form#act .app-actions button[value=save]"


@pytest.fixture(scope="module")
def officers(service: Service) -> tuple[str, str]:
    """Two colleagues with the same job."""
    return (
        service.colleague("Tess Tandem", "officer", "handler"),
        service.colleague("Theo Twin", "officer", "handler"),
    )


@pytest.fixture
def complaint(person: Callable[..., Any]) -> Receipt:
    """A complaint that has just come in."""
    resident: Resident = person(Resident)
    resident.opens_the_portal()
    return resident.complains_in_short(Told(email="together@resident.example"))


Two = tuple[Colleague, Colleague]


@pytest.fixture
def two(person: Callable[..., Any], officers: tuple[str, str]) -> Callable[[bool], Two]:
    """Both at their desks, each in a browser of their own."""

    def come(scripts: bool) -> Two:
        both = (person(Colleague, scripts=scripts), person(Colleague, scripts=scripts))
        for colleague, address in zip(both, officers, strict=True):
            colleague.signs_in(address)
        return both

    return come


@BY_SCRIPTS
def test_colleagues_see_each_other_and_what_is_being_written(
    two: Callable[[bool], Two], complaint: Receipt, scripts: bool
) -> None:
    tess, theo = two(scripts)
    tess.opens(complaint.ref)
    if scripts:
        expect(tess.page.locator(".app-without-scripts")).to_be_hidden()
        tess.begins(complaint.ref, "define")
        expect(tess.page.locator("#_presence")).to_be_attached()
        theo.opens(complaint.ref)
        says = "Tess Tandem is writing the complaint definition."
        expect(theo.page.locator("[role=status] #_presence")).to_contain_text(says, timeout=20_000)
        # Her page hears of him by itself; nothing that she is typing moves.
        tess.writes("points-0-text", "Mould in the bed")
        expect(tess.page.locator("#_presence")).to_contain_text(
            "Theo Twin is looking at this case.", timeout=25_000
        )
        expect(tess.control("points-0-text")).to_have_value("Mould in the bed")
        expect(tess.control("points-0-text")).to_be_focused()
    else:
        tess.presses(tess.page.locator(".app-without-scripts"))
        theo.opens(complaint.ref)
        theo.sees("Tess Tandem is looking at this case.")
    theo.looks()


@BY_SCRIPTS
def test_notes_of_both_are_saved_and_one_answer_is_chosen(
    two: Callable[[bool], Two], complaint: Receipt, scripts: bool
) -> None:
    tess, theo = two(scripts)
    for colleague in (tess, theo):
        colleague.begins(complaint.ref, "note")
    tess.writes("text", "She has a new telephone.")
    theo.writes("text", "Her son will be at home.")
    tess.saves("note")
    theo.presses(theo.page.locator(SAVE))
    expect(theo.page.locator("#changes")).to_contain_text("Your change was saved as well")
    theo.sees("She has a new telephone.", "Her son will be at home.")
    theo.looks()

    for colleague, risk in ((tess, "urgent"), (theo, "routine")):
        colleague.begins(complaint.ref, "triage")
        colleague.chooses("risk", risk)
    tess.writes("note", "Rang at noon.")
    theo.writes("note", "Rang at one.")
    tess.saves("triage")
    theo.presses(theo.page.locator(SAVE))
    beside = theo.page.locator(".app-beside", has_text="Rang at noon.")
    expect(beside).to_contain_text("Rang at one.")
    theo.looks()
    theo.presses(beside.get_by_role("button", name="keep both"))
    expect(theo.control("note")).to_have_value("Rang at one.\n\nRang at noon.")
    expect(theo.page.locator("#changes")).to_be_visible()
    theo.looks()
    theo.saves("triage")
    theo.sees("Rang at one.")


@BY_SCRIPTS
def test_a_named_colleague_finds_the_note_and_the_task(
    two: Callable[[bool], Two], complaint: Receipt, scripts: bool
) -> None:
    tess, theo = two(scripts)
    tess.begins(complaint.ref, "note")
    tess.writes("text", "Can you ring her?")
    tess.picks("put_name", "Theo Twin")
    tess.presses(tess.page.get_by_role("button", name="Put in @ and the name"))
    expect(tess.control("text")).to_have_value(re.compile("Can you ring her\\? @Theo Twin"))
    expect(tess.control("text")).to_be_focused()
    tess.looks()
    tess.saves("note")
    theo.goes_to("/staff/mentions")
    theo.presses(
        theo.page.locator("main form", has_text=complaint.ref).get_by_role("button", name="Open the note")
    )
    theo.sees("Can you ring her?")
    theo.looks()
    tess.begins(complaint.ref, "add_task")
    tess.writes("text", "Ring the surveyor")
    tess.picks_person("owner", "Theo Twin")
    for part, text in (("day", "1"), ("month", "3"), ("year", "2027")):
        tess.writes(f"due_on-{part}", text)
    tess.saves("add_task")
    theo.goes_to("/staff/mine")
    theo.sees("Ring the surveyor")
    theo.presses(theo.page.locator(f'main a[href*="/cases/{complaint.ref}/finish_task"]'))
    theo.saves("finish_task")


@BY_SCRIPTS
def test_a_text_is_put_in_and_blocks_until_its_gaps_are_filled(
    two: Callable[[bool], Two], complaint: Receipt, scripts: bool
) -> None:
    tess, _ = two(scripts)
    tess.begins(complaint.ref, "update_resident")
    tess.writes("message", "Hello.")
    box = tess.page.locator("#put_text")
    value = box.locator("option", has_text="Progress: visit arranged").get_attribute("value")
    assert value
    tess.picks("put_text", value)
    tess.presses(tess.page.get_by_role("button", name="Put in", exact=True))
    expect(tess.control("message")).to_have_value(
        re.compile(r"^Hello\.\n\nOur surveyor will visit you on \{day")
    )
    tess.looks()
    tess.presses(tess.page.locator("form#act .app-actions button[value=preview]"))
    tess.is_refused("Replace {day of the visit}")
    expect(tess.page.locator("#message-error")).to_be_visible()
    tess.writes("message", "Our surveyor will visit you on Friday.")
    tess.previews()
    tess.sends("update_resident")


@BY_SCRIPTS
def test_saving_opens_the_next_case_of_the_list_and_names_it(
    two: Callable[[bool], Two], complaint: Receipt, scripts: bool
) -> None:
    tess, _ = two(scripts)
    row = tess.finds(complaint.ref, tab="to-triage")
    tess.presses(row.locator(".app-row__ref a"))
    others = tess.page.locator(".app-others > summary")
    tess.presses(others)
    tess.presses(tess.page.locator(f'.app-others a[href*="/cases/{complaint.ref}/note"]').first)
    tess.writes("text", "Seen.")
    tess.presses(tess.page.locator("form#act button[value='save:next']"))
    expect(tess.page.locator("#saved")).to_contain_text(complaint.ref)
    if "/staff/cases/" in tess.page.url:
        expect(tess.page.locator("h1")).not_to_contain_text(complaint.ref)
        expect(tess.page.locator("h1")).to_be_focused()
    tess.looks()


def test_what_was_typed_is_there_after_the_browser_was_closed(
    person: Callable[..., Any], officers: tuple[str, str], complaint: Receipt
) -> None:
    """Closed within the two seconds before a draft is kept by itself, and opened again on another device."""
    tess: Colleague = person(Colleague)
    tess.signs_in(officers[0])
    tess.begins(complaint.ref, "note")
    tess.control("text").press_sequentially("Half a tho")
    tess.page.goto("about:blank")
    other: Colleague = person(Colleague)
    other.signs_in(officers[0])
    other.opens(complaint.ref)
    other.sees("You began")
    other.presses(other.page.get_by_role("link", name=re.compile("Go on")))
    expect(other.control("text")).to_have_value("Half a tho")


def test_typing_on_after_the_session_ended_loses_nothing(
    person: Callable[..., Any], service: Service, officers: tuple[str, str], complaint: Receipt
) -> None:
    tess: Colleague = person(Colleague)
    tess.signs_in(officers[0])
    tess.begins(complaint.ref, "note")
    service.write(
        "DELETE FROM staff_session WHERE account_id = (SELECT id FROM staff_account WHERE email = :email)",
        email=officers[0],
    )
    tess.control("text").press_sequentially("Written while signed out")
    expect(tess.page.locator("#alert")).to_contain_text("Your text is still here", timeout=20_000)
    expect(tess.control("text")).to_have_value("Written while signed out")
    tess.presses(tess.page.locator(SAVE))
    expect(tess.page.locator("main form [name=password]")).to_be_visible()
    tess.writes("email", officers[0])
    tess.writes("password", PASSWORD)
    tess.presses(tess.page.locator("main form button[type=submit]").first)
    tess.sees("Written while signed out")
    tess.checks.forgive("Response Status Error Code 401")  # what the ended session is answered with
