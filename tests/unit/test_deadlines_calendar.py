"""The calendar of England and Wales: which days count, and where it refuses to guess."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.deadlines.calendar import OutsideCalendar, calendar

# The bank holidays of England and Wales that fall on a weekday, as the Government lists them.
# fmt: off
BANK_HOLIDAYS = {
    2025: ["01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"],
    2026: ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"],
    2027: ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"],
    2028: ["01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"],
}
# fmt: on


@pytest.mark.parametrize("year", BANK_HOLIDAYS)
def test_bank_holidays(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366 if year % 4 == 0 else 365))
    off = [f"{day:%m-%d}" for day in days if day.weekday() < 5 and not calendar().is_working(day)]
    assert off == BANK_HOLIDAYS[year]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 12, 25), "Christmas Day"),
        (date(2026, 12, 26), "Saturday"),  # Boxing Day too, but nobody would have worked anyway
        (date(2026, 12, 27), "Sunday"),
        (date(2026, 12, 28), "Boxing Day (substitute)"),
        (date(2027, 12, 27), "Christmas Day (substitute)"),
        (date(2028, 1, 3), "New Year's Day (substitute)"),
        (date(2027, 3, 26), "Good Friday"),
        (date(2027, 3, 29), "Easter Monday"),
        (date(2027, 5, 3), "Early May bank holiday"),
        (date(2027, 5, 31), "Spring bank holiday"),
        (date(2027, 8, 30), "Summer bank holiday"),
        (date(2026, 11, 30), None),  # St Andrew's Day is Scotland's
        (date(2026, 7, 13), None),  # the Battle of the Boyne is Northern Ireland's
        (date(2026, 12, 24), None),
    ],
)
def test_why_nobody_works(day: date, why: str | None) -> None:
    assert calendar().why_not(day) == why


def test_a_day_added_by_staff_moves_what_is_due_and_the_version() -> None:
    proclaimed = date(2026, 12, 22)
    plain, longer = calendar(), calendar({proclaimed: "Day of mourning"})
    assert plain.add_working_days(date(2026, 12, 21), 1) == date(2026, 12, 22)
    assert longer.add_working_days(date(2026, 12, 21), 1) == date(2026, 12, 23)
    assert longer.skipped(date(2026, 12, 21), date(2026, 12, 23)) == ((proclaimed, "Day of mourning"),)
    assert plain.version != longer.version
    assert plain.version.startswith("england-wales 2012-2028 ")


def test_the_same_days_give_the_same_calendar() -> None:
    day = date(2026, 12, 22)
    assert calendar({day: "x"}) is calendar([(day, "x")])


@pytest.mark.parametrize(
    ("start", "days"),
    [
        (date(2011, 12, 30), 1),  # before the known years
        (date(2028, 12, 29), 1),  # the last working day: the next is in 2029
        (date(2029, 1, 2), 0),
        (date(2028, 12, 31), 0),  # a Sunday: the next working day is in 2029
        (date(2028, 12, 1), 20),
    ],
)
def test_beyond_the_known_years_it_refuses(start: date, days: int) -> None:
    with pytest.raises(OutsideCalendar, match="1 January 2012 to 31 December 2028"):
        calendar().add_working_days(start, days)


def test_the_last_known_working_day_can_be_reached() -> None:
    assert calendar().add_working_days(date(2028, 12, 28), 1) == date(2028, 12, 29)


def test_months_and_days_stay_inside_too() -> None:
    with pytest.raises(OutsideCalendar):
        calendar().add_months(date(2028, 12, 15), 1)
    with pytest.raises(OutsideCalendar):
        calendar().add_days(date(2028, 12, 20), 14)


def test_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        calendar().add_working_days(date(2026, 12, 21), -1)


days = st.dates(date(2012, 1, 1), date(2027, 12, 31))
counts = st.integers(1, 60)


@settings(deadline=None)
@given(days, counts)
def test_bisecting_agrees_with_counting_on_the_fingers(start: date, count: int) -> None:
    day, left = start, count
    while left:
        day += timedelta(days=1)
        left -= calendar().is_working(day)
    assert calendar().add_working_days(start, count) == day


@settings(deadline=None)
@given(days, counts)
def test_every_day_is_either_counted_or_passed_over(start: date, count: int) -> None:
    end = calendar().add_working_days(start, count)
    counted, skipped = calendar().counted(start, end), calendar().skipped(start, end)
    assert len(counted) == count == calendar().working_days_between(start, end)
    every = {start + timedelta(days=n) for n in range(1, (end - start).days + 1)}
    assert every == set(counted) | {day for day, _ in skipped}
    assert not set(counted) & {day for day, _ in skipped}


@settings(deadline=None)
@given(days, st.integers(1, 11))
def test_a_month_on_is_the_same_day_or_the_last_of_a_shorter_month(start: date, months: int) -> None:
    end = calendar().add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)
