"""What every action's form stands on: the case, words with their translation, people, money, days."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, TypeVar

from wtforms import Field, FieldList, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from shared import clock, i18n
from shared.cases import approvals, service
from shared.cases.case_view import CaseView
from shared.cases.colleagues import candidates
from shared.cases.colleagues.candidates import Eligible
from shared.cases.commands import Command
from shared.cases.state import FileRef, StaffRef
from shared.db import LARGEST_ID
from shared.identity.actors import Staff
from shared.letters.facts import Words
from shared.vocab import Action
from shared.web.forms import DateParts, Form, at_most, choices, first_control, first_error, optional

LONG = 20_000  # characters of one long answer
SHORT = 300
TRANSLATION = "_translation"


class Problems(list[dict[str, str]]):
    """The error summary's lines: text and, where there is a control to go to, its address."""


class Row(Form):
    """One of several like answers inside a form; the outer form carries the token."""

    class Meta(Form.Meta):
        csrf = False


class ActionForm(Form):
    """The base of all actions' forms. `seen` is the version of the case that the person had before them."""

    action: ClassVar[Action]
    title: ClassVar[str]
    button: ClassVar[str] = "Save to the case"
    takes_files: ClassVar[bool] = False
    internal_files: ClassVar[bool] = True  # what staff add is for staff, unless the action says otherwise
    translated: ClassVar[tuple[str, ...]] = ()  # answers that go into a letter in the resident's language

    seen = HiddenField()
    sent: Any = None  # the controls as a browser sent them

    def __init__(self, view: CaseView, actor: Staff, files: tuple[FileRef, ...] = (), **more: Any) -> None:
        self.view, self.actor, self.files = view, actor, files
        super().__init__(**more)
        self.prepare()

    @classmethod
    def fitted(cls, view: CaseView, asked: Mapping[str, str]) -> type["ActionForm"]:
        """This form with the fields that depend on the case: translations, or one block for each point.

        `asked` is the query of the address, such as the point that a link is about.
        """
        if not cls.translated or view.state.language == i18n.SOURCE:
            return cls
        return type(cls.__name__, (cls,), {n + TRANSLATION: translation(view) for n in cls.translated})

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        """What the form shows when nobody has typed anything yet."""
        return {}

    def prepare(self) -> None:
        """Fill in choices that depend on the case."""

    def command(self) -> Command:
        """The command that the answers make. Called only when `validate` was happy."""
        raise NotImplementedError

    def carry_out(self, seen: int, form: str = "") -> service.Done | None:
        """Save it all. Raises what `service.perform` raises; None when no step was taken on this very case.

        `seen` is the version that the person saw; `form` the fingerprint of what they sent. What happened
        since and has nothing to do with it is no obstacle.
        """
        return service.perform(self.view.ref, self.command(), self.actor, seen=seen, form=form, merge=True)

    def said(self, name: str) -> Words:
        """One answer with the translation that was typed beside it."""
        return Words(self[name].data, translation=self._translation(name))

    def said_or_none(self, name: str) -> Words | None:
        """One answer with its translation, None when it was left empty."""
        return self.said(name) if self[name].data else None

    def _translation(self, name: str) -> str | None:
        field = self._fields.get(name + TRANSLATION)
        return (field.data or None) if field is not None else None

    @property
    def shown(self) -> list[Field]:
        """The fields to lay out, in order, each translation right behind its original."""
        names = [n for n in self._fields if n not in {"csrf_token", "seen"} and not n.endswith(TRANSLATION)]
        found = []
        for name in names:
            found.append(self._fields[name])
            if name + TRANSLATION in self._fields:
                found.append(self._fields[name + TRANSLATION])
        return found

    @property
    def general(self) -> list[str]:
        """What stands in the way and belongs beside no control."""
        return getattr(self, "_general", [])

    def refuse(self, field: str, text: Any) -> None:
        """Put a refusal beside its control; what has none goes to the top of the page."""
        if field in self._fields and self._fields[field].type != "HiddenField":
            super().refuse(field, text)
        else:
            self._general = [*self.general, str(text)]

    def refuse_at(self, command: Command, field: str, text: str) -> None:
        """Put a refusal of one of this form's commands beside its control."""
        self.refuse(field, text)

    def summary(self) -> Problems:
        """Every refusal with the control to go to, however deep it lies."""
        return Problems([*({"text": text} for text in self.general), *summary(self)])


def summary(form: Form) -> Problems:
    """Every refusal of a form with the control to go to, however deep it lies."""
    return Problems({"text": text, "href": f"#{at}"} for text, at in _errors(form))


def _errors(form: Form) -> Iterator[tuple[str, str]]:
    for field in form:
        yield from _field_errors(field)


def _field_errors(field: Any) -> Iterator[tuple[str, str]]:
    if isinstance(field, FormField):
        yield from _errors(field.form)
    elif isinstance(field, FieldList):
        own = [one for one in field.errors if isinstance(one, str)]
        if own:
            yield own[0], first_control(field)
        for entry in field.entries:
            yield from _field_errors(entry)
    elif field.errors and field.type != "CSRFTokenField":
        yield str(first_error(field.errors)), first_control(field)


FORMS: dict[Action, type[ActionForm]] = {}
Made = TypeVar("Made", bound=type[ActionForm])


def form_for(action: Action) -> Any:
    """Register a class as the form of an action."""

    def register(form: Made) -> Made:
        form.action = action
        FORMS[action] = form
        return form

    return register


# Answers of several kinds ----------------------------------------------------------------------------------


