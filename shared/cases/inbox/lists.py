"""The lists of cases: tabs, filters and what is new. A few queries a page whatever the table's size.

Lists go by keyset, so the last page costs what the first does; counts stop at COUNT_CAP. A case in which
somebody has a conflict of interest is in none of their lists (Code 5.8).
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    false,
    func,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute

from shared import clock
from shared.cases import flow
from shared.cases.access import visibility
from shared.cases.inbox.rows import InboxRow, rows_of
from shared.db import LARGEST_ID, db
from shared.identity import standins
from shared.identity.actors import Staff
from shared.identity.roles import Permission, may
from shared.models import Case, CaseTag
from shared.vocab import Risk

PAGE = 25
COUNT_CAP = 99
BULK_CAP = 500  # as many cases as one bulk step may touch
NEWS_CAP = 200
MY_WORK = "my-work"
# Who may sort cases: assign, tag, remind. Each step asks the table of steps again.
SORTERS = flow.DELIVERY


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `after` and `before` are opaque keys for the next and the previous page."""

    rows: tuple[InboxRow, ...]
    after: str | None
    before: str | None


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list down further; empty strings narrow nothing. `holder` is an account number."""

    stage: str = ""
    holder: int | None = None
    risk: str = ""
    language: str = ""
    tag: str = ""

    @property
    def active(self) -> bool:
        """Whether anything is narrowed down."""
        return bool(self.stage or self.holder or self.risk or self.language or self.tag)


Order = InstrumentedAttribute[Any]
Condition = Callable[[Any, Any], ColumnElement[bool]]  # of values, or of what will stand for them


@dataclass(frozen=True, slots=True)
class Tab:
    """One list, in its group. `where` gets the accounts whose work is the reader's and today; `order` sorts it."""

    text: str
    group: str
    where: Condition
    order: Order = Case.sort_on
    newest_first: bool = False
    counted: bool = True


_OPEN = Case.is_open.is_(True)
# In the order of the page; lists of one group stand together.
TABS: dict[str, Tab] = {
    MY_WORK: Tab("My work", "Work", lambda mine, today: and_(Case.holder_id.in_(mine), _OPEN)),
    "danger": Tab("Danger", "Work", lambda mine, today: and_(_OPEN, Case.risk == Risk.DANGER.value)),
    "to-triage": Tab("To triage", "Work", lambda mine, today: Case.to_triage.is_(True)),
    "to-acknowledge": Tab("To acknowledge", "Work", lambda mine, today: Case.to_acknowledge.is_(True)),
    "unassigned": Tab("Unassigned", "Work", lambda mine, today: Case.unassigned.is_(True)),
    "unread": Tab("New from residents", "Work", lambda mine, today: Case.unread.is_(True)),
    "stage-2": Tab("Stage 2", "Work", lambda mine, today: Case.at_stage_2.is_(True)),
    "due-today": Tab("Due today", "Dates", lambda mine, today: and_(_OPEN, Case.sort_on == today)),
    "overdue": Tab("Overdue", "Dates", lambda mine, today: and_(_OPEN, Case.sort_on < today)),
    "reminders": Tab("Reminders", "Dates", lambda mine, today: Case.remind_on <= today, Case.remind_on),
    "promised": Tab(
        "Promised actions",
        "Dates",
        lambda mine, today: Case.next_promise_on.is_not(None),
        Case.next_promise_on,
    ),
    # Overdue, or denied by the resident, whether the record is open or closed: a promise outlives it.
    "not-kept": Tab(
        "Promises not kept", "Dates", lambda mine, today: Case.next_promise_on < today, Case.next_promise_on
    ),
    "waiting-on-resident": Tab(
        "Waiting on resident", "Waiting", lambda mine, today: and_(_OPEN, Case.waiting_on == "resident")
    ),
    "waiting-on-us": Tab(
        "Waiting on us", "Waiting", lambda mine, today: and_(_OPEN, Case.waiting_on == "us")
    ),
    "silent": Tab("Gone silent", "Waiting", lambda mine, today: Case.silent_on < today, Case.silent_on),
    "awaiting-consent": Tab("Awaiting consent", "Waiting", lambda mine, today: Case.awaits_consent.is_(True)),
    "awaiting-translation": Tab(
        "Awaiting translation", "Waiting", lambda mine, today: Case.awaits_translation.is_(True)
    ),
    "to-post": Tab("To post", "Letters", lambda mine, today: Case.to_post.is_(True)),
    "not-delivered": Tab("Not delivered", "Letters", lambda mine, today: Case.undelivered.is_(True)),
    "all-open": Tab("All open", "All", lambda mine, today: _OPEN, counted=False),
    "closed": Tab(
        "Closed",
        "All",
        lambda mine, today: and_(Case.is_open.is_(False), Case.merged_into.is_(None)),
        Case.received_on,
        True,
        False,
    ),
}


