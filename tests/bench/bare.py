"""The same page without its work: a Flask view that renders the rows from memory with the same template.

What a real page takes beyond this is what finding the rows costs; the rest is Flask and Jinja.
"""

from inspect import isfunction, signature
from typing import Any

from flask import Flask, abort, render_template, template_rendered
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from jinja2 import Template

from shared.web.access import public
from tests.support.stopwatch import Browser

ADDRESS = "/staff/bare-page"  # below /staff, so that templates take it for a page of that side
OF_A_REQUEST = ("request", "session", "g")
KEY = "bench_bare"


def init_app(app: Flask) -> None:
    """Add the view; it shows whatever `remember` kept last."""
    app.extensions[KEY] = None

    @public
    def bare_page() -> ResponseReturnValue:
        kept: tuple[str, dict[str, Any]] | None = app.extensions[KEY]
        if kept is None:
            abort(404)
        name, context = kept
        return render_template(name, **context)

    app.add_url_rule(ADDRESS, view_func=bare_page)


def remember(app: Flask, browser: Browser, url: str) -> bool:
    """Open a page and keep what its template was given. False when the page rendered none."""
    found: list[tuple[str, dict[str, Any]]] = []

    def note(_app: Flask, template: Template, context: dict[str, Any], **_: Any) -> None:
        if template.name:
            kept = {name: _found_out(value) for name, value in context.items() if name not in OF_A_REQUEST}
            found.append((template.name, kept))

    with template_rendered.connected_to(note, app):
        browser.get(url)
    app.extensions[KEY] = found[-1] if found else None
    return bool(found)


def _found_out(value: Any) -> Any:
    """What a template would find out by calling a function of a side, found out once."""
    if not isfunction(value) or value.__module__.partition(".")[0] != "staff" or signature(value).parameters:
        return value
    answer = value()
    return lambda: answer


def browser(app: Flask) -> FlaskClient:
    """Somebody who is not signed in, for whom nothing has to be looked up."""
    return app.test_client()
