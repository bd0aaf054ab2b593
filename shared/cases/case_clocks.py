"""From a case to its clocks: the only bridge between CaseState and shared/deadlines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from msgspec.structs import replace

from shared.cases.state import CaseState, Panel
from shared.clock import LONDON
from shared.deadlines.calendar import Calendar
from shared.deadlines.compute import Clock, compute
from shared.deadlines.milestones import Milestones
from shared.deadlines.shown import shown
from shared.policy.landlord import Landlord
from shared.policy.policy import Policy, response_clock
from shared.policy.rules import Extension
from shared.policy.terms import ClockName
from shared.vocab import Kind, Stage

# What we owe while a case stands at a stage. Windows of the resident's (to escalate) are not debts of ours.
_OWED: dict[Stage, tuple[ClockName, ...]] = {
    Stage.RECEIVED: (
        ClockName.STAGE_1_ACKNOWLEDGEMENT,
        ClockName.STAGE_1_FIRST_CONTACT,
        ClockName.STAGE_1_RESPONSE,
    ),
    Stage.STAGE_1: (ClockName.STAGE_1_FIRST_CONTACT, ClockName.STAGE_1_RESPONSE),
    Stage.STAGE_2_REQUESTED: (
        ClockName.STAGE_2_ACKNOWLEDGEMENT,
        ClockName.STAGE_2_FIRST_CONTACT,
        ClockName.STAGE_2_RESPONSE,
    ),
    Stage.STAGE_2: (
        ClockName.STAGE_2_FIRST_CONTACT,
        ClockName.STAGE_2_RESPONSE,
        ClockName.PANEL_MEETING,
        ClockName.PANEL_OUTCOME,
    ),
    Stage.STAGE_1_ANSWERED: (ClockName.COMPLETION_LETTER,),
    Stage.STAGE_2_ANSWERED: (ClockName.CLOSING_LETTER,),
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One date by which we owe something. Where landlord and Code differ, `clock` is the earlier."""

    name: ClockName  # the landlord's name of it, whichever of the two comes first
    clock: Clock
    other: Clock | None = None  # the later of the two

    @property
    def due_on(self) -> date:
        """The London day that is shown as due."""
        return self.clock.due_on


def milestones(state: CaseState) -> Milestones:
    """What the clocks care about in a case."""
    m = state.milestones
    panel = Panel() if state.panel is None or state.panel.declined else state.panel
    return Milestones(
        received_at=m.received_at,
        logged_at=m.logged_at,
        acknowledged_at=m.acknowledged_at,
        allocated_at=m.allocated_at,
        contacted_at=m.first_contact_at,
        responded_at=m.responded_at,
        escalated_at=m.escalated_at,
        escalation_logged_at=m.escalation_logged_at,
        escalation_acknowledged_at=m.escalation_acknowledged_at,
        escalation_allocated_at=m.escalation_allocated_at,
        escalation_contacted_at=m.stage_2_first_contact_at,
        review_investigated_at=_start_of(panel.asked_on),
        panel_held_at=_start_of(panel.held_on),
        panel_outcome_sent_at=_start_of(panel.outcome_on),
        resolved_at=m.resolved_at,
        completed_at=m.final_response_at,
        completion_letter_sent_at=m.closed_at if m.resolved_at else None,
        closing_letter_sent_at=m.closed_at,
        final_response_at=m.final_response_at,
        closed_at=m.closed_at,
        stage_1_extended_by=state.extended_by(1),
        stage_2_extended_by=state.extended_by(2),
    )


def _start_of(day: date | None) -> datetime | None:
    """A day that was recorded without an hour, as an instant of that London day."""
    return datetime.combine(day, time(12), LONDON) if day else None


MORE_TIME = "more_time"  # the need that lengthens the resident's own windows (Code 5.10)


def clocks(state: CaseState, policy: Policy, calendar: Calendar) -> dict[ClockName, Clock]:
    """Every clock of a complaint whose start has happened; none for what is not a complaint, or went into another.

    A resident who needs more time has more of it for her own answers; our duties keep their dates.
    A date beyond the known bank holidays is promised to nobody, and keeps nobody from complaining (Code 3.2).
    """
    if state.kind is not Kind.COMPLAINT or state.merged_into is not None:
        return {}
    needs_time = any(need.code == MORE_TIME for need in state.needs)
    facts = replace(milestones(state), resident_more_days=policy.landlord.more_time_days if needs_time else 0)
    return compute(facts, policy, calendar, known_only=True)


def duties(state: CaseState, found: dict[ClockName, Clock]) -> list[Duty]:
    """What we owe now, the earliest first."""
    lines = shown(found)
    owed = []
    for name in _OWED.get(state.stage, ()):
        line = lines.get(name)
        if line is not None and line.earlier.met_at is None:
            other = line.code if line.earlier is line.policy else line.policy
            owed.append(Duty(name, line.earlier, other))
    return sorted(owed, key=lambda d: d.due_on)


# What the resident has until a day, and what the landlord's record waits for. None of them is a debt of ours.
_WINDOWS = (ClockName.ESCALATION_WINDOW, ClockName.RECORD_CLOSES)


def windows(state: CaseState, found: dict[ClockName, Clock]) -> list[Duty]:
    """The days that run for the resident after the stage 1 answer, each with its count."""
    if state.stage is not Stage.STAGE_1_ANSWERED:
        return []
    runs = [name for name in _WINDOWS if name in found]
    if not state.silent:  # she has answered: nothing closes by itself any more
        runs = [name for name in runs if name is not ClockName.RECORD_CLOSES]
    return [Duty(name, found[name]) for name in runs]


def answered_in_time(state: CaseState, found: dict[ClockName, Clock], stage: int) -> bool | None:
    """Whether the answer of a stage came by the day that counts; None while it has not come.

    An extension told after the day it put off counts for nothing here (6.4, 6.15): the resident had not heard.
    """
    line = shown(found).get(response_clock(stage))
    if line is None or line.earlier.met_on is None:
        return None
    told_late = [e.old_due_on for e in state.extensions if e.stage == stage and e.late]
    return line.earlier.met_on <= min([line.earlier.due_on, *told_late])


def response_duty(state: CaseState, found: dict[ClockName, Clock]) -> Duty | None:
    """The date by which the stage the case is in must be answered."""
    wanted = response_clock(state.stage_number)
    return next((d for d in duties(state, found) if d.name is wanted), None)


def next_due(owed: Iterable[Duty]) -> Duty | None:
    """The duty that comes first, or None when we owe nothing with a date."""
    return min(owed, key=lambda d: d.due_on, default=None)


def extension_rule(landlord: Landlord, stage: int) -> Extension | None:
    """What the landlord's policy says about putting off the answer of a stage."""
    timer = landlord.clocks.get(response_clock(stage))
    return timer.extension if timer else None
