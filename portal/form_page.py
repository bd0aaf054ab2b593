"""A page of one form on the resident's side: shown, shown in another language, checked, sent."""

from collections.abc import Callable
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from portal import kept_files
from portal.case_access import OpenCase
from portal.forms.base import LONG
from portal.languages import only_language
from shared import config, i18n
from shared.vocab import Action
from shared.web.file_words import size_text
from shared.web.forms import Form, at_most, optional
from shared.web.render import render

Show = Callable[[], ResponseReturnValue]


def story(label: Any, *checks: Any) -> TextAreaField:
    """A field for as many words as somebody needs."""
    return TextAreaField(label, [*(checks or (optional(),)), at_most(LONG)])


def page(
    case: OpenCase,
    form: Form,
    template: str,
    heading: str,
    send: Callable[[Show], ResponseReturnValue],
    *,
    with_files: bool = False,
    **more: Any,
) -> ResponseReturnValue:
    """A page of one form: shown, shown again in another language, checked, sent.

    Files are taken first of all, whatever else is wrong: `held_files` has them.
    """

    def show(status: int = 200) -> ResponseReturnValue:
        errors_found = bool(form.errors)
        return render(
            template,
            status=422 if errors_found else status,
            heading=heading,
            form=form,
            seen=request.form.get("seen", "") or case.view.version,
            case=case,
            may=case.may,
            A=Action,
            with_files=with_files,
            held=held_files(),
            most=size_text(config.current().max_upload_bytes),
            size_text=size_text,
            **more,
        )

    if request.method == "GET":
        return show()
    right = form.validate_on_submit()
    if with_files:
        g.held = kept_files.take(case.actor, form)
    if only_language() or kept_files.DROP in request.form:
        return show()
    if not right or form.errors:
        return show(422)
    return send(show)


def held_files() -> list[kept_files.Held]:
    """The files that wait on the form of this request."""
    found: list[kept_files.Held] = g.get("held", [])
    return found


def spoken() -> str:
    """The language of the page on which something was written."""
    return i18n.current().code
