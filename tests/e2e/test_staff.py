"""A day's work in browsers: the first sign-in, two colleagues on one case, a session that ends, a mistake."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.e2e_resident import Receipt, Resident, Told
from tests.support.e2e_service import PASSWORD, Service, words_of
from tests.support.e2e_staff import Colleague

BY_SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


@pytest.fixture(scope="module")
def officers(service: Service) -> tuple[str, str]:
    """Two colleagues with the same job."""
    return (
        service.colleague("Rosa Marsh", "officer", "handler"),
        service.colleague("Ravi Iyer", "officer", "handler"),
    )


@pytest.fixture
def complaint(person: Callable[..., Any]) -> Receipt:
    """A complaint that has just come in, by the shortest way."""
    resident: Resident = person(Resident)
    resident.opens_the_portal()
    return resident.complains_in_short(Told(email="short@resident.example"))


def test_a_new_colleague_sets_a_password_by_the_link_of_the_invitation(
    person: Callable[..., Any], service: Service
) -> None:
    address = "nina.new@landlord.example"
    words = ("staff", "add", "--name", "Nina New", "--email", address, "--role", "colleague", "--send")
    service.redress(*words)
    letter = words_of(service.message_to(address, "/set-password/"))
    link = re.search(rf"{re.escape(service.url)}(/staff/set-password/\S+)", letter)
    assert link
    nina: Colleague = person(Colleague)
    for _ in range(2):  # a mail scanner opens it first
        nina.goes_to(link[1])
    nina.writes("password", "short")
    nina.presses(nina.page.locator("main form button[type=submit]"))
    expect(nina.page.locator(".govuk-error-summary")).to_be_visible()
    nina.looks()
    nina.writes("password", PASSWORD)
    nina.presses(nina.page.locator("main form button[type=submit]"))
    expect(nina.page).to_have_url(re.compile("/staff/sign-in"))
    nina.signs_in(address)
    nina.goes_to(link[1])
    nina.sees("It was used already")


@BY_SCRIPTS
def test_two_officers_save_one_case_and_neither_loses_a_word(
    person: Callable[..., Any], officers: tuple[str, str], complaint: Receipt, scripts: bool
) -> None:
    first: Colleague = person(Colleague, scripts=scripts)
    second: Colleague = person(Colleague, scripts=scripts)
    for colleague, address in zip((first, second), officers, strict=True):
        colleague.signs_in(address)
        colleague.begins(complaint.ref, "triage")
        colleague.chooses("risk", "urgent")
    first.writes("note", "I rang her at noon.")
    second.writes("note", "I rang her at one.")
    first.saves("triage")
    second.presses(second.page.locator("form#act .app-actions button[value=save]"))
    expect(second.page.locator("#changes")).to_contain_text("Rosa Marsh")
    expect(second.page.locator("#changes")).to_contain_text("I rang her at noon.")
    expect(second.control("note")).to_have_value("I rang her at one.")
    expect(second.control("risk", "urgent")).to_be_checked()
    second.looks()
    second.saves("triage")
    second.sees("I rang her at one.")


@BY_SCRIPTS
def test_a_session_that_ends_while_somebody_writes_costs_no_word(
    person: Callable[..., Any], service: Service, complaint: Receipt, officers: tuple[str, str], scripts: bool
) -> None:
    officer: Colleague = person(Colleague, scripts=scripts)
    officer.signs_in(officers[0])
    officer.begins(complaint.ref, "note")
    officer.writes("text", "She rang and cried. The ceiling came down.")
    service.write(
        "DELETE FROM staff_session WHERE account_id = (SELECT id FROM staff_account WHERE email = :email)",
        email=officers[0],
    )
    officer.presses(officer.page.locator("form#act .app-actions button[value=save]"))
    expect(officer.control("password")).to_be_visible()
    officer.looks()
    officer.writes("email", officers[0])
    officer.writes("password", PASSWORD)
    officer.presses(officer.page.locator("main form button[type=submit]"))
    expect(officer.page.locator("main h1")).not_to_have_text("Sign in")
    officer.looks()
    assert "The ceiling came down." in officer.page.content()


@BY_SCRIPTS
def test_a_draft_is_kept_and_taken_up_again(
    person: Callable[..., Any], complaint: Receipt, officers: tuple[str, str], scripts: bool
) -> None:
    officer: Colleague = person(Colleague, scripts=scripts)
    officer.signs_in(officers[1])
    officer.begins(complaint.ref, "note")
    officer.writes("text", "Half a thought")
    if scripts:
        expect(officer.page.locator("#status")).to_contain_text("Draft kept")
        officer.opens(complaint.ref)
    else:
        officer.presses(officer.page.locator("form#act button[value=draft]"))
        expect(officer.page).to_have_url(re.compile("done=draft"))
    officer.begins(complaint.ref, "note")
    expect(officer.control("text")).to_have_value("Half a thought")
    officer.saves("note")


def test_what_the_law_asks_for_is_said_beside_the_form(
    person: Callable[..., Any], complaint: Receipt, officers: tuple[str, str]
) -> None:
    officer: Colleague = person(Colleague)
    officer.signs_in(officers[0])
    officer.begins(complaint.ref, "define")
    officer.presses(officer.page.locator("form#act .app-actions button[value=save]"))
    officer.is_refused("Complaint Handling Code 2024, 5.6", "Complaint Handling Code 2024, 5.7")
    officer.begins(complaint.ref, "acknowledge")
    officer.presses(officer.page.locator("form#act .app-actions button[value=preview]"))
    officer.is_refused("Complaint Handling Code 2024, 5.6", "Name who looks into the complaint first")


def test_a_colleague_logs_a_complaint_for_somebody(person: Callable[..., Any], service: Service) -> None:
    colleague: Colleague = person(Colleague)
    colleague.signs_in(service.colleague("Carl Caretaker", "colleague"))
    colleague.goes_to("/staff/intake")
    colleague.presses(colleague.page.locator("main form .app-actions button, main form .govuk-button").last)
    expect(colleague.page.locator(".govuk-error-summary")).to_be_visible()
    colleague.looks()


def test_the_case_of_another_is_not_found(
    person: Callable[..., Any], service: Service, complaint: Receipt
) -> None:
    """A colleague who only logs complaints, and a resident, by the addresses of somebody else's case."""
    stranger: Colleague = person(Colleague)
    stranger.signs_in(service.colleague("Lena Logger", "colleague"))
    paths = (f"/staff/cases/{complaint.ref}", f"/staff/cases/{complaint.ref}/note", "/staff/inbox")
    for path in paths:
        answer = stranger.page.goto(service.url + path)
        assert answer is not None
        assert answer.status in {403, 404}, path
        assert "Amina" not in stranger.page.content()
        stranger.looks()
    resident: Resident = person(Resident)
    for path in (*paths, "/en/my-complaint", "/en/my-complaint/letters/1", "/en/my-complaint/files/1"):
        resident.page.goto(service.url + path)
        assert "sign-in" in resident.page.url
        assert "Amina" not in resident.page.content()


