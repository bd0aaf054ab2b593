"""How often complaints may begin and be sent, and files be added, without ever shutting a person out.

A library or a hostel shares one address, so the free numbers are generous; after them each press waits for
seconds, two minutes at most, with every word kept and the telephone beside it. Whoever is signed in is counted
alone.
"""

from flask import request

from portal import session
from shared import config
from shared.db import writing
from shared.identity import throttle
from shared.identity.throttle import Limit

HOUR = 3600  # seconds
BEGUN_FOR_EACH_SENT = 4  # people look, stop and begin again
FILES_FOR_EACH_SENT = 15


class TooFast(Exception):
    """Not yet: in so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} seconds")
        self.seconds = seconds


def beginning() -> None:
    """Count a new draft. Raises TooFast."""
    _count("begin", config.current().complaints_per_hour * BEGUN_FOR_EACH_SENT)


def sending() -> None:
    """Count a complaint sent. Raises TooFast."""
    _count("send", config.current().complaints_per_hour)


def adding_file() -> None:
    """Count a file, or the first piece of one, before it takes any room. Raises TooFast."""
    _count("file", config.current().complaints_per_hour * FILES_FOR_EACH_SENT)


def _count(what: str, free: int) -> None:
    person = session.current_resident()
    who = f"person:{person.key}" if person else f"address:{request.remote_addr}"
    with writing() as base:
        answer = throttle.hit_all(base, (Limit(f"{what}:{who}", free, HOUR),))
    if isinstance(answer, throttle.Wait):
        raise TooFast(answer.seconds)
