"""Which date to show where landlord and Code count differently, and what to measure lateness against."""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from shared.clock import london_date
from shared.deadlines.calendar import Calendar
from shared.deadlines.compute import CODE_CLOCKS, Clock
from shared.deadlines.milestones import Milestones
from shared.policy.policy import Policy
from shared.policy.terms import ClockName


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One line for a person: the earlier of the landlord's clock and the Code's, with both kept."""

    name: ClockName  # without `_code`
    earlier: Clock
    policy: Clock | None  # the landlord's own
    code: Clock | None  # the Code's beside it, where there is one

    @property
    def due(self) -> date | datetime:
        return self.earlier.due

    @property
    def differs(self) -> bool:
        """Whether the two run to different days, so that both have to be shown."""
        return bool(self.policy and self.code and self.policy.due != self.code.due)


def shown(clocks: Mapping[ClockName, Clock]) -> dict[ClockName, Shown]:
    """Pair each landlord's clock with the Code's and take the earlier; the order of `clocks` is kept."""
    plain = {code: own for own, code in CODE_CLOCKS.items()}
    lines: dict[ClockName, Shown] = {}
    for name in dict.fromkeys(plain.get(name, name) for name in clocks):
        own = clocks.get(name)
        code = clocks.get(CODE_CLOCKS[name]) if name in CODE_CLOCKS else None
        both = [clock for clock in (own, code) if clock]
        earlier = min(both, key=lambda clock: clock.due_on)
        lines[name] = Shown(name=name, earlier=earlier, policy=own, code=code)
    return lines


class Backstop(msgspec.Struct, frozen=True, kw_only=True):
    """The last day for an answer had the acknowledgement gone out on the last day for it.

    The Code counts an answer from the acknowledgement, so a late acknowledgement moves the answer's date.
    Measured against the backstop, it does not.
    """

    stage: int
    start: date
    working_days: int
    due_on: date
    acknowledged_late: bool


def backstops(facts: Milestones, policy: Policy, calendar: Calendar) -> dict[int, Backstop]:
    """The backstop of each stage that has begun: 15 working days from receipt at stage 1, 25 at stage 2.

    Both are sums of the Code's own limits (6.2 + 6.3, 6.11 + 6.14), with any extension added.
    """
    found: dict[int, Backstop] = {}
    pairs = {
        1: (ClockName.STAGE_1_ACKNOWLEDGEMENT, ClockName.STAGE_1_RESPONSE),
        2: (ClockName.STAGE_2_ACKNOWLEDGEMENT, ClockName.STAGE_2_RESPONSE),
    }
    for stage, (first, second) in pairs.items():
        acknowledge, respond = policy.code.clocks[first], policy.code.clocks[second]
        begun = facts.at(acknowledge.start)
        if begun is None:
            continue
        start = london_date(begun)
        days = acknowledge.limit.number + respond.limit.number + facts.extended_by(stage)
        last_day = calendar.add_working_days(start, acknowledge.limit.number)
        acknowledged = facts.at(respond.start)
        found[stage] = Backstop(
            stage=stage,
            start=start,
            working_days=days,
            due_on=calendar.add_working_days(start, days),
            acknowledged_late=acknowledged is not None and london_date(acknowledged) > last_day,
        )
    return found


PANEL_CLOCKS = (ClockName.PANEL_MEETING, ClockName.PANEL_OUTCOME)


def past_the_code(clocks: Mapping[ClockName, Clock]) -> tuple[Clock, ...]:
    """The panel's clocks that run past the Code's date for the final response.

    A panel lies inside stage 2, which has one clock (5.3, 6.14): its own time must not lengthen it.
    """
    code = clocks.get(ClockName.STAGE_2_RESPONSE_CODE)
    if code is None:
        return ()
    return tuple(
        clocks[name] for name in PANEL_CLOCKS if name in clocks and clocks[name].due_on > code.due_on
    )
