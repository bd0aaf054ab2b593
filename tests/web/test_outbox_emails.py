"""Short e-mails: one template gives both forms, in the reader's language and direction."""

from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_babel import gettext

from shared import i18n
from shared.config import Config
from shared.mail import channels, templates
from tests.support.core import core_app
from tests.support.emails import FACTS, NAMES


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = core_app(Config(environment="test", database_url="sqlite://", data_dir=tmp_path))
    with app.app_context():
        yield app


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", [language.code for language in i18n.languages()] or ["en"])
def test_both_forms_say_the_same(app: Flask, name: str, language: str) -> None:
    mail = templates.compose(name, language, landlord="Halton Housing", **FACTS)
    html5lib.HTMLParser(strict=True).parse(mail.html)
    page = BeautifulSoup(mail.html, "html5lib")
    root = page.html
    assert root is not None
    assert (root["lang"], root["dir"]) == (i18n.language(language).tag, i18n.direction(language))
    body = page.body
    assert body is not None
    assert body.get_text().split() == mail.text.split()
    assert [a["href"] for a in body.find_all("a")] == [FACTS["link"]]
    assert body.find("script") is None
    assert "\n" not in mail.subject
    assert mail.subject
    assert "{" not in mail.text
    assert "Halton Housing" in mail.text


def test_references_keep_their_order_in_right_to_left_text(app: Flask) -> None:
    mail = templates.compose("sign_in", "en", landlord="Halton Housing", **FACTS)
    assert "\u2066HAL-2026-0042-7\u2069" in mail.text
    assert "\u2066" not in mail.subject
    assert "15 minutes" in mail.text


def test_a_code_is_left_out_when_there_is_none(app: Flask) -> None:
    mail = templates.compose("sign_in", "en", landlord="Halton Housing", **(FACTS | {"code": None}))
    assert "code:" not in mail.text
    assert "None" not in mail.text


TITLES = ("Our final answer to your complaint: stage 2", "We are looking at your complaint again: stage 2")


@pytest.mark.parametrize("language", [language.code for language in i18n.languages()])
def test_a_subject_keeps_its_spaces_in_every_script(app: Flask, language: str) -> None:
    with i18n.in_language(language):
        for title in TITLES:
            subject = f"{gettext(title)} (HAL-2026-0034-5)"
            mail = channels.Outgoing("<a@b.example>", "a@b.example", subject, "", None, language, ())
            raw = channels.as_mime(mail).as_bytes()
            assert channels.parsed(raw)["Subject"].strip() == subject
            assert max(map(len, raw.splitlines())) <= 78
