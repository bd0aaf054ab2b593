"""The whole life of a case at each landlord, as a table: what happens when, what is due then, which letter goes.

Each row: the instant, who acts, what they do, the stage afterwards, what is owed afterwards (the earlier of the
landlord's day and the Code's), and the letter that left. The days are worked by hand in the lines above a row:
[x] is a day passed over, the number in round brackets how many are counted by then. Day 0 is the day of the event.
"""
# ruff: noqa: E501 - a row of the table stays on a line

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import queries, sweep
from shared.cases.service import Refused
from shared.cases.state import Need
from shared.db import db
from shared.deadlines.shown import past_the_code
from shared.letters import gate, render
from shared.letters.facts import Words
from shared.models import Letter, OutboxMessage
from shared.vocab import Channel, CloseReason, Finding, LetterKind, Risk
from staff.case import shown_clock
from tests.support import specimens
from tests.support.specimens import Play, complaint, day, decision, definition, more_time, response

Do = Callable[[Play], Any]
Row = tuple[str, str, Do, str, str, str]

ACK1, FIRST1, ANSWER1 = "stage_1_acknowledgement", "stage_1_first_contact", "stage_1_response"
ACK2, FIRST2, ANSWER2 = "stage_2_acknowledgement", "stage_2_first_contact", "stage_2_response"
LATER, MEETING, OUTCOME = "closing_letter", "panel_meeting", "panel_outcome"


def call(words: str = "Introduced myself and read back the points.") -> Do:
    return lambda p: c.RecordContact(
        channel=Channel.PHONE, happened_at=p.now, words=words, first_contact=True
    )


def gives(to: str, reason: str = "") -> Do:
    return lambda p: c.Allocate(to=p.staff(to), reason=reason)


def time(days: int, **changes: Any) -> Do:
    return lambda p: more_time(p, days, **changes)


def just(command: c.Command) -> Do:
    return lambda p: command


triage, define, acknowledge = just(c.Triage(risk=Risk.ROUTINE)), just(definition()), just(c.Acknowledge())
upheld, partly = just(decision(1)), just(decision(2, Finding.PARTLY_UPHELD))
learn = just(c.RecordLearning(theme="Keeping people informed", words="Ring when a visit is moved."))
final = just(c.Close(reason=CloseReason.FINAL_RESPONSE))


def remedy(by_on: str) -> Do:
    return just(specimens.action_remedy(day(by_on)))


def promise(due_on: str) -> Do:
    return lambda p: c.Commit(text=Words("Mend the wall."), owner=p.staff("sunita"), due_on=day(due_on))


