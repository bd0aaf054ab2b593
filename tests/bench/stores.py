"""A database of each kind and size, filled by `redress seed`. Larger ones grow out of smaller."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from shared.config import ROOT, Config
from shared.db import db
from tests.bench import bare
from tests.support.postgres import PostgresServer
from tests.support.stopwatch import Browser
from wsgi import create_app

LANDLORD = "halton"
# As a server comes: a commit waits for the disk. Only what it does by itself, at any time, stays out of a run.
AS_IN_SERVICE = ("autovacuum=off", "max_wal_size=8GB", "checkpoint_timeout=1h")
BYTES_A_CASE = 60_000  # its events, its letters as sent, its places in indexes, and the log of writing them


@dataclass(frozen=True, slots=True)
class Store:
    """A filled database and the service on top of it."""

    database: str  # sqlite or postgresql
    cases: int
    app: Flask


@contextmanager
def filled(databases: Sequence[str], sizes: Sequence[int], folder: Path) -> Iterator[list[Store]]:
    """A store of each kind and size, the smallest first. The kinds are filled side by side."""
    with ExitStack() as stack:
        server = stack.enter_context(PostgresServer(AS_IN_SERVICE)) if "postgresql" in databases else None
        pool = stack.enter_context(ThreadPoolExecutor())
        waiting = [pool.submit(_grow, kind, sizes, folder, server) for kind in databases]
        stores = [
            Store(kind, size, _service(config))
            for kind, configs in zip(databases, (one.result() for one in waiting), strict=True)
            for size, config in zip(sizes, configs, strict=True)
        ]
        for store in stores:
            _settle(store.app)
        try:
            yield stores
        finally:
            for store in stores:
                _let_go(store.app)


def bytes_needed(databases: Sequence[str], sizes: Sequence[int]) -> int:
    """The room that they take for the time being, roughly."""
    return len(databases) * sum(sizes) * BYTES_A_CASE


def bytes_taken(stores: Iterable[Store]) -> int:
    """The room that they do take, without PostgreSQL's log."""
    total = 0
    for store in stores:
        folder: Path = store.app.extensions["redress"].data_dir
        total += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        if store.database == "postgresql":
            with store.app.app_context():
                total += int(db.session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    return total


def _settle(app: Flask) -> None:
    """Have everything that filling left in memory written, so that no page pays for it later."""
    with app.app_context(), db.engine.connect() as connection:
        sqlite_ = db.engine.dialect.name == "sqlite"
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)" if sqlite_ else "CHECKPOINT")


def _grow(database: str, sizes: Sequence[int], folder: Path, server: PostgresServer | None) -> list[Config]:
    made: list[Config] = []
    for size in sizes:
        began = time.monotonic()
        config = _next(database, size, folder, made[-1] if made else None, server)
        if not made:
            _redress(config, "migrate")
        _redress(config, "seed", "--cases", str(size))
        print(f"{database}: {size:,} cases in {time.monotonic() - began:.0f} s", flush=True)
        made.append(config)
    return made


def _redress(config: Config, *arguments: str) -> None:
    """The command itself, on a database of ours."""
    settings = {
        "REDRESS_ENVIRONMENT": config.environment,
        "REDRESS_LANDLORD": config.landlord,
        "REDRESS_DATABASE_URL": config.database_url,
        "REDRESS_DATA_DIR": str(config.data_dir),
        "REDRESS_PASSWORD_COST": config.password_cost,
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
    subprocess.run(
        [sys.executable, "-m", "shared.cli", *arguments],
        check=True,
        cwd=ROOT,
        env=others | settings,
        stdout=subprocess.DEVNULL,
    )


def _service(config: Config) -> Flask:
    app = create_app(config)
    app.test_client_class = Browser
    bare.init_app(app)
    return app


def _let_go(app: Flask) -> None:
    """Close all connections, so that the database can be stopped."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _next(
    database: str, size: int, folder: Path, before: Config | None, server: PostgresServer | None
) -> Config:
    """Settings for a database of its own: empty, or a copy of the one before."""
    name = f"{database}_{size}"
    data = folder / name
    if before is None:
        data.mkdir(parents=True)
    else:
        shutil.copytree(before.data_dir, data, ignore=shutil.ignore_patterns("*.sqlite3*"))
    if database == "postgresql":
        assert server is not None
        url = server.create_database(name, before.data_dir.name if before else "template0")
    else:
        url = f"sqlite:///{data / 'redress.sqlite3'}"
        if before is not None:
            _copy_sqlite(before.data_dir / "redress.sqlite3", data / "redress.sqlite3")
    if before is not None:
        return replace(before, database_url=url, data_dir=data)
    return Config(environment="test", landlord=LANDLORD, database_url=url, data_dir=data, password_cost="low")


def _copy_sqlite(old: Path, new: Path) -> None:
    with sqlite3.connect(old) as source, sqlite3.connect(new) as target:
        source.backup(target)
    source.close()
    target.close()
