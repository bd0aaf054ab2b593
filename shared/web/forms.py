"""Forms whose every word is ours: WTForms' own English (and its missing languages) never reaches a page.

A form checks only the shape of the input. What the Code or the stage of a case allows is `perform`'s to say;
put such a refusal on the form with `form.refuse(field_name, text)` and render the page again with status 422.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import email_validator
import phonenumbers
from flask import request
from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from flask_wtf.form import SUBMIT_METHODS, _Auto
from werkzeug.datastructures import CombinedMultiDict
from wtforms import Field, validators
from wtforms.fields.choices import SelectChoice

from shared.mail import phones

# Filters ----------------------------------------------------------------------------------------------------


def tidy(value: str | None) -> str:
    """Text as we keep it: NFC, LF line ends, no control characters, no blank edges. For every text field."""
    if not value:
        return ""
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc").strip()


def digits(value: str) -> str:
    """Digits of any script as 0-9, so that ٢٣ or ২৩ counts as 23."""
    return "".join(
        str(unicodedata.decimal(c)) if unicodedata.decimal(c, None) is not None else c for c in value
    )


# Validators: each takes the sentence that tells the reader how to mend it ----------------------------------


def required(message: Any) -> Any:
    """The answer must not be blank. The message says what to enter, not that it is "required"."""
    return validators.DataRequired(message=message)


def optional() -> Any:
    """An empty answer ends the checks and is right."""
    return validators.Optional(strip_whitespace=True)


EMAIL = lazy_gettext("Enter an email address with an @, like name@example.com")
POSTCODE = lazy_gettext("Check the postcode. It should look like WA7 1AB.")
PHONE = lazy_gettext("Enter a phone number, like 01632 960 001 or 07700 900 982")


def at_most(limit: int) -> Any:
    """No more than `limit` characters, counted after `tidy` as a person would count them."""

    def check(form: Any, field: Any) -> None:
        count = len(field.data or "")
        if count > limit:
            raise validators.ValidationError(
                ngettext(
                    "Use %(limit)s characters or fewer. Your answer has %(num)d character too many.",
                    "Use %(limit)s characters or fewer. Your answer has %(num)d characters too many.",
                    count - limit,
                    limit=limit,
                )
            )

    return check


def email(message: Any = EMAIL) -> Any:
    """An e-mail address that could be right; whether it answers is found out by writing to it."""

    def check(form: Any, field: Any) -> None:
        try:
            found = email_validator.validate_email(
                field.data or "", check_deliverability=False, test_environment=True
            )
        except email_validator.EmailNotValidError:
            raise validators.ValidationError(message) from None
        field.data = found.normalized

    return check


def phone(message: Any = PHONE) -> Any:
    """A telephone number of any country that could be dialled; kept as people write it in Britain."""

    def check(form: Any, field: Any) -> None:
        try:
            number = phonenumbers.parse(digits(field.data or ""), "GB")
        except phonenumbers.NumberParseException:
            raise validators.ValidationError(message) from None
        if not phonenumbers.is_possible_number(number):
            raise validators.ValidationError(message)
        style = phonenumbers.PhoneNumberFormat
        at_home = number.country_code == 44
        field.data = phonenumbers.format_number(number, style.NATIONAL if at_home else style.INTERNATIONAL)

    return check


_OUTWARD_AND_INWARD = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})")


def postcode(message: Any = POSTCODE) -> Any:
    """A postcode of the United Kingdom, kept in its usual spelling: a wrong one leads people astray."""

    def check(form: Any, field: Any) -> None:
        found = _OUTWARD_AND_INWARD.fullmatch("".join(digits(field.data or "").upper().split()))
        if found is None:
            raise validators.ValidationError(message)
        field.data = f"{found[1]} {found[2]}"

    return check


def mobile(message: Any) -> Any:
    """A mobile number that a text message can be sent to; kept in E.164."""

    def check(form: Any, field: Any) -> None:
        found = phones.mobile(field.data or "")
        if found is None:
            raise validators.ValidationError(message)
        field.data = found

    return check


# Fields -----------------------------------------------------------------------------------------------------


class DateParts(Field):
    """A date in three boxes named <name>-day, -month and -year. `data` is a date or None.

    `parts` keeps what was typed, whatever it was; `wrong` names the boxes to mark. `missing` is the sentence
    for no answer at all (leave it out where the date is optional).
    """

    data: date | None

    def __init__(self, label: Any = None, validators: Any = (), missing: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.missing = missing
        self.parts: dict[str, str] = {"day": "", "month": "", "year": ""}
        self.wrong: set[str] = set()

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the three boxes; anything may be in them, or nothing."""
        super().process(None, data, extra_filters)
        self.wrong = set()
        if formdata and any(f"{self.name}-{part}" in formdata for part in self.parts):
            self.parts = {part: tidy(formdata.get(f"{self.name}-{part}", ""))[:20] for part in self.parts}
            self.raw_data = [text for text in self.parts.values() if text]
            self.data = None
        elif formdata:
            self.raw_data, self.data = [], None
        elif isinstance(self.data, date):
            self.parts = {
                "day": str(self.data.day),
                "month": str(self.data.month),
                "year": str(self.data.year),
            }

    def pre_validate(self, form: Any) -> None:
        """Turn the boxes into a date, or say which box to mend."""
        if self.data is not None:
            return
        empty = {part for part, text in self.parts.items() if not text}
        if len(empty) == 3:
            if self.missing:
                self.wrong = set(self.parts)
                raise validators.StopValidation(self.missing)
            return
        if empty:
            self.wrong = empty
            raise validators.StopValidation(gettext("Enter a day, a month and a year"))
        numbers = {part: self._number(text) for part, text in self.parts.items()}
        self.wrong = {part for part, number in numbers.items() if number is None}
        if self.wrong:
            raise validators.StopValidation(gettext("Use numbers for the date, like 27 3 2026"))
        if numbers["year"] < 1000:  # type: ignore[operator]
            self.wrong = {"year"}
            raise validators.StopValidation(gettext("Enter the year with 4 numbers, like 2026"))
        try:
            self.data = date(**numbers)  # type: ignore[arg-type]
        except ValueError:
            self.wrong = set(self.parts)
            raise validators.StopValidation(gettext("Check the date. There is no such day.")) from None

    @staticmethod
    def _number(text: str) -> int | None:
        text = digits(text)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


