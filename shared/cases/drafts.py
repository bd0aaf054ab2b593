"""Complaints not yet sent, kept on the server from the first answer on, so that a lost signal loses nothing.

Whoever holds the draft's token may go on with it; the token lives in the browser's session or in a link the
person asked for. Only its hash is stored.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from shared import clock
from shared.cases.files import discard
from shared.db import db, writing
from shared.identity import tokens
from shared.models import Attachment, Draft


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as pages see it: flat answers, and the files added so far."""

    id: int
    language: str
    answers: dict[str, Any]
    files: tuple["DraftFile", ...]
    case_ref: str | None


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A cleaned file waiting on a draft."""

    id: int
    name: str
    media_type: str
    size: int


def begin(language: str, answers: dict[str, Any]) -> tuple[int, str]:
    """A new draft with its first answers. Returns its id and its token, which is stored nowhere."""
    token = tokens.new_link_token()
    with writing() as session:
        draft = Draft(token_hash=_hash(token), language=language, answers=answers)
        session.add(draft)
        session.flush()
        return draft.id, token


def find(token: str) -> DraftView | None:
    """The draft of a token, sent ones included; None for a wrong or deleted one. Reads only."""
    row = db.session.scalar(select(Draft).where(Draft.token_hash == _hash(token)))
    if row is None:
        return None
    files = db.session.scalars(
        select(Attachment).where(Attachment.draft_id == row.id).order_by(Attachment.id)
    )
    return DraftView(
        id=row.id,
        language=row.language,
        answers=dict(row.answers),
        files=tuple(DraftFile(a.id, a.name, a.media_type, a.size) for a in files),
        case_ref=row.case_ref,
    )


def save(draft_id: int, answers: dict[str, Any], language: str | None = None) -> None:
    """Put more answers beside those already kept; a draft that was sent no longer changes."""
    with writing() as session:
        row = session.scalar(select(Draft).where(Draft.id == draft_id).with_for_update())
        if row is None or row.case_ref:
            return
        row.answers = {**row.answers, **answers}
        row.language = language or row.language
        row.updated_at = clock.now()


def delete(draft_id: int) -> None:
    """Forget a draft and its files, at the person's wish."""
    with writing() as session:
        row = session.get(Draft, draft_id)
        if row is not None and not row.case_ref:
            for attachment in session.scalars(select(Attachment).where(Attachment.draft_id == draft_id)):
                discard(session, attachment)
            session.delete(row)


def tidy(days: int) -> int:
    """Delete drafts that nobody returned to for `days` days (the landlord's number); returns how many.

    Sent drafts go too: the case holds everything, and the token has no more use.
    """
    before = clock.now() - timedelta(days=days)
    with writing() as session:
        old = session.scalars(select(Draft).where(Draft.updated_at < before).limit(500)).all()
        for row in old:
            for attachment in session.scalars(select(Attachment).where(Attachment.draft_id == row.id)):
                discard(session, attachment)
            session.delete(row)
        return len(old)


def _hash(token: str) -> str:
    return tokens.fingerprint("draft", token)