def inbox(
    actor: Staff,
    tab: str = "all-open",
    filters: Filters | None = None,
    after: str | None = None,
    before: str | None = None,
) -> Page:
    """One page of a tab. `after` or `before` are keys from an earlier Page; a broken key gives the first."""
    session = db.session()
    shape = TABS[tab]
    query, backwards = _keyset(_listed(select(Case), actor, tab, filters), shape, after, before)
    rows = list(session.scalars(query.limit(PAGE + 1)))
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    if backwards:
        rows.reverse()
    shown = rows_of(rows)
    has_next = bool(rows) and (more or backwards)
    has_previous = bool(rows) and ((more and backwards) or (after is not None and not backwards))
    return Page(
        shown,
        _key(shape, rows[-1]) if has_next else None,
        _key(shape, rows[0]) if has_previous else None,
    )


def counts(actor: Staff) -> dict[str, int]:
    """How many cases each tab holds, at most COUNT_CAP + 1: counting stops there. One query."""
    if not sees_inbox(actor):
        return {}
    asked = {"me": actor.id, "mine": standins.whose_work(db.session(), actor), "today": clock.today()}
    row = db.session.execute(_counting(visibility.is_narrow(actor)), asked).one()
    return dict(zip((name for name, tab in TABS.items() if tab.counted), row, strict=True))


@cache
def _counting(narrow: bool) -> Select[Any]:
    """The query behind `counts`, put together once: that takes longer than to run it."""
    me, today = bindparam("me", type_=Integer), bindparam("today", type_=Date)
    mine = bindparam("mine", type_=Integer, expanding=True)
    found = []
    for tab in TABS.values():
        if tab.counted:
            cases = select(Case.id).where(visibility.in_sight(Case.id, me, narrow), tab.where(mine, today))
            first = _in_order(cases, tab).limit(COUNT_CAP + 1).subquery()
            found.append(select(func.count()).select_from(first).scalar_subquery())
    return select(*found)


def number(actor: Staff, tab: str, filters: Filters | None) -> int:
    """How many cases a narrowed list holds, counted up to BULK_CAP + 1."""
    first = _in_order(_listed(select(Case.id), actor, tab, filters), TABS[tab]).limit(BULK_CAP + 1)
    return int(db.session.scalar(select(func.count()).select_from(first.subquery())) or 0)


def _in_order(query: Select[Any], tab: Tab) -> Select[Any]:
    """A list in its order, also where only counted: a database that may take any looks among all cases."""
    return _keyset(query, tab, None, None)[0]


def members(actor: Staff, tab: str, filters: Filters | None) -> tuple[InboxRow, ...]:
    """All cases of a narrowed list in its order, at most BULK_CAP."""
    shape = TABS[tab]
    query, _ = _keyset(_listed(select(Case), actor, tab, filters), shape, None, None)
    return rows_of(list(db.session.scalars(query.limit(BULK_CAP))))


def chosen(actor: Staff, refs: Sequence[str]) -> tuple[InboxRow, ...]:
    """The cases under these references that this person may see, in the order of the references."""
    wanted = list(dict.fromkeys(refs))[:BULK_CAP]
    query = seen_by(select(Case), actor).where(Case.ref.in_(wanted))
    found = {row.ref: row for row in rows_of(list(db.session.scalars(query)))}
    return tuple(found[ref] for ref in wanted if ref in found)


