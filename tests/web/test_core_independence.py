"""Whoever had a hand in stage 1 does not look into stage 2 (Code 6.13): tried on every route that assigns."""

import pytest
from flask import Flask

from shared import clock
from shared.cases import commands as c
from shared.cases import effects, queries, service
from shared.cases.colleagues import bulk, candidates
from shared.db import writing
from shared.models import StaffAccount
from tests.support import specimens
from tests.support.specimens import LANDLORDS, Play

WHY = "The usual reviewers took part in stage 1."


def who_may(play: Play) -> set[str]:
    """Everybody whom perform lets look into the present stage, found by trying."""
    found = set()
    for who in specimens.PEOPLE:
        with play.at():
            if not service.preview(
                play.ref, c.Allocate(to=play.staff(who), reason=WHY), play.actor("olive")
            ).problems:
                found.add(who)
    return found


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_who_is_offered_is_who_may_and_nobody_else(app: Flask, landlord: str) -> None:
    team = specimens.team()
    short = {person.id: who for who, person in team.items()}
    for specimen in (specimens.received, specimens.escalated):
        play = specimen(Play(landlord, team))
        with play.at():
            offered = {
                short[person.id] for person in candidates.eligible(queries.case(play.ref, team["olive"]))
            }
        assert offered == who_may(play)
    assert offered == {"hugh", "sunita", "mark", "moira", "dora"}


def test_many_at_once_are_assigned_by_the_same_rules(app: Flask) -> None:
    team = specimens.team()
    first = specimens.acknowledged(Play("halton", team))
    second = specimens.escalated(Play("halton", team))
    walled = specimens.escalated(Play("halton", team))
    walled.does("hugh", c.DeclareConflict(staff=walled.staff("hugh"), reason="My aunt."))
    plays = (first, second, walled)

    def assign(who: str) -> list[bool]:
        seen = {play.ref: play.row.version for play in plays}
        with walled.at():
            number = bulk.run("Assign", c.Allocate(to=walled.staff(who)), seen, team["olive"])
            run = bulk.found(number, team["olive"])
        assert run is not None
        return [{r.ref: r.ok for r in run.results}[play.ref] for play in plays]

    # Hana looked into stage 1 of all three; Hugh has declared a conflict in the last.
    assert assign("hana") == [True, False, False]
    assert assign("hugh") == [True, True, False]
    assert [play.state.holder.id if play.state.holder else None for play in plays] == [
        team["hugh"].id,
        team["hugh"].id,
        None,
    ]


def test_taking_a_bulk_step_back_gives_stage_2_to_nobody_who_is_barred(app: Flask) -> None:
    team = specimens.team()
    play = specimens.reviewed(Play("halton", team))
    with play.at():
        seen = {play.ref: play.row.version}
        number = bulk.run("Assign", c.Allocate(to=play.staff("moira")), seen, team["olive"])
        bulk.undo(number, team["olive"])
    assert play.state.reviewer is not None
    assert play.state.reviewer.id == team["dora"].id
    assert play.state.reviewer.id not in play.state.acted_stage_1


def test_who_was_named_by_mistake_may_still_look_into_stage_2_and_no_clock_remembers_them(app: Flask) -> None:
    play = specimens.received(Play("halton", specimens.team()))
    before, running = play.state, play.duties
    named = play.staff("hana")
    play.does("olive", c.Allocate(to=named))
    assert "stage_1_first_contact" in play.duties
    seq = play.events[-1].seq
    other = c.UndoAllocate(seq=seq, of=play.staff("hugh"))
    for who, command in (("omar", c.UndoAllocate(seq=seq, of=named)), ("olive", other)):
        with pytest.raises((service.NotAllowed, service.Refused)):
            play.does(who, command)
    play.does("olive", c.UndoAllocate(seq=seq, of=named))
    assert (play.state.handler, play.state.milestones) == (None, before.milestones)
    assert named.id not in play.state.acted_stage_1
    assert play.staff("olive").id in play.state.acted_stage_1
    assert play.duties == running
    assert effects.fold(play.events) == play.state


def test_a_reviewer_who_left_does_not_sign(app: Flask) -> None:
    play = specimens.escalated(Play("halton", specimens.team()))
    play.does("olive", c.Allocate(to=play.staff("dora")))
    with writing() as session:
        session.get_one(StaffAccount, play.people["dora"].id).active = False
    with pytest.raises(service.Refused) as caught:
        play.does("olive", c.Acknowledge())
    assert [p.field for p in caught.value.problems] == ["handler"]
    with play.at(), clock.pretend(play.now):
        offered = candidates.eligible(queries.case(play.ref, play.people["olive"]))
    assert "Dora West" not in {person.name for person in offered}
