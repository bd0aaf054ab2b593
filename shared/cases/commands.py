"""What each action carries: one frozen struct an action. It is also the payload of the event it leaves.

A command's shape is checked by the form that makes it, its rights by flow.py, its law by guards.py. Dates a
person gives ("she rang on Tuesday") are `happened_at`: when it happened, beside when it was recorded, so
that backdating is visible.
"""

from datetime import date, datetime
from typing import Any, ClassVar

import msgspec

from shared.cases.state import (
    Consent,
    FileRef,
    Need,
    Person,
    Point,
    Safety,
    StaffRef,
    Story,
    Value,
)
from shared.letters.facts import Words
from shared.vocab import Action, Channel, CloseReason, Finding, Kind, Risk


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all commands; `action` names the row of FLOW."""

    action: ClassVar[Action]


class Submit(Command, kw_only=True):
    """Somebody is dissatisfied, or asks, thanks or comments: the case begins (Code 1.2, 3.2)."""

    action = Action.SUBMIT
    kind: Kind = Kind.COMPLAINT
    language: str
    channel: Channel
    story: Story
    resident: Person | None = None
    helper: Person | None = None
    consent: Consent = Consent()
    anonymous: bool = False
    group: str = ""
    campaign: str = ""
    safety: Safety = Safety()
    needs: tuple[Need, ...] = ()
    files: tuple[FileRef, ...] = ()
    received_at: datetime | None = None  # earlier than now when staff log what reached them before
    known_by: str = ""  # how staff made sure who it is, of what began in public on social media
    linked: tuple[str, ...] = ()


class Triage(Command, kw_only=True):
    """How urgent, who is at risk, what kind it is; a call with the resident where one was had (Code 6.1)."""

    action = Action.TRIAGE
    kind: Kind = Kind.COMPLAINT
    risk: Risk
    at_risk: str = ""
    note: str = ""
    quick_resolution_agreed: bool = False


class RecordContact(Command, kw_only=True):
    """A call, visit, text or letter with the resident or others, kept on the case (Code 5.12)."""

    action = Action.RECORD_CONTACT
    channel: Channel
    happened_at: datetime
    outgoing: bool = True
    with_whom: str = "resident"
    reached: bool = True
    words: str
    first_contact: bool = False
    contact_agreement: str = ""
    contact_every_days: int = 0
    files: tuple[FileRef, ...] = ()


class Note(Command, kw_only=True):
    """An internal note. Never leaves the building, not even by quoting."""

    action = Action.NOTE
    text: str
    files: tuple[FileRef, ...] = ()
    mentions: tuple[StaffRef, ...] = ()  # colleagues named in it, who are told that it is there


class AddInformation(Command, kw_only=True):
    """More from the resident or found by staff: words, files, or a new point (Code 6.8)."""

    action = Action.ADD_INFORMATION
    text: str = ""
    language: str = "en"
    files: tuple[FileRef, ...] = ()


class Message(Command, kw_only=True):
    """A message between resident and staff on the portal."""

    action = Action.MESSAGE
    text: str
    language: str = "en"
    files: tuple[FileRef, ...] = ()


class ChangeContact(Command, kw_only=True):
    """How to reach the resident, corrected."""

    action = Action.CHANGE_CONTACT
    resident: Person
    safety: Safety


class ChangeNeeds(Command, kw_only=True):
    """Reasonable adjustments asked for or reviewed (Code 3.1, 5.10)."""

    action = Action.CHANGE_NEEDS
    needs: tuple[Need, ...]
    language: str = ""


class MeetNeed(Command, kw_only=True):
    """Whether one adjustment was met, by whom, and when it is looked at again (Code 5.10)."""

    action = Action.MEET_NEED
    code: str
    met: bool
    owner: str = ""
    review_on: date | None = None


class Define(Command, kw_only=True):
    """The complaint definition: points, outcomes sought, what is and is not ours (Code 5.6, 5.7)."""

    action = Action.DEFINE
    points: tuple[Point, ...]
    outcomes: tuple[Words, ...]
    responsible_for: Words
    not_responsible_for: Words
    why: Words | None = None  # why it changes after the acknowledgement: the resident is told (5.6, 6.8)
    left_out: bool = False  # at stage 2: the resident made the new point before, and stage 1 left it out


class AskClarification(Command, kw_only=True):
    """A question to the resident where the complaint is unclear (Code 5.6)."""

    action = Action.ASK_CLARIFICATION
    question: Words


class AnswerClarification(Command, kw_only=True):
    """The resident's answer to a question."""

    action = Action.ANSWER_CLARIFICATION
    number: int
    answer: str
    language: str = "en"


