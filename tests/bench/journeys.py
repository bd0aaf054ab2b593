"""What is measured: pages that people open all day, and the two writes that matter most."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import lists, service
from shared.cases.samples import DOMAIN, PASSWORD
from shared.cases.state import Need, Person, Safety, Story, decode
from shared.db import db
from shared.identity.actors import Resident
from shared.models import Case, CaseWall
from shared.vocab import Channel, Stage
from tests.bench.stores import LANDLORD, Store
from tests.support.stopwatch import Browser, Cost, Stopwatch

OFFICER = f"olive@{DOMAIN}"
END_OF_LIST = base64.urlsafe_b64encode(json.dumps(["9999-12-31", 2**62]).encode()).decode().rstrip("=")
REACH = {
    "name": "Amal Haddad",
    "address": "4 Elm Court\nWidnes",
    "postcode": "WA8 7AA",
    "email": "amal@resident.example",
}
RECENT = 100
SHORT_WAY = "Skip the optional questions"


@dataclass(frozen=True, slots=True)
class Page:
    """Something to measure. `url`: a page to open, for which the bare page is measured as well."""

    name: str
    run: Callable[[], Cost]
    url: str = ""


class Visitor:
    """A member of staff in a browser on one store, who knows where to find what is measured."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.app: Flask = store.app
        self.browser = self.new_browser()
        self.browser.submit("/staff/sign-in", {"email": OFFICER, "password": PASSWORD}, follow=False)
        with self.app.app_context():
            self._look_round()

    def new_browser(self) -> Browser:
        found = self.app.test_client()
        assert isinstance(found, Browser)
        return found

    def _look_round(self) -> None:
        """Cases to open: the longest there is, one to write on, and what can be searched for."""
        closed, at_work = self._busiest(Stage.CLOSED), self._busiest(Stage.STAGE_1)
        self.long_case, self.case_at_work = closed.ref, at_work.ref
        state = decode(closed.state)
        assert state.resident is not None
        self.phone = state.resident.phone
        self.email = state.resident.email
        self.postcode = state.resident.postcode
        self.rare_word = state.story.what.rpartition(" ")[2].strip(".")

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
        yield self._reading("inbox, last page", f"/staff/inbox?tab=all-open&before={END_OF_LIST}")
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
            "postcode": self.postcode,
            "phone": self.phone,
            "Arabic": "عفن",
            "Chinese": "電梯",
            "Bengali": "ফ্ল্যাটের",
        }
        for what, words in searches.items():
            yield self._reading(f"search, {what}", "/staff/search?" + _query(q=words))
        yield self._reading("case page", f"/staff/cases/{self.long_case}")
        yield self._reading("case page, similar", f"/staff/cases/{self.long_case}?tab=similar")
        yield self._reading("allocate, form", f"/staff/cases/{self.case_at_work}/allocate")
        if "staff.dashboard" in self.app.view_functions:
            yield self._reading("dashboard", "/staff/dashboard")
        yield from self._writes()

    def _reading(self, name: str, url: str) -> Page:
        def run() -> Cost:
            answer = self.browser.get(url)
            assert answer.status_code == 200, f"{name}: {answer.status} at {url}"
            return self.browser.cost

        return Page(name, run, url)

    def _writes(self) -> Iterator[Page]:
        """Each a whole step: a note on a case, a call, a complaint with its letter."""
        yield Page("save a note", partial(self._save, "note", "Save note", text="Rang, no answer."))
        call = {"channel": "phone", "words": "Spoke about the visit."}
        yield Page("save a call", partial(self._save, "record_contact", "Save contact", **call))
        yield Page("submit (service)", self._submit)
        yield Page("submit (portal)", self._send)

    def _save(self, action: str, button: str, **answers: Any) -> Cost:
        url = f"/staff/cases/{self.case_at_work}/{action}"
        self.browser.submit(url, answers, form="#act", press=button, follow=False)
        return self.browser.cost

    def _submit(self) -> Cost:
        resident = Person(
            name="Amal Haddad",
            email="amal@resident.example",
            phone="01632 960 001",
            address=("4 Elm Court", "Widnes"),
            postcode="WA8 7AA",
            relationship="tenant",
        )
        what = "There is mould on the wall of the bedroom. It came back after it was painted over. " * 4
        command = c.Submit(
            language="en",
            channel=Channel.PORTAL,
            story=Story(what=what, wanted="Find the leak and mend it.", language="en"),
            resident=resident,
            needs=(Need(code="large_print"), Need(code="set_times")),
            safety=Safety(times="After 4 pm"),
        )
        watch = Stopwatch()
        with self.app.app_context(), watch.running():
            service.submit(command, Resident("", resident.name), LANDLORD)
        return watch.cost

    def _send(self) -> Cost:
        browser = self.new_browser()
        page = browser.submit("/en/", {"who": "me"}, form="#start")
        page = browser.send(page, {"what": "The boiler is broken."}, press=SHORT_WAY)
        page = browser.send(page, REACH, press=SHORT_WAY)
        browser.send(page, {}, form="#send", follow=False)
        return browser.cost


def _query(**values: str) -> str:
    from urllib.parse import urlencode

    return urlencode(values)
