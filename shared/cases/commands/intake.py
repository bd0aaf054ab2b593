"""What the steps of taking in carry: submission, triage, definition, naming a handler, acknowledging, refusing."""

from datetime import date, datetime

from shared.cases.commands.common import Command
from shared.cases.state import Consent, FileRef, Need, Person, Point, Safety, StaffRef, Story
from shared.letters.facts import Words
from shared.vocab import Action, Channel, Kind, Risk


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
    mail: int | None = None  # the message that it came by, where it came by e-mail


class Triage(Command, kw_only=True):
    """How urgent, who is at risk, what kind it is; a call with the resident where one was had (Code 6.1)."""

    action = Action.TRIAGE
    kind: Kind = Kind.COMPLAINT
    risk: Risk
    at_risk: str = ""
    note: str = ""
    quick_resolution_agreed: bool = False


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


class UndoAllocate(Command, kw_only=True):
    """The naming of somebody is taken back by whoever did it; the case stands where it stood before."""

    action = Action.UNDO_ALLOCATE
    seq: int
    of: StaffRef


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
