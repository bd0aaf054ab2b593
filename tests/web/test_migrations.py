"""The history of the database: from empty to the models of today, on whichever database the tests run on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.util import CommandError
from flask import Flask

from shared.cases.inbox import search, search_tokens  # its index is made along with the tables
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


def test_chinese_texts_that_were_indexed_before_are_found_by_their_words(
    make_database: Callable[[], str],
) -> None:
    words = search.Words("HAL-1 陳大文", "廚房漏水 three 星期")
    with an_app(make_database()):
        migrate.upgrade("0012")
        _case_1()
        with writing() as session:
            who, what = search_tokens.tokens_of(words.who), search_tokens.tokens_of(words.what)
            search.write(session, [(1, who, what)])
        migrate.upgrade()
        by_history = _indexed()
        with writing() as session:
            search.index(session, 1, words)
        assert by_history == _indexed()
        assert {"漏水", search.WHO + "大文"} <= by_history


def _case_1() -> None:
    """A row to which an index belongs, however many columns it has."""
    table = sa.Table("complaint_case", sa.MetaData(), autoload_with=db.engine)
    kinds = {str: "", int: 1, bool: False, date: date(2026, 1, 5), datetime: datetime(2026, 1, 5), object: []}
    needed = [one for one in table.columns if not one.nullable and one.server_default is None]
    with db.engine.begin() as connection:
        connection.execute(table.insert().values({one.name: kinds[one.type.python_type] for one in needed}))


def _indexed() -> set[str]:
    """The words in the index, without the places that PostgreSQL notes behind each."""
    columns = "who || ' ' || what" if db.engine.dialect.name == "sqlite" else "words::text"
    with db.engine.connect() as connection:
        found = str(connection.exec_driver_sql(f"SELECT {columns} FROM case_search").scalar())  # noqa: S608
    return {word.partition(":")[0].strip("'") for word in found.split()}
