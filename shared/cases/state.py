"""The case as the events left it: one frozen value, folded from the event log and from nothing else.

The database keeps it as a cache beside the events; `redress check` folds again and compares.
"""

from datetime import date, datetime

import msgspec

from shared.letters.facts import Words
from shared.vocab import Channel, CloseReason, ConsentScope, Finding, Kind, Risk, Stage


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a case: immutable, comparable, and the same after a round trip through JSON."""


class Person(Value, kw_only=True):
    """Somebody on a case and how to reach them. Any one way is enough (Code 3.2)."""

    name: str
    email: str = ""
    phone: str = ""
    address: tuple[str, ...] = ()
    postcode: str = ""
    relationship: str = ""  # tenant, leaseholder ... for a resident; friend, councillor ... for a helper
    prefers: Channel | None = None


class Need(Value, kw_only=True):
    """One reasonable adjustment: a need, never a diagnosis (Code 3.1, 5.10)."""

    code: str  # a row of needs.py, or "other"
    detail: str = ""
    met: bool | None = None
    owner: str = ""
    review_on: date | None = None


class Safety(Value, kw_only=True):
    """How it is safe to reach somebody. Read before every contact."""

    times: str = ""
    no_voicemail: bool = False
    no_post: bool = False
    no_email: bool = False
    no_calls: bool = False


class Consent(Value, kw_only=True):
    """What the resident lets her helper be told. It decides what we tell, never whether we start."""

    scope: ConsentScope = ConsentScope.NONE
    topics: str = ""
    basis: str = ""  # written, spoken, elected_representative, attorney, executor, parent, best_interests
    words: str = ""
    until: date | None = None  # the last London day on which it counts; None: until the complaint ends
    recorded_at: datetime | None = None
    ended_by_closing: bool = False  # it held until the complaint ended, and the record has closed

    def in_force(self, today: date) -> ConsentScope:
        """What the helper may be told on a London day: nothing once the last day has passed (Code 3.6)."""
        ended = self.until is not None and self.until < today
        return ConsentScope.NONE if ended else self.scope


class Story(Value, kw_only=True):
    """What happened, in the resident's own words and language; never overwritten by a translation."""

    what: str
    language: str = "en"
    started: str = ""
    effect: str = ""
    wanted: str = ""
    danger: str = ""  # empty, or which danger was reported
    write_for_me: bool = False  # "call me and write it for me"


class FileRef(Value, kw_only=True):
    """A cleaned file on the case. `taken_on` is the day a photo was taken, kept as a fact when EXIF goes."""

    id: int
    name: str
    media_type: str
    size: int
    taken_on: date | None = None


class Point(Value, kw_only=True):
    """One issue of the complaint definition, numbered as it stands in every letter (Code 5.6)."""

    number: int
    text: Words
    ours: bool = True  # within our responsibility (Code 5.7)


class Definition(Value, kw_only=True):
    """Our understanding and the outcomes sought (Code 5.6), and what we are not responsible for (5.7)."""

    points: tuple[Point, ...]
    outcomes: tuple[Words, ...]
    responsible_for: Words | None = None
    not_responsible_for: Words | None = None
    version: int = 1


class Decision(Value, kw_only=True):
    """The finding on one point at one stage, with its reasons and what it relies on (Code 6.7, 6.9)."""

    stage: int
    point: int
    finding: Finding
    reasons: Words
    basis: Words
    apology: Words | None = None


class Remedy(Value, kw_only=True):
    """Something offered to put things right: what and by when (Code 7.1 to 7.3). Money in pence."""

    number: int
    stage: int
    kind: str  # apology, explanation, action, reconsideration, correction, money, change_of_policy
    text: Words
    by_on: date | None = None
    amount_pence: int = 0
    breakdown: tuple[tuple[str, int], ...] = ()
    factors: str = ""
    ordered_by_ombudsman: bool = False
    offset_arrears: bool = False
    accepted: bool | None = None
    paid_on: date | None = None


class Commitment(Value, kw_only=True):
    """A promise: owner, date, proof, and the resident's own word on whether it was kept (Code 6.6, 7.3)."""

    number: int
    stage: int
    text: Words
    owner: str
    owner_id: int | None
    due_on: date
    completed_on: date | None = None
    proof: str = ""
    proof_files: tuple[int, ...] = ()
    confirmed: bool | None = None
    confirmed_words: str = ""

    @property
    def open(self) -> bool:
        """Still owed: not completed, or completed by our word and denied by the resident's."""
        return self.completed_on is None or self.confirmed is False


class Extension(Value, kw_only=True):
    """More time for one stage: reason, days, who agreed and approved (Code 6.4, 6.5, 6.15, 6.16)."""

    stage: int
    days: int
    reason_code: str
    reason: Words
    old_due_on: date
    new_due_on: date
    given_at: datetime
    late: bool = False
    exceptional: bool = False
    agreement_sought: bool = False
    agreed: bool | None = None
    approver: str = ""
    resident_words: str = ""


