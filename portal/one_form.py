"""A page of one form on the resident's side: shown, shown in another language, checked, sent."""

from collections.abc import Callable
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from portal.forms.base import LONG
from portal.languages import only_language
from portal.sight import Open
from shared import i18n
from shared.vocab import Action
from shared.web.forms import Form, at_most, optional
from shared.web.render import render

Show = Callable[[], ResponseReturnValue]


def story(label: Any, *checks: Any) -> TextAreaField:
    """A field for as many words as somebody needs."""
    return TextAreaField(label, [*(checks or (optional(),)), at_most(LONG)])


def page(
    case: Open,
    form: Form,
    template: str,
    heading: str,
    send: Callable[[Show], ResponseReturnValue],
    **more: Any,
) -> ResponseReturnValue:
    """A page of one form: shown, shown again in another language, checked, sent."""

    def show(status: int = 200) -> ResponseReturnValue:
        errors_found = bool(form.errors) and not only_language()
        return render(
            template,
            status=422 if errors_found else status,
            heading=heading,
            form=form,
            seen=request.form.get("seen", "") or case.view.version,
            case=case,
            may=case.may,
            A=Action,
            **more,
        )

    if request.method == "GET" or only_language():
        return show()
    if not form.validate_on_submit():
        return show(422)
    return send(show)


def spoken() -> str:
    """The language of the page on which something was written."""
    return i18n.current().code
