"""Many cases quickly, for measuring: real sample cases played once, then copied about other people and homes.

A copy keeps the shape, the length and the dates of a real case, with its events, letters and files, so that
lists, searches and case pages cost what they would. It folds like any other case and is found by its words.
Only the messages that brought its letters come without their words, which the letters hold already.
"""

import random
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.cases import commands as c
from shared.cases import projection, service
from shared.cases.inbox import search, search_tokens
from shared.cases.state import CaseState, StaffRef, decode
from shared.db import Base, db, writing
from shared.identity import accounts, tokens
from shared.identity.actors import Staff
from shared.models import (
    Attachment,
    Case,
    CaseEvent,
    CaseMention,
    CasePart,
    CaseTag,
    CaseTask,
    CaseWall,
    Counter,
    Delivery,
    Letter,
    OutboxMessage,
)
from shared.samples import DOMAIN, SAMPLES, bulk_rows, exist, make

BATCH = 2_000  # cases in one transaction
PARTS: tuple[type[Base], ...] = (
    *(CaseEvent, Letter, OutboxMessage, Attachment),
    *(CaseTag, CaseWall, CaseTask, CaseMention, CasePart),
)
CLOSED_WEIGHT = (
    6  # a pattern that is closed is copied so often for once of one that is open: about half of all
)
UNREACHABLE = 200  # to the resident of one case in so many no mail gets through
TAGS = ("damp", "repeat repair", "missed visit", "legal advice", "councillor")
POSTCODES = "ABDEFGHJLNPQRSTUWXYZ"  # the letters that end a postcode
# The ranges that the regulator keeps free of real subscribers: about 11,000 numbers.
PHONES = (
    *("01632 960", "07700 900", "0808 157 0", "020 7946 0", "029 2018 0"),
    *(f"01{area} 496 0" for area in range(13, 19)),
)
WORDS = {
    kind: words.split()
    for kind, words in tomllib.loads(
        (Path(__file__).parent / "bulk.toml").read_text(encoding="utf-8")
    ).items()
}
ROADS = ("Avenue", "Close", "Court", "Drive", "Lane", "Place", "Road", "Street", "View", "Way")


class Copy(NamedTuple):
    """What is different in one copy. The fields are the slots into which a pattern is cut."""

    ref: str
    bare_ref: str
    name: str
    street: str
    postcode: str
    bare_postcode: str
    email: str
    phone: str
    phone_token: str
    detail: str  # what this resident adds to the story: words that no other case has


def seed(landlord: str, wanted: int) -> int:
    """Bring the database to at least `wanted` cases. Returns how many were added."""
    if not exist():
        make(landlord)
    have = db.session.scalar(select(func.count()).select_from(Case)) or 0
    if have >= wanted:
        return 0
    if not db.session.scalar(select(CaseTag).limit(1)):
        _touch_up()
    originals = db.session.scalars(select(Case).order_by(Case.id).limit(len(SAMPLES))).all()
    patterns = [_Pattern(db.session(), row) for row in originals]
    closed = [pattern for pattern in patterns if not pattern.is_open]
    in_turn = islice(cycle(patterns + closed * (CLOSED_WEIGHT - 1)), wanted - have)
    rng = random.Random(have)  # noqa: S311 - for measuring, so that two runs measure the same thing
    with bulk_rows.in_haste():
        while batch := list(islice(in_turn, BATCH)):
            with writing() as session:
                _add(session, batch, rng)
    return wanted - have


