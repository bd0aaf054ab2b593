"""A case on paper: the same table, guards, effects and clocks as perform, without database and letters.

For tests of the law that must be quick. The specimens of tests/support/specimens.py go on a `Paper` as they go
on a `Play`; what only the database and the letters know is tested through `Play`.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache

import msgspec

from shared import clock
from shared.cases import case_clocks, effects, flow, guards, service, standing
from shared.cases import commands as c
from shared.cases.effects import Derived, Happened
from shared.cases.guards import Env, Problem
from shared.cases.state import CaseState
from shared.deadlines.calendar import Calendar, calendar
from shared.deadlines.compute import Clock
from shared.identity.actors import Actor, Staff
from shared.policy.load import load
from shared.policy.terms import CODE, ClockName
from shared.vocab import Action, Stage
from tests.support.specimens import BEGUN, PEOPLE, Play, Specimen, complaint

POLICY_VERSION = "paper"


def people() -> dict[str, Staff]:
    """The same team as in specimens, without accounts."""
    return {
        short: Staff(number, name, f"{short}@landlord.example", frozenset({role}), f"Job of {name}")
        for number, (short, (name, role)) in enumerate(PEOPLE.items(), 1)
    }


@dataclass
class Paper(Play):
    """A play whose steps are folded at once. `without` names colleagues whose account is not active."""

    people: dict[str, Staff] = field(default_factory=people)
    log: list[Happened] = field(default_factory=list)
    folded: CaseState | None = None
    without: frozenset[str] = frozenset()
    days: Calendar = field(default_factory=calendar)

    def submits(self, command: c.Submit | None = None, by: str = "resident", at: str = BEGUN) -> "Paper":
        with self.at(at):
            actor, told = self.actor(by), command or complaint()
            if found := guards.problems(None, told, actor, self.env()):
                raise service.Refused(found)
            self.ref = "PAPER-2027-0001"
            facts = Derived(ref=self.ref, landlord=self.landlord, policy_version=POLICY_VERSION)
            self._append(self._event(told, self.actor(by), facts=facts))
        return self

    def does(
        self, who: str, command: c.Command, at: str | datetime | None = None, *, asked: bool = True
    ) -> service.Done:
        if asked:
            self.yes(who, command)
        with self.at(at):
            actor = self.actor(who)
            step = self.step(actor, command.action)
            if found := guards.problems(self.state, command, actor, self.env()):
                raise service.Refused(found)
            event = msgspec.structs.replace(self._event(command, actor), to=step.to)
            self._append(msgspec.structs.replace(event, facts=self._facts(event)))
            return service.Done(self.ref, len(self.log), 1)

    def refuses(
        self, who: str, command: c.Command, at: str | datetime | None = None, *, asked: bool = True
    ) -> list[Problem]:
        """What the guard says to a step that the table allows; empty when it says nothing."""
        trial = self.copy()
        if asked:
            trial.yes(who, command)
        with self.at(at):
            actor = self.actor(who)
            self.step(actor, command.action)
            return guards.problems(trial.state, command, actor, trial.env())

    def copy(self) -> "Paper":
        """The same case, to go on from twice."""
        return replace(self, log=list(self.log))

    def step(self, actor: Actor, action: Action) -> flow.Step:
        found = flow.find(
            self.state.stage, actor.roles, standing.facts_of(self.state, actor, self.policy), action
        )
        if found is None:
            raise service.NotAllowed(action, self.state.stage)
        return found

    @property
    def state(self) -> CaseState:
        assert self.folded is not None
        return self.folded

    @property
    def events(self) -> list[Happened]:
        return list(self.log)

    @property
    def clocks(self) -> dict[ClockName, Clock]:
        return case_clocks.clocks(self.state, self.policy, self.days)

    def env(self) -> Env:
        """What the guards may know now."""
        active = {p.id: p for short, p in self.people.items() if short not in self.without}
        if not self.log:
            return Env(load(self.landlord), clock.now(), active.get)
        due = case_clocks.response_duty(self.state, self.clocks)
        ends = {name: found.accepted_until for name, found in self.clocks.items()}
        return Env(
            policy=self.policy,
            now=clock.now(),
            staff=active.get,
            response_due_on=due.due_on if due else None,
            window_ends_on=ends.get(ClockName.ESCALATION_WINDOW),
            record_closes_on=ends.get(ClockName.RECORD_CLOSES),
        )

    def _append(self, event: Happened) -> None:
        self.folded = effects.apply(self.folded, event)
        self.log.append(event)

    def _event(self, command: c.Command, actor: Actor, facts: Derived | None = None) -> Happened:
        return Happened(
            seq=len(self.log) + 1,
            at=clock.now(),
            actor=actor.key,
            name=actor.display,
            role=actor.role,
            command=command,
            facts=facts or Derived(),
        )

    def _facts(self, event: Happened) -> Derived:
        if isinstance(event.command, c.Extend):
            old = self.env().response_due_on
            assert old is not None
            trial = Derived(old_due_on=old, new_due_on=old)
            after = effects.apply(self.state, msgspec.structs.replace(event, facts=trial))
            due = case_clocks.response_duty(after, case_clocks.clocks(after, self.policy, self.days))
            return Derived(old_due_on=old, new_due_on=_day(due), late=clock.today() > old)
        if isinstance(event.command, c.Reopen):
            if self.state.taken_for_less:
                return Derived(back_to=Stage.RECEIVED)
            states = [effects.fold(self.log[: n + 1]).stage for n in range(len(self.log))]
            return Derived(back_to=[s for s in states if s is not Stage.CLOSED][-1])
        return Derived()


def _day(duty: case_clocks.Duty | None) -> date:
    assert duty is not None
    return duty.due_on


@lru_cache(maxsize=64)
def _kept(landlord: str, specimen: Specimen) -> Paper:
    paper = Paper(landlord)
    specimen(paper)
    return paper


def at(landlord: str, specimen: Specimen) -> Paper:
    """A specimen on paper, made once and copied."""
    return _kept(landlord, specimen).copy()


def said(problems: list[Problem]) -> str:
    """Problems as a table shows them: each field with its clause, "fine" when there is none."""
    found = [
        f"{p.field} ({p.clause.removeprefix(CODE).strip(' ,')})" if p.clause else p.field for p in problems
    ]
    return "; ".join(dict.fromkeys(found)) or "fine"
