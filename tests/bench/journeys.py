"""What is measured: every page that staff open, what a resident sends, and the count behind the dashboard."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.cases import commands as c
from shared.cases import figures_cache, service
from shared.cases.inbox import lists
from shared.cases.state import Need, Person, Safety, Story, decode
from shared.db import db
from shared.identity.actors import Resident
from shared.models import Case, CaseWall
from shared.samples import DOMAIN, PASSWORD
from shared.vocab import Channel, Stage
from staff.case import TABS as TABS_OF_CASE
from tests.bench.stores import LANDLORD, Store
from tests.support.client import Page as Shown
from tests.support.stopwatch import Browser, Cost, Stopwatch

OFFICER, MANAGER = f"olive@{DOMAIN}", f"mark@{DOMAIN}"
MEASURED_BY_NAME = {"staff.inbox", "staff.search", "staff.dashboard"}
REACH = {
    "name": "Amal Haddad",
    "address": "4 Elm Court\nWidnes",
    "postcode": "WA8 7AA",
    "email": "amal@resident.example",
}
SOMEBODY = Person(
    name="Amal Haddad",
    email="amal@resident.example",
    phone="01632 960 001",
    address=("4 Elm Court", "Widnes"),
    postcode="WA8 7AA",
    relationship="tenant",
)
# Who rings has a few cases, however many there are in all. Nobody else has this number or postcode.
AT_HOME = Person(
    name="Tamsin Okafor",
    email="tamsin@resident.example",
    phone="0191 498 0456",
    address=("7 Quarry Bank", "Widnes"),
    postcode="WA8 9KM",
    relationship="tenant",
)
CASES_OF_ONE_HOME = 3
RECENT = 100
SHORT_WAY = "Skip the optional questions"


def _key(on: str, number: int) -> str:
    """A place in a list, as addresses have it."""
    return base64.urlsafe_b64encode(json.dumps([on, number]).encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Page:
    """Something to measure. `url`: a page to open as `reader`; the bare page is then measured as well.

    `awaited`: whether anybody waits for it. What a worker does by itself may take longer with more cases.
    """

    name: str
    run: Callable[[], Cost]
    url: str = ""
    reader: Browser | None = None
    awaited: bool = True


class Visitor:
    """A member of staff in a browser on one store, who knows where to find what is measured."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.app: Flask = store.app
        self.browser, self.manager = self._signed_in(OFFICER), self._signed_in(MANAGER)
        with self.app.app_context():
            self._look_round()

    def new_browser(self) -> Browser:
        found = self.app.test_client()
        assert isinstance(found, Browser)
        return found

    def _signed_in(self, email: str) -> Browser:
        found = self.new_browser()
        found.submit("/staff/sign-in", {"email": email, "password": PASSWORD}, follow=False)
        return found

    def _look_round(self) -> None:
        """Cases to open: the longest there is, one to write on, and what can be searched for."""
        closed, at_work = self._busiest(Stage.CLOSED), self._busiest(Stage.STAGE_1)
        self.long_case, self.case_at_work = closed.ref, at_work.ref
        state = decode(closed.state)
        days = (Case.received_on, Case.id)
        on, number = db.session.execute(
            select(*days).where(Case.is_open.is_(False)).order_by(*(d.desc() for d in days)).offset(100)
        ).first() or (clock.today(), 0)
        self.some_way_down = _key(on.isoformat(), number)
        self.rare_word = state.story.what.rpartition(" ")[2].strip(".")
        for _ in range(CASES_OF_ONE_HOME):
            service.submit(_complaint(AT_HOME), Resident("", AT_HOME.name), LANDLORD)

    @staticmethod
    def _busiest(stage: Stage) -> Case:
        """The newest of those cases on which most was done: a copy of the same sample at every size."""
        walled = select(CaseWall.case_id)
        recent = (
            select(Case.id)
            .where(Case.stage == stage, Case.id.not_in(walled))
            .order_by(Case.id.desc())
            .limit(RECENT)
        )
        longest_first = (Case.version.desc(), Case.id.desc())
        found = db.session.scalar(select(Case).where(Case.id.in_(recent)).order_by(*longest_first).limit(1))
        assert found is not None
        return found

    def pages(self) -> Iterator[Page]:
        """Everything that is measured: pages that are only read, then the writes."""
        yield self._reading("inbox, first page", "/staff/inbox?tab=all-open")
        far = _key("9999-12-31", 2**31 - 1)
        yield self._reading("inbox, last page", f"/staff/inbox?tab=all-open&before={far}")
        middle = _key(clock.today().isoformat(), 0)
        yield self._reading("inbox, forward", f"/staff/inbox?tab=all-open&after={middle}")
        yield self._reading("inbox, back", f"/staff/inbox?tab=all-open&before={middle}")
        yield self._reading("inbox, news", "/staff/inbox/news?tab=all-open&since=0")
        yield self._reading("closed, forward", f"/staff/inbox?tab=closed&after={self.some_way_down}")
        for name in lists.TABS:
            yield self._reading(f"tab {name}", f"/staff/inbox?tab={name}")
        yield self._reading("inbox, filtered", "/staff/inbox?tab=all-open&stage=stage_1&language=bn")
        searches = {
            "rare word": self.rare_word,
            "common word": "told",
            "two common words": "informed told",
            "a beginning": "mou",
            "reference": self.long_case,
            "name": "Khan",
            "postcode": AT_HOME.postcode,
            "half a postcode": AT_HOME.postcode.partition(" ")[0],
            "phone": AT_HOME.phone,
            "email": AT_HOME.email,
            "Arabic": "عفن",
            "Chinese": "電梯",
            "Bengali": "ফ্ল্যাটের",
        }
        for what, words in searches.items():
            yield self._reading(f"search, {what}", "/staff/search?" + _query(q=words))
        yield self._reading("case page", f"/staff/cases/{self.long_case}")
        for name in TABS_OF_CASE:
            yield self._reading(f"case page, {name}", f"/staff/cases/{self.long_case}?tab={name}")
        for action in ("allocate", "update_resident", "respond"):
            yield self._reading(f"form, {action}", f"/staff/cases/{self.case_at_work}/{action}")
        yield Page("count figures (worker)", self._count, awaited=False)
        yield self._reading("dashboard", "/staff/dashboard")
        yield from self._other_pages()
        yield from self._writes()

    def _reading(self, name: str, url: str, reader: Browser | None = None) -> Page:
        browser = reader or self.browser

        def run() -> Cost:
            answer = browser.get(url)
            assert answer.status_code == 200, f"{name}: {answer.status} at {url}"
            return browser.cost

        return Page(name, run, url, browser)

    def _other_pages(self) -> Iterator[Page]:
        """Every other page of staff that needs no more than its address, as far as a manager may open it."""
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.rule):
            ours = rule.endpoint.startswith("staff.") and rule.endpoint not in MEASURED_BY_NAME
            if not ours or rule.arguments or "GET" not in (rule.methods or ()):
                continue
            answer = self.manager.get(rule.rule)
            if answer.status_code == 200 and "<h1" in answer.get_data(as_text=True):
                yield self._reading(rule.rule, rule.rule, self.manager)

    def _count(self) -> Cost:
        """What a worker does every few minutes, so that the dashboard need not."""
        watch = Stopwatch()
        with self.app.app_context(), watch.running():
            figures_cache.refresh()
        return watch.cost

    def _writes(self) -> Iterator[Page]:
        """Each a whole step: a note on a case, a call, a letter looked at and sent, a complaint with its letter."""
        yield Page("save a note", partial(self._save, "note", "Save note", text="Rang, no answer."))
        call = {"channel": "phone", "words": "Spoke about the visit."}
        yield Page("save a call", partial(self._save, "record_contact", "Save contact", **call))
        yield Page("look at a letter", partial(self._write, send=False))
        yield Page("send a letter", partial(self._write, send=True))
        yield Page("submit (service)", self._submit)
        yield Page("submit (portal)", self._send)

    def _save(self, action: str, button: str, **answers: Any) -> Cost:
        url = f"/staff/cases/{self.case_at_work}/{action}"
        self.browser.submit(url, answers, form="#act", press=button, follow=False)
        return self.browser.cost

    def _write(self, *, send: bool) -> Cost:
        """The last of two requests: the letter as it would go, or its going."""
        page = self.browser.page(f"/staff/cases/{self.case_at_work}/update_resident")
        page = self.browser.send(page, {"message": "We came today."}, form="#act", press=_main_button(page))
        if send:
            self.browser.send(page, {}, form="#act", press=_main_button(page), follow=False)
        return self.browser.cost

    def _submit(self) -> Cost:
        command = _complaint(SOMEBODY)
        watch = Stopwatch()
        with self.app.app_context(), watch.running():
            service.submit(command, Resident("", SOMEBODY.name), LANDLORD)
        return watch.cost

    def _send(self) -> Cost:
        browser = self.new_browser()
        page = browser.submit("/en/", {"who": "me"}, form="#start")
        page = browser.send(page, {"what": "The boiler is broken."}, press=SHORT_WAY)
        page = browser.send(page, REACH, press=SHORT_WAY)
        browser.send(page, {}, form="#send", follow=False)
        return browser.cost


def _main_button(page: Shown) -> str:
    return str(page.all("#act .app-actions button")[0].get_text().strip())


def _complaint(resident: Person) -> c.Submit:
    what = "There is mould on the wall of the bedroom. It came back after it was painted over. " * 4
    return c.Submit(
        language="en",
        channel=Channel.PORTAL,
        story=Story(what=what, wanted="Find the leak and mend it.", language="en"),
        resident=resident,
        needs=(Need(code="large_print"), Need(code="set_times")),
        safety=Safety(times="After 4 pm"),
    )


def _query(**values: str) -> str:
    from urllib.parse import urlencode

    return urlencode(values)
