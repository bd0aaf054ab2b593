"""Periodic jobs: registered by name, run by whichever worker holds the job's leader row.

However many workers run, a job runs once a period; when its holder dies, the lease runs out and another
takes over.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock
from shared.db import db, writing
from shared.models.outbox import PeriodicJob

RETRY = timedelta(minutes=5)  # after a failed run, unless the period is shorter

log = logging.getLogger("redress.jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """A function without arguments, called in an application context; it opens its own transactions."""

    name: str
    every: timedelta
    function: Callable[[], object]
    lease: timedelta


_jobs: dict[str, Job] = {}


def register(
    name: str, every_seconds: int, function: Callable[[], object], *, lease_seconds: int = 900
) -> None:
    """Have the workers call `function` every so many seconds. Registering a name again replaces it.

    `lease_seconds` must exceed the longest run: after it another worker takes the job for abandoned.
    """
    _jobs[name] = Job(name, timedelta(seconds=every_seconds), function, timedelta(seconds=lease_seconds))


def registered() -> tuple[Job, ...]:
    """All jobs, in the order of registering."""
    return tuple(_jobs.values())


def run_due(worker: str) -> list[str]:
    """Run the jobs whose time has come and that no other worker is running; returns their names."""
    ran = []
    for job in registered():
        if _claim(job, worker):
            ran.append(job.name)
            _run(job, worker)
    return ran


def last_run(session: Session, name: str) -> datetime | None:
    """When a job last finished well; None before the first time."""
    return session.scalar(select(PeriodicJob.last_finished_at).where(PeriodicJob.name == name))


@dataclass(frozen=True, slots=True)
class LastRun:
    """How a job went last. `problem`: why its latest run failed; empty after a good one."""

    name: str
    well_at: datetime | None
    problem: str


def latest(session: Session) -> dict[str, LastRun]:
    """How every job that ever ran went last, by name."""
    rows = session.execute(select(PeriodicJob.name, PeriodicJob.last_finished_at, PeriodicJob.problem))
    return {name: LastRun(name, well_at, problem or "") for name, well_at, problem in rows}


def _claim(job: Job, worker: str) -> bool:
    now = clock.now()
    row = db.session.get(PeriodicJob, job.name, populate_existing=True)
    if row is None:
        _introduce(job, now)
    elif row.next_run_at > now or (row.claimed_until is not None and row.claimed_until > now):
        return False
    with writing() as session:
        free = or_(PeriodicJob.claimed_until.is_(None), PeriodicJob.claimed_until <= now)
        row = session.scalars(
            select(PeriodicJob)
            .where(PeriodicJob.name == job.name, PeriodicJob.next_run_at <= now, free)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).first()
        if row is None:
            return False
        row.claimed_by, row.claimed_until = worker, now + job.lease
        return True


def _introduce(job: Job, now: datetime) -> None:
    try:
        with writing() as session:
            session.add(PeriodicJob(name=job.name, next_run_at=now))
    except IntegrityError:
        pass  # another worker was first


def _run(job: Job, worker: str) -> None:
    problem = None
    try:
        job.function()
    except Exception as error:
        db.session.rollback()
        problem = f"{type(error).__name__}: {error}"
        log.exception("job %s failed", job.name)
    with writing() as session:
        row = session.get_one(PeriodicJob, job.name, with_for_update=True, populate_existing=True)
        if row.claimed_by != worker:
            return
        now = clock.now()
        row.claimed_by = row.claimed_until = None
        row.problem = problem
        row.next_run_at = now + (min(job.every, RETRY) if problem else job.every)
        if problem is None:
            row.last_finished_at = now
