"""All reads: frozen rows for pages, a handful of queries a page whatever the size of the table.

Lists go by keyset, so the last page costs what the first does; counts stop at COUNT_CAP.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from shared import clock
from shared.cases import law, rules, search, service
from shared.cases.effects import Happened
from shared.cases.ledger import read
from shared.cases.state import CaseState, decode
from shared.db import db
from shared.deadlines.calendar import Calendar, OutsideCalendar
from shared.deadlines.compute import Clock
from shared.identity.actors import Actor, Representative, Resident, Staff
from shared.models import Attachment, Case, CaseEvent, Letter, OutboxMessage, StaffAccount
from shared.policy.policy import Policy
from shared.policy.terms import ClockName
from shared.vocab import STAFF_ROLES, Action, ConsentScope, LetterKind, Role, Stage

PAGE = 25
COUNT_CAP = 99
FAR = date(9999, 12, 31)  # sorts cases without a due date behind all others


@dataclass(frozen=True, slots=True)
class Due:
    """One running clock of a row: its name, day, and working days left (negative: overdue by so many)."""

    name: str
    on: date
    left: int


@dataclass(frozen=True, slots=True)
class InboxRow:
    """What the inbox shows of a case."""

    ref: str
    kind: str
    stage: Stage
    resident: str
    home: str
    postcode: str
    summary: str
    language: str
    needs: tuple[str, ...]
    risk: str
    holder: str
    holder_id: int | None
    received_on: date
    dues: tuple[Due, ...]
    promise_on: date | None
    waiting_on: str
    unread: bool
    triaged: bool
    last_contact_on: date | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `after` and `before` are opaque keys for the next and the previous page."""

    rows: tuple[InboxRow, ...]
    after: str | None
    before: str | None


TABS: dict[str, str] = {
    "my-work": "My work",
    "to-triage": "To triage",
    "to-acknowledge": "To acknowledge",
    "due-today": "Due today",
    "overdue": "Overdue",
    "unassigned": "Unassigned",
    "stage-2": "Stage 2",
    "waiting-on-resident": "Waiting on resident",
    "waiting-on-us": "Waiting on us",
    "promised": "Promised actions",
    "silent": "Gone silent",
    "all-open": "All open",
    "closed": "Closed",
}
SILENT_DAYS = 10


def _tab(name: str, actor: Staff, today: date) -> ColumnElement[bool]:
    stages = [Stage.STAGE_2_REQUESTED.value, Stage.STAGE_2.value]
    conditions: dict[str, ColumnElement[bool]] = {
        "my-work": and_(Case.holder_id == actor.id, Case.is_open.is_(True)),
        "to-triage": and_(Case.stage == Stage.RECEIVED.value, Case.triaged.is_(False)),
        "to-acknowledge": Case.stage.in_([Stage.RECEIVED.value, Stage.STAGE_2_REQUESTED.value]),
        "due-today": and_(Case.is_open.is_(True), Case.next_due_on == today),
        "overdue": and_(Case.is_open.is_(True), Case.next_due_on < today),
        "unassigned": and_(Case.is_open.is_(True), Case.holder_id.is_(None)),
        "stage-2": Case.stage.in_(stages),
        "waiting-on-resident": and_(Case.is_open.is_(True), Case.waiting_on == "resident"),
        "waiting-on-us": and_(Case.is_open.is_(True), Case.waiting_on == "us"),
        "promised": Case.next_promise_on.is_not(None),
        "silent": and_(Case.is_open.is_(True), Case.last_contact_on < today - timedelta(days=SILENT_DAYS)),
        "all-open": Case.is_open.is_(True),
        "closed": Case.is_open.is_(False),
    }
    return conditions.get(name, false())


