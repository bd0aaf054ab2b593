"""Complaints not yet sent, kept on the server from the first answer on, so that a lost signal loses nothing.

Whoever holds one of the draft's tokens may go on with it: the first lives in the browser's session, others in
links and codes that the person asked for. Only hashes are stored.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.cases.correspondence import texting
from shared.cases.files import discard
from shared.db import db, ensure, writing
from shared.identity import access, tokens
from shared.mail import outbox, templates
from shared.models import Attachment, Draft, SignInLink

PURPOSE = "draft"  # of the links and codes that lead back to a draft


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as pages see it: flat answers, and the files added so far."""

    id: int
    language: str
    answers: dict[str, Any]
    files: tuple["DraftFile", ...]
    case_ref: str | None
    updated_at: datetime  # of the last answer


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


def once(key: str, language: str) -> int:
    """The draft behind a press that sends all at once: one for each key, so that pressing again sends nothing new.

    No token leads to it. Returns its id.
    """
    hashed = tokens.fingerprint("once", key)
    with writing() as session:
        ensure(session, Draft, token_hash=hashed, language=language, answers={})
        return int(session.scalars(select(Draft.id).where(Draft.token_hash == hashed)).one())


def bring(draft_id: int, numbers: Iterable[int]) -> None:
    """Files that waited for somebody go with this draft from now on."""
    waiting = (Attachment.case_id.is_(None), Attachment.draft_id.is_(None))
    with writing() as session:
        mine = update(Attachment).where(Attachment.id.in_(list(numbers)), *waiting)
        session.execute(mine.values(draft_id=draft_id))


def find(token: str) -> DraftView | None:
    """The draft of a token, sent ones included; None for a wrong or deleted one. Reads only."""
    row = db.session.scalar(select(Draft).where(Draft.token_hash == _hash(token))) or _behind_link(token)
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
        updated_at=row.updated_at,
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
            _forget(session, row)


def tidy(days: int) -> int:
    """Delete drafts that nobody returned to for `days` days (the landlord's number); returns how many.

    Sent drafts go too: the case holds everything, and the token has no more use.
    """
    before = clock.now() - timedelta(days=days)
    with writing() as session:
        old = session.scalars(select(Draft).where(Draft.updated_at < before).limit(500)).all()
        for row in old:
            _forget(session, row)
        return len(old)


def way_back(draft_id: int, days: int) -> str:
    """A new code that leads back to a draft for `days` days, to be shown or sent once, in groups of four.

    It is long, so it needs no limit of tries, and it works until the draft ends: whoever is interrupted twice
    comes back twice. Older codes go on working, since mail may arrive out of order.
    """
    with writing() as session:
        return _new_code(session, draft_id, days)


def mail_way_back(draft_id: int, to: str, *, days: int, address: str, language: str, landlord: str) -> None:
    """Send the code, and a link that brings it along, to an address that is kept nowhere else.

    `address` is the page that takes the code, as an absolute URL. Opening the link changes nothing.
    """
    with writing() as session:
        code = _new_code(session, draft_id, days)
        words = templates.compose(
            "draft", language, landlord=landlord, code=code, link=f"{address}?code={code}", days=days
        )
        why = f"draft:{tokens.fingerprint(PURPOSE, code)}"
        outbox.queue_words(session, words, to=to, dedupe=why, confidential=True)


def text_way_back(draft_id: int, to: str, *, days: int, address: str, language: str, landlord: str) -> None:
    """Send the code and its link to a mobile number (E.164) that is kept nowhere else.

    A number that has had its texts of the day gets no more, and nobody is told so.
    """
    with writing() as session:
        if not texting.may_go(session, to):
            return
        code = _new_code(session, draft_id, days)
        words = templates.text_message(
            "draft", language, landlord=landlord, code=code, link=f"{address}?code={code}"
        )
        why = f"draft:{tokens.fingerprint(PURPOSE, code)}"
        outbox.queue_words(session, words, to=to, dedupe=why, confidential=True)


def read_code(typed: str) -> str | None:
    """The token in a code that somebody typed or that a link brought; None when no draft is behind it."""
    code = tokens.read_access_code(typed)
    return code if code and _behind_link(code) is not None else None


def _new_code(session: Session, draft_id: int, days: int) -> str:
    code = tokens.new_access_code()
    session.add(
        SignInLink(
            token_hash=tokens.fingerprint(PURPOSE, code.replace("-", "")),
            purpose=PURPOSE,
            person=_person(draft_id),
            expires_at=clock.now() + timedelta(days=days),
        )
    )
    session.flush()
    return code


def _behind_link(token: str) -> Draft | None:
    link = access.find_link(db.session(), token, PURPOSE)
    if link is None or not link.person:
        return None
    return db.session.get(Draft, int(link.person.partition(":")[2]))


def _forget(session: Session, row: Draft) -> None:
    """Take files and ways back along: a number given out again must never open another's draft."""
    for attachment in session.scalars(select(Attachment).where(Attachment.draft_id == row.id)):
        discard(session, attachment)
    session.execute(
        delete_rows(SignInLink).where(SignInLink.purpose == PURPOSE, SignInLink.person == _person(row.id))
    )
    session.delete(row)


def _person(draft_id: int) -> str:
    return f"draft:{draft_id}"


def _hash(token: str) -> str:
    return tokens.fingerprint("draft", token)