def _touch_up() -> None:
    """Let happen to some samples what happens to some of many cases: tags, a conflict of interest."""
    olive, omar = _colleague("olive"), _colleague("omar")
    for at, ref in enumerate(db.session.scalars(select(Case.ref).order_by(Case.id)).all()):
        if at % 2:
            _if_allowed(ref, olive, c.Tag(add=(TAGS[at % len(TAGS)], TAGS[at // 2 % len(TAGS)])))
        barred = olive if at % 20 == 4 else omar if at % 10 == 4 else None
        if barred:
            named = StaffRef(id=barred.id, name=barred.name, job=barred.job_title, email=barred.email)
            _if_allowed(ref, barred, c.DeclareConflict(staff=named, reason="A neighbour."))


def _colleague(name: str) -> Staff:
    account = accounts.by_email(db.session(), f"{name}@{DOMAIN}")
    if account is None:
        raise LookupError(f"the sample staff lack {name}")
    return accounts.as_actor(account)


def _if_allowed(ref: str, actor: Staff, command: c.Command) -> None:
    version = db.session.scalar(select(Case.version).where(Case.ref == ref))
    with suppress(service.NotAllowed):
        service.perform(ref, command, actor, version)


def _add(session: Session, patterns: Sequence["_Pattern"], rng: random.Random) -> None:
    year = clock.today().year
    prefix = str(patterns[0].state.ref).partition("-")[0]
    counter = session.scalar(select(Counter).where(Counter.name == f"ref:{prefix}:{year}").with_for_update())
    if counter is None:
        raise LookupError("no case has been given a reference yet")
    first = counter.value + 1
    counter.value += len(patterns)
    session.flush()
    cases = bulk_rows.draw(session, Case, len(patterns))
    letters = iter(bulk_rows.draw(session, Letter, sum(len(pattern.parts[Letter]) for pattern in patterns)))
    copies = [
        (
            pattern,
            _invent(rng, pattern.outward, tokens.new_reference(prefix, year, first + at)),
            (number, *(next(letters) for _ in pattern.parts[Letter])),
        )
        for at, (pattern, number) in enumerate(zip(patterns, cases, strict=True))
    ]
    bulk_rows.insert(session, Case, (pattern.case.filled(copy, numbers) for pattern, copy, numbers in copies))
    for model in PARTS:
        rows = (
            row.filled(copy, numbers) for pattern, copy, numbers in copies for row in pattern.parts[model]
        )
        bulk_rows.insert(session, model, rows)
    unreachable = [number for number in cases if number % UNREACHABLE == 0]
    lost = {"status": Delivery.FAILED, "sent_at": None, "problem": "550 no such user"}
    session.execute(update(OutboxMessage).where(OutboxMessage.case_id.in_(unreachable)).values(**lost))
    session.execute(update(Case).where(Case.id.in_(unreachable)).values(undelivered=True))
    search.write(session, [(numbers[0], *pattern.tokens(copy)) for pattern, copy, numbers in copies])


def _invent(rng: random.Random, area: str, ref: str) -> Copy:
    """Somebody who does not exist, somewhere in a postcode area, with something of their own to say."""
    name = f"{rng.choice(WORDS['first'])} {rng.choice(WORDS['last'])}"
    end = f"{rng.randint(0, 9)}{rng.choice(POSTCODES)}{rng.choice(POSTCODES)}"
    range_ = rng.choice(PHONES)
    phone = range_ + f"{rng.randrange(1000):03d}"
    return Copy(
        ref=ref,
        bare_ref=ref.replace("-", ""),
        name=name,
        street=f"{rng.randint(1, 250)} {rng.choice(WORDS['streets'])} {rng.choice(ROADS)}",
        postcode=f"{area} {end}",
        bare_postcode=f"{area}{end}",
        email=f"{name.lower().replace(' ', '.')}.{rng.randint(1, 9999)}@{DOMAIN}",
        phone=phone,
        phone_token=search_tokens.phone_token(phone),
        detail=f" The repair number is {ref.split('-')[2]}{rng.randint(100, 999)}.",
    )


class _Pattern:
    """One real case with everything that hangs on it, cut where a copy differs."""

    def __init__(self, session: Session, row: Case) -> None:
        self.state = decode(row.state)
        self.is_open = row.is_open
        self.outward = (self.state.resident.postcode if self.state.resident else "").partition(" ")[0]
        cut = bulk_rows.cutter(_slots(self.state))
        letters = session.scalars(select(Letter.id).where(Letter.case_id == row.id).order_by(Letter.id))
        places = {("complaint_case", row.id): 0, **{("letter", n): at for at, n in enumerate(letters, 1)}}
        self.case = bulk_rows.rows(session, Case, Case.id == row.id, cut, places)[0]
        self.parts: dict[type[Base], list[bulk_rows.Row]] = {}
        for model in PARTS:
            mine = model.__table__.columns["case_id"] == row.id
            changed = self._as_left if model is OutboxMessage else None
            self.parts[model] = bulk_rows.rows(session, model, mine, cut, places, changed)
        words = projection.words(self.state)
        self._who = bulk_rows.tokenised(cut(words.who))
        self._what = bulk_rows.tokenised(cut(words.what))

    def _as_left(self, at: int, message: dict[str, Any]) -> dict[str, Any]:
        """What a message looks like once the worker is done with it."""
        named = {"message_id": f"<{at}.{self.state.ref}@{DOMAIN}>", "dedupe": f"copy:{self.state.ref}:{at}"}
        wordless = {"text": "", "html": None, "attempts": 1, "sent_at": message["created_at"]}
        return named | wordless | {"status": Delivery.SENT}

    def tokens(self, copy: Copy) -> tuple[list[str], list[str]]:
        """What the copy is found by."""
        return bulk_rows.filled_tokens(self._who, copy), bulk_rows.filled_tokens(self._what, copy)


def _slots(state: CaseState) -> bulk_rows.Slots:
    def slot(field: str) -> int:
        return Copy._fields.index(field)

    found: bulk_rows.Slots = {state.ref: (slot("ref"),), state.ref.replace("-", ""): (slot("bare_ref"),)}
    if person := state.resident:
        found[person.name] = (slot("name"),)
        found[person.postcode] = (slot("postcode"),)
        found[person.postcode.replace(" ", "")] = (slot("bare_postcode"),)
        found[person.email] = (slot("email"),)
        found[person.phone] = (slot("phone"),)
        found[search_tokens.phone_token(person.phone)] = (slot("phone_token"),)
        if person.address:
            found[person.address[0]] = (slot("street"),)
    found[state.story.what] = (state.story.what, slot("detail"))
    return {old: new for old, new in found.items() if old}
