"""Periodic jobs: once a period however many workers run, and again after a failure or a death."""

import threading
import time as wall
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from shared import clock
from shared.db import db, writing
from shared.mail import jobs, worker
from shared.models import Counter, PeriodicJob
from tests.support.at_once import at_once
from tests.support.core import on_tables


@pytest.fixture(autouse=True)
def no_other_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_jobs", {})


@pytest.fixture
def app(make_database: Callable[[], str]) -> Iterator[Flask]:
    with on_tables(make_database()) as app:
        yield app


def pass_time(monkeypatch: pytest.MonkeyPatch, **time: float) -> None:
    at = clock.now() + timedelta(**time)
    monkeypatch.setattr(clock, "now", lambda: at)


def row(name: str) -> PeriodicJob:
    db.session.rollback()
    return db.session.get_one(PeriodicJob, name, populate_existing=True)


def test_a_job_runs_once_a_period(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    jobs.register("sweep", 60, lambda: ran.append("sweep"))
    assert jobs.run_due("a") == ["sweep"]
    assert jobs.run_due("b") == []
    pass_time(monkeypatch, seconds=59)
    assert jobs.run_due("a") == []
    pass_time(monkeypatch, seconds=2)
    assert jobs.run_due("b") == ["sweep"]
    assert ran == ["sweep", "sweep"]
    assert jobs.last_run(db.session(), "sweep") == clock.now()


def test_several_workers_run_it_once(app: Flask) -> None:
    with writing() as session:
        session.add(Counter(name="runs", value=0))

    def slow() -> None:
        with writing() as session:
            session.get_one(Counter, "runs", with_for_update=True, populate_existing=True).value += 1
        wall.sleep(0.2)

    jobs.register("slow", 3600, slow)

    def work(number: int) -> None:
        for _ in range(5):
            jobs.run_due(f"w{number}")

    at_once(app, 4, work)
    assert db.session.get_one(Counter, "runs", populate_existing=True).value == 1


def test_a_failure_is_kept_tried_again_soon_and_stops_nothing_else(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        with writing() as session:
            session.add(Counter(name="half", value=1))
            raise ValueError("no such day")

    ran: list[int] = []
    jobs.register("fails", 86_400, fail)
    jobs.register("works", 86_400, lambda: ran.append(1))
    assert jobs.run_due("a") == ["fails", "works"]
    assert ran == [1]
    assert row("fails").problem == "ValueError: no such day"
    assert jobs.last_run(db.session(), "fails") is None
    assert db.session.get(Counter, "half") is None
    pass_time(monkeypatch, seconds=301)
    jobs.register("fails", 86_400, lambda: None)
    assert jobs.run_due("a") == ["fails"]
    assert row("fails").problem is None


def test_a_job_whose_worker_died_is_taken_over_after_its_lease(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []
    jobs.register("sweep", 60, lambda: ran.append(1), lease_seconds=120)
    with writing() as session:
        now = clock.now()
        session.add(
            PeriodicJob(
                name="sweep", next_run_at=now, claimed_by="dead", claimed_until=now + timedelta(seconds=120)
            )
        )
    assert jobs.run_due("heir") == []
    pass_time(monkeypatch, seconds=121)
    assert jobs.run_due("heir") == ["sweep"]
    assert (row("sweep").claimed_by, ran) == (None, [1])


def test_the_worker_gives_signs_of_life(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not worker.is_alive(db.session())
    worker.register_own_jobs()
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(app, stop))
    thread.start()
    give_up = wall.monotonic() + 10
    while not worker.is_alive(db.session()) and wall.monotonic() < give_up:
        db.session.rollback()
        wall.sleep(0.05)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert worker.is_alive(db.session())
    pass_time(monkeypatch, minutes=4)
    assert not worker.is_alive(db.session())
