"""The languages of the service: found in translations/, chosen by the path, written as people write them.

A folder is a language: adding translations/<code>/LC_MESSAGES/messages.po adds it to the switcher, the
letters and the tests. Its own name and its direction come from Babel, never from a list of ours that
somebody would forget to extend. English is the language of the source, so its catalogue may be empty.

Dates always carry their year and 0-9 digits in every language, money is always "£1,250.00": the same figures
stand in letters, on the portal and in what an officer reads out over the telephone.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import flask
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from flask_babel import Babel, force_locale, get_locale, gettext, ngettext
from werkzeug.datastructures import LanguageAccept
from werkzeug.routing import BaseConverter

from shared.clock import LONDON, today
from shared.config import ROOT

FOLDER = ROOT / "translations"
SOURCE = "en"  # the language in which the texts of this repository are written
UNREVIEWED = "not yet checked"  # what Last-Translator says until a native reader has signed


@dataclass(frozen=True, slots=True)
class Language:
    """One language that residents can read: `code` names the folder, `tag` is BCP 47 (zh_Hant: zh-Hant)."""

    code: str
    tag: str
    name: str  # in the language itself: a reader looks for that
    direction: str  # ltr | rtl
    locale: Locale  # whose dates and plural forms are used (English: en_GB)
    reviewed: bool  # False: residents are told that nobody has checked the translation yet


@cache
def languages() -> tuple[Language, ...]:
    """Every language with a folder in translations/, English first, the rest by code."""
    codes = sorted(
        (p.parent.parent.name for p in FOLDER.glob("*/LC_MESSAGES/messages.po")),
        key=lambda c: (c != SOURCE, c),
    )
    return tuple(_language(code) for code in codes)


def _language(code: str) -> Language:
    locale = Locale.parse("en_GB" if code == SOURCE else code)
    own = locale.languages.get(code) or locale.get_language_name(code) or code
    return Language(
        code=code,
        tag=code.replace("_", "-"),
        name=own[:1].upper() + own[1:],
        direction=locale.text_direction,
        locale=locale,
        reviewed=code == SOURCE or UNREVIEWED not in reviewer(code),
    )


def reviewer(code: str) -> str:
    """Who checked a translation: the Last-Translator line of its catalogue's header ("" when it has none)."""
    header = (FOLDER / code / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8").split("\n\n", 1)[0]
    found = re.search(r'"Last-Translator: (.*?)\\n"', header)
    return found.group(1) if found else ""


def language(code: str) -> Language:
    """The language of a code or tag. Raises LookupError when translations/ has no such folder."""
    wanted = code.replace("-", "_")
    for known in languages():
        if known.code == wanted:
            return known
    raise LookupError(f"translations/ has no language {code!r}")


def english_name(code: str) -> str:
    """Any language as staff call it ("Arabic"), whether our own texts come in it or not; its code if unknown."""
    try:
        return str(Locale.parse(code.replace("_", "-"), sep="-").get_display_name("en") or code)
    except (UnknownLocaleError, ValueError):
        return code


def direction(code: str) -> str:
    """ltr or rtl, for the dir attribute of whatever is written in this language."""
    return language(code).direction


def choose(accepted: LanguageAccept) -> Language:
    """The best language for a browser that states its wishes; English when we have none of them."""
    tag = accepted.best_match([known.tag for known in languages()], SOURCE)
    return language(tag or SOURCE)


def current() -> Language:
    """The language in which this request, letter or message is being written; English outside of them."""
    locale = get_locale() if flask.has_app_context() else None
    if locale is None:
        return language(SOURCE)
    wanted = [str(locale), "_".join(p for p in (locale.language, locale.script) if p), locale.language]
    return next((known for code in wanted for known in languages() if known.code == code), language(SOURCE))


@contextmanager
def in_language(code: str) -> Iterator[Language]:
    """Write in the reader's language, whatever language the writer's page is in (letters, e-mails, texts).

    Needs an application context: without one gettext would silently answer in English.
    """
    if not flask.has_app_context():
        raise RuntimeError("in_language needs an application context")
    found = language(code)
    with force_locale(str(found.locale)):
        yield found


# Dates, times and money -------------------------------------------------------------------------------------


def date_text(day: date, weekday: bool = True) -> str:
    """A London day in words with its year: "Monday 23 November 2026", or "23 November 2026"."""
    if isinstance(day, datetime):
        raise TypeError("an instant has no day of its own: pass clock.london_date(instant)")
    shown = current()
    text = format_date(day, "full" if weekday else "long", locale=shown.locale)
    return text.replace(",", "") if shown.code == SOURCE else text


def short_date_text(day: date) -> str:
    """A London day for a line of a list: "Mon 23 Nov"; with its year where that is not this one."""
    shown = current()
    text = format_skeleton("MMMEd" if day.year == today().year else "yMMMEd", day, locale=shown.locale)
    return text.replace(",", "") if shown.code == SOURCE else text


def time_text(instant: datetime) -> str:
    """The London time of an aware instant, as the language writes it: "14:05"."""
    return format_time(_london(instant), "short", locale=current().locale)


def datetime_text(instant: datetime) -> str:
    """The London day and time of an aware instant: "23 November 2026 at 14:05"."""
    day, hour = date_text(_london(instant).date(), weekday=False), time_text(instant)
    # Translators: a day and an hour, such as "23 November 2026 at 14:05"
    return gettext("%(day)s at %(time)s", day=day, time=hour)


def _london(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone before it can be shown")
    return instant.astimezone(LONDON)


def sentence_gap() -> str:
    """What stands between two sentences in a row: a space, but in Chinese nothing, whose full stops bring room."""
    # Translators: two sentences in a row. Leave out the space if your language writes none between them.
    return gettext("%(first)s %(second)s", first="", second="")


def money_text(pence: int) -> str:
    """An amount of pence in pounds, the same in every language: "£1,250.00"."""
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"


def working_days_text(days: int) -> str:
    """A number of working days in words: "1 working day", "5 working days"."""
    return ngettext("%(num)d working day", "%(num)d working days", days)


def due_text(due_on: date, days_left: int, short: bool = False) -> str:
    """What a due date means today, in words, so that colour is never the only sign; `short` for lists.

    `days_left` counts working days from today (calendar.working_days_between): below 0 is overdue.
    """
    if days_left < 0:
        return ngettext("Overdue by %(num)d working day", "Overdue by %(num)d working days", -days_left)
    if days_left == 0:
        return gettext("Due today")
    return ngettext(
        "Due %(day)s, in %(num)d working day",
        "Due %(day)s, in %(num)d working days",
        days_left,
        day=short_date_text(due_on) if short else date_text(due_on),
    )


# Wiring -----------------------------------------------------------------------------------------------------


class LanguageConverter(BaseConverter):
    """The first part of a resident's path: matches only languages that translations/ holds."""

    regex = "[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?"
    part_isolating = True

    def to_python(self, value: str) -> str:
        try:
            return language(value).code
        except LookupError:
            from werkzeug.routing import ValidationError

            raise ValidationError from None

    def to_url(self, value: str) -> str:
        return language(value).tag


def of_path(path: str) -> Language | None:
    """The language that a path names in its first part, if it does (error pages have no matched route)."""
    try:
        return language(path.lstrip("/").split("/", 1)[0])
    except LookupError:
        return None


def select() -> Locale:
    """The locale of a request: its path, else English for staff, else what the browser asks for."""
    if not flask.has_request_context():
        return language(SOURCE).locale
    named = flask.g.get("language") or of_path(flask.request.path)
    if isinstance(named, str):
        named = language(named)
    if named is None:
        english = flask.request.path.startswith("/staff") or not flask.request.accept_languages
        named = language(SOURCE) if english else choose(flask.request.accept_languages)
    return named.locale


def init_app(app: flask.Flask) -> None:
    """Let a Flask application speak every language in translations/, named in the path.

    A route written "/<language:lang>/..." receives no `lang` argument: the language is in `current()`, and
    url_for fills it in, so that a link stays in the reader's language unless it says otherwise.
    """
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    app.config["BABEL_DEFAULT_LOCALE"] = "en_GB"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/London"
    Babel(app, locale_selector=select, timezone_selector=lambda: "Europe/London")
    app.url_map.converters["language"] = LanguageConverter

    @app.url_value_preprocessor
    def take_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values and "lang" in values:
            flask.g.language = values.pop("lang")

    @app.url_defaults
    def give_language(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = current().code