def test_questions_more_time_and_messages_go_to_and_fro(
    person: Callable[..., Any], service: Service, officers: tuple[str, str]
) -> None:
    approver = service.colleague("Mona Manager", "manager")
    resident: Resident = person(Resident)
    resident.opens_the_portal()
    receipt = resident.complains_in_short(Told(email="talks@resident.example"))
    officer: Colleague = person(Colleague)
    officer.signs_in(officers[0])
    officer.triages(receipt.ref, "Rang and listened.")
    officer.defines(
        receipt.ref,
        points=("Mould in the bedroom.",),
        outcome="The leak is mended.",
        ours="The walls of the home.",
        not_ours="Nothing lies outside our responsibility.",
    )
    officer.allocates(receipt.ref, "Rosa Marsh")
    officer.acknowledges(receipt.ref)
    officer.begins(receipt.ref, "ask_clarification")
    officer.writes("question", "On which day did the ceiling come down?")
    assert "On which day" in officer.previews().inner_text()
    officer.sends("ask_clarification")
    resident.opens_my_complaint()
    resident.presses(resident.page.locator("#_asked a").first)
    expect(resident.page.locator("form#answer")).to_be_visible()
    resident.looks()
    resident.writes("reply", "On Sunday night.")
    resident.answers_the_form("answered")
    officer.begins(receipt.ref, "extend")
    officer.writes("days", "5")
    officer.chooses("reason_code", "complex")
    officer.writes("reason", "The roof has to be opened.")
    officer.chooses("agreement_sought", "y")
    officer.picks_person("approver", "Mona Manager")
    manager: Colleague = person(Colleague)
    manager.signs_in(approver)
    officer.asks(receipt.ref, "extend", "Mona Manager", manager)
    officer.begins(receipt.ref, "extend")
    officer.previews()
    officer.sends("extend")
    resident.opens_my_complaint()
    resident.presses(resident.page.locator('#_asked a[href$="/more-time"]'))
    expect(resident.page.locator("form#answer")).to_be_visible()
    resident.looks()
    resident.chooses("agreed", "yes")
    resident.answers_the_form("answered")
    officer.begins(receipt.ref, "message")
    officer.writes("text", "We come on Tuesday after 4 pm.")
    officer.saves("message")
    resident.opens_my_complaint()
    resident.sees("We come on Tuesday after 4 pm.")
    resident.goes_to("/en/my-complaint/messages")
    resident.writes("text", "Thank you, I am at home.")
    resident.answers_the_form("message")
    officer.opens(receipt.ref)
    officer.sees("On Sunday night.", "Thank you, I am at home.")
    officer.opens(receipt.ref, "people")
    resident.goes_to("/en/my-complaint/withdraw")
    resident.presses(resident.page.locator("form#answer .app-actions button").first)
    expect(resident.page.locator("#_progress")).to_be_visible()
    resident.looks()


def test_several_cases_are_sorted_at_once_and_it_can_be_taken_back(
    person: Callable[..., Any], complaint: Receipt, officers: tuple[str, str]
) -> None:
    officer: Colleague = person(Colleague)
    officer.signs_in(officers[0])
    row = officer.finds(complaint.ref, "to-triage")
    row.locator("input[name=ref]").check()
    officer.presses(officer.page.locator("form#many button[value=tag]"))
    expect(officer.page.locator("form#many [name=add]")).to_be_visible()
    officer.looks()
    officer.writes("add", "winter")
    officer.presses(officer.page.locator("form#many .govuk-button"))
    officer.sees("Done for 1 of 1")
    officer.looks()
    result = officer.page.url
    expect(officer.finds(complaint.ref, "to-triage")).to_contain_text("winter")
    officer.page.goto(result)
    officer.presses(officer.page.locator("form#undo button"))
    officer.sees("Done for 1 of 1")
    expect(officer.finds(complaint.ref, "to-triage")).not_to_contain_text("winter")


@pytest.fixture(autouse=True, scope="module")
def case_survives_checking(service: Service) -> Iterator[None]:
    """After all that was done here, every case still folds to what its row says."""
    yield
    service.redress("check")
