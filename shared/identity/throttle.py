"""Slowing guesses down without locking anybody out: after some free tries the wait grows, and is never long.

A stranger who keeps guessing at a case must not be able to shut its resident out. So limits stand on a pair
of case and address first; a case alone has a wide limit; and a browser that has been in before has its own.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock
from shared.models.identity import Throttle

LONGEST_WAIT = 120  # seconds
# Free tries at a sign-in page, and the seconds in which they are counted. Many share one network address, and an
# account that many addresses try at once is under attack: each has a limit of its own.
KNOWN_BROWSER = (10, 900)
STRANGER = (5, 900)  # one address, one account
ADDRESS = (30, 900)  # one address, any account
ACCOUNT = (50, 3600)  # one account, any address
EVEN = 0.25  # seconds; what depends on whether a person is known is done long before


@dataclass(frozen=True, slots=True)
class Allowed:
    """Go on; `left` tries before waits begin."""

    left: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: say how many seconds to wait, and keep what was typed."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Limit:
    """So many free tries for one key within a window of seconds."""

    key: str
    tries: int
    window: int


def hit(session: Session, key: str, limit: int, window: int) -> Allowed | Wait:
    """Count one try under a key. The caller commits, also when the try then fails.

    The first `limit` tries within `window` seconds pass at once. Each later one must come 1, 2, 4 ... seconds
    (at most LONGEST_WAIT) after the one before; a try that comes too early is refused and not counted.
    """
    now = clock.now()
    row = _locked(session, _stored(key))
    if now - row.window_started_at >= timedelta(seconds=window):
        row.window_started_at, row.count = now, 0
    if row.count >= limit:
        wait = min(2 ** min(row.count - limit, 10), LONGEST_WAIT)
        left = wait - (now - row.last_hit_at).total_seconds()
        if left > 0:
            return Wait(int(left) + 1)
    row.count += 1
    row.last_hit_at = now
    return Allowed(max(limit - row.count, 0))


def hit_all(session: Session, limits: Sequence[Limit]) -> Allowed | Wait:
    """Count one try under several keys, the narrowest first; the first that says wait decides."""
    left = 0
    for number, limit in enumerate(limits):
        answer = hit(session, limit.key, limit.tries, limit.window)
        if isinstance(answer, Wait):
            return answer
        left = answer.left if number == 0 else min(left, answer.left)
    return Allowed(left)


def sign_in_limits(purpose: str, who: str, address: str, *, known: str | None = None) -> tuple[Limit, ...]:
    """The limits of a sign-in door. `who`: the reference or e-mail tried; `address`: the client's IP address.

    `known` is a token from the signed cookie of a browser that has signed in to this very case or account
    before; it is counted alone, so that guesses made elsewhere cannot slow its owner down.
    """
    if known:
        return (Limit(f"{purpose}:known:{who}:{known}", *KNOWN_BROWSER),)
    return (
        Limit(f"{purpose}:pair:{who}:{address}", *STRANGER),
        Limit(f"{purpose}:address:{address}", *ADDRESS),
        Limit(f"{purpose}:who:{who}", *ACCOUNT),
    )


def clear(session: Session, limits: Sequence[Limit]) -> None:
    """Forget the tries of somebody who has proved who they are, under their narrowest key."""
    if limits:
        session.execute(delete(Throttle).where(Throttle.key == _stored(limits[0].key)))


@contextmanager
def same_time_for_all() -> Iterator[None]:
    """Take as long for people we know as for strangers, so that nobody can tell them apart with a stopwatch.

    Around whole transactions, never inside one: what waits here must hold no lock.
    """
    until = time.monotonic() + EVEN
    try:
        yield
    finally:
        time.sleep(max(0.0, until - time.monotonic()))


def _locked(session: Session, key: str) -> Throttle:
    query = select(Throttle).where(Throttle.key == key).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is not None:
        return row
    now = clock.now()
    row = Throttle(key=key, window_started_at=now, last_hit_at=now, count=0)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody else tried first, this very moment
        return session.scalars(query.execution_options(populate_existing=True)).one()
    return row


def _stored(key: str) -> str:
    """Network and e-mail addresses are personal data: only a hash of the key is kept."""
    return key.partition(":")[0][:40] + ":" + hashlib.sha256(key.encode()).hexdigest()
