"""Letters and short e-mails are documents too: handed to the HTML checker with the pages (tests/support/nu.py)."""

from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from flask import Flask

from shared.config import Config
from shared.letters import render
from shared.mail import templates
from shared.vocab import LetterKind
from tests.support import letters, nu
from tests.support.core import core_app
from tests.support.emails import FACTS, NAMES

LANGUAGES = ("en", "ur")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = core_app(Config(environment="test", database_url="sqlite://", data_dir=tmp_path))
    with app.app_context():
        yield app


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind, ids=lambda kind: kind.value)
def test_a_letter_is_a_document_of_its_own(app: Flask, kind: LetterKind, language: str) -> None:
    page = render.letter(letters.full(kind, language=language)).html
    html5lib.HTMLParser(strict=True).parse(page)
    nu.keep(page, f"letter {kind.value} {language}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_short_e_mail_is_a_document_of_its_own(app: Flask, name: str, language: str) -> None:
    page = templates.compose(name, language, landlord="Halton Housing", **FACTS).html
    html5lib.HTMLParser(strict=True).parse(page)
    nu.keep(page, f"e-mail {name} {language}")
