"""What each role may see and do, as one table on a page, read from the same tables that the service asks."""

import re
from dataclasses import dataclass

from flask import current_app
from flask.typing import ResponseReturnValue

from shared.cases import flow
from shared.cases.timeline import TITLES
from shared.identity.roles import Permission, holders, may
from shared.vocab import Action, Role
from shared.web.access import mark_of, staff
from shared.web.render import render
from staff.blueprint import pages


@dataclass(frozen=True, slots=True)
class About:
    """A role in words."""

    name: str
    what: str


ROLES: dict[Role, About] = {
    Role.COLLEAGUE: About("Colleague", "Logs a complaint that reached them, and sees only what they logged"),
    Role.OFFICER: About("Officer", "Triages, acknowledges and assigns"),
    Role.HANDLER: About("Handler", "Looks into complaints and answers them"),
    Role.SERVICE_MANAGER: About(
        "Service manager", "Sees to it that promises of their service are kept, and sees those cases alone"
    ),
    Role.MANAGER: About("Manager", "Runs the team, approves extensions, refusals and money"),
    Role.DIRECTOR: About("Director", "Answers at stage 2 where needed, and oversees"),
    Role.MEMBER_RESPONSIBLE: About(
        "Member Responsible for Complaints", "Reads and oversees; changes nothing"
    ),
    Role.ADMIN: About("Administrator", "Keeps accounts and bank holidays; sees no case"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: what it is about, and yes or no for each role in the order of ROLES."""

    words: str
    cells: list[bool]
    address: str = ""


PERMISSIONS: dict[Permission, str] = {
    Permission.LOGS_INTAKE: "Log a complaint for somebody",
    Permission.SEES_INBOX: "See lists and cases",
    Permission.SEES_ALL_CASES: "See every case (others: only those in which they or their team have a part)",
    Permission.SEES_PERSONAL_DATA: "See names, homes and needs at once (folded away for others)",
    Permission.GIVES_CODES: "Give somebody on a case a new access code",
    Permission.WALLS_OFF: "Say that a colleague has a conflict of interest (others: only that they have one)",
    Permission.DECIDES_ABSENCES: "Name a stand-in for a colleague (others: only for themselves)",
    Permission.SEES_DASHBOARD: "See the dashboard",
    Permission.CHECKS_OPENINGS: "See who opened a case, and check samples of it",
    Permission.SEES_FAILED_MAIL: "See messages that did not arrive",
    Permission.PLACES_MAIL: "Put mail on its case where that is not certain",
    Permission.MANAGES_STAFF: "Keep accounts",
    Permission.ADDS_HOLIDAYS: "Add a bank holiday",
    Permission.KEEPS_TEXTS: "Agree the texts that colleagues start from",
}


@pages.get("/roles")
@staff(*holders(Permission.MANAGES_STAFF))
def roles() -> ResponseReturnValue:
    """What each role sees, opens and does, as three tables."""
    sees = [
        Row(words, [may({role}, permission) for role in ROLES]) for permission, words in PERMISSIONS.items()
    ]
    does = [
        Row(TITLES[action], [flow.ever({role}, action) for role in ROLES])
        for action in Action
        if action in TITLES
    ]
    does = [row for row in does if any(row.cells)]
    return render("staff/roles.html", roles=ROLES, sees=sees, does=does, opens=opens())


def opens() -> list[Row]:
    """Every address of this side, what it is for, and the roles that its own mark lets in.

    What is read and what is sent there share a row, which bears the words of the page, unless their marks differ.
    """
    found: dict[tuple[str, tuple[bool, ...]], str] = {}
    rules = sorted(current_app.url_map.iter_rules(), key=lambda rule: "GET" not in (rule.methods or ()))
    for rule in rules:
        view = current_app.view_functions[rule.endpoint]
        mark = mark_of(view)
        if mark is not None and mark.side == "staff" and rule.endpoint.startswith("staff."):
            cells = tuple(not mark.roles or role in mark.roles for role in ROLES)
            what = (view.__doc__ or "").partition("\n")[0].rstrip(".")
            found.setdefault((re.sub(r"<[^<>]+>", "…", rule.rule), cells), what)
    return [Row(what, list(cells), address) for (address, cells), what in sorted(found.items())]