# fmt: off
HALTON: list[Row] = [
    # Acknowledge: 2-5 Mar (4), [6 7], 8 (5). Answer, from the log: 2-5 (4), [6 7], 8-12 (9), [13 14], 15 (10)
    ("Mon 1 Mar 2027 10:00", "resident", just(complaint(needs=(Need(code="large_print"),))), "received", f"{ACK1} 8 Mar, {ANSWER1} 15 Mar", "receipt"),
    ("Tue 2 Mar 2027 09:30", "olive", triage, "received", f"{ACK1} 8 Mar, {ANSWER1} 15 Mar", ""),
    ("Tue 2 Mar 2027 10:00", "olive", define, "received", f"{ACK1} 8 Mar, {ANSWER1} 15 Mar", ""),
    # First contact, from the day the handler has it: 3 4 5 (3)
    ("Tue 2 Mar 2027 10:15", "olive", gives("hana"), "received", f"{FIRST1} 5 Mar, {ACK1} 8 Mar, {ANSWER1} 15 Mar", ""),
    # The Code counts from here: 5 (1), [6 7], 8-12 (6), [13 14], 15-18 (10): 18 March, later than the landlord's 15
    ("Thu 4 Mar 2027 10:00", "olive", acknowledge, "stage_1", f"{FIRST1} 5 Mar, {ANSWER1} 15 Mar", "acknowledgement_1"),
    ("Fri 5 Mar 2027 16:00", "hana", call(), "stage_1", f"{ANSWER1} 15 Mar", ""),
    ("Mon 8 Mar 2027 10:00", "hana", just(c.AskClarification(question=Words("Which room is it?"))), "stage_1", f"{ANSWER1} 15 Mar", "clarification"),
    ("Tue 9 Mar 2027 20:00", "resident", just(c.AnswerClarification(number=1, answer="The bedroom.")), "stage_1", f"{ANSWER1} 15 Mar", ""),
    # Put off by 10, before the day: from 15 Mar: 16-19 (4), [20 21], 22-25 (8), [26 Good Friday, 27 28, 29 Easter
    # Monday], 30 31 (10); the Code's from 18 Mar: 19 (1), 22-25 (5), 30 31 1 2 (9), [3 4], 5 Apr (10)
    ("Mon 15 Mar 2027 15:00", "hana", time(10, agreed=None), "stage_1", f"{ANSWER1} 31 Mar", "extension"),
    ("Mon 15 Mar 2027 19:00", "resident", just(c.AnswerExtension(agreed=True)), "stage_1", f"{ANSWER1} 31 Mar", ""),
    ("Tue 23 Mar 2027 10:00", "hana", just(c.UpdateResident(message=Words("The surveyor came today."))), "stage_1", f"{ANSWER1} 31 Mar", "progress"),
    ("Wed 24 Mar 2027 10:00", "hana", upheld, "stage_1", f"{ANSWER1} 31 Mar", ""),
    ("Wed 24 Mar 2027 10:05", "hana", partly, "stage_1", f"{ANSWER1} 31 Mar", ""),
    ("Wed 24 Mar 2027 10:10", "hana", remedy("Fri 30 Apr 2027"), "stage_1", f"{ANSWER1} 31 Mar", ""),
    ("Wed 24 Mar 2027 10:15", "hana", promise("Fri 30 Apr 2027"), "stage_1", f"{ANSWER1} 31 Mar", ""),
    # Answered when the answer is known, with the work still to do. Her window runs to 26 April: [26-29 Easter],
    # 30 31 1 2 (4), 5-9 (9), 12-16 (14), 19-23 (19), [24 25], 26 (20)
    ("Thu 25 Mar 2027 10:00", "hana", lambda p: response(p), "stage_1_answered", "", "response_1"),
    # Asked for by telephone on 20 April, written down on 22 April. Acknowledge, from the asking: 21 22 23 (3),
    # [24 25], 26 27 (5). Answer, from the log: 23 (1), 26-30 (6), [1 2, 3 May], 4-7 (10), 10-14 (15), 17-21 (20)
    ("Thu 22 Apr 2027 11:00", "carl", lambda p: c.Escalate(channel=Channel.PHONE, received_at=p.now.replace(day=20)), "stage_2_requested", f"{ACK2} 27 Apr, {ANSWER2} 21 May", ""),
    # First contact at stage 2, from the day the reviewer has it: 26-30 (5)
    ("Fri 23 Apr 2027 09:00", "olive", gives("dora"), "stage_2_requested", f"{ACK2} 27 Apr, {FIRST2} 30 Apr, {ANSWER2} 21 May", ""),
    # The Code, from the acknowledgement: 27-30 (4), [1-3], 4-7 (8), 10-14 (13), 17-21 (18), 24 25 (20): 25 May
    ("Mon 26 Apr 2027 10:00", "olive", acknowledge, "stage_2", f"{FIRST2} 30 Apr, {ANSWER2} 21 May", "acknowledgement_2"),
    ("Wed 28 Apr 2027 10:00", "dora", call(), "stage_2", f"{ANSWER2} 21 May", ""),
    ("Fri 30 Apr 2027 16:00", "sunita", lambda p: c.CompleteCommitment(number=1, completed_on=p.now.date(), proof="Photo of the wall."), "stage_2", f"{ANSWER2} 21 May", "promise_done"),
    ("Sat 1 May 2027 11:00", "resident", just(c.ConfirmCommitment(number=1, done=False, words="It is still wet.")), "stage_2", f"{ANSWER2} 21 May", ""),
    # Put off by 20: from 21 May: 24-28 (5), [29 30, 31 spring holiday], 1-4 Jun (9), 7-11 (14), 14-18 (19), 21 (20)
    ("Thu 20 May 2027 10:00", "hugh", time(20, agreed=False), "stage_2", f"{ANSWER2} 21 Jun", "extension"),
    ("Mon 14 Jun 2027 10:00", "dora", upheld, "stage_2", f"{ANSWER2} 21 Jun", ""),
    ("Mon 14 Jun 2027 10:05", "dora", partly, "stage_2", f"{ANSWER2} 21 Jun", ""),
    ("Mon 14 Jun 2027 10:10", "dora", remedy("Fri 16 Jul 2027"), "stage_2", f"{ANSWER2} 21 Jun", ""),
    ("Mon 21 Jun 2027 16:00", "dora", lambda p: response(p), "stage_2_answered", "", "response_2"),
    ("Tue 22 Jun 2027 10:00", "omar", learn, "stage_2_answered", "", ""),
    ("Tue 22 Jun 2027 10:05", "omar", final, "closed", "", "closing survey"),
    # The promise that she said was not kept outlives the record.
    ("Fri 16 Jul 2027 10:00", "sunita", lambda p: c.CompleteCommitment(number=1, completed_on=p.now.date(), proof="Dried and painted."), "closed", "", "promise_done"),
]

