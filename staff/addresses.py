"""Who is signed in, which case an address means, and the addresses of a case."""

from typing import Any

from flask import abort, url_for

from shared.identity.actors import Staff
from shared.identity.roles import Permission, holders
from shared.identity.tokens import parse_reference
from shared.vocab import Action
from shared.web import access

CASE_ROLES = tuple(sorted(holders(Permission.SEES_INBOX)))


def me() -> Staff:
    """Who is signed in."""
    who = access.actor()
    if not isinstance(who, Staff):
        abort(403)
    return who


def true_ref(text: str) -> str:
    """A reference in its one true spelling; the page "not found" for what is none."""
    found = parse_reference(text)
    if found is None:
        abort(404)
    return found


def case_url(ref: str, **more: Any) -> str:
    """The address of a case."""
    return url_for("staff.case", ref=ref, **more)


def act_url(ref: str, action: Action | str, point: str = "", **more: Any) -> str:
    """The address of an action's form; with `point`, of the part of it that is about one point."""
    return url_for("staff.act", ref=ref, action=str(action), point=point or None, **more)
