"""One complaint from the first word to the final response and the closed record, by people in browsers.

Run for each landlord, with scripts and without, in English and from right to left. Whoever writes is found by
the address that they gave, so that journeys can share one service.
"""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import expect

from shared import clock
from tests.support import samples
from tests.support.e2e_resident import Receipt, Resident, Told
from tests.support.e2e_service import SIGN_IN, Service, files_of, page_of, words_of
from tests.support.e2e_staff import Colleague

CODE = "Complaint Handling Code 2024"
LETTERS = (
    "receipt",
    "acknowledgement_1",
    "response_1",
    "acknowledgement_2",
    "response_2",
    "closing",
)
LARGE = 18  # points of the text of a letter in large print


@dataclass(frozen=True, slots=True)
class Team:
    """The addresses of colleagues, each with the roles of a job."""

    officer: str
    second_officer: str
    handler: str
    manager: str


@pytest.fixture(scope="module")
def teams() -> dict[str, Team]:
    """Who works for each landlord."""
    return {}


def hire(service: Service) -> Team:
    """Colleagues who get their accounts from the command line."""
    return Team(
        officer=service.colleague("Olwen Gray", "officer", "handler", job="Customer Resolutions Officer"),
        second_officer=service.colleague("Orla Hart", "officer", job="Customer Resolutions Officer"),
        handler=service.colleague("Hanif Noor", "handler", job="Repairs Complaint Handler"),
        manager=service.colleague("Marcus Oduya", "manager", job="Customer Services Manager"),
    )


def due(service: Service, clock_name: str, **events: str) -> date:
    """When a clock runs out, from `redress due`."""
    words = [part for name, day in events.items() for part in (f"--{name.replace('_', '-')}", day)]
    answer = json.loads(service.redress("due", "--landlord", service.landlord, *words, "--json"))
    return date.fromisoformat(answer[clock_name]["due"])


def in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def short(day: date) -> str:
    """A day as the lists of staff write it: "Mon 30 Nov"."""
    return f"{day:%a} {day.day} {day:%b}"


def holds_the_letter(message: EmailMessage, receipt: Receipt, language: str) -> None:
    """A letter as it must travel: text, page and PDF, in the resident's language, the paper in large print."""
    assert receipt.ref in words_of(message)
    page = page_of(message)
    head = re.search(r'<html lang="([a-z]+)[^"]*" dir="([a-z]+)"', page)
    assert head
    assert head.groups() == (language, "rtl" if language == "ar" else "ltr")
    ((name, paper),) = files_of(message).items()
    assert name.startswith(receipt.ref)
    with pikepdf.open(io.BytesIO(paper)) as document:
        assert str(document.Root.Lang).split("-")[0] == language
    texts = [item for item in pypdfium2.PdfDocument(paper)[0].get_objects() if hasattr(item, "get_font_size")]
    sizes = [round(item.get_font_size()) for item in texts]
    assert max(sizes, key=sizes.count) == LARGE


