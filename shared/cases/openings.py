"""Who opened which case, letter, file or e-mail: kept so that looking can be checked (UK GDPR Article 5(1)(f)).

Reading notes an opening; the row is written after the answer is made, in a short transaction of its own, since
a page that reads must never wait for one that writes. Who reloads a page within TEN_MINUTES opened it once.
"""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    cast,
    exists,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared import clock
from shared.db import LARGEST_ID, db, writing
from shared.identity.actors import Staff
from shared.models import Case, CaseEvent, CaseOpening, CaseWall, StaffAccount

log = logging.getLogger("redress.openings")

TEN_MINUTES = timedelta(minutes=10)
CASE = "case"
PAGE = 50
LOOKED_AT = 5_000  # spot checks draw from so many of the newest openings
DRAWN = 20
LONGEST_FINDING = 300  # characters
_NOTED = "openings"


# Writing them -----------------------------------------------------------------------------------------------


def note(session: Session, case_id: int, actor: Staff, what: str = CASE) -> None:
    """Somebody is about to read this; `write` keeps it once the answer is made."""
    session.info.setdefault(_NOTED, {})[case_id, actor.id, what] = actor.role.value


def write() -> None:
    """Keep what was noted since the last call. One that cannot be kept goes to the log: nobody waits for it."""
    session = db.session()
    noted: dict[tuple[int, int, str], str] = session.info.pop(_NOTED, {})
    if not noted:
        return
    try:
        seen = {tuple(row) for row in session.execute(_recent(noted))}
        fresh = {key: role for key, role in noted.items() if key not in seen}
        if fresh:
            _insert(fresh)
    except SQLAlchemyError:
        session.rollback()
        log.exception("openings were not recorded: %s", sorted(noted))


def _recent(noted: dict[tuple[int, int, str], str]) -> Any:
    cases, people = {key[0] for key in noted}, {key[1] for key in noted}
    return select(CaseOpening.case_id, CaseOpening.staff_id, CaseOpening.what).where(
        CaseOpening.case_id.in_(cases),
        CaseOpening.staff_id.in_(people),
        CaseOpening.opened_at > clock.now() - TEN_MINUTES,
    )


def _insert(fresh: dict[tuple[int, int, str], str]) -> None:
    """One row each in one statement, unless another request of the same person was quicker."""
    columns = ["case_id", "staff_id", "role", "what", "opened_at", "finding"]
    with writing() as session:
        shared_database = session.get_bind().dialect.name == "postgresql"
        new = union_all(*(_row(*key, role, shared_database) for key, role in sorted(fresh.items())))
        session.execute(insert(CaseOpening).from_select(columns, new, include_defaults=False))


def _row(case_id: int, staff_id: int, what: str, role: str, shared_database: bool) -> Any:
    now = clock.now()
    mine = (CaseOpening.case_id == case_id, CaseOpening.staff_id == staff_id, CaseOpening.what == what)
    alone = [~exists().where(*mine, CaseOpening.opened_at > now - TEN_MINUTES)]
    if shared_database:  # whoever else holds the lock is writing the same row just now
        alone.append(func.pg_try_advisory_xact_lock(case_id, staff_id))
    return select(
        literal(case_id),
        literal(staff_id),
        literal(role),
        literal(what),
        literal(now, CaseOpening.opened_at.type),
        literal(""),
    ).where(*alone)


# Reading them -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening as a page shows it. `what`: case, letter:<id>, file:<id> or mail:<id>."""

    id: int
    ref: str
    staff_id: int
    name: str
    role: str
    what: str
    opened_at: datetime
    checked_by: str
    checked_at: datetime | None
    finding: str


@dataclass(frozen=True, slots=True)
class Openings:
    """One page of openings, the newest first. `before` is the number to go on with; None at the end."""

    rows: tuple[Opening, ...]
    before: int | None


def of_case(ref: str, actor: Staff, before: int | None = None) -> Openings:
    """Who opened one case, the newest first. Whether the actor may see the case was asked before."""
    case_id = select(Case.id).where(Case.ref == ref).scalar_subquery()
    return _page(actor, before, CaseOpening.case_id == case_id)


def newest(actor: Staff, staff_id: int | None = None, before: int | None = None) -> Openings:
    """All openings, or those of one person, the newest first."""
    return _page(actor, before, *([] if staff_id is None else [CaseOpening.staff_id == staff_id]))


