"""What is told and written down on a case: the story, messages, tasks, checks, and what was merged."""

from datetime import date, datetime

from shared.cases.state.common import Value


class Story(Value, kw_only=True):
    """What happened, in the resident's own words and language; never overwritten by a translation."""

    what: str
    language: str = "en"
    started: str = ""
    effect: str = ""
    wanted: str = ""
    danger: str = ""  # empty, or which danger was reported
    write_for_me: bool = False  # "call me and write it for me"


class Translated(Value, kw_only=True):
    """Words of the resident as staff can read them: the story, or `message:` and the number of its event."""

    of: str
    text: str


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
    need: str = ""  # what it arranges for the resident, where it came from that: a need's code, or "call"


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


class Latest(Value, kw_only=True):
    """The last event where whoever did it may take it back, as long as nothing has happened since."""

    seq: int
    at: datetime
    by: str


class Feedback(Value, kw_only=True):
    """The resident's word on how we handled it, 1 to 5."""

    satisfied: int
    words: str = ""


class Merged(Value, kw_only=True):
    """The other case of a merge: the one that this went into, or one that came into this."""

    ref: str
    at: datetime
    by: str
    why: str
    differs: str = ""
    same_person: bool = False  # the resident of both is surely one person
    walls: frozenset[int] = frozenset()  # who may not see this case only because of the other
