"""The catalogues: complete, in step with the source, and with the same placeholders as the English text."""

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from shared import catalogues, i18n

TRANSLATED = [language.code for language in i18n.languages() if language.code != i18n.SOURCE]
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[sd]|%%")


@cache
def source() -> Catalog:
    return catalogues.extract()


@cache
def catalogue(code: str) -> Catalog:
    with (i18n.FOLDER / code / "LC_MESSAGES" / "messages.po").open("rb") as stream:
        return read_po(stream, locale=code)


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def english(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def test_the_source_has_texts_of_every_kind() -> None:
    """Guards the other tests: an extraction that found nothing would let them all pass."""
    known = {english(m)[0] for m in source() if m.id}
    assert "Skip to main content" in known, "templates"
    assert "Enter a day, a month and a year" in known, "code"
    assert "%(num)d working day" in known, "plurals"
    assert "Stage 1" in known, "policy files"


@pytest.mark.parametrize("code", TRANSLATED)
def test_catalogues_are_in_step_with_the_texts(code: str) -> None:
    here = {(m.id, m.context) for m in catalogue(code) if m.id}
    there = {(m.id, m.context) for m in source() if m.id}
    assert here == there, "run `make catalogues`"


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_missing_or_doubtful(code: str) -> None:
    missing = [english(m)[0] for m in catalogue(code) if m.id and not all(texts(m))]
    assert missing == [], f"{len(missing)} texts have no translation"
    assert [english(m)[0] for m in catalogue(code) if m.fuzzy and m.id] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_plural_forms_are_those_of_the_language(code: str) -> None:
    expected = Catalog(locale=code)
    assert catalogue(code).num_plurals == expected.num_plurals
    for message in catalogue(code):
        if message.pluralizable:
            assert len(texts(message)) == expected.num_plurals, english(message)[0]


@pytest.mark.parametrize("code", TRANSLATED)
def test_placeholders_are_those_of_the_english_text(code: str) -> None:
    for message in catalogue(code):
        if not message.id or not all(texts(message)):
            continue
        allowed = {m.group(0) for text in english(message) for m in PLACEHOLDER.finditer(text)}
        for text in texts(message):
            found = {m.group(0) for m in PLACEHOLDER.finditer(text)}
            if message.pluralizable:  # "one day" may leave the number out, in forms for exactly one or two
                assert found <= allowed, f"{english(message)[0]!r} -> {text!r}"
                assert allowed - found <= {"%(num)d", "%(num)s"}, f"{english(message)[0]!r} -> {text!r}"
            else:
                assert found == allowed, f"{english(message)[0]!r} -> {text!r}"


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_carry_no_markup_of_their_own(code: str) -> None:
    tag = re.compile(r"</?[a-z]+[^>]*>")
    for message in catalogue(code):
        if message.id:
            allowed = {t for text in english(message) for t in tag.findall(text)}
            for text in texts(message):
                assert set(tag.findall(text)) <= allowed, text


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_header_says_who_has_checked_it(code: str) -> None:
    assert i18n.reviewer(code), f'{code}: Last-Translator names the reader, or says "{i18n.UNREVIEWED}"'
    assert i18n.language(code).reviewed == (i18n.UNREVIEWED not in i18n.reviewer(code))


def test_texts_are_whole_sentences_with_named_places() -> None:
    """A text made of pieces cannot be translated: word order differs between languages."""
    for message in source():
        for text in english(message) if message.id else ():
            assert not re.search(r"(?<!%)%[sd]", text), f"{text!r}: name the placeholder"
            assert text == text.strip(), f"{text!r} begins or ends with a space: is it a piece of a sentence?"
