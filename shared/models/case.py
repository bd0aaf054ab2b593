"""The case as rows: an append-only event log, and beside it the columns that lists and searches need.

Everything on `case` but its id is a cache of its events; `redress check` proves it.
"""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from shared import clock
from shared.db import Model, UTCDateTime

FAR = date(9999, 12, 31)  # stands for no date where a list is sorted by it

# Lists of which most cases are no part: each has an index that holds its members only.
FLAGS = (
    "to_triage",
    "to_acknowledge",
    "at_stage_2",
    "unassigned",
    "unread",
    "awaits_consent",
    "awaits_translation",
    "to_post",
    "undelivered",
)


def _flag(name: str) -> Index:
    return Index(
        f"ix_case_{name}",
        "sort_on",
        "id",
        sqlite_where=text(f"{name} IS 1"),
        postgresql_where=text(f"{name} IS true"),
    )


class Case(Model):
    """One case. `version` is the number of its last event: a writer who saw an older one is told so."""

    __tablename__ = "complaint_case"
    __table_args__ = (
        # One index for each list of the inbox, in the order in which it is read.
        Index("ix_case_due", "is_open", "sort_on", "id", "next_due_on", "next_due"),
        Index("ix_case_stage_due", "stage", "sort_on", "id"),
        Index("ix_case_holder_due", "is_open", "holder_id", "sort_on", "id"),
        Index("ix_case_waiting_due", "is_open", "waiting_on", "sort_on", "id"),
        Index("ix_case_promise", "next_promise_on", "id"),
        Index("ix_case_silent", "silent_on", "id"),
        Index("ix_case_remind", "remind_on", "id"),
        Index("ix_case_received", "is_open", "received_on", "id"),
        Index("ix_case_risk_due", "is_open", "risk", "sort_on", "id"),
        Index("ix_case_language_due", "is_open", "language", "sort_on", "id"),
        # What figures count, whole, so that no row has to be read for them.
        Index("ix_case_answered_1", "answered_1_on", "answered_1_late"),
        Index("ix_case_answered_2", "answered_2_on", "answered_2_late"),
        Index("ix_case_kind_received", "kind", "received_on", "is_open", "merged_into"),
        Index("ix_case_updated", "updated_at", "id"),
        *(_flag(name) for name in FLAGS),
        Index("ix_case_home", "postcode", "id"),
        Index("ix_case_resident", "resident", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(24), unique=True)
    version: Mapped[int]
    landlord: Mapped[str] = mapped_column(String(60))
    policy_version: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(24))
    is_open: Mapped[bool]
    triaged: Mapped[bool]
    risk: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(12))
    resident: Mapped[str] = mapped_column(String(200))
    home: Mapped[str] = mapped_column(String(400))
    postcode: Mapped[str] = mapped_column(String(10))
    summary: Mapped[str] = mapped_column(String(200))
    summary_language: Mapped[str] = mapped_column(String(12), server_default="en")
    needs: Mapped[list[str]] = mapped_column(JSON)
    holder_id: Mapped[int | None]
    holder: Mapped[str] = mapped_column(String(120))
    received_on: Mapped[date] = mapped_column(Date)
    clocks: Mapped[list[list[str]]] = mapped_column(JSON)  # running clocks: [name, due, text], earliest first
    next_due_on: Mapped[date | None] = mapped_column(Date)
    next_due: Mapped[str] = mapped_column(String(40))  # the name of the clock that is due next
    next_promise_on: Mapped[date | None] = mapped_column(Date)
    waiting_on: Mapped[str] = mapped_column(String(12))  # resident, us or nobody
    last_contact_on: Mapped[date | None] = mapped_column(Date)
    answered_1_on: Mapped[date | None] = mapped_column(Date)  # and whether after the date then shown
    answered_1_late: Mapped[bool | None]
    answered_2_on: Mapped[date | None] = mapped_column(Date)
    answered_2_late: Mapped[bool | None]
    sort_on: Mapped[date] = mapped_column(Date)  # what is owed first, a promise too; FAR when nothing is
    silent_on: Mapped[date] = mapped_column(Date)  # the last day by which the resident should hear; or FAR
    remind_on: Mapped[date | None] = mapped_column(Date)
    remind: Mapped[str] = mapped_column(String(300))
    tags: Mapped[list[str]] = mapped_column(JSON)
    to_triage: Mapped[bool]
    to_acknowledge: Mapped[bool]
    at_stage_2: Mapped[bool]
    unassigned: Mapped[bool]
    awaits_consent: Mapped[bool]  # a helper whom the resident has not yet spoken for
    awaits_translation: Mapped[bool]  # the resident's words that staff cannot read yet
    to_post: Mapped[bool]  # a letter waits to be printed, and nobody recorded since that one went by post
    undelivered: Mapped[bool] = mapped_column(server_default=false())  # a message about it reached nobody
    unread: Mapped[bool]  # the resident did the last thing and nobody has acted since
    merged_into: Mapped[str | None] = mapped_column(
        String(24)
    )  # the same complaint under its first reference
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(Text, deferred=True)


class CaseTag(Model):
    """A tag of a case, by itself so that cases can be found by it."""

    __tablename__ = "case_tag"

    tag: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), primary_key=True, index=True)


