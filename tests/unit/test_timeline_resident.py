"""What a resident reads of the history: hers, and nothing that did not happen."""

import pytest
from flask import Flask
from flask_babel import Babel

from shared import clock
from shared.cases import commands as c
from shared.cases import timeline
from shared.cases.effects import Happened
from shared.letters.facts import Words
from shared.vocab import Action, Role

SAID = Words("We uphold it.")


@pytest.fixture(autouse=True)
def context() -> object:
    app = Flask("history")
    Babel(app)
    with app.test_request_context():
        yield


def event(seq: int, command: c.Command, actor: str = "staff:1") -> Happened:
    role = Role.OFFICER if actor.startswith("staff") else Role.RESIDENT
    return Happened(seq=seq, at=clock.now(), actor=actor, name="N", role=role, command=command)


def test_notes_and_assignments_stay_inside() -> None:
    events = (event(1, c.Note(text="A thought")), event(2, c.RaiseOverdue(clock="x", due_on=clock.today())))
    assert timeline.for_resident(events) == []


def test_a_letter_taken_back_was_never_sent() -> None:
    sent = event(1, c.Respond(decision=SAID, steps_taken=SAID))
    assert [e.title for e in timeline.for_resident((sent,))] == ["We sent you our answer"]
    assert timeline.for_resident((sent, event(2, c.UndoSend(seq=1)))) == []


def test_information_found_by_staff_is_not_hers_to_read_here() -> None:
    ours = event(1, c.AddInformation(text="From our files"))
    hers = event(2, c.AddInformation(text="From me"), actor="resident:X")
    assert [e.body for e in timeline.for_resident((ours, hers))] == ["From me"]


def test_every_title_belongs_to_an_action() -> None:
    assert set(timeline.RESIDENT_TITLES) <= set(Action)
