"""A yes is asked for by e-mail, given in person, and leaves both in the log."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shared.cases import approvals, service
from shared.cases import commands as c
from shared.db import db
from shared.models import OutboxMessage
from shared.vocab import Action
from tests.support import specimens
from tests.support.specimens import Play, more_time


def mailed(subject: str) -> list[str]:
    about = OutboxMessage.subject.contains(subject)
    db.session.rollback()
    return sorted(db.session.scalars(select(OutboxMessage.recipient).where(about)))


def test_who_is_asked_hears_of_it_and_so_does_who_asked(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    ten = more_time(play, 10)
    with pytest.raises(service.Refused) as caught:
        play.does("hana", ten, asked=False)
    assert "Mark Dunn has not said yes to 10 more working days" in str(caught.value)
    ask = c.AskCheck(of=play.staff("mark"), about=Action.EXTEND, exactly=approvals.covered(play.state, ten))
    play.does("hana", ask, asked=False)
    assert mailed("your yes is asked for") == ["mark@landlord.example"]
    text = db.session.scalars(
        select(OutboxMessage.text).where(OutboxMessage.subject.contains("your yes"))
    ).one()
    assert "10 more working days" in text
    with pytest.raises(service.NotAllowed):  # nobody answers for him
        play.does("moira", c.Check(about=Action.EXTEND, fine=True), asked=False)
    play.does("mark", c.Check(about=Action.EXTEND, fine=True), asked=False)
    assert mailed("your question was answered") == ["hana@landlord.example"]
    play.does("hana", ten, asked=False)
    assert [e.command.action for e in play.events][-3:] == [Action.ASK_CHECK, Action.CHECK, Action.EXTEND]
    assert play.state.checks == ()


def test_a_letter_taken_back_gives_its_yes_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = replace(app.extensions["redress"], undo_seconds=30)
    monkeypatch.setitem(app.extensions, "redress", waiting)
    play = specimens.acknowledged(Play("halton", specimens.team()))
    ten = more_time(play, 10)
    done = play.does("hana", ten)
    play.does("hana", c.UndoSend(seq=done.version), play.now + timedelta(seconds=10))
    assert play.state.extensions == ()
    play.does("hana", ten, asked=False)
    assert len(play.state.extensions) == 1
