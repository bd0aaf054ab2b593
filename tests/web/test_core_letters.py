"""Letters that go by themselves: a moved promise, a changed definition, and the question how it was."""

import pytest
from flask import Flask
from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import queries, service
from shared.db import db
from shared.letters import gate, render
from shared.letters.facts import Words
from shared.models import Letter, OutboxMessage
from shared.vocab import CloseReason, Finding, LetterKind
from tests.support import specimens
from tests.support.specimens import Play, day, definition, redefinition

LATER = day("Fri 9 Apr 2027")


def sent(play: Play) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Letter.kind).order_by(Letter.id)))


def newest(kind: LetterKind) -> Letter:
    found = db.session.scalars(select(Letter).where(Letter.kind == kind).order_by(Letter.id.desc())).first()
    assert found is not None
    return found


def learned(play: Play) -> Play:
    play.does("omar", c.RecordLearning(theme="Repairs", words="Ring first."))
    return play


def moved(play: Play, **changes: object) -> c.MoveCommitment:
    owner = play.staff("sunita")
    command = c.MoveCommitment(number=1, due_on=LATER, owner=owner, reason="The plaster is still wet.")
    return specimens.replace_in(command, **changes)


# ---- a promise gets another day ---------------------------------------------------------------------------


def test_a_moved_promise_tells_both_days_and_why(app: Flask) -> None:
    play = specimens.answered(Play("halton", specimens.team()))
    play.does("sunita", moved(play))
    letter = newest(LetterKind.PROGRESS)
    finished = render.reopen(letter.html)
    assert gate.present(finished, "promise_moved")
    for words in (
        "Mend the wall.",
        "25 March 2027",
        "9 April 2027",
        "The plaster is still wet.",
        "We are sorry",
    ):
        assert words in letter.text
    assert db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.letter_id == letter.id))


def test_an_earlier_day_is_told_without_regret(app: Flask) -> None:
    play = specimens.answered(Play("halton", specimens.team()))
    play.does("sunita", moved(play, due_on=day("Fri 19 Mar 2027")))
    text = newest(LetterKind.PROGRESS).text
    assert "19 March 2027" in text
    assert "We are sorry" not in text


def test_nobody_is_written_to_when_only_the_owner_changes(app: Flask) -> None:
    play = specimens.answered(Play("halton", specimens.team()))
    before = sent(play)
    play.does("sunita", moved(play, due_on=day("Thu 25 Mar 2027"), owner=play.staff("dora")))
    assert sent(play) == before
    assert play.state.last_sent is None


@pytest.mark.parametrize("language", ["ar", "pl"])
def test_the_reason_waits_for_its_translation_in_the_open(app: Flask, language: str) -> None:
    play = Play("halton", specimens.team())
    play.submits(specimens.complaint(language=language))
    play.does(
        "olive", c.Commit(text=Words("Mend it.", translation="X"), owner=play.staff("sunita"), due_on=LATER)
    )
    play.does("sunita", moved(play, due_on=day("Mon 12 Apr 2027")))
    assert "data-untranslated" in newest(LetterKind.PROGRESS).html
    play.does("sunita", moved(play, due_on=day("Tue 13 Apr 2027"), translation="Przetłumaczone"))
    assert "Przetłumaczone" in newest(LetterKind.PROGRESS).text


# ---- the complaint is understood otherwise ----------------------------------------------------------------


def test_a_changed_definition_is_told_once_she_has_read_another(app: Flask) -> None:
    play = specimens.defined(Play("halton", specimens.team()))
    play.does("olive", definition("Mould."))
    assert sent(play) == ["receipt"]
    play.does("olive", c.Acknowledge())
    play.does("hana", definition("Mould."))  # the same again
    assert sent(play) == ["receipt", "acknowledgement_1"]
    play.does(
        "hana", redefinition("Mould.", "The lift is broken.", why="You told us of the lift on the phone.")
    )
    letter = newest(LetterKind.PROGRESS)
    assert gate.present(render.reopen(letter.html), "definition_changed")
    for words in ("The lift is broken.", "You told us of the lift on the phone.", "Is this right?"):
        assert words in letter.text


def test_at_stage_2_the_acknowledgement_tells_it_and_later_a_letter(app: Flask) -> None:
    play = specimens.escalated(Play("halton", specimens.team()))
    before = sent(play)
    play.does("olive", redefinition("There was mould.", "We did not ring."))
    assert sent(play) == before
    play.does("olive", c.Allocate(to=play.staff("dora")))
    play.does("olive", c.Acknowledge())
    assert "There was mould." in newest(LetterKind.ACKNOWLEDGEMENT_2).text
    play.does("olive", redefinition("There is mould.", "We did not ring."))
    assert "There is mould." in newest(LetterKind.PROGRESS).text


# ---- words that wait for a translation --------------------------------------------------------------------


def test_a_translation_that_a_letter_announced_is_seen_to_and_sent(app: Flask) -> None:
    play = Play("halton", specimens.team()).submits(specimens.complaint(language="pl"))
    translated = c.UpdateResident(message=Words("We came.", translation="Byliśmy u Państwa."))
    play.does("olive", translated)
    assert play.state.untranslated == frozenset()
    done = play.does("olive", c.UpdateResident(message=Words("The plumber comes. You paid £60.")))
    waiting = f"letter:{done.version}"
    assert play.state.untranslated == {waiting}
    assert play.row.awaits_translation
    command = c.Translate(
        of=waiting, text="Hydraulik przyjdzie. Zapłacono £60.", language="pl", translator="A. Nowak"
    )
    for slip in ({"language": "en"}, {"text": "Hydraulik przyjdzie. Zapłacono £600."}):
        with pytest.raises(service.Refused):
            play.does("olive", specimens.replace_in(command, **slip))
    play.does("olive", command)
    assert play.state.untranslated == frozenset()
    assert "Hydraulik przyjdzie. Zapłacono £60." in newest(LetterKind.PROGRESS).text
    assert "data-untranslated" not in newest(LetterKind.PROGRESS).html


