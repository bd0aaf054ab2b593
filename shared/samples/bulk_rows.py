"""Rows straight to the driver, for copies of cases: a million of them through the mapper would take an hour.

A row is read as the driver takes it and cut where a copy differs; a copy fills the gaps.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared.cases.inbox import search, search_tokens
from shared.db import Base, db
from shared.models import Case, Letter

NUMBERED: tuple[type[Base], ...] = (
    Case,
    Letter,
)  # other rows point at these, so their numbers are drawn first
SUMMARY = 200  # characters

Slots = dict[str, tuple["str | int", ...]]  # a text of the pattern, and what stands in its place in a copy
Cut = tuple["str | int", ...]  # what stays the same, and numbers of what a copy brings
Tokens = tuple["list[str] | int", ...]
Values = tuple[object, ...]
Places = Mapping[tuple[str, int], int]  # (table, number in the pattern): its place among a copy's numbers
Bind = Callable[[Any], Any] | None


def cutter(slots: Slots) -> Callable[[str], Cut]:
    """A function that cuts a text at everything that differs from copy to copy."""
    longest_first = sorted(slots, key=len, reverse=True)
    pattern = re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")

    def cut(whole: str) -> Cut:
        pieces: list[str | int] = []
        for piece in pattern.split(whole):
            pieces += slots.get(piece, (piece,) if piece else ())
        return tuple(pieces)

    return cut


def filled(cut: Cut, copy: Sequence[str]) -> str:
    """A text of a copy."""
    return "".join([piece if type(piece) is str else copy[piece] for piece in cut])  # type: ignore[index]


def tokenised(cut: Cut) -> Tokens:
    """A text as the tokens under which it is found."""
    return tuple(search_tokens.index_tokens(piece) if isinstance(piece, str) else piece for piece in cut)


def filled_tokens(cut: Tokens, copy: Sequence[str]) -> list[str]:
    """The tokens of a text of a copy."""
    found: list[str] = []
    for piece in cut:
        found += search_tokens.index_tokens(copy[piece]) if isinstance(piece, int) else piece
    return found


class Row:
    """One row of a pattern: fixed values, texts that are filled in, and numbers of rows that it belongs to."""

    def __init__(
        self, model: type[Base], values: Sequence[Any], cut: Callable[[str], Cut], places: Places
    ) -> None:
        self._values = values
        cuts = {at: cut(value) for at, value in enumerate(values) if isinstance(value, str)}
        self._cuts = {at: pieces for at, pieces in cuts.items() if any(isinstance(p, int) for p in pieces)}
        tables = list(_tables(model))
        self._numbers = [
            (at, places[table, values[at]]) for at, table in enumerate(tables) if values[at] and table
        ]
        names = columns(model)
        self._digest = (names.index("html"), names.index("digest")) if model is Letter else None
        self._summary = names.index("summary") if model is Case else None

    def filled(self, copy: Sequence[str], numbers: Sequence[int]) -> Values:
        """The row of a copy that has these numbers."""
        values = list(self._values)
        for at, pieces in self._cuts.items():
            values[at] = filled(pieces, copy)
        for at, place in self._numbers:
            values[at] = numbers[place]
        if self._digest is not None:
            html, digest = self._digest
            values[digest] = hashlib.sha256(values[html].encode()).hexdigest()
        if self._summary is not None:
            values[self._summary] = values[self._summary][:SUMMARY]
        return tuple(values)


def _tables(model: type[Base]) -> Iterator[str]:
    """For each column the table whose numbers stand in it, if a copy has its own there."""
    known = {other.__tablename__ for other in NUMBERED}
    for name in columns(model):
        targets = {key.column.table.name for key in model.__table__.columns[name].foreign_keys}
        found = {model.__tablename__} if name == "id" else targets & known
        yield next(iter(found), "")


def columns(model: type[Base]) -> list[str]:
    """The columns that a copy brings along; the database numbers what nothing points at."""
    return [c.name for c in model.__table__.columns if model in NUMBERED or c.name != "id"]


def rows(
    session: Session,
    model: type[Base],
    where: Any,
    cut: Callable[[str], Cut],
    places: Places,
    changed: Callable[[int, dict[str, Any]], dict[str, Any]] | None = None,
) -> list[Row]:
    """The rows of a pattern. `changed` gets the place of a row and its values, and returns those that differ."""
    table, dialect = model.__table__, session.get_bind().dialect
    names = columns(model)
    binds: list[Bind] = [
        table.columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names
    ]
    query = select(*(table.columns[name] for name in names)).where(where).order_by(*table.primary_key)
    found = []
    for at, row in enumerate(session.execute(query)):
        values = dict(zip(names, row, strict=True))
        if changed is not None:
            values |= changed(at, values)
        bound = [_bound(bind, value) for bind, value in zip(binds, values.values(), strict=True)]
        found.append(Row(model, bound, cut, places))
    return found


def _bound(bind: Bind, value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value)
    return value if bind is None else bind(value)


def draw(session: Session, model: type[Base], count: int) -> list[int]:
    """Numbers for that many new rows of a table in which nobody else writes."""
    if session.get_bind().dialect.name == "sqlite":
        number = model.__table__.columns["id"]
        last = session.scalar(select(func.max(number))) or 0
        return list(range(last + 1, last + count + 1))
    sequence = f"pg_get_serial_sequence('{model.__tablename__}', 'id')"
    drawn = text(f"SELECT nextval({sequence}) FROM generate_series(1, :count)")  # noqa: S608 - our own name
    return list(session.scalars(drawn, {"count": count}))


def insert(session: Session, model: type[Base], rows: Iterable[Values]) -> None:
    """Put rows into a table, each with a value for each of `columns(model)`."""
    table = model.__tablename__
    names = ", ".join(f'"{name}"' for name in columns(model))
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in columns(model))
        if listed := list(rows):
            connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", listed)  # noqa: S608
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as stream:
        for values in rows:
            stream.write_row(values)


@contextmanager
def in_haste() -> Iterator[None]:
    """Make it quick to fill a scratch database: after a power cut it is made anew.

    SQLite does not wait for the disk meanwhile. PostgreSQL sorts the words of all cases into its index at the end:
    case by case takes several times as long.
    """
    if db.engine.dialect.name != "sqlite":
        db.session.remove()
        _run(f"DROP INDEX IF EXISTS {search.WORDS}")
        try:
            yield
        finally:
            db.session.remove()
            _run("SET LOCAL maintenance_work_mem = '256MB'", *search.CREATE["postgresql"])
        return
    db.session.remove()
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA synchronous = OFF")
        driver.execute("PRAGMA cache_size = -200000")  # kilobytes
    try:
        yield
    finally:
        db.session.remove()
        db.engine.dispose()  # a new connection waits for the disk again


def _run(*statements: str) -> None:
    with db.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
