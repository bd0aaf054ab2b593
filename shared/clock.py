"""The only reader of the wall clock, so that every date in the service can be tested and explained.

Instants are stored and compared in UTC; days are London days, because the Code, the landlords and the
residents all live by the London calendar (a complaint sent at 00:30 in summer belongs to the London day).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _pretended.get() or datetime.now(UTC)


@contextmanager
def pretend(instant: datetime) -> Iterator[None]:
    """Let this context live at another instant: for sample cases with a history, and for tests.

    Raises ValueError for a naive datetime. Never used by a page or by the worker.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    token = _pretended.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _pretended.reset(token)


def today() -> date:
    """The present day in London."""
    return london_date(now())


def london_date(instant: datetime) -> date:
    """The London day on which an aware instant falls.

    Raises ValueError for a naive datetime: guessing its zone could move a due date by a day.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone before it can have a London date")
    return instant.astimezone(LONDON).date()
