"""What code.toml may say: the Ombudsman's Complaint Handling Code, its address and its sums, each dated."""

from datetime import date

from shared.policy.rules import AgeLimit, LetterPart, Limit, Strict, Tariff
from shared.policy.terms import ClockName, CodeGround, Event
from shared.vocab import LetterKind


class CodeGroundText(Strict, frozen=True, kw_only=True):
    """One of the Code's own grounds."""

    ground: CodeGround
    clause: str
    words: str


class OmbudsmanContact(Strict, frozen=True, kw_only=True):
    """How to reach the Housing Ombudsman from a given day on."""

    effective_from: date
    name: str
    form_url: str
    website: str
    phone: str
    post: tuple[str, ...]
    source: str
    email: str | None = None  # None: not a way to bring a new case


class Duty(Strict, frozen=True, kw_only=True):
    """A duty of the Code that has no number of days."""

    clause: str
    text: str


class CodeExtension(Strict, frozen=True, kw_only=True):
    """How far the Code lets a response be put off without good reason."""

    cap: int
    clause: str
    letter_clause: str


class CodeTimer(Strict, frozen=True, kw_only=True):
    """One limit of the Code."""

    start: Event
    limit: Limit
    clause: str
    extension: CodeExtension | None = None


class SelfAssessment(Strict, frozen=True, kw_only=True):
    """How often a landlord holds its policy against the Code, and when besides (8.1 to 8.4)."""

    every: Limit
    also: tuple[str, ...]
    clause: str


class CodeEdition(Strict, frozen=True, kw_only=True):
    """The Complaint Handling Code as it stands from one day on."""

    effective_from: date
    name: str
    definition: str  # of a complaint, word for word (1.2)
    max_stages: int
    stage_clause: str
    clocks: dict[ClockName, CodeTimer]
    age_limit: AgeLimit
    grounds: tuple[CodeGroundText, ...]
    duties: dict[str, Duty]
    letters: dict[LetterKind, tuple[LetterPart, ...]]
    self_assessment: SelfAssessment

    def source(self, clause: str) -> str:
        """The citation of one clause, such as "Complaint Handling Code 2024, 6.3"."""
        return f"{self.name}, {clause}"


class Code(Strict, frozen=True, kw_only=True):
    """The whole of code.toml: editions, the Ombudsman's address and tariffs, newest last."""

    editions: tuple[CodeEdition, ...]
    ombudsman: tuple[OmbudsmanContact, ...]
    tariffs: tuple[Tariff, ...]