HOUSING_SERVICES: list[Row] = [
    # Acknowledge: 22 23 24 Dec (3), [25 Christmas, 26 27, 28 substitute], 29 30 (5). No answer is due before the
    # acknowledgement: this landlord counts from it, as the Code does.
    ("Mon 21 Dec 2026 10:00", "resident", just(complaint()), "received", f"{ACK1} 30 Dec", "receipt"),
    ("Tue 22 Dec 2026 10:00", "olive", triage, "received", f"{ACK1} 30 Dec", ""),
    ("Tue 22 Dec 2026 10:10", "olive", define, "received", f"{ACK1} 30 Dec", ""),
    ("Tue 22 Dec 2026 10:20", "olive", gives("hana"), "received", f"{ACK1} 30 Dec", ""),
    # 31 (1), [1 New Year, 2 3], 4-8 Jan (6), [9 10], 11-14 (10)
    ("Wed 30 Dec 2026 17:00", "olive", acknowledge, "stage_1", f"{ANSWER1} 14 Jan", "acknowledgement_1"),
    ("Mon 4 Jan 2027 10:00", "hana", call(), "stage_1", f"{ANSWER1} 14 Jan", ""),
    # Explained, not agreed; the paper names no most, so the Code's 10: 15 (1), 18-22 (6), [23 24], 25-28 (10)
    ("Thu 14 Jan 2027 12:00", "hana", time(10, agreement_sought=False, agreed=None, approver=None), "stage_1", f"{ANSWER1} 28 Jan", "extension"),
    ("Wed 27 Jan 2027 10:00", "hana", upheld, "stage_1", f"{ANSWER1} 28 Jan", ""),
    ("Wed 27 Jan 2027 10:05", "hana", partly, "stage_1", f"{ANSWER1} 28 Jan", ""),
    ("Wed 27 Jan 2027 10:10", "hana", remedy("Fri 26 Feb 2027"), "stage_1", f"{ANSWER1} 28 Jan", ""),
    # One calendar month to ask, to Sunday 28 February, which is taken until Monday 1 March.
    ("Thu 28 Jan 2027 16:00", "hana", lambda p: response(p), "stage_1_answered", "", "response_1"),
    # 2-5 (4), [6 7], 8 (5)
    ("Mon 1 Mar 2027 20:00", "resident", just(c.Escalate(reason="It is still there.")), "stage_2_requested", f"{ACK2} 8 Mar", ""),
    ("Tue 2 Mar 2027 09:00", "olive", gives("moira"), "stage_2_requested", f"{ACK2} 8 Mar", ""),
    # 8-12 (5), 15-19 (10), 22-25 (14), [26 Good Friday, 27 28, 29 Easter Monday], 30 31 1 2 (18), [3 4], 5 6 (20)
    ("Fri 5 Mar 2027 10:00", "olive", acknowledge, "stage_2", f"{ANSWER2} 6 Apr", "acknowledgement_2"),
    # Agreed with her this time: 7 8 9 (3), 12-16 (8), 19-23 (13), 26-30 (18), [1 2, 3 May], 4 5 (20)
    ("Tue 6 Apr 2027 09:00", "hugh", time(20, approver=None), "stage_2", f"{ANSWER2} 5 May", "extension"),
    ("Tue 4 May 2027 10:00", "moira", upheld, "stage_2", f"{ANSWER2} 5 May", ""),
    ("Tue 4 May 2027 10:05", "moira", partly, "stage_2", f"{ANSWER2} 5 May", ""),
    ("Tue 4 May 2027 10:10", "moira", remedy("Mon 7 Jun 2027"), "stage_2", f"{ANSWER2} 5 May", ""),
    ("Wed 5 May 2027 16:00", "moira", lambda p: response(p, checked_by=None), "stage_2_answered", "", "response_2"),
    ("Thu 6 May 2027 10:00", "omar", learn, "stage_2_answered", "", ""),
    ("Thu 6 May 2027 10:05", "omar", final, "closed", "", "closing survey"),
]

