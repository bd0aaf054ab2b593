"""Which rules hold for a case: its pinned policy, the calendar with proclaimed days, and who works here."""

from collections.abc import Callable
from typing import cast

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.db import ensure
from shared.deadlines.calendar import Calendar
from shared.deadlines.calendar import calendar as build_calendar
from shared.identity.actors import Staff
from shared.models import Case, ExtraHoliday, PolicyVersion, StaffAccount
from shared.policy.load import load, restore
from shared.policy.policy import Policy

_pinned: dict[str, Policy] = {}  # versions never change, so a process may remember them


def current_policy(session: Session, slug: str) -> Policy:
    """The policy that a case logged now is pinned to; kept whole in the database on first use."""
    policy = load(slug)
    if session.get(PolicyVersion, policy.version) is None:
        document = msgspec.json.encode(policy).decode()
        ensure(session, PolicyVersion, version=policy.version, landlord=slug, document=document)
    _pinned[policy.version] = policy
    return policy


def policy_of(session: Session, row: Case) -> Policy:
    """The policy under which this case was logged, whatever the files say now."""
    if row.policy_version not in _pinned:
        current = load(row.landlord)
        if current.version == row.policy_version:
            _pinned[row.policy_version] = current
        else:
            stored = session.get(PolicyVersion, row.policy_version)
            if stored is None:
                raise LookupError(f"the policy version {row.policy_version} of {row.ref} is not kept")
            _pinned[row.policy_version] = restore(stored.document)
    return _pinned[row.policy_version]


def calendar(session: Session) -> Calendar:
    """The working days of England and Wales with the bank holidays that an admin added.

    Asked once in a transaction that only reads: a page counts many days.
    """
    reading = None if session.info.get("writing") else session.get_transaction()
    known = session.info.get("calendar")
    if reading is not None and known is not None and known[0] is reading:
        return cast(Calendar, known[1])
    found = build_calendar({row.day: row.name for row in session.scalars(select(ExtraHoliday))})
    session.info["calendar"] = (None if session.info.get("writing") else session.get_transaction(), found)
    return found


def added_holidays(session: Session) -> list[ExtraHoliday]:
    """The bank holidays that somebody here added, in their order."""
    return list(session.scalars(select(ExtraHoliday).order_by(ExtraHoliday.day)))


def staff_lookup(session: Session) -> Callable[[int], Staff | None]:
    """A function from an account number to the person, None unless the account is active."""

    def find(number: int) -> Staff | None:
        account = session.get(StaffAccount, number)
        if account is None or not account.active:
            return None
        return Staff(account.id, account.name, account.email, account.role_set, account.job_title)

    return find


__all__ = ["Policy", "added_holidays", "calendar", "current_policy", "policy_of", "staff_lookup"]
