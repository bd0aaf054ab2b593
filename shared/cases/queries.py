"""Reads of one case and of the people who work on it: frozen values for pages. Lists stand in lists.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, false, select, union
from sqlalchemy.orm import Session, undefer

from shared import clock
from shared.cases import effects, law, ledger, openings, rules, service, sight, standing
from shared.cases.commands import Submit
from shared.cases.effects import Happened
from shared.cases.lists import sees_inbox
from shared.cases.rows import InboxRow, left, rows_of
from shared.cases.state import CaseState, Merged, Milestones, Person, Story, decode
from shared.db import db
from shared.deadlines.calendar import Calendar, OutsideCalendar
from shared.deadlines.compute import Clock
from shared.identity.actors import Actor, Representative, Resident, Staff
from shared.mail.notify import ARRIVED
from shared.models import (
    Attachment,
    Case,
    CaseEvent,
    Delivery,
    Letter,
    OutboxMessage,
)
from shared.policy.policy import Policy
from shared.policy.terms import ClockName
from shared.vocab import Action, ConsentScope, LetterKind


def days_left(due_on: date) -> int:
    """Working days left until a due date, negative when it has passed (for tags and pages)."""
    return left(clock.today(), due_on, rules.calendar(db.session()))


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
    delivery: str  # queued, sent, delivered, failed, settled, cancelled, or "post" for a print task
    problem: str
    of: str = ""  # the reference of a case that came into this one, if it was written on that


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
    of: str = ""  # as for letters


@dataclass(frozen=True, slots=True)
class MergedCase:
    """A case that came into another, with its own history."""

    how: Merged
    story: str
    events: tuple[Happened, ...]


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
    merged: tuple[MergedCase, ...] = ()  # for staff: the cases that came into this one

    def left(self, day: date) -> int | None:
        """Working days from today to a day, negative once it has passed; None beyond the known holidays."""
        try:
            return left(clock.today(), day, self.calendar)
        except OutsideCalendar:
            return None


def case(ref: str, actor: Actor) -> CaseView:
    """One case as this person may see it. Raises service.NoSuchCase when it is not theirs to see.

    While a letter can still be taken back, residents and helpers see the case as it stood before it.

    Residents get every letter, and no internal files. A helper who may be told of some things only gets the
    letters addressed to her; one without consent her receipt alone; neither gets events or files.
    """
    session = db.session()
    row, state = _opened(session, ref, actor)
    _leave_trace(session, row, actor, openings.CASE)
    policy = rules.policy_of(session, row)
    calendar = rules.calendar(session)
    parts = _parts(session, row, state, actor)
    logs = _logs(session, [row.id, *parts] if isinstance(actor, Staff) else [row.id])
    events = logs.get(row.id, ())
    held = _held(state, actor)
    if held is not None:
        events = tuple(event for event in events if event.seq < held)
        state = effects.fold(events)
    found = law.clocks(state, policy, calendar)
    return CaseView(
        ref=ref,
        version=row.version,
        state=state if isinstance(actor, Staff) or told(state, actor) else _untold(state, actor),
        policy=policy,
        clocks=found,
        duties=tuple(law.duties(state, found)),
        events=events if isinstance(actor, Staff) or told(state, actor) else (),
        letters=_letters(session, row.id, parts, state, actor, held),
        files=_files(session, row.id, parts, state, actor),
        allowed=standing.allowed(state, actor, policy),
        calendar=calendar,
        merged=_merged(state, parts, logs) if isinstance(actor, Staff) else (),
    )


def _parts(session: Session, row: Case, state: CaseState, actor: Actor) -> dict[int, str]:
    """The cases that came into this one, by number, of which this person may read letters and files too.

    Staff read all; a resident those that surely are hers; a helper none: what she may be told of one complaint
    says nothing about another (Code 3.6).
    """
    if isinstance(actor, Staff):
        refs = [one.ref for one in state.merged]
    elif isinstance(actor, Resident):
        refs = [one.ref for one in state.merged if one.same_person]
    else:
        refs = []
    if not refs:
        return {}
    query = select(Case.id, Case.ref).where(Case.ref.in_(refs), Case.merged_into == row.ref)
    return {one.id: one.ref for one in session.execute(query)}


def _logs(session: Session, cases: Sequence[int]) -> dict[int, tuple[Happened, ...]]:
    query = select(CaseEvent).where(CaseEvent.case_id.in_(cases)).order_by(CaseEvent.case_id, CaseEvent.seq)
    found: dict[int, list[Happened]] = {}
    for event in session.scalars(query):
        found.setdefault(event.case_id, []).append(ledger.read(event))
    return {number: tuple(events) for number, events in found.items()}


def _merged(
    state: CaseState, parts: dict[int, str], logs: dict[int, tuple[Happened, ...]]
) -> tuple[MergedCase, ...]:
    numbers = {ref: number for number, ref in parts.items()}
    found = []
    for how in state.merged:
        events = logs.get(numbers.get(how.ref, 0), ())
        first = events[0].command if events else None
        found.append(MergedCase(how, first.story.what if isinstance(first, Submit) else "", events))
    return tuple(found)


def _opened(session: Session, ref: str, actor: Actor) -> tuple[Case, CaseState]:
    """A case and its state as they stand now, if this person may see them."""
    if isinstance(actor, Resident | Representative) and actor.case_ref != ref:
        raise service.NoSuchCase
    whole = select(Case).where(Case.ref == ref).options(undefer(Case.state))
    row = session.scalar(whole.execution_options(populate_existing=True))
    if row is None or (isinstance(actor, Staff) and not sees_inbox(actor)):
        raise service.NoSuchCase
    state = decode(row.state)
    if isinstance(actor, Staff) and actor.id in state.conflicts:
        raise service.NoSuchCase  # a person with a conflict of interest is walled off (Code 5.8)
    if not sight.reaches(session, row.id, actor):
        raise service.NoSuchCase
    return row, state


def _leave_trace(session: Session, row: Case, actor: Actor, what: str) -> None:
    """Staff who read leave a trace of it; residents and helpers read their own case."""
    if isinstance(actor, Staff):
        openings.note(session, row.id, actor, what)


def told(state: CaseState, actor: Actor) -> bool:
    """Whether this person may be told about the case: the resident always, a helper by consent (Code 3.6)."""
    if isinstance(actor, Resident):
        return True
    if not isinstance(actor, Representative):
        return False
    return state.consent.in_force(clock.today()) in {ConsentScope.EVERYTHING, ConsentScope.ME_AS_WELL}


def _held(state: CaseState, actor: Actor) -> int | None:
    """The event whose letter has not left yet, for those whom it has not reached; None when there is none."""
    sent = state.last_sent
    return sent.seq if sent and not isinstance(actor, Staff) and standing.still_held(state) else None


def _read_by(state: CaseState, actor: Actor, held: int | None) -> list[ColumnElement[bool]]:
    """Which letters somebody may read: staff all of them, others none that was, or can still be, taken back."""
    if isinstance(actor, Staff):
        return []
    sent: list[ColumnElement[bool]] = [Letter.undone.is_(False)]
    if held is not None:
        sent.append(Letter.seq < held)
    return [*sent, _readable(state, actor)] if isinstance(actor, Representative) else sent


def _untold(state: CaseState, helper: Actor) -> CaseState:
    """The case for a helper who may not be told of it: that it is there, who it is for, and her own words."""
    m = state.milestones
    return CaseState(
        ref=state.ref,
        landlord=state.landlord,
        policy_version=state.policy_version,
        kind=state.kind,
        stage=state.stage,
        language=state.language,
        channel=state.channel,
        story=Story(what=""),
        milestones=Milestones(received_at=m.received_at, logged_at=m.logged_at),
        resident=Person(name=state.resident.name) if state.resident else None,
        helper=state.helper,
        consent=state.consent,
        messages=tuple(x for x in state.messages if x.sender == helper.display and not x.from_staff),
    )


def _readable(state: CaseState, helper: Representative) -> ColumnElement[bool]:
    """The letters a helper may read: all but the question about herself, those to her, or her receipt."""
    if told(state, helper):
        return Letter.kind != LetterKind.CONSENT.value
    to_helper = Letter.to == "representative"
    if state.consent.in_force(clock.today()) is ConsentScope.SOME:
        return to_helper
    return and_(to_helper, Letter.kind == LetterKind.RECEIPT.value)


def _letters(
    session: Session,
    case_id: int,
    parts: dict[int, str],
    state: CaseState,
    actor: Actor,
    held: int | None,
) -> tuple[LetterRow, ...]:
    query = (
        select(Letter, OutboxMessage.status, OutboxMessage.remote_status, OutboxMessage.problem)
        .outerjoin(OutboxMessage, OutboxMessage.letter_id == Letter.id)
        .where(Letter.case_id.in_([case_id, *parts]), *_read_by(state, actor, held))
        .order_by(Letter.id)
    )
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
            delivery="cancelled" if letter.undone else _delivery(status, remote),
            problem=problem or "",
            of=parts.get(letter.case_id, ""),
        )
        for letter, status, remote, problem in session.execute(query)
    )


def _delivery(status: str | None, remote: str | None) -> str:
    """What became of a letter: our own word, or the provider's where it has delivered it."""
    if status == Delivery.SENT and remote in ARRIVED:
        return "delivered"
    return status or "post"