def inbox(
    actor: Staff, tab: str = "all-open", words: str = "", after: str | None = None, before: str | None = None
) -> Page:
    """One page of cases, soonest due first. A search (`words`) looks at closed cases too.

    `after` or `before` are keys from an earlier Page; a broken key gives the first page.
    """
    session = db.session()
    today = clock.today()
    query: Select[Any] = select(Case)
    if not _sees_inbox(actor):
        query = query.where(false())
    if words.strip():
        found = search.matching(session.get_bind().dialect.name, words)
        query = query.where(found if found is not None else false())
    else:
        query = query.where(_tab(tab, actor, today))
    query, backwards = _keyset(query, after, before)
    rows = list(session.scalars(query.limit(PAGE + 1)))
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    if backwards:
        rows.reverse()
    calendar = rules.calendar(session)
    shown = tuple(_row(row, today, calendar) for row in rows)
    has_next = bool(rows) and (more or backwards)
    has_previous = bool(rows) and ((more and backwards) or (after is not None and not backwards))
    return Page(
        shown,
        _key(rows[-1]) if has_next else None,
        _key(rows[0]) if has_previous else None,
    )


def counts(actor: Staff) -> dict[str, int]:
    """How many cases each tab holds, at most COUNT_CAP + 1: counting stops there. One query."""
    if not _sees_inbox(actor):
        return {}
    today = clock.today()
    wanted = [name for name in TABS if name not in {"all-open", "closed"}]
    parts = [
        select(func.count()).select_from(
            select(Case.id).where(_tab(name, actor, today)).limit(COUNT_CAP + 1).subquery()
        )
        for name in wanted
    ]
    row = db.session.execute(select(*[part.scalar_subquery() for part in parts])).one()
    return dict(zip(wanted, row, strict=True))


def _sees_inbox(actor: Staff) -> bool:
    return bool(actor.roles & (STAFF_ROLES - {Role.COLLEAGUE, Role.ADMIN}))


def _keyset(query: Select[Any], after: str | None, before: str | None) -> tuple[Select[Any], bool]:
    due = func.coalesce(Case.next_due_on, FAR)
    if before and (place := _place(before)):
        on, number = place
        past = or_(due < on, and_(due == on, Case.id < number))
        return query.where(past).order_by(due.desc(), Case.id.desc()), True
    if after and (place := _place(after)):
        on, number = place
        past = or_(due > on, and_(due == on, Case.id > number))
        query = query.where(past)
    return query.order_by(due, Case.id), False


