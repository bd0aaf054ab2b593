"""What was posted after a session had ended: carried through the sign-in page, so that no typed word is lost.

The words travel in the sign-in form itself, under names of their own, and are shown before they are sent again.
Only posts that our own pages began are carried: a forged one must not get a button that makes it valid.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from flask import request

from shared.web import errors

MARK = "kept:"  # before the name of each field that the sign-in form carries
MOST = 400  # fields of one form; more is not one of ours

Fields = Sequence[tuple[str, str]]
Secret = Callable[[str], bool]  # whether what was typed into that control must never be shown again


def posted(secret: Secret = errors.is_secret) -> Fields:
    """The fields of the post in hand that may be carried; none when it did not come from our own pages."""
    if request.method != "POST" or not errors.came_from_us():
        return []
    return _without(secret, request.form.items(multi=True))


def carried(secret: Secret = errors.is_secret) -> Fields:
    """The fields that the sign-in form brought along, under the names that they had."""
    fields = request.form.items(multi=True)
    return _without(secret, ((n.removeprefix(MARK), v) for n, v in fields if n.startswith(MARK)))


def marked(fields: Fields) -> Fields:
    """The same fields under the names by which the sign-in form carries them."""
    return [(MARK + name, value) for name, value in fields]


def words(fields: Fields, untyped: Collection[str] = errors.UNTYPED) -> dict[str, str]:
    """What a person typed among them, to be read before it is sent; `untyped` names controls that hold no words."""
    return {str(n): v for n, (name, v) in enumerate(fields) if v.strip() and name not in untyped}


def _without(secret: Secret, fields: Iterable[tuple[str, str]]) -> Fields:
    return [(name, value) for name, value in fields if not secret(name)][:MOST]
