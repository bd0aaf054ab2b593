"""Reads of one case and of the people who work on it: frozen values for pages. Lists stand in inbox/lists.py."""

from collections.abc import Sequence
from datetime import date
from typing import cast

from sqlalchemy import select, union
from sqlalchemy.orm import Session, undefer

from shared import clock
from shared.cases import case_clocks, effects, event_log, openings, rules, standing
from shared.cases.access import disclosure, visibility
from shared.cases.case_view import CaseView, FileRow, LetterRow, MergedCase
from shared.cases.commands import Submit
from shared.cases.effects import Happened
from shared.cases.inbox.lists import sees_inbox
from shared.cases.inbox.rows import InboxRow, rows_of, working_days_left
from shared.cases.outcomes import NoSuchCase
from shared.cases.state import CaseState, decode
from shared.db import LARGEST_ID, db
from shared.identity.actors import Actor, Staff
from shared.mail.notify import ARRIVED
from shared.models import Attachment, Case, CaseEvent, Delivery, Letter, OutboxMessage


def days_left(due_on: date) -> int:
    """Working days left until a due date, negative when it has passed (for tags and pages)."""
    return working_days_left(clock.today(), due_on, rules.calendar(db.session()))


def case(ref: str, actor: Actor) -> CaseView:
    """One case as this person may see it. Raises NoSuchCase when it is not theirs to see.

    While a letter can still be taken back, residents and helpers see the case as it stood before it.

    Residents get every letter, and no internal files. A helper who may be told of some things only gets the
    letters addressed to her; one without consent her receipt alone; neither gets events or files.
    """
    session = db.session()
    row, state = _opened(session, ref, actor)
    _leave_trace(session, row, actor, openings.CASE)
    policy = rules.policy_of(session, row)
    calendar = rules.calendar(session)
    parts = disclosure.parts(session, row, state, actor)
    logs = _logs(session, [row.id, *parts] if isinstance(actor, Staff) else [row.id])
    events = logs.get(row.id, ())
    held = disclosure.held_back(state, actor)
    if held is not None:
        events = tuple(event for event in events if event.seq < held)
        state = effects.fold(events)
    found = case_clocks.clocks(state, policy, calendar)
    knows = isinstance(actor, Staff) or disclosure.told(state, actor)
    return CaseView(
        ref=ref,
        version=row.version,
        state=state if knows else disclosure.untold(state, actor),
        policy=policy,
        clocks=found,
        duties=tuple(case_clocks.duties(state, found)),
        events=events if knows else (),
        letters=_letters(session, row.id, parts, state, actor, held),
        files=_files(session, row.id, parts, state, actor),
        allowed=standing.allowed(state, actor, policy),
        calendar=calendar,
        merged=_merged(state, parts, logs) if isinstance(actor, Staff) else (),
    )


def _logs(session: Session, cases: Sequence[int]) -> dict[int, tuple[Happened, ...]]:
    query = select(CaseEvent).where(CaseEvent.case_id.in_(cases)).order_by(CaseEvent.case_id, CaseEvent.seq)
    found: dict[int, list[Happened]] = {}
    for event in session.scalars(query):
        found.setdefault(event.case_id, []).append(event_log.read(event))
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
    if not visibility.came_in_by(ref, actor):
        raise NoSuchCase
    whole = select(Case).where(Case.ref == ref).options(undefer(Case.state))
    row = session.scalar(whole.execution_options(populate_existing=True))
    if row is None or (isinstance(actor, Staff) and not sees_inbox(actor)):
        raise NoSuchCase
    state = decode(row.state)
    if visibility.is_walled_off(state, actor) or not visibility.reaches(session, row.id, actor):
        raise NoSuchCase
    return row, state


def _leave_trace(session: Session, row: Case, actor: Actor, what: str) -> None:
    """Staff who read leave a trace of it; residents and helpers read their own case."""
    if isinstance(actor, Staff):
        openings.note(session, row.id, actor, what)


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
        .where(Letter.case_id.in_([case_id, *parts]), *disclosure.letters_for(case_id, state, actor, held))
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
    query = select(Attachment).where(mine, *disclosure.files_for(session, parts, state, actor))
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


def letter(ref: str, letter_id: int, actor: Actor) -> Letter:
    """One letter as sent, if this person may read it. Raises NoSuchCase otherwise."""
    session = db.session()
    row, state = _opened(session, ref, actor)
    here = Letter.case_id.in_([row.id, *disclosure.parts(session, row, state, actor)])
    mine = (Letter.id == min(letter_id, LARGEST_ID), here)
    whole = select(Letter).options(undefer(Letter.html), undefer(Letter.text))
    held = disclosure.held_back(state, actor)
    whole = whole.where(*mine, *disclosure.letters_for(row.id, state, actor, held))
    found = session.scalar(whole.execution_options(populate_existing=True))
    if found is None:
        raise NoSuchCase
    _leave_trace(session, row, actor, f"letter:{found.id}")
    return found


def letter_of(view: CaseView, letter_id: int, actor: Actor) -> Letter:
    """One letter as sent, of a case that this person has open. Raises NoSuchCase when it is not in it."""
    if letter_id not in {row.id for row in view.letters}:
        raise NoSuchCase
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
    """One file of a case, if this person may see it. Raises NoSuchCase otherwise."""
    session = db.session()
    row, state = _opened(session, ref, actor)
    parts = disclosure.parts(session, row, state, actor)
    if (held := disclosure.held_back(state, actor)) is not None:
        state = effects.fold(event for event in event_log.events(session, row.id) if event.seq < held)
    mine = Attachment.case_id.in_([row.id, *parts]), *disclosure.files_for(session, parts, state, actor)
    found = session.scalar(select(Attachment).where(Attachment.id == min(file_id, LARGEST_ID), *mine))
    if found is None:
        raise NoSuchCase
    _leave_trace(session, row, actor, f"file:{found.id}")
    return found


def same_home(view: CaseView, actor: Staff, limit: int = 5) -> tuple[InboxRow, ...]:
    """Other cases from the same postcode or of a person of the same name, newest first."""
    person = view.state.resident
    return similar_cases(person.postcode, person.name, actor, besides=view.ref, limit=limit) if person else ()


def similar_cases(
    postcode: str, name: str, actor: Staff, *, besides: str = "", limit: int = 5
) -> tuple[InboxRow, ...]:
    """Cases of a postcode or a name, newest first, but none that this person is walled off from (Code 5.8)."""
    narrow = visibility.is_narrow(actor)
    same = []
    if postcode:
        same.append(Case.postcode == postcode.replace(" ", "").upper())
    if name:
        same.append(Case.resident == name)
    newest = [
        select(Case.id)
        .where(one, Case.ref != besides, visibility.in_sight(Case.id, actor.id, narrow))
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
