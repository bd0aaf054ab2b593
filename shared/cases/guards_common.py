"""What all guards stand on: a problem with its clause, what a guard may know, and the checks many share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared import clock
from shared.cases import commands as c
from shared.cases.state import CaseState, StaffRef
from shared.identity.actors import Actor, Staff
from shared.letters.facts import Words
from shared.policy.policy import Policy
from shared.vocab import Role


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stands in the way: where, how to mend it, and which rule asks for it."""

    field: str
    message: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Env:
    """What a guard may know besides the case: the rules, the day, and who people are."""

    policy: Policy
    now: datetime
    staff: Callable[[int], Staff | None]  # an active account, or None
    response_due_on: date | None = None  # of the stage the case is in
    window_ends_on: date | None = None  # the landlord's escalation window, None where there is none
    record_closes_on: date | None = None

    @property
    def today(self) -> date:
        """The London day of `now`."""
        return clock.london_date(self.now)


CODE = "Complaint Handling Code 2024"

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


def approved(
    field: str, approver: StaffRef | None, needed: Role, env: Env, clause: str, *, actor: Actor | None = None
) -> Iterator[Problem]:
    """The approver is an active account with the role the landlord asks for, or a more senior one."""
    rank = [Role.OFFICER, Role.HANDLER, Role.SERVICE_MANAGER, Role.MANAGER, Role.DIRECTOR]
    fit = set(rank[rank.index(needed) :]) if needed in rank else {needed}
    account = env.staff(approver.id) if approver else None
    if account is None or not account.roles & fit:
        title = env.policy.landlord.titles.get(needed, needed.value.replace("_", " "))
        yield Problem(field, f"Choose who approved this: the {title} or somebody more senior", clause)
