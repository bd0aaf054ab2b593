"""What must leave the building, and the rows by which several workers share that work without a broker."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared import clock
from shared.db import Model, UTCDateTime
from shared.vocab import Channel


class Delivery(StrEnum):
    """Where a message stands. A `failed` one is never dropped: staff see it with its reason and can retry."""

    QUEUED = "queued"  # due at next_attempt_at, or held by a worker until claimed_until
    SENT = "sent"  # accepted by the mail server or provider
    FAILED = "failed"  # refused for good, or given up after the last attempt
    CANCELLED = "cancelled"  # taken back within the undo window
    SETTLED = "settled"  # it failed, and somebody has reached the person in another way


class OutboxMessage(Model):
    """One message to one person, written in the transaction of the step that caused it.

    `dedupe` makes queueing the same message twice harmless; `message_id` (RFC 5322) is chosen once and kept
    for every attempt, so a message sent twice after a crash is recognisable as the same one.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(None, "status", "next_attempt_at"),
        # The cases that somebody must reach in another way: few among all messages.
        Index(
            "ix_outbox_failed",
            "case_id",
            sqlite_where=text("status = 'failed'"),
            postgresql_where=text("status = 'failed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(12))
    message_id: Mapped[str] = mapped_column(String(255), unique=True)
    dedupe: Mapped[str] = mapped_column(String(200), unique=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("complaint_case.id"), index=True)
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"), index=True)
    reply_to: Mapped[str] = mapped_column(String(320), default="")
    confidential: Mapped[bool] = mapped_column(default=False)  # carries a code or link: wiped once sent
    status: Mapped[str] = mapped_column(String(12), default=Delivery.QUEUED)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    next_attempt_at: Mapped[datetime] = mapped_column(UTCDateTime)  # starts as the end of the undo window
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(100))
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    remote_id: Mapped[str | None] = mapped_column(String(100), index=True)  # under which a provider knows it
    remote_status: Mapped[str | None] = mapped_column(String(40))  # the provider's last word on its delivery
    receipt: Mapped[str | None] = mapped_column(String(400))  # what the mail server answered
    problem: Mapped[str | None] = mapped_column(Text)  # why the last attempt did not work, for staff

    attachments: Mapped[list["OutboxAttachment"]] = relationship(
        back_populates="message", cascade="all, delete-orphan", order_by="OutboxAttachment.id"
    )

    @property
    def via(self) -> Channel:
        """The channel as the enum."""
        return Channel(self.channel)


class OutboxAttachment(Model):
    """A file that goes with a message: its bytes, or the file store key under which they lie."""

    __tablename__ = "outbox_attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes | None]
    store_key: Mapped[str | None] = mapped_column(String(255))

    message: Mapped[OutboxMessage] = relationship(back_populates="attachments")


class SentMail(Model):
    """A message as the sink received it, byte for byte, when no mail server is configured (development)."""

    __tablename__ = "sent_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(255), index=True)
    recipient: Mapped[str] = mapped_column(String(320), index=True)
    subject: Mapped[str] = mapped_column(String(400))
    raw: Mapped[bytes]
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class PeriodicJob(Model):
    """The leader row of one job: whoever holds its lease runs it, so that several workers run it once."""

    __tablename__ = "periodic_job"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_by: Mapped[str | None] = mapped_column(String(100))
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    problem: Mapped[str | None] = mapped_column(Text)  # why the last run failed; empty after a good one
