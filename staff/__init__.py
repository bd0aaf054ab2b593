"""The staff side."""

from importlib import import_module
from importlib.util import find_spec

from flask import Flask, Response

from shared.cases.openings import write

# Every module that hangs pages on the blueprint; imported once, whatever the number of applications.
MODULES = (
    "staff.sign_in",
    "staff.home",
    "staff.inbox",
    "staff.saved_views",
    "staff.bulk",
    "staff.search",
    "staff.dashboard",
    "staff.people",
    "staff.absences",
    "staff.roles",
    "staff.rules",
    "staff.holidays",
    "staff.shortcuts",
    "staff.openings",
    "staff.case",
    "staff.codes",
    "staff.actions",
    "staff.presence",
    "staff.drafts",
    "staff.my_work",
    "staff.texts",
    "staff.letters",
    "staff.files",
    "staff.intake",
    "staff.mail",
    "staff.undelivered",
)


def register(app: Flask) -> None:
    """Put this side's pages on an application."""
    from staff import navigation, sign_in
    from staff.blueprint import pages

    for module in MODULES:
        if find_spec(module):
            import_module(module)
    app.register_blueprint(pages)
    app.after_request(_keep_trace)
    sign_in.init_app(app)
    navigation.init_app(app)


def _keep_trace(response: Response) -> Response:
    """Write down which cases this answer showed, now that it is made."""
    write()
    return response
