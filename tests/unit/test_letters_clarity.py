"""Advice on a draft: easy to read, kind, true to the record. It is never heard where it would be wrong."""

from dataclasses import replace

import pytest

from shared.letters import clarity
from shared.letters.facts import Words
from shared.vocab import LetterKind
from tests.support.letters import full


def about(text, **changes):
    notes = clarity.notes(full(LetterKind.RESPONSE_1, decision=Words(text), **changes))
    return [(note.about, note.text) for note in notes if note.where == "decision"]


@pytest.mark.parametrize(
    ("easy", "hard"),
    [
        (
            "We came to your home. We saw the leak. We will mend it.",
            "Subsequent to the aforementioned inspection, remediation appeared to necessitate approval.",
        ),
    ],
)
def test_hard_text_reads_older_than_easy_text(easy, hard):
    assert clarity.reading_age(easy) <= 8
    assert clarity.reading_age(hard) >= 18
    assert clarity.reading_age("") == 5


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("The disrepair was seen.", "jargon", "“disrepair”"),
        ("We found HHSRS faults.", "jargon", "“HHSRS”"),
        ("Unfortunately the roof leaks.", "tone", "“Unfortunately”"),
        ("You failed to open the door.", "tone", "“You failed”"),
        ("Mr Smith will call.", "name", "“Mr Smith”"),
        ("We came on Tuesday 23 November 2026.", "date", "is a Monday"),
        ("We came on 31 September 2026.", "date", "not a day"),
        ("You complained on 3 May 2026.", "date", "16 November 2026"),
        ("You complained on 03/05/2026.", "date", "16 November 2026"),
        ("We will finish on 4 January 2027.", "date", "not among the actions"),
        ("We will pay you £80.", "money", "not among the remedies"),
        ("One " + "word " * 30 + "end.", "sentence", "32 words"),
    ],
)
def test_a_draft_gets_the_advice_it_needs(text, kind, says):
    assert any(found == kind and says in note for found, note in about(text))


@pytest.mark.parametrize(
    "text",
    [
        "The disrepair (things in your home that need mending) was seen.",
        "The Housing Health and Safety Rating System (HHSRS) has rules. The HHSRS asks for heat.",
        "Ms Begum told us. Sam Ali wrote it down.",
        "We came on Monday 23 November 2026.",
        "You complained on 16 November 2026.",
        "We will mend the gutter by 18 December 2026.",
        "We will pay you £1,250.00.",
        "You paid £80 for a heater.",
        "We have an MP and a GP.",
    ],
)
def test_a_good_draft_is_left_alone(text):
    assert about(text) == []


def test_sorry_is_missed_where_we_agree_and_only_there():
    points = tuple(
        replace(point, went_wrong=Words("Two visits were missed."))
        for point in full(LetterKind.RESPONSE_1).points
    )
    notes = clarity.notes(full(LetterKind.RESPONSE_1, points=points, apology=None))
    assert [(note.about, note.where) for note in notes] == [("apology", "points.1")]
    assert clarity.notes(full(LetterKind.RESPONSE_1, points=points)) == []


def test_words_that_are_not_ours_or_not_english_are_left_alone():
    theirs = Words("Unfortunately you failed to abide, notwithstanding the disrepair.")
    assert clarity.notes(full(LetterKind.RECEIPT, own_words=theirs, escalation_words=theirs)) == []
    polish = replace(theirs, language="pl")
    assert clarity.notes(full(LetterKind.PROGRESS, update=polish)) == []
