"""What the steps beside the stages carry: contact, messages, needs, consent, tasks, merging."""

from datetime import date, datetime

from shared.cases.commands.common import Command
from shared.cases.state import Consent, FileRef, Need, Person, Safety, StaffRef
from shared.vocab import Action, Channel


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
    mail: int | None = None  # the message that it came by, where it came by e-mail


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
    mail: int | None = None  # the message that it came by, where it came by e-mail


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


class SetConsent(Command, kw_only=True):
    """The resident says what her helper may be told, and can change it at any time (Code 3.6)."""

    action = Action.SET_CONSENT
    consent: Consent


class RecordLearning(Command, kw_only=True):
    """What we learned (Code 9.1)."""

    action = Action.RECORD_LEARNING
    theme: str
    words: str


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
