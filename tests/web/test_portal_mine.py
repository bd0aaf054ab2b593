"""My complaint, as the resident sees and uses it."""

from flask import Flask

from shared.cases import queries
from shared.vocab import Stage
from tests.support.client import Client
from tests.support.portal import complaint, sign_in, team


def test_a_new_complaint_shows_where_it_stands_and_why(client: Client) -> None:
    case = complaint()
    sign_in(client, case.ref, case.code)
    page = client.page("/en/my-complaint")
    assert case.ref in page.main
    steps = page.all(".app-steps li")
    assert [bool(s.get("aria-current")) for s in steps] == [True, False, False, False, False]
    assert "Why this date?" in page.main
    due = queries.case(case.ref, case.resident).duties[0].due_on
    assert f"You hear from us by {due:%A} {due.day} {due:%B %Y}" in page.main
    assert "0300 111 3000" in page.main


def test_escalating_takes_one_press_and_a_confirmation(client: Client, app: Flask) -> None:
    people = team()
    case = complaint()
    people.acknowledge(case.ref)
    people.promise(case.ref)
    people.respond(case.ref)
    sign_in(client, case.ref, case.code)
    page = client.page("/en/my-complaint")
    page = client.page(page.link("Ask us to look at it again"))
    page = client.send(page, {}, form="#answer", press="Yes, look at it again")
    assert "Another person will look" in page.main
    assert queries.case(case.ref, case.resident).state.stage is Stage.STAGE_2_REQUESTED


def test_a_promise_is_kept_only_when_she_says_so(client: Client) -> None:
    people = team()
    case = complaint()
    people.acknowledge(case.ref)
    people.promise(case.ref)
    sign_in(client, case.ref, case.code)
    page = client.page("/en/my-complaint")
    page = client.send(page, {"words": "The wall is wet"}, form="#promise-form-1", press="It is not done")
    assert "You told us that it is not done" in page.main
    kept = queries.case(case.ref, case.resident).state.commitments[0]
    assert kept.confirmed is False
    assert kept.confirmed_words == "The wall is wet"
