"""The language switcher of pages with a form: its lines are buttons, so that what was typed comes along.

A press posts the form to the same page in the other language, which shows it filled in and sends nothing. The
questions of the complaint keep their answers in the draft instead and need none of this.
"""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from shared import i18n
from shared.web.context import this_page_in

# Pages that keep what was typed in the draft before they change the language.
KEPT_IN_DRAFT = frozenset({"portal.question", "portal.files"})


def pressed() -> i18n.Language | None:
    """The language whose button was pressed on a form, if that was what was pressed."""
    if request.method != "POST":
        return None
    try:
        return i18n.language(request.form.get("language", ""))
    except LookupError:
        return None


def only_language() -> bool:
    """Whether this post came only to show the page, filled in, in another language."""
    return pressed() is not None


def switch() -> ResponseReturnValue | None:
    """Before every view: the same post once more, to the page in the language that was pressed.

    307 keeps what was typed on its way.
    """
    found = pressed()
    if found is None or found == i18n.current() or request.endpoint in KEPT_IN_DRAFT:
        return None
    return redirect(this_page_in(found), code=307)
