"""What a provider says of messages later: on the letter, on the case, as a task; and letters that it prints."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.correspondence import deliveries, dispatch
from shared.cases.state import Person, Story
from shared.db import db, writing
from shared.identity.actors import Resident
from shared.letters.facts import Words
from shared.mail import contract, send
from shared.models import Case, Delivery, OutboxMessage
from shared.vocab import Channel, Role
from tests.support.notify import NotifyServer, Refused
from tests.support.staff import actor, colleague, signed_in

EMAIL = "amina@example.org"
HOME = {"address": ("4 Elm Court", "Widnes"), "postcode": "WA8 0TD"}


@pytest.fixture
def server(app: Flask) -> Iterator[NotifyServer]:
    """The whole service sends through a stand-in for GOV.UK Notify."""
    settings = app.extensions["redress"]
    with NotifyServer() as running:
        app.extensions["redress"] = replace(settings, **running.settings)
        send.init_app(app, app.extensions["redress"])
        yield running
    app.extensions["redress"] = settings
    send.init_app(app, settings)


def a_case(**person: object) -> str:
    who = Person(name="Amina Yusuf", **({"email": EMAIL} | HOME | person))  # type: ignore[arg-type]
    command = c.Submit(language="en", channel=Channel.PORTAL, story=Story(what="Mould"), resident=who)
    return service.submit(command, Resident("", "Amina"), "halton").ref


def deliver() -> None:
    while send.send_due("w"):
        pass


def the(channel: Channel = Channel.EMAIL, to: str = EMAIL) -> OutboxMessage:
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.channel == channel, OutboxMessage.recipient == to)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def test_a_delivered_letter_says_so(app: Flask, server: NotifyServer) -> None:
    ref = a_case()
    deliver()
    client, account = signed_in(app, Role.OFFICER)
    assert [row.delivery for row in queries.case(ref, actor(account)).letters] == ["sent"]
    assert deliveries.ask_statuses() == 0, "nothing has moved"
    server.became("delivered")
    assert deliveries.ask_statuses() == 1
    assert [row.delivery for row in queries.case(ref, actor(account)).letters] == ["delivered"]
    assert "Delivered" in client.page(f"/staff/cases/{ref}?tab=letters").main
    assert "(Delivered)" in client.page(f"/staff/cases/{ref}").main, "on the timeline too"
    asked = len(server.asked)
    assert deliveries.ask_statuses() == 0
    assert len(server.asked) == asked, "it is not asked about for ever"


@pytest.mark.parametrize(
    ("status", "for_good", "why"),
    [
        ("permanent-failure", True, "does not exist"),
        ("temporary-failure", False, "was off, or the mailbox was full"),
        ("technical-failure", False, "fault of its own"),
    ],
)
def test_what_does_not_arrive_is_seen_to(
    app: Flask, server: NotifyServer, status: str, for_good: bool, why: str
) -> None:
    officer = colleague(Role.OFFICER)
    ref = a_case()
    deliver()
    server.became(status)
    deliveries.ask_statuses()
    row = the()
    assert (row.status, row.remote_status) == (Delivery.FAILED, status)
    assert why in (row.problem or "")
    state = queries.case(ref, actor(officer)).state
    assert state.fails(Channel.EMAIL, EMAIL) is for_good
    assert [t.owner_id for t in state.open_tasks] == ([officer.id] if for_good else [])
    assert (dispatch.way_out(state, "resident")[0] is Channel.LETTER) is for_good
    assert deliveries.ask_statuses() == 0


def test_a_text_to_a_number_that_is_gone_marks_the_number(app: Flask, server: NotifyServer) -> None:
    officer = colleague(Role.OFFICER)
    ref = a_case(email="", phone="07700 900 123")
    deliver()
    server.became("permanent-failure")
    deliveries.ask_statuses()
    state = queries.case(ref, actor(officer)).state
    assert state.fails(Channel.TEXT, "+447700900123")
    assert "by text message" in state.open_tasks[0].text


def test_what_arrives_after_all_lifts_the_mark(app: Flask, server: NotifyServer) -> None:
    officer = colleague(Role.OFFICER)
    ref = a_case()
    deliver()
    server.became("permanent-failure")
    deliveries.ask_statuses()
    with writing() as session:
        row = session.get_one(OutboxMessage, the().id)
        row.status, row.attempts, row.next_attempt_at = Delivery.QUEUED, 0, clock.now()
    deliver()
    server.taken[-1].status = "delivered"
    deliveries.ask_statuses()
    assert not queries.case(ref, actor(officer)).state.failing


def test_a_crash_after_the_case_was_told_tells_it_once(
    app: Flask, server: NotifyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = colleague(Role.OFFICER)
    ref = a_case()
    deliver()
    server.became("permanent-failure")
    give = deliveries._give_task

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deliveries, "_give_task", dies)
    with pytest.raises(KeyboardInterrupt):
        deliveries.ask_statuses()
    db.session.rollback()
    monkeypatch.setattr(deliveries, "_give_task", give)
    deliveries.ask_statuses()
    view = queries.case(ref, actor(officer))
    assert len([e for e in view.events if isinstance(e.command, c.MarkAddress)]) == 1
    assert len(view.state.tasks) == 1
    assert the().status == Delivery.FAILED


def test_a_message_about_which_no_answer_comes_keeps_no_other_waiting(
    app: Flask, server: NotifyServer
) -> None:
    refs = [a_case(email=f"r{number}@example.org") for number in range(3)]
    deliver()
    server.became("delivered")
    server.fail.append(Refused(500, "Exception", "Internal server error"))
    with pytest.raises(contract.Temporary):
        deliveries.ask_statuses()
    officer = actor(colleague(Role.OFFICER))
    told = [row.delivery for ref in refs for row in queries.case(ref, officer).letters]
    assert told == ["sent", "delivered", "delivered"]
    for number in range(6):
        a_case(email=f"more{number}@example.org")
    deliver()
    server.fail += [Refused(500, "Exception", "Internal server error")] * 9
    with pytest.raises(contract.Temporary):
        deliveries.ask_statuses()
    assert len(server.fail) == 9 - deliveries.MOST_UNANSWERED, "then it is left alone"


def test_a_provider_that_does_not_answer_is_asked_again_later(app: Flask, server: NotifyServer) -> None:
    a_case()
    deliver()
    server.became("delivered")
    server.fail.append(Refused(500, "Exception", "Internal server error"))
    with pytest.raises(contract.Temporary):
        deliveries.ask_statuses()
    assert deliveries.ask_statuses() == 1


def test_without_a_provider_nobody_is_asked(app: Flask) -> None:
    assert deliveries.ask_statuses() == 0


# Post -----------------------------------------------------------------------------------------------------


def pages_of(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
    return [text.replace("\r\n", "\n").strip() for text in texts]


def box_of(content: bytes) -> tuple[float, ...]:
    """Where the words of the first page stand, in millimetres from the left and the bottom."""
    with pypdfium2.PdfDocument(content) as document:
        words = document[0].get_textpage()
        boxes = [words.get_rect(n) for n in range(words.count_rects())]
    points = (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )
    return tuple(point / 72 * 25.4 for point in points)


def asked_a_question(ref: str) -> None:
    officer = actor(colleague(Role.OFFICER, name="Post Officer"))
    service.perform(ref, c.AskClarification(question=Words("Which room is it, and since when?")), officer)


def test_a_letter_on_paper_is_printed_and_posted_by_the_provider(app: Flask, server: NotifyServer) -> None:
    ref = a_case(email="")
    asked_a_question(ref)
    deliver()
    (letter,) = [one for one in server.taken if one.kind == "letter"]
    page, empty, *rest = pages_of(letter.file)
    assert page.split("\n") == ["Amina Yusuf", "4 Elm Court", "Widnes", "WA8 0TD"]
    assert empty == ""
    assert "Which room is it" in "".join(rest)
    left, bottom, right, top = box_of(letter.file)
    assert 24.6 <= left < right <= 120, "within the window of the envelope, in millimetres"
    assert 39.5 <= 297 - top < 297 - bottom <= 66.3
    assert letter.postage == "second"
    row = the(Channel.LETTER, "4 Elm Court, Widnes, WA8 0TD")
    assert row.status == Delivery.SENT
    assert not db.session.scalar(select(Case.to_post).where(Case.ref == ref)), (
        "nobody prints it a second time"
    )
    server.became("received")
    deliveries.ask_statuses()
    officer = colleague(Role.MANAGER)
    assert queries.case(ref, actor(officer)).letters[-1].delivery == "delivered"


def test_what_goes_abroad_is_asked_about_once_more_and_then_no_more(app: Flask, server: NotifyServer) -> None:
    a_case()
    deliver()
    server.became("sent")  # as far as a text to a number abroad is ever followed
    assert deliveries.ask_statuses() == 1
    assert (the().status, the().remote_status) == (Delivery.SENT, "sent")
    asked = len(server.asked)
    deliveries.ask_statuses()
    assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("status", "why"),
    [("validation-failed", "its margins"), ("permanent-failure", "The printer could not print the letter")],
)
def test_a_letter_that_the_printer_refuses_is_printed_here(
    app: Flask, server: NotifyServer, status: str, why: str
) -> None:
    ref = a_case(email="")
    asked_a_question(ref)
    deliver()
    server.became(status)
    deliveries.ask_statuses()
    client, _ = signed_in(app, Role.MANAGER)
    page = client.page(f"/staff/cases/{ref}?tab=letters")
    assert why in page.main
    assert "Print the PDF" in page.main


def test_without_an_address_or_a_printer_it_stays_a_print_task(app: Flask, server: NotifyServer) -> None:
    nowhere = a_case(email="", phone="0151 496 0000", address=(), postcode="")
    asked_a_question(nowhere)
    assert db.session.scalar(select(Case.to_post).where(Case.ref == nowhere))
    app.extensions["redress"] = replace(app.extensions["redress"], notify_post="")
    ref = a_case(email="")
    service.perform(ref, c.AskClarification(question=Words("Since when?")), actor(colleague(Role.MANAGER)))
    assert db.session.scalar(select(Case.to_post).where(Case.ref == ref))


def test_a_letter_by_post_can_be_taken_back_with_the_text_about_it(app: Flask, server: NotifyServer) -> None:
    app.extensions["redress"] = replace(app.extensions["redress"], undo_seconds=600)
    ref = a_case(email="", phone="07700 900 123")
    officer = actor(colleague(Role.OFFICER))
    done = service.perform(ref, c.AskClarification(question=Words("Which room is it?")), officer)
    deliver()
    assert [one.kind for one in server.taken] == ["sms"], "the receipt alone has left"
    service.perform(ref, c.UndoSend(seq=done.version), officer)
    with clock.pretend(clock.now() + timedelta(hours=1)):
        deliver()
    assert [one.kind for one in server.taken] == ["sms"]
