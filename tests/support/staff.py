"""Colleagues and cases for tests of the staff side: made by the real steps, signed in by the real door."""

from datetime import datetime
from typing import Any

from flask import Flask

from shared.cases import commands as c
from shared.cases import service
from shared.cases.state import Consent, Need, Person, StaffRef, Story
from shared.db import db, writing
from shared.identity import accounts
from shared.identity.actors import Resident, Staff
from shared.models import StaffAccount
from shared.vocab import Channel, Role
from tests.support.client import Client

PASSWORD = "three random words"
LANDLORD = "halton"


def colleague(*roles: Role, name: str = "", email: str = "", password: str = PASSWORD) -> StaffAccount:
    """An account with these roles; named after the first one unless told otherwise."""
    called = name or f"{roles[0].value.replace('_', ' ').title()} Person"
    with writing() as session:
        address = email or f"{called.replace(' ', '.').lower()}@landlord.example"
        account = accounts.add(session, name=called, email=address, roles=roles, job_title="Job of " + called)
        if password:
            accounts.set_password(session, account, password, "low")
    return account


def actor(account: StaffAccount) -> Staff:
    """The account as somebody who acts."""
    return accounts.as_actor(account)


def ref_of(account: StaffAccount) -> StaffRef:
    """The account as commands name it."""
    return StaffRef(id=account.id, name=account.name, job=account.job_title, email=account.email)


def browser(app: Flask) -> Client:
    """A second browser."""
    found = app.test_client()
    assert isinstance(found, Client)
    return found


def sign_in(client: Client, account: StaffAccount, password: str = PASSWORD) -> Client:
    """Go through the door as a person would."""
    client.submit("/staff/sign-in", {"email": account.email, "password": password}, follow=False)
    return client


def signed_in(app: Flask, *roles: Role, name: str = "") -> tuple[Client, StaffAccount]:
    """A browser with a new colleague signed in."""
    account = colleague(*roles, name=name)
    return sign_in(browser(app), account), account


def complaint(
    name: str = "Mina Rahman",
    what: str = "There is mould in the bedroom",
    *,
    received_at: datetime | None = None,
    needs: tuple[Need, ...] = (),
    language: str = "en",
    by: Staff | None = None,
    helper: Person | None = None,
    consent: Consent | None = None,
    **person: Any,
) -> str:
    """A complaint as it comes in; the reference."""
    details: dict[str, Any] = {
        "email": "mina@resident.example",
        "phone": "01632 960 001",
        "address": ("4 Elm Court", "Widnes"),
        "postcode": "WA8 0TD",
        **person,
    }
    who = Person(name=name, **details)
    command = c.Submit(
        language=language,
        channel=Channel.PORTAL,
        story=Story(what=what, language=language),
        resident=who,
        needs=needs,
        helper=helper,
        consent=consent or Consent(),
        received_at=received_at,
    )
    return service.submit(command, by or Resident("", name), LANDLORD).ref


def allocate(ref: str, to: StaffAccount, by: StaffAccount) -> None:
    """Name a handler."""
    service.perform(ref, c.Allocate(to=ref_of(to)), actor(by))
    db.session.expire_all()