def _files(
    session: Session, case_id: int, parts: dict[int, str], state: CaseState, actor: Actor
) -> tuple[FileRow, ...]:
    mine = Attachment.case_id.in_([case_id, *parts])
    query = select(Attachment).where(mine, *_looked_at_by(session, parts, state, actor))
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
            of=parts.get(a.case_id or 0, ""),
        )
        for a in session.scalars(query.order_by(Attachment.id))
    )


def _looked_at_by(
    session: Session, parts: dict[int, str], state: CaseState, actor: Actor
) -> list[ColumnElement[bool]]:
    """Which files somebody may look at: staff all; others, if they may be told at all, what is not internal.

    The case names its files. One that came with a letter is therefore not there before the letter leaves, and
    not after it was taken back.
    """
    if isinstance(actor, Staff):
        return []
    if not told(state, actor):
        return [false()]
    kept = session.scalars(select(Case.state).where(Case.id.in_(parts))) if parts else ()
    named = {file.id for one in (state, *map(decode, kept)) for file in one.files}
    return [Attachment.internal.is_(False), Attachment.id.in_(named)]


NO_ID = 2**31 - 1  # an address can hold any number; a database cannot


def letter(ref: str, letter_id: int, actor: Actor) -> Letter:
    """One letter as sent, if this person may read it. Raises service.NoSuchCase otherwise."""
    session = db.session()
    row, state = _opened(session, ref, actor)
    here = Letter.case_id.in_([row.id, *_parts(session, row, state, actor)])
    mine = (Letter.id == min(letter_id, NO_ID), here)
    whole = select(Letter).options(undefer(Letter.html), undefer(Letter.text))
    whole = whole.where(*mine, *_read_by(state, actor, _held(state, actor)))
    found = session.scalar(whole.execution_options(populate_existing=True))
    if found is None:
        raise service.NoSuchCase
    _leave_trace(session, row, actor, f"letter:{found.id}")
    return found


