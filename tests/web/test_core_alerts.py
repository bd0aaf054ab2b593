"""Who is told of what time brings, and when: at working hours, each thing once, and nothing about a resident."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import delete, select

from shared import clock
from shared.cases import commands as c
from shared.cases.correspondence import alerts, inbound_mail
from shared.db import db, writing
from shared.models import Delegation, OutboxMessage, StaffAccount
from shared.policy.load import available, load
from tests.support import specimens
from tests.support.at_once import at_once
from tests.support.specimens import Play, instant

DATES = ("digest:", "soon:", "late:")


def told(when: str, kinds: tuple[str, ...] = DATES) -> list[str]:
    """What one run of the worker at this London moment queues: "who: subject", in order of the names."""
    query = select(OutboxMessage.id)
    before = set(db.session.scalars(query))
    with clock.pretend(instant(when)):
        alerts.tell("halton")
    fresh = [m for m in db.session.scalars(select(OutboxMessage)) if m.id not in before]
    fresh = [m for m in fresh if m.dedupe.startswith(kinds)]
    return sorted(
        f"{m.recipient.partition('@')[0]}: {m.subject.partition(': ')[2] or m.subject}" for m in fresh
    )


def quiet(when: str) -> list[str]:
    return told(when, ("soon:", "late:"))


def forget() -> None:
    """Let an earlier message of the story be out of the way."""
    with writing() as session:
        session.execute(delete(OutboxMessage))


# A complaint received on Monday 1 March 2027; the acknowledgement is due by Monday 8 March. Nobody has it yet.
STORY = """
Wed  3 Mar 2027 10:00 |
Thu  4 Mar 2027 07:00 |
Thu  4 Mar 2027 10:00 | olive: acknowledgement is due soon, omar: acknowledgement is due soon
Thu  4 Mar 2027 10:05 |
Fri  5 Mar 2027 10:00 |
Mon  8 Mar 2027 16:59 |
Mon  8 Mar 2027 23:59 |
Tue  9 Mar 2027 00:30 |
Tue  9 Mar 2027 08:59 |
Tue  9 Mar 2027 09:00 | mark: overdue, moira: overdue, olive: overdue, omar: overdue
Tue  9 Mar 2027 09:05 |
Wed 10 Mar 2027 09:00 |
Thu 11 Mar 2027 09:00 | olive: response is due soon, omar: response is due soon
Sat 13 Mar 2027 10:00 |
Mon 15 Mar 2027 09:00 | dora: overdue
Tue 16 Mar 2027 09:00 | mark: late, moira: late, olive: late, omar: late
"""


def test_from_the_first_warning_up_the_ladder(app: Flask) -> None:
    specimens.received(Play("halton", specimens.team()))
    forget()
    words = {"overdue": "stage 1 acknowledgement is overdue", "late": "stage 1 response is overdue"}
    for line in STORY.strip().splitlines():
        when, _, expected = (part.strip() for part in line.partition("|"))
        wanted = []
        for one in expected.split(", ") if expected else []:
            who, _, what = one.partition(": ")
            wanted.append(f"{who}: {words.get(what, f'stage 1 {what}')}")
        assert quiet(" ".join(when.split())) == wanted, when


@pytest.mark.parametrize(
    ("last_day", "silent", "opening"),
    [
        # Due on Thursday before Easter: Good Friday, the weekend and Easter Monday are no days to be told.
        ("Thu 25 Mar 2027", ("Fri 26 Mar 2027 10:00", "Sat 27 Mar 2027 10:00", "Mon 29 Mar 2027 10:00"),
         "Tue 30 Mar 2027 09:00"),
    ],
)  # fmt: skip
def test_a_promise_broken_before_a_long_weekend_is_told_at_the_next_opening(
    app: Flask, last_day: str, silent: tuple[str, ...], opening: str
) -> None:
    specimens.closed(Play("halton", specimens.team()))
    quiet(f"{last_day} 10:00")
    for moment in silent:
        assert quiet(moment) == [], moment
    assert quiet(opening) == [
        f"{who}: promise 1 is overdue" for who in ("dora", "mark", "moira", "sunita")
    ], "whoever holds the case, whose promise it is, and the managers"


def test_the_morning_brings_each_their_own_work_once(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    forget()
    assert told("Mon 8 Mar 2027 08:29", ("digest:",)) == []
    assert told("Mon 8 Mar 2027 08:30", ("digest:",)) == ["hana: Your complaints work today"]
    assert told("Mon 8 Mar 2027 11:00", ("digest:",)) == []
    assert told("Mon 8 Mar 2027 15:00", ("digest:",)) == []
    assert told("Tue 9 Mar 2027 13:00", ("digest:",)) == [], "it is a morning's letter"
    assert told("Wed 10 Mar 2027 11:59", ("digest:",)) == ["hana: Your complaints work today"]
    assert told("Sun 14 Mar 2027 09:00", ("digest:",)) == []
    text = db.session.scalars(select(OutboxMessage.text).where(OutboxMessage.dedupe.like("digest:%"))).first()
    assert text is not None
    assert play.ref in text
    assert "Open cases: 1" in text


def test_nothing_about_a_resident_leaves(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    forget()
    told("Tue 16 Mar 2027 09:00")
    resident = play.state.resident
    assert resident is not None
    secrets = (
        resident.name,
        "Amina",
        resident.email,
        resident.phone,
        "Elm Court",
        play.state.story.what[:20],
    )
    messages = db.session.scalars(select(OutboxMessage)).all()
    assert len(messages) > 3
    for message in messages:
        assert play.ref in message.text + message.subject
        assert not any(secret in message.text + message.subject for secret in secrets)


def stands_in(play: Play, away: str, for_them: str) -> None:
    with writing() as session:
        session.add(
            Delegation(
                from_id=play.people[away].id,
                to_id=play.people[for_them].id,
                from_on=date(2027, 3, 8),
                until_on=date(2027, 3, 19),
                made_by="Mark",
            )
        )


def test_a_stand_in_gets_what_the_absent_person_would(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    stands_in(play, "hana", "hugh")
    forget()
    assert told("Tue 9 Mar 2027 08:30", ("digest:",)) == ["hugh: Your complaints work today"]
    text = db.session.scalars(select(OutboxMessage.text)).one()
    assert "For Hana Price" in text
    late = quiet("Tue 16 Mar 2027 09:00")
    assert "hugh: stage 1 response is overdue" in late


def test_who_left_and_who_is_walled_off_hear_nothing(app: Flask) -> None:
    play = specimens.received(Play("halton", specimens.team()))
    play.does("mark", c.DeclareConflict(staff=play.staff("mark"), reason="My brother."))
    with writing() as session:
        session.get_one(StaffAccount, play.people["moira"].id).active = False
        session.get_one(StaffAccount, play.people["omar"].id).active = False
    forget()
    assert quiet("Tue 9 Mar 2027 09:00") == ["olive: stage 1 acknowledgement is overdue"]


def test_of_a_case_whose_handler_has_left_those_hear_who_name_another(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    with writing() as session:
        session.get_one(StaffAccount, play.people["hana"].id).active = False
    forget()
    heard = [one for one in quiet("Thu 11 Mar 2027 09:00") if "response is due soon" in one]
    assert [one.partition(":")[0] for one in heard] == ["olive", "omar"]


def test_the_morning_says_what_mail_waits_to_be_placed_and_since_when(app: Flask) -> None:
    specimens.team()
    with clock.pretend(instant("Fri 5 Mar 2027 18:00")):
        inbound_mail.take_in(b"From: new@example.org\r\nMessage-ID: <1@x>\r\n\r\nThe boiler is broken")
        inbound_mail.take_in(b"From: new@example.org\r\nMessage-ID: <2@x>\r\n\r\nStill broken")
    placers = told("Mon 8 Mar 2027 08:30", ("digest:",))
    assert {"olive: Your complaints work today", "omar: Your complaints work today"} <= set(placers)
    assert not any(one.startswith(("hana", "colin")) for one in placers), "only those who place mail"
    texts = set(db.session.scalars(select(OutboxMessage.text).where(OutboxMessage.dedupe.like("digest:%"))))
    assert all("Mail to place: 2, the oldest since Friday 5 March" in text for text in texts)
    assert not any("boiler" in text or "example.org" in text for text in texts)


def test_the_handlers_own_manager_hears_where_the_team_has_one(app: Flask) -> None:
    play = specimens.acknowledged(Play("halton", specimens.team()))
    with writing() as session:
        for who in ("hana", "moira"):
            session.get_one(StaffAccount, play.people[who].id).team = "North"
    forget()
    heard = [one.partition(":")[0] for one in quiet("Tue 16 Mar 2027 09:00") if "response is overdue" in one]
    assert heard == ["hana", "moira"]


def test_several_workers_at_once_tell_each_person_once(app: Flask) -> None:
    specimens.received(Play("halton", specimens.team()))
    forget()

    def work(_number: int) -> None:
        with clock.pretend(instant("Tue 9 Mar 2027 09:00")):
            alerts.tell("halton")

    at_once(app, 3, work)
    late = db.session.scalars(
        select(OutboxMessage.recipient).where(OutboxMessage.dedupe.like("late:%"))
    ).all()
    assert sorted(late) == [f"{who}@landlord.example" for who in ("mark", "moira", "olive", "omar")]


def test_a_worker_that_dies_half_way_leaves_nobody_out_and_tells_nobody_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = specimens.team()
    for _ in range(2):
        specimens.received(Play("halton", people))
    forget()
    done = alerts._queue
    calls = []

    def dies(*arguments: object) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return done(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(alerts, "_queue", dies)
    with pytest.raises(KeyboardInterrupt):
        quiet("Tue 9 Mar 2027 09:00")
    monkeypatch.setattr(alerts, "_queue", done)
    db.session.rollback()
    assert len(quiet("Tue 9 Mar 2027 09:05")) == 4
    keys = db.session.scalars(select(OutboxMessage.dedupe).where(OutboxMessage.dedupe.like("late:%"))).all()
    assert len(keys) == 8


@pytest.mark.parametrize("slug", available())
def test_every_landlord_says_when_and_who(slug: str) -> None:
    found = load(slug).landlord.alerts
    assert found is not None
    assert found.source
    assert found.ladder[0].role == "manager"
