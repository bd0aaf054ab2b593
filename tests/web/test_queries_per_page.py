"""No page asks the database more than ten times, however full its lists are: every page that links lead to."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from shared import samples
from shared.cli.migrate import upgrade
from shared.config import Config
from shared.db import db, take_stock
from shared.models import Case
from shared.samples import DOMAIN, PASSWORD, SAMPLES, bulk
from tests.support.portal import sign_in
from tests.support.staff import LANDLORD
from tests.support.stopwatch import Browser
from wsgi import create_app

MOST = 10
CASES = 300  # so that the lists of the inbox are full, and have a second page
A_NAME = re.compile(r"\b(?:[A-Z]{3}-\d{4}-\d+-\d|\d+)\b")
PATHS = ("received", "extended", "promise_late", "stage_2", "final", "closed", "not_accepted")


@pytest.fixture(scope="module")
def full(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, dict[str, str], dict[str, str]]]:
    """A service with many cases; the references of sample residents, and the codes of those that have one."""
    settings = Config(
        environment="test",
        database_url=make_database(),
        data_dir=tmp_path_factory.mktemp("full"),
        password_cost="low",
    )
    app = create_app(settings)
    app.test_client_class = Browser
    with app.app_context():
        upgrade()
        _, shown = samples.make(LANDLORD, "low")
        bulk.seed(LANDLORD, CASES)
        take_stock()
        refs = {
            case.resident: case.ref for case in db.session.query(Case).order_by(Case.id).limit(len(SAMPLES))
        }
        db.session.remove()
    yield app, refs, {ref: code for _, ref, code in shown}
    with app.app_context():
        db.engine.dispose()


def browser(app: Flask) -> Browser:
    found = app.test_client()
    assert isinstance(found, Browser)
    return found


def walked(who: Browser, starts: list[str], within: str) -> dict[str, int]:
    """Every page that links lead to from the starts, one of each kind, with the number of its queries."""
    waiting, found = list(starts), {}
    met = {kind(address) for address in waiting}
    while waiting:
        address = waiting.pop(0)
        answer = who.get(address)
        assert answer.status_code < 400, f"{address}: {answer.status}"
        found[address] = who.cost.queries
        for link in links(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else ():
            if link.startswith(within) and kind(link) not in met:
                met.add(kind(link))
                waiting.append(link)
        if answer.location and answer.location.startswith(within) and kind(answer.location) not in met:
            met.add(kind(answer.location))
            waiting.append(answer.location)
    return found


def links(markup: str) -> list[str]:
    soup = BeautifulSoup(markup, "html.parser")
    return [str(a["href"]).partition("#")[0] for a in soup.select("a[href^='/']")]


def kind(address: str) -> tuple[str, str, bool]:
    """Of addresses that differ by a number or a reference one is enough; lists and tabs are each their own."""
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    return A_NAME.sub("*", parts.path), asked.get("tab", [""])[0], "after" in asked


def path_of(name: str) -> str:
    """The resident of the first sample case that has come so far."""
    return next(one.name for one in SAMPLES if one.path == name)


@pytest.mark.only_on("sqlite")  # the code asks both databases the same
@pytest.mark.parametrize("colleague", ["mark", "olive", "hana", "ada", "colin", "mira"])
def test_pages_of_staff(full: tuple[Flask, dict[str, str], dict[str, str]], colleague: str) -> None:
    app, refs, _ = full
    who = browser(app)
    who.submit("/staff/sign-in", {"email": f"{colleague}@{DOMAIN}", "password": PASSWORD}, follow=False)
    starts = ["/staff/"]
    if colleague in {"mark", "olive"}:
        starts += [f"/staff/cases/{refs[path_of(path)]}" for path in PATHS]
        starts += [f"/staff/search?q={words}&tab={at}" for at, words in enumerate(("told", "Khan", "0770"))]
    found = walked(who, starts, "/staff/")
    assert len(found) > (60 if colleague == "mark" else 1), found
    assert {address: number for address, number in found.items() if number > MOST} == {}


@pytest.mark.only_on("sqlite")  # the code asks both databases the same
def test_pages_of_residents(full: tuple[Flask, dict[str, str], dict[str, str]]) -> None:
    app, refs, codes = full
    opened = 0
    for path in PATHS:
        ref = refs[path_of(path)]
        if ref not in codes:
            continue
        who = browser(app)
        sign_in(who, ref, codes[ref])
        found = walked(who, ["/en/my-complaint", "/en/"], "/en/")
        opened += len(found)
        assert {address: number for address, number in found.items() if number > MOST} == {}
    assert opened > 30
