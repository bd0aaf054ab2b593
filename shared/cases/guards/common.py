"""What all guards stand on: a problem with its clause, what a guard may know, and the checks many share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared import clock
from shared.cases import approvals
from shared.cases import commands as c
from shared.cases.state import CaseState
from shared.deadlines.calendar import FIRST_YEAR, LAST_YEAR
from shared.identity.actors import Actor, Staff
from shared.letters.facts import Words
from shared.policy.policy import Policy
from shared.policy.terms import CODE
from shared.vocab import Role


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stands in the way: where, how to mend it, and which rule asks for it."""

    field: str
    message: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Another case, as far as this actor may know of it, and the day by which it must be answered."""

    state: CaseState
    response_due_on: date | None


def _nothing_beside(ref: str) -> Beside | None:
    return None


@dataclass(frozen=True, slots=True)
class Env:
    """What a guard may know besides the case: the rules, the day, and who people are."""

    policy: Policy
    now: datetime
    staff: Callable[[int], Staff | None]  # an active account, or None
    response_due_on: date | None = None  # of the stage the case is in
    window_ends_on: date | None = None  # the landlord's escalation window, None where there is none
    record_closes_on: date | None = None
    beside: Callable[[str], Beside | None] = _nothing_beside  # another case by its reference
    letter_text: Callable[[int], str] = lambda seq: ""  # the words of the letter that an event sent

    @property
    def today(self) -> date:
        """The London day of `now`."""
        return clock.london_date(self.now)


Guard = Callable[[CaseState, Any, Actor, Env], Iterator[Problem]]

GUARDS: dict[type[c.Command], Guard] = {}


def guard(command: type[c.Command]) -> Callable[[Guard], Guard]:
    """Register the one guard of a command."""

    def register(function: Guard) -> Guard:
        GUARDS[command] = function
        return function

    return register


def needs(field: str, words: Words | str | None, message: str, clause: str = "") -> Iterator[Problem]:
    text = words.text if isinstance(words, Words) else (words or "")
    if not text.strip():
        yield Problem(field, message, clause)


def not_future(field: str, when: datetime | date, env: Env) -> Iterator[Problem]:
    late = when > env.now if isinstance(when, datetime) else when > env.today
    if late:
        yield Problem(field, "Check the date. It is in the future")


def independence(state: CaseState, staff_id: int) -> Iterator[Problem]:
    """Nobody who had a hand in stage 1 looks into stage 2 (Code 6.13). Asked on every route that assigns."""
    if staff_id in state.acted_stage_1:
        yield Problem(
            "to",
            "This person acted at stage 1 and cannot look into stage 2. Choose somebody else",
            f"{CODE}, 6.13",
        )


RANK = (Role.OFFICER, Role.HANDLER, Role.SERVICE_MANAGER, Role.MANAGER, Role.DIRECTOR)


def at_least(role: Role) -> frozenset[Role]:
    """A role and those above it in complaint handling; a role outside that line stands for itself."""
    return frozenset(RANK[RANK.index(role) :]) if role in RANK else frozenset({role})


def title(role: Role, env: Env) -> str:
    """What this landlord calls somebody in a role."""
    return env.policy.landlord.titles.get(role, role.value.replace("_", " "))


def approved(
    state: CaseState,
    command: c.Extend | c.NotAccept | c.DeclineEscalation,
    needed: Role,
    actor: Actor,
    env: Env,
    clause: str,
) -> Iterator[Problem]:
    """The approver holds the role the landlord asks for, or a more senior one, and said yes in person."""
    approver = command.approver
    account = env.staff(approver.id) if approver else None
    if account is None or not account.roles & at_least(needed):
        who = title(needed, env)
        yield Problem("approver", f"Choose who approved this: the {who} or somebody more senior", clause)
        return
    if account.id in state.conflicts:
        yield from unconflicted("approver", account.id, state)
    elif not approvals.said_yes(state, command, approver, actor):
        yield Problem("approver", approvals.no_yes_yet(account, approvals.covered(state, command)), clause)


def unconflicted(field: str, staff_id: int | None, state: CaseState) -> Iterator[Problem]:
    """Whoever declared a conflict of interest has no part in the case, not by being named either (5.8)."""
    if staff_id in state.conflicts:
        what = "This person has declared a conflict of interest. Choose another"
        yield Problem(field, what, f"{CODE}, 5.8")


def redefines(state: CaseState, command: c.Define) -> bool:
    """Whether this says something else than the definition that stands."""
    known = state.definition
    return known is not None and (
        (known.points, known.outcomes) != (command.points, command.outcomes)
        or known.responsible_for != command.responsible_for
        or known.not_responsible_for != command.not_responsible_for
    )


def countable(field: str, day: date) -> Iterator[Problem]:
    """A day for which bank holidays are known, so that it can be counted to and from."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        yield Problem(field, f"Enter a day between {FIRST_YEAR} and {LAST_YEAR}")


def promised_day(field: str, day: date, env: Env) -> Iterator[Problem]:
    """A day by which something is to be done: not over, and near enough to be a promise (Code 7.3)."""
    if day < env.today:
        yield Problem(field, "Check the date. A promise needs a day that has not passed", f"{CODE}, 7.3")
    yield from countable(field, day)
