"""Many cases quickly, for measuring: real sample cases played once, then copied about other people and homes.

A copy keeps the shape, the length and the dates of a real case, with its events, letters and files, so that
lists, searches and case pages cost what they would. It folds like any other case and is found by its words.
"""

import hashlib
import json
import random
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared import clock
from shared.cases import projection, search
from shared.cases.samples import DOMAIN, SAMPLES, exist, make
from shared.cases.state import CaseState, decode
from shared.db import Base, db, writing
from shared.identity import tokens
from shared.models import Attachment, Case, CaseEvent, CaseTag, CaseWall, Counter, Letter

BATCH = 2_000  # cases in one transaction
PARTS: tuple[type[Base], ...] = (CaseEvent, Letter, Attachment, CaseTag, CaseWall)
POSTCODES = "ABDEFGHJLNPQRSTUWXYZ"  # the letters that end a postcode
# The ranges that the regulator keeps free of real subscribers: about 11,000 numbers.
PHONES = (
    *("01632 960", "07700 900", "0808 157 0", "020 7946 0", "029 2018 0"),
    *(f"01{area} 496 0" for area in range(13, 19)),
)
WORDS = {
    kind: words.split()
    for kind, words in tomllib.loads(
        (Path(__file__).parent / "bulk.toml").read_text(encoding="utf-8")
    ).items()
}
ROADS = ("Avenue", "Close", "Court", "Drive", "Lane", "Place", "Road", "Street", "View", "Way")


class Copy(NamedTuple):
    """What is different in one copy. The fields are the slots into which a pattern is cut."""

    ref: str
    bare_ref: str
    name: str
    street: str
    postcode: str
    bare_postcode: str
    email: str
    phone: str
    phone_token: str
    detail: str  # what this resident adds to the story: words that no other case has


Slots = dict[str, tuple["str | int", ...]]  # a text of the pattern, and what stands in its place in a copy
Cut = tuple["str | int", ...]  # what stays the same, and numbers of the fields of Copy
Values = tuple[object, ...]
Bind = Callable[[Any], Any] | None


def seed(landlord: str, wanted: int) -> int:
    """Bring the database to at least `wanted` cases. Returns how many were added."""
    if not exist():
        make(landlord)
    have = db.session.scalar(select(func.count()).select_from(Case)) or 0
    patterns = [
        _Pattern(db.session(), row)
        for row in db.session.scalars(select(Case).order_by(Case.id).limit(len(SAMPLES)))
    ]
    rng = random.Random(have)  # noqa: S311 - for measuring, so that two runs measure the same thing
    numbers = iter(range(have, wanted))
    while batch := list(islice(numbers, BATCH)):
        with writing() as session:
            _add(session, [patterns[number % len(patterns)] for number in batch], rng)
    return max(0, wanted - have)


def _add(session: Session, patterns: Sequence["_Pattern"], rng: random.Random) -> None:
    year = clock.today().year
    prefix = str(patterns[0].state.ref).partition("-")[0]
    counter = session.scalar(select(Counter).where(Counter.name == f"ref:{prefix}:{year}").with_for_update())
    if counter is None:
        raise LookupError("no case has been given a reference yet")
    first = counter.value + 1
    counter.value += len(patterns)
    session.flush()
    copies = [
        (pattern, _invent(rng, pattern.outward, tokens.new_reference(prefix, year, first + at)), number)
        for at, (pattern, number) in enumerate(zip(patterns, _ids(session, len(patterns)), strict=True))
    ]
    _insert(session, Case, (pattern.case.filled(copy, number) for pattern, copy, number in copies))
    for model in PARTS:
        rows = (row.filled(copy, number) for pattern, copy, number in copies for row in pattern.parts[model])
        _insert(session, model, rows)
    search.write(session, [(number, *pattern.tokens(copy)) for pattern, copy, number in copies])


def _invent(rng: random.Random, area: str, ref: str) -> Copy:
    """Somebody who does not exist, somewhere in a postcode area, with something of their own to say."""
    name = f"{rng.choice(WORDS['first'])} {rng.choice(WORDS['last'])}"
    end = f"{rng.randint(0, 9)}{rng.choice(POSTCODES)}{rng.choice(POSTCODES)}"
    range_ = rng.choice(PHONES)
    phone = range_ + f"{rng.randrange(1000):03d}"
    return Copy(
        ref=ref,
        bare_ref=ref.replace("-", ""),
        name=name,
        street=f"{rng.randint(1, 250)} {rng.choice(WORDS['streets'])} {rng.choice(ROADS)}",
        postcode=f"{area} {end}",
        bare_postcode=f"{area}{end}",
        email=f"{name.lower().replace(' ', '.')}.{rng.randint(1, 9999)}@{DOMAIN}",
        phone=phone,
        phone_token=search.phone_token(phone),
        detail=f" The repair number is {ref.split('-')[2]}{rng.randint(100, 999)}.",
    )