def _key(row: Case) -> str:
    place = json.dumps([(row.next_due_on or FAR).isoformat(), row.id])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(key: str) -> tuple[date, int] | None:
    try:
        on, number = json.loads(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
        return date.fromisoformat(on), int(number)
    except (ValueError, TypeError, binascii.Error):
        return None


def _row(row: Case, today: date, calendar: Calendar) -> InboxRow:
    dues = tuple(
        Due(name, date.fromisoformat(on), _left(today, date.fromisoformat(on), calendar))
        for name, on in row.clocks
    )
    return InboxRow(
        ref=row.ref,
        kind=row.kind,
        stage=Stage(row.stage),
        resident=row.resident,
        home=row.home,
        postcode=row.postcode,
        summary=row.summary,
        language=row.language,
        needs=tuple(row.needs),
        risk=row.risk,
        holder=row.holder,
        holder_id=row.holder_id,
        received_on=row.received_on,
        dues=dues,
        promise_on=row.next_promise_on,
        waiting_on=row.waiting_on,
        unread=row.unread,
        triaged=row.triaged,
        last_contact_on=row.last_contact_on,
    )


def _left(today: date, due_on: date, calendar: Calendar) -> int:
    """Working days from today to a due date; negative when it has passed, by at least one."""
    if due_on >= today:
        return calendar.working_days_between(today, due_on)
    return -max(1, calendar.working_days_between(due_on, today))


def days_left(due_on: date) -> int:
    """Working days left until a due date, negative when it has passed (for tags and pages)."""
    return _left(clock.today(), due_on, rules.calendar(db.session()))


# ---- one case --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter that was sent, without its text. `seq` is the event that sent it."""

    id: int
    seq: int
    kind: str
    title: str
    to: str
    language: str
    large_print: bool
    channel: str
    sent_at: datetime
    delivery: str  # queued, sent, failed, cancelled, or "post" for a print task
    problem: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a case; `has_preview` for pictures."""

    id: int
    name: str
    media_type: str
    size: int
    taken_on: date | None
    has_preview: bool
    internal: bool
    added_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything a case page shows. `version` goes back with every form as `seen`."""

    ref: str
    version: int
    state: CaseState
    policy: Policy
    clocks: dict[ClockName, Clock]
    duties: tuple[law.Duty, ...]
    events: tuple[Happened, ...]
    letters: tuple[LetterRow, ...]
    files: tuple[FileRow, ...]
    allowed: frozenset[Action]
    calendar: Calendar

    def left(self, day: date) -> int | None:
        """Working days from today to a day, negative once it has passed; None beyond the known holidays."""
        try:
            return _left(clock.today(), day, self.calendar)
        except OutsideCalendar:
            return None


def case(ref: str, actor: Actor) -> CaseView:
    """One case as this person may see it. Raises service.NoSuchCase when it is not theirs to see.

    Residents get every letter, and no internal files. A helper who may be told of some things only gets the
    letters addressed to her; one without consent her receipt alone; neither gets events or files.
    """
    session = db.session()
    if isinstance(actor, Resident | Representative) and actor.case_ref != ref:
        raise service.NoSuchCase
    row = session.scalar(select(Case).where(Case.ref == ref))
    if row is None or (isinstance(actor, Staff) and not _sees_inbox(actor)):
        raise service.NoSuchCase
    row_state = session.scalar(select(Case.state).where(Case.id == row.id)) or ""
    state = decode(row_state)
    if isinstance(actor, Staff) and actor.id in state.conflicts:
        raise service.NoSuchCase  # a person with a conflict of interest is walled off (Code 5.8)
    policy = rules.policy_of(session, row)
    calendar = rules.calendar(session)
    found = law.clocks(state, policy, calendar)
    events = tuple(
        read(e)
        for e in session.scalars(select(CaseEvent).where(CaseEvent.case_id == row.id).order_by(CaseEvent.seq))
    )
    return CaseView(
        ref=ref,
        version=row.version,
        state=state,
        policy=policy,
        clocks=found,
        duties=tuple(law.duties(state, found)),
        events=events if isinstance(actor, Staff) or told(state, actor) else (),
        letters=_letters(session, row.id, state, actor),
        files=_files(session, row.id, state, actor),
        allowed=service.allowed(state, actor),
        calendar=calendar,
    )


def told(state: CaseState, actor: Actor) -> bool:
    """Whether this person may be told about the case: the resident always, a helper by consent (Code 3.6)."""
    if isinstance(actor, Resident):
        return True
    if not isinstance(actor, Representative):
        return False
    return state.consent.in_force(clock.today()) in {ConsentScope.EVERYTHING, ConsentScope.ME_AS_WELL}


def _readable(state: CaseState, helper: Representative) -> ColumnElement[bool]:
    """The letters a helper may read: all but the question about herself, those to her, or her receipt."""
    if told(state, helper):
        return Letter.kind != LetterKind.CONSENT.value
    to_helper = Letter.to == "representative"
    if state.consent.in_force(clock.today()) is ConsentScope.SOME:
        return to_helper
    return and_(to_helper, Letter.kind == LetterKind.RECEIPT.value)


def _letters(session: Session, case_id: int, state: CaseState, actor: Actor) -> tuple[LetterRow, ...]:
    query = (
        select(Letter, OutboxMessage.status, OutboxMessage.problem)
        .outerjoin(OutboxMessage, OutboxMessage.letter_id == Letter.id)
        .where(Letter.case_id == case_id)
        .order_by(Letter.id)
    )
    if isinstance(actor, Representative):
        query = query.where(_readable(state, actor))
    return tuple(
        LetterRow(
            id=letter.id,
            seq=letter.seq,
            kind=letter.kind,
            title=letter.title,
            to=letter.to,
            language=letter.language,
            large_print=letter.large_print,
            channel=letter.channel,
            sent_at=letter.sent_at,
            delivery=status or "post",
            problem=problem or "",
        )
        for letter, status, problem in session.execute(query)
    )


def _files(session: Session, case_id: int, state: CaseState, actor: Actor) -> tuple[FileRow, ...]:
    query = select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.id)
    if not isinstance(actor, Staff):
        query = query.where(Attachment.internal.is_(False))
        if not told(state, actor):
            return ()
    return tuple(
        FileRow(
            id=a.id,
            name=a.name,
            media_type=a.media_type,
            size=a.size,
            taken_on=a.taken_on,
            has_preview=a.preview_key is not None,
            internal=a.internal,
            added_by=a.added_by,
            created_at=a.created_at,
        )
        for a in session.scalars(query)
    )