HARROGATE: list[Row] = [
    # Two working days: [25, 26 27, 28], 29 30 (2). Answer, from receipt: 29 30 31 (3), [1-3], 4-8 Jan (8), 11 12 (10)
    ("Thu 24 Dec 2026 15:00", "resident", just(complaint()), "received", f"{ACK1} 30 Dec, {ANSWER1} 12 Jan", "receipt"),
    ("Tue 29 Dec 2026 09:00", "olive", triage, "received", f"{ACK1} 30 Dec, {ANSWER1} 12 Jan", ""),
    ("Tue 29 Dec 2026 09:10", "olive", define, "received", f"{ACK1} 30 Dec, {ANSWER1} 12 Jan", ""),
    ("Tue 29 Dec 2026 09:20", "olive", gives("hana"), "received", f"{ACK1} 30 Dec, {ANSWER1} 12 Jan", ""),
    # The Code, from here: 31 (1), [1-3], 4-8 (6), 11-14 (10): 14 January, two days after the landlord's
    ("Wed 30 Dec 2026 10:00", "olive", acknowledge, "stage_1", f"{ANSWER1} 12 Jan", "acknowledgement_1"),
    ("Tue 5 Jan 2027 10:00", "hana", just(c.OfferVisit(words="Offered a visit on Friday.", accepted=True)), "stage_1", f"{ANSWER1} 12 Jan", ""),
    # Twenty from receipt, not ten from the acknowledgement: 13 14 15 (3), 18-22 (8), [23 24], 25 26 (10)
    ("Mon 11 Jan 2027 10:00", "hana", time(10, agreement_sought=False, agreed=None, approver=None), "stage_1", f"{ANSWER1} 26 Jan", "extension"),
    ("Fri 22 Jan 2027 10:00", "hana", upheld, "stage_1", f"{ANSWER1} 26 Jan", ""),
    ("Fri 22 Jan 2027 10:05", "hana", partly, "stage_1", f"{ANSWER1} 26 Jan", ""),
    ("Fri 22 Jan 2027 10:10", "hana", remedy("Fri 26 Feb 2027"), "stage_1", f"{ANSWER1} 26 Jan", ""),
    # The record closes after 14 working days of silence: 26-29 (4), 1-5 Feb (9), 8-12 (14)
    ("Mon 25 Jan 2027 16:00", "hana", lambda p: response(p), "stage_1_answered", "", "response_1"),
    ("Fri 12 Feb 2027 23:00", "time", just(c.Close(reason=CloseReason.NO_REPLY)), "stage_1_answered", "", ""),
    ("Sat 13 Feb 2027 01:00", "time", just(c.Close(reason=CloseReason.NO_REPLY)), "closed", "", "closing"),
    # Closing on silence ended nothing: two working days to acknowledge, 3 4 (2)
    ("Tue 2 Mar 2027 10:00", "resident", just(c.Escalate()), "stage_2_requested", f"{ACK2} 4 Mar", ""),
    ("Wed 3 Mar 2027 09:00", "olive", gives("moira"), "stage_2_requested", f"{ACK2} 4 Mar", ""),
    # Ten, from our word to her: 5 (1), 8-12 (6), [13 14], 15-18 (10); the Code's twenty: 19 (11), 22-25 (15),
    # [26-29 Easter], 30 31 1 2 (19), [3 4], 5 Apr (20)
    ("Thu 4 Mar 2027 10:00", "olive", acknowledge, "stage_2", f"{ANSWER2} 18 Mar", "acknowledgement_2"),
    # The panel lies inside stage 2: 11 12 (2), 15-19 (7), 22 23 24 (10)
    ("Wed 10 Mar 2027 10:00", "moira", just(c.HoldPanel(step="asked", happened_on=day("Wed 10 Mar 2027"), words="She would like a panel.")), "stage_2", f"{ANSWER2} 18 Mar, {MEETING} 24 Mar", ""),
    # Ten more only reach the Code's twenty, which therefore does not move: 19 (1), 22-25 (5), 30 31 1 2 (9), 5 (10)
    ("Wed 17 Mar 2027 10:00", "hugh", time(10, agreement_sought=False, agreed=None, approver=None), "stage_2", f"{MEETING} 24 Mar, {ANSWER2} 5 Apr", "extension"),
    # Outcome of the panel: 23 24 25 (3), [26-29], 30 31 1 2 (7), [3 4], 5 6 7 (10), two days past the Code's 5 April
    ("Mon 22 Mar 2027 18:00", "moira", just(c.HoldPanel(step="held", happened_on=day("Mon 22 Mar 2027"), words="She came with a friend.", attended=True)), "stage_2", f"{ANSWER2} 5 Apr, {OUTCOME} 7 Apr", ""),
    ("Thu 25 Mar 2027 10:00", "moira", just(c.HoldPanel(step="outcome", happened_on=day("Thu 25 Mar 2027"), words="Decoration offered.", resolved=False)), "stage_2", f"{ANSWER2} 5 Apr", ""),
    ("Thu 1 Apr 2027 10:00", "moira", upheld, "stage_2", f"{ANSWER2} 5 Apr", ""),
    ("Thu 1 Apr 2027 10:05", "moira", partly, "stage_2", f"{ANSWER2} 5 Apr", ""),
    ("Thu 1 Apr 2027 10:10", "moira", remedy("Fri 30 Apr 2027"), "stage_2", f"{ANSWER2} 5 Apr", ""),
    # Closing letter with the feedback form: 5-9 (5), 12-16 (10), 19-22 (14)
    ("Fri 2 Apr 2027 16:00", "moira", lambda p: response(p, checked_by=None), "stage_2_answered", f"{LATER} 22 Apr", "response_2"),
    ("Wed 21 Apr 2027 10:00", "omar", learn, "stage_2_answered", f"{LATER} 22 Apr", ""),
    ("Thu 22 Apr 2027 10:00", "omar", final, "closed", "", "closing"),
]
# fmt: on

