"""Which date to show where landlord and Code count differently, and what to measure lateness against."""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from shared.deadlines.compute import CODE_CLOCKS, Clock
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
