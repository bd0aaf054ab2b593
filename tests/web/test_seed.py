"""Cases made for measuring are cases like any other: they fold, they agree with their events, they are found."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import cycle, islice

import pytest
from sqlalchemy import func, select, text

from shared.cases import projection, queries
from shared.cases.inbox import finding, search, search_tokens
from shared.cases.state import decode
from shared.cli.check import drift
from shared.cli.migrate import upgrade
from shared.config import Config
from shared.db import db, take_stock
from shared.identity import accounts
from shared.identity.actors import Staff
from shared.models import Case, CaseEvent, CaseTag, CaseWall, Delivery, Letter, OutboxMessage
from shared.samples import SAMPLES, bulk
from tests.support.core import core_app
from tests.support.staff import LANDLORD, complaint

COPIES = len(SAMPLES) + 9  # every sample once, and then some of those that are closed


@pytest.fixture(scope="module")
def seeded(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """A database of its own for these tests, since playing the samples takes long; the numbers of the copies."""
    folder = tmp_path_factory.mktemp("seeded")
    settings = Config(environment="test", database_url=make_database(), data_dir=folder, password_cost="low")
    with pytest.MonkeyPatch.context() as patched, core_app(settings).app_context():
        patched.setattr(bulk, "UNREACHABLE", 11)
        upgrade()
        assert bulk.seed(LANDLORD, len(SAMPLES) + COPIES) == COPIES
        take_stock()
        yield list(db.session.scalars(select(Case.id).where(Case.id > len(SAMPLES))))
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def copies(seeded: list[int]) -> list[Case]:
    """A copy of every sample case, and some once more."""
    return list(db.session.scalars(select(Case).where(Case.id.in_(seeded)).order_by(Case.id)))


def reader() -> Staff:
    account = accounts.by_email(db.session(), "mark@sample.example")
    assert account is not None
    return accounts.as_actor(account)


def test_copies_are_whole_cases_of_their_own(copies: list[Case]) -> None:
    assert len(copies) == COPIES
    assert list(drift()) == []
    assert len({case.ref for case in copies}) == COPIES
    assert len({(case.resident, case.home, case.postcode) for case in copies}) > COPIES * 0.9
    closed = [n for n in range(1, len(SAMPLES) + 1) if not copies[n - 1].is_open]
    originals = [*range(1, len(SAMPLES) + 1), *islice(cycle(closed), COPIES - len(SAMPLES))]
    for model in bulk.PARTS:
        case_id = model.__table__.columns["case_id"]
        pairs = select(case_id, func.count()).group_by(case_id)
        numbers = {row[0]: row[1] for row in db.session.execute(pairs)}
        for at, case in enumerate(copies):
            original = originals[at]
            assert numbers.get(case.id, 0) == numbers.get(original, 0), (model.__tablename__, case.ref)


def test_copies_have_walls_tags_and_mail_of_their_own(copies: list[Case]) -> None:
    numbers = {case.id for case in copies}
    for model in (CaseTag, CaseWall):
        assert set(db.session.scalars(select(model.case_id))) & numbers, model.__tablename__
    assert sum(not case.is_open for case in copies) > 9
    mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.case_id.in_(numbers))).all()
    lost = {message.case_id for message in mail if message.status == Delivery.FAILED}
    assert lost == {number for number in numbers if number % bulk.UNREACHABLE == 0} != set()
    assert {message.status for message in mail} == {Delivery.SENT, Delivery.FAILED}
    letters = {letter.id: letter.case_id for letter in db.session.scalars(select(Letter))}
    for message in mail:
        assert message.letter_id is None or letters[message.letter_id] == message.case_id


def test_nothing_of_the_original_person_is_left(copies: list[Case]) -> None:
    originals = list(db.session.scalars(select(Case).where(Case.id <= len(SAMPLES)).order_by(Case.id)))
    for case, original in zip(copies, originals, strict=False):
        was, now = decode(original.state).resident, decode(case.state).resident
        assert was is not None
        assert now is not None
        payloads = db.session.scalars(select(CaseEvent.payload).where(CaseEvent.case_id == case.id))
        letters = db.session.scalars(select(Letter.html).where(Letter.case_id == case.id))
        for whole in (case.state, *payloads, *letters):
            for private in (original.ref, was.name, was.email, was.address[0]):
                assert private not in whole or private in {now.name, now.address[0]}
    for letter in db.session.scalars(select(Letter)):
        assert letter.digest == hashlib.sha256(letter.html.encode()).hexdigest()


def test_copies_are_found_by_reference_person_home_number_and_words(copies: list[Case]) -> None:
    actor = reader()
    for case in copies:
        state = decode(case.state)
        assert state.resident is not None
        assert finding.find(actor, case.ref).hits[0].row.ref == case.ref
        own_words = state.story.what.rpartition("number ")[2].strip(" .")
        for words in (state.resident.email, state.resident.phone, case.postcode, own_words):
            assert case.ref in {hit.row.ref for hit in finding.find(actor, words).hits}, words
        assert queries.case(case.ref, actor).ref == case.ref


def test_copies_are_indexed_as_a_saved_case_would_be(copies: list[Case]) -> None:
    on_sqlite = db.engine.dialect.name == "sqlite"
    query = "SELECT rowid, who || ' ' || what FROM case_search" if on_sqlite else "SELECT * FROM case_search"
    found = {number: _tokens(str(words)) for number, words in db.session.execute(text(query))}
    for case in copies:
        words = projection.words(decode(case.state))
        who = search_tokens.index_tokens(words.who)
        marked = {search.WHO + token for token in who}
        assert found[case.id] == {*who, *marked, *search_tokens.index_tokens(words.what)}, case.ref


def _tokens(words: str) -> set[str]:
    """The tokens in the index, without the places that PostgreSQL notes behind each."""
    return {word.partition(":")[0].strip("'") for word in words.split()}


def test_references_go_on_after_the_copies(copies: list[Case]) -> None:
    ref = complaint()
    assert ref not in {case.ref for case in copies}
    assert (db.session.scalar(select(Case.id).where(Case.ref == ref)) or 0) > copies[-1].id


def test_seeding_again_adds_only_what_lacks(copies: list[Case]) -> None:
    assert bulk.seed(LANDLORD, len(SAMPLES)) == 0
    have = db.session.scalar(select(func.count()).select_from(Case)) or 0
    assert bulk.seed(LANDLORD, have + 3) == 3
    assert list(drift()) == []
