"""Staff sessions: a row each, so that signing out, disabling and the absolute end work at once.

The idle end is a stamp in the signed cookie, because a GET must not write to the database.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_login import UserMixin
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.identity import tokens
from shared.identity.actors import Staff
from shared.models.identity import StaffAccount, StaffSession


@dataclass(frozen=True, eq=False)
class SignedIn(UserMixin):
    """Flask-Login's user: a colleague in one browser. Its id is the session token, so a row can end it."""

    token: str
    actor: Staff

    def get_id(self) -> str:
        """What Flask-Login keeps in its signed cookie."""
        return self.token


def start(session: Session, account: StaffAccount, *, lifetime: timedelta) -> SignedIn:
    """Begin a session of at most `lifetime` (Config.staff_absolute_hours). The caller commits."""
    token = tokens.new_link_token()
    now = clock.now()
    row = StaffSession(
        token_hash=_hash(token), account_id=account.id, created_at=now, expires_at=now + lifetime
    )
    session.add(row)
    session.flush()
    return SignedIn(token, _actor(account))


def verify(session: Session, token: str) -> SignedIn | None:
    """Who holds this token, for Flask-Login's user_loader; None once ended or disabled. Reads only."""
    found = session.execute(
        select(StaffSession, StaffAccount)
        .join(StaffAccount, StaffSession.account_id == StaffAccount.id)
        .where(
            StaffSession.token_hash == _hash(token),
            StaffSession.revoked_at.is_(None),
            StaffSession.expires_at > clock.now(),
            StaffAccount.active,
        )
    ).first()
    return SignedIn(token, _actor(found[1])) if found else None


def end(session: Session, token: str) -> None:
    """Sign out of one browser."""
    live = (StaffSession.token_hash == _hash(token), StaffSession.revoked_at.is_(None))
    session.execute(update(StaffSession).where(*live).values(revoked_at=clock.now()))


def end_all(session: Session, account_id: int) -> None:
    """Sign out of every browser."""
    live = (StaffSession.account_id == account_id, StaffSession.revoked_at.is_(None))
    session.execute(update(StaffSession).where(*live).values(revoked_at=clock.now()))


def stamp() -> int:
    """The present second, to be kept in the signed cookie at every request."""
    return int(clock.now().timestamp())


def is_idle(stamped: object, limit: timedelta) -> bool:
    """Whether the last request lies longer back than `limit`; a missing or odd stamp counts as idle."""
    if not isinstance(stamped, int):
        return True
    return clock.now() - datetime.fromtimestamp(stamped, UTC) > limit


def _hash(token: str) -> str:
    return tokens.fingerprint("staff-session", token[:200])


def _actor(account: StaffAccount) -> Staff:
    return Staff(account.id, account.name, account.email, account.role_set, account.job_title)