# What each letter had to hold: the Code's list, and what the landlord's own paper adds.
EVERY = "ombudsman adjustments_question"
ANSWER = (
    "stage complaint_definition decision reasons remedy remedy_when outstanding_actions ombudsman "
    "how_to_escalate"
)
FINAL = ANSWER.replace("how_to_escalate", "how_to_refer final_response")
ACKNOWLEDGEMENT = "complaint_definition outcome_sought responsibilities ombudsman"
EIGHT = "reference received_on response_due_on handler handler_contact adjustments_question"
HOLDS: dict[str, dict[str, str]] = {
    "halton": {
        "receipt": "reference received_on ombudsman",
        "acknowledgement_1": f"{ACKNOWLEDGEMENT} {EIGHT}",
        "acknowledgement_2": f"{ACKNOWLEDGEMENT} {EIGHT}",
        "clarification": "questions ombudsman",
        "extension": "extension_reason new_date ombudsman agreement",
        "response_1": ANSWER,
        "response_2": FINAL,
        "progress": "ombudsman",
        "promise_done": "ombudsman",
        "closing": "ombudsman",
        "survey": "ombudsman",
    },
    "housing-services": {
        "receipt": "reference received_on ombudsman",
        "acknowledgement_1": ACKNOWLEDGEMENT,
        "acknowledgement_2": ACKNOWLEDGEMENT,
        "extension": "extension_reason new_date ombudsman",
        "response_1": ANSWER,
        "response_2": FINAL,
        "closing": "ombudsman",
        "survey": "ombudsman feedback_form",
    },
    "harrogate": {
        "receipt": "reference received_on ombudsman",
        "acknowledgement_1": f"{ACKNOWLEDGEMENT} reference handler response_due_on flowchart",
        "acknowledgement_2": f"{ACKNOWLEDGEMENT} reference handler response_due_on panel_offer",
        "extension": "extension_reason new_date ombudsman assessment_so_far",
        "response_1": f"{ANSWER} reference who_to_contact",
        "response_2": f"{FINAL} reference end_of_process",
        "closing": "ombudsman feedback_form",
    },
}
LIVES = {"halton": HALTON, "housing-services": HOUSING_SERVICES, "harrogate": HARROGATE}


