"""How somebody likes their pages, kept by their browser for a year."""

from flask import url_for
from werkzeug.wrappers import Response

from shared import config

YEAR = 365 * 24 * 3600  # seconds


def remember(answer: Response, cookie: str, choice: str) -> None:
    """Have the browser remember a choice on every staff page."""
    answer.set_cookie(
        cookie,
        choice,
        max_age=YEAR,
        path=url_for("staff.home"),
        httponly=True,
        samesite="Lax",
        secure=config.current().environment == "production",
    )
