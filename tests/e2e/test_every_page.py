"""Every page that links lead to, for each kind of person, in both directions of writing.

Pages that only a form or an e-mail leads to are opened by the journeys. What neither opens is named here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from portal import questions
from shared import samples
from shared.config import Config
from tests.support.e2e_resident import Resident
from tests.support.e2e_service import Service
from tests.support.e2e_staff import Colleague
from tests.support.e2e_walk import walk
from wsgi import create_app

# Sample cases whose residents sign in, by how far the case has come.
STAGES = ("received", "extended", "answered", "promise_done", "final", "closed", "withdrawn", "helped")
COLLEAGUES = ("mark", "olive", "ada", "colin", "mira")
# One case at every stage, so that every form of every action is met.
CASES = (
    "received",
    "acknowledged",
    "extended",
    "answered",
    "escalated",
    "stage_2",
    "final",
    "closed",
    "not_accepted",
)


Made = dict[tuple[str, ...], set[str]]


# Addresses on posters and websites, which lead to a page in the reader's language.
DOORSTEPS = ("/", "/complain?campaign=damp&building=Elm+Court")


class Walks:
    """All walks of the session, each made once: the last test asks what they opened together."""

    def __init__(self, person: Callable[..., Any], service: Service, made: Made) -> None:
        self._person, self._service, self._made = person, service, made

    def paths(self, *which: str) -> set[str]:
        """What a walk opened; it is made now if it was not made before."""
        if which not in self._made:
            kind, *how = which
            self._made[which] = getattr(self, f"_{kind}")(*how)
        return self._made[which]

    def _stranger(self, language: str) -> set[str]:
        resident: Resident = self._person(Resident)
        resident.opens_the_portal(language)
        assert resident.page.locator("footer .app-contact a").count() >= 3, "ways to reach the landlord"
        asked = [f"/{language}/tell-us/{question.name}" for question in questions.QUESTIONS]
        return walk(resident, [f"/{language}/", *asked, *DOORSTEPS], _inside(f"/{language}/"))

    def _resident(self, language: str, path: str) -> set[str]:
        resident: Resident = self._person(Resident)
        resident.language = language
        resident.signs_in_by_mail(mailbox(sample(path)))
        return walk(resident, [f"/{language}/my-complaint"], _inside(f"/{language}/my-complaint"))

    def _door(self) -> set[str]:
        nobody: Colleague = self._person(Colleague)
        return walk(nobody, ["/staff/sign-in"], _inside("/staff/"))

    def _staff(self, name: str) -> set[str]:
        colleague: Colleague = self._person(Colleague)
        colleague.signs_in(f"{name}@{samples.DOMAIN}", samples.PASSWORD)
        cases = [f"/staff/cases/{self._ref(path)}" for path in CASES] if name in {"mark", "olive"} else []
        return walk(colleague, ["/staff/", *cases], _inside("/staff/"))

    def _ref(self, path: str) -> str:
        who = sample(path).name
        rows = self._service.read("SELECT ref FROM complaint_case WHERE resident = :who ORDER BY id", who=who)
        return str(rows[0][0])


def _inside(start: str) -> Callable[[str], bool]:
    return lambda path: path.startswith(start)


def sample(path: str) -> samples.Sample:
    """The first sample case that has come so far, or in which somebody is helped."""
    return next(one for one in samples.SAMPLES if one.path == path or (path == "helped" and one.helper))


def mailbox(who: samples.Sample) -> str:
    return f"{who.name.lower().replace(' ', '.')}@{samples.DOMAIN}"


@pytest.fixture(scope="session")
def made() -> Made:
    """What each walk of the session opened."""
    return {}


@pytest.fixture
def walks(person: Callable[..., Any], service: Service, made: Made) -> Walks:
    """Makes walks, or tells what they opened."""
    return Walks(person, service, made)


LANGUAGES = ("en", "ar")
# From right to left the same pages come in the same order: the stages that show most parts are enough.
MIRRORED = ("answered", "closed")
WALKS = [
    *(("stranger", language) for language in LANGUAGES),
    *(("resident", "en", path) for path in STAGES),
    *(("resident", "ar", path) for path in MIRRORED),
    *(("staff", name) for name in COLLEAGUES),
    ("door",),
]


@pytest.mark.parametrize("which", WALKS, ids=" ".join)
def test_every_link_leads_to_a_page_that_holds_to_the_rules(walks: Walks, which: tuple[str, ...]) -> None:
    assert len(walks.paths(*which)) > 1


# What no link leads to, with the tests that open it.
JOURNEY, STAFF = "test_portal.py, test_main_job.py", "test_staff.py"
ELSEWHERE = {
    "static": "no page",
    "healthz": "no page: tests/support/e2e_service.py asks it",
    **dict.fromkeys(
        ("devmail.mailbox", "devmail.message", "devmail.html", "devmail.file"),
        "only where mail goes nowhere: tests/web/test_outbox_devmail.py",
    ),
    **dict.fromkeys(
        (
            "portal.check",
            "portal.claim_link",
            "portal.consent_by_link",
            "portal.consent_done",
            "portal.danger_now",
            "portal.draft_file",
            "portal.forget",
            "portal.later",
            "portal.later_sent",
            "portal.piece_received",
            "portal.receipt",
            "portal.my_piece_received",
            "portal.receipt_copy",
            "portal.receipt_pdf",
            "portal.leave_quickly",
            "portal.receipt_qr",
            "portal.unhappy",
        ),
        JOURNEY,
    ),
    **dict.fromkeys(
        (
            "portal.answer_question",
            "portal.more_time",
            "staff.inbox_news",
            "staff.many_cases",
            "staff.many_done",
            "staff.set_password",
        ),
        STAFF,
    ),
    **dict.fromkeys(
        ("staff.mail_read", "staff.mail_whole"), "only where mail waits: tests/web/test_mail_whole.py"
    ),
    "portal.typed_code": "whoever signs in by mail",
    "portal.panel": "only where a landlord has a panel, at stage 2: tests/web/test_portal_asks.py",
    "staff.away_one": "test_staff_days.py: nobody of the samples is away",
}


def test_no_page_is_left_out(walks: Walks, tmp_path: Path) -> None:
    app = create_app(Config(environment="test", data_dir=tmp_path))
    opened = {path for which in WALKS for path in walks.paths(*which)}
    adapter = app.url_map.bind("localhost")
    reached = {endpoint for path in opened if (endpoint := _endpoint(adapter, path))}
    left_out = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint not in reached | set(ELSEWHERE)
    }
    assert not left_out, f"no link leads to {sorted(left_out)}"
    assert not sorted(ELSEWHERE.keys() & reached), "reached by links after all"


def _endpoint(adapter: MapAdapter, path: str) -> str | None:
    try:
        endpoint, _values = adapter.match(path, "GET")
    except HTTPException:
        return None
    return str(endpoint)
