"""Working days in England and Wales: Monday to Friday less the bank holidays of that division.

Day 0 is the London date of an event, whatever the hour; day 1 is the next working day. Neither the Code nor
the landlords' papers define this; it is how the Government's guidance on Awaab's Law counts, and the reading
that never cheats a resident of a day's notice. A landlord's office closure does not stop the clock.
"""

import hashlib
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

FIRST_YEAR = 2012
LAST_YEAR = 2028
"""The years for which the holidays package agrees, day by day, with the list the Government publishes."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PUBLISHED_NAMES = {
    "May Day": "Early May bank holiday",
    "Spring Bank Holiday": "Spring bank holiday",
    "Late Summer Bank Holiday": "Summer bank holiday",
}
"""The package's names, where the Government's list calls the day something else."""


class OutsideCalendar(ValueError):
    """A date lies where the bank holidays are not known; better no promise than a wrong one."""

    def __init__(self, day: date | None = None) -> None:
        what = f"{day:%-d %B %Y} is outside" if day else "the date falls outside"
        super().__init__(
            f"{what} the known bank holidays (1 January {FIRST_YEAR} to 31 December {LAST_YEAR})"
        )
        self.day = day


class Skipped(NamedTuple):
    """A day that was passed over, and why: "Saturday", "Christmas Day", "Boxing Day (substitute)"."""

    day: date
    why: str


@dataclass(frozen=True)
class Calendar:
    """The working days of England and Wales, with any days that staff have added to them.

    Make one with `calendar()`. `extra` holds one-off bank holidays that were proclaimed after the release of
    the package we pin: London date to name. `version` changes whenever any day does, so that a stored due
    date can name the calendar it was counted on.
    """

    holidays: Mapping[date, str]
    working: tuple[date, ...]
    version: str

    def is_working(self, day: date) -> bool:
        """Whether people are expected at work on that day."""
        return self.why_not(day) is None

    def why_not(self, day: date) -> str | None:
        """Why a day is not a working day, in words, or None when it is one."""
        self._known(day)
        if day.weekday() >= 5:
            return WEEKDAYS[day.weekday()]
        return self.holidays.get(day)

    def add_working_days(self, start: date, count: int) -> date:
        """The London date on which `count` working days (0 or more) after day 0 have passed.

        With 0, the day itself or, when nobody works then, the next working day.
        """
        self._known(start)
        if count < 0:
            raise ValueError("working days are counted forwards")
        if count == 0 and self.is_working(start):
            return start
        at = bisect_right(self.working, start) + max(count, 1) - 1
        if at >= len(self.working):
            raise OutsideCalendar
        return self.working[at]

    def next_working_day(self, day: date) -> date:
        """That day, or the first working day after it."""
        return self.add_working_days(day, 0)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start`, up to and with `end`; 0 when `end` is not later."""
        self._known(start)
        self._known(end)
        return max(0, bisect_right(self.working, end) - bisect_right(self.working, start))

    def counted(self, start: date, end: date) -> tuple[date, ...]:
        """The working days after `start`, up to and with `end`."""
        self._known(start)
        self._known(end)
        return self.working[bisect_right(self.working, start) : bisect_right(self.working, end)]

    def skipped(self, start: date, end: date) -> tuple[Skipped, ...]:
        """The days after `start`, up to and with `end`, on which nobody works, each with its reason."""
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return tuple(Skipped(day, why) for day in days if (why := self.why_not(day)))

    def add_months(self, start: date, count: int) -> date:
        """The corresponding date `count` months on, or the last day of a month that has no such date."""
        self._known(start)
        year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
        day = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
        self._known(day)
        return day

    def add_days(self, start: date, count: int) -> date:
        """The date `count` calendar days on, kept within the calendar."""
        self._known(start)
        day = start + timedelta(days=count)
        self._known(day)
        return day

    def _known(self, day: date) -> None:
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise OutsideCalendar(day)


def calendar(extra: Mapping[date, str] | Iterable[tuple[date, str]] = ()) -> Calendar:
    """The calendar of England and Wales with `extra` non-working days, made once for the same days."""
    pairs = extra.items() if isinstance(extra, Mapping) else extra
    return _build(frozenset(pairs))


@lru_cache(maxsize=16)
def _build(extra: frozenset[tuple[date, str]]) -> Calendar:
    holidays = {**_published(), **dict(extra)}
    first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    working = tuple(day for day in days if day.weekday() < 5 and day not in holidays)
    listing = "\n".join(f"{day} {name}" for day, name in sorted(holidays.items()))
    digest = hashlib.sha256(listing.encode()).hexdigest()[:8]
    return Calendar(holidays, working, f"england-wales {FIRST_YEAR}-{LAST_YEAR} {digest}")


def _published() -> dict[date, str]:
    # Imported here and from its own module: the package's front door costs ten times as much to open.
    from holidays.countries.united_kingdom import UnitedKingdom

    years = range(FIRST_YEAR, LAST_YEAR + 1)
    known = UnitedKingdom(subdiv="ENG", years=years, language="en_GB")
    return {day: _name(name) for day, name in known.items()}


def _name(name: str) -> str:
    plain = name.removesuffix(" (observed)")
    return PUBLISHED_NAMES.get(plain, plain) + (" (substitute)" if plain != name else "")
