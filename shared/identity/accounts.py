"""Staff accounts: made by an administrator or from the command line, disabled but never deleted."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.identity import access, passwords, sessions
from shared.identity.actors import Staff
from shared.models.identity import SignInLink, StaffAccount
from shared.vocab import STAFF_ROLES, Role

SET_PASSWORD = "set_password"  # noqa: S105 - a purpose
LINK_LIFETIME = timedelta(hours=48)


def add(
    session: Session,
    *,
    name: str,
    email: str,
    roles: Iterable[Role | str],
    job_title: str = "",
    phone: str = "",
    team: str = "",
) -> StaffAccount:
    """A new account without a password; its owner sets one through a link. The caller commits.

    Raises Unfit, with words for the administrator, for a role that staff cannot hold, an address that is none,
    or one that has an account.
    """
    account = StaffAccount(**_checked(session, None, name, email, roles, job_title, phone, team))
    session.add(account)
    session.flush()
    return account


def change(
    session: Session,
    number: int,
    *,
    by: int,
    name: str,
    email: str,
    roles: Iterable[Role | str],
    job_title: str = "",
    phone: str = "",
    team: str = "",
) -> StaffAccount:
    """Change an account; cases keep the name and the job that its owner had then. The caller commits.

    `by`: the account number of who changes it. Raises Unfit as `add` does, and when administrators would take
    their own role away, since somebody has to be left who can give it back, or would give themselves another:
    who keeps the accounts does not let themselves in to the cases.
    """
    account = session.get_one(StaffAccount, number)
    values = _checked(session, account, name, email, roles, job_title, phone, team)
    if number == by and Role.ADMIN in account.role_set and Role.ADMIN not in values["roles"]:
        raise Unfit("roles", "You cannot take your own administrator role away. Ask another administrator")
    if number == by and set(values["roles"]) - account.role_set:
        raise Unfit("roles", "You cannot give yourself another role. Ask another administrator")
    for key, value in values.items():
        setattr(account, key, value)
    return account


class Unfit(ValueError):
    """An answer that no account can have; `field` names it, the message says how to mend it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def _checked(
    session: Session,
    account: StaffAccount | None,
    name: str,
    email: str,
    roles: Iterable[Role | str],
    job_title: str,
    phone: str,
    team: str,
) -> dict[str, Any]:
    if not name.strip():
        raise Unfit("name", "Enter the person's name")
    address = email.strip().lower()
    spaced = any(c.isspace() for c in address)
    if address.count("@") != 1 or spaced or address[0] == "@" or address[-1] == "@":
        raise Unfit("email", "Enter an e-mail address in the form name@example.org")
    other = by_email(session, address)
    if other is not None and other is not account:
        raise Unfit("email", f"{address} has an account already")
    held = frozenset(roles)
    if not held or not held <= STAFF_ROLES:
        raise Unfit("roles", "Choose one or more staff roles: " + ", ".join(sorted(STAFF_ROLES)))
    return {
        "name": " ".join(name.split()),
        "email": address,
        "roles": sorted(Role(role) for role in held),
        "job_title": job_title.strip(),
        "phone": phone.strip(),
        "team": team.strip(),
    }


def by_email(session: Session, email: str) -> StaffAccount | None:
    """The account under an address in any case."""
    return session.scalar(select(StaffAccount).where(StaffAccount.email == email.strip().lower()))


def everybody(session: Session) -> Sequence[StaffAccount]:
    """All accounts, active ones first, by name."""
    return session.scalars(select(StaffAccount).order_by(StaffAccount.active.desc(), StaffAccount.name)).all()


def authenticate(session: Session, email: str, password: str, cost: str) -> StaffAccount | None:
    """The active account whose password this is. Takes as long for an unknown address.

    The caller commits, since a hash of an older cost is made anew on the way.
    """
    account = by_email(session, email[:320])
    stored = account.password_hash if account and account.active else None
    if not passwords.verify(stored, password, cost) or account is None or stored is None:
        return None
    if passwords.is_outdated(stored, cost):
        account.password_hash = passwords.hash_password(password, cost)
    return account


def set_password(session: Session, account: StaffAccount, password: str, cost: str) -> None:
    """Store a new password and end every session. Raises ValueError saying how to mend a weak one."""
    if problem := passwords.problem_with(password, about=(account.name, account.email)):
        raise ValueError(problem)
    account.password_hash = passwords.hash_password(password, cost)
    sessions.end_all(session, account.id)


def issue_password_link(session: Session, account: StaffAccount, secret: str) -> str:
    """A token for a link by which the owner sets a password. Earlier ones stop working."""
    old = (SignInLink.account_id == account.id, SignInLink.purpose == SET_PASSWORD)
    session.execute(delete(SignInLink).where(*old))
    link = access.issue_link(
        session, purpose=SET_PASSWORD, lifetime=LINK_LIFETIME, secret=secret, account_id=account.id
    )
    return link.token


def password_link_owner(session: Session, token: str) -> StaffAccount | None:
    """Whose password this link sets, for the page with the form; None when it is spent. Reads only."""
    link = access.find_link(session, token, SET_PASSWORD)
    account = session.get(StaffAccount, link.account_id) if link and link.account_id else None
    return account if account and account.active else None


def set_password_by_link(session: Session, token: str, password: str, cost: str) -> StaffAccount | None:
    """Use the link up and store the password; None when it is spent. The caller commits.

    Raises ValueError saying how to mend a weak password, and leaves the link usable then.
    """
    account = password_link_owner(session, token)
    if account is None:
        return None
    if problem := passwords.problem_with(password, about=(account.name, account.email)):
        raise ValueError(problem)
    if access.use_link(session, token, SET_PASSWORD) is None:
        return None
    set_password(session, account, password, cost)
    return account


def disable(session: Session, account: StaffAccount) -> None:
    """Shut an account at once, in every browser; its name stays in the history."""
    account.active = False
    sessions.end_all(session, account.id)


def as_actor(account: StaffAccount) -> Staff:
    """The account as somebody who acts."""
    return Staff(account.id, account.name, account.email, account.role_set, account.job_title)
