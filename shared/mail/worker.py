"""The worker's loop: send what is due, run the jobs whose time has come, stop politely when asked."""

import logging
import os
import secrets
import signal
import socket
import threading
from datetime import datetime, timedelta
from types import FrameType

from flask import Flask
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared import clock
from shared.db import db, take_stock, writing
from shared.identity.tidy import tidy
from shared.mail import jobs, send
from shared.models.outbox import SentMail

POLL = 1.0  # seconds between two looks at an empty queue
PAUSE = 5.0  # seconds to wait when the database does not answer
HEARTBEAT = "heartbeat"

log = logging.getLogger("redress.worker")


def worker_name() -> str:
    """A name for leases that no other worker, host or later life of this process shares."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def register_own_jobs() -> None:
    """The jobs that belong to no case: a sign of life, and forgetting what has served its time."""
    jobs.register(HEARTBEAT, 30, lambda: None, lease_seconds=60)
    jobs.register("tidy", 3600, _tidy)
    jobs.register("take stock", 86_400, _take_stock)


def last_seen(session: Session) -> datetime | None:
    """When any worker last gave a sign of life; None: never."""
    return jobs.last_run(session, HEARTBEAT)


def is_alive(session: Session, within: timedelta = timedelta(minutes=3)) -> bool:
    """Whether some worker gave a sign of life lately."""
    at = last_seen(session)
    return at is not None and clock.now() - at <= within


def round_once(worker: str) -> bool:
    """One look at jobs and mail; True when there was something to do. Needs an application context."""
    try:
        ran = jobs.run_due(worker)
        return bool(send.send_due(worker)) or any(name != HEARTBEAT for name in ran)
    finally:
        db.session.remove()


def run(app: Flask, stop: threading.Event | None = None) -> None:
    """Work until SIGTERM, SIGINT or `stop`; the message in hand is finished first."""
    stop = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        _stop_on_signals(stop)
    register_own_jobs()
    name = worker_name()
    log.info("worker %s started", name)
    while not stop.is_set():
        with app.app_context():
            try:
                busy = round_once(name)
            except SQLAlchemyError:
                log.exception("the database did not answer; trying again")
                stop.wait(PAUSE)
                continue
        if not busy:
            stop.wait(POLL)
    log.info("worker %s stopped", name)


def _stop_on_signals(stop: threading.Event) -> None:
    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)


def _tidy() -> None:
    with writing() as session:
        tidy(session)
        session.execute(delete(SentMail).where(SentMail.sent_at < clock.now() - timedelta(days=30)))


def _take_stock() -> None:
    if db.engine.dialect.name == "sqlite":  # PostgreSQL sees to it by itself
        take_stock()
