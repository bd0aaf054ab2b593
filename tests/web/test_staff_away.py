"""While somebody is away a colleague has their work: named, seen, told, ended by the day, and never a way round."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.colleagues import bulk, candidates
from shared.cases.colleagues.absences import out_of_reach
from shared.cases.inbox import lists
from shared.db import db, writing
from shared.identity import standins
from shared.identity.actors import Resident, Staff
from shared.letters.facts import Words
from shared.models import Delegation, OutboxMessage
from shared.vocab import Finding, Role
from tests.support import specimens
from tests.support import staff as made
from tests.support.desk import Desk, day, desk_of, life
from tests.support.specimens import Play


def absent(away: Staff, to: Staff, first: int = 0, last: int = 6, by: Staff | None = None) -> int:
    """Somebody is away from a day to another, counted from today; the number of the absence."""
    today = clock.today()
    with writing() as session:
        return standins.appoint(
            session,
            absent=away.id,
            to=to.id,
            from_on=today + timedelta(days=first),
            until_on=today + timedelta(days=last),
            reason="",
            by=by or away,
        ).id


def mine(actor: Staff) -> set[str]:
    return {row.ref for row in lists.inbox(actor, "my-work").rows}


# ---- naming -------------------------------------------------------------------------------------------------


@pytest.fixture
def team(app: Flask) -> dict[str, Staff]:
    return specimens.team()


def refused(message: str, *args: Staff, **days: int) -> None:
    with pytest.raises(standins.Unfit, match=message):
        absent(*args, **days)


def test_what_cannot_be(team: dict[str, Staff]) -> None:
    hana, hugh, olive, mark = (team[who] for who in ("hana", "hugh", "olive", "mark"))
    refused("Nobody stands in for themselves", hana, hana)
    refused("The last day is before the first", hana, hugh, first=3, last=2)
    refused("These days are over", hana, hugh, first=-9, last=-1)
    refused("one year at most", hana, hugh, first=0, last=400)
    refused("works on cases", hana, team["carl"])
    with pytest.raises(standins.Unfit, match="Only the person or a manager"):
        absent(hana, hugh, by=olive)
    absent(hana, hugh, 0, 5)
    refused("Hugh .* stands in for Hana .* already", hana, olive, first=5, last=9)
    refused("Hugh .* stands in for Hana .* Name somebody else", hugh, olive, first=2, last=3)
    refused("stands in for", hugh, hana, first=4, last=8)
    refused("Hana .* is away", olive, hana, first=1, last=2)
    absent(hana, olive, 6, 9)
    absent(hugh, hana, 10, 12)
    absent(mark, hugh, 0, 1, by=mark)
    assert len(db.session.scalars(select(Delegation.id)).all()) == 4


def test_a_manager_names_and_ends_for_others_and_an_ended_one_frees_the_days(team: dict[str, Staff]) -> None:
    number = absent(team["hana"], team["hugh"], by=team["mark"])
    with writing() as session, pytest.raises(standins.Unfit):
        standins.end(session, number, team["olive"])
    with writing() as session:
        standins.end(session, number, team["mark"])
    absent(team["hugh"], team["hana"])
    assert set(standins.away(db.session())) == {team["hugh"].id}


# ---- what it does -------------------------------------------------------------------------------------------


def test_my_work_holds_the_absent_persons_cases_for_these_days_and_no_longer(app: Flask) -> None:
    play = life()
    play.at_stage_1()
    hana = made.actor(play.handler)
    stand_in = made.actor(made.colleague(Role.HANDLER, name="Hugh Long"))
    assert mine(stand_in) == set()
    absent(hana, stand_in, 1, 3)
    today = clock.now()
    seen = []
    for later in range(5):
        with clock.pretend(today + timedelta(days=later)):
            seen.append((mine(stand_in), lists.counts(stand_in)["my-work"]))
    there, gone = ({play.ref}, 1), (set(), 0)
    assert seen == [gone, there, there, there, gone]
    with clock.pretend(today + timedelta(days=2)):
        assert mine(hana) == {play.ref}


def test_the_stand_in_gets_the_notices_too(app: Flask) -> None:
    play = life()
    play.at_stage_1()
    stand_in = made.colleague(Role.HANDLER, name="Hugh Long")
    absent(made.actor(play.handler), made.actor(stand_in))
    service.perform(play.ref, c.Message(text="Nobody came."), Resident(play.ref, "Mina Rahman"))
    query = select(OutboxMessage.recipient).where(OutboxMessage.subject.contains("the resident has written"))
    assert set(db.session.scalars(query)) == {play.handler.email, stand_in.email}


def test_whoever_is_away_is_marked_and_offered_last(app: Flask) -> None:
    play = life().defined()
    stand_in = made.colleague(Role.HANDLER, name="Hugh Long")
    absent(made.actor(play.handler), made.actor(stand_in))
    offered = candidates.eligible(queries.case(play.ref, made.actor(play.officer)))
    assert offered[-1].id == play.handler.id
    assert "Hugh Long stands in" in offered[-1].away
    assert [p.away for p in offered[:-1]] == [""] * (len(offered) - 1)


def test_pages(app: Flask) -> None:
    play = life()
    play.at_stage_1()
    stand_in = made.colleague(Role.HANDLER, name="Hugh Long")
    hana = Desk(made.sign_in(made.browser(app), play.handler), play.handler, play.ref)
    wrong = hana.client.submit(
        "/staff/away", {"to": str(play.handler.id), **day("from_on"), **day("until_on", 4)}, status=422,
        form="#away-form",
    )  # fmt: skip
    assert wrong.errors == ["Nobody stands in for themselves. Choose a colleague"]
    shown = hana.client.submit(
        "/staff/away", {"to": str(stand_in.id), **day("from_on"), **day("until_on", 4)}, form="#away-form"
    )
    assert "Hugh Long" in shown.main
    assert "Hugh Long stands in for you" in hana.client.page("/staff/inbox").main
    hugh = desk_of(app, stand_in, play.ref)
    inbox = hugh.client.page("/staff/inbox?tab=my-work")
    assert "You stand in for Handler Person until" in inbox.main
    assert "Standing in for Handler Person" in inbox.main
    hugh.do("note", {"text": "Rang the contractor"})
    assert hugh.view.events[-1].name.startswith("Hugh Long")
    other = made.sign_in(made.browser(app), made.colleague(Role.HANDLER, name="Third One"))
    number = db.session.scalars(select(Delegation.id)).one()
    other.page(f"/staff/away/{number}", status=404)
    admin = made.sign_in(made.browser(app), made.colleague(Role.ADMIN))
    assert "Hugh Long stands in" in admin.page("/staff/people").main
    with clock.pretend(clock.now() + timedelta(days=6)):
        back = made.sign_in(made.browser(app), play.handler)
        page = back.page("/staff/inbox")
        assert "While you were away, Hugh Long stood in for you" in page.main
        assert ": 1 entry" in back.page(page.link("See what happened")).main
    ended = hana.client.submit("/staff/away", form="main form[action$='/end']")
    assert "None." in ended.main


# ---- and what it is not -------------------------------------------------------------------------------------


def test_standing_in_opens_no_way_into_stage_2_for_who_acted_at_stage_1(app: Flask) -> None:
    """Hana looked into stage 1. The reviewer is away and Hana stands in: every route stays shut (6.13)."""
    play = specimens.reviewed(Play("halton", specimens.team()))
    hana, olive = play.people["hana"], play.people["olive"]
    reviewer = play.state.reviewer
    assert reviewer is not None
    with play.at():
        absent(next(p for p in play.people.values() if p.id == reviewer.id), hana)
        assert play.ref in mine(hana)
        me, why = play.staff("hana"), "Standing in"
        decide = c.Decide(point=1, finding=Finding.UPHELD, reasons=Words("x"), basis=Words("x"))
        respond = c.Respond(decision=Words("x"), steps_taken=Words("x"))
        for command in (decide, respond):
            with pytest.raises(service.NotAllowed):
                service.perform(play.ref, command, hana)
            with pytest.raises(service.NotAllowed):
                service.preview(play.ref, command, hana)
        for by in (olive, hana):
            with pytest.raises((service.Refused, service.NotAllowed)):
                service.perform(play.ref, c.Allocate(to=me, reason=why), by)
        run = bulk.found(
            bulk.run("Assign", c.Allocate(to=me, reason=why), {play.ref: play.row.version}, olive), olive
        )
        assert run is not None
        assert [result.ok for result in run.results] == [False]
        offered = candidates.eligible(queries.case(play.ref, olive))
    assert hana.id not in {person.id for person in offered}
    assert play.state.reviewer == reviewer


def test_who_names_the_stand_in_is_told_what_they_cannot_take_on(app: Flask) -> None:
    play = specimens.reviewed(Play("halton", specimens.team()))
    assert play.state.reviewer is not None
    hugh, olive = play.people["hugh"], play.people["olive"]
    with play.at():
        assert out_of_reach(play.state.reviewer.id, play.people["hana"].id, olive) == (play.ref,)
        assert out_of_reach(play.state.reviewer.id, hugh.id, olive) == ()
    play.does("olive", c.DeclareConflict(staff=play.staff("olive"), reason="My aunt."))
    with play.at():
        assert out_of_reach(play.state.reviewer.id, play.people["hana"].id, olive) == ()


def test_standing_in_opens_no_wall(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    hana, hugh = play.people["hana"], play.people["hugh"]
    play.does("olive", c.DeclareConflict(staff=play.staff("hugh"), reason="His aunt."))
    with play.at():
        absent(hana, hugh)
        assert play.ref in mine(hana)
        assert mine(hugh) == set()
        assert lists.counts(hugh)["my-work"] == 0
        with pytest.raises(service.NoSuchCase):
            queries.case(play.ref, hugh)


def test_the_stand_ins_own_hand_in_stage_1_counts(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    with play.at():
        absent(play.people["hana"], play.people["hugh"])
    play.does("hugh", c.Note(text="Looked at it for Hana"))
    assert play.people["hugh"].id in play.state.acted_stage_1


def test_a_day_that_no_calendar_holds(app: Flask) -> None:
    client, _ = made.signed_in(app, Role.MANAGER)
    far = {"from_on-day": "1", "from_on-month": "1", "from_on-year": "9999"}
    page = client.submit("/staff/away", {**far, **day("until_on")}, form="#away-form", status=422)
    assert page.errors
