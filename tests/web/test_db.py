"""The database helpers: writers queue up, and nothing is lost silently."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from shared import clock
from shared.db import db, take_stock, writing
from shared.models import Counter, PolicyVersion, StaffAccount, StaffSession
from tests.support.at_once import at_once
from tests.support.core import on_tables


@pytest.fixture
def app(make_database: Callable[[], str]) -> Iterator[Flask]:
    with on_tables(make_database()) as app:
        yield app


def count_to(rounds: int) -> None:
    """Read, then write, as every step of a case does."""
    for _ in range(rounds):
        db.session.scalar(select(Counter.value))  # an open read transaction, as a view leaves behind
        with writing() as session:
            row = session.get(Counter, "cases", with_for_update=True, populate_existing=True)
            row.value += 1
        db.session.remove()


def test_writers_take_turns(app: Flask) -> None:
    with writing() as session:
        session.add(Counter(name="cases", value=0))
    at_once(app, 4, lambda _number: count_to(25))
    assert db.session.scalar(select(Counter.value)) == 100


@pytest.mark.only_on("sqlite")
def test_a_writer_holds_the_lock_from_its_first_moment(app: Flask) -> None:
    """On SQLite BEGIN IMMEDIATE: what a writer reads cannot change before it writes."""
    with writing() as session:
        session.scalar(select(Counter.value))
        with db.engine.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout=50")
            with pytest.raises(OperationalError, match="locked"):
                other.exec_driver_sql("INSERT INTO counter VALUES ('x', 1)")


def test_an_error_rolls_everything_back(app: Flask) -> None:
    def fail() -> None:
        with writing() as session:
            session.add(Counter(name="cases", value=1))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert db.session.scalar(select(Counter.value)) is None
    with writing() as session:  # and the session is usable again
        session.add(Counter(name="cases", value=2))
    assert db.session.scalar(select(Counter.value)) == 2


def test_nesting_and_stray_changes_are_refused(app: Flask) -> None:
    with writing() as session:
        session.add(Counter(name="outer", value=1))
        with pytest.raises(RuntimeError, match="inside"), writing():
            pass
    assert db.session.get(Counter, "outer") is not None
    db.session.add(Counter(name="stray", value=1))
    with pytest.raises(RuntimeError, match="outside"), writing():
        pass
    db.session.rollback()


def test_a_savepoint_undoes_only_itself(app: Flask) -> None:
    with writing() as session:
        session.add(Counter(name="a", value=1))
        session.flush()
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(Counter(name="a", value=2))
        session.expunge_all()
        session.add(Counter(name="b", value=3))
    assert dict(db.session.execute(select(Counter.name, Counter.value)).all()) == {"a": 1, "b": 3}


def test_instants_come_back_aware_and_in_utc(app: Flask) -> None:
    summer = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    with writing() as session:
        session.add(PolicyVersion(version="v", landlord="x", document="{}", first_used_at=summer))
    db.session.expire_all()
    read = db.session.get_one(PolicyVersion, "v").first_used_at
    assert (read, read.tzinfo) == (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), UTC)
    assert clock.london_date(read).day == 1


def test_instants_without_a_zone_are_refused(app: Flask) -> None:
    naive = PolicyVersion(version="v", landlord="x", document="{}", first_used_at=datetime(2026, 7, 1))
    with pytest.raises(StatementError, match="time zone"), writing() as session:
        session.add(naive)


def test_foreign_keys_are_enforced(app: Flask) -> None:
    with pytest.raises(IntegrityError), writing() as session:
        session.add(StaffSession(token_hash="x", account_id=999, expires_at=clock.now()))


@pytest.mark.only_on("sqlite")
def test_sqlite_is_set_up_for_several_processes(app: Flask) -> None:
    names = ("journal_mode", "foreign_keys", "synchronous")
    values = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in names}
    assert values == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}


def test_constraints_carry_predictable_names() -> None:
    table = db.metadata.tables["staff_account"]
    assert table.primary_key.name == "pk_staff_account"
    assert {c.name for c in table.constraints} == {"pk_staff_account", "uq_staff_account_email"}
    assert StaffAccount.__table__ is table


def test_taking_stock_tells_the_planner_how_tables_look(app: Flask) -> None:
    with writing() as session:
        session.add_all(Counter(name=f"counter {n}", value=n) for n in range(50))
    take_stock()
    query = (
        "SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = 'counter'"
        if db.engine.dialect.name == "sqlite"
        else "SELECT reltuples FROM pg_class WHERE relname = 'counter'"
    )
    assert db.session.scalar(text(query)) == 50
