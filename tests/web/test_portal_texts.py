"""Text messages to people who have no e-mail: a receipt, a way in, a way back, and word of a letter. Never more."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from shared import i18n
from shared.cases import commands as c
from shared.cases import service
from shared.cases.correspondence import texting
from shared.cases.state import Person, Safety, Story
from shared.config import Config
from shared.db import db
from shared.identity.actors import Representative, Resident
from shared.letters.facts import Words
from shared.mail import sms, templates
from shared.models import Case, OutboxMessage
from shared.policy.load import available, load
from shared.vocab import Channel, ConsentScope
from tests.support import specimens
from tests.support.client import Client
from tests.support.notify import TEXT_TEMPLATE
from tests.support.portal import browser

NUMBER = "+447700900123"
CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")


def a_case(phone: str = "07700 900 123", **more: object) -> str:
    """A complaint from somebody who gave a phone and nothing else."""
    person = Person(name="Mina Rahman", phone=phone, address=("4 Elm Court",), postcode="WA8 0TD")
    facts: dict[str, object] = {"language": "en", "resident": person}
    command = c.Submit(
        channel=Channel.PORTAL, story=Story(what="Mould in the bedroom"), **(facts | more)  # type: ignore[arg-type]
    )  # fmt: skip
    actor = Representative("", "Sam", ConsentScope.NONE) if command.helper else Resident("", "Mina Rahman")
    return service.submit(command, actor, "halton").ref


def texts() -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.channel == Channel.TEXT).order_by(OutboxMessage.id)
    return list(db.session.scalars(query))


def ask(client: Client, who: str) -> None:
    client.submit("/en/sign-in/link", {"who": who}, form="#ask")


@pytest.fixture
def without_texts(app: Flask) -> Iterator[None]:
    """A service with a mail server and nobody who sends texts."""
    settings = app.extensions["redress"]
    app.extensions["redress"] = replace(settings, smtp_host="mail.landlord.example")
    yield
    app.extensions["redress"] = settings


# The receipt ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phone", ["07700 900123", "+44 7700 900 123", "0044 (0)7700-900123", "٠٧٧٠٠ ٩٠٠١٢٣"])
def test_who_gives_only_a_phone_gets_a_receipt_by_text(app: Flask, phone: str) -> None:
    ref = a_case(phone)
    (text,) = texts()
    assert text.recipient == NUMBER
    assert ref in text.text
    assert "We will write to you by " in text.text
    assert "/en/sign-in" in text.text
    for secret in ("Mould", "Mina", "Elm Court"):
        assert secret not in text.text
    assert not CODE.search(text.text), "whoever finds the phone must not come in"


def test_the_page_says_that_a_text_was_sent(client: Client) -> None:
    """The shortest way of somebody who has a phone and nothing else."""
    page = client.submit("/en/", {"who": "me"}, form="#start")
    page = client.send(page, {"what": "The boiler is broken."}, press="Skip the optional questions")
    about = {"name": "Amal", "address": "4 Elm Court", "postcode": "WA8 7AA", "phone": "07700 900 123"}
    page = client.send(page, about, press="Skip the optional questions")
    page = client.send(page, {}, form="#send")
    assert page.h1 == "We have your complaint"
    assert "We have also sent you a text message with your reference." in page.main
    assert "by email" not in page.main
    assert [text.recipient for text in texts()] == [NUMBER]


@pytest.mark.parametrize(
    "more",
    [
        {"resident": Person(name="Mina", phone="0151 496 0000")},  # a landline would read it out
        {"resident": Person(name="Mina", phone="07700 900123", email="mina@resident.example")},
        {"safety": Safety(no_calls=True)},
        {"anonymous": True},
        {
            "helper": Person(name="Sam", phone="+44 7700 900123", email="sam@helper.example")
        },  # one phone for both
    ],
    ids=["landline", "has e-mail", "not safe", "anonymous", "the helper's phone"],
)
def test_no_text_goes_where_it_should_not(app: Flask, more: dict[str, object]) -> None:
    a_case(**more)
    assert texts() == []


def test_without_a_provider_nobody_is_sent_or_offered_texts(client: Client, without_texts: None) -> None:
    ref = a_case()
    ask(client, ref)
    assert texts() == []
    page = client.page("/en/sign-in/link")
    assert "Your email address or your reference" in page.main
    assert "0303 333 0101" in page.main, "what works instead"
    begun = client.submit("/en/", {"who": "me"}, form="#start")
    client.send(begun, {"what": "The boiler is broken."}, press="Continue")
    assert "mobile" not in client.page("/en/tell-us/later").main


# The way in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["07700900123", "+44 7700 900 123", "reference"])
def test_the_six_numbers_come_by_text_and_open_the_case(client: Client, app: Flask, typed: str) -> None:
    ref = a_case()
    ask(client, ref if typed == "reference" else typed)
    text = texts()[-1]
    assert text.confidential
    assert text.recipient == NUMBER
    assert ref not in text.text
    assert "http" not in text.text
    digits = re.findall(r"\b\d{6}\b", text.text)
    assert len(digits) == 1
    page = client.submit("/en/sign-in/code", {"digits": digits[0]}, form="#digits-form")
    assert page.h1 == "My complaint"
    assert browser(app).submit("/en/sign-in/link", {"who": ref}, form="#ask").h1 == "Look for our message"


def test_the_answer_never_tells_whether_a_number_is_known(client: Client, app: Flask) -> None:
    a_case()
    pages = [
        one.submit("/en/sign-in/link", {"who": who}, form="#ask").text
        for one, who in ((client, "07700 900123"), (browser(app), "07700 900999"), (browser(app), "0151 496 0000"))
    ]  # fmt: skip
    assert pages[0] == pages[1] == pages[2]
    assert len(texts()) == 2, "the receipt, and the numbers for the one who is known"


def test_somebody_with_an_e_mail_address_gets_mail_for_a_reference_and_a_text_for_the_number(
    client: Client, app: Flask
) -> None:
    person = Person(name="Mina", phone="07700 900123", email="mina@resident.example")
    ref = a_case(resident=person)
    ask(client, ref)
    assert texts() == []
    ask(browser(app), "07700 900123")
    assert [t.recipient for t in texts()] == [NUMBER]


def test_a_phone_that_is_not_safe_gets_no_way_in(client: Client) -> None:
    ref = a_case()
    person = Person(name="Mina Rahman", phone="07700 900123")
    service.perform(
        ref, c.ChangeContact(resident=person, safety=Safety(no_calls=True)), Resident(ref, "Mina")
    )
    before = len(texts())
    ask(client, ref)
    ask(client, "07700 900123")
    assert len(texts()) == before


def test_a_number_cannot_be_flooded(client: Client, app: Flask) -> None:
    for number in range(3):
        a_case()
        for _ in range(4):
            one = browser(app)
            one.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
            token = one.page("/en/sign-in/link").one("#ask input[name=csrf_token]")["value"]
            one.post("/en/sign-in/link", data={"who": "+44 7700 900123", "csrf_token": token})
    assert len(texts()) <= texting.MOST_A_DAY


# The way back to a draft ----------------------------------------------------------------------------------


def begun(client: Client) -> None:
    page = client.submit("/en/", {"who": "me"}, form="#start")
    client.send(page, {"what": "The boiler is broken."}, press="Continue")


def test_the_way_back_comes_by_text(client: Client, app: Flask) -> None:
    begun(client)
    page = client.submit(
        "/en/tell-us/later", {"mobile": "07700 900 123"}, form="#text", press="Send me the link"
    )
    assert page.h1 == "We have sent you a text message"
    (text,) = texts()
    found = CODE.search(text.text)
    assert found
    assert text.confidential
    other = browser(app)
    back = other.submit(f"/en/come-back?code={found[0]}", form="#back")
    assert "/tell-us/" in back.url


@pytest.mark.parametrize("typed", ["", "0151 496 0000", "+1 500 555 0006", "not a number"])
def test_a_number_that_cannot_be_texted_says_how_to_mend_it(client: Client, typed: str) -> None:
    begun(client)
    page = client.submit(
        "/en/tell-us/later", {"mobile": typed}, form="#text", press="Send me the link", status=422
    )
    assert page.errors == ["Enter a mobile number of the UK, such as 07700 900982"]
    assert page.one("#mobile").get("value", "") == typed
    assert texts() == []


def test_one_address_cannot_have_many_numbers_texted(client: Client, app: Flask) -> None:
    begun(client)
    answers = []
    for number in range(8):
        page = client.page("/en/tell-us/later")
        token = page.one("#text input[name=csrf_token]")["value"]
        data = {"mobile": f"07700 9001{number:02}", "press": "text", "csrf_token": token}
        answers.append(client.post("/en/tell-us/later", data=data).status_code)
    assert answers[:5] == [303] * 5
    assert 422 in answers[5:]
    assert len(texts()) < 8


# Letters --------------------------------------------------------------------------------------------------


def test_a_letter_is_told_of_and_never_sent_by_text(app: Flask) -> None:
    ref = a_case()
    officer = specimens.team()["olive"]
    command = c.AskClarification(question=Words("Which room has the mould, and since when?"))
    service.perform(ref, c.Triage(risk="routine"), officer)  # type: ignore[arg-type]
    service.perform(ref, command, officer)
    text = texts()[-1]
    assert text.dedupe.startswith("letter-text:")
    assert ref in text.text
    assert "mould" not in text.text
    assert db.session.scalar(select(Case.to_post).where(Case.ref == ref)), "the letter itself goes by post"


# The words ------------------------------------------------------------------------------------------------

FACTS: dict[str, dict[str, object]] = {
    "sign_in": {"code": "123456", "minutes": 30},
    "draft": {"code": "7K3M-PQ9R-WDX4-H6TC"},
    "receipt": {"reference": "HSV-2026-00042-7"},
    "letter": {"reference": "HSV-2026-00042-7"},
}
BASE = "https://complaints.housing-services.example"


@pytest.mark.parametrize("provider", ["keeps", "notify"])
@pytest.mark.parametrize("language", [one.code for one in i18n.languages()])
@pytest.mark.parametrize("name", list(FACTS))
def test_every_text_is_short_in_every_language(app: Flask, name: str, language: str, provider: str) -> None:
    settings = app.extensions["redress"]
    tag = i18n.language(language).tag
    link = f"{BASE}/{tag}/" + ("come-back?code=7K3M-PQ9R-WDX4-H6TC" if name == "draft" else "sign-in")
    try:
        if provider == "notify":
            app.extensions["redress"] = replace(settings, notify_text_template=TEXT_TEMPLATE)
        for slug in available():
            who = load(slug).landlord.name
            composed = templates.text_message(
                name, language, landlord=who, link=link, write_by=date(2026, 9, 23), **FACTS[name]
            )
            assert sms.parts(composed.text) < 4, f"{len(composed.text)}: {composed.text}"
            assert sms.plain_latin(who) in composed.text
            if composed.language in {"ur", "fa", "ar"}:
                for value in ("123456", "7K3M-PQ9R-WDX4-H6TC\u2069", "HSV-2026-00042-7"):
                    assert value not in composed.text.replace(link, "") or "\u2066" in composed.text
            else:
                assert not set(composed.text) & set("\u2066\u2069")
            if provider == "notify":
                assert "?" not in sms.plain_latin(composed.text).replace("come-back?", "")
                assert sms.arrives_whole(composed.text, app.extensions["redress"])
                assert composed.language in {"en", "en-GB", "pl"}
    finally:
        app.extensions["redress"] = settings


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
        ("ي" * 70, 1), ("ي" * 71, 2), ("字" * 134, 2), ("字" * 135, 3), ("😀" * 35, 1), ("😀" * 36, 2), ("", 1),
    ],
)  # fmt: skip
def test_how_many_messages_a_text_is(text: str, parts: int) -> None:
    assert sms.parts(text) == parts


def test_polish_letters_lose_their_marks_and_not_themselves() -> None:
    assert sms.plain_latin("Proszę nikomu go nie podawać, łódź") == "Prosze nikomu go nie podawac, lodz"
    config = Config(notify_text_template="x")
    assert sms.arrives_whole("zażółć gęślą jaźń", config)
    assert not sms.arrives_whole("شکایت", config)
    assert sms.arrives_whole("شکایت", Config())
