"""What each staff role may see and do beside the steps of a case (those stand in cases/flow.py).

Job titles differ between landlords and stand in their policy files; roles are the same everywhere.
"""

from collections.abc import Iterable
from enum import StrEnum

from shared.vocab import STAFF_ROLES, Role


class Permission(StrEnum):
    """One thing that a role allows."""

    LOGS_INTAKE = "logs_intake"  # any employee may log a complaint that reached them (Code 3.2)
    SEES_INBOX = "sees_inbox"  # lists and case pages
    SEES_ALL_CASES = "sees_all_cases"  # without it only those in which they or their team have a part
    # Names, homes, needs and the resident's own words at once; to others who see cases they lie folded.
    SEES_PERSONAL_DATA = "sees_personal_data"
    GIVES_CODES = "gives_codes"  # a new way in for a resident or helper, after questions about who they are
    WALLS_OFF = "walls_off"  # may say that a colleague, and not only oneself, has a conflict (Code 5.8)
    DECIDES_ABSENCES = "decides_absences"  # who stands in for whom, other than for oneself
    SEES_DASHBOARD = "sees_dashboard"  # figures without names (Code 8.1, 9.7)
    CHECKS_OPENINGS = "checks_openings"  # who opened which case, and spot checks of it
    SEES_FAILED_MAIL = "sees_failed_mail"  # messages nobody received; may send them again
    PLACES_MAIL = "places_mail"  # mail that could not be put on a case by itself
    MANAGES_STAFF = "manages_staff"
    ADDS_HOLIDAYS = "adds_holidays"
    KEEPS_TEXTS = "keeps_texts"  # the texts that all colleagues start from


P = Permission

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.COLLEAGUE: frozenset({P.LOGS_INTAKE}),
    Role.OFFICER: frozenset(
        {
            P.LOGS_INTAKE,
            P.SEES_INBOX,
            P.SEES_ALL_CASES,
            P.SEES_PERSONAL_DATA,
            P.GIVES_CODES,
            P.WALLS_OFF,
            P.SEES_DASHBOARD,
            P.SEES_FAILED_MAIL,
            P.PLACES_MAIL,
        }
    ),
    Role.HANDLER: frozenset(
        {P.LOGS_INTAKE, P.SEES_INBOX, P.SEES_ALL_CASES, P.SEES_PERSONAL_DATA, P.GIVES_CODES, P.SEES_DASHBOARD}
    ),
    Role.SERVICE_MANAGER: frozenset({P.LOGS_INTAKE, P.SEES_INBOX, P.SEES_PERSONAL_DATA, P.SEES_DASHBOARD}),
    Role.MANAGER: frozenset(
        {
            P.LOGS_INTAKE,
            P.SEES_INBOX,
            P.SEES_ALL_CASES,
            P.SEES_PERSONAL_DATA,
            P.GIVES_CODES,
            P.WALLS_OFF,
            P.DECIDES_ABSENCES,
            P.SEES_DASHBOARD,
            P.CHECKS_OPENINGS,
            P.SEES_FAILED_MAIL,
            P.PLACES_MAIL,
            P.ADDS_HOLIDAYS,
            P.KEEPS_TEXTS,
        }
    ),
    Role.DIRECTOR: frozenset({P.LOGS_INTAKE, P.SEES_INBOX, P.SEES_ALL_CASES, P.WALLS_OFF, P.SEES_DASHBOARD}),
    Role.MEMBER_RESPONSIBLE: frozenset({P.SEES_INBOX, P.SEES_ALL_CASES, P.SEES_DASHBOARD}),
    Role.ADMIN: frozenset({P.SEES_FAILED_MAIL, P.MANAGES_STAFF, P.ADDS_HOLIDAYS, P.KEEPS_TEXTS}),
}


def may(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether any of these roles allows it. Residents, helpers and the system hold no permission here."""
    return any(permission in PERMISSIONS.get(role, frozenset()) for role in roles)


def holders(permission: Permission) -> frozenset[Role]:
    """The staff roles that allow it."""
    return frozenset(role for role in STAFF_ROLES if permission in PERMISSIONS[role])
