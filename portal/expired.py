"""What stands in the way of a press although no word is wrong: they come back, ready to be sent again.

A page of the complaint that lay open until the session ended, and one that was sent too soon after many others.
"""

from typing import Any

from flask import abort, g, jsonify, request
from flask_wtf.csrf import CSRFError

from portal import questions, sending, uploads
from portal.blueprint import pages
from portal.journey import adopt, answers, begun, form_of, show
from portal.rate_limits import TooFast
from portal.sign_in import too_many
from shared import i18n
from shared.web import errors
from shared.web.context import this_page_in
from shared.web.render import see_other


@pages.errorhandler(CSRFError)
def expired(error: CSRFError) -> Any:
    """Words come back in their fields and files are kept; all else gets its words on a page of their own.

    Nothing is sent here, and nothing is taken from a post that began elsewhere.
    """
    if request.endpoint == "portal.start":  # where nothing was written yet
        return see_other(this_page_in(i18n.current()))
    ours = {"portal.question", "portal.check", "portal.files"}
    if not errors.came_from_us() or request.endpoint not in ours:
        return errors.expired(error)
    adopt()
    g.portal_expired = True
    if request.endpoint == "portal.check":
        return sending.once_more()
    if request.endpoint == "portal.files":
        form = uploads.FilesForm()
        uploads.take(form)
        return uploads.show(form, 422)
    asked = questions.BY_NAME[(request.view_args or {})["name"]]
    return show(asked, form_of(asked, {**answers(), **begun()}, sent=True), status=422)


@pages.errorhandler(TooFast)
def too_fast(error: TooFast) -> Any:
    """Say how long to wait, on the page itself; the next press goes through."""
    said = too_many(error.seconds)
    if request.endpoint == "portal.question":
        asked = questions.BY_NAME[(request.view_args or {})["name"]]
        form = form_of(asked, {**answers(), **begun()}, sent=True)
        form.refuse(next(iter(form)).name, said)
        return show(asked, form, status=422)
    if request.endpoint == "portal.files":
        files = uploads.FilesForm()
        files.refuse("files", said)
        return uploads.show(files, 422)
    if request.endpoint == "portal.piece":
        return jsonify(problem=said), 429
    abort(429)
