"""Several people, or several workers, at the very same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from flask import Flask

from shared.db import db

Answer = TypeVar("Answer")


def at_once(app: Flask, times: int, work: Callable[[int], Answer]) -> list[Answer]:
    """What `work(0)`, `work(1)` and so on return, each in a thread of its own and all let off together.

    Raises what any of them raised: in a bare thread nobody would hear of it.
    """
    start = threading.Barrier(times)

    def one(number: int) -> Answer:
        with app.app_context():
            try:
                start.wait(timeout=20)
                return work(number)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(times) as pool:
        answers = list(pool.map(one, range(times)))
    db.session.rollback()  # so that what they wrote is read, and not what stood there before
    return answers
