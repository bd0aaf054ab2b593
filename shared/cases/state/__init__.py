"""The case as the events left it: one frozen value, folded from the event log and from nothing else.

The database keeps it as a cache beside the events; `redress check` folds again and compares. The values that
it holds stand in its modules by theme; whoever reads a case finds them all here.
"""

from datetime import date, datetime

import msgspec

from shared.cases.state.answer import (
    Clarification,
    Commitment,
    Decision,
    Definition,
    Extension,
    Panel,
    Point,
    Refusal,
    Remedy,
    Visit,
)
from shared.cases.state.common import ENGLISH, FileRef, StaffRef, Value
from shared.cases.state.people import Consent, Need, Person, Safety
from shared.cases.state.record import (
    CheckAnswer,
    Checked,
    Feedback,
    Latest,
    Merged,
    Message,
    Reminder,
    Story,
    Task,
    Translated,
)
from shared.vocab import Channel, CloseReason, Kind, Risk, Stage


class Milestones(Value, kw_only=True):
    """The instants that start or stop a clock. Each is set by exactly one event."""

    received_at: datetime
    logged_at: datetime
    complained_at: datetime | None = None  # when it first was a complaint: its clocks never start again
    acknowledged_at: datetime | None = None
    allocated_at: datetime | None = None
    first_contact_at: datetime | None = None
    responded_at: datetime | None = None
    resolved_at: datetime | None = None  # the resident's own word settled it at stage 1
    escalated_at: datetime | None = None
    escalation_logged_at: datetime | None = None
    escalation_acknowledged_at: datetime | None = None
    escalation_allocated_at: datetime | None = None
    stage_2_first_contact_at: datetime | None = None
    final_response_at: datetime | None = None
    closed_at: datetime | None = None


