"""What is found, decided, offered and promised on a case, and what it takes to get there."""

from datetime import date, datetime

from shared.cases.state.common import Value
from shared.letters.facts import Words
from shared.vocab import Finding


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


class Clarification(Value, kw_only=True):
    """A question asked so that the definition is right (Code 5.6), and its answer."""

    number: int
    question: Words
    asked_at: datetime
    answer: str = ""
    answered_at: datetime | None = None


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


class Panel(Value, kw_only=True):
    """The landlord's panel inside stage 2, as far as it has come."""

    asked_on: date | None = None
    held_on: date | None = None
    outcome_on: date | None = None
    attended: bool | None = None
    resolved: bool | None = None
    declined: bool = False

    @property
    def awaited(self) -> bool:
        """Whether it was asked for and has yet to meet: the final answer waits for it (Code 5.3)."""
        return self.asked_on is not None and self.held_on is None and not self.declined


class Visit(Value, kw_only=True):
    """A visit offered at one stage, and the resident's answer."""

    stage: int
    accepted: bool | None = None
