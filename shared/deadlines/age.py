"""Whether an issue is too old for the complaints policy (Code 2.2, 2.3)."""

from datetime import date

import msgspec

from shared.deadlines.calendar import Calendar
from shared.policy.policy import Policy


class Age(msgspec.Struct, frozen=True, kw_only=True):
    """How a complaint stands against the age limit. `too_old` alone never decides: see 2.3."""

    too_old: bool  # under the Code, which the landlord's paper cannot narrow
    too_old_for_landlord: bool  # under the landlord's own words
    last_day: date  # the last day on which the Code's limit was kept
    counted_from: date
    source: str
    discretion: str  # when the landlord still takes an older issue on


def age(
    happened_on: date, received_on: date, policy: Policy, calendar: Calendar, *, aware_on: date | None = None
) -> Age:
    """Judge an issue by its London date, the day of the complaint, and when the resident learnt of it.

    The Code counts from the issue or from awareness, whichever is later. A landlord that counts from the
    event alone is stricter than the Code allows: its answer is given beside the Code's and does not decide.
    An ongoing issue has its last day as `happened_on`.
    """
    rule = policy.code.age_limit
    own = policy.landlord.age_limit
    aware = max(happened_on, aware_on or happened_on)
    last_day = calendar.add_months(aware, rule.limit.number)
    own_last = calendar.add_months(aware if own.counts_awareness else happened_on, own.limit.number)
    return Age(
        too_old=received_on > last_day,
        too_old_for_landlord=received_on > own_last,
        last_day=last_day,
        counted_from=aware,
        source=rule.source,
        discretion=own.discretion,
    )