def by_strangers(actor: Staff, before: int | None = None) -> Openings:
    """Openings, among the newest, by people who never acted on the case and do not hold it."""
    acted = exists().where(
        CaseEvent.case_id == CaseOpening.case_id,
        CaseEvent.actor == literal("staff:") + cast(CaseOpening.staff_id, String),
    )
    holds = and_(Case.holder_id.is_not(None), Case.holder_id == CaseOpening.staff_id)
    return _page(actor, before, CaseOpening.id > _last() - LOOKED_AT, ~acted, ~holds)


def drawn(actor: Staff, seed: int) -> Openings:
    """A random sample of the newest openings nobody has looked into; the same for the same seed and rows."""
    last = _last()
    first = max(1, last - LOOKED_AT + 1)
    numbers = range(first, last + 1)
    rng = random.Random(seed)  # noqa: S311 - which rows to look at, not a secret
    wanted = rng.sample(numbers, min(len(numbers), DRAWN * 4))
    page = _page(actor, None, CaseOpening.id.in_(wanted), CaseOpening.checked_at.is_(None))
    return Openings(page.rows[:DRAWN], None)


def people() -> Sequence[tuple[int, str]]:
    """Everybody who could have opened a case, by name."""
    query = select(StaffAccount.id, StaffAccount.name).order_by(StaffAccount.name)
    return [(number, name) for number, name in db.session.execute(query)]


def _last() -> int:
    return int(db.session.scalar(select(func.max(CaseOpening.id))) or 0)


def _page(actor: Staff, before: int | None, *where: ColumnElement[bool]) -> Openings:
    walled = select(CaseWall.case_id).where(CaseWall.staff_id == actor.id)
    query = (
        select(CaseOpening, Case.ref, StaffAccount.name)
        .join(Case, Case.id == CaseOpening.case_id)
        .join(StaffAccount, StaffAccount.id == CaseOpening.staff_id)
        .where(CaseOpening.case_id.not_in(walled), *where)
        .order_by(CaseOpening.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(CaseOpening.id < min(before, LARGEST_ID))
    rows = [_opening(*found) for found in db.session.execute(query)]
    return Openings(tuple(rows[:PAGE]), rows[PAGE - 1].id if len(rows) > PAGE else None)


def _opening(row: CaseOpening, ref: str, name: str) -> Opening:
    return Opening(
        id=row.id,
        ref=ref,
        staff_id=row.staff_id,
        name=name,
        role=row.role,
        what=row.what,
        opened_at=row.opened_at,
        checked_by=row.checked_by or "",
        checked_at=row.checked_at,
        finding=row.finding,
    )


# Checking them ----------------------------------------------------------------------------------------------


def one(number: int, actor: Staff) -> Opening | None:
    """One opening, if this person may see its case."""
    rows = _page(actor, None, CaseOpening.id == min(number, LARGEST_ID)).rows
    return rows[0] if rows else None


def record_finding(number: int, finding: str, actor: Staff) -> None:
    """Keep what somebody found who looked into an opening. Raises ValueError in words for the person."""
    finding = " ".join(finding.split())
    if not finding:
        raise ValueError("Write what you found")
    if len(finding) > LONGEST_FINDING:
        raise ValueError(f"Use {LONGEST_FINDING} characters or fewer")
    with writing() as session:
        row = session.get(CaseOpening, number, with_for_update=True)
        if row is None:
            raise ValueError("There is no such opening")
        if row.staff_id == actor.id:
            raise ValueError("Nobody checks their own openings. Ask a colleague to look into this one")
        if row.checked_at is not None:
            raise ValueError(f"{row.checked_by} has looked into this one already")
        row.checked_by, row.checked_at, row.finding = actor.display[:200], clock.now(), finding


# For the resident -------------------------------------------------------------------------------------------


def by_role(refs: Sequence[str]) -> tuple[tuple[str, date], ...]:
    """Each role whose people opened one of these cases, with the last London day on which one did."""
    query = (
        select(CaseOpening.role, func.max(CaseOpening.opened_at))
        .join(Case, Case.id == CaseOpening.case_id)
        .where(Case.ref.in_(refs))
        .group_by(CaseOpening.role)
        .order_by(func.max(CaseOpening.opened_at).desc())
    )
    return tuple((role, clock.london_date(last)) for role, last in db.session.execute(query))
