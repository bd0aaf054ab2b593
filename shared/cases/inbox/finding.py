"""Search over what somebody may see: the hits of one page, with the words around each."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import undefer

from shared.cases import projection
from shared.cases.access import visibility
from shared.cases.inbox import lists, search
from shared.cases.inbox.rows import InboxRow, rows_of
from shared.cases.state import decode
from shared.db import db
from shared.identity.actors import Staff
from shared.models import Case

# Search -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """A case that was found, and the place in its texts where the words stand."""

    row: InboxRow
    place: tuple[search.Piece, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what a search found, the best first. `asked`: whether there was anything to look for."""

    hits: tuple[Hit, ...]
    asked: bool
    more: bool


LAST_PAGE = 20  # who has not found it by then needs other words, not more pages


def find(actor: Staff, words: str, status: str = "all", page: int = 1) -> Found:
    """The cases with these words among those that this person may see. `page` counts from 1 to LAST_PAGE."""
    session = db.session()
    asked = search.ask(words)
    if asked is None or not lists.sees_inbox(actor):
        return Found((), False, False)
    page = min(max(page, 1), LAST_PAGE)
    first = (page - 1) * lists.PAGE

    def seen(case_id: ColumnElement[int]) -> list[ColumnElement[bool]]:
        # A value, not a condition on a join: PostgreSQL would go through all cases beside the few found.
        is_open = select(Case.is_open).where(Case.id == case_id).scalar_subquery()
        there = is_open.is_(status == "open") if status in {"open", "closed"} else is_open.is_not(None)
        return [there, visibility.in_sight(case_id, actor.id, visibility.is_narrow(actor))]

    numbers = search.best(session, asked, first + lists.PAGE + 1, seen)[first:]
    cases = session.scalars(
        select(Case).options(undefer(Case.state)).where(Case.id.in_(numbers[: lists.PAGE]))
    )
    rows = sorted(cases, key=lambda case: numbers.index(case.id))
    hits = tuple(
        Hit(row, search.in_place(projection.texts(decode(case.state)), asked))
        for row, case in zip(rows_of(rows), rows, strict=True)
    )
    return Found(hits, True, len(numbers) > lists.PAGE and page < LAST_PAGE)