class DeclareConflict(Command, kw_only=True):
    """A member of staff declares a conflict of interest and passes the case on (Code 5.8)."""

    action = Action.DECLARE_CONFLICT
    staff: StaffRef
    reason: str


class Allocate(Command, kw_only=True):
    """Names who handles the stage the case is in. At stage 2 nobody who acted at stage 1 (Code 6.13)."""

    action = Action.ALLOCATE
    to: StaffRef
    reason: str = ""


class Acknowledge(Command, kw_only=True):
    """Sends the acknowledgement letter of the stage asked for (Code 6.2, 6.11)."""

    action = Action.ACKNOWLEDGE
    message: Words | None = None


class NotAccept(Command, kw_only=True):
    """The complaint is not taken on: ground, this case's own merits, evidence, approver (Code 2.1 to 2.5)."""

    action = Action.NOT_ACCEPT
    ground: str
    reasons: Words
    evidence: Words
    exceptional: Words
    approver: StaffRef
    court_filed_on: date | None = None
    aware_on: date | None = None  # when it happened or, if later, when the resident learnt of it (Code 2.3)


class AcceptByOrder(Command, kw_only=True):
    """The Ombudsman told us to take it on (Code 2.4)."""

    action = Action.ACCEPT_BY_ORDER
    words: str
    ordered_on: date


class PointDecision(Value, kw_only=True):
    """The finding on a further point of the same save."""

    point: int
    finding: Finding
    reasons: Words
    basis: Words
    apology: Words | None = None


class Decide(Command, kw_only=True):
    """The finding on a point, with reasons and the policy, law or practice relied on (Code 6.7, 6.9).

    `others` are further points decided in the same save.
    """

    action = Action.DECIDE
    point: int
    finding: Finding
    reasons: Words
    basis: Words
    apology: Words | None = None
    others: tuple[PointDecision, ...] = ()

    @property
    def every(self) -> tuple[PointDecision, ...]:
        """Every point that this decides."""
        first = PointDecision(
            point=self.point,
            finding=self.finding,
            reasons=self.reasons,
            basis=self.basis,
            apology=self.apology,
        )
        return (first, *self.others)


class OfferRemedy(Command, kw_only=True):
    """What we will do to put things right and by when (Code 7.1 to 7.3). Money in pence."""

    action = Action.OFFER_REMEDY
    kind: str
    text: Words
    by_on: date | None = None
    amount_pence: int = 0
    breakdown: tuple[tuple[str, int], ...] = ()
    factors: str = ""
    ordered_by_ombudsman: bool = False
    offset_arrears: bool = False
    approver: StaffRef | None = None


class SettleRemedy(Command, kw_only=True):
    """The resident's answer to an offer, or its payment."""

    action = Action.SETTLE_REMEDY
    number: int
    accepted: bool | None = None
    paid_on: date | None = None


class Commit(Command, kw_only=True):
    """A promise with an owner and a date (Code 6.6, 7.3)."""

    action = Action.COMMIT
    text: Words
    owner: StaffRef
    due_on: date


class CompleteCommitment(Command, kw_only=True):
    """We say the promise is kept, with the proof."""

    action = Action.COMPLETE_COMMITMENT
    number: int
    completed_on: date
    proof: str
    files: tuple[FileRef, ...] = ()


class ConfirmCommitment(Command, kw_only=True):
    """The resident's own word: done, or not done."""

    action = Action.CONFIRM_COMMITMENT
    number: int
    done: bool
    words: str = ""


