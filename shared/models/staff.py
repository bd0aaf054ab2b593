"""What staff keep for themselves: views of the inbox, and how it looks to them."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
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
