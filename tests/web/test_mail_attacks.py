"""Mail that wants more than it may: nobody learns anything by it, and nothing lands on the wrong case."""

import base64
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import func, select

from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.correspondence import dispatch, held_mail, inbound_mail
from shared.cases.state import Consent, Person, Story
from shared.db import db
from shared.identity.actors import Representative, Resident
from shared.mail import inbound
from shared.models import Attachment, Case, Delivery, InboundMessage, OutboxMessage
from shared.vocab import Channel, ConsentScope, Role
from tests.support.inbound import EMAIL, a_case, mail, said
from tests.support.samples import jpeg
from tests.support.staff import actor, colleague, signed_in

HELPER = "sam@example.org"
NOBODY = "complaints@landlord.example"


def sent_to(address: str) -> int:
    query = select(func.count()).where(OutboxMessage.recipient == address)
    return db.session.scalar(query) or 0


def helped(scope: ConsentScope) -> str:
    """A case with a helper, whom the resident lets be told that much."""
    person = Person(name="Amina Yusuf", email=EMAIL, address=("4 Elm Court",), postcode="WA8 0TD")
    helper = Person(name="Sam", email=HELPER, relationship="friend")
    command = c.Submit(
        language="en", channel=Channel.PORTAL, story=Story(what="Mould"), resident=person, helper=helper
    )
    ref = service.submit(command, Representative("", "Sam", ConsentScope.NONE), "halton").ref
    service.perform(ref, c.SetConsent(consent=Consent(scope=scope)), Resident(ref, person.name))
    return ref


def the_receipt(to: str = EMAIL) -> OutboxMessage:
    query = select(OutboxMessage).where(OutboxMessage.recipient == to).order_by(OutboxMessage.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def test_the_signature_of_one_case_opens_no_other(reads_answers: Flask) -> None:
    mine, hers = a_case(), a_case("other@example.org")
    my_address, her_address = dispatch.answers_to(mine), dispatch.answers_to(hers)
    forged = her_address.replace(her_address.partition(".")[2][:16], my_address.partition(".")[2][:16])
    elsewhere = inbound.reply_address(NOBODY, hers, "the secret of another landlord's service")
    for number, to in enumerate((forged, elsewhere, her_address.replace("+", "+x"))):
        assert inbound_mail.take_in(mail(to, "other@example.org", number).as_bytes()) == "held"
    assert said(mine) == said(hers) == []
    assert {m.case_ref for m in held_mail.held()} == {None}


def test_who_answers_somewhere_else_is_never_written_to(reads_answers: Flask) -> None:
    """A forged sender can add words and no more: whatever follows goes to the address on the case."""
    ref = a_case()
    made = mail(dispatch.answers_to(ref), Reply_To="mallory@evil.example", Cc="mallory@evil.example")
    made["Disposition-Notification-To"] = made["Return-Receipt-To"] = "mallory@evil.example"
    assert inbound_mail.take_in(made.as_bytes()) == "placed"
    assert said(ref) == ["It still leaks."]
    assert sent_to("mallory@evil.example") == 0
    state = queries.case(ref, Resident(ref, "Amina Yusuf")).state
    assert state.resident is not None
    assert state.resident.email == EMAIL


@pytest.mark.parametrize("scope", [ConsentScope.REFUSED, ConsentScope.SOME, ConsentScope.EVERYTHING])
def test_a_helper_is_heard_and_told_no_more_than_she_may_be(
    reads_answers: Flask, scope: ConsentScope
) -> None:
    ref = helped(scope)
    before = sent_to(HELPER)
    assert inbound_mail.take_in(mail(dispatch.answers_to(ref), HELPER).as_bytes()) == "placed"
    assert said(ref) == ["It still leaks."]
    assert sent_to(HELPER) == before, "no answer goes out by itself"
    helper = Representative(ref, "Sam", scope)
    seen = [e for e in queries.case(ref, helper).events if isinstance(e.command, c.AddInformation)]
    assert bool(seen) is (scope is ConsentScope.EVERYTHING)


def bounce(message_id: str, failed: str, to: str) -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nMessage-ID: <b@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {failed}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message_id}\r\n\r\nDear\r\n--x--\r\n"
    ).encode()


