"""Where a case leads back to, and a saved form on to: the list or the search that somebody came from.

The list goes along in the addresses of its cases, so that two windows with two lists do not get mixed up.
"""

from typing import Any
from urllib.parse import parse_qsl

from flask import has_request_context, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from shared.cases.inbox import lists
from shared.vocab import Action
from shared.web.render import see_other
from staff import listing
from staff.addresses import case_url, me
from staff.blueprint import pages

WITH_LIST = frozenset({"staff.case", "staff.act", "staff.draft", "staff.letter"})
LONGEST = 500  # characters of a list's address


@pages.app_url_defaults
def keep_list(endpoint: str, values: dict[str, Any]) -> None:
    """The addresses of a case go on with the list that somebody came to it from."""
    if endpoint not in WITH_LIST or "list" in values or not has_request_context():
        return
    came_from = request.args.get("list", "")[:LONGEST]
    if came_from and values.get("ref") == (request.view_args or {}).get("ref"):
        values["list"] = came_from


def _came_from() -> MultiDict[str, str]:
    return MultiDict(parse_qsl(request.args.get("list", "")[:LONGEST]))


def state() -> listing.State | None:
    """The list that this page was reached from; None when it was not reached from one."""
    query = _came_from()
    return listing.asked(query, me()) if query and "q" not in query else None


def way_back() -> tuple[str, str]:
    """The address and the name of where this page was reached from; the inbox for want of another."""
    query = _came_from()
    if "q" in query:
        asked: dict[str, Any] = {name: query[name] for name in ("q", "status", "page") if name in query}
        return url_for("staff.search", **asked), "Search"
    found = state()
    return (found.here() if found else url_for("staff.inbox")), "Inbox"


def next_one(ref: str) -> str:
    """The case after this one in that list, as it stands now; the first one behind the last; "" for none.

    Asked before the form is saved: afterwards the case may have left the list.
    """
    found = state()
    return lists.next_after(me(), found.tab, found.filters, ref) if found else ""


def done(
    ref: str, name: Action, *, since: int | None = None, after: str | None = None, go_on: bool = False
) -> ResponseReturnValue:
    """To the page that follows a saved form, which says what was done, and what else had changed."""
    said: dict[str, Any] = {"done": name.value} | ({"since": since} if since else {})
    if not go_on:
        return see_other(case_url(ref, **said))
    came_from = request.args.get("list", "")[:LONGEST]
    if after:
        return see_other(url_for("staff.case", ref=after, list=came_from, saved=ref, **said))
    found = state()
    if found is None:
        return see_other(case_url(ref, **said))
    return see_other(found.url(saved=ref, **said))  # from its first page: what comes first is due first
