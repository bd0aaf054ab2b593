"""A resident who needs more time has more of it for her own answers; no date of ours moves for that."""

import pytest
from flask import Flask

from shared.cases import law, queries
from shared.db import db
from shared.deadlines.compute import RESIDENTS_OWN
from shared.policy.terms import ClockName
from tests.support.client import Client
from tests.support.portal import Complaint, Team, complaint, sign_in, team


@pytest.fixture
def people(app: Flask) -> Team:
    return team()


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
    assert not RESIDENTS_OWN & {name for names in law._OWED.values() for name in names}
