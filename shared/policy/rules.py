"""The pieces that the Code and the landlords' files are both made of: limits, letter parts, grounds, sums.

All are frozen, and a key they do not know is refused when the file is read.
"""

from datetime import date

import msgspec

from shared.policy.terms import Agreement, CodeGround, Event, Part, Per, Remit, Unit
from shared.vocab import Role


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all of them: frozen, and deaf to keys it does not know."""


class Limit(Strict, frozen=True, kw_only=True):
    """How long: a number and a unit."""

    number: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError("a limit is at least 1")
        if self.unit is Unit.WORKING_HOURS and self.number % 24:
            raise ValueError("working hours come in whole working days of 24")

    def __str__(self) -> str:
        name = self.unit.value.replace("_", " ")
        return f"{self.number} {name if self.number != 1 else name.removesuffix('s')}"


class Reason(Strict, frozen=True, kw_only=True):
    """One reason for an extension that staff can choose; `words` is how the letter puts it."""

    id: str
    words: str


class Further(Strict, frozen=True, kw_only=True):
    """A second extension, past the cap."""

    agreement: Agreement
    source: str
    exceptional: bool = True


class Extension(Strict, frozen=True, kw_only=True):
    """How far a response may be put off, and what that takes."""

    source: str
    cap: int | None = None  # working days; None: the policy names none, so the Code's stands
    agreement: Agreement = Agreement.INFORM
    approver: Role | None = None  # None: whoever approves at this landlord by default (`Approvals.default`)
    approve_before: bool = False  # approval must come before the extension applies
    reasons: tuple[Reason, ...] = ()
    further: Further | None = None


class Timer(Strict, frozen=True, kw_only=True):
    """One limit: when it starts, how long it is, what says so, and whether it can be extended."""

    start: Event
    limit: Limit
    source: str  # as a person cites it: document and section
    extension: Extension | None = None


class AgeLimit(Strict, frozen=True, kw_only=True):
    """How old an issue may be. The Code counts from the issue or from learning of it (2.3)."""

    limit: Limit
    counts_awareness: bool
    source: str
    discretion: str  # when an older issue is still taken on


class LetterPart(Strict, frozen=True, kw_only=True):
    """A part of a letter and the rule that asks for it; with `required = false` it is advice only."""

    part: Part
    source: str
    required: bool = True


class Ground(Strict, frozen=True, kw_only=True):
    """A ground in the landlord's policy for not taking a complaint, or not taking it to stage 2."""

    id: str
    words: str
    source: str
    code_ground: CodeGround | None = None  # None: not one of the Code's own: show that it is fair (2.2)
    rests_on: str = ""  # another clause of the Code that allows it, such as 1.4 for service requests
    remit: Remit = Remit.OMBUDSMAN
    evidence: tuple[str, ...] = ()  # facts to be put on record before the ground may be used
    instead: str = ""  # what we do with the matter instead
    caution: str = ""  # what staff must weigh
    usable: bool = True  # False: in the policy, but the Code forbids it


class Tariff(Strict, frozen=True, kw_only=True):
    """Fixed sums from a given day on. A suggestion to the handler, never an award by itself."""

    effective_from: date
    source: str
    sums: tuple["FixedSum", ...]


class FixedSum(Strict, frozen=True, kw_only=True):
    """One line of a tariff; pence, so that no sum is ever rounded."""

    id: str
    words: str
    pence: int
    per: Per
