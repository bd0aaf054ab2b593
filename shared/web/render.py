"""The only module that speaks htmx: a page or its fragment from one view, and the ways to leave a page.

Every view works without scripts. A view names its page and, where part of it can change in place, the
fragment that the page includes; which of the two is sent is decided here and nowhere else.
"""

from typing import Any

from flask import Response, make_response, redirect, render_template
from htmx_flask import request
from werkzeug.wrappers import Response as BaseResponse

MAIN = "#main-content"


def wants_fragment() -> bool:
    """True when htmx asks for a part of a page; going back in history always gets the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def render(page: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """Answer with a page, or with its fragment when htmx asked for that.

    page, fragment: template names ("portal/status.html", "portal/_progress.html"). Use status 422 when a form
    came back with errors, so that htmx, browsers and tests can tell.
    """
    name = fragment if fragment and wants_fragment() else page
    response = make_response(render_template(name, **context), status)
    if wants_fragment() and name == page:
        _replace_main(response)
    return _varied(response)


def see_other(url: str) -> BaseResponse:
    """Post, redirect, get: the only good answer to a POST that worked. htmx follows it by itself."""
    return _varied(redirect(url, code=303))


def go_on(url: str) -> BaseResponse:
    """Post, redirect, get, as a whole page from htmx too: what was sent is kept before the page changes."""
    if not wants_fragment():
        return see_other(url)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return _varied(response)


def leave(url: str) -> BaseResponse:
    """Send the reader to another page as a whole, from htmx too (sign-in, or the end of a journey)."""
    if not wants_fragment():
        return see_other(url)
    response = make_response("", 401)
    response.headers["HX-Redirect"] = url
    return _varied(response)


def safe_next(target: str | None, otherwise: str) -> str:
    """Where a form asked to go on to, if that is an address of ours; otherwise `otherwise`."""
    plain = target or ""
    # A browser reads a backslash as a slash.
    if (
        not plain.startswith("/")
        or plain.startswith("//")
        or "\\" in plain
        or any(ord(c) < 32 for c in plain)
    ):
        return otherwise
    return plain


def _replace_main(response: Response) -> None:
    """A whole page in answer to htmx (an error page, say) takes the place of the main part."""
    response.headers["HX-Retarget"] = MAIN
    response.headers["HX-Reselect"] = MAIN
    response.headers["HX-Reswap"] = "outerHTML show:window:top"


def _varied(response: Any) -> Any:
    response.vary.add("HX-Request")
    return response
