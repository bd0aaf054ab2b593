"""What a resident needs changes what we do: her own dates, and what somebody of ours has to arrange (Code 5.10)."""

from msgspec.structs import replace
from sqlalchemy import select

from shared import clock
from shared.cases import case_clocks, queries, service
from shared.cases import commands as c
from shared.cases.inbox import lists
from shared.cases.state import Need, Story, Task
from shared.db import db
from shared.deadlines.compute import RESIDENTS_OWN
from shared.models import CaseTask, Letter, OutboxMessage
from shared.policy.terms import ClockName
from shared.vocab import Channel, Kind, Risk
from tests.support.client import Client
from tests.support.portal import Complaint, Team, complaint, sign_in


def dues(case: Complaint) -> dict[ClockName, object]:
    db.session.expire_all()
    return {name: found.due for name, found in queries.case(case.ref, case.resident).clocks.items()}


def ask_for_time(client: Client) -> None:
    client.submit("/en/my-complaint/needs", {"needs_time": ["more_time"]}, form="#answer", press="Save")


def test_her_window_grows_and_our_dates_stay(client: Client, people: Team) -> None:
    case = complaint()
    sign_in(client, case.ref, case.code)
    before = dues(case)
    ask_for_time(client)
    assert dues(case) == before  # nothing of hers runs yet
    client.submit("/en/my-complaint/needs", {"needs_time": []}, form="#answer", press="Save")
    people.acknowledge(case.ref)
    people.promise(case.ref)
    people.respond(case.ref)
    before = dues(case)
    assert ClockName.ESCALATION_WINDOW in before
    page = client.page("/en/my-complaint")
    ask_for_time(client)
    after = dues(case)
    assert {name for name in before if before[name] != after[name]} == {ClockName.ESCALATION_WINDOW}
    view = queries.case(case.ref, case.resident)
    window = view.clocks[ClockName.ESCALATION_WINDOW]
    assert window.extended_by == view.policy.landlord.more_time_days == 10
    assert view.calendar.add_working_days(window.unextended_due, 10) == window.due_on  # type: ignore[arg-type]
    later = client.page("/en/my-complaint")
    assert later.main != page.main
    assert "10 working days more, because you need more time" in later.main


def test_what_runs_for_her_is_none_of_our_duties(people: Team) -> None:
    """Whatever is lengthened for her must never be a duty that could be put off by it."""
    assert not RESIDENTS_OWN & {name for names in case_clocks._OWED.values() for name in names}


# What has to be arranged ----------------------------------------------------------------------------------


def tasks(case: Complaint) -> tuple[Task, ...]:
    db.session.expire_all()
    found = queries.case(case.ref, case.resident).state.tasks
    rows = db.session.query(CaseTask).order_by(CaseTask.number).all()
    assert [(r.owner_id, r.text, r.done_on) for r in rows] == [(t.owner_id, t.text, t.done_on) for t in found]
    return found


def test_an_interpreter_is_a_task_of_whoever_has_the_case_until_it_is_met(people: Team) -> None:
    needs = (Need(code="interpreter", detail="Sorani Kurdish"), Need(code="large_print"))
    case = complaint(needs=needs)
    assert tasks(case) == ()  # nobody has it yet; the needs stand on the case all the same
    people.acknowledge(case.ref)
    (one,) = tasks(case)
    assert one.text == "Arrange an interpreter: Sorani Kurdish"
    assert one.owner_id == people.handler.id
    assert one.due_on == clock.today()
    people.does(case.ref, c.MeetNeed(code="interpreter", met=False, owner="Hana"), people.handler)
    assert tasks(case)[0].done_on is None
    people.does(case.ref, c.MeetNeed(code="interpreter", met=True, owner="Hana"), people.handler)
    assert tasks(case)[0].done_on == clock.today()


def test_a_need_told_later_is_a_task_at_once_and_goes_along_to_stage_2(client: Client, people: Team) -> None:
    case = complaint()
    people.acknowledge(case.ref)
    sign_in(client, case.ref, case.code)
    client.submit("/en/my-complaint/needs", {"needs_talking": ["bsl"]}, form="#answer", press="Save")
    client.submit("/en/my-complaint/needs", {"needs_talking": ["bsl"]}, form="#answer", press="Save")
    (one,) = tasks(case)
    assert one.owner_id == people.handler.id
    people.promise(case.ref)
    people.respond(case.ref)
    service.perform(case.ref, c.Escalate(), case.resident)
    people.acknowledge(case.ref, people.reviewer)
    (one,) = tasks(case)
    assert one.owner_id == people.reviewer.id


def test_who_asked_for_a_call_is_a_task_until_somebody_has_spoken_with_them(people: Team) -> None:
    case = complaint(story=Story(what="", write_for_me=True))
    (row,) = lists.inbox(people.as_actor(), "to-triage").rows
    assert row.summary == ""  # the list says that they asked for a call instead
    assert case.state.waits_for_call
    people.acknowledge(case.ref)
    (one,) = tasks(case)
    assert one.text == "Call the resident and write down what has gone wrong"
    call = c.RecordContact(
        channel=Channel.PHONE, with_whom="resident", reached=False, words="No answer", happened_at=clock.now()
    )
    people.does(case.ref, call, people.handler)
    assert tasks(case)[0].done_on is None
    people.does(case.ref, replace(call, reached=True, words="Mould in the bedroom"), people.handler)
    assert tasks(case)[0].done_on == clock.today()
    assert not case.state.waits_for_call


def test_danger_that_was_reported_comes_first_until_somebody_has_judged_it(people: Team) -> None:
    case = complaint(story=Story(what="It smells of gas", danger="gas"))
    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.dedupe.startswith("notice:"))).all()
    assert people.officer.email in {mail.recipient for mail in told}
    assert all("gas" not in mail.text for mail in told)
    assert [row.ref for row in lists.inbox(people.as_actor(), "danger").rows] == [case.ref]
    people.does(case.ref, c.Triage(kind=Kind.COMPLAINT, risk=Risk.ROUTINE), people.officer)
    assert lists.inbox(people.as_actor(), "danger").rows == ()


# How letters come -----------------------------------------------------------------------------------------


def test_who_asks_for_plain_text_gets_no_other(people: Team) -> None:
    complaint(needs=(Need(code="plain_email"),))
    complaint(email="other@resident.example")
    plain, usual = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert plain.html is None
    assert plain.text
    assert usual.html


def test_who_asks_for_large_print_gets_large_letters(people: Team) -> None:
    complaint(needs=(Need(code="large_print"),))
    assert db.session.scalars(select(Letter)).one().large_print