def shown(play: Play) -> str:
    return ", ".join(f"{name} {on:%-d %b}" for name, on in play.duties.items())


@pytest.mark.parametrize("landlord", LIVES)
def test_a_whole_life(app: object, landlord: str) -> None:
    play = Play(landlord, specimens.team())
    for when, who, do, stage, due, letter in LIVES[landlord]:
        before = set(db.session.scalars(select(Letter.id)))
        _take(play, when, who, do)
        assert (play.state.stage.value, shown(play)) == (stage, due), when
        sent = db.session.scalars(select(Letter).where(Letter.id.not_in(before))).all()
        assert [one.kind for one in sent] == letter.split(), when
        for one in sent:
            _holds(one, play, landlord)
    assert play.state.milestones.final_response_at is not None


def _take(play: Play, when: str, who: str, do: Do) -> None:
    if not play.ref:
        play.submits(do(play), at=when)
        return
    play.now = specimens.instant(when)
    command = do(play)
    if who == "time":
        with play.at(when):
            sweep.close_on_silence()
    else:
        play.does(who, command, when)


def _holds(letter: Letter, play: Play, landlord: str) -> None:
    """What the table says this letter holds, it holds; and the landlord's file asks for nothing less."""
    finished = render.reopen(letter.html)
    parts = HOLDS[landlord][letter.kind].split()
    missing = [part for part in (*parts, *EVERY.split()) if not gate.present(finished, part)]
    assert not missing, f"{letter.kind} of {letter.sent_at}: {missing}"
    asked = {str(p.part) for p in play.policy.letter_parts(LetterKind(letter.kind)) if p.required}
    assert asked - {"all_points"} == set(parts), letter.kind