# ---- how it was -------------------------------------------------------------------------------------------


def finish(play: Play) -> Play:
    specimens.reviewed(play)
    play.does("dora", specimens.decision(1), "Mon 15 Mar 2027 10:00")
    play.does("dora", specimens.decision(2, Finding.PARTLY_UPHELD))
    play.does("dora", specimens.action_remedy(day("Wed 31 Mar 2027")))
    play.does("dora", specimens.response(play, checked_by=play.staff("omar")))
    learned(play)
    play.does("omar", c.Close(reason=CloseReason.FINAL_RESPONSE))
    return play


DONE = c.CompleteCommitment(number=1, completed_on=day("Mon 15 Mar 2027"), proof="Photo.")


@pytest.mark.parametrize(
    ("landlord", "at_closing", "when_done"),
    [
        ("halton", ["closing", "survey"], ["promise_done"]),
        ("housing-services", ["closing", "survey"], ["promise_done"]),
        # "After all complaints have been fully resolved": the last promise is kept first.
        ("harrogate", ["closing"], ["promise_done", "survey"]),
    ],
)
def test_the_survey_goes_when_the_landlords_file_says(
    app: Flask, landlord: str, at_closing: list[str], when_done: list[str]
) -> None:
    play = finish(Play(landlord, specimens.team()))
    letters = sent(play)
    assert letters[-len(at_closing) :] == at_closing
    assert letters.count("survey") == at_closing.count("survey")
    play.does("sunita", DONE)
    assert sent(play)[len(letters) :] == when_done
    survey = newest(LetterKind.SURVEY)
    assert "/en/my-complaint/feedback" in survey.text
    assert play.state.surveyed_on is not None
    play.does("resident", c.ConfirmCommitment(number=1, done=False))
    play.does("sunita", DONE)
    assert sent(play).count("survey") == 1  # once for a complaint


def test_who_has_told_us_already_is_not_asked(app: Flask) -> None:
    play = learned(specimens.answered(Play("halton", specimens.team())))
    play.does("resident", c.GiveFeedback(satisfied=4))
    play.does("omar", c.Close(reason=CloseReason.RESOLVED, words=Words("She rang.")))
    assert "survey" not in sent(play)


def test_who_withdrew_is_asked_and_who_was_refused_is_not(app: Flask) -> None:
    team = specimens.team()
    withdrawn = specimens.acknowledged(Play("halton", team))
    withdrawn.does("resident", c.Withdraw())
    assert sent(withdrawn)[-2:] == ["closing", "survey"]
    refused = specimens.refused(Play("halton", team))
    refused.does("omar", c.Close(reason=CloseReason.NOT_ACCEPTED))
    assert sent(refused)[-1] == "closing"


def test_taking_a_closing_letter_back_takes_the_survey_back(app: Flask) -> None:
    play = learned(specimens.answered(Play("halton", specimens.team())))
    row = play.row.version
    with play.at():
        service.perform(
            play.ref, c.Close(reason=CloseReason.RESOLVED, words=Words("She rang.")), play.actor("omar"), row
        )
    seq = play.row.version
    rows = db.session.scalars(select(Letter).where(Letter.seq == seq)).all()
    assert [one.kind for one in rows] == ["closing", "survey"]


def test_a_quick_resolution_says_that_a_formal_answer_is_still_hers(app: Flask) -> None:
    play = Play("halton", specimens.team()).submits()
    note = "She agreed on the phone to a plumber today instead of a letter."
    play.does("olive", c.Triage(risk=specimens.Risk.ROUTINE, note=note, quick_resolution_agreed=True))
    learned(play)
    play.does("olive", c.Close(reason=CloseReason.RESOLVED, words=Words("The tap works.")))
    letter = newest(LetterKind.CLOSING)
    assert gate.present(render.reopen(letter.html), "formal_answer")
    assert "stage 2" not in letter.text.split("Making this work")[0]
    with play.at():
        assert "reopen" in queries.case(play.ref, play.actor("resident")).allowed


def test_a_refusal_promises_no_answer_and_is_no_decision_of_whoever_looked_into_stage_1(app: Flask) -> None:
    play = specimens.escalated(Play("halton", specimens.team()))
    ground = {"ground": "legal_proceedings", "court_filed_on": day("Mon 1 Mar 2027")}
    play.does("omar", specimens.refusal(c.DeclineEscalation, approver=play.staff("mark"), **ground))
    letter = newest(LetterKind.ESCALATION_DECLINED)
    assert "You reported mould and nobody came." in letter.text
    assert "We will answer" not in letter.text
    assert "Hana Price" not in letter.text
    assert "Yours sincerely\n\nCustomer Resolutions Team" in letter.text


def test_who_agreed_to_more_time_is_thanked_and_keeps_the_way_to_the_ombudsman(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    play.does("hana", specimens.more_time(play, 5))
    text = newest(LetterKind.EXTENSION).text
    assert text.index("You told us that you agree") < text.index("If you do not agree with the new date\n")
    assert "you can contact the Housing Ombudsman now" in text