class Clarification(Value, kw_only=True):
    """A question asked so that the definition is right (Code 5.6), and its answer."""

    number: int
    question: Words
    asked_at: datetime
    answer: str = ""
    answered_at: datetime | None = None


class Message(Value, kw_only=True):
    """Something said between resident and staff on the portal."""

    at: datetime
    sender: str
    text: str
    language: str
    from_staff: bool
    files: tuple[int, ...] = ()


class Reminder(Value, kw_only=True):
    """A day on which somebody wants to look at the case again. It stands beside the clocks, never over."""

    on: date
    reason: str
    by: str


class Task(Value, kw_only=True):
    """Something that a colleague is to do on the case by a day; not a promise, and never told to anybody."""

    number: int
    text: str
    owner: str
    owner_id: int
    due_on: date
    by: str
    done_on: date | None = None
    need: str = ""  # the resident's need that it arranges, where it came from one


class Panel(Value, kw_only=True):
    """The landlord's panel inside stage 2, as far as it has come."""

    asked_on: date | None = None
    held_on: date | None = None
    outcome_on: date | None = None
    attended: bool | None = None
    resolved: bool | None = None
    declined: bool = False


class Visit(Value, kw_only=True):
    """A visit offered at one stage, and the resident's answer."""

    stage: int
    accepted: bool | None = None


class Checked(Value, kw_only=True):
    """A second person's reading of a letter before it goes: asked, and answered or not yet."""

    about: str
    stage: int
    by_id: int
    by: str
    fine: bool | None = None
    words: str = ""
    exactly: str = ""  # what the yes covers; empty: any wording
    asked_by: int | None = None


class CheckAnswer(Value, kw_only=True):
    """A person's answer to one line of the landlord's checklist."""

    item: str
    answer: bool
    comment: str = ""


class Sent(Value, kw_only=True):
    """The letter that the last event sent, as long as nothing has happened since."""

    seq: int
    at: datetime
    by: str


class Feedback(Value, kw_only=True):
    """The resident's word on how we handled it, 1 to 5."""

    satisfied: int
    words: str = ""


class StaffRef(Value, kw_only=True):
    """A member of staff as the case remembers them, with the job title they then had."""

    id: int
    name: str
    job: str = ""
    phone: str = ""
    email: str = ""


class Merged(Value, kw_only=True):
    """The other case of a merge: the one that this went into, or one that came into this."""

    ref: str
    at: datetime
    by: str
    why: str
    differs: str = ""
    same_person: bool = False  # the resident of both is surely one person
    walls: frozenset[int] = frozenset()  # who may not see this case only because of the other


class Refusal(Value, kw_only=True):
    """A complaint or escalation not taken on: ground, reasons for this case, evidence (Code 2.1 to 2.5)."""

    of: str  # complaint or escalation
    ground: str
    reasons: Words
    evidence: Words
    exceptional: Words  # how exceptional circumstances were weighed
    approver: str
    court_filed_on: date | None = None
    aware_on: date | None = None


class Milestones(Value, kw_only=True):
    """The instants that start or stop a clock. Each is set by exactly one event."""

    received_at: datetime
    logged_at: datetime
    complained_at: datetime | None = None  # when it first was a complaint: its clocks never start again
    acknowledged_at: datetime | None = None
    allocated_at: datetime | None = None
    first_contact_at: datetime | None = None
    responded_at: datetime | None = None
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
    last_sent: Sent | None = None
    checklist: tuple[CheckAnswer, ...] = ()
    tags: tuple[str, ...] = ()
    reminder: Reminder | None = None
    tasks: tuple[Task, ...] = ()
    untranslated: frozenset[str] = frozenset()  # the resident's words that no person has translated yet
    overdue_raised: frozenset[str] = frozenset()
    failing: frozenset[str] = frozenset()  # ways by which nothing arrives any more, as `way` writes them

    @property
    def stage_number(self) -> int:
        """Which of the two stages the case is in or was last in."""
        return 2 if self.milestones.escalated_at is not None else 1

    @property
    def open_commitments(self) -> tuple[Commitment, ...]:
        """Promises still owed, whether the record is open or closed."""
        return tuple(c for c in self.commitments if c.open)

    @property
    def open_tasks(self) -> tuple[Task, ...]:
        """Tasks that somebody still has to do."""
        return tuple(task for task in self.tasks if task.done_on is None)

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
        return way(channel, address) in self.failing

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


def way(channel: Channel, address: str) -> str:
    """A channel with an address or number, as `failing` holds it."""
    return f"{channel.value}:{address.strip().casefold()}"


encode = msgspec.json.Encoder(order="deterministic").encode
decode = msgspec.json.Decoder(CaseState).decode
