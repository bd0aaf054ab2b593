"""Single-key shortcuts: off until somebody switches them on, since speech input types letters (WCAG 2.1.4)."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from shared.web.access import staff
from shared.web.render import render, see_other
from staff import preferences
from staff.blueprint import pages

COOKIE = "redress_keys"
KEYS = (
    ("j", "Next case in a list"),
    ("k", "Case before it"),
    ("x", "Tick or untick that case"),
    ("r", "On a case: write to the resident"),
    ("n", "On a case: internal note"),
    ("a", "On a case: name who looks into it"),
    ("i", "Inbox"),
    ("/", "Search"),
    ("?", "This page"),
)


def are_on() -> bool:
    """Whether this browser has the shortcuts switched on."""
    return request.cookies.get(COOKIE) == "on"


@pages.get("/keys")
@staff()
def keys() -> ResponseReturnValue:
    """What there is, and the switch."""
    return render("staff/keys.html", keys=KEYS, on=are_on())


@pages.post("/keys")
@staff()
def keys_post() -> ResponseReturnValue:
    """Switch them, for this browser."""
    answer = see_other(url_for("staff.keys"))
    preferences.remember(answer, COOKIE, "on" if request.form.get("keys") == "on" else "off")
    return answer
