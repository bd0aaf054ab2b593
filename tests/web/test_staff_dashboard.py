"""The dashboard: every figure counted by hand beside what the page says."""

from datetime import datetime, timedelta

import msgspec
import pytest
from flask import Flask

from shared import clock, samples
from shared.cases import case_clocks, figures, figures_cache, projection, rules, service
from shared.cases import commands as c
from shared.cases.state import decode
from shared.db import db, writing
from shared.mail import jobs
from shared.models import Case, FiguresCounted
from shared.vocab import Kind, Risk, Role
from tests.support.client import Page
from tests.support.staff import actor, allocate, colleague, complaint, signed_in


def table(page: Page, title: str) -> list[list[str]]:
    found = page.one(f"section[aria-labelledby={title}] table")
    return [[cell.get_text() for cell in row.select("th, td")] for row in found.select("tbody tr")]


def plot(page: Page, title: str) -> list[str]:
    return [text.get_text() for text in page.all(f"section[aria-labelledby={title}] svg text")]


def test_load_by_person_with_what_nobody_holds_first(app: Flask) -> None:
    client, officer = signed_in(app, Role.MANAGER)
    hana, hugh = colleague(Role.HANDLER, name="Hana"), colleague(Role.HANDLER, name="Hugh")
    for number in range(3):
        allocate(complaint(f"A{number}"), hana, officer)
    late = complaint("Late", received_at=clock.now() - timedelta(days=60))
    allocate(late, hugh, officer)
    complaint("Free")
    thanks = complaint("Thanks")
    service.perform(thanks, c.Triage(kind=Kind.COMPLIMENT, risk=Risk.ROUTINE, note="Agreed"), actor(officer))
    page = client.page("/staff/dashboard")
    rows = table(page, "loads")
    assert [row[:3] for row in rows] == [["Nobody yet", "1", "0"], ["Hana", "3", "0"], ["Hugh", "1", "1"]]
    whole, overdue = page.link("Hana"), f"/staff/inbox?tab=overdue&holder={hugh.id}"
    assert len(client.page(whole).all(".app-row")) == 3, "a load leads to its cases"
    assert overdue in {str(one["href"]) for one in page.all("#loads ~ .app-figure__pair a")}
    assert late in client.page(overdue).main
    assert plot(page, "loads") == [
        "Nobody yet",
        "1, 0 overdue",
        "Hana",
        "3, 0 overdue",
        "Hugh",
        "1, 1 overdue",
    ]


def test_ages_and_weeks_count_each_complaint_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    wednesday = datetime(2026, 11, 18, 12, 0, tzinfo=clock.LONDON)
    monkeypatch.setattr(clock, "now", lambda: wednesday)
    for days in (0, 7, 8, 14, 15, 28, 29, 56, 57, 200):
        complaint(f"D{days}", received_at=wednesday - timedelta(days=days))
    assert [number for _, number in figures.ages()] == [2, 2, 2, 2, 2]
    weeks = figures.received_by_week()
    assert len(weeks) == figures.WEEKS_BACK
    assert all(monday.weekday() == 0 for monday, _ in weeks)
    # 18 November; 11 and 10; 4 and 3 November; 21 and 20 October; the rest lies before the eight weeks.
    assert [number for _, number in weeks] == [0, 0, 0, 2, 0, 2, 2, 1]


