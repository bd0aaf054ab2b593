"""What was posted after a session had ended: carried through the door, so that no typed word is lost.

The words travel in the sign-in form itself, under names of their own, and are shown before they are sent again.
Only posts that our own pages began are carried: a forged one must not get a button that makes it valid.
"""

from collections.abc import Iterable

from flask import request

from shared.web import errors

MARK = "carried:"
MANY = 400  # fields of one form
NEVER = ("csrf_token", "password")
QUIET = ("seen", "do", "step")  # sent again, but nothing to read

Fields = list[tuple[str, str]]


def posted() -> Fields:
    """The fields of the post in hand that may be carried; none when it did not come from our own pages."""
    if request.method != "POST" or not errors.came_from_us():
        return []
    return _without_secrets(request.form.items(multi=True))


def from_sign_in_form() -> Fields:
    """The fields that the sign-in form carried."""
    marked = [(n.removeprefix(MARK), v) for n, v in request.form.items(multi=True) if n.startswith(MARK)]
    return _without_secrets(marked)


def words(fields: Fields) -> dict[str, str]:
    """What a person typed among them, to be read before it is sent."""
    return {f"{n}": v for n, (name, v) in enumerate(fields) if v.strip() and name not in QUIET}


def _without_secrets(fields: Iterable[tuple[str, str]]) -> Fields:
    return [(n, v) for n, v in fields if not any(word in n.lower() for word in NEVER)][:MANY]
