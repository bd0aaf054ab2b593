"""The figures of the dashboard, counted ahead by a worker and kept with the time: no page goes through every case.

They are counted from the cases every few minutes, not added up as steps are taken: then two writers would wait
for one row, and a sum that went wrong once would stay wrong.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared import clock
from shared.cases import figures
from shared.cases.figures import Figures
from shared.db import db, ensure, writing
from shared.mail import jobs
from shared.models import FiguresCounted

DASHBOARD = "dashboard"
EVERY = timedelta(minutes=5)
TOO_OLD = 3 * EVERY  # by then no worker is counting


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures and when counting them began. `kept`: counted ahead, not for this reader."""

    figures: Figures
    at: datetime
    kept: bool


def register() -> None:
    """Have the workers count."""
    jobs.register("figures", int(EVERY.total_seconds()), refresh)


def latest() -> Counted:
    """The figures as last kept; counted at once where no worker has kept any lately. Writes nothing."""
    now = clock.now()
    row = db.session.get(FiguresCounted, DASHBOARD)
    if row is not None and abs(now - row.counted_at) < TOO_OLD:
        try:
            return Counted(msgspec.json.decode(row.document, type=Figures), row.counted_at, True)
        except msgspec.DecodeError:
            pass  # kept by an earlier or later edition of this service, which counted other things
    return Counted(figures.count(), now, False)


def refresh() -> None:
    """Count, then keep what was found, unless somebody began to count later and was done sooner.

    Only the keeping is a transaction that writes.
    """
    began = clock.now()
    document = msgspec.json.encode(figures.count()).decode()
    with writing() as session:
        ensure(session, FiguresCounted, name=DASHBOARD, document=document, counted_at=began)
        row = session.get_one(FiguresCounted, DASHBOARD, with_for_update=True, populate_existing=True)
        if row.counted_at <= began or row.counted_at > clock.now():  # or by a clock that was set back since
            row.document, row.counted_at = document, began
