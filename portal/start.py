"""The first page: what this is, other ways to complain, the first question; and links from elsewhere."""

import unicodedata
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal import session
from portal.blueprint import doorstep, pages
from portal.forms.about import WHO_HINTS, WhoForm
from shared import i18n
from shared.vocab import Kind
from shared.web.access import public
from shared.web.render import render, see_other

CARRIED = ("campaign", "building")  # what a link from elsewhere may fill in
ELSEWHERE = "https://www.bbc.co.uk/weather"
OTHER_KINDS = (Kind.SERVICE_REQUEST, Kind.COMPLIMENT, Kind.COMMENT)


def carried(name: str) -> str:
    """A short name from a link's query: letters, digits and a little punctuation, on one line."""
    typed = unicodedata.normalize("NFC", request.values.get(name, ""))[:400]
    kept = "".join(c for c in typed if c.isalnum() or c in " -_'’.,/&" or unicodedata.category(c)[0] == "M")
    return " ".join(kept.split())[:80]


@pages.route("/", methods=["GET", "POST"])
@public
def start() -> ResponseReturnValue:
    """The start page, with "Who is this about?" on it, so that the shortest way is short.

    A POST comes from the language switcher alone and brings along what was chosen; nothing is kept yet.
    """
    draft = session.draft()
    form = WhoForm(data={"who": "me"})
    form.suit({})
    return render(
        "portal/start.html",
        form=form,
        hints=WHO_HINTS,
        carried={name: value for name in CARRIED if (value := carried(name))},
        unsent=draft is not None and not draft.case_ref and bool(draft.answers),
        signed_in=session.current_resident(),
        other_kinds=OTHER_KINDS,
    )


@pages.get("/leave")
@public
def leave_quickly() -> ResponseReturnValue:
    """For somebody who must not be seen here: this browser forgets all, and shows the weather instead."""
    session.forget()
    return see_other(ELSEWHERE)


@doorstep.get("/complain")
@public
def complain() -> ResponseReturnValue:
    """The address to put on a website or a poster: /complain?campaign=damp&building=Elm+Court&lang=ur."""
    try:
        lang = i18n.language(request.args.get("lang", "")).code
    except LookupError:
        lang = i18n.choose(request.accept_languages).code
    found: dict[str, Any] = {name: value for name in CARRIED if (value := carried(name))}
    return see_other(url_for("portal.start", lang=lang, **found))