class MoveCommitment(Command, kw_only=True):
    """A promise gets a new date or owner, with the reason; the old date stays in the record."""

    action = Action.MOVE_COMMITMENT
    number: int
    due_on: date
    owner: StaffRef
    reason: str  # the resident reads it where the date moves
    translation: str = ""  # of the reason, in the resident's language


class Extend(Command, kw_only=True):
    """More time for the response: reason, days within the cap, agreement, approver (Code 6.4, 6.15)."""

    action = Action.EXTEND
    days: int
    reason_code: str
    reason: Words
    so_far: Words | None = None  # what we have found so far
    agreement_sought: bool
    agreed: bool | None = None
    agreement_words: str = ""  # what the resident said and how, where she answered before the letter
    approver: StaffRef | None = None
    exceptional: bool = False


class AnswerExtension(Command, kw_only=True):
    """The resident's answer to an extension."""

    action = Action.ANSWER_EXTENSION
    agreed: bool
    words: str = ""


class UpdateResident(Command, kw_only=True):
    """A progress update at the interval agreed (Code 5.9)."""

    action = Action.UPDATE_RESIDENT
    message: Words


class Mediate(Command, kw_only=True):
    """Mediation offered or asked for; it never touches a clock."""

    action = Action.MEDIATE
    words: str
    answer: str = ""
    language: str = "en"


class Respond(Command, kw_only=True):
    """Sends the response of the stage, when the answer is known (Code 6.6, 6.9, 6.17, 6.19)."""

    action = Action.RESPOND
    decision: Words  # the answer in short, before the points
    steps_taken: Words
    apology: Words | None = None
    no_remedy_reason: Words | None = None
    nothing_outstanding: bool = False
    learning: Words | None = None
    contributors: str = ""  # one a line: everybody suitable who was involved (Code 6.19)
    checked_by: StaffRef | None = None


class Escalate(Command, kw_only=True):
    """The resident is not satisfied. No reason is needed (Code 6.10 to 6.12)."""

    action = Action.ESCALATE
    reason: str = ""
    language: str = "en"
    late_reason: str = ""
    received_at: datetime | None = None
    channel: Channel = Channel.PORTAL
    files: tuple[FileRef, ...] = ()


class DeclineEscalation(Command, kw_only=True):
    """An escalation not taken on, only on the Code's grounds, with the right to the Ombudsman (Code 5.11)."""

    action = Action.DECLINE_ESCALATION
    ground: str
    reasons: Words
    evidence: Words
    exceptional: Words
    approver: StaffRef
    court_filed_on: date | None = None
    aware_on: date | None = None


class SetConsent(Command, kw_only=True):
    """The resident says what her helper may be told, and can change it at any time (Code 3.6)."""

    action = Action.SET_CONSENT
    consent: Consent


class RecordLearning(Command, kw_only=True):
    """What we learned (Code 9.1)."""

    action = Action.RECORD_LEARNING
    theme: str
    words: str


class Close(Command, kw_only=True):
    """The record closes; promises stay open and the way to the Ombudsman stays (Code 6.6)."""

    action = Action.CLOSE
    reason: CloseReason
    words: Words | None = None


class Reopen(Command, kw_only=True):
    """A closed record opens again, with the reason."""

    action = Action.REOPEN
    reason: str
    language: str = "en"


class Withdraw(Command, kw_only=True):
    """The resident does not want to go on; she can come back."""

    action = Action.WITHDRAW
    reason: str = ""


class Translate(Command, kw_only=True):
    """A human translation of the resident's or the handler's words is recorded beside the original."""

    action = Action.TRANSLATE
    of: str  # story, or message:<seq>
    text: str
    language: str
    translator: str


class Tag(Command, kw_only=True):
    """Labels by which staff find like cases again; they change nothing else."""

    action = Action.TAG
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Remind(Command, kw_only=True):
    """A day to look at the case again, with the reason. It hides no clock and stops none; no day ends it."""

    action = Action.REMIND
    on: date | None = None
    reason: str = ""


class Link(Command, kw_only=True):
    """Another case belongs to this one: a complaint about a request, a new point that came too late (6.8)."""

    action = Action.LINK
    ref: str
    why: str


