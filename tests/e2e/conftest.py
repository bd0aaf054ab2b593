"""What whole journeys stand on: one running service, one browser, and people with browsers of their own."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.support import samples, samples_documents
from tests.support.e2e_checks import Checks
from tests.support.e2e_people import Person
from tests.support.e2e_service import Service

Who = TypeVar("Who", bound=Person)
DEVICES = itertools.count()
SHARED = "halton"  # whose service most tests share
PATIENCE = 15_000  # milliseconds: two cores run browser, web server, worker and tests together
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def service_of(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Service]]:
    """Gives the running service of a landlord, started when it is first asked for."""
    with ExitStack() as running:
        started: dict[str, Service] = {}

        def of(landlord: str) -> Service:
            if landlord not in started:
                made = Service(
                    tmp_path_factory.mktemp(landlord), make_database(), landlord, samples=landlord == SHARED
                )
                started[landlord] = running.enter_context(made)
            return started[landlord]

        yield of
    for one in started.values():
        assert "Traceback" not in one.said(), one.said()


@pytest.fixture(scope="session")
def service(service_of: Callable[[str], Service]) -> Service:
    """The service that most tests share, with the sample cases. Whoever changes a case brings their own people."""
    return service_of(SHARED)


@pytest.fixture(scope="session")
def checks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Checks:
    """What every page is held to."""
    pictures = request.config.getoption("--pictures")
    run = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        run = run.parent  # one folder above those of all processes
    return Checks(run / "pages-looked-at", Path(pictures) if pictures else None)


@pytest.fixture(autouse=True)
def nothing_wrong(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test fails when a page that it met breaks a rule of all pages."""
    yield
    if "checks" in request.fixturenames:
        checks: Checks = request.getfixturevalue("checks")
        found, checks.found = checks.found, []
        assert not found, "\n\n".join(["Pages break rules:", *found])


@pytest.fixture
def open_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts that are closed after the test: each is a device of somebody's own."""
    made: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        number = next(DEVICES)
        # An address of its own, as a proxy in front would pass it on: doors slow down whoever tries too often.
        came_from = {"X-Forwarded-For": f"198.18.{number // 250}.{number % 250 + 1}"}
        made.append(browser.new_context(extra_http_headers=came_from, **options))
        return made[-1]

    yield open_one
    for context in made:
        context.close()


@pytest.fixture
def person(
    open_context: Callable[..., BrowserContext], service: Service, checks: Checks
) -> Callable[..., Any]:
    """Makes somebody of a kind with a browser of their own: person(Resident, scripts=False)."""

    def make(kind: type[Who], *, scripts: bool = True, at: Service | None = None, **options: Any) -> Who:
        page = open_context(java_script_enabled=scripts, **options).new_page()
        page.set_default_timeout(PATIENCE)
        checks.watch(page)
        return kind(page, at or service, checks, scripts)

    return make


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of 12 megapixels that says where and when it was taken."""
    return _file(tmp_path_factory, "bedroom wall.jpg", samples.twelve_megapixel_jpeg())


@pytest.fixture(scope="session")
def iphone_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo as an iPhone keeps it."""
    return _file(tmp_path_factory, "IMG_0042.HEIC", samples.heic())


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF of two pages."""
    return _file(tmp_path_factory, "letter from the doctor.pdf", samples_documents.pdf())


def _file(tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes) -> Path:
    path = tmp_path_factory.mktemp("files") / name
    path.write_bytes(content)
    return path
