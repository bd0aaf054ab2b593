"""The log and the case: what is stored is what the events fold to, and of two writers one wins."""

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from shared import clock
from shared.cases import commands as c
from shared.cases import drafts, effects, service
from shared.cases.state import decode
from shared.cli import check
from shared.db import db
from shared.deadlines.calendar import calendar
from shared.models import (
    Case,
    CaseEvent,
    CaseMention,
    CasePart,
    CaseTag,
    CaseTask,
    CaseWall,
    Letter,
    OutboxMessage,
)
from shared.vocab import CloseReason, Kind, Stage
from tests.support import specimens
from tests.support.at_once import at_once
from tests.support.sequences import holds, turns
from tests.support.specimens import LANDLORDS, Play, complaint, day, instant

CALENDAR = calendar()
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


def log_of(play: Play) -> list[tuple[object, ...]]:
    """The rows of the log, every column."""
    db.session.rollback()
    query = (
        select(*CaseEvent.__table__.columns).where(CaseEvent.case_id == play.row.id).order_by(CaseEvent.seq)
    )
    return [tuple(row) for row in db.session.execute(query)]


def agrees(play: Play) -> None:
    """State, columns and version follow from the log alone."""
    row, events = play.row, play.events
    state = effects.fold(events)
    assert state == decode(row.state)
    assert list(check.drift()) == []
    assert [e.seq for e in events] == list(range(1, row.version + 1))


# ---- random work, through perform -------------------------------------------------------------------------


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(data=st.data(), landlord=st.sampled_from(LANDLORDS), anonymous=st.booleans(), steps=st.integers(4, 12))
def test_whatever_happens_the_log_tells_it(
    app: Flask, data: st.DataObject, landlord: str, anonymous: bool, steps: int
) -> None:
    """Half of them anonymous: those go further, since no letter holds them up."""
    play = Play(landlord, specimens.colleagues() or specimens.team())
    told = {"resident": None, "anonymous": True} if anonymous else {}
    play.submits(complaint(**told))
    play.does("olive", specimens.definition())
    play.does("olive", c.Allocate(to=play.staff("hana")))
    if data.draw(st.booleans()):
        play.does("olive", c.Acknowledge())
    for turn in turns(data.draw, play, steps):
        play.yes(*turn)
        before, letters = log_of(play), _counts()
        try:
            play.does(*turn, at=play.now, asked=False)
        except (service.Refused, service.NoSuchCase):  # some see only the cases in which they have a part
            assert (log_of(play), _counts()) == (before, letters)
            continue
        assert log_of(play)[:-1] == before
        agrees(play)
        with play.at(play.now):
            holds(play, CALENDAR)


def _counts() -> tuple[int, ...]:
    found = [db.session.scalar(select(func.count()).select_from(model)) for model in (Letter, OutboxMessage)]
    return tuple(number or 0 for number in found)


# ---- two at once ------------------------------------------------------------------------------------------


def test_a_stale_page_changes_nothing_and_says_what_it_saw(app: Flask) -> None:
    play = specimens.defined(Play("halton", specimens.team()))
    seen = play.row.version
    play.does("hana", c.Note(text="First."))
    with play.at(), pytest.raises(service.Stale) as caught:
        service.perform(play.ref, c.Acknowledge(), play.actor("olive"), seen)
    assert (caught.value.since, caught.value.now) == (seen, seen + 1)
    assert play.state.stage is Stage.RECEIVED
    agrees(play)


def test_a_double_click_acts_once(app: Flask) -> None:
    play = specimens.defined(Play("halton", specimens.team()))
    seen = play.row.version
    with play.at():
        service.perform(play.ref, c.Acknowledge(), play.actor("olive"), seen)
        with pytest.raises(service.Stale):
            service.perform(play.ref, c.Acknowledge(), play.actor("olive"), seen)
    letters = db.session.scalars(select(Letter).where(Letter.kind == "acknowledgement_1")).all()
    assert len(letters) == 1


RACES: list[tuple[str, Callable[[Play, int], tuple[str, c.Command]]]] = [
    ("the same step twice", lambda play, n: ("olive", c.Acknowledge())),
    ("two answers", lambda play, n: (("olive", "mark")[n % 2], c.Note(text=f"Number {n}."))),
    ("two handlers", lambda play, n: ("olive", c.Allocate(to=play.staff(("hana", "hugh")[n % 2])))),
]


