"""The database: one engine, one session, the same behaviour on SQLite and PostgreSQL.

SQLite begins every transaction that writes with BEGIN IMMEDIATE, so that two writers queue up instead of
one of them failing half way; PostgreSQL locks the rows it needs with FOR UPDATE.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, MetaData, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Answer = TypeVar("Answer")

# The largest number of a row. An address can hold a larger one; PostgreSQL would take it for a mistake of ours.
LARGEST_ID = 2**31 - 1


class Base(DeclarativeBase):
    """Constraints get predictable names, so that one migration history serves both databases."""

    metadata = MetaData(naming_convention=NAMES)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: stored in UTC, always aware when read (SQLite alone would drop the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("instants are stored with their time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

# db.Model is made at run time, where a type checker cannot see it; what it is made of can be seen.
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


@event.listens_for(Engine, "connect")
def _configure_sqlite(connection: Any, _record: Any) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=15000", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")


def ensure(session: Any, model: Any, **values: Any) -> None:
    """Insert a row unless one under its key is there already.

    Of two that would be first, one waits for the other and then finds the row: neither fails.
    """
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(make(model).values(**values).on_conflict_do_nothing())


@contextmanager
def writing() -> Iterator[Any]:
    """One transaction that writes: commits at the end, rolls back on any error.

    Ends whatever read transaction the session holds first, since a SQLite reader that turns writer can
    fail with "database is locked" instead of waiting its turn. Refuses, with RuntimeError, to start inside
    another one or over changes that nobody committed: both would be lost without a word.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("writing() inside writing(): pass the session on instead")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("the session holds changes made outside writing()")
    session.rollback()
    session.info["writing"] = True
    try:
        session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)


_ASKED = "asked"


def once(session: Any, key: str, find: Callable[[], Answer]) -> Answer:
    """What `find` reads, read once in a transaction that only reads: pages come back to it in several places.

    A transaction that writes reads again each time, since it may have changed what it reads.
    """
    if session.info.get("writing"):
        return find()
    asked = session.info.setdefault(_ASKED, {})
    if key not in asked:
        asked[key] = find()
    return cast(Answer, asked[key])


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_ASKED, None)


def take_stock() -> None:
    """Let the planner know how the tables look now, so that it picks the right index as they grow.

    SQLite never does this by itself; PostgreSQL does, but not at once. Looks at samples, not at every row.
    """
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
            connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
    else:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")
