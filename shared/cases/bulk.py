"""Many cases quickly, for measuring: real sample cases played once, then copied under new names and dates.

A copy keeps the shape and the length of a real case, events and letters included, so that lists, searches and
case pages cost what they would. Copies fold like any other case.
"""

import random

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from shared import clock
from shared.cases import projection, search
from shared.cases.samples import SAMPLES, exist, make
from shared.cases.state import decode
from shared.db import db, writing
from shared.identity import tokens
from shared.models import Case, CaseEvent, Counter, Letter

FIRST = ("Amina", "Tom", "Zofia", "Grace", "Peter", "Nadia", "Ravi", "Ellen", "George", "Farah")
LAST = ("Yusuf", "Barker", "Hill", "Lam", "Khan", "Mehta", "Wood", "Pike", "Amini", "Jones")
STREETS = ("Elm Court", "Mill Lane", "Dock Road", "High Street", "Quay Place", "Oak Avenue", "Park View")
BATCH = 500


def seed(landlord: str, wanted: int) -> int:
    """Bring the database to at least `wanted` cases. Returns how many were added."""
    if not exist():
        make(landlord)
    have = db.session.scalar(select(func.count()).select_from(Case)) or 0
    patterns = list(db.session.scalars(select(Case).order_by(Case.id).limit(len(SAMPLES))))
    kept = [_Pattern(db.session(), row) for row in patterns]
    rng = random.Random(wanted)  # noqa: S311 - for measuring, so that two runs measure the same thing
    added = 0
    while have + added < wanted:
        size = min(BATCH, wanted - have - added)
        with writing() as session:
            _copy(session, kept, size, rng, have + added)
        added += size
    return added


class _Pattern:
    """One real case with everything that hangs on it, as plain values."""

    def __init__(self, session: Session, row: Case) -> None:
        self.case = {c.key: getattr(row, c.key) for c in Case.__table__.columns if c.key != "id"}
        self.events = _rows(session, CaseEvent, row.id)
        self.letters = _rows(session, Letter, row.id)
        self.name = row.resident
        state = decode(row.state)
        self.street = state.resident.address[0] if state.resident and state.resident.address else ""


def _rows(session: Session, model: type[CaseEvent] | type[Letter], case_id: int) -> list[dict[str, object]]:
    rows = session.scalars(select(model).where(model.case_id == case_id))
    keys = [c.key for c in model.__table__.columns if c.key not in {"id", "case_id"}]
    return [{key: getattr(row, key) for key in keys} for row in rows]


def _copy(session: Session, patterns: list[_Pattern], size: int, rng: random.Random, offset: int) -> None:
    year = clock.today().year
    prefix = patterns[0].case["ref"].split("-")[0]
    counter = session.scalar(select(Counter).where(Counter.name == f"ref:{prefix}:{year}").with_for_update())
    if counter is None:
        raise LookupError("no case has been given a reference yet")
    cases, parts = [], []
    for number in range(size):
        pattern = patterns[(offset + number) % len(patterns)]
        counter.value += 1
        swap = {
            pattern.case["ref"]: tokens.new_reference(prefix, year, counter.value),
            pattern.name: f"{rng.choice(FIRST)} {rng.choice(LAST)}",
        }
        if pattern.street:
            swap[pattern.street] = f"{rng.randint(1, 400)} {rng.choice(STREETS)}"
        cases.append(_swapped(pattern.case, swap))
        parts.append((pattern, swap))
    ids = session.scalars(insert(Case).returning(Case.id, sort_by_parameter_order=True), cases).all()
    events, letters, words = [], [], []
    for case_id, values, (pattern, swap) in zip(ids, cases, parts, strict=True):
        events += [_swapped(e, swap) | {"case_id": case_id} for e in pattern.events]
        letters += [_swapped(one, swap) | {"case_id": case_id} for one in pattern.letters]
        words.append((case_id, projection.words(decode(str(values["state"])))))
    session.execute(insert(CaseEvent), events)
    if letters:
        session.execute(insert(Letter), letters)
    search.index_many(session, words)


def _swapped(values: dict[str, object], swap: dict[str, str]) -> dict[str, object]:
    """The same row about somebody else at another address."""
    out = dict(values)
    for key, value in values.items():
        if isinstance(value, str):
            for old, new in swap.items():
                value = value.replace(old, new)
            out[key] = value
    return out


def analyse() -> None:
    """Let the database know how its tables look now, as it would by itself in a night."""
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