def test_a_bounce_reaches_the_case_of_its_message_and_no_other(reads_answers: Flask) -> None:
    mine, hers = a_case(), a_case("other@example.org")
    officer = actor(colleague(Role.OFFICER))
    raw = bounce(the_receipt().message_id, EMAIL, dispatch.answers_to(hers))
    assert inbound_mail.take_in(raw) == "bounced"
    assert queries.case(mine, officer).state.fails(Channel.EMAIL, EMAIL)
    assert not queries.case(hers, officer).state.failing
    assert the_receipt("other@example.org").status == Delivery.QUEUED


def test_a_bounce_that_names_another_address_cuts_nobody_off(reads_answers: Flask) -> None:
    mine, hers = a_case(), a_case("other@example.org")
    officer = actor(colleague(Role.OFFICER))
    inbound_mail.take_in(bounce(the_receipt().message_id, "other@example.org", NOBODY))
    assert not queries.case(mine, officer).state.failing
    assert not queries.case(hers, officer).state.failing
    assert inbound_mail.take_in(bounce("<0@guessed>", EMAIL, dispatch.answers_to(mine))) == "held"


def corpus() -> dict[str, tuple[EmailMessage, str, int]]:
    """Awkward answers that are sure of case and sender: what becomes of each, and how many files it leaves."""
    made = {
        name: mail("") for name in ("a photo alone", "forwarded", "in the future", "within HTML", "sealed")
    }
    made["a photo alone"].set_content("\n")
    made["a photo alone"].add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="wall.jpg")
    inner = mail("somebody@example.org", "old@example.org", 99)
    inner.set_content("You promised in May.\n")
    made["forwarded"].add_attachment(inner)
    made["in the future"]["Date"] = "Mon, 23 Nov 2099 10:00:00 +0000"
    made["within HTML"].set_content("<p>Look <img src='cid:1'></p>", subtype="html")
    made["within HTML"].add_related(jpeg(), "image", "jpeg", cid="<1>", filename="wall.jpg")
    made["sealed"].set_content("\n")
    made["sealed"].add_attachment(
        b"0\x82", maintype="application", subtype="pkcs7-mime", filename="smime.p7m"
    )
    files = {"a photo alone": 1, "forwarded": 1, "in the future": 0, "within HTML": 1, "sealed": 1}
    return {name: (message, "placed", files[name]) for name, message in made.items()}


@pytest.mark.parametrize("name", corpus())
def test_nothing_of_an_awkward_answer_is_lost(reads_answers: Flask, name: str) -> None:
    message, status, files = corpus()[name]
    ref = a_case()
    message.replace_header("To", dispatch.answers_to(ref).upper())
    assert inbound_mail.take_in(message.as_bytes()) == status
    mine = select(Case.id).where(Case.ref == ref).scalar_subquery()
    assert db.session.scalar(select(func.count()).where(Attachment.case_id == mine)) == files


@pytest.mark.only_on("sqlite")
def test_fifty_megabytes_wait_whole(reads_answers: Flask) -> None:
    ref = a_case()
    head = mail(dispatch.answers_to(ref)).as_bytes().partition(b"\n\n")[0]
    body = b"\n\nwet wall\n" + base64.encodebytes(bytes(37_000_000))
    assert len(body) > 49_000_000
    assert inbound_mail.take_in(head + body) == "held"
    (waiting,) = held_mail.held()
    client, officer = signed_in(reads_answers, Role.OFFICER)
    message, content = held_mail.opened(waiting.id, actor(officer))
    with content:
        assert len(content.read()) == len(head + body)
    assert message.text.startswith("wet wall")
    assert len(message.text) > 100_000
    assert len(client.page("/staff/mail").text) < 50_000, "the list shows how it begins"
    assert db.session.scalar(select(func.count()).select_from(InboundMessage)) == 1
