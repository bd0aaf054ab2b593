"""Mail that reached us: every message as it came, and what became of it."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared import clock
from shared.db import Model, UTCDateTime


class InboundMessage(Model):
    """One message. `message_id` is unique, so that a message fetched twice is taken in once.

    `status`: arrived (being put where it belongs), placed (on a case), held (for an officer to place), kept (a
    robot's, nothing to do), bounced (and what followed from it is done).
    """

    __tablename__ = "inbound_message"
    __table_args__ = (Index(None, "status", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(255), unique=True)
    sender: Mapped[str] = mapped_column(String(320))
    sender_name: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    raw_key: Mapped[str | None] = mapped_column(String(255))  # the message as it came, in the file store
    sort: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(12))
    why: Mapped[str] = mapped_column(String(300))  # why it was held or kept, for the officer
    case_ref: Mapped[str | None] = mapped_column(String(24))  # where it was placed, or seems to belong
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    settled_by: Mapped[str | None] = mapped_column(String(200))
