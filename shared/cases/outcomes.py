"""What comes of a step: what was done, the letter it would send, or the reason why nothing happened."""

from dataclasses import dataclass, field

from shared.cases.guards.common import Problem
from shared.letters.clarity import Note
from shared.letters.gate import Miss
from shared.letters.render import FinishedLetter
from shared.vocab import Action, Channel, Stage


class NoSuchCase(LookupError):
    """There is no such case for this person. Never says whether it exists for somebody else."""


class NotAllowed(Exception):
    """This person may not take this action at this stage."""

    def __init__(self, action: Action, stage: Stage) -> None:
        super().__init__(f"{action} is not open to this person at {stage}")
        self.action, self.stage = action, stage


class Stale(Exception):
    """Somebody changed the case since this page was opened. `since` is the version the person saw."""

    def __init__(self, ref: str, since: int, now: int) -> None:
        super().__init__(f"{ref} moved from version {since} to {now}")
        self.ref, self.since, self.now = ref, since, now


class Refused(Exception):
    """The law or the landlord's rules stand in the way: every problem, and every part the letter lacks."""

    def __init__(self, problems: list[Problem], misses: list[Miss] | None = None) -> None:
        super().__init__("; ".join([p.message for p in problems] + [str(m) for m in misses or []]))
        self.problems, self.misses = problems, misses or []


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. `codes` are access codes by Actor.key, to be shown once; they are stored nowhere."""

    ref: str
    version: int
    case_id: int
    letters: tuple[int, ...] = ()
    codes: dict[str, str] = field(default_factory=dict)
    again: bool = False  # this very form had been sent before: nothing new came of it


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter as it would go, and everything that stands in its way."""

    letter: FinishedLetter | None
    problems: list[Problem]
    misses: list[Miss]
    notes: list[Note] = field(default_factory=list)  # advice on the words, never a reason not to send
    channel: Channel | None = None
    address: str = ""  # where an e-mail goes
    silent: bool = False  # this time nobody is written to: nothing that the resident was told changes
