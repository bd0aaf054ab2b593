"""What templates may say: dates, money, references and people's own words, safe in both writing directions.

Figures and codes go into <bdi dir="ltr">: without it "+44 20 7946 0018" is shown backwards in Urdu.
Everything here escapes its input.
"""

import hashlib
import re
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import phonenumbers
from flask import Flask, current_app, url_for
from markupsafe import Markup, escape

from shared import clock, i18n

POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")
LTR = Markup('<bdi dir="ltr" translate="no">{}</bdi>')


def ltr(value: object) -> Markup:
    """A reference, postcode or code, read from the left in every language and never translated."""
    return LTR.format(value) if value not in (None, "") else Markup("")


def name(value: object) -> Markup:
    """A person's or file's name inside a sentence: its own direction must not disturb the sentence's."""
    return Markup('<bdi translate="no">{}</bdi>').format(value) if value not in (None, "") else Markup("")


def english(value: object) -> Markup:
    """What is English in every language, such as a job, a paper or an address, whose postcode stays in one line."""
    if value in (None, ""):
        return Markup("")
    whole = Markup(POSTCODE.sub(r'<span class="app-whole">\g<0></span>', str(escape(value))))  # noqa: S704 - escaped
    return Markup('<bdi lang="en" dir="ltr" class="app-break">{}</bdi>').format(whole)


def file_name(value: object) -> Markup:
    """A file's name or an address: from the left, and broken rather than pushed off a phone's screen."""
    return Markup('<bdi dir="ltr" class="app-break" translate="no">{}</bdi>').format(value)


def fill(text: str, **values: object) -> Markup:
    """A translated sentence with marked-up values in its places: fill(gettext("By %(day)s."), day=day(on))."""
    return escape(text) % {key: escape(value) for key, value in values.items()}


def day(value: date | datetime | None, weekday: bool = True) -> Markup:
    """A date in words with weekday and year; an instant counts on its London day."""
    if value is None:
        return Markup("")
    if isinstance(value, datetime):
        value = clock.london_date(value)
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), i18n.date_text(value, weekday))


def moment(value: datetime | None) -> Markup:
    """An instant as London day and time: "23 November 2026 at 14:05"."""
    if value is None:
        return Markup("")
    return Markup('<time datetime="{}">{}</time>').format(
        value.isoformat(timespec="seconds"), i18n.datetime_text(value)
    )


def money(pence: int | None) -> Markup:
    """Pence as pounds, the same in every language: £1,250.00."""
    return LTR.format(i18n.money_text(pence)) if pence is not None else Markup("")


def phone(value: str | None) -> Markup:
    """A telephone number as a link that dials it; plain text when it cannot be dialled."""
    if not value:
        return Markup("")
    try:
        number = phonenumbers.format_number(
            phonenumbers.parse(value, "GB"), phonenumbers.PhoneNumberFormat.RFC3966
        )
    except phonenumbers.NumberParseException:
        return ltr(value)
    return Markup('<a class="govuk-link" href="{}">{}</a>').format(number, ltr(value))


def email(value: str | None) -> Markup:
    """An e-mail address as a link that opens a new message."""
    if not value:
        return Markup("")
    return Markup('<a class="govuk-link" href="mailto:{}">{}</a>').format(value, file_name(value))


def own_words(value: str | None, language: str = "") -> Markup:
    """What somebody wrote, as written: their direction, their language where known, their line breaks.

    The block carries hx-disable, so that nothing typed by a stranger can steer the page.
    """
    if not value:
        return Markup("")
    try:
        tag = Markup(' lang="{}"').format(i18n.language(language).tag) if language else Markup("")
    except LookupError:
        tag = Markup("")
    return Markup('<div class="app-own-words" dir="auto"{} hx-disable>{}</div>').format(tag, value)


def due(due_on: date, days_left: int, done: bool = False, short: bool = False) -> Markup:
    """A due date as a tag whose words say it all; `days_left` in working days, below 0 when overdue.

    `short`: in the few words that a line of a list has room for.
    """
    if done:
        kind, text = "done", day(due_on)
    else:
        text = Markup("{}").format(i18n.due_text(due_on, days_left, short))
        kind = (
            "overdue"
            if days_left < 0
            else "today"
            if days_left == 0
            else "soon"
            if days_left <= 2
            else "later"
        )
    return Markup('<span class="app-due app-due--{}">{}</span>').format(kind, text)


def working_days(days: int) -> str:
    """A number of working days in words."""
    return i18n.working_days_text(days)


def asset(path: str) -> str:
    """The address of a file in static/, changing with its content so that browsers may keep it for ever."""
    folder = Path(current_app.static_folder or "")
    file = folder / path
    stamp = file.stat().st_mtime_ns if file.is_file() else 0
    return url_for("static", filename=path, v=_version(file, stamp))


@cache
def _version(file: Path, stamp: int) -> str:
    """The first digits of a file's hash; `stamp` only tells the cache when the file is another."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if stamp else "missing"


def website(value: str | None) -> Markup:
    """A web address as a link, shown without its scheme."""
    if not value:
        return Markup("")
    url = value if value.startswith(("https://", "http://")) else f"https://{value}"
    shown = url.partition("://")[2].removesuffix("/")
    breaking = Markup("/<wbr>").join(shown.split("/"))
    return Markup('<a class="govuk-link" href="{}">{}</a>').format(url, file_name(breaking))


FILTERS: dict[str, Any] = {
    "ltr": ltr,
    "name": name,
    "file_name": file_name,
    "english": english,
    "day": day,
    "moment": moment,
    "money": money,
    "phone": phone,
    "email": email,
    "own_words": own_words,
    "working_days": working_days,
    "website": website,
}


def init_app(app: Flask) -> None:
    """Register the filters, and `due`, `asset` and `gap` as functions, with an application's templates."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(due=due, asset=asset, gap=i18n.sentence_gap)
