"""What time does to cases: alarms, silence, new holidays, drafts. Once each, and never against a resident."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import drafts, service, sweep
from shared.cases.correspondence import alerts, step_letters
from shared.cases.effects import fold
from shared.cases.event_log import events
from shared.cases.flow import FLOW
from shared.cases.inbox import lists
from shared.cases.state import CaseState, decode
from shared.cli import check
from shared.db import db
from shared.identity.actors import System
from shared.letters.facts import Words
from shared.letters.gate import Miss
from shared.mail import jobs
from shared.models import Case, Draft, ExtraHoliday, Letter, OutboxMessage
from shared.vocab import CloseReason, Role, Stage
from tests.support import specimens
from tests.support.specimens import LANDLORDS, Play, complaint, day, instant, more_time, response


def raised(play: Play) -> list[tuple[str, date]]:
    """The alarms in the log of a case, in their order."""
    return [(e.command.clock, e.command.due_on) for e in play.events if isinstance(e.command, c.RaiseOverdue)]


def sweep_at(when: str) -> int:
    with clock.pretend(instant(when)):
        return sweep.raise_overdue()


# ---- alarms -------------------------------------------------------------------------------------------


def test_a_case_that_fails_keeps_no_other_from_its_alarm(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    people = specimens.team()
    first, second = (specimens.received(Play("halton", people)) for _ in range(2))
    duties = sweep.case_clocks.duties

    def fails(state: CaseState, *given: object) -> object:
        if state.ref == first.ref:
            raise LookupError("its policy is gone")
        return duties(state, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(sweep.case_clocks, "duties", fails)
    with clock.pretend(instant("Wed 10 Mar 2027 09:00")):
        assert sweep.raise_overdue() == 1
        alerts.tell("halton")
    late = db.session.scalars(select(OutboxMessage.dedupe).where(OutboxMessage.dedupe.like("late:%"))).all()
    assert {key.split(":")[1] for key in late} == {second.ref}
    assert caplog.text.count(f"{first.ref} is left for the next round") == 2


def test_an_alarm_is_raised_once_when_its_day_is_over(app: Flask) -> None:
    play = specimens.received(Play("housing-services", specimens.team()))
    assert sweep_at("Mon 8 Mar 2027 23:30") == 0  # the last day
    assert sweep_at("Tue 9 Mar 2027 00:30") == 1
    assert sweep_at("Tue 9 Mar 2027 09:00") == 0
    assert sweep_at("Wed 31 Mar 2027 09:00") == 0
    assert raised(play) == [("stage_1_acknowledgement", day("Mon 8 Mar 2027"))]


def test_the_codes_day_is_raised_beside_the_landlords(app: Flask) -> None:
    """Halton's answer is due ten days from the log, the Code's from the acknowledgement: alarms on both."""
    play = specimens.defined(Play("halton", specimens.team()))
    play.does("olive", c.Acknowledge(), "Thu 4 Mar 2027 10:00")
    sweep_at("Tue 16 Mar 2027 09:00")
    own, code = (
        ("stage_1_response", day("Mon 15 Mar 2027")),
        ("stage_1_response_code", day("Thu 18 Mar 2027")),
    )
    first = ("stage_1_first_contact", day("Thu 4 Mar 2027"))
    assert raised(play) == [first, own]
    sweep_at("Fri 19 Mar 2027 09:00")
    assert raised(play) == [first, own, code]
    assert sweep_at("Mon 22 Mar 2027 09:00") == 0


def test_a_moved_day_is_raised_again(app: Flask) -> None:
    play = specimens.acknowledged(Play("harrogate", specimens.team()))
    sweep_at("Tue 16 Mar 2027 09:00")
    play.does("hana", more_time(play, 5), "Tue 16 Mar 2027 10:00")
    assert sweep_at("Mon 22 Mar 2027 09:00") == 0
    sweep_at("Tue 23 Mar 2027 09:00")
    own = [on for name, on in raised(play) if name == "stage_1_response"]
    assert own == [day("Mon 15 Mar 2027"), day("Mon 22 Mar 2027")]


def test_a_promise_is_raised_even_on_a_closed_record(app: Flask) -> None:
    play = specimens.closed(Play("halton", specimens.team()))
    assert sweep_at("Thu 25 Mar 2027 23:00") == 0
    assert sweep_at("Fri 26 Mar 2027 00:30") == 1
    assert raised(play) == [("promise_1", day("Thu 25 Mar 2027"))]


def test_a_broken_promise_stands_in_its_own_list_open_or_closed(app: Flask) -> None:
    """Overdue, or said to be done and denied: both wake the case, whatever became of its record."""
    play = specimens.closed(Play("halton", specimens.team()))

    def listed(at: str) -> list[str]:
        db.session.rollback()
        with play.at(at):
            return [row.ref for row in lists.inbox(play.people["mark"], "not-kept").rows]

    assert listed("Thu 25 Mar 2027 10:00") == []  # its last day
    assert listed("Fri 26 Mar 2027 10:00") == [play.ref]
    done = c.CompleteCommitment(number=1, completed_on=day("Fri 26 Mar 2027"), proof="Photo.")
    play.does("sunita", done, "Fri 26 Mar 2027 12:00")
    assert listed("Sat 27 Mar 2027 10:00") == []
    play.does("resident", c.ConfirmCommitment(number=1, done=False), "Sat 27 Mar 2027 12:00")
    assert listed("Sun 28 Mar 2027 10:00") == [play.ref]
    assert play.row.unread
    about = OutboxMessage.subject.contains("not kept")
    told = set(db.session.scalars(select(OutboxMessage.recipient).where(about)))
    assert {"mark@landlord.example", "sunita@landlord.example"} <= told


def test_two_workers_raise_an_alarm_once(app: Flask) -> None:
    play = specimens.received(Play("halton", specimens.team()))
    with clock.pretend(instant("Tue 9 Mar 2027 09:00")):
        raise_it = c.RaiseOverdue(clock="stage_1_acknowledgement", due_on=day("Mon 8 Mar 2027"))
        assert sweep._acted(play.ref, raise_it) is True
        assert sweep._acted(play.ref, raise_it) is False
    assert len(raised(play)) == 1


def test_one_case_that_cannot_go_on_does_not_keep_the_others_waiting(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    team = specimens.team()
    stuck = specimens.answered(Play("harrogate", team))
    fine = specimens.answered(Play("harrogate", team))
    # Something is missing from the first one's closing letter, for whatever reason.
    whole = step_letters.compose

    def broken(kind, state, *rest, **more):  # type: ignore[no-untyped-def]
        found = whole(kind, state, *rest, **more)
        if state.ref == stuck.ref:
            found.misses.append(Miss("closing_reason", "Say why.", "5.2.3"))
        return found

    monkeypatch.setattr(step_letters, "compose", broken)
    with clock.pretend(instant("Mon 3 May 2027 09:00")):
        assert sweep.close_on_silence() == 1
    assert (stuck.state.stage, fine.state.stage) == (Stage.STAGE_1_ANSWERED, Stage.CLOSED)
    assert stuck.ref in caplog.text


# ---- silence ------------------------------------------------------------------------------------------
# Answered on Tuesday 9 March 2027. Harrogate's 14 days: 10-12 (3), 15-19 (8), 22-25 (12), [26-29], 30 31 (14).


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_silence_closes_a_record_only_where_the_landlord_says_so(app: Flask, landlord: str) -> None:
    play = specimens.answered(Play(landlord, specimens.team()))
    with clock.pretend(instant("Wed 31 Mar 2027 23:30")):
        assert sweep.close_on_silence() == 0
    with clock.pretend(instant("Thu 1 Apr 2027 00:30")):
        assert sweep.close_on_silence() == (1 if landlord == "harrogate" else 0)
    with clock.pretend(instant("Mon 1 Nov 2027 09:00")):
        assert sweep.close_on_silence() == 0
    if landlord == "harrogate":
        assert (play.state.stage, play.state.close_reason) == (Stage.CLOSED, CloseReason.NO_REPLY)
        assert [p.number for p in play.state.open_commitments] == [1]
        play.does("resident", c.Escalate(), "Mon 1 Nov 2027 10:00")
        assert play.state.stage is Stage.STAGE_2_REQUESTED


@pytest.mark.parametrize("read", [False, True], ids=["unread", "read and tagged since"])
@pytest.mark.parametrize(
    ("who", "command"),
    [
        ("resident", c.Message(text="I am not content.")),
        ("resident", c.AddInformation(text="It rained in again.")),
        ("resident", c.ConfirmCommitment(number=1, done=False)),
        ("helper", c.AddInformation(text="My mother is not content.")),
    ],
)
def test_who_has_said_something_is_not_silent(app: Flask, who: str, command: c.Command, read: bool) -> None:
    play = specimens.answered(Play("harrogate", specimens.team(), helper=specimens.HELPER))
    play.does(who, command, "Wed 10 Mar 2027 10:00")
    if read:
        play.does("olive", c.Note(text="Read it."))
    with clock.pretend(instant("Mon 3 May 2027 09:00")):
        assert sweep.close_on_silence() == 0
    assert play.state.stage is Stage.STAGE_1_ANSWERED


def test_who_asked_for_stage_2_and_was_declined_is_not_silent(app: Flask) -> None:
    play = specimens.escalated(Play("harrogate", specimens.team()))
    filed = day("Mon 22 Feb 2027")
    no = specimens.refusal(c.DeclineEscalation, "legal_proceedings", play.staff("mark"), court_filed_on=filed)
    play.does("hugh", no)
    with clock.pretend(instant("Mon 3 May 2027 09:00")):
        assert sweep.close_on_silence() == 0


def test_a_question_that_is_open_keeps_the_record_open(app: Flask) -> None:
    play = specimens.decided(Play("harrogate", specimens.team()))
    play.does("hana", c.AskClarification(question=Words("Which room is it?")))
    play.does("hana", response(play))
    with clock.pretend(instant("Mon 3 May 2027 09:00")):
        assert sweep.close_on_silence() == 0


# ---- a bank holiday is proclaimed ---------------------------------------------------------------------


def proclaim(on: str, when: str, name: str = "Day of Thanks") -> int:
    with clock.pretend(instant(when)):
        return sweep.add_holiday(day(on), name, System("admin"))


def test_a_new_holiday_moves_what_runs_and_tells_whose_day_is_later(app: Flask) -> None:
    team = specimens.team()
    runs = specimens.acknowledged(Play("housing-services", team))  # due Tuesday 16 March
    done = specimens.answered(Play("housing-services", team))
    before = db.session.scalars(select(Letter.id)).all()
    assert runs.duties["stage_1_response"] == day("Tue 16 Mar 2027")
    assert proclaim("Mon 15 Mar 2027", "Wed 10 Mar 2027 10:00") == 1
    assert runs.duties["stage_1_response"] == day("Wed 17 Mar 2027")
    (moved,) = [e.command for e in runs.events if isinstance(e.command, c.RecomputeDates)]
    assert moved.moved == (("stage_1_response", day("Tue 16 Mar 2027"), day("Wed 17 Mar 2027")),)
    assert not [e for e in done.events if isinstance(e.command, c.RecomputeDates)]
    (letter,) = db.session.scalars(select(Letter).where(Letter.id.not_in(before))).all()
    assert letter.kind == "progress"
    assert "17 March 2027" in letter.text
    assert runs.row.next_due_on == day("Wed 17 Mar 2027")


def test_the_same_holiday_again_moves_nothing(app: Flask) -> None:
    specimens.acknowledged(Play("housing-services", specimens.team()))
    assert proclaim("Mon 15 Mar 2027", "Wed 10 Mar 2027 10:00") == 1
    assert proclaim("Mon 15 Mar 2027", "Wed 10 Mar 2027 11:00", "Another name") == 0
    assert proclaim("Sat 13 Mar 2027", "Wed 10 Mar 2027 12:00") == 0  # nobody works then anyway
    assert db.session.get(ExtraHoliday, day("Mon 15 Mar 2027")).name == "Day of Thanks"  # type: ignore[union-attr]


def test_a_case_that_is_late_already_is_moved_without_a_promise_of_a_day_gone_by(app: Flask) -> None:
    """Proclaimed afterwards, a holiday moves a day that is over to another day that is over."""
    play = specimens.acknowledged(Play("housing-services", specimens.team()))
    assert proclaim("Mon 15 Mar 2027", "Wed 14 Apr 2027 10:00") == 1
    assert play.duties["stage_1_response"] == day("Wed 17 Mar 2027")
    _agrees_with_its_events(play)


def test_nothing_drifts_when_the_calendar_changes(app: Flask) -> None:
    team = specimens.team()
    plays = [
        specimen(Play(landlord, team))
        for landlord in LANDLORDS
        for specimen in (specimens.received, specimens.acknowledged, specimens.escalated)
    ]
    proclaim("Mon 15 Mar 2027", "Thu 11 Mar 2027 12:00")
    for play in plays:
        _agrees_with_its_events(play)


def _agrees_with_its_events(play: Play) -> None:
    row = play.row
    assert fold(events(db.session(), row.id)) == decode(row.state)
    assert list(check.drift()) == []


# ---- drafts -------------------------------------------------------------------------------------------


def test_a_draft_is_kept_for_as_long_as_was_said_and_no_longer(app: Flask) -> None:
    start = instant("Mon 1 Feb 2027 10:00")
    with clock.pretend(start):
        drafts.begin("en", {"what": "left alone"})
        sent, _token = drafts.begin("en", {"what": "sent"})
        back, _token = drafts.begin("en", {"what": "came back to"})
    play = Play("halton", specimens.team())
    with clock.pretend(start):
        play.ref = service.submit(complaint(), play.actor("resident"), "halton", sent).ref
    with clock.pretend(start + timedelta(days=20)):
        drafts.save(back, {"more": "yes"})
    with clock.pretend(start + timedelta(days=28)):
        assert drafts.tidy(28) == 0
    with clock.pretend(start + timedelta(days=28, minutes=1)):
        assert drafts.tidy(28) == 2
    assert [d.id for d in db.session.scalars(select(Draft))] == [back]
    assert play.row.ref  # what was sent stays


def test_the_worker_has_all_of_this_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_jobs", {})
    sweep.register("halton")
    assert {"overdue", "silence", "files"} <= {job.name for job in jobs.registered()}


def test_the_system_does_nothing_else(app: Flask) -> None:
    """Time raises alarms, closes on silence, moves dates, and asks a colleague to see to an address that fails.

    It never decides, refuses or answers.
    """
    own = {step.action.value for step in FLOW if Role.SYSTEM in step.roles}
    assert own == {"raise_overdue", "recompute_dates", "close", "mark_address", "add_task"}
    assert db.session.scalars(select(Case)).all() == []
