"""Answers by e-mail: none lost, none misplaced, none twice; a real mailbox read over a verified connection."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import correspondence, files, inbound_mail, queries, service
from shared.cases.state import Person, Story
from shared.db import db
from shared.identity.actors import Representative, Resident
from shared.models import Attachment, Case, InboundMessage, OutboxMessage
from shared.vocab import Channel, ConsentScope, Role
from tests.support import imap
from tests.support.samples import gps_traces, jpeg
from tests.support.staff import actor, colleague, signed_in

EMAIL = "amina@example.org"


@pytest.fixture
def reads_answers(app: Flask) -> Iterator[Flask]:
    """A service that tells residents where to answer."""
    settings = app.extensions["redress"]
    app.extensions["redress"] = replace(settings, reply_address="complaints@landlord.example")
    yield app
    app.extensions["redress"] = settings


def a_case(email: str = EMAIL) -> str:
    person = Person(name="Amina Yusuf", email=email, address=("4 Elm Court",), postcode="WA8 0TD")
    story = Story(what="Mould on the wall")
    return service.submit(
        c.Submit(language="en", channel=Channel.PORTAL, story=story, resident=person),
        Resident("", "Amina"),
        "halton",
    ).ref


def mail(to: str, sender: str = EMAIL, number: int = 1, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = f"Amina Yusuf <{sender}>"
    made["To"] = to
    made["Subject"] = "Re: We have your complaint"
    made["Message-ID"] = f"<{number}@example.org>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("It still leaks.\n")
    return made


def said(ref: str) -> list[str]:
    manager = actor(colleague(Role.MANAGER, name=f"Reader {ref}", email=f"{ref}@reader.example", password=""))
    events = queries.case(ref, manager).events
    return [e.command.text for e in events if isinstance(e.command, c.AddInformation)]


def test_letters_carry_the_signed_address_and_an_answer_to_it_reaches_its_case(reads_answers: Flask) -> None:
    ref = a_case()
    sent = db.session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == EMAIL)).one()
    assert sent.reply_to == correspondence.answers_to(ref)
    assert inbound_mail.take_in(mail(sent.reply_to).as_bytes()) == "placed"
    assert said(ref) == ["It still leaks."]


def test_the_thread_finds_the_case_where_the_address_was_lost(reads_answers: Flask) -> None:
    ref = a_case()
    sent = db.session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == EMAIL)).one()
    raw = mail("complaints@landlord.example", In_Reply_To=sent.message_id).as_bytes()
    assert inbound_mail.take_in(raw) == "placed"
    assert said(ref) == ["It still leaks."]


def test_the_same_message_fetched_twice_is_taken_in_once(reads_answers: Flask) -> None:
    ref = a_case()
    raw = mail(correspondence.answers_to(ref)).as_bytes()
    assert [inbound_mail.take_in(raw), inbound_mail.take_in(raw)] == ["placed", "again"]
    assert said(ref) == ["It still leaks."]


@pytest.mark.parametrize(
    ("sender", "to", "why"),
    [
        ("mallory@example.org", "signed", "not on this case"),
        ("mallory@example.org", "complaints@landlord.example", "names no case"),
        (EMAIL, "complaints@landlord.example", "names no case"),
        (EMAIL, "other", "names no case"),
    ],
)
def test_a_stranger_or_an_unsure_case_waits_for_an_officer(
    reads_answers: Flask, sender: str, to: str, why: str
) -> None:
    ref = a_case()
    signed = correspondence.answers_to(ref)
    address = {"signed": signed, "other": signed.replace(".", ".0", 1)}.get(to, to)
    raw = mail(address, sender, Subject_=f"about {ref}").as_bytes()
    assert inbound_mail.take_in(raw) == "held"
    assert said(ref) == []
    waiting = inbound_mail.held()
    assert len(waiting) == 1
    assert why in waiting[0].why


def test_a_reference_in_the_subject_alone_places_nothing(reads_answers: Flask) -> None:
    ref = a_case()
    made = mail("complaints@landlord.example")
    made.replace_header("Subject", f"{ref} please add this")
    assert inbound_mail.take_in(made.as_bytes()) == "held"
    assert said(ref) == []


def test_another_residents_signed_address_does_not_let_one_write_on_it(reads_answers: Flask) -> None:
    mine, hers = a_case(), a_case("other@example.org")
    assert inbound_mail.take_in(mail(correspondence.answers_to(hers)).as_bytes()) == "held"
    assert said(mine) == said(hers) == []


def test_a_helper_may_add_facts_before_consent(reads_answers: Flask) -> None:
    person = Person(name="Amina", email=EMAIL, address=("4 Elm Court",), postcode="WA8 0TD")
    helper = Person(name="Sam", email="sam@example.org", relationship="friend")
    command = c.Submit(
        language="en", channel=Channel.PORTAL, story=Story(what="Mould"), resident=person, helper=helper
    )
    ref = service.submit(command, Representative("", "Sam", ConsentScope.NONE), "halton").ref
    assert (
        inbound_mail.take_in(mail(correspondence.answers_to(ref), "sam@example.org").as_bytes()) == "placed"
    )


def test_photos_are_cleaned_like_any_other_and_bad_files_are_named(reads_answers: Flask) -> None:
    ref = a_case()
    made = mail(correspondence.answers_to(ref))
    made.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="wall.jpg")
    tnef = b"\x78\x9f\x3e\x22\x01\x00\x00\x00"
    made.add_attachment(tnef, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    assert inbound_mail.take_in(made.as_bytes()) == "placed"
    row = db.session.scalars(select(Attachment)).one()
    assert row.case_id is not None
    with files.open_file(row) as kept:
        assert not gps_traces(kept.read())
    assert "winmail.dat" in said(ref)[0]


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"X_Redress_Origin": "1"}])
def test_robots_are_kept_and_change_nothing(reads_answers: Flask, headers: dict[str, str]) -> None:
    ref = a_case()
    assert inbound_mail.take_in(mail(correspondence.answers_to(ref), **headers).as_bytes()) == "kept"
    assert said(ref) == []


def test_a_bounce_marks_the_message_that_did_not_arrive(reads_answers: Flask) -> None:
    a_case()
    sent = db.session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == EMAIL)).one()
    raw = mail("x@landlord.example", "mailer-daemon@mx.example", In_Reply_To=sent.message_id).as_bytes()
    assert inbound_mail.take_in(raw) == "bounced"
    db.session.expire_all()
    assert db.session.get(OutboxMessage, sent.id).status == "failed"  # type: ignore[union-attr]


def test_an_officer_places_what_waits_and_dismisses_what_belongs_nowhere(reads_answers: Flask) -> None:
    ref = a_case()
    for number in (1, 2):
        inbound_mail.take_in(mail("complaints@landlord.example", "new@example.org", number).as_bytes())
    client, _ = signed_in(reads_answers, Role.OFFICER)
    page = client.page("/staff/mail")
    assert "It still leaks." in page.main
    first, second = (m.id for m in inbound_mail.held())
    client.submit("/staff/mail", {"ref": "HAL-0000-0000-0"}, form=f"#place-{first}", status=422)
    client.submit("/staff/mail", {"ref": ref.lower().replace("-", " ")}, form=f"#place-{first}", follow=False)
    client.submit("/staff/mail", {}, form=f"#dismiss-{second}", follow=False)
    assert inbound_mail.held() == ()
    view = queries.case(ref, actor(colleague(Role.MANAGER)))
    assert any(
        isinstance(e.command, c.RecordContact) and "It still leaks." in e.command.words for e in view.events
    )


@pytest.mark.only_on("sqlite")
def test_a_real_mailbox_is_read_over_a_verified_connection(
    reads_answers: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = a_case()
    with imap.imap_server(tmp_path) as server:
        settings = reads_answers.extensions["redress"]
        reads_answers.extensions["redress"] = replace(
            settings,
            imap_host="localhost",
            imap_port=server.port,
            imap_username="complaints",
            imap_password=imap.PASSWORD,
        )
        server.deliver(mail(correspondence.answers_to(ref), number=1).as_bytes(), "1.test")
        server.deliver(b"\x00\xff broken", "2.test")
        server.deliver(mail("nobody@landlord.example", "who@example.org", number=3).as_bytes(), "3.test")

        with pytest.raises(ssl.SSLError):  # nobody vouches for this server yet
            inbound_mail.fetch()
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        assert inbound_mail.fetch() == 3
        assert inbound_mail.fetch() == 0

    assert said(ref) == ["It still leaks."]
    assert len(inbound_mail.held()) == 2
    assert len(db.session.scalars(select(InboundMessage)).all()) == 3
    assert db.session.scalar(select(Case.unread).where(Case.ref == ref))