def next_after(actor: Staff, tab: str, filters: Filters | None, ref: str) -> str:
    """The case that stands behind this one in a list; the first one behind the last; "" when it is alone.

    A case that has left the list meanwhile still has its place in the order.
    """
    session, shape = db.session(), TABS[tab]
    here = session.scalar(select(Case).where(Case.ref == ref))
    if here is None:
        return ""
    found = None
    if getattr(here, shape.order.key) is not None:
        query, _ = _keyset(_listed(select(Case.ref), actor, tab, filters), shape, _key(shape, here), None)
        found = session.scalar(query.limit(1))
    if found is None:
        first = _in_order(_listed(select(Case.ref), actor, tab, filters).where(Case.ref != ref), shape)
        found = session.scalar(first.limit(1))
    return str(found or "")


def news(actor: Staff, tab: str, filters: Filters | None, since: datetime) -> int:
    """How many cases of a list were added or changed after an instant, counted up to NEWS_CAP."""
    changed = select(Case.id).where(Case.updated_at > since).order_by(Case.updated_at.desc()).limit(NEWS_CAP)
    query = _listed(select(func.count(Case.id)), actor, tab, filters).where(Case.id.in_(changed))
    return int(db.session.scalar(query) or 0)


STATUSES = ("open", "closed", "all")


# Who sees what ----------------------------------------------------------------------------------------------


def sees_inbox(actor: Staff) -> bool:
    """Whether somebody may look at lists and cases at all."""
    return may(actor.roles, Permission.SEES_INBOX)


def seen_by(query: Select[Any], actor: Staff) -> Select[Any]:
    """A query of cases, narrowed down to those that are there for somebody."""
    if not sees_inbox(actor):
        return query.where(false())
    return query.where(visibility.in_sight(Case.id, actor.id, visibility.is_narrow(actor)))


def _listed(query: Select[Any], actor: Staff, tab: str, filters: Filters | None) -> Select[Any]:
    mine = standins.whose_work(db.session(), actor) if tab == MY_WORK else [actor.id]
    query = seen_by(query, actor).where(TABS[tab].where(mine, clock.today()))
    if filters is None:
        return query
    plain = ((Case.stage, filters.stage), (Case.risk, filters.risk), (Case.language, filters.language))
    for attribute, wanted in plain:
        if wanted:
            query = query.where(attribute == wanted)
    if filters.holder:
        query = query.where(Case.holder_id == filters.holder)
    if filters.tag:
        query = query.where(Case.id.in_(select(CaseTag.case_id).where(CaseTag.tag == filters.tag)))
    return query


# Keyset -----------------------------------------------------------------------------------------------------


def _keyset(query: Select[Any], tab: Tab, after: str | None, before: str | None) -> tuple[Select[Any], bool]:
    place = _place(before or after or "")
    backwards = bool(before) and place is not None
    downwards = tab.newest_first != backwards
    if place is not None:
        here = tuple_(tab.order, Case.id)
        query = query.where(here < place if downwards else here > place)
    columns = (tab.order, Case.id)
    return query.order_by(*(c.desc() if downwards else c.asc() for c in columns)), backwards


def _key(tab: Tab, row: Case) -> str:
    place = json.dumps([getattr(row, tab.order.key).isoformat(), row.id])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(key: str) -> tuple[date, int] | None:
    try:
        on, number = json.loads(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
        return date.fromisoformat(on), min(max(int(number), 0), LARGEST_ID)
    except (ValueError, TypeError, binascii.Error, OverflowError):
        return None


def instant(text: str) -> datetime | None:
    """An instant from an address, as whole microseconds since 1970; None for anything else."""
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(text))
    except (ValueError, OverflowError):
        return None


def instant_text(when: datetime) -> str:
    """An instant as it stands in an address."""
    return str(int((when - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)))
