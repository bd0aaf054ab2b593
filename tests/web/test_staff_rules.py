"""The landlord's rules on one page: all of them, from the policy files, for everybody who works here."""

import re
from datetime import date

import pytest
from flask import Flask

from shared import clock
from shared.policy.compare import looser_than_code
from shared.policy.load import available, load
from shared.vocab import Role
from staff.rules import by_area, sections
from tests.support.staff import signed_in


@pytest.mark.parametrize("landlord", available())
def test_the_page_says_what_the_landlords_file_says(landlord: str) -> None:
    policy = load(landlord)
    found = sections(policy, date(2026, 11, 23))
    rules = [rule for section in found for rule in section.rules]
    said = " ".join(f"{rule.about}: {rule.holds} {rule.source}" for rule in rules)
    own = policy.landlord
    for timer in own.clocks.values():
        assert str(timer.limit) in said
        assert timer.source in said
    for wanted in (own.behaviour.reviewer, own.approvals.restriction_source, own.intake.petitions_told_to):
        assert wanted in said
    titles = [section.title for section in found]
    assert ("When the Ombudsman asks or decides" in titles) == (own.ombudsman_cases is not None)
    assert not re.search(r"[a-z]_[a-z]", said), "words for people, not keys"
    assert all(rule.about and rule.holds for rule in rules)
    assert len(by_area(looser_than_code(policy))) == len(looser_than_code(policy))


def test_everybody_who_works_here_can_read_the_rules(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = signed_in(app, Role.COLLEAGUE)
    page = client.page("/staff/rules")
    assert page.h1 == "Our rules"
    assert "Director of Customer Experience, after talking to Customer Services Manager" in page.main
    assert "Its next review is due in September 2027" in page.main
    passed = clock.now().replace(year=2028)
    monkeypatch.setattr(clock, "today", lambda: passed.date())
    assert "was due in September 2027, and that has passed" in client.page("/staff/rules").main
