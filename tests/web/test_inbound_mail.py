"""Answers by e-mail: none lost, none misplaced, none twice; a real mailbox read over a verified connection."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from imap_tools import MailboxFolderSelectError, MailboxLoginError
from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import files, queries, service
from shared.cases.correspondence import dispatch, held_mail, inbound_mail, mail_files
from shared.cases.state import Person, Story
from shared.db import db, writing
from shared.identity.actors import Representative
from shared.mail import mailbox
from shared.models import Attachment, Case, InboundMessage, OutboxMessage
from shared.vocab import Channel, ConsentScope, Role
from tests.support import imap
from tests.support.inbound import EMAIL, a_case, mail, said
from tests.support.samples import gps_traces, jpeg
from tests.support.smtp import silent_server
from tests.support.staff import actor, colleague, signed_in


def test_letters_carry_the_signed_address_and_an_answer_to_it_reaches_its_case(reads_answers: Flask) -> None:
    ref = a_case()
    sent = db.session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == EMAIL)).one()
    assert sent.reply_to == dispatch.answers_to(ref)
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
    raw = mail(dispatch.answers_to(ref)).as_bytes()
    assert [inbound_mail.take_in(raw), inbound_mail.take_in(raw)] == ["placed", "again"]
    assert said(ref) == ["It still leaks."]


@pytest.mark.parametrize(
    ("sender", "to", "why"),
    [
        ("mallory@example.org", "signed", "not on this case"),
        ("mallory@example.org", "complaints@landlord.example", "for certain which case"),
        (EMAIL, "complaints@landlord.example", "for certain which case"),
        (EMAIL, "other", "for certain which case"),
    ],
)
def test_a_stranger_or_an_unsure_case_waits_for_an_officer(
    reads_answers: Flask, sender: str, to: str, why: str
) -> None:
    ref = a_case()
    signed = dispatch.answers_to(ref)
    address = {"signed": signed, "other": signed.replace(".", ".0", 1)}.get(to, to)
    raw = mail(address, sender, Subject_=f"about {ref}").as_bytes()
    assert inbound_mail.take_in(raw) == "held"
    assert said(ref) == []
    waiting = held_mail.held()
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
    assert inbound_mail.take_in(mail(dispatch.answers_to(hers)).as_bytes()) == "held"
    assert said(mine) == said(hers) == []


def test_a_helper_may_add_facts_before_consent(reads_answers: Flask) -> None:
    person = Person(name="Amina", email=EMAIL, address=("4 Elm Court",), postcode="WA8 0TD")
    helper = Person(name="Sam", email="sam@example.org", relationship="friend")
    command = c.Submit(
        language="en", channel=Channel.PORTAL, story=Story(what="Mould"), resident=person, helper=helper
    )
    ref = service.submit(command, Representative("", "Sam", ConsentScope.NONE), "halton").ref
    assert inbound_mail.take_in(mail(dispatch.answers_to(ref), "sam@example.org").as_bytes()) == "placed"


def test_photos_are_cleaned_like_any_other_and_bad_files_are_named(reads_answers: Flask) -> None:
    ref = a_case()
    made = mail(dispatch.answers_to(ref))
    made.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="wall.jpg")
    tnef = b"\x78\x9f\x3e\x22\x01\x00" + b"broken" * 9
    made.add_attachment(tnef, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    assert inbound_mail.take_in(made.as_bytes()) == "placed"
    photo, whole = db.session.scalars(select(Attachment).order_by(Attachment.id))
    assert photo.case_id == whole.case_id is not None
    with files.open_file(photo) as kept:
        assert not gps_traces(kept.read())
    assert "winmail.dat. The whole e-mail is kept" in said(ref)[0]
    assert whole.internal, "the whole message was never made safe, so it is for staff alone"
    with files.open_file(whole) as kept:
        assert kept.read() == made.as_bytes()


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"X_Redress_Origin": "1"}])
def test_robots_are_kept_and_change_nothing(reads_answers: Flask, headers: dict[str, str]) -> None:
    ref = a_case()
    assert inbound_mail.take_in(mail(dispatch.answers_to(ref), **headers).as_bytes()) == "kept"
    assert said(ref) == []


def bounce(message_id: str, address: str = EMAIL, status: str = "5.1.1") -> bytes:
    """What a mail system sends back for a message of ours."""
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: c@landlord.example\r\nMessage-ID: <b{status}@mx.example>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\n\r\n"
        f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--x--\r\n"
    ).encode()


def the_receipt() -> OutboxMessage:
    query = select(OutboxMessage).where(OutboxMessage.recipient == EMAIL).order_by(OutboxMessage.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def test_a_bounce_marks_the_message_and_the_address_and_gives_a_task(reads_answers: Flask) -> None:
    ref = a_case()
    officer = colleague(Role.OFFICER, name="Omar", email="omar@landlord.example")
    assert inbound_mail.take_in(bounce(the_receipt().message_id)) == "bounced"
    assert the_receipt().status == "failed"
    state = queries.case(ref, actor(officer)).state
    assert state.fails(Channel.EMAIL, EMAIL)
    assert dispatch.way_out(state, "resident") == (Channel.LETTER, ""), "letters go by post from now on"
    ((task, owner),) = [(t.text, t.owner_id) for t in state.open_tasks]
    assert "did not arrive by e-mail" in task
    assert owner == officer.id
    inbound_mail.take_in(bounce(the_receipt().message_id, status="5.1.2"))
    assert len(queries.case(ref, actor(officer)).state.tasks) == 1, "one task, however often it comes back"
    assert inbound_mail.take_in(mail(dispatch.answers_to(ref)).as_bytes()) == "placed"
    assert not queries.case(ref, actor(officer)).state.fails(Channel.EMAIL, EMAIL), (
        "she writes: it works again"
    )


def test_a_full_mailbox_fails_the_message_and_not_the_address(reads_answers: Flask) -> None:
    ref = a_case()
    officer = actor(colleague(Role.OFFICER))
    assert inbound_mail.take_in(bounce(the_receipt().message_id, status="5.2.2")) == "bounced"
    assert the_receipt().status == "failed"
    assert not queries.case(ref, officer).state.failing


def test_a_made_up_bounce_cuts_nobody_off(reads_answers: Flask) -> None:
    ref = a_case()
    officer = actor(colleague(Role.OFFICER))
    assert inbound_mail.take_in(bounce("<guessed@landlord.example>")) == "held"
    assert the_receipt().status == "queued"
    assert not queries.case(ref, officer).state.failing
    assert "does not say which" in held_mail.held()[0].why


def test_a_bounce_of_a_colleagues_notice_says_nothing_about_the_resident(reads_answers: Flask) -> None:
    ref = a_case()
    officer = actor(colleague(Role.OFFICER))
    with writing() as session:
        row = session.scalars(select(OutboxMessage)).one()
        row.recipient = "gone@landlord.example"
        message_id = row.message_id
    assert inbound_mail.take_in(bounce(message_id, "gone@landlord.example")) == "bounced"
    state = queries.case(ref, officer).state
    assert (state.failing, state.tasks) == (frozenset(), ())


def test_another_message_under_an_id_used_before_is_not_lost(reads_answers: Flask) -> None:
    ref = a_case()
    first = mail(dispatch.answers_to(ref))
    second = mail(dispatch.answers_to(ref))
    second.set_content("Now the ceiling has come down.\n")
    assert [inbound_mail.take_in(m.as_bytes()) for m in (first, second, second, first)] == [
        "placed", "placed", "again", "again",
    ]  # fmt: skip
    assert said(ref) == ["It still leaks.", "Now the ceiling has come down."]


@pytest.mark.parametrize(
    ("name", "raw", "status"),
    [
        ("no Message-ID", b"From: %(who)s\r\nTo: %(to)s\r\n\r\nIt drips\r\n", "placed"),
        ("NUL bytes", b"From: %(who)s\r\nTo: %(to)s\r\nSubject: a\x00b\r\n\r\nIt drips\x00\r\n", "placed"),
        ("no words", b"From: %(who)s\r\nTo: %(to)s\r\nMessage-ID: <e@x>\r\n\r\n", "held"),
        (
            "broken MIME",
            b"From: %(who)s\r\nTo: %(to)s\r\nContent-Type: multipart/mixed\r\n\r\nIt drips",
            "held",
        ),
        (
            "8-bit name",
            b"From: \xc4\xb0pek <%(who)s>\r\nTo: %(to)s\r\nSubject: \xff\xfe\r\n\r\nIt drips",
            "placed",
        ),
        (
            "HTML alone",
            b"From: %(who)s\r\nTo: %(to)s\r\nContent-Type: text/html\r\n\r\n<style>p{}</style><p>It drips</p>",
            "placed",
        ),
        (
            "an invitation",
            b"From: %(who)s\r\nTo: %(to)s\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR",
            "held",
        ),
        ("a list", b"From: %(who)s\r\nTo: %(to)s\r\nPrecedence: list\r\n\r\nIt drips", "placed"),
        (
            "our own group",
            b"From: n@x.example\r\nTo: c@landlord.example\r\nPrecedence: list\r\n"
            b"List-ID: <complaints.landlord.example>\r\n\r\nIt drips",
            "held",
        ),
        (
            "a form on our website",
            b"From: www@landlord.example\r\nTo: c@landlord.example\r\nAuto-Submitted: auto-generated\r\n\r\nMould",
            "held",
        ),
        ("no way back", b"Return-Path: <>\r\nFrom: %(who)s\r\nTo: %(to)s\r\n\r\nI am away", "held"),
        (
            "quoted through a provider",
            b"From: %(who)s\r\nTo: c@landlord.example\r\nIn-Reply-To: <x@provider.example>\r\n\r\n"
            b"It drips\r\n> Write to:\r\n> %(to)s\r\n",
            "placed",
        ),
        ("a newsletter", b"From: n@news.example\r\nTo: c@x.example\r\nPrecedence: bulk\r\n\r\nBuy", "kept"),
        ("two senders", b"From: m@evil.example, %(who)s\r\nTo: %(to)s\r\n\r\nIt drips", "held"),
        (
            "her name, another address",
            b"From: %(who)s <m@evil.example>\r\nTo: %(to)s\r\n\r\nIt drips",
            "held",
        ),
        ("nothing at all", b"", "held"),
    ],
)
def test_awkward_mail_is_placed_or_waits_and_is_kept_as_it_came(
    reads_answers: Flask, name: str, raw: bytes, status: str
) -> None:
    ref = a_case()
    raw = raw.replace(b"%(who)s", EMAIL.encode()).replace(b"%(to)s", dispatch.answers_to(ref).encode())
    assert inbound_mail.take_in(raw) == status
    row = db.session.scalars(select(InboundMessage)).one()
    assert row.status == status
    with files.store().open(row.raw_key or "") as kept:
        assert kept.read() == raw
    assert said(ref) == (["It drips"] if status == "placed" else [])
    assert inbound_mail.take_in(raw) == "again"


def test_an_officer_places_what_waits_and_dismisses_what_belongs_nowhere(reads_answers: Flask) -> None:
    ref = a_case()
    for number in (1, 2):
        inbound_mail.take_in(mail("complaints@landlord.example", "new@example.org", number).as_bytes())
    client, _ = signed_in(reads_answers, Role.OFFICER)
    page = client.page("/staff/mail")
    assert "It still leaks." in page.main
    first, second = (m.id for m in held_mail.held())
    client.submit("/staff/mail", {"ref": "HAL-0000-0000-0"}, form=f"#place-{first}", status=422)
    client.submit("/staff/mail", {"ref": ref.lower().replace("-", " ")}, form=f"#place-{first}", follow=False)
    client.submit("/staff/mail", {}, form=f"#dismiss-{second}", follow=False)
    assert held_mail.held() == ()
    view = queries.case(ref, actor(colleague(Role.MANAGER)))
    assert any(
        isinstance(e.command, c.RecordContact) and "It still leaks." in e.command.words for e in view.events
    )


def test_however_many_robots_write_each_can_be_found_again(
    reads_answers: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_mail, "PAGE", 2)
    ref = a_case()
    for number in range(5):
        made = mail("complaints@landlord.example", number=number, Auto_Submitted="auto-replied")
        made.replace_header("Subject", f"Away {number}")
        inbound_mail.take_in(made.as_bytes())
    client, _ = signed_in(reads_answers, Role.OFFICER)
    address, seen = "/staff/mail", []
    while address:
        page = client.page(address)
        seen += [one.text.strip() for one in page.all("#kept h2")]
        address = next((one["href"] for one in page.all(".govuk-pagination__next a")), "")
    assert seen == [f"Away {number}" for number in (4, 3, 2, 1, 0)]
    oldest = held_mail.kept(before=2)[0].id
    page = client.submit(
        f"/staff/mail?before={oldest + 1}", {"ref": "x"}, form=f"#place-{oldest}", status=422
    )
    assert page.one(f"#ref-{oldest}")["value"] == "x"
    client.submit(f"/staff/mail?before={oldest + 1}", {"ref": ref}, form=f"#place-{oldest}", follow=False)
    assert len(held_mail.kept(limit=9)) == 4


def test_what_was_taken_for_a_robots_can_still_be_put_on_its_case(reads_answers: Flask) -> None:
    ref = a_case()
    robot = mail("complaints@landlord.example", Auto_Submitted="auto-replied")
    assert inbound_mail.take_in(robot.as_bytes()) == "kept"
    (kept,) = held_mail.kept()
    client, _ = signed_in(reads_answers, Role.OFFICER)
    page = client.page("/staff/mail")
    assert "Sent by a robot" in page.main
    client.submit("/staff/mail", {"ref": "x"}, form=f"#place-{kept.id}", status=422)
    client.submit("/staff/mail", {"ref": ref}, form=f"#place-{kept.id}", follow=False)
    assert held_mail.kept() == ()
    view = queries.case(ref, actor(colleague(Role.MANAGER)))
    assert any(isinstance(e.command, c.RecordContact) for e in view.events)


@contextmanager
def reading(app: Flask, server: imap.ImapServer, **more: str) -> Iterator[None]:
    """The service reads this mailbox."""
    settings = app.extensions["redress"]
    theirs = {"imap_host": "localhost", "imap_username": "complaints", "imap_password": imap.PASSWORD}
    app.extensions["redress"] = replace(settings, imap_port=server.port, **(theirs | more))  # type: ignore[arg-type]
    yield
    app.extensions["redress"] = settings


@pytest.mark.only_on("sqlite")
def test_a_real_mailbox_is_read_over_a_verified_connection(
    reads_answers: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = a_case()
    stranger = "who@example.org"
    with imap.imap_server(tmp_path) as server, reading(reads_answers, server):
        server.deliver(b"\x00\xff broken", "1.test")
        server.deliver(mail(dispatch.answers_to(ref), number=1).as_bytes(), "2.test")
        server.deliver(mail("nobody@landlord.example", stranger, number=3).as_bytes(), "3.test")
        server.deliver(mail("nobody@landlord.example", stranger, number=4).as_bytes(), "2b.test")
        server.deliver(b"Subject: deleted by hand\r\n\r\nand not yet expunged", "0.test", flags="T")

        take_in, poison = inbound_mail.take_in, [b"broken"]

        def stumbles(raw: bytes, arrived_at: datetime | None = None) -> str:
            for gone in server.mail.glob("*/2b.test*"):  # by somebody's mail program, while we read
                gone.unlink()
            if any(one in raw for one in poison):
                raise ZeroDivisionError
            return take_in(raw, arrived_at)

        monkeypatch.setattr(inbound_mail, "take_in", stumbles)
        monkeypatch.setattr(inbound_mail, "AT_ONCE", 2)
        with pytest.raises(ssl.SSLError):  # nobody vouches for this server yet
            inbound_mail.fetch()
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        with pytest.raises(inbound_mail.NotTaken, match="1 messages could not be taken in"):
            inbound_mail.fetch()
        assert len(db.session.scalars(select(InboundMessage)).all()) == 2, (
            "one that fails keeps no other waiting"
        )
        arrived = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # a Friday, and nobody read until today
        server.deliver(mail("nobody@landlord.example", stranger, number=5).as_bytes(), "5.test", at=arrived)
        poison.clear()
        assert inbound_mail.fetch() == 2, "it is read again in the next round, after all others"
        assert inbound_mail.fetch() == 1, "what somebody else deleted is read too"
        assert inbound_mail.fetch() == 0
        assert [m.received_at == arrived for m in held_mail.held()].count(True) == 1
        assert list(server.mail.glob("*/0.test*")), "and never expunged by us"
        monkeypatch.setattr(mailbox, "TIMEOUT", 0.3)
        with (
            silent_server() as port,
            reading(reads_answers, replace(server, port=port)),
            pytest.raises(TimeoutError),
        ):
            inbound_mail.fetch()
        monkeypatch.undo()
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        with reading(reads_answers, server, imap_password="wrong"), pytest.raises(MailboxLoginError):
            inbound_mail.fetch()
        with reading(reads_answers, server, imap_folder="No"), pytest.raises(MailboxFolderSelectError):
            inbound_mail.fetch()

    assert said(ref) == ["It still leaks."]
    assert db.session.scalar(select(Case.unread).where(Case.ref == ref))


@pytest.mark.parametrize("dies_at", ["take", "perform"])
def test_what_a_worker_died_at_comes_onto_its_case_once(
    reads_answers: Flask, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    ref = a_case()
    raw = mail(dispatch.answers_to(ref)).as_bytes()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*((mail_files, "take") if dies_at == "take" else (service, "perform")), killed)
        with pytest.raises(KeyboardInterrupt):
            inbound_mail.take_in(raw)
    db.session.rollback()
    assert held_mail.held() == (), "nobody is asked about what is on its way"
    assert inbound_mail.take_in(raw) == "again"
    inbound_mail._go_on()
    inbound_mail._go_on()
    assert said(ref) == ["It still leaks."]
    assert held_mail.held() == ()


def test_a_message_at_which_the_worker_dies_twice_waits_for_an_officer(
    reads_answers: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = mail(dispatch.answers_to(a_case())).as_bytes()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mail_files, "take", killed)
    for step in (lambda: inbound_mail.take_in(raw), inbound_mail._go_on):
        with pytest.raises(KeyboardInterrupt):
            step()
        db.session.rollback()
    inbound_mail._go_on()
    assert [m.why for m in held_mail.held()] == ["The service stopped while this was taken in"]
