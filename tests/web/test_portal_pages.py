"""Pages of information: true to each landlord's own file, and to the Code."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from shared import clock
from shared.policy.load import available, load
from shared.policy.terms import ClockName, Unit
from tests.support.client import Client

PAGES = (
    "how-we-deal-with-complaints",
    "complaint-handling-code",
    "your-information",
    "accessibility",
    "help",
)


@pytest.fixture(params=available())
def landlord(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    """The service as each landlord runs it."""
    before = app.extensions["redress"]
    app.extensions["redress"] = replace(before, landlord=request.param)
    yield request.param
    app.extensions["redress"] = before


def test_the_way_of_a_complaint_is_the_landlords_own(client: Client, landlord: str) -> None:
    policy = load(landlord)
    page = client.page("/en/how-we-deal-with-complaints")
    assert policy.landlord.name in page.text
    assert page.one("blockquote").get_text().strip() == policy.code.definition
    names = policy.landlord.stages.words
    assert names.stage_1 in page.main
    assert names.stage_2 in page.main
    for name, timer in policy.landlord.clocks.items():
        if timer.limit.unit is Unit.WORKING_DAYS and name.value.startswith("stage_"):
            assert f"Longest time: {timer.limit.number} working day" in page.main, name
    for ground in policy.landlord.exclusions:
        assert (ground.words in page.main) is ground.usable
    for stage in (1, 2):
        if cap := policy.extension_cap(stage):
            assert f"up to {cap} working days more" in page.main
    window = policy.landlord.clocks.get(ClockName.ESCALATION_WINDOW)
    assert ("Please ask within" in page.main) is (window is not None)
    ombudsman = policy.ombudsman(clock.today())
    assert ombudsman.phone in page.main
    assert ombudsman.post[-1] in page.main


def test_every_page_stands_for_every_landlord_in_every_language(client: Client, landlord: str) -> None:
    for page in PAGES:
        for language in ("en", "ar"):
            assert client.page(f"/{language}/{page}").status == 200


def test_the_rules_of_the_code_that_the_landlords_paper_departs_from_are_told(
    client: Client, landlord: str
) -> None:
    page = client.page("/en/complaint-handling-code")
    for one in load(landlord).landlord.departures:
        assert one.handled in page.main


def test_what_is_kept_of_an_unsent_draft_is_what_the_file_says(client: Client, landlord: str) -> None:
    days = load(landlord).landlord.draft_days
    assert f"after {days} days" in client.page("/en/your-information").main


def test_the_accessibility_statement_says_what_is_missing_and_when_we_look_again(
    client: Client, app: Flask
) -> None:
    page = client.page("/en/accessibility")
    assert "What does not work well yet" in page.main
    assert len(page.all("main time")) == 2


def test_help_is_the_same_on_every_page(client: Client, app: Flask) -> None:
    """WCAG 3.2.6: the same ways to reach us, in the same order."""
    seen = set()
    for address in ("", *PAGES, "sign-in", "sign-in/link", "no-such-page"):
        page = client.page(f"/en/{address}", status=404 if address == "no-such-page" else 200)
        seen.add(" ".join(page.one(".app-contact").get_text(" ").split()))
    assert len(seen) == 1
