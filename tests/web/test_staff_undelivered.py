"""Messages that did not arrive: who sees them, sending again, and what was done instead."""

import pytest
from flask import Flask
from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.correspondence import undelivered
from shared.cases.inbox import lists
from shared.cli.check import drift
from shared.db import db, writing
from shared.mail import outbox
from shared.models import Case, Delivery, OutboxMessage
from shared.vocab import Channel, Role
from tests.support.staff import actor, colleague, complaint, ref_of, signed_in

WHY = "550 5.1.1 no such mailbox"
PAGE = "/staff/undelivered"


def failed(ref: str | None = None, number: int = 1, **more: object) -> int:
    """A message that came back."""
    with writing() as session:
        case_id = session.scalar(select(Case.id).where(Case.ref == ref)) if ref else None
        facts: dict[str, object] = {"channel": Channel.EMAIL, "to": "amina@example.org", "text": "Dear Amina"}
        row = outbox.queue(
            session, subject=f"Letter {number}", html=None, language="en", dedupe=f"t{number}", case_id=case_id,
            **(facts | more),  # type: ignore[arg-type]
        )  # fmt: skip
        row.problem = WHY
        outbox.move(session, row, Delivery.FAILED)
        session.flush()
        return int(row.id)


def status_of(number: int) -> str:
    db.session.rollback()
    return db.session.get_one(OutboxMessage, number, populate_existing=True).status


def test_the_list_says_what_and_why_and_the_frame_how_many(app: Flask) -> None:
    ref = complaint()
    failed(ref)
    failed(ref, 2)
    client, _ = signed_in(app, Role.OFFICER)
    page = client.page(PAGE)
    assert page.h1 == "Messages that did not arrive"
    assert page.main.count(WHY) == 2
    assert "amina@example.org" in page.main
    assert ref in page.main
    count = client.page("/staff/inbox").one("a[href='/staff/undelivered'] .app-tabs__count")
    assert count.get_text() == "2"


def test_a_case_stands_in_the_list_of_the_inbox_until_somebody_saw_to_all_its_messages(app: Flask) -> None:
    ref = complaint()
    first, second = failed(ref), failed(ref, 2)
    olive = actor(colleague(Role.OFFICER))

    def listed() -> list[str]:
        db.session.rollback()
        assert list(drift()) == []
        return [row.ref for row in lists.inbox(olive, "not-delivered").rows]

    assert listed() == [ref]
    undelivered.settle(olive, first, "told", "")
    assert listed() == [ref]
    assert undelivered.send_again(olive, [second]) == 1
    assert listed() == []
    with writing() as session:
        session.get_one(OutboxMessage, second).status = Delivery.FAILED
    assert list(drift()) == [f"{ref}: undelivered disagrees with its messages"]


def test_a_long_list_has_pages_and_each_message_its_place(app: Flask) -> None:
    ref = complaint()
    numbers = [failed(ref, n) for n in range(1, undelivered.PAGE + 3)]
    client, _ = signed_in(app, Role.OFFICER)
    page = client.page(PAGE)
    assert len(page.all("main section.app-card")) == undelivered.PAGE
    older = client.page(str(page.one("a[rel=next]")["href"]))
    shown = [str(card["aria-labelledby"]) for card in older.all("main section.app-card")]
    assert shown == [f"message-{number}" for number in (numbers[1], numbers[0])]
    assert "Send all again" in older.main
    wrong = client.send(older, {}, form=f"#settle-{numbers[0]}", status=422)
    assert [str(card["aria-labelledby"]) for card in wrong.all("main section.app-card")] == [shown[1]]
    client.send(wrong, {"way": "told"}, form=f"#settle-{numbers[0]}", follow=False)
    assert status_of(numbers[0]) == "settled"
    nothing = client.page(f"{PAGE}?before={numbers[0]}")
    assert "No older message waits" in nothing.main


