"""`redress run`: the whole service on one machine with one command: web server and worker, kept alive."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from types import FrameType
from urllib.parse import urlsplit

import click

from shared.cli.application import application
from shared.cli.migrate import is_current
from shared.config import Config
from shared.db import db

GRACE = 15.0  # seconds that a child may take to finish what it is doing
LONGEST_PAUSE = 30.0  # seconds between two starts of a child that keeps failing
STEADY = 60.0  # a child that lived so many seconds starts again at once


@dataclass
class Child:
    """One process that is started again whenever it ends."""

    name: str
    command: list[str]
    environ: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    failures: int = 0
    next_start: float = field(default=0.0)

    def tend(self) -> None:
        """Start it when its time has come; notice when it has ended."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.next_start:
                self.process = subprocess.Popen(self.command, env=dict(self.environ))  # noqa: S603 - our own
                self.started_at = now
            return
        code = self.process.poll()
        if code is None:
            return
        self.failures = 0 if now - self.started_at > STEADY else self.failures + 1
        pause = min(2.0 ** (self.failures - 1), LONGEST_PAUSE) if self.failures else 0.0
        click.echo(f"The {self.name} ended with code {code}; starting it again in {pause:.0f} s.", err=True)
        self.process, self.next_start = None, now + pause

    def stop(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Give it until a moment of time.monotonic(), then end it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@click.command("run")
@click.option("--port", type=int, envvar="REDRESS_PORT", default=8000, show_default=True)
@click.option("--host", envvar="REDRESS_HOST", default="127.0.0.1", show_default=True)
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Web processes.")
def run(port: int, host: str, workers: int) -> None:
    """Start the portal, the staff inbox and the worker, and print their addresses. Ctrl-C stops them all."""
    environ = dict(os.environ)
    if port != 8000 and "REDRESS_BASE_URL" not in environ:
        environ["REDRESS_BASE_URL"] = os.environ["REDRESS_BASE_URL"] = f"http://{host}:{port}"
    app = application()
    with app.app_context():
        if not is_current():
            raise click.ClickException("the database is not up to date: run `redress migrate` first")
        config: Config = app.extensions["redress"]
        signs = _sample_sign_ins(config)
        db.session.remove()
        db.engine.dispose()
    _refuse_taken(host, port)
    children = _children(host, port, workers, environ)
    asked_to_stop = _stop_on_signals()
    announced = False
    try:
        while not asked_to_stop:
            for child in children:
                child.tend()
            if not announced and _answers(host, port):
                click.echo(_banner(config, host, port, signs))
                announced = True
            time.sleep(0.2)
    finally:
        for child in children:
            child.stop()
        until = time.monotonic() + GRACE
        for child in children:
            child.wait(until)


def _children(host: str, port: int, workers: int, environ: Mapping[str, str]) -> list[Child]:
    web = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "wsgi:create_app"),
        *("--host", host, "--port", str(port), "--workers", str(workers), "--blocking-threads", "4"),
        *("--respawn-failed-workers", "--log-level", "warning"),
    ]
    return [
        Child("web server", web, environ),
        Child("worker", [sys.executable, "-m", "shared.cli", "worker"], environ),
    ]


def _banner(config: Config, host: str, port: int, signs: list[str]) -> str:
    own = f"http://{host}:{port}"
    lines = [
        "",
        f"Redress is running for the landlord '{config.landlord}'.",
        f"  Portal for residents:  {own}/",
        f"  Inbox for staff:       {own}/staff/",
    ]
    if config.environment != "production" and not config.smtp_host:
        lines.append(f"  Mail (sent nowhere):   {own}/dev/mail/")
    if urlsplit(config.base_url).netloc != urlsplit(own).netloc:
        lines.append(f"  Links in letters lead to {config.base_url}")
    return "\n".join([*lines, *signs, "", "Ctrl-C stops everything."])


def _sample_sign_ins(config: Config) -> list[str]:
    """How to get in as one of the sample staff, where there are any; never in production."""
    if config.environment == "production":
        return []
    from shared import samples

    if not samples.exist():
        return []
    width = max(len(email) for _job, email in samples.sign_ins())
    lines = [f"  {email:<{width}}  {job}" for job, email in samples.sign_ins()]
    return ["", f"Sample staff, all with the password {samples.PASSWORD}:", *lines]


def _refuse_taken(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            return
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port} ({error.strerror}); another port: REDRESS_PORT=8001"
        ) from error


def _answers(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop_on_signals() -> list[int]:
    """A list that is empty until somebody asks us to stop."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return asked