class CaseWall(Model):
    """Who may not see a case at all: they have a conflict of interest in it (Code 5.8)."""

    __tablename__ = "case_wall"

    staff_id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), primary_key=True, index=True)


class CasePart(Model):
    """Who has a part in a case: holds it, owes a promise or a task, or was asked to check it."""

    __tablename__ = "case_part"

    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(primary_key=True, index=True)


class CaseTask(Model):
    """Something a colleague is to do on a case, by itself so that each person's tasks can be listed."""

    __tablename__ = "case_task"
    __table_args__ = (Index(None, "owner_id", "done_on", "due_on"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int]
    text: Mapped[str] = mapped_column(String(300))
    due_on: Mapped[date] = mapped_column(Date)
    done_on: Mapped[date | None] = mapped_column(Date)


class CaseMention(Model):
    """A colleague named in an internal note, until that colleague has seen it."""

    __tablename__ = "case_mention"

    staff_id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), primary_key=True, index=True)
    seq: Mapped[int] = mapped_column(primary_key=True)  # the event of the note
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class CaseOpening(Model):
    """A member of staff opened a case, a letter of it or a file: who, when, what (UK GDPR Article 5(1)(f))."""

    __tablename__ = "case_opening"
    __table_args__ = (Index(None, "case_id", "id"), Index(None, "staff_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    role: Mapped[str] = mapped_column(String(24))
    what: Mapped[str] = mapped_column(String(40))  # case, letter:<id>, file:<id>
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    checked_by: Mapped[str | None] = mapped_column(String(200))  # who looked into this opening, and found
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finding: Mapped[str] = mapped_column(String(300), default="")


class CaseEvent(Model):
    """One thing that happened, never changed afterwards. `payload` is the command as JSON."""

    __tablename__ = "case_event"
    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        # Who began which cases: what a colleague logged, found without going through every event.
        Index(
            "ix_case_event_begun",
            "actor",
            "id",
            sqlite_where=text("seq = 1"),
            postgresql_where=text("seq = 1"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), index=True)
    seq: Mapped[int]
    action: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(120))  # Actor.key
    actor_name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(24))
    stage_before: Mapped[str] = mapped_column(String(24))
    stage_after: Mapped[str] = mapped_column(String(24))
    payload: Mapped[str] = mapped_column(Text)
    facts: Mapped[str] = mapped_column(Text)  # what perform worked out for this event, as JSON


class Letter(Model):
    """A letter exactly as sent. Never rendered again; `digest` is the SHA-256 of its HTML."""

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), index=True)
    seq: Mapped[int]  # the event that sent it
    kind: Mapped[str] = mapped_column(String(30))
    to: Mapped[str] = mapped_column(String(20))  # resident or representative
    language: Mapped[str] = mapped_column(String(12))
    large_print: Mapped[bool]
    title: Mapped[str] = mapped_column(String(300))
    html: Mapped[str] = mapped_column(Text, deferred=True)
    text: Mapped[str] = mapped_column(Text, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    pdf_key: Mapped[str | None] = mapped_column(String(255))
    channel: Mapped[str] = mapped_column(String(20))
    undone: Mapped[bool] = mapped_column(default=False)  # taken back before it left
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Attachment(Model):
    """A cleaned file: of a draft first, of a case once sent. The original is not kept, only its digest."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("complaint_case.id"), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"), index=True)
    store_key: Mapped[str] = mapped_column(String(255))
    preview_key: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    original_sha256: Mapped[str] = mapped_column(String(64))
    taken_on: Mapped[date | None] = mapped_column(Date)
    width: Mapped[int | None]
    height: Mapped[int | None]
    internal: Mapped[bool] = mapped_column(default=False)  # added by staff, not shown to the resident
    added_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class Draft(Model):
    """A complaint not yet sent, kept from the first answer on. `answers` is a flat JSON object."""

    __tablename__ = "draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(12))
    answers: Mapped[dict[str, object]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, index=True)
    case_ref: Mapped[str | None] = mapped_column(String(24))  # set once, when it was sent


class ActionDraft(Model):
    """What a member of staff has typed for one action on one case, so that no text is ever lost."""

    __tablename__ = "action_draft"
    __table_args__ = (UniqueConstraint("case_id", "staff_id", "action"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("complaint_case.id"), index=True)
    staff_id: Mapped[int] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(30))
    answers: Mapped[dict[str, object]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class PolicyVersion(Model):
    """A landlord's policy as it stood when a case was logged under it; a case keeps to its own."""

    __tablename__ = "policy_version"

    version: Mapped[str] = mapped_column(String(80), primary_key=True)
    landlord: Mapped[str] = mapped_column(String(60))
    document: Mapped[str] = mapped_column(Text)
    first_used_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class ExtraHoliday(Model):
    """A bank holiday proclaimed after the calendar was packaged, added by an admin."""

    __tablename__ = "extra_holiday"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    added_by: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class Counter(Model):
    """The last number given out under a name, for references in order."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int]


class FiguresCounted(Model):
    """The figures of the dashboard as last counted, as JSON, so that no page has to go through every case."""

    __tablename__ = "figures_counted"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)  # which figures
    document: Mapped[str] = mapped_column(Text)
    counted_at: Mapped[datetime] = mapped_column(UTCDateTime)  # when the counting began
