"""Forgetting proofs that prove nothing any more, so that no table of who tried what grows for ever."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared import clock
from shared.models.identity import ResidentSession, SignInLink, StaffSession, Throttle


def tidy(session: Session) -> None:
    """Delete ended links, sessions and tries; each is kept a while so that a problem can be looked into."""
    now = clock.now()
    session.execute(delete(SignInLink).where(SignInLink.expires_at < now - timedelta(days=7)))
    session.execute(delete(StaffSession).where(StaffSession.expires_at < now - timedelta(days=30)))
    session.execute(delete(ResidentSession).where(ResidentSession.expires_at < now - timedelta(days=7)))
    session.execute(delete(Throttle).where(Throttle.last_hit_at < now - timedelta(days=1)))
