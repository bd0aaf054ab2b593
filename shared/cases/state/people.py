"""Who a complaint is about and how they are reached: the resident, her helper, their needs and safety."""

from datetime import date, datetime

from shared.cases.state.common import Value
from shared.vocab import Channel, ConsentScope


class Person(Value, kw_only=True):
    """Somebody on a case and how to reach them. Any one way is enough (Code 3.2)."""

    name: str
    email: str = ""
    phone: str = ""
    address: tuple[str, ...] = ()
    postcode: str = ""
    relationship: str = ""  # tenant, leaseholder ... for a resident; friend, councillor ... for a helper
    prefers: Channel | None = None


class Need(Value, kw_only=True):
    """One reasonable adjustment: a need, never a diagnosis (Code 3.1, 5.10)."""

    code: str  # a row of needs.py, or "other"
    detail: str = ""
    met: bool | None = None
    owner: str = ""
    review_on: date | None = None


class Safety(Value, kw_only=True):
    """How it is safe to reach somebody. Read before every contact."""

    times: str = ""
    no_voicemail: bool = False
    no_post: bool = False
    no_email: bool = False
    no_calls: bool = False


class Consent(Value, kw_only=True):
    """What the resident lets her helper be told. It decides what we tell, never whether we start."""

    scope: ConsentScope = ConsentScope.NONE
    topics: str = ""
    basis: str = ""  # written, spoken, elected_representative, attorney, executor, parent, best_interests
    words: str = ""
    until: date | None = None  # the last London day on which it counts; None: until the complaint ends
    recorded_at: datetime | None = None
    ended_by_closing: bool = False  # it held until the complaint ended, and the record has closed

    def in_force(self, today: date) -> ConsentScope:
        """What the helper may be told on a London day: nothing once the last day has passed (Code 3.6)."""
        ended = self.until is not None and self.until < today
        return ConsentScope.NONE if ended else self.scope
