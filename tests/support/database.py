"""Which database the tests run on: `--database sqlite` (the default) or `--database postgresql`.

One empty database for each pytest process, so that xdist's workers never meet. A test that needs another
asks for `make_database`, which gives a new one each time it is called. A test about one kind only says so
with `@pytest.mark.only_on("sqlite")`, and is left out of the other run (not skipped: nothing is missing).
"""

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.support.postgres import PostgresServer

KINDS = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=KINDS, default="sqlite", help="what the tests store into")


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('--database')}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = config.getoption("--database")
    elsewhere = [
        item for item in items if (mark := item.get_closest_marker("only_on")) and chosen not in mark.args
    ]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running throwaway server, started when the first test asks for it."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def make_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], str]:
    """A function that makes a new, empty database of the chosen kind and returns its address."""
    numbers = itertools.count(1)

    def make() -> str:
        name = f"redress_{next(numbers)}"
        if request.config.getoption("--database") == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('database') / name}.sqlite3"
        server: PostgresServer = request.getfixturevalue("postgres_server")
        return server.create_database(name)

    return make


@pytest.fixture(scope="session")
def database_url(make_database: Callable[[], str]) -> str:
    """The one empty database of this pytest process, for REDRESS_DATABASE_URL."""
    return make_database()
