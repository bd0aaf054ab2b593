"""Colleagues named in internal notes as @Name: who they are, and what waits for each of them to read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import timeline
from shared.cases.case_view import CaseView
from shared.cases.colleagues.candidates import Eligible, holding
from shared.cases.event_log import read
from shared.cases.inbox.lists import seen_by
from shared.db import db, writing
from shared.identity.actors import Staff
from shared.identity.roles import Permission, holders
from shared.models import Case, CaseEvent, CaseMention

AT = re.compile(r"(?<![\w.@+-])@(?=\w)")  # not the sign inside an e-mail address
MOST = 100  # lines of one page: what is older has been read, or the list is no longer one that is read


def may_be_named(view: CaseView) -> tuple[Eligible, ...]:
    """Colleagues who may open this case, by name: nobody else is told that it exists (Code 5.8)."""
    people = (p for p in holding(holders(Permission.SEES_INBOX)) if p.id not in view.state.conflicts)
    return tuple(sorted(people, key=lambda p: (p.name.casefold(), p.id)))


def named(text: str, people: Iterable[Eligible]) -> tuple[tuple[Eligible, ...], tuple[str, ...]]:
    """Who is named in a text as @Name, and which names stand for nobody.

    A first name alone is enough where only one of these people bears it; of several with the very same name
    all are meant.
    """
    people = tuple(people)
    found: dict[int, Eligible] = {}
    unknown = []
    for at in AT.finditer(text):
        rest = text[at.end() :]
        meant = _bearers(rest, people)
        found |= {person.id: person for person in meant}
        if not meant:
            unknown.append("@" + re.split(r"[^\w'-]", rest, maxsplit=1)[0])
    return tuple(found.values()), tuple(dict.fromkeys(unknown))


def _bearers(rest: str, people: tuple[Eligible, ...]) -> list[Eligible]:
    whole = [p for p in people if _begins(rest, p.name)]
    longest = max((len(p.name) for p in whole), default=0)
    if whole:
        return [p for p in whole if len(p.name) == longest]
    first = [p for p in people if _begins(rest, p.name.split()[0])]
    return first if len(first) == 1 else []


def _begins(rest: str, name: str) -> bool:
    return re.match(rf"{re.escape(name)}(?!\w)", rest, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Mention:
    """One note in which somebody is named. `seq` is the note's event; `seen_at` is None until it was read."""

    ref: str
    seq: int
    who: str
    at: datetime
    text: str
    seen_at: datetime | None


def for_person(actor: Staff) -> tuple[Mention, ...]:
    """The notes that name a person, unread first, then the newest; none of a case that is shut to them."""
    query: Any = (
        select(CaseMention, CaseEvent, Case.ref)
        .join(CaseEvent, (CaseEvent.case_id == CaseMention.case_id) & (CaseEvent.seq == CaseMention.seq))
        .join(Case, Case.id == CaseMention.case_id)
        .where(CaseMention.staff_id == actor.id)
        .order_by(CaseMention.seen_at.is_not(None), CaseEvent.id.desc())
        .limit(MOST)
    )
    found = []
    for mention, event, ref in db.session.execute(seen_by(query, actor)):
        note = read(event).command
        text = note.text if isinstance(note, c.Note) else timeline.TITLES[note.action]
        found.append(Mention(ref, mention.seq, event.actor_name, event.at, text, mention.seen_at))
    return tuple(found)


def mark_read(actor: Staff, ref: str, seq: int | None = None) -> None:
    """Mark one mention as read, or all of a case; nothing happens to anybody else's."""
    mine = select(CaseMention).join(Case, Case.id == CaseMention.case_id).where(Case.ref == ref)
    mine = mine.where(CaseMention.staff_id == actor.id, CaseMention.seen_at.is_(None))
    if seq is not None:
        mine = mine.where(CaseMention.seq == seq)
    if db.session.scalars(mine).first() is None:
        return
    with writing() as session:
        for row in session.scalars(mine):
            row.seen_at = clock.now()
