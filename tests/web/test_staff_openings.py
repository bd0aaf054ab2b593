"""Every opening of a case leaves a trace, and the trace can be checked: who, as what, what, when."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from shared import clock
from shared.cases import commands as c
from shared.cases import openings, queries, service
from shared.cases.access.codes import issue_new_code
from shared.db import db
from shared.models import CaseOpening, Letter, StaffAccount
from shared.vocab import Role
from shared.web.access import WroteWhileReading
from tests.support import staff as made
from tests.support.client import Client
from tests.support.desk import life
from tests.support.portal import sign_in as resident_signs_in


def traces() -> list[tuple[str, str, str]]:
    db.session.expire_all()
    rows = db.session.execute(
        select(StaffAccount.name, CaseOpening.role, CaseOpening.what)
        .join(StaffAccount, StaffAccount.id == CaseOpening.staff_id)
        .order_by(CaseOpening.id)
    )
    return [(name, role, what) for name, role, what in rows]


def test_case_letter_and_file_leave_one_trace_each(app: Flask) -> None:
    ref = made.complaint()
    client, _olive = made.signed_in(app, Role.OFFICER, name="Olive Moss")
    letter = db.session.scalars(select(Letter.id)).one()
    client.page(f"/staff/cases/{ref}")
    assert traces() == [("Olive Moss", "officer", "case")]
    client.page(f"/staff/cases/{ref}/letters/{letter}")
    assert client.get(f"/staff/cases/{ref}/letters/{letter}.txt").status_code == 200
    client.page(f"/staff/cases/{ref}/note")
    client.page(f"/staff/cases/{ref}?tab=letters")
    assert traces() == [("Olive Moss", "officer", "case"), ("Olive Moss", "officer", f"letter:{letter}")]


def test_the_same_page_counts_again_after_ten_minutes(app: Flask) -> None:
    ref = made.complaint()
    client, _ = made.signed_in(app, Role.OFFICER)
    client.page(f"/staff/cases/{ref}")
    with clock.pretend(clock.now() + timedelta(minutes=9)):
        client.page(f"/staff/cases/{ref}")
    assert len(traces()) == 1
    with clock.pretend(clock.now() + timedelta(minutes=11)):
        client.page(f"/staff/cases/{ref}")
    assert len(traces()) == 2


def test_lists_searches_and_pages_that_were_not_shown_leave_none(app: Flask) -> None:
    ref = made.complaint()
    client, olive = made.signed_in(app, Role.OFFICER)
    boss = made.colleague(Role.MANAGER)
    client.page("/staff/inbox?tab=all-open")
    client.page(f"/staff/search?q={ref}")
    client.page(f"/staff/cases/{ref}/letters/999999.txt", status=404)
    client.page("/staff/cases/HAL-2099-0001-1", status=404)
    service.perform(ref, c.DeclareConflict(staff=made.ref_of(olive), reason="Her aunt"), made.actor(boss))
    client.page(f"/staff/cases/{ref}", status=404)
    assert traces() == []


def test_reading_may_write_this_one_row_and_nothing_else(app: Flask) -> None:
    with app.test_request_context("/staff/inbox"), pytest.raises(WroteWhileReading):
        db.session.execute(CaseOpening.__table__.delete())
    with app.test_request_context("/staff/inbox"), pytest.raises(WroteWhileReading):
        db.session.execute(CaseOpening.__table__.update().values(finding="x"))


def test_a_trace_that_cannot_be_kept_goes_to_the_log_and_the_page_stays(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ref = made.complaint()
    client, _ = made.signed_in(app, Role.OFFICER)

    def full(*_: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr(openings, "_insert", full)
    client.page(f"/staff/cases/{ref}")
    assert "openings were not recorded" in caplog.text
    assert traces() == []


def test_no_notes_are_left_over_for_the_next_request(app: Flask) -> None:
    ref = made.complaint()
    olive = made.colleague(Role.OFFICER)
    queries.case(ref, made.actor(olive))
    openings.write()
    openings.write()
    assert len(traces()) == 1


# ---- checking -------------------------------------------------------------------------------------------


@pytest.fixture
def checked(app: Flask) -> tuple[Client, StaffAccount, str]:
    """A manager's browser, and a case that its handler and a stranger opened."""
    play = life()
    play.at_stage_1()
    stranger = made.colleague(Role.OFFICER, name="Nosy Parker")
    for one in (play.handler, stranger):
        made.sign_in(made.browser(app), one).page(f"/staff/cases/{play.ref}")
    client, boss = made.signed_in(app, Role.MANAGER, name="Mark Boss")
    return client, boss, play.ref


