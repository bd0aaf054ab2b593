"""Staff accounts and the table of roles, for administrators. Accounts are disabled, never deleted."""

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField, StringField

from shared.cases.colleagues import candidates
from shared.db import db, writing
from shared.identity import accounts, standins
from shared.identity.roles import Permission, holders
from shared.mail.invitations import invite
from shared.models import StaffAccount
from shared.web.access import actor, staff
from shared.web.forms import Form, at_most, choices, optional, phone, required
from shared.web.render import render, see_other
from staff.blueprint import pages
from staff.roles import ROLES

KEEPERS = holders(Permission.MANAGES_STAFF)


class Person(Form):
    """Who somebody is, and what they may do. Name, job and phone stand in letters to residents."""

    name = StringField("Name", [required("Enter the person's name"), at_most(120)])
    email = StringField("Work e-mail address", [required("Enter an e-mail address"), at_most(320)])
    job_title = StringField("Job title", [at_most(120)])
    phone = StringField("Phone", [optional(), phone()])
    team = StringField("Team", [at_most(120)])
    roles = SelectMultipleField("Roles", [required("Choose one or more roles")])

    def offer_roles(self) -> "Person":
        """Fill in the choices."""
        self.roles.choices = choices([(role.value, about.name) for role, about in ROLES.items()])
        return self


@pages.get("/people")
@staff(*KEEPERS)
def people() -> ResponseReturnValue:
    """Everybody with an account, active ones first."""
    session = db.session()
    return render(
        "staff/people.html", people=accounts.everybody(session), roles=ROLES, away=standins.away(session)
    )


@pages.get("/people/new")
@staff(*KEEPERS)
def people_new() -> ResponseReturnValue:
    """The form for a new account."""
    return _form(Person().offer_roles(), None)


@pages.post("/people/new")
@staff(*KEEPERS)
def people_new_post() -> ResponseReturnValue:
    """Make the account and send its owner a link to set a password."""
    form = Person().offer_roles()
    if form.validate():
        try:
            with writing() as session:
                account = accounts.add(session, **form.typed())
                invite(session, account)
        except accounts.Unfit as error:
            form.refuse(error.field, str(error))
        else:
            return see_other(url_for("staff.people_one", number=account.id, done="added"))
    return _form(form, None, 422)


@pages.get("/people/<int(max=2147483647):number>")
@staff(*KEEPERS)
def people_one(number: int) -> ResponseReturnValue:
    """One account, to change."""
    account = _account(number)
    form = Person(obj=account, roles=[*account.roles]).offer_roles()
    return _form(form, account)


@pages.post("/people/<int(max=2147483647):number>")
@staff(*KEEPERS)
def people_one_post(number: int) -> ResponseReturnValue:
    """Keep what was changed; it counts from the person's next page on."""
    form = Person().offer_roles()
    account = _account(number)
    if form.validate():
        try:
            with writing() as session:
                accounts.change(session, number, by=actor().id, **form.typed())
        except accounts.Unfit as error:
            form.refuse(error.field, str(error))
        else:
            return see_other(url_for("staff.people_one", number=number, done="changed"))
    return _form(form, account, 422)


@pages.post("/people/<int(max=2147483647):number>/disable")
@staff(*KEEPERS)
def people_disable(number: int) -> ResponseReturnValue:
    """Shut an account at once, in every browser. Nobody shuts themselves out."""
    if number == actor().id:
        return see_other(url_for("staff.people_one", number=number, done="self"))
    with writing() as session:
        accounts.disable(session, _account(number))
    return see_other(url_for("staff.people_one", number=number, done="disabled"))


@pages.post("/people/<int(max=2147483647):number>/invite")
@staff(*KEEPERS)
def people_invite(number: int) -> ResponseReturnValue:
    """Send a link to set a password; a disabled account opens again."""
    with writing() as session:
        account = _account(number)
        account.active = True
        invite(session, account)
    return see_other(url_for("staff.people_one", number=number, done="invited"))


def _account(number: int) -> StaffAccount:
    account = db.session.get(StaffAccount, number)
    if account is None:
        abort(404)
    return account


def _form(form: Person, account: StaffAccount | None, status: int = 200) -> ResponseReturnValue:
    held = candidates.open_cases_of(account.id) if account else 0
    return render("staff/people_one.html", status=status, form=form, account=account, held=held, roles=ROLES)
