"""What every staff page shows around its content: who is signed in, and the ways that their roles open."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for

from shared import i18n
from shared.cases.colleagues import tasks
from shared.identity.actors import Staff
from shared.identity.roles import Permission, may
from shared.web.context import staff_side
from staff import shortcuts
from staff.sign_in import signed_in_staff

P = Permission
WAYS: tuple[tuple[str, str, Permission | None], ...] = (
    ("Inbox", "staff.inbox", P.SEES_INBOX),
    ("My tasks", "staff.mine", P.SEES_INBOX),
    ("Mentions", "staff.mentioned", P.SEES_INBOX),
    ("Search", "staff.search", P.SEES_INBOX),
    ("Log a complaint", "staff.intake", P.LOGS_INTAKE),
    ("Mail", "staff.mail", P.PLACES_MAIL),
    ("Not delivered", "staff.undelivered", P.SEES_FAILED_MAIL),
    ("Dashboard", "staff.dashboard", P.SEES_DASHBOARD),
    ("Absences", "staff.away", P.SEES_INBOX),
    ("Openings", "staff.openings", P.CHECKS_OPENINGS),
    ("Accounts", "staff.people", P.MANAGES_STAFF),
    ("Roles", "staff.roles", P.MANAGES_STAFF),
    ("Our rules", "staff.rules", None),
    ("Texts", "staff.texts", P.KEEPS_TEXTS),
    ("Bank holidays", "staff.holidays", P.ADDS_HOLIDAYS),
)


@dataclass(frozen=True, slots=True)
class Way:
    """One link of the navigation."""

    text: str
    url: str
    current: bool


def ways(person: Staff | None) -> list[Way]:
    """The links that a person's roles open, in one order for all."""
    if person is None:
        return []
    here = request.endpoint or ""
    return [
        Way(text, url_for(endpoint), here == endpoint or here.startswith(f"{endpoint}_"))
        for text, endpoint, needed in WAYS
        if needed is None or may(person.roles, needed)
    ]


def _waiting(person: Staff | None) -> tasks.Waiting:
    return tasks.waiting(person) if person else tasks.Waiting()


def home_for(person: Staff) -> str:
    """The first page for somebody's roles: the tab where their day begins."""
    roles = person.roles
    if may(roles, P.SEES_INBOX):
        return url_for("staff.inbox")
    if may(roles, P.MANAGES_STAFF):
        return url_for("staff.people")
    if may(roles, P.SEES_DASHBOARD):
        return url_for("staff.dashboard")
    return url_for("staff.intake")


def init_app(app: Flask) -> None:
    """Give staff pages, error pages among them, their navigation."""

    @app.context_processor
    def about_the_reader() -> dict[str, Any]:
        if not staff_side():
            return {}
        person = signed_in_staff()
        return {
            "short_day": i18n.short_date_text,
            "keys_on": shortcuts.are_on(),
            "me": person,
            "ways": ways(person),
            "waiting": lambda: g.get("waiting") or _waiting(person),
            "may": lambda p: bool(person and may(person.roles, P(p))),
        }
