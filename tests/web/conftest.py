"""What tests of pages stand on: an application, a clean database, and a client that checks every answer.

The schema is made once for each pytest process, from the migrations. After a test whose session wrote, the
tables are emptied again; a test that only reads costs nothing.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

import shared.models  # noqa: F401 - makes every table known
from shared.cli.migrate import upgrade
from shared.config import Config
from shared.db import Base, db
from shared.identity import throttle
from tests.support import client as browser
from tests.support.client import Client
from tests.support.portal import Complaint, Team, complaint, sign_in, team
from tests.support.still import StillClock
from wsgi import create_app


@pytest.fixture(scope="session", autouse=True)
def read_pages_once(request: pytest.FixtureRequest) -> None:
    """The run on PostgreSQL does not look at pages again: what they look like comes from the same templates."""
    browser.looks_at_pages = request.config.getoption("--database") == "sqlite"


@pytest.fixture(scope="session", autouse=True)
def the_door_answers_at_once() -> None:
    """That its answers take an even time is tested by itself; nobody else waits for it."""
    throttle.EVEN = 0.0


@pytest.fixture(scope="session")
def config(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Settings of the application under test."""
    return Config(
        environment="test",
        database_url=database_url,
        data_dir=tmp_path_factory.mktemp("data"),
        password_cost="low",
        undo_seconds=0,
    )


@pytest.fixture(scope="session")
def application(config: Config) -> Iterator[Flask]:
    """The whole service, both sides, with its tables; shared by all tests of this process."""
    app = create_app(config)
    app.test_client_class = Client
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    """The application in a context of its own, on empty tables."""
    written: set[str] = set()

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
            written.add(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with application.app_context():
            yield application
            db.session.remove()
            if written:
                _empty()
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _empty() -> None:
    """Empty every table, in an order that foreign keys allow, and let numbers begin at 1 again."""
    tables = list(reversed(Base.metadata.sorted_tables))
    with db.engine.begin() as connection:
        if connection.dialect.name != "postgresql":
            for table in tables:
                connection.execute(table.delete())
            return
        # A tenth of what TRUNCATE takes for tables of a few rows.
        asked = (f"SELECT '{table.name}' WHERE EXISTS (SELECT FROM \"{table.name}\")" for table in tables)  # noqa: S608
        full = set(connection.execute(text(" UNION ALL ".join(asked))).scalars())
        for table in tables:
            if table.name in full:
                connection.execute(table.delete())
        numbered = (table.name for table in tables if table.autoincrement_column is not None)
        connection.execute(
            text("SELECT " + ", ".join(f"setval('{name}_id_seq', 1, false)" for name in numbered))
        )


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser without cookies; every answer that it gets is checked (tests/support/client.py)."""
    found = app.test_client()
    assert isinstance(found, Client)
    return found


@pytest.fixture
def people(app: Flask) -> Team:
    """The colleagues who bring a resident's complaint forward."""
    return team()


@pytest.fixture
def case(people: Team, client: Client) -> Complaint:
    """A complaint whose resident is signed in."""
    found = complaint()
    sign_in(client, found.ref, found.code)
    return found


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> StillClock:
    """The clock, standing still until told."""
    return StillClock(monkeypatch)


@pytest.fixture
def reads_answers(app: Flask) -> Iterator[Flask]:
    """A service that tells residents where to answer."""
    settings = app.extensions["redress"]
    app.extensions["redress"] = replace(settings, reply_address="complaints@landlord.example")
    yield app
    app.extensions["redress"] = settings