@pytest.mark.parametrize(("what", "step"), RACES, ids=[row[0] for row in RACES])
def test_of_many_at_once_exactly_one_wins(
    app: Flask, what: str, step: Callable[[Play, int], tuple[str, c.Command]]
) -> None:
    play = specimens.defined(Play("halton", specimens.team()))
    seen, moment_ = play.row.version, play.now

    def go(number: int) -> int | None:
        with clock.pretend(moment_):
            who, command = step(play, number)
            try:
                return service.perform(play.ref, command, play.actor(who), seen).version
            except service.Stale:
                return None

    found = at_once(app, 4, go)
    assert sorted(found, key=bool) == [None, None, None, seen + 1]
    agrees(play)


def test_one_draft_sent_by_many_at_once_is_one_case(app: Flask) -> None:
    specimens.team()
    draft, _token = drafts.begin("en", {"what": "mould"})

    def go(_number: int) -> service.Done:
        with clock.pretend(instant(specimens.BEGUN)):
            return service.submit(complaint(), specimens.Resident("", "Amina"), "halton", draft)

    found = at_once(app, 4, go)
    assert len(db.session.scalars(select(Case.ref)).all()) == 1
    assert sorted(done.again for done in found) == [False, True, True, True]
    assert len({done.ref for done in found}) == 1


def test_many_complaints_at_once_get_references_of_their_own(app: Flask) -> None:
    specimens.team()

    def go(_number: int) -> str:
        with clock.pretend(instant(specimens.BEGUN)):
            anonymous = complaint(resident=None, anonymous=True)
            return service.submit(anonymous, specimens.Resident("", ""), "halton").ref

    assert len(set(at_once(app, 5, go))) == 5


# ---- a refusal writes nothing -----------------------------------------------------------------------------


def test_a_step_that_breaks_half_way_leaves_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    play = specimens.defined(Play("halton", specimens.team()))
    before, counted = log_of(play), _counts()
    monkeypatch.setattr(service.notices, "queue_notices", _fails)
    with pytest.raises(RuntimeError, match="the power went"):
        play.does("olive", c.Acknowledge())
    assert (log_of(play), _counts(), play.state.stage) == (before, counted, Stage.RECEIVED)
    agrees(play)


def _fails(*_rest: object) -> None:
    raise RuntimeError("the power went")


# ---- opening again ----------------------------------------------------------------------------------------

LATER = "Mon 3 May 2027 10:00"


def _silent(play: Play) -> Play:
    specimens.answered(play)
    play.does("omar", c.RecordLearning(theme="Repairs", words="Ring first."))
    play.does("omar", c.Close(reason=CloseReason.NO_REPLY), LATER)
    return play


def _refused(play: Play) -> Play:
    specimens.refused(play)
    play.does("olive", c.Close(reason=CloseReason.NOT_ACCEPTED))
    return play


def _request(play: Play) -> Play:
    play.submits(complaint(kind=Kind.SERVICE_REQUEST))
    play.does("olive", c.Close(reason=CloseReason.PASSED_ON))
    return play


def _praise(play: Play) -> Play:
    play.submits(complaint(kind=Kind.COMPLIMENT))
    play.does("olive", c.Close(reason=CloseReason.PASSED_ON))
    return play


def _withdrawn(begin: specimens.Specimen) -> specimens.Specimen:
    def make(play: Play) -> Play:
        begin(play)
        play.does("resident", c.Withdraw())
        return play

    return make


OPENED: list[tuple[str, specimens.Specimen, Stage]] = [
    ("closed on silence", _silent, Stage.STAGE_1_ANSWERED),
    ("closed after the final response", specimens.closed, Stage.STAGE_2_ANSWERED),
    ("closed after it was not taken on", _refused, Stage.NOT_ACCEPTED),
    ("a request that was passed on", _request, Stage.SERVICE_REQUEST),
    ("thanks that were passed on", _praise, Stage.RECORDED),
    ("withdrawn at once", _withdrawn(specimens.received), Stage.RECEIVED),
    ("withdrawn at stage 1", _withdrawn(specimens.acknowledged), Stage.STAGE_1),
    ("withdrawn after the answer", _withdrawn(specimens.answered), Stage.STAGE_1_ANSWERED),
    ("withdrawn when stage 2 was asked for", _withdrawn(specimens.escalated), Stage.STAGE_2_REQUESTED),
    ("withdrawn at stage 2", _withdrawn(specimens.reviewed), Stage.STAGE_2),
]


