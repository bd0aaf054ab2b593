"""Every page that can be opened without knowing anything, in every language: well formed and translated.

Pages that need an id or a person are opened by the tests of their own side, with the same client.
"""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared import i18n
from tests.support.client import Client
from tests.support.pseudo import find_literals, speak_pseudo

# A full-width stop brings its own room: what follows in the same line comes at once, marked up or not.
BLANK_AFTER_FULL_WIDTH = re.compile(r".{9}[。？！：；，]\s+(?:[^\s<–].{9}|<(?:a|bdi|span|strong|time)\b.{9})")


def addresses(app: Flask) -> Iterator[str]:
    """The GET addresses with no other place to fill in than the language; `{}` stands for that."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or "GET" not in (rule.methods or ()):
            continue
        if set(rule.arguments) <= {"lang"}:
            yield rule.rule.replace("<language:lang>", "{}")


def test_there_are_pages_to_open(app: Flask) -> None:
    assert len(list(addresses(app))) > 5


def test_every_page_opens_in_every_language(app: Flask, client: Client) -> None:
    for address in addresses(app):
        for language in i18n.languages():
            answer = client.get(address.format(language.tag))
            assert answer.status_code < 500, address
            if answer.mimetype == "text/html":
                assert not BLANK_AFTER_FULL_WIDTH.findall(answer.get_data(as_text=True)), address
            if "{}" not in address:
                break


def test_every_resident_page_is_wholly_translated(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    speak_pseudo(monkeypatch)
    plain = FlaskClient(app, app.response_class)  # the checking client wants real titles
    for address in addresses(app):
        if "{}" not in address:
            continue
        answer = plain.get(address.format("en"))
        if answer.mimetype == "text/html" and answer.location is None:
            assert find_literals(answer.get_data(as_text=True)) == [], address


def test_every_page_answers_odd_questions(app: Flask, client: Client) -> None:
    """What stands behind the question mark is anybody's: it must never crash a page."""
    for address in addresses(app):
        for odd in ("?page=-1&q=%00&sort=%27%3B--", "?q=%ff%fe&page=99999999999999999999&view=%F0%9F%98%80"):
            assert client.get(address.format("en") + odd).status_code < 500, address + odd
