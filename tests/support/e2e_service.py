"""The whole service as an operator runs it: `redress run` on a free port, and a mail server that is real.

Nothing is replaced. Colleagues get their accounts from the command line, pages come from the web server,
messages leave through SMTP, and a test that kills the worker kills a process.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import create_engine, text

from shared.config import ROOT
from tests.support.smtp import MailServer

REDRESS = [sys.executable, "-m", "shared.cli"]
PASSWORD = "three random words"
PATIENCE = 60.0  # seconds for anything that processes do between themselves
SIGN_IN = "/sign-in/link/"  # in every message with digits
Found = TypeVar("Found")


def until(look: Callable[[], Found | None], what: str, seconds: float = PATIENCE) -> Found:
    """Look again and again until there is something; fail with `what` when it never comes."""
    give_up = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < give_up, f"it did not happen within {seconds:.0f} s: {what}"
        time.sleep(0.1)
    return found


class Service:
    """One running Redress, with the sample cases if asked. A context manager; `url` has no slash at its end."""

    def __init__(
        self, folder: Path, database_url: str, landlord: str = "halton", *, samples: bool = False
    ) -> None:
        self.landlord, self.database_url, self._samples = landlord, database_url, samples
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "service.log"
        self.mail = MailServer()
        self._running: subprocess.Popen[bytes] | None = None
        own = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
        self.environ = own | {
            "REDRESS_ENVIRONMENT": "test",  # cheap passwords, and a GET that writes is an error
            "REDRESS_LANDLORD": landlord,
            "REDRESS_DATABASE_URL": database_url,
            "REDRESS_DATA_DIR": str(folder / "data"),
            "REDRESS_PASSWORD_COST": "low",
            "REDRESS_UNDO_SECONDS": "0",  # nobody waits for what can still be taken back
            "REDRESS_TRUSTED_PROXIES": "1",  # each browser says which address it comes from (e2e/conftest.py)
            "REDRESS_PORT": str(self.port),
            "REDRESS_BASE_URL": self.url,
            "REDRESS_SMTP_HOST": "127.0.0.1",
            "REDRESS_SMTP_PORT": str(self.mail.port),
            "REDRESS_SMTP_SECURITY": "none",
            "PYTHONUNBUFFERED": "1",
        }

    # Running ------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.mail.__enter__()
        self.redress("migrate")
        # Before the worker starts, as `make run` does it: together they would wait long for the disk.
        if self._samples:
            self.redress("sample")
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                [*REDRESS, "run"], cwd=ROOT, env=self.environ, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            until(self._is_up, "the service came up")
        except BaseException as error:
            self.__exit__()
            error.add_note(self.said())
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self._running is not None
        self._running.terminate()
        try:
            self._running.wait(PATIENCE)
        finally:
            self.mail.__exit__()

    def _is_up(self) -> bool:
        assert self._running is not None
        assert self._running.poll() is None, f"the service ended:\n{self.said()}"
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200) and "worker" in self._children()
        except OSError:
            return False

    def said(self) -> str:
        """Everything that web server and worker wrote."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def redress(self, *words: str, stdin: str = "") -> str:
        """Run `redress ...` to its end; returns what it printed."""
        done = subprocess.run(
            [*REDRESS, *words],
            cwd=ROOT,
            env=self.environ,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=4 * PATIENCE,  # the sample cases write some eighty letters
            check=False,
        )
        assert done.returncode == 0, f"redress {' '.join(words)}: {done.stderr}"
        return done.stdout

    def colleague(self, name: str, *roles: str, job: str = "") -> str:
        """Give somebody an account with PASSWORD; returns the e-mail address they sign in with."""
        address = f"{name.lower().replace(' ', '.')}@landlord.example"
        held = [word for role in roles for word in ("--role", role)]
        words = ["staff", "add", "--name", name, "--email", address, *held, "--job-title", job or name]
        self.redress(*words, "--password-stdin", stdin=f"{PASSWORD}\n")
        return address

    # What goes wrong ----------------------------------------------------------------------------------------

    def kill_worker(self) -> None:
        """End the worker as a power cut would; `redress run` starts another."""
        before = self._children()["worker"]
        os.kill(before, signal.SIGKILL)
        until(lambda: self._children().get("worker", before) != before, "another worker started")

    def _children(self) -> dict[str, int]:
        assert self._running is not None
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        rows = (line.split(None, 2) for line in listed.stdout.splitlines())
        return {
            "web" if "granian" in words else "worker": int(number)
            for number, parent, words in rows
            if int(parent) == self._running.pid
        }

    def write(self, statement: str, **values: object) -> int:
        """Change the database behind the service's back, as time would; returns how many rows."""
        engine = create_engine(self.database_url)
        try:
            with engine.begin() as connection:
                return int(connection.execute(text(statement), values).rowcount)
        finally:
            engine.dispose()

    def read(self, query: str, **values: object) -> list[tuple[object, ...]]:
        """Look into the database."""
        engine = create_engine(self.database_url)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(query), values)]
        finally:
            engine.dispose()

    # Mail ---------------------------------------------------------------------------------------------------

    def letters_to(self, address: str) -> list[EmailMessage]:
        """Every message that has reached this address, oldest first."""
        return [message for to, message, _raw in list(self.mail.messages) if to == address]

    def message_to(self, address: str, holds: str, after: int = 0) -> EmailMessage:
        """The message to this address whose text holds some words, past the first `after` such; waits for it."""

        def found() -> list[EmailMessage]:
            return [one for one in self.letters_to(address) if holds in words_of(one)][after:]

        return until(found, f"message {after + 1} to {address} with {holds!r}")[0]

    def letter_to(self, address: str, kind: str) -> EmailMessage:
        """The letter of a kind to this address; waits for it, past the time in which it can be taken back."""

        def found() -> list[EmailMessage]:
            names = f"-{kind}.pdf"
            return [one for one in self.letters_to(address) if any(n.endswith(names) for n in files_of(one))]

        return until(found, f"the letter {kind} to {address}")[0]

    @contextmanager
    def no_mail_server(self) -> Iterator[None]:
        """The mail server is away meanwhile, and comes back on the same port."""
        port = self.mail.port
        self.mail.__exit__()
        try:
            yield
        finally:
            kept = self.mail.messages
            self.mail = MailServer(port=port)
            self.mail.messages = kept
            self.mail.__enter__()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def words_of(message: EmailMessage) -> str:
    """The plain text of a message."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def digits_of(service: Service, address: str, after: int = 0) -> str:
    """The six digits of the message by which somebody without a code signs in."""
    found = re.search(r"\b\d{6}\b", words_of(service.message_to(address, SIGN_IN, after)))
    assert found
    return found[0]


def page_of(message: EmailMessage) -> str:
    """The HTML of a message."""
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def files_of(message: EmailMessage) -> dict[str, bytes]:
    """The attachments of a message by name."""
    return {str(part.get_filename()): part.get_content() for part in message.iter_attachments()}
