"""What all forms of the journey share: answers that fit into a draft, and words that fit the reader."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import StringField

from portal.languages import only_language
from shared.web.forms import Form as AnyForm
from shared.web.forms import at_most, optional, tidy

LONG = 20_000  # characters of a story: ten pages of print
SHORT = 200
TURNING = frozenset(
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200b\u2060"
)

Answers = Mapping[str, Any]


def one_line(value: str | None) -> str:
    """Text of one line without the signs that turn or hide letters: a name must read as it was typed."""
    return " ".join("".join(c for c in value or "" if c not in TURNING).split())


def lines(value: str | None) -> str:
    """Text of a few lines, each tidied like `one_line`, empty ones left out."""
    return "\n".join(tidy for raw in (value or "").splitlines() if (tidy := one_line(raw)))


class Form(AnyForm):
    """A form of the resident's side. One that only asks for the page in another language was not sent."""

    def is_submitted(self) -> bool:
        """Whether this request wants something done."""
        return super().is_submitted() and not only_language()


class Question(Form):
    """One page of the journey. `suit` adapts its words to what was answered before."""

    def suit(self, answers: Answers) -> None:
        """Called before the form is shown or checked; changes labels, never answers."""

    def question(self) -> Any:
        """The heading of the page: the label of its first field unless the page says otherwise."""
        return next(iter(self)).label.text

    def kept(self) -> dict[str, Any]:
        """The answers as a draft keeps them: text, lists of text, true or false."""
        return {name: _plain(value) for name, value in self.typed().items()}

    @classmethod
    def of(cls, answers: Answers) -> "Question":
        """The form filled from a draft's answers as if they had just been sent; for checking them again."""
        form = cls(formdata=as_sent(cls, answers), meta={"csrf": False})
        form.suit(answers)
        return form


def _plain(value: Any) -> Any:
    """An answer without what no database keeps; also of choices, which nobody has tidied yet."""
    if isinstance(value, (list, tuple)):
        return [tidy(str(one)) for one in value]
    if isinstance(value, bool):
        return value
    return tidy(str(value)) if value is not None else ""


def as_sent(form: type[AnyForm], answers: Answers) -> MultiDict[str, Any]:
    """Kept answers in the shape in which a browser sends them."""
    found: MultiDict[str, Any] = MultiDict()
    for name, value in answers.items():
        if not hasattr(form, name):
            continue
        if isinstance(value, bool):
            if value:
                found.add(name, "y")
        elif isinstance(value, (list, tuple)):
            found.setlist(name, [str(one) for one in value])
        elif value not in (None, ""):
            found.add(name, str(value))
    return found


def line(label: Any, *checks: Any, limit: int = SHORT) -> StringField:
    """A field of one line; its checks come before the length."""
    return StringField(label, [*(checks or (optional(),)), at_most(limit)], filters=[one_line])
