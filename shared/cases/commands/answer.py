"""What the steps of looking into it and answering carry: findings, remedies, promises, more time, escalation."""

from datetime import date, datetime

from shared.cases.commands.common import Command
from shared.cases.state import FileRef, StaffRef, Value
from shared.letters.facts import Words
from shared.vocab import Action, Channel, CloseReason, Finding


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
    mail: int | None = None  # the message that it came by, where it came by e-mail


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


class OfferVisit(Command, kw_only=True):
    """A visit at the resident's home was offered, with her answer."""

    action = Action.OFFER_VISIT
    words: str
    accepted: bool | None = None


class HoldPanel(Command, kw_only=True):
    """What happened with the landlord's panel inside stage 2: asked, held, outcome, or declined.

    The resident asks for it or declines it herself, and needs no words for either.
    """

    action = Action.HOLD_PANEL
    step: str
    happened_on: date
    words: str = ""
    language: str = "en"
    attended: bool | None = None
    resolved: bool | None = None
