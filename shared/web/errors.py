"""Pages for when something goes wrong: what happened, what to do now, who can help, and nothing lost.

They tell residents nothing about the inside of the service, and they come out in the language of the path.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from shared.db import db
from shared.web.render import render

SECRET = ("password", "token", "passphrase")  # in the name of a control
# Controls of ours and buttons that answer by themselves, never what somebody wrote.
UNTYPED = {"seen", "press", "do", "language", "held", "drop", "accepted", "done"}
PAGES = {400, 401, 403, 404, 405, 409, 410, 413, 414, 415, 422, 429, 500, 503}


def conflict(changes: Iterable[str] = (), typed: Mapping[str, Any] | None = None, back: str = "") -> Response:
    """The 409 page for a form that was filled in on an old state of the case.

    changes: what happened meanwhile, one sentence each. typed: what the reader had written, shown so that it
    can be copied (the texts of the post by default). back: where to go on. The post was not carried out.
    """
    words = typed if typed is not None else typed_words()
    return render(
        "errors/409.html", status=409, changes=list(changes), typed=words, back=back or request.path
    )


def typed_words() -> dict[str, str]:
    """The texts of a rejected post, without what must not be shown again (passwords, codes, tokens)."""
    found: dict[str, str] = {}
    for key, values in request.form.lists():
        text = "\n".join(value for value in values if value.strip())
        if text and key not in UNTYPED and not is_secret(key):
            found[key] = text
    return found


def is_secret(control: str) -> bool:
    """Whether what was typed there must never be shown again. A postcode and a reason's code are no secrets."""
    return control == "code" or any(word in control.lower() for word in SECRET)


def came_from_us() -> bool:
    """True when the browser vouches that this post was started on one of our own pages."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(origin) and urlsplit(origin or "").netloc == request.host


def init_app(app: Flask) -> None:
    """Register a friendly page for every error, the unexpected ones included."""
    app.register_error_handler(CSRFError, expired)
    app.register_error_handler(HTTPException, _http)


def expired(_error: CSRFError) -> Response:
    """A form that lay open for too long: the words come back, ready to be sent again.

    Sending again from here is offered only for posts that began on our own pages; a forged post from
    elsewhere must not get a button that makes it valid.
    """
    ours = came_from_us()
    fields = [(key, value) for key, value in request.form.items(multi=True) if key != "csrf_token"]
    again = ours and not request.files and not any(is_secret(key) for key, _ in fields)
    return render("errors/400_expired.html", status=400, typed=typed_words(), fields=fields if again else [])


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400 or error.response is not None:
        return error  # a redirect, or an answer that somebody composed
    if error.code >= 500:
        db.session.rollback()
    code = error.code if error.code in PAGES else (500 if error.code >= 500 else 400)
    response = _page(code, error.code)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def _page(code: int, status: int) -> Response:
    heading, paragraphs = _words(code)
    try:
        return render("errors/error.html", status=status, code=code, heading=heading, paragraphs=paragraphs)
    except Exception:  # the frame itself may be what broke: the telephone number still has to come out
        current_app.logger.exception("the error page failed too")
        return make_response(
            render_template("errors/bare.html", heading=heading, paragraphs=paragraphs), status
        )


def _words(code: int) -> tuple[str, list[str]]:
    """Heading and sentences of an error page, in the reader's language."""
    match code:
        case 401 | 403:
            return gettext("You cannot see this page"), [
                gettext("You may need to sign in, or this page may be for somebody else."),
                gettext("If you think that this is wrong, please contact us."),
            ]
        case 404 | 410:
            return gettext("Page not found"), [
                gettext("If you typed the web address, check that it is correct."),
                gettext("If you copied the web address, check that you copied all of it."),
            ]
        case 405:
            return gettext("Please go back and try again"), [
                gettext("This page cannot be opened in this way.")
            ]
        case 413 | 414:
            return gettext("What you sent is too big"), [
                gettext("We did not get it. Go back in your browser: your text may still be there."),
                gettext("Send fewer files, or smaller files. You can send more later."),
            ]
        case 429:
            return gettext("Please wait a moment"), [
                gettext("There were too many tries in a short time."),
                gettext("Wait a few minutes, then try again. If you cannot wait, please contact us."),
            ]
        case 503:
            return gettext("The service is not working now"), [
                gettext("We are working on it. You can use it again later."),
                gettext("If you cannot wait, please contact us."),
            ]
        case _ if code >= 500:
            return gettext("Sorry, something went wrong"), [
                gettext("This is our mistake. It is not because of anything that you did."),
                gettext("Go back in your browser: your text may still be there. Then try again."),
                gettext("If it does not work, please contact us. We can help you by phone."),
            ]
        case _:
            return gettext("We could not understand what was sent"), [
                gettext("Go back in your browser: your text may still be there. Then try again.")
            ]
