"""The clock, standing still until told: for tests of what time does to sessions, links and throttles."""

from datetime import timedelta

import pytest

from shared import clock


class StillClock:
    """Every reader of the clock sees `at`, until `wait` moves it on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def wait(self, **time: float) -> None:
        self.at += timedelta(**time)
