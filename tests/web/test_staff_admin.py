"""Accounts, roles and bank holidays; and, for every page of the staff side, which roles it lets in."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.db import db
from shared.identity.roles import Permission, holders
from shared.models import Case, CaseEvent, OutboxMessage, StaffAccount
from shared.vocab import STAFF_ROLES, Role
from staff.roles import PERMISSIONS, ROLES
from tests.support.client import Client
from tests.support.staff import PASSWORD, allocate, complaint, sign_in, signed_in


def account(name: str) -> StaffAccount:
    db.session.expire_all()
    return db.session.scalars(select(StaffAccount).where(StaffAccount.name == name)).one()


OUTSIDE = ("/staff/sign-in", "/staff/forgotten-password", "/staff/set-password/")  # open to anybody

NEW = {
    "name": "Hana  Novak",
    "email": "Hana.Novak@landlord.example",
    "job_title": "Handler",
    "roles": ["handler"],
}


def test_an_administrator_adds_somebody_who_then_sets_a_password_and_signs_in(
    app: Flask, client: Client
) -> None:
    admin, _ = signed_in(app, Role.ADMIN)
    page = admin.submit("/staff/people/new", NEW, form="#person")
    assert page.h1 == "Hana Novak"
    assert "A link to set a password is on its way" in page.main
    assert "No password yet" in admin.page("/staff/people").main
    text = db.session.scalars(select(OutboxMessage.text)).one()
    found = re.search(r"/staff/set-password/\S+", text)
    assert found
    client.submit(found.group(0), {"password": PASSWORD})
    sign_in(client, account("Hana Novak"))
    assert client.page("/staff/").h1 == "Inbox: My work"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": " "}, "Enter the person's name"),
        ({"email": "hana"}, "Enter an e-mail address in the form name@example.org"),
        ({"email": "ADMIN.PERSON@landlord.example"}, "admin.person@landlord.example has an account already"),
        ({"roles": []}, "Choose one or more roles"),
        ({"phone": "123"}, "Enter a phone number, like 01632 960 001 or 07700 900 982"),
    ],
)
def test_what_an_account_cannot_have_is_said_beside_it(
    app: Flask, change: dict[str, object], said: str
) -> None:
    admin, _ = signed_in(app, Role.ADMIN)
    page = admin.submit("/staff/people/new", {**NEW, **change}, form="#person", status=422)
    assert page.errors == [said]
    assert page.one("#job_title")["value"] == "Handler", "nothing typed is lost"
    assert len(admin.page("/staff/people").all(".app-person")) == 1


def test_made_up_roles_are_refused(app: Flask) -> None:
    admin, _ = signed_in(app, Role.ADMIN)
    for role in ("system", "resident", "emperor"):
        page = admin.submit("/staff/people/new", {**NEW, "roles": [role]}, form="#person", status=422)
        assert page.errors


def test_a_change_counts_from_the_next_page_on(app: Flask) -> None:
    admin, _ = signed_in(app, Role.ADMIN)
    client, person = signed_in(app, Role.COLLEAGUE)
    client.page("/staff/inbox", status=403)
    page = admin.submit(f"/staff/people/{person.id}", {"roles": ["officer"], "team": "North"}, form="#person")
    assert "Your changes are saved" in page.main
    assert client.page("/staff/inbox").h1.startswith("Inbox")
    assert account(person.name).team == "North"


def test_nobody_takes_away_their_own_key_or_gives_themselves_another(app: Flask) -> None:
    admin, me = signed_in(app, Role.ADMIN)
    page = admin.submit(f"/staff/people/{me.id}", {"roles": ["officer"]}, form="#person", status=422)
    assert "You cannot take your own administrator role away" in page.errors[0]
    page = admin.submit(f"/staff/people/{me.id}", {"roles": ["admin", "manager"]}, form="#person", status=422)
    assert "You cannot give yourself another role" in page.errors[0]
    assert account(me.name).roles == ["admin"]
    page = admin.submit(f"/staff/people/{me.id}", form="#disable")
    assert "You cannot disable your own account" in page.main
    assert account(me.name).active


def test_a_disabled_account_is_shut_and_can_be_opened_again(app: Flask) -> None:
    admin, _ = signed_in(app, Role.ADMIN)
    client, person = signed_in(app, Role.OFFICER)
    ref = complaint()
    allocate(ref, person, person)
    page = admin.page(f"/staff/people/{person.id}")
    assert "holds 1 open case" in page.main
    admin.send(page, form="#disable")
    assert client.page("/staff/inbox").h1 == "Sign in"
    assert "Disabled" in admin.page("/staff/people").main
    admin.submit(f"/staff/people/{person.id}", form="#invite")
    assert account(person.name).active
    admin.page("/staff/people/999999", status=404)
    admin.page("/staff/people/99999999999999999999", status=404)


def test_the_table_of_roles_is_the_one_that_the_service_asks(app: Flask) -> None:
    assert set(ROLES) == STAFF_ROLES
    assert set(PERMISSIONS) == set(Permission)
    admin, _ = signed_in(app, Role.ADMIN)
    page = admin.page("/staff/roles")
    heads = [th.get_text() for th in page.all("table")[0].select("thead th")][1:]
    for row in page.all("table")[0].select("tbody tr"):
        words = row.select("th")[0].get_text()
        permission = next(p for p, text in PERMISSIONS.items() if text == words)
        shown = {heads[i] for i, cell in enumerate(row.select("td")) if cell.get_text() == "Yes"}
        assert shown == {ROLES[role].name for role in holders(permission)}, words
    addresses = {row.select_one(".app-quiet").get_text() for row in page.all("table")[1].select("tbody tr")}
    staff_rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("staff.")]
    behind_the_door = [rule for rule in staff_rules if not rule.startswith(OUTSIDE)]
    assert addresses == {re.sub(r"<[^<>]+>", "…", rule) for rule in behind_the_door}


# Bank holidays --------------------------------------------------------------------------------------------


def test_a_proclaimed_holiday_moves_dates_and_each_case_keeps_why(app: Flask) -> None:
    manager, _ = signed_in(app, Role.MANAGER)
    ref = complaint()
    row = db.session.scalars(select(Case).where(Case.ref == ref)).one()
    before = row.next_due_on
    day = clock.today() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    answers = {"day-day": str(day.day), "day-month": str(day.month), "day-year": str(day.year)}
    page = manager.submit("/staff/holidays", {**answers, "name": "Royal wedding"}, form="#holiday")
    assert "The dates of 1 case moved" in page.main
    assert page.main.count("Royal wedding") == 2, "among the coming ones, and among those added here"
    db.session.expire_all()
    row = db.session.scalars(select(Case).where(Case.ref == ref)).one()
    assert before is not None
    assert row.next_due_on is not None
    assert row.next_due_on > before
    assert row.sort_on == row.next_due_on
    actions = db.session.scalars(select(CaseEvent.action).where(CaseEvent.case_id == row.id)).all()
    assert "recompute_dates" in actions
    page = manager.submit("/staff/holidays", {**answers, "name": "Again"}, form="#holiday", status=422)
    assert page.errors == ["Nobody works on this day already: Royal wedding"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("1-6-2020", "Enter a day that has not passed"),
        ("1-6-2099", "Enter a day before the end of"),
        ("25-12-2027", "Nobody works on this day already"),
        ("31-2-2027", "Check the date"),
        ("--", "Enter the day"),
    ],
)
def test_days_that_can_be_no_holiday(app: Flask, day: str, said: str) -> None:
    admin, _ = signed_in(app, Role.ADMIN)
    parts = dict(zip(("day-day", "day-month", "day-year"), day.split("-"), strict=False))
    page = admin.submit("/staff/holidays", {**parts, "name": "A day"}, form="#holiday", status=422)
    assert page.errors[0].startswith(said)


@pytest.mark.only_on("sqlite")  # rights come from roles; test_staff_sight.py asks both databases
@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_the_navigation_leads_only_where_one_may_go(app: Flask, role: Role) -> None:
    client, _ = signed_in(app, role)
    page = client.page("/staff/")
    links = [str(a["href"]) for a in page.all("header nav a")]
    assert links
    for link in links:
        assert client.get(link).status_code == 200, f"{role} {link}"