class Merge(Command, kw_only=True):
    """Two cases are one complaint: the later goes `into` the earlier, whose clocks stand.

    On the case that stays the event says what it `takes`; `perform` writes both, or neither.
    """

    action = Action.MERGE
    why: str
    into: str = ""
    takes: str = ""
    differs: str = ""  # why it is one complaint although the resident, the home or the helper differ


class Unmerge(Command, kw_only=True):
    """They were two complaints after all: the later runs by itself again, by its own clocks from its own day.

    On the case that stayed the event says what it `gives` back.
    """

    action = Action.UNMERGE
    why: str
    gives: str = ""


class OfferVisit(Command, kw_only=True):
    """A visit at the resident's home was offered, with her answer."""

    action = Action.OFFER_VISIT
    words: str
    accepted: bool | None = None


class HoldPanel(Command, kw_only=True):
    """What happened with the landlord's panel inside stage 2: asked, held, outcome, or declined."""

    action = Action.HOLD_PANEL
    step: str
    happened_on: date
    words: str
    attended: bool | None = None
    resolved: bool | None = None


class AskCheck(Command, kw_only=True):
    """A second person is asked to read what is to be sent before it goes."""

    action = Action.ASK_CHECK
    of: StaffRef
    about: Action
    words: str = ""
    exactly: str = ""  # what a yes covers, as approvals.exactly has it; empty: any wording


class Check(Command, kw_only=True):
    """The second person's answer: it may go, or what to change."""

    action = Action.CHECK
    about: Action
    fine: bool
    words: str = ""


class UndoSend(Command, kw_only=True):
    """The letter just sent is taken back before it left; the case stands where it stood before."""

    action = Action.UNDO_SEND
    seq: int


class GiveFeedback(Command, kw_only=True):
    """How the resident found our handling, after the end (Code 1.3 gives the choice to complain)."""

    action = Action.GIVE_FEEDBACK
    satisfied: int  # 1 very dissatisfied to 5 very satisfied
    words: str = ""
    language: str = "en"


class AnswerChecklist(Command, kw_only=True):
    """A person's answer to one line of the landlord's checklist that the record cannot give."""

    action = Action.ANSWER_CHECKLIST
    item: str
    answer: bool
    comment: str = ""


class AddTask(Command, kw_only=True):
    """Something that a colleague is to do on the case by a day. It is ours alone: promises are Commit."""

    action = Action.ADD_TASK
    text: str
    owner: StaffRef
    due_on: date


class FinishTask(Command, kw_only=True):
    """A task is done, or no longer needed; `words` says what came of it."""

    action = Action.FINISH_TASK
    number: int
    words: str = ""


class MarkAddress(Command, kw_only=True):
    """Mail or texts to an address of theirs do not arrive, or do so again; nothing is sent there meanwhile."""

    action = Action.MARK_ADDRESS
    channel: Channel
    address: str
    fails: bool
    reason: str = ""


class RaiseOverdue(Command, kw_only=True):
    """The worker saw a clock run out: everybody who must know is told once."""

    action = Action.RAISE_OVERDUE
    clock: str
    due_on: date


class RecomputeDates(Command, kw_only=True):
    """The calendar changed (a bank holiday was proclaimed): the dates in flight move, and it is recorded."""

    action = Action.RECOMPUTE_DATES
    reason: str
    moved: tuple[tuple[str, date, date], ...] = ()


COMMANDS: dict[Action, type[Command]] = {c.action: c for c in Command.__subclasses__()}

_encoder = msgspec.json.Encoder(order="deterministic")
_decoders: dict[Action, msgspec.json.Decoder[Any]] = {a: msgspec.json.Decoder(c) for a, c in COMMANDS.items()}


def encode(command: Command) -> str:
    """The command as the JSON text that the event log keeps."""
    return _encoder.encode(command).decode()


def decode(action: Action, payload: str) -> Command:
    """The command an event kept. Raises msgspec.ValidationError for a payload of another shape."""
    command: Command = _decoders[action].decode(payload)
    return command