@pytest.mark.parametrize(
    ("landlord", "language", "scripts"),
    [
        ("halton", "en", True),
        ("harrogate", "ar", True),
        ("housing-services", "en", False),
    ],
    ids=["with scripts", "another landlord, from right to left", "a third landlord, without scripts"],
)
def test_a_complaint_from_the_first_word_to_the_final_response(
    service_of: Callable[[str], Service],
    teams: dict[str, Team],
    person: Callable[..., Any],
    photo: Path,
    iphone_photo: Path,
    paper: Path,
    landlord: str,
    language: str,
    scripts: bool,
) -> None:
    service = service_of(landlord)
    if landlord not in teams:
        teams[landlord] = hire(service)
    team = teams[landlord]
    today = clock.today()
    mailbox = f"amina.{language}.{'on' if scripts else 'off'}@resident.example"

    # 1. The resident complains.
    resident: Resident = person(Resident, scripts=scripts, at=service)
    resident.opens_the_portal(language)
    receipt = resident.complains(Told(email=mailbox, files=(photo, iphone_photo, paper)))
    hears_on = due(service, "stage_1_acknowledgement", received=str(today))
    assert re.fullmatch(r"[A-Z]{3}-[0-9A-Z-]+", receipt.ref)
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", receipt.code)
    if language == "en":
        assert in_words(hears_on) in receipt.words
    holds_the_letter(service.letter_to(mailbox, "receipt"), receipt, language)

    # 2. An officer takes it in.
    officer: Colleague = person(Colleague, scripts=scripts, at=service)
    officer.signs_in(team.officer)
    row = officer.finds(receipt.ref, "to-acknowledge")
    expect(row).to_contain_text("Acknowledge")
    expect(row).to_contain_text(short(hears_on))
    officer.opens(receipt.ref, "files")
    officer.sees("14 March 2025", "bedroom wall.jpg", "letter from the doctor.pdf")
    check_the_photos(officer)
    officer.opens(receipt.ref)
    officer.sees("Large print", "only after 4 pm")
    officer.takes_the_next_step("triage")
    officer.triages(receipt.ref, "Rang after 4 pm and listened. The mould has come back twice.")
    officer.defines(
        receipt.ref,
        points=("Mould has come back in the bedroom.", "Nobody rang back."),
        outcome="The leak is found and mended.",
        ours="The walls and the roof of the home.",
        not_ours="Nothing lies outside our responsibility.",
    )
    officer.allocates(receipt.ref, "Hanif Noor")
    letter = officer.acknowledges(receipt.ref)
    assert receipt.ref in letter
    officer.opens(receipt.ref, "letters")
    officer.sees("large print")

    # 3. The handler looks into it and answers.
    handler: Colleague = person(Colleague, scripts=scripts, at=service)
    handler.signs_in(team.handler)
    handler.finds(receipt.ref, "my-work")
    handler.records_contact(receipt.ref, "Rang after 4 pm. She showed us the wall by video.")
    handler.begins(receipt.ref, "respond")
    handler.writes_all(
        {"decision": "We uphold your complaint.", "steps_taken": "We looked at the wall and the roof."}
    )
    handler.presses(handler.page.locator("form#act .app-actions button[value=preview]"))
    handler.is_refused(CODE, "Decide point 1")
    expect(handler.control("decision")).to_have_value("We uphold your complaint.")
    wrong, policy = "We painted over the mould. We are sorry.", "Our repairs policy"
    handler.decides(
        receipt.ref,
        {
            1: ("upheld", "The leak was never looked for.", policy, wrong),
            2: ("partly_upheld", "We rang once.", policy, "We should have rung again. We are sorry."),
        },
    )
    handler.offers(receipt.ref, "money", "For the time that this took", today + timedelta(28), "150.00")
    handler.promises(receipt.ref, "Mend the roof above the bedroom.", "Hanif Noor", today + timedelta(42))
    answer = handler.answers(receipt.ref, "We uphold your complaint.", "We looked at the wall and the roof.")
    assert "150.00" in answer
    handler.opens(receipt.ref, "record")

    # 4. The resident comes back, on another device, and asks for stage 2.
    at_the_library: Resident = person(Resident, scripts=scripts, at=service)
    at_the_library.language = language
    at_the_library.signs_in(receipt)
    expect(at_the_library.promised()).to_have_count(1)
    expect(at_the_library.letters()).to_have_count(3)
    assert receipt.ref in at_the_library.reads_the_newest_letter()
    resident.goes_to(f"/{language}/")
    opens_the_door_by_mail(service, person, mailbox, language, scripts)
    at_the_library.escalates()

    # 5. Others look at it again.
    row = officer.finds(receipt.ref, "stage-2")
    again_on = due(
        service,
        "stage_2_acknowledgement",
        received=str(today),
        logged=str(today),
        acknowledged=str(today),
        responded=str(today),
        escalated=str(today),
    )
    expect(row).to_contain_text(short(again_on))
    cannot_be_chosen(officer, receipt.ref, "Hanif Noor", "Olwen Gray")
    officer.allocates(receipt.ref, "Marcus Oduya")
    reviewer: Colleague = person(Colleague, scripts=scripts, at=service)
    reviewer.signs_in(team.manager)
    reviewer.acknowledges(receipt.ref)
    reviewer.records_contact(receipt.ref, "Rang after 4 pm. She wants a day for the roof.")
    assert not handler.may_begin(receipt.ref, "respond")
    reviewer.decides(
        receipt.ref,
        {
            1: ("upheld", "The roof still leaks.", policy, wrong),
            2: ("upheld", "The calls were not made.", policy, "We are sorry that nobody rang."),
        },
    )
    reviewer.offers(receipt.ref, "action", "Treat the wall again", today + timedelta(30))
    reader: Colleague = person(Colleague, scripts=scripts, at=service)
    reader.signs_in(team.second_officer)
    final = reviewer.answers(
        receipt.ref, "We uphold your complaint.", "We went through the file.", checker="Orla Hart", by=reader
    )
    assert "Ombudsman" in final or language != "en"

    # 6. The record closes; the promise does not.
    reviewer.learns(receipt.ref, "Painted walls are looked at again after three months.")
    reviewer.closes(receipt.ref, "final_response")
    reviewer.finds(receipt.ref, "promised")
    reviewer.opens(receipt.ref, "promises")
    reviewer.sees("Mend the roof above the bedroom.", "Mark as done")
    at_the_library.opens_my_complaint()
    expect(at_the_library.promised()).to_have_count(1)
    # Harrogate asks how it was once the last promise is kept, the others when the record closes.
    sent = LETTERS if landlord == "harrogate" else (*LETTERS, "survey")
    expect(at_the_library.letters()).to_have_count(len(sent))
    expect(at_the_library.page.locator("#_ombudsman")).to_be_visible()

    # Every letter left once, after the time in which it could be taken back.
    for kind in sent:
        holds_the_letter(service.letter_to(mailbox, kind), receipt, language)
    assert "Hanif Noor" in words_of(service.letter_to(mailbox, "acknowledgement_1"))
    assert "housing-ombudsman.org.uk" in words_of(service.letter_to(mailbox, "response_2"))
    names = [name for message in service.letters_to(mailbox) for name in files_of(message)]
    assert sorted(names) == sorted(f"{receipt.ref}-{kind}.pdf" for kind in sent)


