"""A service manager sees the cases in which they or their team have a part. To them no other case is there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import files, queries, service
from shared.cases.correspondence import held_mail
from shared.cases.inbox import finding, lists
from shared.cases.service import NoSuchCase
from shared.cases.state import StaffRef
from shared.db import db, writing
from shared.letters.facts import Words
from shared.models import CaseOpening, InboundMessage, StaffAccount
from shared.vocab import Action, Role
from tests.support import staff as made
from tests.support.desk import Life, life


@pytest.fixture
def play(app: Flask) -> Life:
    return life().at_stage_1()


def account(role: Role = Role.SERVICE_MANAGER, team: str = "Repairs", name: str = "") -> StaffAccount:
    found = made.colleague(role, name=name or f"{role} of {team}")
    with writing() as session:
        session.get_one(StaffAccount, found.id).team = team
    return found


def promise(to: StaffAccount) -> c.Commit:
    return c.Commit(text=Words("A fan"), owner=made.ref_of(to), due_on=clock.today() + timedelta(days=5))


def test_without_a_part_the_case_is_not_there(play: Life) -> None:
    sunita = made.actor(account())
    assert lists.inbox(sunita, "all-open").rows == ()
    assert finding.find(sunita, "mould").hits == ()
    assert finding.find(sunita, play.ref).hits == ()
    assert lists.chosen(sunita, [play.ref]) == ()
    assert set(lists.counts(sunita).values()) == {0}
    for command in (c.Note(text="x"), promise(play.officer), c.Tag(add=("x",))):
        for act in (service.perform, service.preview):
            with pytest.raises(NoSuchCase):
                act(play.ref, command, sunita)
    with pytest.raises(NoSuchCase):
        queries.case(play.ref, sunita)


PARTS: dict[str, Callable[[StaffAccount], c.Command]] = {
    "a promise": promise,
    "a task": lambda to: c.AddTask(
        text="Measure", owner=made.ref_of(to), due_on=clock.today() + timedelta(days=2)
    ),
    "a note": lambda to: c.Note(text="Look here", mentions=(made.ref_of(to),)),
    "a check": lambda to: c.AskCheck(of=made.ref_of(to), about=Action.RESPOND),
}


@pytest.mark.parametrize("part", PARTS)
def test_with_a_part_it_is(play: Life, part: str) -> None:
    sunita, other = account(), account(team="Gas")
    play.by(play.officer, PARTS[part](sunita))
    for who, there in ((sunita, True), (other, False)):
        actor = made.actor(who)
        assert (play.ref in {row.ref for row in lists.inbox(actor, "all-open").rows}) is there
        assert bool(finding.find(actor, "mould").hits) is there
        if there:
            assert queries.case(play.ref, actor).ref == play.ref
            service.perform(play.ref, c.Note(text="Seen"), actor)


def test_a_promise_of_the_team_is_one_of_theirs_and_a_promise_of_another_is_not(play: Life) -> None:
    sunita, mate = account(), account(Role.OFFICER, name="Team mate")
    gas, nobody = account(team="Gas", name="Gas one"), account(team="", name="No team")
    play.by(play.officer, promise(mate))
    assert queries.case(play.ref, made.actor(sunita)).ref == play.ref
    for who in (gas, nobody):
        with pytest.raises(NoSuchCase):
            queries.case(play.ref, made.actor(who))


def test_moving_a_promise_moves_the_sight_with_it(play: Life) -> None:
    sunita, gas = account(), account(team="Gas")
    play.by(play.officer, promise(sunita))
    moved = c.MoveCommitment(
        number=1,
        due_on=clock.today() + timedelta(days=9),
        owner=StaffRef(id=gas.id, name=gas.name),
        reason="It is a gas job",
    )
    play.by(play.officer, moved)
    assert queries.case(play.ref, made.actor(gas)).ref == play.ref
    with pytest.raises(NoSuchCase):
        queries.case(play.ref, made.actor(sunita))


def test_a_wall_comes_before_any_part(play: Life) -> None:
    sunita = account()
    play.by(play.officer, promise(sunita))
    play.by(play.officer, c.DeclareConflict(staff=made.ref_of(sunita), reason="Her aunt"))
    with pytest.raises(NoSuchCase):
        queries.case(play.ref, made.actor(sunita))
    assert finding.find(made.actor(sunita), play.ref).hits == ()


def test_a_reviewer_who_is_named_sees_it(app: Flask) -> None:
    play = life().escalated()
    sunita = account()
    play.by(play.officer, c.Allocate(to=made.ref_of(sunita), reason="Independent of stage 1"))
    assert queries.case(play.ref, made.actor(sunita)).state.reviewer is not None


def test_others_see_every_case(play: Life) -> None:
    for role in (Role.OFFICER, Role.HANDLER, Role.MANAGER, Role.DIRECTOR, Role.MEMBER_RESPONSIBLE):
        assert queries.case(play.ref, made.actor(made.colleague(role, name=f"Any {role}"))).ref == play.ref


def test_pages_say_no_more(app: Flask, play: Life) -> None:
    client = made.sign_in(made.browser(app), account())
    for path in ("", "?tab=letters", "/note", "/letters/1", "/letters/1.txt", "/files/1"):
        assert client.get(f"/staff/cases/{play.ref}{path}").status_code == 404, path
    assert "Mina" not in client.page("/staff/inbox?tab=all-open").main
    assert "Mina" not in client.page("/staff/search?q=mould").main


@pytest.mark.parametrize(("sender", "names"), [("x@example.org", True), ("MINA@resident.example", False)])
def test_mail_about_a_case_is_not_there_for_who_is_walled_off(
    app: Flask, play: Life, sender: str, names: bool
) -> None:
    with writing() as session:
        session.add(
            InboundMessage(
                message_id="one",
                sender=sender,
                sender_name="X",
                subject="About it",
                text="Hello",
                raw_key=files.store().put(b"Subject: About it\n\nHello"),
                sort="reply",
                status="held",
                why="It names no case by address or thread",
                case_ref=play.ref if names else None,
            )
        )
    boss = made.colleague(Role.MANAGER, name="Walled Boss")
    play.by(play.officer, c.DeclareConflict(staff=made.ref_of(boss), reason="His aunt"))
    client = made.sign_in(made.browser(app), boss)
    page = client.page("/staff/mail")
    assert play.ref not in page.main
    assert "About it" not in page.main
    number = held_mail.held()[0].id
    assert held_mail.held(made.actor(boss)) == ()
    token = client.page("/staff/").one("header form input")["value"]
    assert client.post(f"/staff/mail/{number}/dismiss", data={"csrf_token": token}).status_code == 404
    assert [m.id for m in held_mail.held(made.actor(play.officer))] == [number]
    made.sign_in(made.browser(app), play.officer).page(f"/staff/mail/{number}")
    traces = db.session.scalars(select(CaseOpening.what).where(CaseOpening.staff_id == play.officer.id)).all()
    assert (f"mail:{number}" in traces) is names
