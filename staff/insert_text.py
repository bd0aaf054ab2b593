"""The small buttons that put a ready text, or a colleague's name, into what somebody is writing."""

from collections.abc import Iterator, Mapping
from typing import Any

from wtforms import FormField

from shared.cases.colleagues import snippets
from shared.db import LARGEST_ID
from shared.vocab import Action
from staff.forms import ActionForm
from staff.forms.base import number

# Forms in which texts are offered: all that write words somebody else will read.
WITH_TEXTS = frozenset(
    {
        Action.ACKNOWLEDGE,
        Action.ASK_CLARIFICATION,
        Action.CLOSE,
        Action.COMMIT,
        Action.DECIDE,
        Action.DECLINE_ESCALATION,
        Action.DEFINE,
        Action.EXTEND,
        Action.MESSAGE,
        Action.NOT_ACCEPT,
        Action.NOTE,
        Action.OFFER_REMEDY,
        Action.RECORD_CONTACT,
        Action.RESPOND,
        Action.UPDATE_RESIDENT,
    }
)


def text_boxes(form: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """The boxes of a form that take a longer text: control name and label."""
    for field in form:
        if isinstance(field, FormField):
            yield from text_boxes(field.form, f"{field.label.text}: ")
        elif field.type == "TextAreaField":
            yield field.name, f"{before}{field.label.text}"


def target(sent: Mapping[str, str]) -> str:
    """The control that something is to be put into."""
    return sent.get("put_into", "")


def insert(form: ActionForm, sent: Mapping[str, str]) -> None:
    """Put the chosen text, or name, behind what is there; nothing when none was chosen."""
    field = next(
        (f for f in _all(form) if f.name == sent.get("put_into") and f.type == "TextAreaField"), None
    )
    if field is None:
        return
    wanted = number(sent.get("put_text"), LARGEST_ID)
    text = snippets.found(wanted) if wanted else None
    if text is not None:
        words = snippets.filled(text, form.view, form.actor)
        field.data = f"{field.data or ''}\n\n{words}".strip()
    name = sent.get("put_name", "")
    if name and name in {person.name for person in getattr(form, "colleagues", ())}:
        field.data = f"{field.data or ''} @{name} ".lstrip()


def _all(form: Any) -> Iterator[Any]:
    for field in form:
        if isinstance(field, FormField):
            yield from _all(field.form)
        else:
            yield field
