"""How Alembic meets our database: one history for SQLite and PostgreSQL.

`redress migrate` brings a database up to date. `redress migrate --write "Why"` writes the next revision from
the difference between models and database; read it before committing it.
"""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.engine import Connection

import shared.models  # noqa: F401 - makes every table known
from shared.db import UTCDateTime, db

SEARCH = "case_search"  # made by hand in its revision: each database has its own kind of index
LOCK = 7_301_552  # any number of our own; hosts that start together take turns


def ours(name: str | None, kind: str, parents: Any) -> bool:
    """Leave the full-text index, and the tables that SQLite keeps behind it, out of comparisons."""
    table = name if kind == "table" else parents.get("table_name")
    return not (table or "").startswith(SEARCH)


def render(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our type as the plain one beneath it, so that old revisions outlive our code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def upgrade(connection: Connection) -> None:
    """One transaction for all revisions on both databases: half a migration is none."""
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        transactional_ddl=True,
        transaction_per_migration=False,
        compare_type=True,
        include_name=ours,
        render_item=render,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"the migration would leave rows that point nowhere: {broken[:5]}")


def main() -> None:
    """Run with SQLite's foreign keys off: changing a table there means dropping it after copying."""
    with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection:
        if connection.dialect.name != "sqlite":
            upgrade(connection)
            return
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            upgrade(connection)
        finally:
            connection.rollback()
            raw.execute("PRAGMA foreign_keys=ON")


main()