def test_an_admin_sees_that_something_failed_and_nobodys_address(app: Flask) -> None:
    ref = complaint()
    number = failed(ref)
    client, _ = signed_in(app, Role.ADMIN)
    page = client.page(PAGE)
    assert WHY in page.main
    assert "amina@" not in page.text
    assert ref not in page.main
    client.submit(PAGE, {"way": "told"}, form=f"#settle-{number}", follow=False)
    assert status_of(number) == "settled"


@pytest.mark.parametrize("role", [Role.HANDLER, Role.COLLEAGUE, Role.DIRECTOR, Role.MEMBER_RESPONSIBLE])
def test_others_do_not_see_the_page(app: Flask, role: Role) -> None:
    client, _ = signed_in(app, role)
    assert client.get(PAGE).status_code == 403


def test_whoever_is_walled_off_sees_nothing_of_the_case(app: Flask) -> None:
    ref = complaint()
    number = failed(ref)
    client, account = signed_in(app, Role.OFFICER)
    conflict = c.DeclareConflict(staff=ref_of(account), reason="My brother lives there.")
    service.perform(ref, conflict, actor(account))
    assert "Every message has arrived" in client.page(PAGE).main
    token = client.page("/staff/mail").one("input[name=csrf_token]")["value"]
    for path, data in ((f"{number}/again", {}), (f"{number}/settle", {"way": "told"})):
        client.post(f"{PAGE}/{path}", data=data | {"csrf_token": token})
    assert status_of(number) == "failed"


def test_one_or_all_go_again(app: Flask) -> None:
    first, second, third = (failed(number=n) for n in (1, 2, 3))
    client, _ = signed_in(app, Role.MANAGER)
    client.submit(PAGE, {}, form=f"#again-{first}", follow=False)
    assert [status_of(n) for n in (first, second, third)] == ["queued", "failed", "failed"]
    client.submit(PAGE, {}, form="#again-all", follow=False)
    assert [status_of(n) for n in (first, second, third)] == ["queued", "queued", "queued"]


def test_a_code_that_was_wiped_cannot_go_again(app: Flask) -> None:
    number = failed(text=outbox.WIPED, confidential=True)
    client, _ = signed_in(app, Role.OFFICER)
    page = client.page(PAGE)
    assert "The person can ask for a new one" in page.main
    assert f"again-{number}" not in page.text


@pytest.mark.parametrize(
    ("way", "kind"), [("posted", c.RecordContact), ("told", c.Note), ("not_needed", c.Note)]
)
def test_what_was_done_instead_stands_on_the_case(app: Flask, way: str, kind: type[c.Command]) -> None:
    ref = complaint()
    number = failed(ref)
    client, account = signed_in(app, Role.OFFICER)
    page = client.submit(PAGE, {}, form=f"#settle-{number}", status=422)
    assert page.errors == ["Say what you did, so that nobody does it twice"]
    client.submit(PAGE, {"way": way, "words": "Second class"}, form=f"#settle-{number}", follow=False)
    assert status_of(number) == "settled"
    last = queries.case(ref, actor(account)).events[-1]
    assert isinstance(last.command, kind)
    assert "Letter 1" in (getattr(last.command, "words", "") or getattr(last.command, "text", ""))
    assert "Every message has arrived" in client.page(PAGE).main
    row = db.session.get_one(OutboxMessage, number)
    assert WHY in (row.problem or ""), "why it failed stays known"
    assert account.name in (row.problem or "")


def test_two_people_settle_once(app: Flask) -> None:
    ref = complaint()
    number = failed(ref)
    one, account = signed_in(app, Role.OFFICER)
    other, _ = signed_in(app, Role.MANAGER)
    page = other.page(PAGE)
    one.submit(PAGE, {"way": "told"}, form=f"#settle-{number}", follow=False)
    before = len(queries.case(ref, actor(account)).events)
    other.send(page, {"way": "posted"}, form=f"#settle-{number}", status=404)
    assert len(queries.case(ref, actor(colleague(Role.HANDLER))).events) == before