def letter(ref: str, letter_id: int, actor: Actor) -> Letter:
    """One letter as sent, if this person may read it. Raises service.NoSuchCase otherwise."""
    view = case(ref, actor)
    if letter_id not in {one.id for one in view.letters}:
        raise service.NoSuchCase
    found = db.session.get(Letter, letter_id)
    if found is None:
        raise service.NoSuchCase
    return found


def file(ref: str, file_id: int, actor: Actor) -> Attachment:
    """One file of a case, if this person may see it. Raises service.NoSuchCase otherwise."""
    view = case(ref, actor)
    if file_id not in {one.id for one in view.files}:
        raise service.NoSuchCase
    found = db.session.get(Attachment, file_id)
    if found is None:
        raise service.NoSuchCase
    return found


# ---- people ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Eligible:
    """Somebody who may be named handler now, with how many open cases they hold."""

    id: int
    name: str
    job: str
    email: str
    phone: str
    load: int


def eligible(view: CaseView) -> tuple[Eligible, ...]:
    """Who may look into the present stage, least loaded first; stage 2 bars all who acted at stage 1."""
    fit = {Role.OFFICER, Role.HANDLER, Role.MANAGER}
    if view.state.stage_number == 2:
        fit = {Role.HANDLER, Role.SERVICE_MANAGER, Role.MANAGER, Role.DIRECTOR}
    barred = view.state.conflicts | (
        view.state.acted_stage_1 if view.state.stage_number == 2 else frozenset()
    )
    return tuple(person for person, roles in _people_by_load() if roles & fit and person.id not in barred)


def approvers(minimum: Role) -> tuple[Eligible, ...]:
    """Active people who hold a role or one above it, for choosing who approved something."""
    rank = [Role.OFFICER, Role.HANDLER, Role.SERVICE_MANAGER, Role.MANAGER, Role.DIRECTOR]
    fit = set(rank[rank.index(minimum) :]) if minimum in rank else {minimum}
    return tuple(person for person, roles in _people_by_load() if roles & fit)


def colleagues(role: Role | None = None) -> tuple[Eligible, ...]:
    """Active people, or those who hold exactly this role, least loaded first: owners and checkers."""
    return tuple(person for person, roles in _people_by_load() if role is None or role in roles)


def _people_by_load() -> list[tuple[Eligible, frozenset[Role]]]:
    loads = (
        select(Case.holder_id, func.count().label("n"))
        .where(Case.is_open.is_(True), Case.holder_id.is_not(None))
        .group_by(Case.holder_id)
        .subquery()
    )
    query = (
        select(StaffAccount, func.coalesce(loads.c.n, 0))
        .outerjoin(loads, loads.c.holder_id == StaffAccount.id)
        .where(StaffAccount.active.is_(True))
        .order_by(func.coalesce(loads.c.n, 0), StaffAccount.name)
    )
    return [
        (Eligible(a.id, a.name, a.job_title, a.email, a.phone, int(load)), a.role_set)
        for a, load in db.session.execute(query)
    ]


def same_home(view: CaseView, limit: int = 5) -> tuple[InboxRow, ...]:
    """Earlier cases from the same postcode or of a person of the same name, newest first."""
    person = view.state.resident
    if person is None:
        return ()
    conditions = []
    if person.postcode:
        conditions.append(Case.postcode == person.postcode.replace(" ", "").upper())
    if person.name:
        conditions.append(Case.resident == person.name)
    if not conditions:
        return ()
    query = (
        select(Case)
        .where(or_(*conditions), Case.ref != view.ref)
        .order_by(Case.received_on.desc())
        .limit(limit)
    )
    session = db.session()
    calendar, today = rules.calendar(session), clock.today()
    return tuple(_row(row, today, calendar) for row in session.scalars(query))
