"""The door of the portal: what opens, what does not, and that it says nothing about what it knows."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.access import codes
from shared.cases.state import Person, Safety
from shared.db import db
from shared.models import CaseEvent, OutboxMessage, SignInLink
from shared.vocab import ConsentScope, Role
from tests.support.client import Client, Page
from tests.support.portal import Complaint, browser, complaint, consent, sign_in, team
from tests.support.still import StillClock


@pytest.fixture
def case(app: Flask) -> Complaint:
    return complaint()


def knock(client: Client, ref: str, code: str, status: int = 422) -> Page:
    return client.submit("/en/sign-in", {"ref": ref, "code": code}, form="#sign-in", status=status)


# Reference and code ---------------------------------------------------------------------------------------


def test_reference_and_code_open_the_case_in_any_spelling(client: Client, case: Complaint) -> None:
    page = knock(client, f" {case.ref.lower().replace('-', ' ')} ", case.code.lower().replace("-", ""), 200)
    assert page.h1 == "My complaint"


def test_an_unknown_case_and_a_wrong_code_get_the_same_answer(
    client: Client, app: Flask, case: Complaint
) -> None:
    wrong = knock(client, case.ref, "2222-2222-2222-2222")
    unknown = knock(browser(app), "HAL-2026-0099-9", "2222-2222-2222-2222")
    odd = knock(browser(app), "'; DROP TABLE", "?")
    assert wrong.errors == unknown.errors == odd.errors
    assert wrong.main.replace(case.ref, "") == unknown.main.replace("HAL-2026-0099-9", "")


def test_another_cases_code_opens_nothing(client: Client, case: Complaint) -> None:
    other = complaint(what="Another thing")
    assert knock(client, other.ref, case.code).errors


def test_too_many_tries_slow_down_and_leave_a_way_through(
    client: Client, case: Complaint, time: StillClock
) -> None:
    for _n in range(5):
        knock(client, case.ref, "2222-2222-2222-2222")
    for seconds in (1, 2, 4):
        assert "too many tries" in knock(client, case.ref, case.code).errors[0]
        time.wait(seconds=seconds)
        knock(client, case.ref, "2222-2222-2222-2222")
    assert "call us" in knock(client, case.ref, case.code).errors[0]
    assert "0303 333 0101" in client.page("/en/sign-in").main
    time.wait(seconds=121)
    assert knock(client, case.ref, case.code, 200).h1 == "My complaint"


def test_guesses_elsewhere_do_not_shut_out_a_browser_that_was_in_before(
    client: Client, app: Flask, case: Complaint, time: StillClock
) -> None:
    sign_in(client, case.ref, case.code)
    thief = browser(app)
    for _n in range(6):
        knock(thief, case.ref, "2222-2222-2222-2222")
    time.wait(minutes=61)  # the session ends, the browser stays known
    assert knock(client, case.ref, case.code, 200).h1 == "My complaint"


def test_pages_of_a_case_lead_to_the_door_and_back(client: Client, case: Complaint) -> None:
    page = client.page("/en/my-complaint/messages")
    assert page.h1 == "See your complaint"
    page = client.send(page, {"ref": case.ref, "code": case.code}, form="#sign-in")
    assert page.h1 == "Messages"


def test_the_door_leads_nowhere_else(client: Client, case: Complaint) -> None:
    for target in ("//evil.example/x", "https://evil.example", "/\\evil.example", "/en/sign-in/link"):
        page = client.page("/en/sign-in", query_string={"next": target})
        assert page.one("input[name=next]")["value"] == ""


def test_signing_out_forgets_everything(client: Client, case: Complaint) -> None:
    sign_in(client, case.ref, case.code)
    client.submit("/en/my-complaint", form="#sign-out")
    with client.session_transaction() as kept:
        assert not kept.get("who")
    assert client.page("/en/my-complaint").h1 == "See your complaint"


def test_signing_in_to_another_case_ends_the_first(client: Client, case: Complaint) -> None:
    other = complaint(what="Another thing")
    sign_in(client, case.ref, case.code)
    sign_in(client, other.ref, other.code)
    page = client.page("/en/my-complaint")
    assert other.ref in page.main
    assert case.ref not in page.text


def test_idle_words_are_carried_through_the_door(client: Client, case: Complaint, time: StillClock) -> None:
    sign_in(client, case.ref, case.code)
    page = client.page("/en/my-complaint/messages")
    time.wait(minutes=61)
    page = client.send(page, {"text": "The wall is wet again"}, form="#answer", status=403)
    assert "Nothing that you wrote is lost" in page.main
    page = client.send(page, {"ref": case.ref, "code": "2222-2222-2222-2222"}, form="#sign-in", status=422)
    page = client.send(page, {"ref": case.ref, "code": case.code}, form="#sign-in")
    assert "The wall is wet again" in page.main
    page = client.send(page, form="#go-on")
    assert "We have your message" in page.main
    assert queries.case(case.ref, case.resident).state.messages[0].text == "The wall is wet again"


def test_no_field_is_lost_at_the_door(client: Client, case: Complaint, time: StillClock) -> None:
    sign_in(client, case.ref, case.code)
    page = client.page("/en/my-complaint/contact")
    time.wait(minutes=61)
    page = client.send(page, {"postcode": "HG1 2AB"}, form="#answer", status=403)
    page = client.send(page, {"ref": case.ref, "code": case.code}, form="#sign-in")
    assert case.code not in page.main
    client.send(page, form="#go-on")
    person = case.state.resident
    assert person is not None
    assert person.postcode == "HG1 2AB"


def test_a_pressed_answer_goes_through_the_door_and_is_no_words_of_hers(
    client: Client, case: Complaint, time: StillClock
) -> None:
    colleagues = team()
    colleagues.acknowledge(case.ref)
    colleagues.promise(case.ref)
    sign_in(client, case.ref, case.code)
    page = client.page("/en/my-complaint")
    time.wait(minutes=61)
    page = client.send(page, form="#promise-form-1", press="It is done", status=403)
    page = client.send(page, {"ref": case.ref, "code": case.code}, form="#sign-in")
    assert not page.all("#_typed")
    client.send(page, form="#go-on")
    assert case.state.commitments[0].confirmed is True


def test_a_forged_post_is_never_carried_through_the_door(client: Client, case: Complaint) -> None:
    answer = client.post(
        "/en/my-complaint/withdraw",
        data={"reason": "not hers", "seen": "1"},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 303
    assert "not hers" not in answer.text


# Link and digits ------------------------------------------------------------------------------------------


def ask(client: Client, who: str) -> Page:
    return client.submit("/en/sign-in/link", {"who": who}, form="#ask")


def mails() -> list[OutboxMessage]:
    query = (
        select(OutboxMessage).where(OutboxMessage.dedupe.startswith("sign-in:")).order_by(OutboxMessage.id)
    )
    return list(db.session.scalars(query))


def link_in(mail: OutboxMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/\S+/sign-in/link/\S+)", mail.text)
    assert found
    return found.group(1)


def digits_in(mail: OutboxMessage) -> str:
    found = re.search(r"\b(\d{6})\b", mail.text)
    assert found
    return found.group(1)


def test_the_link_opens_the_case_once_and_a_scanner_uses_nothing_up(
    client: Client, app: Flask, case: Complaint
) -> None:
    ask(client, "MINA@resident.example")
    (mail,) = mails()
    assert mail.confidential
    scanner = browser(app)
    for _n in range(5):
        assert scanner.page(link_in(mail)).h1 == "See your complaint"
    phone = browser(app)
    assert phone.submit(link_in(mail), form="#claim").h1 == "My complaint"
    assert browser(app).page(link_in(mail), status=410).h1 == "This link does not work any more"


def test_of_two_presses_one_gets_in(client: Client, app: Flask, case: Complaint) -> None:
    ask(client, case.ref)
    first, second = browser(app), browser(app)
    one, two = first.page(link_in(mails()[0])), second.page(link_in(mails()[0]))
    assert first.send(one, form="#claim").h1 == "My complaint"
    second.send(two, form="#claim", status=410)


def test_the_digits_work_where_they_were_asked_for(client: Client, app: Flask, case: Complaint) -> None:
    ask(client, case.ref)
    digits = digits_in(mails()[0])
    page = client.submit("/en/sign-in/code", {"digits": f" {digits[:3]} {digits[3:]}"}, form="#digits-form")
    assert page.h1 == "My complaint"
    stranger = browser(app)
    assert stranger.page("/en/sign-in/code").h1 == "Sign in without your code"


def test_six_digits_cannot_be_guessed(client: Client, case: Complaint) -> None:
    ask(client, case.ref)
    mail = mails()[0]
    right = digits_in(mail)
    for n in range(5):
        client.submit(
            "/en/sign-in/code",
            {"digits": f"{(int(right) + n + 1) % 1_000_000:06d}"},
            status=422,
            form="#digits-form",
        )
    client.submit("/en/sign-in/code", {"digits": right}, form="#digits-form", status=422)
    assert client.submit(link_in(mail), form="#claim").h1 == "My complaint"  # the link is still good


def test_a_link_ends(client: Client, case: Complaint, time: StillClock) -> None:
    ask(client, case.ref)
    mail = mails()[0]
    time.wait(minutes=31)
    assert client.page(link_in(mail), status=410)
    client.submit("/en/sign-in/code", {"digits": digits_in(mail)}, form="#digits-form", status=422)


def test_asking_never_tells_who_is_known(client: Client, app: Flask, case: Complaint) -> None:
    known, unknown = ask(client, "mina@resident.example"), ask(browser(app), "nobody@resident.example")
    assert known.text == unknown.text
    assert len(mails()) == 1
    assert db.session.query(SignInLink).filter_by(purpose="sign_in").count() == 2


def test_a_link_made_for_nobody_opens_nothing(client: Client, case: Complaint) -> None:
    ask(client, "nobody@resident.example")
    assert client.submit("/en/sign-in/code", {"digits": "123456"}, form="#digits-form", status=422).errors


def test_mail_never_goes_where_it_is_not_safe(client: Client, case: Complaint) -> None:
    person = Person(name="Mina Rahman", email="mina@resident.example")
    service.perform(case.ref, c.ChangeContact(resident=person, safety=Safety(no_email=True)), case.resident)
    ask(client, case.ref)
    assert mails() == []


def test_a_mailbox_cannot_be_flooded(client: Client, app: Flask, case: Complaint, time: StillClock) -> None:
    for n in range(40):
        one = browser(app)
        one.environ_base["REMOTE_ADDR"] = f"10.0.0.{n}"
        token = one.page("/en/sign-in/link").one("#ask input[name=csrf_token]")["value"]
        who = case.ref if n % 2 else "mina@resident.example"
        one.post("/en/sign-in/link", data={"who": who, "csrf_token": token})
        time.wait(minutes=5)
    assert len(mails()) <= 12


def test_helpers_get_links_of_their_own(client: Client, app: Flask) -> None:
    complaint(helper=True)
    ask(client, "sam@helper.example")
    (mail,) = mails()
    assert mail.recipient == "sam@helper.example"
    assert client.submit(link_in(mail), form="#claim").h1 == "The complaint that you help with"


# A new code -----------------------------------------------------------------------------------------------


def test_an_officer_gives_a_new_code_and_the_case_remembers_it(client: Client, case: Complaint) -> None:
    people = team()
    code = codes.issue_new_code(
        case.ref,
        Role.RESIDENT,
        people.as_actor(),
        identified_by="Date of birth and last rent payment",
        mail=True,
    )
    assert knock(client, case.ref, case.code).errors
    assert knock(client, case.ref, code, 200).h1 == "My complaint"
    last = db.session.scalars(select(CaseEvent).order_by(CaseEvent.id.desc())).first()
    assert last is not None
    assert "Date of birth" in last.payload
    assert code not in last.payload
    sent = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert sent is not None
    assert sent.confidential
    assert code in sent.text


def test_an_officer_cannot_give_a_code_without_knowing_who_it_is(case: Complaint) -> None:
    people = team()
    with pytest.raises(service.Refused):
        codes.issue_new_code(case.ref, Role.RESIDENT, people.as_actor(), identified_by=" ")
    with pytest.raises(service.Refused):
        codes.issue_new_code(case.ref, Role.REPRESENTATIVE, people.as_actor(), identified_by="Her voice")


def test_the_resident_makes_a_new_code_herself(client: Client, app: Flask, case: Complaint) -> None:
    sign_in(client, case.ref, case.code)
    page = client.submit("/en/my-complaint/new-code", form="#new-code")
    code = page.one(".app-code").get_text()
    assert knock(browser(app), case.ref, case.code).errors
    assert knock(browser(app), case.ref, code, 200).h1 == "My complaint"


def test_a_withdrawn_helper_cannot_come_back(client: Client, app: Flask) -> None:
    case = complaint(helper=True)
    consent(case, ConsentScope.EVERYTHING)
    sign_in(client, case.ref, case.helper_code)
    assert "Where it stands" in client.page("/en/my-complaint").main
    consent(case, ConsentScope.REFUSED)
    assert client.page("/en/my-complaint").h1 == "See your complaint"
    sign_in(client, case.ref, case.helper_code)
    page = client.page("/en/my-complaint")
    assert "Where it stands" not in page.main
    assert "We may not tell you more" in page.main
