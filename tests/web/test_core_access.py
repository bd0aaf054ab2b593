"""Who may read and do what on whose case: strangers, helpers by scope, and the wall around a conflict."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import drafts, files, linking, queries, service, standing, timeline
from shared.cases.inbox import finding, lists
from shared.cases.state import Consent
from shared.db import db
from shared.identity.actors import Actor, Representative, Resident, System
from shared.letters.facts import Words
from shared.models import Attachment, Case, CaseEvent, Letter
from shared.vocab import Action, Channel, ConsentScope, Risk, Stage
from tests.support import specimens
from tests.support.specimens import HELPER, Play, complaint, day


def picture() -> BytesIO:
    raw = BytesIO()
    Image.new("RGB", (8, 8), "#456").save(raw, "PNG")
    raw.seek(0)
    return raw


def anything() -> list[c.Command]:
    """A command of every kind that a person can send, well formed."""
    person = specimens.RESIDENT
    ref = specimens.StaffRef(id=1, name="Olive Moss")
    words = Words("x")
    on = day("Fri 12 Mar 2027")
    given: dict[str, Any] = {
        "kind": "apology", "risk": Risk.ROUTINE, "channel": Channel.PHONE, "happened_at": clock.now(),
        "words": "x", "text": "x", "resident": person, "safety": specimens.complaint().safety, "needs": (),
        "code": "large_print", "met": True, "points": (), "outcomes": (), "responsible_for": words,
        "not_responsible_for": words, "question": words, "number": 1, "answer": "x", "staff": ref, "reason": "x",
        "to": ref, "ground": "x", "reasons": words, "evidence": words, "exceptional": words, "approver": ref,
        "ordered_on": on, "point": 1, "finding": "upheld", "basis": words, "owner": ref, "due_on": on,
        "completed_on": on, "proof": "x", "done": True, "days": 5, "reason_code": "x", "agreement_sought": True,
        "agreed": True, "message": words, "decision": words, "steps_taken": words, "consent": Consent(),
        "theme": "x", "of": "story", "language": "en", "translator": "x", "ref": "HAL-2027-9999", "why": "x",
        "address": "x", "fails": True,
        "step": "asked", "happened_on": on, "about": Action.RESPOND, "fine": True, "seq": 1, "satisfied": 5,
        "item": "1", "clock": "x",
    }  # fmt: skip
    special: dict[type[c.Command], dict[str, Any]] = {
        c.Extend: {"reason": words},
        c.Commit: {"text": words},
        c.OfferRemedy: {"text": words},
        c.Triage: {"kind": "complaint"},
        c.Close: {"reason": "resolved"},
        c.AnswerChecklist: {"answer": True},
        c.AskCheck: {"of": ref},
        c.Mediate: {"answer": ""},
    }
    found = []
    for command in c.COMMANDS.values():
        if command is c.Submit:
            continue
        wanted = {n: given[n] for n in command.__struct_fields__ if n in given and n != "resident"}
        wanted |= special.get(command, {})
        if command is c.ChangeContact:
            wanted["resident"] = person
        found.append(command(**wanted))
    return found


# ---- somebody else's case -------------------------------------------------------------------------------

STRANGERS: list[tuple[str, Callable[[str], Actor]]] = [
    ("another resident", lambda other: Resident(other, "Zofia")),
    ("another case's helper", lambda other: Representative(other, "Zofia", ConsentScope.EVERYTHING)),
    ("nobody's resident", lambda other: Resident("", "Zofia")),
]


@pytest.mark.parametrize(("who", "make"), STRANGERS, ids=[row[0] for row in STRANGERS])
def test_another_persons_case_is_not_there(app: Flask, who: str, make: Callable[[str], Actor]) -> None:
    team = specimens.team()
    mine = specimens.received(Play("halton", team))
    with FilesOf(mine) as file_id:
        other = specimens.received(Play("halton", team))
        stranger = make(other.ref)
        letter_id = db.session.scalar(select(Letter.id)) or 0
        asked: list[Callable[[], object]] = [
            lambda: queries.case(mine.ref, stranger),
            lambda: queries.letter(mine.ref, letter_id, stranger),
            lambda: queries.file(mine.ref, file_id, stranger),
            lambda: queries.letter(other.ref, letter_id, stranger),
            lambda: queries.file(other.ref, file_id, stranger),
            lambda: linking.raise_complaint(mine.ref, "x", "y", stranger),
        ]
        with other.at():
            asked += [
                lambda command=command: service.perform(mine.ref, command, stranger) for command in anything()
            ]
            asked += [
                lambda command=command: service.preview(mine.ref, command, stranger) for command in anything()
            ]
            version, cases = mine.row.version, len(db.session.scalars(select(Case.id)).all())
            for question in asked:
                with pytest.raises(service.NoSuchCase):
                    question()
        assert mine.row.version == version
        assert len(db.session.scalars(select(Case.id)).all()) == cases


class FilesOf:
    """A file on a case, as the resident added it."""

    def __init__(self, play: Play) -> None:
        self.play = play

    def __enter__(self) -> int:
        found = files.add(picture(), "wall.png", added_by="Amina")
        self.play.does("resident", c.AddInformation(text="See.", files=(found,)))
        return found.id

    def __exit__(self, *rest: object) -> None:
        pass


def test_a_case_that_does_not_exist_looks_the_same(app: Flask) -> None:
    team = specimens.team()
    for actor in (team["olive"], Resident("HAL-2027-9999-9", "Amina"), System("deadlines")):
        with pytest.raises(service.NoSuchCase):
            service.perform("HAL-2027-9999-9", c.Note(text="x"), actor)
        with pytest.raises(service.NoSuchCase):
            service.preview("HAL-2027-9999-9", c.Note(text="x"), actor)
        with pytest.raises(service.NoSuchCase):
            queries.case("HAL-2027-9999-9", actor)


def test_a_colleague_without_the_inbox_reads_no_case(app: Flask) -> None:
    team = specimens.team()
    play = specimens.received(Play("halton", team))
    with pytest.raises(service.NoSuchCase):
        queries.case(play.ref, team["carl"])
    assert lists.inbox(team["carl"]).rows == ()
    assert lists.counts(team["carl"]) == {}
    assert not finding.find(team["carl"], play.ref).hits


# ---- files ----------------------------------------------------------------------------------------------


def test_nobody_takes_a_file_out_of_somebody_elses_draft_or_case(app: Flask) -> None:
    team = specimens.team()
    mine, other = specimens.received(Play("halton", team)), specimens.received(Play("halton", team))
    draft, _token = drafts.begin("en", {})
    waiting = files.add(picture(), "kitchen.png", added_by="draft", draft_id=draft)
    owned = files.add(picture(), "wall.png", added_by="Amina")
    mine.does("resident", c.AddInformation(text="See.", files=(owned,)))
    for stolen in (waiting, owned, replace_id(owned, 9999)):
        version = other.row.version
        with pytest.raises(service.Refused) as caught:
            other.does("resident", c.Message(text="Mine.", files=(stolen,)))
        assert [p.field for p in caught.value.problems] == ["files"]
        assert other.row.version == version
    db.session.rollback()
    assert db.session.get_one(Attachment, waiting.id).draft_id == draft
    assert db.session.get_one(Attachment, owned.id).case_id == mine.row.id


def replace_id(ref: Any, number: int) -> Any:
    return specimens.replace_in(ref, id=number)


def test_a_submission_takes_the_files_of_its_own_draft_alone(app: Flask) -> None:
    specimens.team()
    hers, _token = drafts.begin("en", {})
    his, _token = drafts.begin("en", {})
    photo = files.add(picture(), "kitchen.png", added_by="draft", draft_id=his)
    with clock.pretend(specimens.instant(specimens.BEGUN)):
        with pytest.raises(service.Refused):
            service.submit(complaint(files=(photo,)), Resident("", "Amina"), "halton", hers)
        done = service.submit(complaint(files=(photo,)), Resident("", "Tom"), "halton", his)
        again = service.submit(complaint(files=(photo,)), Resident("", "Tom"), "halton", his)
    assert again.again
    assert again.ref == done.ref
    assert len(db.session.scalars(select(Case)).all()) == 1


# ---- helpers by scope ------------------------------------------------------------------------------------
# What a helper may read and do: by what the resident said, and until when. Yesterday and today are counted from
# Monday 15 March 2027, when the case has been answered and the helper looks.

TODAY = day("Mon 15 Mar 2027")
YESTERDAY = TODAY - timedelta(days=1)
ADD = {"add_information"}
WRITES = ADD | {"message"}
ACTS = WRITES | {"escalate", "mediate", "confirm_commitment", "give_feedback", "link"}
NOTHING: tuple[set[str], bool, bool, set[str]] = ({"receipt"}, False, False, ADD)
#   scope, until -> letters, files, events, actions
SCOPES = [
    (ConsentScope.NONE, None, NOTHING),
    (ConsentScope.REFUSED, None, NOTHING),
    (ConsentScope.SOME, None, ({"receipt"}, False, False, WRITES)),
    (ConsentScope.SOME, TODAY, ({"receipt"}, False, False, WRITES)),
    (ConsentScope.SOME, YESTERDAY, NOTHING),
    (ConsentScope.ME_AS_WELL, None, ({"receipt", "acknowledgement_1", "response_1"}, True, True, ACTS)),
    (ConsentScope.ME_AS_WELL, YESTERDAY, NOTHING),
    (ConsentScope.EVERYTHING, None, ({"receipt", "acknowledgement_1", "response_1"}, True, True, ACTS)),
    (ConsentScope.EVERYTHING, TODAY, ({"receipt", "acknowledgement_1", "response_1"}, True, True, ACTS)),
    (ConsentScope.EVERYTHING, YESTERDAY, NOTHING),
]


def test_what_a_helper_may_know_follows_the_residents_word_at_once(app: Flask) -> None:
    play = specimens.answered(Play("halton", specimens.team(), helper=HELPER))
    with FilesOf(play):
        for scope, until, expected in SCOPES:
            asked = Consent(scope=scope, until=None, topics="the repairs")
            play.does("resident", c.SetConsent(consent=asked), "Mon 15 Mar 2027 10:00")
            if until is not None:
                told = specimens.replace_in(asked, until=until)
                when = specimens.instant("Mon 1 Mar 2027 11:00") if until < TODAY else None
                play.does("resident", c.SetConsent(consent=told), when)
            play.now = specimens.instant("Mon 15 Mar 2027 12:00")
            with clock.pretend(play.now):
                view = queries.case(play.ref, play.actor("helper"))
            seen = (
                {one.kind for one in view.letters},
                bool(view.files),
                bool(view.events),
                {action.value for action in view.allowed},
            )
            assert seen == expected, (scope, until)
            told = expected[1]
            assert ("mould" in str(view.state)) is told, (scope, until)
            assert ("Elm Court" in str(view.state)) is told, (scope, until)


def test_a_helper_reads_no_letter_by_its_number(app: Flask) -> None:
    play = specimens.answered(Play("halton", specimens.team(), helper=HELPER))
    answer = db.session.scalars(select(Letter).where(Letter.kind == "response_1")).one()
    helper = play.actor("helper")
    with pytest.raises(service.NoSuchCase):
        queries.letter(play.ref, answer.id, helper)
    with play.at():
        assert queries.letter(play.ref, answer.id, play.actor("resident")).id == answer.id
    play.does("resident", c.SetConsent(consent=Consent(scope=ConsentScope.ME_AS_WELL)))
    with clock.pretend(play.now):
        assert queries.letter(play.ref, answer.id, helper).id == answer.id


@pytest.mark.parametrize(
    ("scope", "readers"),
    [
        (ConsentScope.NONE, {"resident"}),
        (ConsentScope.REFUSED, {"resident"}),
        (ConsentScope.SOME, {"resident"}),
        (ConsentScope.EVERYTHING, {"representative"}),
        (ConsentScope.ME_AS_WELL, {"resident", "representative"}),
    ],
)
def test_to_whom_the_letters_go(app: Flask, scope: ConsentScope, readers: set[str]) -> None:
    play = specimens.helped(Play("halton", specimens.team()), scope)
    play.does("olive", specimens.definition())
    play.does("olive", c.Allocate(to=play.staff("hana")))
    play.does("olive", c.Acknowledge())
    sent = db.session.scalars(select(Letter).where(Letter.kind == "acknowledgement_1")).all()
    assert {one.to for one in sent} == readers


def test_a_helper_without_consent_starts_the_case_and_learns_nothing_of_it(app: Flask) -> None:
    """It decides what we tell, never whether we start (3.6)."""
    play = Play("halton", specimens.team(), helper=HELPER)
    play.submits(complaint(helper=HELPER), by="helper")
    receipt = db.session.scalars(select(Letter).where(Letter.to == "representative")).one()
    assert play.row.ref in receipt.text
    assert "mould" not in receipt.text
    assert "4 Elm Court" not in receipt.text
    assert play.state.stage is Stage.RECEIVED


def test_a_new_complaint_by_a_helper_waits_for_the_residents_own_word(app: Flask) -> None:
    play = specimens.helped(Play("halton", specimens.team()), ConsentScope.EVERYTHING)
    with play.at():
        done = linking.raise_complaint(play.ref, "The lift too.", "A new point.", play.actor("helper"))
    by_helper = replace(play, ref=done.ref)
    assert by_helper.state.consent.scope is ConsentScope.NONE
    with play.at():
        done = linking.raise_complaint(play.ref, "The roof too.", "A new point.", play.actor("resident"))
    assert replace(play, ref=done.ref).state.consent.scope is ConsentScope.EVERYTHING


# ---- the wall ---------------------------------------------------------------------------------------------


def test_behind_the_wall_the_case_is_not_there(app: Flask) -> None:
    team = specimens.team()
    play = specimens.answered(Play("halton", team))
    hana = team["hana"]
    play.does("hana", c.DeclareConflict(staff=play.staff("hana"), reason="My cousin."))
    assert (play.state.handler, play.state.conflicts) == (None, frozenset({hana.id}))
    letter_id = db.session.scalar(select(Letter.id)) or 0
    with play.at():
        asked: list[Callable[[], object]] = [
            lambda: queries.case(play.ref, hana),
            lambda: queries.letter(play.ref, letter_id, hana),
            lambda: linking.raise_complaint(play.ref, "x", "y", hana),
        ]
        asked += [partial(service.perform, play.ref, command, hana) for command in anything()]
        asked += [partial(service.preview, play.ref, command, hana) for command in anything()]
        version = play.row.version
        for question in asked:
            with pytest.raises(service.NoSuchCase):
                question()
        for tab in lists.TABS:
            assert play.ref not in {row.ref for row in lists.inbox(hana, tab).rows}
        assert finding.find(hana, play.ref).hits == ()
        assert lists.chosen(hana, [play.ref]) == ()
        assert lists.counts(hana)["unassigned"] == 0
        assert lists.counts(team["olive"])["unassigned"] == 1
    assert play.row.version == version


def test_at_stage_2_the_wall_takes_the_case_from_the_reviewer(app: Flask) -> None:
    play = specimens.reviewed(Play("halton", specimens.team()))
    play.does("olive", c.DeclareConflict(staff=play.staff("dora"), reason="She told me: her aunt."))
    assert play.state.reviewer is None
    assert play.row.holder_id is None
    play.does("olive", c.Allocate(to=play.staff("moira")))
    assert play.state.reviewer is not None


# ---- what residents see of the history --------------------------------------------------------------------


def test_a_note_never_leaves_the_building(app: Flask) -> None:
    play = specimens.received(Play("halton", specimens.team()))
    play.does("olive", c.Note(text="Looks like a difficult customer."))
    play.does("olive", c.Triage(risk=Risk.URGENT, at_risk="A baby with asthma", note="Rang her doctor."))
    play.does("olive", c.Tag(add=("difficult",)))
    with clock.pretend(play.now):
        view = queries.case(play.ref, play.actor("resident"))
        shown = str(timeline.for_resident(view.events))
    assert not [word for word in ("difficult", "asthma", "doctor") if word in shown]
    assert "difficult" in str(timeline.for_staff(view.events))


def test_what_was_taken_back_was_never_sent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = replace(app.extensions["redress"], undo_seconds=30)
    monkeypatch.setitem(app.extensions, "redress", waiting)
    play = specimens.defined(Play("halton", specimens.team()))
    done = play.does("olive", c.Acknowledge())
    seen = str(timeline.for_resident(tuple(play.events)))
    undo = play.now + timedelta(seconds=10)
    play.does("olive", c.UndoSend(seq=done.version), undo)
    assert play.state.stage is Stage.RECEIVED
    with clock.pretend(undo):
        view = queries.case(play.ref, play.actor("resident"))
        after = str(timeline.for_resident(view.events))
    assert {one.kind for one in view.letters} == {"receipt"}
    assert "looking into it" in seen
    assert "looking into it" not in after


# ---- every action is refused to whom the table does not name ----------------------------------------------


@pytest.mark.parametrize("who", ["carl", "mabel", "helper", "resident"])
def test_a_step_that_is_not_open_writes_nothing(app: Flask, who: str) -> None:
    play = specimens.helped(Play("halton", specimens.team()), ConsentScope.NONE)
    with play.at():
        open_to = standing.allowed(play.state, play.actor(who), play.policy)
    before = len(db.session.scalars(select(CaseEvent.id)).all())
    for command in anything():
        if command.action not in open_to:
            with pytest.raises(service.NotAllowed):
                play.does(who, command)
    assert len(db.session.scalars(select(CaseEvent.id)).all()) == before


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**64])
def test_a_number_that_no_database_holds_is_nobodys(app: Flask, number: int) -> None:
    mine = specimens.received(Play("halton", specimens.team()))
    for actor in (mine.actor("resident"), mine.actor("olive")):
        for read in (queries.letter, queries.file):
            with pytest.raises(service.NoSuchCase):
                read(mine.ref, number, actor)
