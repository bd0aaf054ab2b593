"""Residents' and helpers' sessions: a row for each browser, so that a copy of its cookie ends when they sign out.

The idle end is a stamp in the signed cookie, because a GET must not write to the database.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import Session

from shared import clock
from shared.identity import tokens
from shared.models.identity import ResidentSession


def start(session: Session, case_id: int, person: str, *, lifetime: timedelta) -> str:
    """Let one browser in as `person` (an Actor.key) for at most `lifetime`; returns the token for its cookie.

    `lifetime` is Config.resident_absolute_hours. The caller commits.
    """
    token = tokens.new_link_token()
    expires_at = clock.now() + lifetime
    row = ResidentSession(token_hash=_hash(token), case_id=case_id, person=person, expires_at=expires_at)
    session.add(row)
    session.flush()
    return token


def behind(token: str, *, timed_out: bool = False) -> Sequence[ColumnElement[bool]]:
    """What holds for the row behind a token, for a query that reads its case along.

    With `timed_out` also past the absolute end: for what somebody sends whose time ran out while writing.
    """
    mine = ResidentSession.token_hash == _hash(token)
    return (mine,) if timed_out else (mine, ResidentSession.expires_at > clock.now())


def end(session: Session, token: str) -> None:
    """Sign out of one browser, and of every copy of its cookie."""
    session.execute(delete(ResidentSession).where(ResidentSession.token_hash == _hash(token)))


def end_all(session: Session, case_id: int, person: str) -> None:
    """Sign one person out of one case in every browser."""
    theirs = (ResidentSession.case_id == case_id, ResidentSession.person == person)
    session.execute(delete(ResidentSession).where(*theirs))


def _hash(token: str) -> str:
    return tokens.fingerprint("resident-session", token[:200])