class _Pattern:
    """One real case with everything that hangs on it, cut where a copy differs."""

    def __init__(self, session: Session, row: Case) -> None:
        self.state = decode(row.state)
        self.outward = (self.state.resident.postcode if self.state.resident else "").partition(" ")[0]
        cut = _cutter(_slots(self.state))
        self.case = _rows(session, Case, Case.id == row.id, cut)[0]
        self.parts = {
            model: _rows(session, model, model.__table__.columns["case_id"] == row.id, cut) for model in PARTS
        }
        words = projection.words(self.state)
        self._who, self._what = _tokenised(cut(words.who)), _tokenised(cut(words.what))

    def tokens(self, copy: Copy) -> tuple[list[str], list[str]]:
        """What the copy is found by."""
        return _filled_tokens(self._who, copy), _filled_tokens(self._what, copy)


def _slots(state: CaseState) -> Slots:
    def slot(field: str) -> int:
        return Copy._fields.index(field)

    found: Slots = {state.ref: (slot("ref"),), state.ref.replace("-", ""): (slot("bare_ref"),)}
    if person := state.resident:
        found[person.name] = (slot("name"),)
        found[person.postcode] = (slot("postcode"),)
        found[person.postcode.replace(" ", "")] = (slot("bare_postcode"),)
        found[person.email] = (slot("email"),)
        found[person.phone] = (slot("phone"),)
        found[search.phone_token(person.phone)] = (slot("phone_token"),)
        if person.address:
            found[person.address[0]] = (slot("street"),)
    found[state.story.what] = (state.story.what, slot("detail"))
    return {old: new for old, new in found.items() if old}


def _cutter(slots: Slots) -> Callable[[str], Cut]:
    """A function that cuts a text at everything that differs from copy to copy."""
    longest_first = sorted(slots, key=len, reverse=True)
    pattern = re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")

    def cut(whole: str) -> Cut:
        pieces: list[str | int] = []
        for piece in pattern.split(whole):
            pieces += slots.get(piece, (piece,) if piece else ())
        return tuple(pieces)

    return cut


def _filled(cut: Cut, copy: Copy) -> str:
    return "".join([piece if type(piece) is str else copy[piece] for piece in cut])  # type: ignore[index]


def _tokenised(cut: Cut) -> tuple["list[str] | int", ...]:
    return tuple(search.index_tokens(piece) if isinstance(piece, str) else piece for piece in cut)


def _filled_tokens(cut: tuple["list[str] | int", ...], copy: Copy) -> list[str]:
    found: list[str] = []
    for piece in cut:
        found += search.index_tokens(copy[piece]) if isinstance(piece, int) else piece
    return found


class _Row:
    """One row of a pattern as the driver takes it: fixed values, and texts that are filled in."""

    def __init__(self, model: type[Base], values: list[Any], cut: Callable[[str], Cut]) -> None:
        names = _columns(model)
        self._values = values
        cuts = {at: cut(value) for at, value in enumerate(values) if isinstance(value, str)}
        self._cuts = {at: pieces for at, pieces in cuts.items() if any(isinstance(p, int) for p in pieces)}
        self._number_at = names.index("id" if model is Case else "case_id")
        self._digest = (names.index("html"), names.index("digest")) if model is Letter else None
        self._summary = names.index("summary") if model is Case else None

    def filled(self, copy: Copy, number: int) -> Values:
        """The row of a copy, of the case `number`."""
        values = list(self._values)
        for at, pieces in self._cuts.items():
            values[at] = _filled(pieces, copy)
        values[self._number_at] = number
        if self._digest is not None:
            html, digest = self._digest
            values[digest] = hashlib.sha256(values[html].encode()).hexdigest()
        if self._summary is not None:
            values[self._summary] = values[self._summary][:200]
        return tuple(values)


# ---- straight to the driver: a million rows through the mapper would take an hour -----------------------


def _columns(model: type[Base]) -> list[str]:
    """The columns that a copy brings along; the database numbers all rows but cases."""
    return [c.name for c in model.__table__.columns if model is Case or c.name != "id"]


def _rows(session: Session, model: type[Base], where: Any, cut: Callable[[str], Cut]) -> list[_Row]:
    table, dialect = model.__table__, session.get_bind().dialect
    columns = [table.columns[name] for name in _columns(model)]
    binds = [c.type.dialect_impl(dialect).bind_processor(dialect) for c in columns]
    query = select(*columns).where(where).order_by(*table.primary_key)
    return [
        _Row(model, [_bound(bind, value) for bind, value in zip(binds, row, strict=True)], cut)
        for row in session.execute(query)
    ]


def _bound(bind: Bind, value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value)
    return value if bind is None else bind(value)


def _ids(session: Session, count: int) -> list[int]:
    """Numbers for that many new cases."""
    if session.get_bind().dialect.name == "sqlite":
        last = session.scalar(select(func.max(Case.id))) or 0
        return list(range(last + 1, last + count + 1))
    sequence = "pg_get_serial_sequence('complaint_case', 'id')"
    drawn = text(f"SELECT nextval({sequence}) FROM generate_series(1, :count)")  # noqa: S608 - a constant
    return list(session.scalars(drawn, {"count": count}))


def _insert(session: Session, model: type[Base], rows: Iterable[Values]) -> None:
    table = model.__tablename__
    names = ", ".join(f'"{name}"' for name in _columns(model))
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in _columns(model))
        if listed := list(rows):
            connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", listed)  # noqa: S608
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as stream:
        for values in rows:
            stream.write_row(values)