def test_what_runs_out_within_the_week_by_day_and_clock(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    wednesday = datetime(2026, 11, 18, 12, 0, tzinfo=clock.LONDON)
    monkeypatch.setattr(clock, "now", lambda: wednesday)
    client, _ = signed_in(app, Role.MANAGER)
    complaint("Overdue already", received_at=wednesday - timedelta(days=60))
    for number in range(2):
        complaint(f"P{number}", received_at=wednesday - timedelta(days=2))  # acknowledge by Monday
    complaint("Later", received_at=wednesday)  # acknowledge by Wednesday, the eighth day
    page = client.page("/staff/dashboard")
    assert table(page, "due") == [["Mon 23 Nov", "Acknowledge", "2"]]
    assert plot(page, "due") == ["Mon 23 Nov", "2"]


def test_answers_in_time_are_those_that_came_by_the_date_then_shown(app: Flask) -> None:
    people = samples.add_staff("low")
    answered = [one for one in samples.SAMPLES if one.path in {"answered", "final"}]
    for sample in answered:
        samples.Play(sample, people, "halton").run()
    rows = list(db.session.query(Case))
    for stage in (1, 2):
        on = [getattr(row, f"answered_{stage}_on") for row in rows]
        late = [getattr(row, f"answered_{stage}_late") for row in rows]
        months = figures.in_time(stage)
        assert len(months) == figures.MONTHS_BACK
        assert months[-1].month == clock.today().replace(day=1)
        since = months[0].month
        counted = [(day, bad) for day, bad in zip(on, late, strict=True) if day is not None and day >= since]
        assert sum(month.answered for month in months) == len(counted) > 0
        assert sum(month.in_time for month in months) == sum(not bad for _, bad in counted)
    assert figures.InTime(clock.today(), 0, 0).rate is None
    assert figures.InTime(clock.today(), 3, 2).rate == 66, "rounded down: only all is 100"


def test_a_late_answer_is_counted_as_late(app: Flask) -> None:
    people = samples.add_staff("low")
    sample = next(one for one in samples.SAMPLES if one.path == "answered")
    play = samples.Play(sample, people, "halton")
    play.run()
    row = db.session.query(Case).where(Case.ref == play.ref).one()
    assert row.answered_1_late is False
    assert row.answered_1_on is not None
    assert row.answered_2_on is None
    assert row.answered_2_late is None
    state = decode(row.state)
    policy, calendar = rules.policy_of(db.session(), row), rules.calendar(db.session())
    due = case_clocks.clocks(state, policy, calendar)
    day_after = max(one.due_on for one in due.values() if one.name.value.startswith("stage_1_response"))
    late_at = datetime(day_after.year, day_after.month, day_after.day, 12, tzinfo=clock.LONDON) + timedelta(
        days=1
    )
    later = msgspec.structs.replace(
        state, milestones=msgspec.structs.replace(state.milestones, responded_at=late_at)
    )
    columns, _ = projection.columns(later, policy, calendar)
    assert columns["answered_1_late"] is True


def test_plots_say_everything_in_words_and_stand_beside_their_table(app: Flask) -> None:
    client, _ = signed_in(app, Role.MEMBER_RESPONSIBLE)
    complaint("Mina Rahman")
    page = client.page("/staff/dashboard")
    assert "Mina" not in page.text
    plots = page.all("svg.app-plot")
    assert len(plots) == len(page.all("main table"))
    for one in plots:
        assert one["role"] == "img"
        assert page.one(f"#{one['aria-labelledby']}").get_text()
        assert not one.select("[fill], [style]"), "colours stand in the stylesheet, for forced colours too"


def test_an_empty_service_has_an_empty_dashboard(app: Flask) -> None:
    client, _ = signed_in(app, Role.MANAGER)
    page = client.page("/staff/dashboard")
    assert "No case is open" in page.main
    assert "none answered" in page.main


def said(page: Page) -> str:
    """The sentence that says when, and for whom, the figures were counted."""
    return page.one("#counted").get_text()


def test_without_a_worker_the_page_counts_for_itself_and_says_so(app: Flask) -> None:
    client, _ = signed_in(app, Role.MANAGER)
    complaint("First")
    for number in ("1", "2"):
        page = client.page("/staff/dashboard")
        assert table(page, "loads")[0][1] == number
        assert "done for you alone" in said(page)
        complaint("Second")
    assert db.session.query(FiguresCounted).count() == 0, "a GET writes nothing"


def test_what_the_worker_counted_is_shown_with_its_time_until_it_is_too_old(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = signed_in(app, Role.MANAGER)
    counted_at = datetime(2026, 11, 18, 23, 58, tzinfo=clock.LONDON)
    monkeypatch.setattr(clock, "now", lambda: counted_at)
    monkeypatch.setattr(jobs, "_jobs", {})
    figures_cache.register()
    complaint("First", received_at=counted_at - timedelta(days=2))
    live = client.page("/staff/dashboard")
    assert jobs.run_due("worker") == ["figures"]
    complaint("Second")
    monkeypatch.setattr(clock, "now", lambda: counted_at + timedelta(minutes=4))
    page = client.page("/staff/dashboard")
    assert table(page, "loads")[0][1] == "1", "as it stood when it was counted"
    assert said(page).startswith("Counted on 18 November 2026 at 23:58. This is done again every 5 minutes")
    for name in ("due", "in-time-1", "in-time-2", "loads", "ages", "received"):
        assert table(page, name) == table(live, name)
        assert plot(page, name) == plot(live, name)
    monkeypatch.setattr(clock, "now", lambda: counted_at + timedelta(minutes=6))
    assert jobs.run_due("worker") == ["figures"]
    assert table(client.page("/staff/dashboard"), "loads")[0][1] == "2"
    monkeypatch.setattr(clock, "now", lambda: counted_at + timedelta(minutes=22))
    page = client.page("/staff/dashboard")
    assert "done for you alone" in said(page)
    assert "19 November 2026 at 00:20" in said(page)


def test_anybody_who_reads_the_figures_may_have_them_counted_again_for_all(app: Flask) -> None:
    client, _ = signed_in(app, Role.MANAGER)
    figures_cache.refresh()
    complaint("New")
    page = client.page("/staff/dashboard")
    assert "No case is open" in page.main
    page = client.send(page, {}, form="#count-again")
    assert table(page, "loads")[0][1] == "1"
    other, _ = signed_in(app, Role.MEMBER_RESPONSIBLE)
    page = other.page("/staff/dashboard")
    assert table(page, "loads")[0][1] == "1"
    assert "done again every 5 minutes" in said(page)


def test_figures_counted_earlier_never_take_the_place_of_later_ones(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, count, done = clock.now(), figures.count, []

    def slowly() -> figures.Figures:
        found = count()
        if not done:  # while these wait to be kept, somebody else counts, and keeps, what has come since
            done.append(found)
            complaint("New")
            monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=1))
            figures_cache.refresh()
        return found

    monkeypatch.setattr(clock, "now", lambda: began)
    monkeypatch.setattr(figures, "count", slowly)
    figures_cache.refresh()
    assert figures_cache.latest().at == began + timedelta(minutes=1)
    assert figures_cache.latest().figures != done[0]


@pytest.mark.parametrize("document", ['{"other": 1}', "not JSON", ""])
def test_figures_that_another_edition_kept_are_counted_again(app: Flask, document: str) -> None:
    client, _ = signed_in(app, Role.MANAGER)
    complaint("First")
    with writing() as session:
        session.add(FiguresCounted(name=figures_cache.DASHBOARD, document=document, counted_at=clock.now()))
    page = client.page("/staff/dashboard")
    assert table(page, "loads")[0][1] == "1"
    assert "done for you alone" in said(page)
    figures_cache.refresh()
    assert figures_cache.latest().kept