def letter_of(view: CaseView, letter_id: int, actor: Actor) -> Letter:
    """One letter as sent, of a case that this person has open. Raises service.NoSuchCase when it is not in it."""
    if letter_id not in {row.id for row in view.letters}:
        raise service.NoSuchCase
    session = db.session()
    case_id = select(Case.id).where(Case.ref == view.ref).scalar_subquery()
    whole = select(Letter, case_id).options(undefer(Letter.html), undefer(Letter.text))
    found = session.execute(
        whole.where(Letter.id == letter_id).execution_options(populate_existing=True)
    ).one()
    if isinstance(actor, Staff):
        openings.note(session, found[1], actor, f"letter:{letter_id}")
    return cast(Letter, found[0])


def file(ref: str, file_id: int, actor: Actor) -> Attachment:
    """One file of a case, if this person may see it. Raises service.NoSuchCase otherwise."""
    session = db.session()
    row, state = _opened(session, ref, actor)
    parts = _parts(session, row, state, actor)
    if (held := _held(state, actor)) is not None:
        state = effects.fold(event for event in ledger.events(session, row.id) if event.seq < held)
    mine = Attachment.case_id.in_([row.id, *parts]), *_looked_at_by(session, parts, state, actor)
    found = session.scalar(select(Attachment).where(Attachment.id == min(file_id, NO_ID), *mine))
    if found is None:
        raise service.NoSuchCase
    _leave_trace(session, row, actor, f"file:{found.id}")
    return found


# ---- people ----------------------------------------------------------------------------------------


def same_home(view: CaseView, actor: Staff, limit: int = 5) -> tuple[InboxRow, ...]:
    """Other cases from the same postcode or of a person of the same name, newest first."""
    person = view.state.resident
    return alike(person.postcode, person.name, actor, besides=view.ref, limit=limit) if person else ()


def alike(
    postcode: str, name: str, actor: Staff, *, besides: str = "", limit: int = 5
) -> tuple[InboxRow, ...]:
    """Cases of a postcode or a name, newest first, but none that this person is walled off from (Code 5.8)."""
    narrow = sight.is_narrow(actor)
    same = []
    if postcode:
        same.append(Case.postcode == postcode.replace(" ", "").upper())
    if name:
        same.append(Case.resident == name)
    newest = [
        select(Case.id)
        .where(one, Case.ref != besides, sight.in_sight(Case.id, actor.id, narrow))
        .order_by(Case.id.desc())
        .limit(limit)
        .subquery()
        for one in same
    ]
    if not newest:
        return ()
    query = (
        select(Case)
        .where(Case.id.in_(union(*(select(part.c.id) for part in newest))))
        .order_by(Case.received_on.desc(), Case.id.desc())
        .limit(limit)
    )
    return rows_of(db.session.scalars(query).all())