def test_every_letter_of_a_life_waits_in_the_outbox_and_is_kept_as_it_left(app: object) -> None:
    play = specimens.refused(Play("halton", specimens.team()))
    letters = db.session.scalars(select(Letter).order_by(Letter.id)).all()
    assert [one.kind for one in letters] == ["receipt", "not_accepted"]
    queued = db.session.scalars(select(OutboxMessage).where(OutboxMessage.letter_id.is_not(None))).all()
    assert {m.letter_id for m in queued} == {one.id for one in letters}
    assert all(one.digest and one.pdf_key for one in letters)
    assert play.state.refusals[0].ground == "already_considered"


def test_a_panel_that_would_break_the_code_is_known_before_it_does(app: object) -> None:
    """Harrogate's own days for review, panel and outcome add up to 30; the Code's 20 go on running."""
    play = specimens.reviewed(Play("harrogate", specimens.team()))
    asked = c.HoldPanel(step="asked", happened_on=day("Mon 29 Mar 2027"), words="She would like a panel.")
    play.does("dora", asked, "Tue 30 Mar 2027 10:00")
    # The Code, from Friday 12 March: 15-19 (5), 22-25 (9), [26-29], 30 31 1 2 (13), 5-9 (18), [10 11], 12 13 (20).
    # The panel, from Monday 29 March: 30 31 1 2 (4), 5-9 (9), 12 (10): a day before it
    assert past_the_code(play.clocks) == ()
    held = c.HoldPanel(step="held", happened_on=day("Wed 31 Mar 2027"), words="Met.", attended=True)
    play.does("dora", held, "Thu 1 Apr 2027 10:00")
    # The outcome, from Wednesday 31 March: 1 2 (2), 5-9 (7), 12 13 14 (10): a day after it
    assert [one.name for one in past_the_code(play.clocks)] == [OUTCOME]
    with play.at("Thu 1 Apr 2027 10:00"):
        view = queries.case(play.ref, play.actor("dora"))
        named = [one.title for one in (shown_clock(view, duty) for duty in view.duties) if one.past_the_code]
    assert named == ["Outcome of the panel"], "the case page says it beside the date"
    assert play.duties[ANSWER2] < play.duties[OUTCOME]


def test_a_late_acknowledgement_can_still_be_sent_and_promises_a_day_that_is_not_over(app: object) -> None:
    """Halton counts the answer from the log. Three weeks on that day is over, and the Code's is promised."""
    play = specimens.defined(Play("halton", specimens.team()))
    play.does("olive", c.Acknowledge(), "Wed 24 Mar 2027 10:00")
    letter = db.session.scalars(select(Letter).where(Letter.kind == "acknowledgement_1")).one()
    # From the acknowledgement: 25 (1), [26-29 Easter], 30 31 1 2 (5), 5-9 (10)
    assert "9 April 2027" in letter.text
    assert "15 March 2027" not in letter.text
    assert play.duties[ANSWER1] == day("Mon 15 Mar 2027")  # and what is shown to staff stays overdue


def test_a_resident_hears_how_it_goes_even_when_the_answer_is_late(app: object) -> None:
    """When an answer comes later than the Code's time, the resident is to be kept informed (5.9)."""
    play = specimens.acknowledged(Play("harrogate", specimens.team()))
    update = c.UpdateResident(message=Words("The survey is late. We are sorry. It comes next week."))
    play.does("hana", update, "Mon 19 Apr 2027 10:00")
    play.does("hana", c.AskClarification(question=Words("Which room is it?")))
    kinds = db.session.scalars(select(Letter.kind).order_by(Letter.id)).all()
    assert kinds[-2:] == ["progress", "clarification"]


def test_an_extension_cannot_pretend_that_time_has_not_passed(app: object) -> None:
    """Five days, told three weeks after the day, would end before they began."""
    play = specimens.acknowledged(Play("halton", specimens.team()))
    with pytest.raises(Refused) as caught:
        play.does("hana", more_time(play, 5), "Mon 5 Apr 2027 10:00")
    assert {miss.part for miss in caught.value.misses} == {"new_date"}
    assert play.state.extensions == ()
