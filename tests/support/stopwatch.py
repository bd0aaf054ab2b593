"""Measures what a page costs: the time until its last byte, and the queries that it runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from tests.support.client import Client

NO_QUERIES = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one answer took."""

    ms: float
    queries: int


class Stopwatch:
    """Times a block and counts the statements that it sends to a database."""

    def __init__(self) -> None:
        self.cost = Cost(0.0, 0)
        self.queries = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        self.queries = 0
        _running.append(self)
        began = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - began
            _running.remove(self)
            self.cost = Cost(took * 1000, self.queries)


_running: list[Stopwatch] = []


@event.listens_for(Engine, "before_cursor_execute")
def _count(conn: object, cursor: object, statement: str, *rest: object) -> None:
    if not statement.lstrip().upper().startswith(NO_QUERIES):
        for watch in _running:
            watch.queries += 1


class Browser(Client):
    """The test client that fills in forms, without its checks of each page, and with a stopwatch."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.watch = Stopwatch()

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """One request, read to its end; `cost` says what it took."""
        kwargs.pop("buffered", None)
        with self.watch.running():
            return FlaskClient.open(self, *args, buffered=True, **kwargs)

    @property
    def cost(self) -> Cost:
        """What the last request took."""
        return self.watch.cost
