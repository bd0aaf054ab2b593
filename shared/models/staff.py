"""What staff keep beside the cases: views, texts to start from, who is here, who stands in for whom."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared import clock
from shared.db import Model, UTCDateTime


class SavedView(Model):
    """A state of the inbox under a name: the query of its address. A shared one is there for all."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(500))
    shared: Mapped[bool] = mapped_column(default=False, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class ManyAtOnce(Model):
    """One step taken on several cases: what came of it for each, and how it can be taken back."""

    __tablename__ = "many_at_once"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    what: Mapped[str] = mapped_column(String(300))
    results: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    undone: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class Presence(Model):
    """Who has a case open just now, and what they are writing. Rows older than a minute mean nothing."""

    __tablename__ = "presence"

    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), primary_key=True)
    writing: Mapped[str] = mapped_column(String(30), default="")  # the Action being written, or nothing
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Delegation(Model):
    """While somebody is away, a colleague sees and does that person's work, in the colleague's own name."""

    __tablename__ = "delegation"
    __table_args__ = (Index(None, "from_id", "until_on"), Index(None, "to_id", "until_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)  # the last day of it
    reason: Mapped[str] = mapped_column(String(300), default="")
    made_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # ended before its last day


class Snippet(Model):
    """A text that handlers start from. `{placeholders}` left in it block a sending."""

    __tablename__ = "snippet"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80), unique=True)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(12), default="en", server_default="en")
    actions: Mapped[list[str]] = mapped_column(JSON)  # Actions in whose forms it is offered; empty: all
    stages: Mapped[list[str]] = mapped_column(JSON)  # Stages at which it is offered; empty: all
    changed_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
