"""Who may come in, and the proofs they hold. No secret is stored: only hashes of codes and passwords."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared import clock
from shared.db import Model, UTCDateTime
from shared.vocab import Role


class StaffAccount(Model):
    """A person who works for the landlord. `email` is stored in lower case; disabling keeps the history."""

    __tablename__ = "staff_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(320), unique=True)
    job_title: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    team: Mapped[str] = mapped_column(String(120), default="")
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    password_hash: Mapped[str | None] = mapped_column(String(255))  # empty until the person sets one
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    @property
    def role_set(self) -> frozenset[Role]:
        """The roles as enums."""
        return frozenset(Role(role) for role in self.roles)


class StaffSession(Model):
    """One signed-in browser of one colleague. The absolute end stands here, the idle one in the cookie."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    account: Mapped[StaffAccount] = relationship()


class ResidentSession(Model):
    """One browser in which a resident or helper is signed in to one case; signing out removes the row."""

    __tablename__ = "resident_session"
    __table_args__ = (Index(None, "case_id", "person"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"))
    person: Mapped[str] = mapped_column(String(60))  # the Actor.key of who came in
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class AccessKey(Model):
    """The access code by which one person (resident or representative) opens one case."""

    __tablename__ = "access_key"
    __table_args__ = (Index(None, "case_id", "person"), UniqueConstraint("case_id", "code_hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"))
    person: Mapped[str] = mapped_column(String(60))  # the Actor.key of its holder
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SignInLink(Model):
    """A one-time link, with a short code to type instead, for a resident's case or a colleague's account."""

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(30))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("complaint_case.id"), index=True)
    person: Mapped[str | None] = mapped_column(String(60))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)  # wrong codes typed so far


class Throttle(Model):
    """How often something was tried within a window; rows of past windows may be deleted at any time."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    window_started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_hit_at: Mapped[datetime] = mapped_column(UTCDateTime)
    count: Mapped[int] = mapped_column(default=0)
