"""Several cases at once: what is done for each, what is refused, and that it can be taken back."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from shared import clock, samples
from shared.cases import commands as c
from shared.cases import service
from shared.cases.colleagues import bulk
from shared.cases.inbox import lists
from shared.db import db, writing
from shared.models import Case, ManyAtOnce
from shared.vocab import Role
from tests.support.client import Client, Page
from tests.support.staff import actor, allocate, colleague, complaint, signed_in


def choose(client: Client, step: str, *refs: str, which: str = "ticked") -> Page:
    return client.send(
        client.page("/staff/inbox?tab=all-open"),
        {"ref": list(refs), "which": which},
        form="#many",
        press=step,
    )


def results(page: Page) -> dict[str, str]:
    return {
        str(row.select("th a")[0].get_text()): " ".join(row.select("td")[0].get_text(" ").split())
        for row in page.all("tbody tr")
    }


def holder(ref: str) -> str:
    db.session.expire_all()
    return str(db.session.scalar(select(Case.holder).where(Case.ref == ref)))


def test_cases_are_assigned_after_a_look_and_given_back(app: Flask) -> None:
    client, officer = signed_in(app, Role.OFFICER)
    hana, hugh = colleague(Role.HANDLER, name="Hana Novak"), colleague(Role.HANDLER, name="Hugh Bell")
    one, two, other = complaint("A"), complaint("B"), complaint("C")
    allocate(one, hugh, officer)
    page = choose(client, "Assign", one, two)
    assert page.h1 == "Assign cases"
    assert "This is about 2 cases" in page.main
    assert holder(one) == "Hugh Bell", "looking does nothing"
    page = client.send(page, {"to": str(hana.id)}, form="#many")
    assert page.h1 == "Done for 2 of 2"
    assert [holder(ref) for ref in (one, two, other)] == ["Hana Novak", "Hana Novak", ""]
    page = client.send(page, form="#undo")
    assert set(results(page).values()) == {"Done"}
    assert [holder(one), holder(two)] == ["Hugh Bell", ""]


def test_two_presses_at_once_take_a_step_back_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = actor(colleague(Role.OFFICER))
    ref = complaint()
    number = bulk.run("Tag", c.Tag(add=("damp",)), {ref: 1}, officer)
    as_it_was = bulk.found(number, officer)
    with writing() as session:
        session.execute(update(ManyAtOnce).values(undone=True).execution_options(synchronize_session=False))
    monkeypatch.setattr(bulk, "found", lambda *_: as_it_was)
    assert bulk.undo(number, officer) is None


def test_nobody_who_acted_at_stage_1_is_named_for_stage_2(app: Flask) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    sample = next(one for one in samples.SAMPLES if one.path == "escalated")
    play = samples.Play(sample, samples.add_staff("low"), "halton")
    play.run()
    stage_1 = play.people[play.handler]
    fresh = complaint("Fresh")
    page = client.send(choose(client, "Assign", play.ref, fresh), {"to": str(stage_1.id)}, form="#many")
    found = results(page)
    assert page.h1 == "Done for 1 of 2"
    assert found[fresh] == "Done"
    assert found[play.ref].startswith("Not done")
    assert "stage 1" in found[play.ref].lower()
    assert holder(play.ref) == ""


def test_all_matching_means_all_of_the_list_in_the_address(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    client, officer = signed_in(app, Role.OFFICER)
    urdu = {complaint(f"U{n}", language="ur") for n in range(5)}
    plain = complaint("P")
    page = client.page("/staff/inbox?tab=all-open&language=ur")
    assert "all 5 in this list" in page.main
    page = client.send(page, {"which": "all"}, form="#many", press="Tag")
    assert "This is about 5 cases" in page.main
    page = client.send(page, {"add": "urdu,  needs   reader ,urdu"}, form="#many")
    assert set(results(page)) == urdu
    found = lists.inbox(actor(officer), "all-open", lists.Filters(tag="needs reader"))
    assert found.rows[0].tags == ("urdu", "needs reader")
    assert plain not in results(page)
    page = client.send(page, form="#undo")
    assert lists.inbox(actor(officer), "all-open", lists.Filters(tag="urdu")).rows == ()
    assert page.link("Go back to the list") == "/staff/inbox?tab=all-open&language=ur"
    assert not page.all("#undo"), "what was taken back stays so"


def test_a_reminder_hides_no_clock(app: Flask) -> None:
    client, officer = signed_in(app, Role.OFFICER)
    ref = complaint()
    day = clock.today() + timedelta(days=4)
    page = client.send(
        choose(client, "Remind", ref),
        {"on-day": str(day.day), "on-month": str(day.month), "on-year": str(day.year), "reason": "Ring Mina"},
        form="#many",
    )
    assert page.h1 == "Done for 1 of 1"
    row = client.page("/staff/inbox?tab=all-open").one(".app-row").get_text(" ")
    assert "Ring Mina" in row
    assert "Acknowledge" in row
    assert not lists.inbox(actor(officer), "reminders").rows, "not before its day"


def test_what_is_wrong_is_said_on_the_same_page_with_all_kept(app: Flask) -> None:
    client, _ = signed_in(app, Role.OFFICER)
    ref = complaint()
    page = client.send(choose(client, "Assign", ref), {"to": ""}, form="#many", status=422)
    assert page.errors == ["Choose a person"]
    page = client.send(choose(client, "Tag", ref), {"add": " , "}, form="#many", status=422)
    assert page.errors == ["Enter a tag to put on or to take off"]
    assert page.one("input[name=seen]")["value"].startswith(ref)
    page = client.send(choose(client, "Tag", ref), {"add": "x" * 41}, form="#many", status=422)
    assert page.errors == ["Use 40 characters or fewer for each tag"]
    today = clock.today()
    page = client.send(
        choose(client, "Remind", ref),
        {"on-day": str(today.day), "on-month": str(today.month), "on-year": str(today.year), "reason": "x"},
        form="#many",
        status=422,
    )
    assert page.errors == ["Enter a day after today"]
    assert "No case is chosen" in choose(client, "Tag").main


def test_a_case_that_somebody_changed_meanwhile_is_left_alone(app: Flask) -> None:
    client, officer = signed_in(app, Role.OFFICER)
    one, two = complaint("A"), complaint("B")
    page = choose(client, "Tag", one, two)
    service.perform(one, c.Note(text="I rang her"), actor(officer))
    found = results(client.send(page, {"add": "damp"}, form="#many"))
    assert found[two] == "Done"
    assert "Somebody changed the case meanwhile" in found[one]


def test_results_and_cases_of_others_stay_theirs(app: Flask) -> None:
    client, officer = signed_in(app, Role.OFFICER)
    other, _ = signed_in(app, Role.OFFICER, name="Another Officer")
    ref = complaint()
    page = client.send(choose(client, "Tag", ref), {"add": "damp"}, form="#many")
    other.page(page.url, status=404)
    assert bulk.found(999, actor(officer)) is None
    made_up = client.page("/staff/many?step=tag&ref=HAL-2026-9999-9")
    assert "No case is chosen" in made_up.main
    client.page("/staff/many?step=close&ref=" + ref, status=404)


def test_only_three_steps_can_be_taken_on_many(app: Flask) -> None:
    officer = colleague(Role.OFFICER)
    with pytest.raises(ValueError, match="one case at a time"):
        bulk.run("Close", c.Close(reason="resolved"), {}, actor(officer))  # type: ignore[arg-type]


def test_who_only_reads_is_offered_no_boxes(app: Flask) -> None:
    client, _ = signed_in(app, Role.MEMBER_RESPONSIBLE)
    complaint()
    page = client.page("/staff/inbox?tab=all-open")
    assert not page.all(".app-tick")
    client.page("/staff/many?step=tag", status=403)


def test_nobody_is_offered_a_step_on_many_that_their_role_takes_on_none(app: Flask) -> None:
    complaint()
    client, _ = signed_in(app, Role.HANDLER)
    page = client.page("/staff/inbox?tab=all-open")
    assert [button["value"] for button in page.all("#many button[name=step]")] == ["tag", "remind"]
    assert client.get("/staff/many?step=assign&which=all&tab=all-open").status_code == 403
