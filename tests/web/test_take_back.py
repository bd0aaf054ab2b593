"""A letter can be taken back until it leaves: the case stands as before, the log keeps both, nothing is mailed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock, samples
from shared.cases import commands as c
from shared.cases import effects, event_log, files, queries, service, timeline
from shared.cases.state import StaffRef
from shared.db import db
from shared.identity.actors import Resident
from shared.letters.facts import Words
from shared.models import Case, Letter, OutboxMessage
from shared.vocab import Action, Stage
from tests.support.samples import jpeg


@pytest.fixture
def play(app: Flask) -> Iterator[samples.Play]:
    """A case defined and allocated, ready to be acknowledged, in a service where letters wait 30 seconds."""
    settings = app.extensions["redress"]
    app.extensions["redress"] = replace(settings, undo_seconds=30)
    sample = next(s for s in samples.SAMPLES if s.path == "defined")
    made = samples.Play(sample, samples.add_staff("low"), "halton")
    made.run()
    yield made
    app.extensions["redress"] = settings


def version(ref: str) -> int:
    return db.session.scalar(select(Case.version).where(Case.ref == ref)) or 0


def test_the_case_stands_as_it_stood_and_the_letter_never_leaves(play: samples.Play) -> None:
    officer = play.people["olive"]
    before = queries.case(play.ref, officer).state
    sent = service.perform(play.ref, c.Acknowledge(), officer, version(play.ref))
    view = queries.case(play.ref, officer)
    assert view.state.stage is Stage.STAGE_1
    assert Action.UNDO_SEND in view.allowed

    service.perform(play.ref, c.UndoSend(seq=sent.version), officer, sent.version)

    after = queries.case(play.ref, officer).state
    assert after.stage is Stage.RECEIVED
    assert after.milestones == before.milestones
    letter = db.session.scalars(select(Letter).where(Letter.seq == sent.version)).one()
    assert letter.undone
    waiting = db.session.scalars(select(OutboxMessage).where(OutboxMessage.letter_id == letter.id)).one()
    assert waiting.status == "cancelled"
    log = event_log.events(db.session(), sent.case_id)
    assert [e.command.action for e in log][-2:] == [Action.ACKNOWLEDGE, Action.UNDO_SEND]
    assert effects.fold(log) == after


def test_nobody_else_can_take_it_back_and_nobody_after_it_has_left(play: samples.Play) -> None:
    officer, manager = play.people["olive"], play.people["mark"]
    sent = service.perform(play.ref, c.Acknowledge(), officer, version(play.ref))
    with pytest.raises(service.NotAllowed):
        service.perform(play.ref, c.UndoSend(seq=sent.version), manager, sent.version)
    with clock.pretend(clock.now() + timedelta(seconds=31)), pytest.raises(service.NotAllowed):
        service.perform(play.ref, c.UndoSend(seq=sent.version), officer, sent.version)
    assert queries.case(play.ref, officer).state.stage is Stage.STAGE_1


def test_what_happened_since_keeps_the_letter_sent(play: samples.Play) -> None:
    officer = play.people["olive"]
    sent = service.perform(play.ref, c.Acknowledge(), officer, version(play.ref))
    noted = service.perform(play.ref, c.Note(text="She rang back."), officer, sent.version)
    with pytest.raises(service.NotAllowed):
        service.perform(play.ref, c.UndoSend(seq=sent.version), officer, noted.version)


def test_whoever_acted_has_acted_even_when_the_letter_was_taken_back(play: samples.Play) -> None:
    manager = play.people["mark"]
    sent = service.perform(play.ref, c.Acknowledge(), manager, version(play.ref))
    service.perform(play.ref, c.UndoSend(seq=sent.version), manager, sent.version)
    assert manager.id in queries.case(play.ref, manager).state.acted_stage_1


def test_the_resident_sees_nothing_of_it_until_it_has_left(play: samples.Play) -> None:
    officer, resident = play.people["olive"], Resident(play.ref, "")
    before = queries.case(play.ref, resident)
    sent = service.perform(play.ref, c.Acknowledge(), officer, version(play.ref))
    number = db.session.scalars(select(Letter.id).where(Letter.seq == sent.version)).one()

    held = queries.case(play.ref, resident)
    assert (held.state, held.events, held.letters) == (before.state, before.events, before.letters)
    assert held.duties == before.duties
    assert held.version == sent.version  # what she writes meanwhile is not lost
    with pytest.raises(service.NoSuchCase):
        queries.letter(play.ref, number, resident)
    assert queries.case(play.ref, officer).letters[-1].id == number  # whoever sent it looks at it

    with clock.pretend(clock.now() + timedelta(seconds=31)):
        left = queries.case(play.ref, resident)
        assert left.state.stage is Stage.STAGE_1
        assert left.letters[-1].id == number
        assert queries.letter(play.ref, number, resident).id == number


def test_what_was_taken_back_is_never_called_sent(play: samples.Play) -> None:
    officer, resident = play.people["olive"], Resident(play.ref, "")
    before = timeline.for_resident(queries.case(play.ref, resident).events)
    sent = service.perform(play.ref, c.Acknowledge(), officer, version(play.ref))
    service.perform(play.ref, c.UndoSend(seq=sent.version), officer, sent.version)
    view = queries.case(play.ref, resident)
    assert timeline.for_resident(view.events) == before
    assert [letter.kind for letter in view.letters] == ["receipt"]
    entry = next(
        e for e in timeline.for_staff(queries.case(play.ref, officer).events) if e.seq == sent.version
    )
    assert entry.title == "Acknowledgement sent: taken back, it never left"
    assert entry.seen_by == "internal"


def test_the_photo_that_proves_a_promise_waits_with_its_letter(play: samples.Play) -> None:
    """It is there for her when the letter has left, and never when the letter was taken back."""
    officer, resident = play.people["olive"], Resident(play.ref, "")
    owner = StaffRef(id=officer.id, name=officer.name)
    promise = c.Commit(text=Words("We dry the wall."), owner=owner, due_on=clock.today())
    service.perform(play.ref, promise, officer, version(play.ref))
    before = queries.case(play.ref, resident).files

    def done() -> tuple[int, service.Done]:
        photo = files.add(BytesIO(jpeg()), "wall.jpg", added_by=officer.display)
        command = c.CompleteCommitment(number=1, completed_on=clock.today(), proof="", files=(photo,))
        return photo.id, service.perform(play.ref, command, officer, version(play.ref))

    def sees(number: int) -> bool:
        try:
            shown = queries.file(play.ref, number, resident).id == number
        except service.NoSuchCase:
            shown = False
        assert shown == (number in {f.id for f in queries.case(play.ref, resident).files})
        return shown

    taken_back, sent = done()
    assert not sees(taken_back)
    service.perform(play.ref, c.UndoSend(seq=sent.version), officer, sent.version)
    assert not sees(taken_back)
    assert queries.file(play.ref, taken_back, officer).id == taken_back  # colleagues keep it

    kept, _sent = done()
    assert not sees(kept)
    with clock.pretend(clock.now() + timedelta(seconds=31)):
        assert sees(kept)
        assert not sees(taken_back)
        assert len(queries.case(play.ref, resident).files) == len(before) + 1


def test_a_word_from_the_resident_in_between_lets_the_letter_go(play: samples.Play) -> None:
    """Then it can no longer be taken back, so there is nothing left to hide."""
    officer, resident = play.people["olive"], Resident(play.ref, "")
    sent = service.perform(play.ref, c.Acknowledge(), officer, version(play.ref))
    service.perform(play.ref, c.Message(text="Any news?"), resident, sent.version)
    assert queries.case(play.ref, resident).state.stage is Stage.STAGE_1
