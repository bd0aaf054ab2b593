"""What a member of staff has typed but not yet saved, kept on the server for each person, case and action.

A draft is one person's own: nobody else sees it but the colleague who was asked to check it, and it is no part
of the record until it is performed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from shared import clock
from shared.cases import queries
from shared.cases.case_view import CaseView
from shared.db import db, writing
from shared.identity.actors import Staff
from shared.models import ActionDraft, Case
from shared.vocab import Action

MOST_CHARACTERS = 400_000  # of all answers together: above any letter, below a flood


@dataclass(frozen=True, slots=True)
class Kept:
    """Answers by control name, as the form sent them, and when they were last kept."""

    answers: dict[str, list[str]]
    at: datetime


class TooLong(Exception):
    """The draft holds more text than one may."""


def find(ref: str, actor: Staff, action: Action, about: str = "") -> Kept | None:
    """This person's own draft, or None. Reads only. `about`: the one point that the form was opened for."""
    row = db.session.scalar(_mine(ref, actor, action, about))
    if row is None:
        return None
    return Kept({name: _texts(values) for name, values in row.answers.items()}, row.updated_at)


def for_check(view: CaseView, checker: Staff, action: Action) -> Kept | None:
    """The newest draft of a page that this person was asked to check; None when nobody asked, or none is kept."""
    asked = any(x.about == action and x.by_id == checker.id and x.fine is None for x in view.state.checks)
    row = asked and db.session.scalar(
        select(ActionDraft)
        .join(Case, Case.id == ActionDraft.case_id)
        .where(Case.ref == view.ref, ActionDraft.action == action.value, ActionDraft.staff_id != checker.id)
        .order_by(ActionDraft.updated_at.desc())
    )
    return Kept({n: _texts(v) for n, v in row.answers.items()}, row.updated_at) if row else None


def save(
    ref: str, actor: Staff, action: Action, answers: Mapping[str, Sequence[str]], about: str = ""
) -> datetime:
    """Keep these answers in place of any earlier ones; returns when.

    Raises service.NoSuchCase for a case that this person may not see, and TooLong.
    """
    queries.case(ref, actor)  # whoever may not see the case may not write about it either
    if sum(len(text) for values in answers.values() for text in values) > MOST_CHARACTERS:
        raise TooLong
    try:
        return _save(ref, actor, action, answers, about)
    except IntegrityError:  # two browser tabs began the same draft at the same moment
        return _save(ref, actor, action, answers, about)


def _save(
    ref: str, actor: Staff, action: Action, answers: Mapping[str, Sequence[str]], about: str
) -> datetime:
    with writing() as session:
        row = session.scalar(_mine(ref, actor, action, about))
        if row is None:
            case_id = session.scalar(select(Case.id).where(Case.ref == ref))
            row = ActionDraft(case_id=case_id, staff_id=actor.id, action=_key(action, about))
            session.add(row)
        row.answers = {name: list(values) for name, values in answers.items()}
        row.updated_at = clock.now()
        return row.updated_at


def delete(ref: str, actor: Staff, action: Action, about: str = "") -> None:
    """Forget a draft: it was performed, or the person threw it away."""
    if db.session.scalar(_mine(ref, actor, action, about)) is None:
        return
    with writing() as session:
        row = session.scalar(_mine(ref, actor, action, about))
        if row is not None:
            session.delete(row)


def _key(action: Action, about: str) -> str:
    return f"{action.value}:{about}" if about else action.value


def _mine(ref: str, actor: Staff, action: Action, about: str = "") -> Select[ActionDraft]:
    return (
        select(ActionDraft)
        .join(Case, Case.id == ActionDraft.case_id)
        .where(Case.ref == ref, ActionDraft.staff_id == actor.id, ActionDraft.action == _key(action, about))
    )


def _texts(values: object) -> list[str]:
    return [str(one) for one in values] if isinstance(values, list) else [str(values)]