@pytest.mark.parametrize(("what", "make", "stage"), OPENED, ids=[row[0] for row in OPENED])
def test_a_record_opens_again_where_it_stood(
    app: Flask, what: str, make: specimens.Specimen, stage: Stage
) -> None:
    play = make(Play("halton", specimens.team()))
    assert play.state.stage is Stage.CLOSED
    owed = play.clocks.keys()
    play.does("olive", c.Reopen(reason="She came back."))
    assert (play.state.stage, play.state.close_reason) == (stage, None)
    assert play.clocks.keys() == owed  # no clock begins or ends by opening a record
    agrees(play)


def test_after_a_refusal_only_the_ombudsmans_order_takes_it_on(app: Flask) -> None:
    play = _refused(Play("halton", specimens.team()))
    play.does("olive", c.Reopen(reason="The Ombudsman wrote."))
    with pytest.raises(service.NotAllowed):
        play.does("olive", c.Acknowledge())
    order = c.AcceptByOrder(words="Look into it.", ordered_on=day("Mon 1 Mar 2027"))
    play.does("olive", order)
    assert play.state.stage is Stage.RECEIVED
    assert play.duties["stage_1_acknowledgement"] == day("Mon 8 Mar 2027")


def test_a_late_request_for_stage_2_opens_a_closed_record_by_itself(app: Flask) -> None:
    play = _silent(Play("halton", specimens.team()))
    play.does("resident", c.Escalate(reason="I was in hospital."), "Mon 1 Nov 2027 10:00")
    assert play.state.stage is Stage.STAGE_2_REQUESTED
    # 2 3 4 5 (4), [6 7], 8 (5)
    assert play.duties["stage_2_acknowledgement"] == day("Mon 8 Nov 2027")


def test_after_the_final_response_there_is_no_third_stage(app: Flask) -> None:
    play = specimens.closed(Play("halton", specimens.team()))
    with pytest.raises(service.NotAllowed):
        play.does("resident", c.Escalate())
    with pytest.raises(service.NotAllowed):
        play.does("hana", c.Escalate())


# ---- what lists are cut by --------------------------------------------------------------------------------

SPOILT: list[tuple[str, Callable[[int, int], object], str]] = [
    ("a task that nobody gave", lambda case, who: _task(case, who, 9), "case_task"),
    ("a task with another text", lambda case, who: update(CaseTask).values(text="Nothing."), "case_task"),
    ("a task that is lost", lambda case, who: delete(CaseTask), "case_task"),
    ("a wall that is gone", lambda case, who: delete(CaseWall), "case_wall"),
    (
        "a part that nobody has",
        lambda case, who: insert(CasePart).values(case_id=case, staff_id=99),
        "case_part",
    ),
    ("a tag that is lost", lambda case, who: delete(CaseTag), "case_tag"),
    ("a name that is lost", lambda case, who: delete(CaseMention), "case_mention"),
]


def _task(case: int, who: int, number: int) -> object:
    values = {"owner_id": who, "text": "Ring her.", "due_on": day("Mon 8 Mar 2027")}
    return insert(CaseTask).values(case_id=case, number=number, **values)


def test_the_check_finds_a_row_that_no_event_explains(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    play.does("olive", c.AddTask(text="Ring the surveyor.", owner=play.staff("hana"), due_on=play.now.date()))
    play.does("olive", c.Tag(add=("damp",)))
    play.does("olive", c.Note(text="See @Omar Reid.", mentions=(play.staff("omar"),)))
    play.does("hugh", c.DeclareConflict(staff=play.staff("hugh"), reason="My aunt."))
    agrees(play)
    case, who = play.row.id, play.people["hana"].id
    for what, spoil, table in SPOILT:
        with db.session.begin_nested() as point:
            db.session.execute(spoil(case, who))
            assert list(check.drift()) == [f"{play.ref}: {table} disagree with the events"], what
            point.rollback()
    agrees(play)