def test_a_manager_sees_who_opened_a_case(checked: tuple[Client, StaffAccount, str]) -> None:
    client, _, ref = checked
    page = client.page(client.page(f"/staff/cases/{ref}").link("Who opened this case"))
    assert "Nosy Parker" in page.main
    assert "Handler Person" in page.main
    assert "Mina" not in page.main


def test_the_spot_check_finds_who_has_no_part_in_the_case(checked: tuple[Client, StaffAccount, str]) -> None:
    client, _, _ref = checked
    page = client.page("/staff/openings?way=strangers")
    assert "Nosy Parker" in page.main
    assert "Handler Person" not in page.main
    everything = client.page("/staff/openings")
    assert "Handler Person" in everything.main
    sample = client.page("/staff/openings?way=sample")
    assert "seed=" in sample.url
    assert "Nosy Parker" in sample.main
    assert client.page(sample.url).main == sample.main


def test_a_finding_stands_and_is_never_ones_own(checked: tuple[Client, StaffAccount, str]) -> None:
    client, boss, ref = checked
    mine, others = None, None
    client.page(f"/staff/cases/{ref}")
    for number, name in db.session.execute(
        select(CaseOpening.id, StaffAccount.name).join(StaffAccount, StaffAccount.id == CaseOpening.staff_id)
    ):
        mine, others = (number, others) if name == "Mark Boss" else (mine, number)
    url = f"/staff/openings/{others}"
    empty = client.submit(url, {"finding": " "}, status=422)
    assert empty.errors == ["Write what you found"]
    done = client.submit(url, {"finding": "Could not say why. Talked on Monday."})
    assert "Talked on Monday" in done.main
    assert "Mark Boss" in done.main
    with pytest.raises(ValueError, match="has looked into this one already"):
        openings.record_finding(others or 0, "Nothing", made.actor(boss))
    with pytest.raises(ValueError, match="Nobody checks their own"):
        openings.record_finding(mine or 0, "All fine", made.actor(boss))
    assert "This is your own opening" in client.page(f"/staff/openings/{mine}").main


def test_a_manager_who_is_walled_off_sees_no_opening_of_that_case(
    checked: tuple[Client, StaffAccount, str],
) -> None:
    client, boss, ref = checked
    number = db.session.scalars(select(CaseOpening.id)).first()
    service.perform(ref, c.DeclareConflict(staff=made.ref_of(boss), reason="His aunt"), made.actor(boss))
    for way in ("recent", "sample", "strangers"):
        assert ref not in client.page(f"/staff/openings?way={way}").main
    client.page(f"/staff/openings/{number}", status=404)
    client.page(f"/staff/cases/{ref}/openings", status=404)


# ---- the resident ---------------------------------------------------------------------------------------


def test_the_resident_sees_who_opened_it_by_role_and_no_name(app: Flask) -> None:
    ref = made.complaint()
    client, olive = made.signed_in(app, Role.OFFICER, name="Olive Moss")
    client.page(f"/staff/cases/{ref}")
    code = issue_new_code(ref, Role.RESIDENT, made.actor(olive), identified_by="Date of birth")
    hers = made.browser(app)
    resident_signs_in(hers, ref, code)
    page = hers.page("/en/my-complaint/history")
    assert "Who opened it" in page.main
    assert "The complaints team: last on" in page.main
    assert "Olive" not in page.main