class Files(MultipleFileField):
    """Files of one request: `data` is a list of FileStorage, empty boxes left out."""

    data: list[Any] | None

    def process_formdata(self, valuelist: Any) -> None:
        super().process_formdata(valuelist)
        self.data = [item for item in self.data or [] if getattr(item, "filename", "")]


def fingerprint(about: Iterable[Any], sent: Iterable[tuple[str, list[str]]]) -> str:
    """What a form says, and what it is `about`: the same person sending it once more takes no second step."""
    whole = json.dumps([*about, sorted(sent)])
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def choices(items: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Choices of a radio, checkbox or select field from (value, label) pairs; an enum member is its value."""
    return [SelectChoice(v.value if isinstance(v, StrEnum) else str(v), label) for v, label in items]


# The form ---------------------------------------------------------------------------------------------------

OURS: dict[str, Any] = {
    "This field is required.": lazy_gettext("Answer this question"),
    "Not a valid choice.": lazy_gettext("Choose one of the answers"),
    "'%(value)s' is not a valid choice for this field.": lazy_gettext("Choose from the answers"),
    "'%(value)s' are not valid choices for this field.": lazy_gettext("Choose from the answers"),
    "Invalid Choice: could not coerce.": lazy_gettext("Choose one of the answers"),
    "Invalid choice(s): one or more data inputs could not be coerced.": lazy_gettext(
        "Choose from the answers"
    ),
    "Not a valid integer value.": lazy_gettext("Enter a whole number"),
    "Not a valid decimal value.": lazy_gettext("Enter a number, like 25.50"),
    "Not a valid float value.": lazy_gettext("Enter a number, like 25.50"),
    "Not a valid date value.": lazy_gettext("Check the date. There is no such day."),
    "Not a valid datetime value.": lazy_gettext("Check the date and the time"),
    "Not a valid time value.": lazy_gettext("Enter a time, like 14:30"),
    "Not a valid week value.": lazy_gettext("Check the week"),
}
SOMETHING_ELSE = lazy_gettext("Check this answer")


class OurWords:
    """Stands where WTForms looks for translations; answers with our sentences, in the reader's language."""

    def gettext(self, text: str) -> str:
        return str(OURS.get(text, SOMETHING_ELSE))

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)


class Form(FlaskForm):
    """The base of every form: guarded against forged posts, tidy text, our words in every language."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> OurWords:
            return OurWords()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Read form bodies only: JSON has no place here, and an empty POST is an answer left empty."""
            if formdata is not _Auto:
                return formdata
            if request.method not in SUBMIT_METHODS:
                return None
            return CombinedMultiDict((request.files, request.form))

        def bind_field(self, form: Any, unbound: Any, options: dict[str, Any]) -> Any:
            """Give text fields the `tidy` filter, so that no form can forget it."""
            from wtforms.fields import PasswordField, StringField

            if issubclass(unbound.field_class, StringField) and not issubclass(
                unbound.field_class, PasswordField
            ):
                filters = [tidy, *unbound.kwargs.get("filters", ())]
                return unbound.bind(form=form, **{**options, "filters": filters})
            return super().bind_field(form, unbound, options)

    def refuse(self, field: str, text: Any) -> None:
        """Put a refusal that came from outside the form beside the field that it is about."""
        target = self[field]
        target.errors = [*target.errors, text]

    def typed(self) -> dict[str, Any]:
        """The answers without the token, for `perform` or for keeping in a draft."""
        return {name: value for name, value in self.data.items() if name != "csrf_token"}


def first_control(field: Any) -> str:
    """The id of the control that an error summary should lead to."""
    if isinstance(field, DateParts):
        return f"{field.id}-{next((p for p in field.parts if p in field.wrong), 'day')}"
    return str(field.id)


def error_list(form: Any) -> Sequence[dict[str, str]]:
    """The errors of a form in the order of its fields, one each, for the error summary."""
    found = []
    for field in form:
        errors = field.errors
        if errors and field.type != "CSRFTokenField":
            found.append({"text": str(first_error(errors)), "href": f"#{first_control(field)}"})
    return found


def first_error(errors: Any) -> Any:
    """The first sentence of a field's errors, however deep a list of fields nests it."""
    while isinstance(errors, (list, tuple, dict)):
        errors = next(iter(errors.values() if isinstance(errors, dict) else errors), "")
    return errors
