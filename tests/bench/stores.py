"""One database of each kind and size, filled with copies of the sample cases. Larger ones grow out of smaller."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask

from shared.cases import bulk
from shared.cli.migrate import upgrade
from shared.config import Config
from shared.db import db, take_stock
from tests.bench import bare
from tests.support.postgres import PostgresServer
from tests.support.stopwatch import Browser
from wsgi import create_app

LANDLORD = "halton"


@dataclass(frozen=True, slots=True)
class Store:
    """A filled database and the service on top of it."""

    database: str  # sqlite or postgresql
    cases: int
    app: Flask


@contextmanager
def filled(database: str, sizes: Sequence[int], folder: Path) -> Iterator[list[Store]]:
    """A store for each size, the smallest first."""
    if database == "sqlite":
        yield list(_grow(database, sizes, folder, None))
        return
    with PostgresServer() as server:
        stores = list(_grow(database, sizes, folder, server))
        try:
            yield stores
        finally:
            for store in stores:
                _let_go(store.app)


def _grow(
    database: str, sizes: Sequence[int], folder: Path, server: PostgresServer | None
) -> Iterator[Store]:
    before: Config | None = None
    for size in sorted(sizes):
        config = _next(database, size, folder, before, server)
        app = create_app(config)
        app.test_client_class = Browser
        bare.init_app(app)
        with app.app_context():
            if before is None:
                upgrade()
            bulk.seed(LANDLORD, size)
            take_stock()
        _let_go(app)
        before = config
        yield Store(database, size, app)


def _let_go(app: Flask) -> None:
    """Close all connections, so that the database can be copied or stopped."""
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
    if server is not None:
        template = f"{database}_{before.data_dir.name.rpartition('_')[2]}" if before else "template0"
        url = server.create_database(name, template)
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
