"""Who may open a page: deny by default, one mark on every view, and no writing while reading.

A view without a mark answers 403, so that forgetting protects. The marks know neither side: the portal tells
who the resident is and the staff side who the officer is through `register_resident` and `register_staff`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, has_request_context, request
from flask.typing import ResponseReturnValue
from sqlalchemy import event
from sqlalchemy.engine import Engine

from shared.vocab import STAFF_ROLES, Role
from shared.web.render import leave

View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "redress_access"
EXTENSION = "redress_access"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a view says about its readers: public | resident | staff with some roles."""

    side: str
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Side:
    """How one side recognises its people.

    who: the signed-in person of this request, or None. door: the address of the sign-in page for a person who
    is not signed in, or that page itself where it has to keep what was posted. roles: the roles of a person
    that `who` returned (staff only).
    """

    who: Callable[[], Any | None]
    door: Callable[[], str | Response]
    roles: Callable[[Any], Collection[Role]] = lambda person: ()


class WroteWhileReading(RuntimeError):
    """A GET or HEAD request tried to change the database; mail scanners and browsers follow any link."""


def public(view: View) -> View:
    """Anybody may open this page."""
    return _marked(view, Mark("public"))


def resident(view: View) -> View:
    """Only the resident or helper whom the portal recognises; `access.actor()` says who."""
    return _marked(view, Mark("resident"))


def staff(*roles: Role) -> Callable[[View], View]:
    """Only signed-in staff, with one of `roles` where any is named: @staff() or @staff(Role.MANAGER)."""
    strangers = set(roles) - STAFF_ROLES
    if strangers:
        raise ValueError(f"not roles of staff: {sorted(strangers)}")
    return lambda view: _marked(view, Mark("staff", frozenset(roles)))


def _marked(view: View, mark: Mark) -> View:
    if not callable(view) or hasattr(view, ATTRIBUTE):
        raise TypeError(f"{view!r} must be a view function with a single access mark (@staff needs brackets)")
    setattr(view, ATTRIBUTE, mark)
    return view


def mark_of(view: Callable[..., Any]) -> Mark | None:
    """The mark of a view, through functools.wraps decorators; None when it carries none."""
    return getattr(view, ATTRIBUTE, None)


def actor() -> Any:
    """The person whom the view's mark let in. Raises LookupError on a public page, which has none."""
    if "actor" not in g:
        raise LookupError("no actor: this view is @public")
    return g.actor


def register_resident(app: Flask, who: Callable[[], Any | None], door: Callable[[], str | Response]) -> None:
    """The portal's say in who is signed in; `door` gives its sign-in page, or the address of it."""
    app.extensions[EXTENSION]["resident"] = Side(who, door)


def register_staff(
    app: Flask,
    who: Callable[[], Any | None],
    door: Callable[[], str | Response],
    roles: Callable[[Any], Collection[Role]],
) -> None:
    """The staff side's say in who is signed in and which roles that person holds."""
    app.extensions[EXTENSION]["staff"] = Side(who, door, roles)


def init_app(app: Flask) -> None:
    """Deny by default, before any view of the application runs."""
    app.extensions[EXTENSION] = {}
    if app.has_static_folder:
        setattr(app.view_functions["static"], ATTRIBUTE, Mark("public"))
    app.before_request(check)


def check() -> ResponseReturnValue | None:
    """Answer instead of the view when its mark does not let this reader in."""
    if request.endpoint is None:
        return None  # no such page, or not with this method: routing says so by itself
    mark = mark_of(current_app.view_functions[request.endpoint])
    if mark is None:
        current_app.logger.error("view %s carries no access mark", request.endpoint)
        abort(403)
    if mark.side == "public":
        return None
    side: Side | None = current_app.extensions[EXTENSION].get(mark.side)
    if side is None:
        abort(403)
    person = side.who()
    if person is None:
        door = side.door()
        return leave(door) if isinstance(door, str) else door
    if mark.roles and not mark.roles & set(side.roles(person)):
        abort(403)
    g.actor = person
    return None


# The one row that reading leaves behind: who opened a case (shared/cases/openings.py).
LEFT_BY_READING = "INSERT INTO CASE_OPENING "
CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP")


def guard_reads(app: Flask) -> None:
    """Make every write during a GET or HEAD request of this application raise WroteWhileReading."""
    app.extensions[EXTENSION]["guard_reads"] = True


@event.listens_for(Engine, "before_cursor_execute")
def _refuse_writes(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    if not has_request_context() or request.method not in {"GET", "HEAD"}:
        return
    if not current_app.extensions.get(EXTENSION, {}).get("guard_reads"):
        return
    begins = statement.lstrip().upper()
    if begins.startswith(CHANGES) and not begins.startswith(LEFT_BY_READING):
        raise WroteWhileReading(f"{request.method} {request.path} ran: {statement[:80]}")
