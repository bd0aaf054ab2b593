"""The history of the database: from empty to the models of today, on whichever database the tests run on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.util import CommandError
from flask import Flask

import shared.cases.inbox.search  # noqa: F401 - its index is made along with the tables
from shared.cli import migrate
from shared.config import Config
from shared.db import db, writing
from shared.models import Counter
from tests.support.core import core_app


@contextmanager
def an_app(url: str) -> Iterator[Flask]:
    app = core_app(Config(environment="test", database_url=url))
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def shape() -> dict[str, set[tuple[str, bool]]]:
    """Tables and columns as the database has them, without Alembic's own."""
    inspector = sa.inspect(db.engine)
    return {
        table: {(column["name"], column["nullable"]) for column in inspector.get_columns(table)}
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_upgrade_from_empty_gives_what_the_models_describe(make_database: Callable[[], str]) -> None:
    with an_app(make_database()):
        migrate.upgrade()
        by_history = shape()
        migrate.check()
    with an_app(make_database()):
        db.create_all()
        assert shape() == by_history


def test_upgrading_twice_changes_nothing(make_database: Callable[[], str]) -> None:
    with an_app(make_database()):
        migrate.upgrade()
        with writing() as session:
            session.add(Counter(name="cases", value=7))
        migrate.upgrade()
        assert db.session.scalar(sa.select(Counter.value)) == 7


def test_hosts_that_start_together_take_turns(make_database: Callable[[], str]) -> None:
    problems: list[BaseException] = []

    def start(url: str) -> None:
        try:
            with an_app(url):
                migrate.upgrade("0001")
        except BaseException as error:
            problems.append(error)

    url = make_database()
    with an_app(url):
        locked = db.engine.connect().execution_options(sqlite_begin="IMMEDIATE")
        with locked.begin():
            if db.engine.dialect.name == "postgresql":
                locked.execute(sa.text("SELECT pg_advisory_xact_lock(7301552)"))
            other = threading.Thread(target=start, args=(url,))
            other.start()
            other.join(1.0)
            assert other.is_alive(), "it did not wait for the host that was first"
        locked.close()
        other.join(30)
        assert problems == []
        assert "outbox" in shape()


def test_all_the_way_down_again(make_database: Callable[[], str]) -> None:
    with an_app(make_database()):
        migrate.upgrade()
        command.downgrade(migrate.settings(), "base")
        assert shape() == {}


def test_a_model_without_its_migration_is_found(make_database: Callable[[], str]) -> None:
    with an_app(make_database()):
        migrate.upgrade()
        with db.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE outbox DROP COLUMN receipt"))
        with pytest.raises(CommandError, match="receipt"):
            migrate.check()


@pytest.mark.only_on("sqlite")
def test_foreign_keys_hold_again_afterwards(make_database: Callable[[], str]) -> None:
    with an_app(make_database()):
        migrate.upgrade()
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
