"""`redress run` and `redress staff` as an operator meets them."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from shared.cli import staff as staff_command
from shared.config import ROOT, Config
from shared.db import db
from shared.mail import channels, send
from shared.models import OutboxMessage
from tests.support.core import core_app

REDRESS = [sys.executable, "-m", "shared.cli"]
SECONDS = 40


@pytest.fixture
def environ(make_database: Callable[[], str], tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
    return kept | {
        "REDRESS_ENVIRONMENT": "test",
        "REDRESS_DATABASE_URL": make_database(),
        "REDRESS_DATA_DIR": str(tmp_path),
        "REDRESS_PASSWORD_COST": "low",
        "REDRESS_PORT": str(free_port()),
        "PYTHONUNBUFFERED": "1",
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def redress(environ: dict[str, str], *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*REDRESS, *words],
        cwd=ROOT,
        env=environ,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def until(true: Callable[[], object]) -> None:
    give_up = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.1)


def children(pid: int) -> dict[str, int]:
    """The web server and the worker below `redress run`, by what they are."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    found = {}
    for line in listed.stdout.splitlines():
        number, parent, words = line.split(None, 2)
        if int(parent) == pid:
            found["web" if "granian" in words else "worker"] = int(number)
    return found


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def test_one_command_runs_everything_and_keeps_it_running(environ: dict[str, str], tmp_path: Path) -> None:
    assert "redress migrate" in redress(environ, "run").stderr
    assert redress(environ, "migrate").returncode == 0
    url = f"http://127.0.0.1:{environ['REDRESS_PORT']}"
    log = (tmp_path / "log").open("w+")
    running = subprocess.Popen([*REDRESS, "run"], cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT)

    def said() -> str:
        return (tmp_path / "log").read_text()

    try:
        until(lambda: "Ctrl-C" in said())
        assert answers(f"{url}/healthz")
        for line in (f"{url}/", f"{url}/staff/", f"{url}/dev/mail/"):
            assert line in said()
        before = children(running.pid)
        assert set(before) == {"web", "worker"}
        os.kill(before["worker"], signal.SIGKILL)
        until(lambda: children(running.pid).get("worker", before["worker"]) != before["worker"])
        assert "The worker ended with code -9" in said()
        assert answers(f"{url}/healthz")
        taken = redress(environ, "run")
        assert taken.returncode == 1
        assert "cannot listen" in taken.stderr
        ended = list(children(running.pid).values())
    finally:
        running.terminate()
        code = running.wait(SECONDS)
        log.close()
    assert code == 0
    assert not answers(f"{url}/healthz")
    for pid in ended:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.fixture
def staff(make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Runs `redress staff ...` in this process and returns what it printed."""
    config = Config(environment="test", database_url=make_database(), password_cost="low")
    app = core_app(config)
    monkeypatch.setattr(staff_command, "application", lambda: app)
    with app.app_context():
        db.create_all()

    def run(*words: str, stdin: str = "") -> str:
        return CliRunner().invoke(staff_command.staff, words, input=stdin).output

    yield run
    with app.app_context():
        db.engine.dispose()


def test_staff_accounts_from_the_command_line(staff: Callable[..., str]) -> None:
    sam = ("add", "--name", "Sam Lee", "--email", "Sam@Example.org", "--role", "officer", "--role", "manager")
    assert "http://127.0.0.1:8000/staff/set-password/" in staff(*sam)
    assert staff(*sam) == "Error: sam@example.org has an account already\n"
    ada = ("add", "--name", "Ada", "--email", "ada@example.org", "--role", "admin", "--password-stdin")
    assert "at least 12" in staff(*ada, stdin="short\n")
    assert "can sign in" in staff(*ada, stdin="three random words\n")
    assert staff("list").splitlines() == [
        "Ada <ada@example.org>: admin",
        "Sam Lee <sam@example.org>: manager, officer (no password yet)",
    ]
    assert "Disabled" in staff("disable", "sam@example.org")
    assert "Sam Lee <sam@example.org>: manager, officer (disabled)" in staff("list")
    assert "on its way" in staff("reset", "sam@example.org", "--send")
    assert "no account under nobody" in staff("reset", "nobody")
    assert "'king' is not one of" in staff(*sam, "--role", "king")


def test_a_link_from_the_command_line_is_wiped_once_sent(staff: Callable[..., str]) -> None:
    staff("add", "--name", "Cy", "--email", "cy@example.org", "--role", "colleague", "--send")
    with staff_command.application().app_context():
        send.send_due("w")
        ((_row, mail),) = channels.sunk(db.session(), "cy@example.org")
        row = db.session.scalars(select(OutboxMessage)).one()
        db.session.remove()
    body = mail.get_body(("plain",))
    assert body is not None
    token = body.get_content().partition("/staff/set-password/")[2].split()[0]
    assert len(token) > 40
    assert token not in row.text