def check_the_photos(officer: Colleague) -> None:
    """What staff can download says nothing of the place, and is still the picture."""
    links = officer.page.locator(".app-files a[href*='download']")
    assert links.count() == 3
    pictures = 0
    for link in links.all():
        answer = officer.page.context.request.get(officer.service.url + (link.get_attribute("href") or ""))
        assert answer.ok
        content = answer.body()
        assert samples.gps_traces(content) == []
        if answer.headers["content-type"].startswith("image/"):
            pictures += 1
            with Image.open(io.BytesIO(content)) as picture:
                assert not picture.getexif().get_ifd(0x8825)
                assert picture.width * picture.height > 1_000_000
    assert pictures == 2


def opens_the_door_by_mail(
    service: Service, person: Callable[..., Any], mailbox: str, language: str, scripts: bool
) -> None:
    """A link and six digits. Opening the link, as a mail scanner does, uses nothing up."""
    at_home: Resident = person(Resident, scripts=scripts, at=service)
    at_home.language = language
    at_home.asks_for_a_link(mailbox)
    words = words_of(service.message_to(mailbox, SIGN_IN))
    link = re.search(rf"{re.escape(service.url)}/\S+/sign-in/link/[\w-]+", words)
    digits = re.search(r"\b\d{6}\b", words)
    assert link
    assert digits
    scanner: Resident = person(Resident, scripts=scripts, at=service)
    for _ in range(2):
        scanner.goes_to(link[0].removeprefix(service.url))
    expect(scanner.page.locator("form#claim")).to_be_visible()
    at_home.types_the_digits(digits[0])
    scanner.presses(scanner.page.locator("form#claim .govuk-button"))
    expect(scanner.page.locator("form#claim")).to_have_count(0)
    scanner.looks()
    expect(scanner.page.locator("#_progress")).to_have_count(0)


def cannot_be_chosen(officer: Colleague, ref: str, *names: str) -> None:
    """Whoever acted at stage 1 is not on the list for stage 2, and a forged post is refused (Code 6.13)."""
    ids = {
        name: officer.service.read("SELECT id FROM staff_account WHERE name = :name", name=name)[0][0]
        for name in names
    }
    officer.begins(ref, "allocate")
    offered = officer.control("to").locator("option")
    for name in names:
        assert name not in " ".join(offered.all_inner_texts())
    form = officer.page.locator("form#act")
    for who in ids.values():
        fields = {
            "csrf_token": form.locator("[name=csrf_token]").input_value(),
            "seen": form.locator("[name=seen]").input_value(),
            "to": str(who),
            "do": "save",
        }
        url = f"{officer.service.url}/staff/cases/{ref}/allocate"
        answer = officer.page.context.request.post(url, form=fields, max_redirects=0)
        assert answer.status == 422
        assert "cannot look into stage 2" in answer.text()
        assert f"{CODE}, 6.13" in answer.text()
