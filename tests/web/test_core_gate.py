"""Every part that the Code or a landlord requires of a letter: without it nothing leaves and nothing is kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from shared.cases import commands as c
from shared.cases import service
from shared.cases.correspondence import step_letters
from shared.db import db
from shared.letters.facts import Words
from shared.letters.render import FinishedLetter
from shared.letters.required import RULES
from shared.models import Case, CaseEvent, Letter, OutboxMessage
from shared.policy.load import load
from shared.vocab import CloseReason, LetterKind
from tests.support import specimens
from tests.support.specimens import LANDLORDS, Play, Specimen, day, definition, more_time, refusal, response


@dataclass(frozen=True)
class Step:
    """How a letter of one kind is sent: from which specimen, by whom, by which command."""

    begin: Specimen
    who: str
    command: Callable[[Play], c.Command]


def _asked(play: Play) -> Play:
    specimens.escalated(play)
    play.does("olive", c.Allocate(to=play.staff("dora")))
    return play


def _final(play: Play) -> Play:
    """Reviewed and decided: the final response can go."""
    specimens.reviewed(play)
    for point in (1, 2):
        play.does("dora", specimens.decision(point))
    play.does("dora", specimens.action_remedy(day("Wed 31 Mar 2027")))
    return play


def _learned(play: Play) -> Play:
    specimens.answered(play)
    play.does("omar", c.RecordLearning(theme="Repairs", words="Ring first."))
    return play


FILED = day("Mon 22 Feb 2027")
STEPS: dict[LetterKind, Step] = {
    LetterKind.ACKNOWLEDGEMENT_1: Step(specimens.defined, "olive", lambda p: c.Acknowledge()),
    LetterKind.NOT_ACCEPTED: Step(
        specimens.defined,
        "olive",
        lambda p: refusal(c.NotAccept, "already_considered", p.staff("mark")),
    ),
    LetterKind.CLARIFICATION: Step(
        specimens.defined, "olive", lambda p: c.AskClarification(question=Words("Which room is it?"))
    ),
    LetterKind.EXTENSION: Step(specimens.decided, "hana", lambda p: more_time(p, 5)),
    LetterKind.PROGRESS: Step(
        specimens.decided, "hana", lambda p: c.UpdateResident(message=Words("The surveyor came."))
    ),
    LetterKind.RESPONSE_1: Step(specimens.decided, "hana", lambda p: response(p)),
    LetterKind.CLOSING: Step(
        _learned, "omar", lambda p: c.Close(reason=CloseReason.RESOLVED, words=Words("She rang: it is dry."))
    ),
    LetterKind.PROMISE_DONE: Step(
        _learned,
        "sunita",
        lambda p: c.CompleteCommitment(number=1, completed_on=day("Tue 9 Mar 2027"), proof="Photo."),
    ),
    LetterKind.ESCALATION_DECLINED: Step(
        _asked,
        "hugh",
        lambda p: refusal(c.DeclineEscalation, "legal_proceedings", p.staff("mark"), court_filed_on=FILED),
    ),
    LetterKind.ACKNOWLEDGEMENT_2: Step(_asked, "olive", lambda p: c.Acknowledge()),
    LetterKind.RESPONSE_2: Step(_final, "dora", lambda p: response(p)),
}


def _snapshot() -> tuple[Any, ...]:
    """Everything that a refused step must leave as it was."""
    db.session.rollback()
    counted = [
        db.session.scalar(select(func.count()).select_from(m)) for m in (CaseEvent, Letter, OutboxMessage)
    ]
    rows = [tuple(row) for row in db.session.execute(select(*Case.__table__.columns).order_by(Case.id))]
    return (*counted, rows)


def _without(finished: FinishedLetter, part: str) -> FinishedLetter:
    """The same letter, had this part been left out of it."""
    ways = RULES[part].marks if part in RULES and RULES[part].marks else ((part,),)
    gone = {mark for marks in ways for mark in marks}
    if part == "all_points":
        gone = {name for name in finished.parts if name.endswith(".basis")}
    return replace(finished, parts={k: v for k, v in finished.parts.items() if k not in gone})


@pytest.mark.only_on("sqlite")  # letters in memory, hundreds of them, which no database has a say in
@pytest.mark.parametrize("landlord", LANDLORDS)
def test_whatever_is_taken_away_the_letter_stays_and_says_why(
    app: Flask, monkeypatch: pytest.MonkeyPatch, landlord: str
) -> None:
    team = specimens.team()
    whole = step_letters.render.letter
    tried = 0
    for kind, step in STEPS.items():
        play = step.begin(Play(landlord, team))
        command = step.command(play)
        play.yes(step.who, command)
        before = _snapshot()
        for row in [r for r in load(landlord).letter_parts(kind) if r.required]:
            part = str(row.part)
            with monkeypatch.context() as patch:
                patch.setattr(step_letters.render, "letter", lambda facts, p=part: _without(whole(facts), p))
                with pytest.raises(service.Refused) as caught:
                    play.does(step.who, command, asked=False)
            missed = {miss.part: miss.source for miss in caught.value.misses}
            assert part in missed, f"{kind} without {part}: {caught.value.misses}"
            assert all(source in missed[part] for source in row.sources), (kind, part, missed[part])
            assert _snapshot() == before, f"{kind} without {part} left something behind"
            tried += 1
        # and with everything in it, it leaves
        play.does(step.who, command, asked=False)
        assert _snapshot() != before
    assert tried >= 45


# What a colleague can leave out by not typing it: at the stage where it is asked for, by the clause that asks.
TYPED: list[tuple[str, Specimen, str, Callable[[Play], c.Command], str, str]] = [
    (
        "no decision in short and none on the points",
        specimens.acknowledged,
        "hana",
        lambda p: response(p, decision=Words("")),
        "decision",
        "6.9 c",
    ),
    ("no finding on a point", specimens.acknowledged, "hana", response, "decision", "6.9 c"),
    ("no reasons", specimens.acknowledged, "hana", response, "reasons", "6.9 d"),
    ("no rule behind a point", specimens.acknowledged, "hana", response, "all_points", "6.7"),
    ("no remedy and no word why", specimens.acknowledged, "hana", response, "remedy", "6.9 e"),
    (
        "nothing about what is still owed",
        specimens.decided,
        "hana",
        lambda p: response(p, nothing_outstanding=False),
        "outstanding_actions",
        "6.9 f",
    ),
    ("no finding at stage 2", specimens.reviewed, "dora", response, "decision", "6.19 c"),
    ("no remedy at stage 2", specimens.reviewed, "dora", response, "remedy", "6.19 e"),
]


@pytest.mark.parametrize(
    ("what", "begin", "who", "command", "part", "clause"), TYPED, ids=[row[0] for row in TYPED]
)
def test_what_nobody_typed_is_missed(
    app: Flask,
    what: str,
    begin: Specimen,
    who: str,
    command: Callable[[Play], c.Command],
    part: str,
    clause: str,
) -> None:
    play = begin(Play("halton", specimens.team()))
    play.yes(who, command(play))
    before = _snapshot()
    with pytest.raises(service.Refused) as caught:
        play.does(who, command(play), asked=False)
    found = {miss.part: miss.source for miss in caught.value.misses}
    assert clause in found[part], found
    assert _snapshot() == before


def test_a_point_that_is_upheld_is_owned_up_to(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    for point in (1, 2):
        play.does("hana", specimens.decision(point, apology=None))
    play.does("hana", specimens.action_remedy(day("Wed 31 Mar 2027")))
    with pytest.raises(service.Refused) as caught:
        play.does("hana", response(play, apology=None))
    assert {(m.part, m.source) for m in caught.value.misses} == {
        ("apology", "Complaint Handling Code 2024, 7.1")
    }


def test_words_with_a_gap_in_them_do_not_leave(app: Flask) -> None:
    play = specimens.defined(Play("harrogate", specimens.team()))
    play.does("olive", definition("You told us on [date] that nobody came."))
    with pytest.raises(service.Refused) as caught:
        play.does("olive", c.Acknowledge())
    assert [m.part for m in caught.value.misses] == ["unfilled"]


def test_a_preview_names_what_perform_would_refuse_and_writes_nothing(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    before = _snapshot()
    with play.at():
        seen = service.preview(play.ref, response(play), play.actor("hana"))
    with pytest.raises(service.Refused) as caught:
        play.does("hana", response(play))
    assert seen.letter is not None
    assert seen.misses == caught.value.misses
    assert _snapshot() == before


def test_an_anonymous_complaint_is_worked_without_a_letter(app: Flask) -> None:
    play = Play("harrogate", specimens.team())
    play.submits(specimens.complaint(resident=None, anonymous=True))
    play.does("olive", definition())
    play.does("olive", c.Allocate(to=play.staff("hana")))
    done = play.does("olive", c.Acknowledge())
    assert done.letters == ()
    assert db.session.scalar(select(func.count()).select_from(Letter)) == 0