class CaseState(Value, kw_only=True):
    """Everything that is known of a case now. Built only by effects.apply."""

    ref: str
    landlord: str
    policy_version: str
    kind: Kind
    stage: Stage
    language: str
    channel: Channel
    story: Story
    milestones: Milestones
    resident: Person | None = None
    helper: Person | None = None
    consent: Consent = Consent()
    anonymous: bool = False
    group: str = ""
    campaign: str = ""
    safety: Safety = Safety()
    needs: tuple[Need, ...] = ()
    files: tuple[FileRef, ...] = ()
    risk: Risk | None = None  # None until triaged
    triage_note: str = ""
    at_risk: str = ""
    quick_agreed_on: date | None = None  # the resident agreed to have it put right at once (Code 5.2)
    handler: StaffRef | None = None
    reviewer: StaffRef | None = None  # the stage 2 handler
    acted_stage_1: frozenset[int] = frozenset()
    conflicts: frozenset[int] = frozenset()
    contact_agreement: str = ""
    contact_every_days: int = 0
    last_contact_on: date | None = None
    heard_at: datetime | None = None  # the last word of the resident or her helper, however it reached us
    ordered_on: date | None = None  # the day on which the Ombudsman told us to take it on (Code 2.4)
    definition: Definition | None = None
    clarifications: tuple[Clarification, ...] = ()
    decisions: tuple[Decision, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    extensions: tuple[Extension, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    escalation_reason: str = ""
    messages: tuple[Message, ...] = ()
    mediation: str = ""
    learning: str = ""
    learning_theme: str = ""
    close_reason: CloseReason | None = None
    linked: tuple[str, ...] = ()
    merged: tuple[Merged, ...] = ()  # what came into this case
    merged_into: Merged | None = None  # where this case went: nothing runs on it meanwhile
    panel: Panel | None = None
    visits: tuple[Visit, ...] = ()
    checks: tuple[Checked, ...] = ()
    feedback: Feedback | None = None
    surveyed_on: date | None = None  # the day on which the resident was asked how it was
    last_sent: Latest | None = None  # it sent a letter
    last_named: Latest | None = None  # it named who looks into the case
    checklist: tuple[CheckAnswer, ...] = ()
    tags: tuple[str, ...] = ()
    reminder: Reminder | None = None
    tasks: tuple[Task, ...] = ()
    untranslated: frozenset[str] = frozenset()  # the resident's words that no person has translated yet
    translated: tuple[Translated, ...] = ()  # the newest translation of each
    overdue_raised: frozenset[str] = frozenset()
    failing: frozenset[str] = frozenset()  # ways by which nothing arrives any more, as `way` writes them

    @property
    def stage_number(self) -> int:
        """Which of the two stages the case is in or was last in."""
        return 2 if self.milestones.escalated_at is not None else 1

    @property
    def first_words(self) -> tuple[str, str]:
        """What it is about, and in which language: as staff can read it, where somebody has translated it."""
        english = next((one.text for one in self.translated if one.of == "story"), "")
        return (english, ENGLISH) if english else (self.story.what, self.story.language)

    @property
    def open_commitments(self) -> tuple[Commitment, ...]:
        """Promises still owed, whether the record is open or closed."""
        return tuple(c for c in self.commitments if c.open)

    @property
    def open_tasks(self) -> tuple[Task, ...]:
        """Tasks that somebody still has to do."""
        return tuple(task for task in self.tasks if task.done_on is None)

    @property
    def waits_for_call(self) -> bool:
        """Whether the resident asked us to call and write it down, and nobody has spoken with her yet."""
        return self.story.write_for_me and self.heard_at is None

    @property
    def holder(self) -> StaffRef | None:
        """Who has the case now: the reviewer from stage 2 on, the handler before."""
        return self.reviewer if self.stage_number == 2 else self.handler

    @property
    def silent(self) -> bool:
        """Whether the resident has said nothing since the last answer, and no question waits for her."""
        m = self.milestones
        answered = m.final_response_at or m.responded_at
        heard = self.heard_at is not None and (answered is None or self.heard_at > answered)
        return not heard and all(q.answered_at is not None for q in self.clarifications)

    @property
    def one_mailbox(self) -> bool:
        """Whether the resident's e-mail address is her helper's: what goes there never reaches her alone."""
        if self.resident is None or self.helper is None or not self.resident.email:
            return False
        return self.resident.email.strip().casefold() == self.helper.email.strip().casefold()

    @property
    def ended_quickly(self) -> bool:
        """Whether it was closed as put right at once: the resident may still have a formal answer (Code 5.2)."""
        return (
            self.stage is Stage.CLOSED
            and self.quick_agreed_on is not None
            and self.close_reason is CloseReason.RESOLVED
            and self.milestones.acknowledged_at is None
        )

    def fails(self, channel: Channel, address: str) -> bool:
        """Whether messages to this address or number are known not to arrive."""
        return channel_key(channel, address) in self.failing

    @property
    def taken_for_less(self) -> bool:
        """Whether it was a complaint, and somebody here took it for a request or a comment (Code 1.3)."""
        return self.kind is not Kind.COMPLAINT and self.milestones.complained_at is not None

    @property
    def may_return(self) -> bool:
        """Whether the resident's word alone makes it a complaint at stage 1 again, as it stood."""
        stopped = self.stage is Stage.CLOSED and self.close_reason is CloseReason.WITHDRAWN
        unanswered = self.milestones.complained_at is not None and self.milestones.responded_at is None
        return self.ended_quickly or self.taken_for_less or (stopped and unanswered)

    def decisions_at(self, stage: int) -> dict[int, Decision]:
        """The findings of one stage by point number; the newest decision on a point counts."""
        return {d.point: d for d in self.decisions if d.stage == stage}

    def extended_by(self, stage: int) -> int:
        """Working days by which this stage's response was extended in all."""
        return sum(e.days for e in self.extensions if e.stage == stage)


def channel_key(channel: Channel, address: str) -> str:
    """A channel with an address or number, as `failing` holds it."""
    return f"{channel.value}:{address.strip().casefold()}"


encode = msgspec.json.Encoder(order="deterministic").encode
decode = msgspec.json.Decoder(CaseState).decode

__all__ = [
    "ENGLISH",
    "CaseState",
    "CheckAnswer",
    "Checked",
    "Clarification",
    "Commitment",
    "Consent",
    "Decision",
    "Definition",
    "Extension",
    "Feedback",
    "FileRef",
    "Latest",
    "Merged",
    "Message",
    "Milestones",
    "Need",
    "Panel",
    "Person",
    "Point",
    "Refusal",
    "Remedy",
    "Reminder",
    "Safety",
    "StaffRef",
    "Story",
    "Task",
    "Translated",
    "Value",
    "Visit",
    "decode",
    "encode",
    "way",
]