def long(label: str, hint: str = "", *checks: Any, **more: Any) -> TextAreaField:
    """A long answer. The law says whether it may be empty, so that its sentence names the clause."""
    return TextAreaField(label, [*checks, at_most(LONG)], description=hint, **more)


def short(label: str, hint: str = "", *checks: Any, **more: Any) -> StringField:
    """An answer of one line."""
    return StringField(label, [*checks, at_most(SHORT)], description=hint, **more)


def translation(view: CaseView) -> TextAreaField:
    """The same words in the resident's language; without them the letter says that they are on their way."""
    name = i18n.english_name(view.state.language)
    hint = "Written by a person. Leave it empty if there is none yet: the letter will say that it follows."
    return TextAreaField(f"The same in {name}", [optional(), at_most(LONG)], description=hint)


def day_of(field: DateParts) -> date:
    """The day of a date that must be there, once `validate` was happy."""
    if field.data is None:
        raise ValueError(f"{field.name} was left empty")
    return field.data


def yes_no(value: str | None) -> bool | None:
    """The answer of a yes/no/unknown question."""
    return {"yes": True, "no": False}.get(value or "")


def pence(text: str | None) -> int | None:
    """Pounds as typed ("£1,250.5") in pence, exactly; None for what is no amount."""
    plain = (text or "").replace("£", "").replace(",", "").replace(" ", "")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount < 1_000_000 or amount != amount.quantize(Decimal("0.01")):
        return None
    return int(amount * 100)


def pounds() -> Any:
    """The answer is an amount in pounds and at most two decimals, or empty."""

    def check(form: Any, field: Any) -> None:
        if field.data and pence(field.data) is None:
            raise ValidationError("Enter an amount in pounds, such as 150.00")

    return check


def whole_number(most: int) -> Any:
    """The answer is a whole number from 0 to `most`, or empty. Longer digits are no number here."""

    def check(form: Any, field: Any) -> None:
        if field.data and number(field.data, most) is None:
            raise ValidationError(f"Enter a whole number up to {most}")

    return check


def number(text: str | None, most: int) -> int | None:
    """A whole number from 0 to `most`, None for anything else."""
    plain = (text or "").strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 9):
        return None
    return int(plain) if int(plain) <= most else None


YES = "Unless it is yourself, they say yes in person: save a draft, then “Ask a colleague”."


def said_yes_to(view: CaseView, about: Action, field: str) -> dict[str, str]:
    """Whoever said yes to this step, as the answer to the question who did."""
    yes = [x for x in approvals.asked(view.state, about) if x.fine]
    return {field: str(yes[-1].by_id)} if yes else {}


class People(SelectField):
    """One colleague, chosen by account number.

    A number that is not on offer is not refused here: the guard looks at it and says why it will not do.
    """

    def __init__(self, label: str, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, choices=choices([("", "Choose")]), validate_choice=False, **more)

    def offer(self, people: tuple[Eligible, ...], *, load: bool = False) -> None:
        """Set who may be chosen; with `load`, how many open cases each of them holds."""
        self.choices = choices([("", "Choose"), *((p.id, _person(p, load)) for p in people)])

    @property
    def ref(self) -> StaffRef | None:
        """The person as the case remembers them; None for nobody, or a number that is nobody's."""
        wanted = number(self.data, LARGEST_ID)
        if wanted is None:
            return None
        found = next((p for p in candidates.colleagues() if p.id == wanted), None)
        return staff_ref(found) if found else None


def _person(person: Eligible, load: bool) -> str:
    name = f"{person.name}, {person.job}" if person.job else person.name
    name = f"{name} ({person.away})" if person.away else name
    if not load:
        return name
    return f"{name} ({person.load} open {'case' if person.load == 1 else 'cases'})"


def staff_ref(person: Eligible) -> StaffRef:
    """A colleague as the case remembers them."""
    return StaffRef(
        id=person.id, name=person.name, job=person.job, phone=person.phone or "", email=person.email
    )


def chosen(message: str) -> Any:
    """Somebody was chosen who has an active account."""

    def check(form: Any, field: Any) -> None:
        if field.ref is None:
            raise ValidationError(message)

    return check


def instant(day: date | None, at: str | None) -> datetime:
    """A London day and an hour such as 14:30; the present when nothing was said, noon without an hour.

    Today without an hour is now, so that it is never in the future.
    """
    if day is None:
        return clock.now()
    hour = hour_of(at)
    if hour is None:
        if day == clock.today():
            return clock.now()
        hour = time(12)
    return datetime.combine(day, hour, clock.LONDON)


def hour_of(text: str | None) -> time | None:
    """14:30, 14.30 or 9 as a time; None for anything else."""
    plain = (text or "").strip().replace(".", ":")
    parts = plain.split(":")
    if not 1 <= len(parts) <= 2 or not all(p.isascii() and p.isdigit() and len(p) <= 2 for p in parts):
        return None
    hour, minute = int(parts[0]), int(parts[1]) if len(parts) == 2 else 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def an_hour() -> Any:
    """The answer is a time of day, or empty."""

    def check(form: Any, field: Any) -> None:
        if field.data and hour_of(field.data) is None:
            raise ValidationError("Enter the time in hours and minutes, such as 14:30")

    return check


def within_calendar() -> Any:
    """The day lies where bank holidays are known, so that its reminders can be counted."""

    def check(form: Any, field: Any) -> None:
        if field.data and form.view.left(field.data) is None:
            raise ValidationError("Check the year. It is too far away to be planned")

    return check
