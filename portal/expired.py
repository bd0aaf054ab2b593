"""A page of the complaint that lay open until the session ended comes back as it was, ready to be sent again."""

from typing import Any

from flask import g, request
from flask_wtf.csrf import CSRFError

from portal import questions, uploads
from portal.blueprint import pages
from portal.journey import adopt, answers, begun, form_of, page_url, show
from portal.questions import CHECK
from shared.web import errors
from shared.web.render import go_on


@pages.errorhandler(CSRFError)
def expired(error: CSRFError) -> Any:
    """Words come back in their fields and files are kept; all else gets its words on a page of their own.

    Nothing is sent here, and nothing is taken from a post that began elsewhere.
    """
    ours = {"portal.question", "portal.check", "portal.files"}
    if not errors.came_from_us() or request.endpoint not in ours:
        return errors.expired(error)
    adopt()
    g.portal_expired = True
    if request.endpoint == "portal.check":
        return go_on(page_url(CHECK))
    if request.endpoint == "portal.files":
        form = uploads.FilesForm()
        uploads.take(form)
        return uploads.show(form, 422)
    asked = questions.BY_NAME[(request.view_args or {})["name"]]
    return show(asked, form_of(asked, {**answers(), **begun()}, sent=True), status=422)
