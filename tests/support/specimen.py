"""A form with every kind of control, so that the kit is tried before and apart from any real page."""

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DecimalField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from shared.vocab import Role
from shared.web.access import public, resident, staff
from shared.web.errors import conflict
from shared.web.forms import DateParts, Files, Form, at_most, choices, email, optional, phone, required
from shared.web.render import render, see_other

pages = Blueprint("specimen", __name__, url_prefix="/<language:lang>/specimen", template_folder="templates")
outcomes: list[dict[str, object]] = []


class SpecimenForm(Form):
    name = StringField(_l("What is your name?"), [required(_l("Enter your name"))])
    story = TextAreaField(
        _l("What has gone wrong?"), [required(_l("Tell us what has gone wrong")), at_most(200)]
    )
    mail = StringField(_l("Email"), [optional(), email()])
    phone = StringField(_l("Phone"), [optional(), phone()])
    began = DateParts(_l("When did it start?"), missing=_l("Enter the day it started"))
    who = RadioField(
        _l("Who is this about?"), choices=choices([("me", _l("Me")), ("other", _l("Someone else"))])
    )
    needs = SelectMultipleField(
        _l("What should we do differently?"),
        choices=choices([("large", _l("Large print")), ("call", _l("Call me"))]),
    )
    area = SelectField(_l("Which part of your home?"), choices=choices([("", "–"), ("roof", _l("Roof"))]))
    cost = DecimalField(_l("What did it cost?"), [optional()])
    agree = BooleanField(_l("You may call me"))
    secret = PasswordField(_l("Password"))
    photos = Files(_l("Photos"))


@pages.route("/form", methods=["GET", "POST"])
@public
def form() -> ResponseReturnValue:
    shown = SpecimenForm()
    if shown.validate_on_submit():
        outcomes.append(shown.typed())
        return see_other("/en/specimen/done")
    return render(
        "specimen/form.html", "specimen/_form.html", status=422 if shown.errors else 200, form=shown
    )


@pages.get("/done")
@public
def done() -> ResponseReturnValue:
    return render("specimen/done.html", outcomes=outcomes)


@pages.post("/stale")
@public
def stale() -> ResponseReturnValue:
    return conflict(changes=["Ada Officer wrote to you."], back="/en/specimen/done")


@pages.get("/unmarked")
def unmarked() -> ResponseReturnValue:
    return render("specimen/done.html", outcomes=outcomes)


@pages.get("/residents-only")
@resident
def residents_only() -> ResponseReturnValue:
    return render("specimen/done.html", outcomes=outcomes)


@pages.get("/staff-only")
@staff()
def staff_only() -> ResponseReturnValue:
    return render("specimen/done.html", outcomes=outcomes)


@pages.get("/managers-only")
@staff(Role.MANAGER)
def managers_only() -> ResponseReturnValue:
    return render("specimen/done.html", outcomes=outcomes)


@pages.post("/short")
@public
def short() -> ResponseReturnValue:
    outcomes.append({"story": "sent again"})
    return see_other("/en/specimen/done")


@pages.get("/crash")
@public
def crash() -> ResponseReturnValue:
    raise RuntimeError("an inner secret")


def register(app: Flask) -> None:
    """Put the specimen pages on an application."""
    app.register_blueprint(pages)
