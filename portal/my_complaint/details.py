"""The resident's own particulars: how to reach her, what she needs, her code, and what happened so far."""

from datetime import date
from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from msgspec.structs import replace
from wtforms import RadioField, SelectMultipleField, TextAreaField

from portal import compose, session
from portal.actions import act
from portal.blueprint import pages
from portal.case_access import open_case_for, open_whole_case
from portal.form_page import Show, page
from portal.forms.base import SHORT, Form, line
from portal.forms.base import lines as few_lines
from portal.forms.needs import NeedsForm
from portal.forms.reach import PREFERS, UNSAFE
from shared.cases import commands as c
from shared.cases import openings, timeline
from shared.cases.access.codes import own_new_code
from shared.cases.state import Person, Safety
from shared.vocab import Action, Channel
from shared.web.access import resident
from shared.web.forms import at_most, choices, email, optional, phone, postcode, required
from shared.web.render import render


class ContactForm(Form):
    """Name, address, ways and times; the same questions as in the complaint, filled in."""

    name = line(_l("Your name"), required(_l("Enter your name")))
    address = TextAreaField(_l("Your address"), [optional(), at_most(500)], filters=[few_lines])
    postcode = line(_l("Postcode"), optional(), postcode(), limit=20)
    email = line(_l("Email address"), optional(), email())
    phone = line(_l("Phone number"), optional(), phone(), limit=60)
    prefers = RadioField(_l("Which way is best for you?"), [optional()], choices=choices(PREFERS.items()))
    times = line(_l("When is a good time to call?"), limit=SHORT)
    unsafe = SelectMultipleField(
        _l("Is there anything that is not safe for you?"), [optional()], choices=choices(UNSAFE.items())
    )

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        if right and not (self.email.data or self.phone.data or self.address.data):
            self.refuse("email", _l("Keep at least one way to reach you: email, phone or an address"))
            return False
        return right


@pages.route("/my-complaint/contact", methods=["GET", "POST"])
@resident
def contact_details() -> ResponseReturnValue:
    """How to reach her."""
    case = open_case_for(Action.CHANGE_CONTACT)
    person, safety = case.view.state.resident or Person(name=""), case.view.state.safety
    form = ContactForm(
        data={
            "name": person.name,
            "address": "\n".join(person.address),
            "postcode": person.postcode,
            "email": person.email,
            "phone": person.phone,
            "prefers": person.prefers.value if person.prefers else None,
            "times": safety.times,
            "unsafe": [code for code in UNSAFE if getattr(safety, code)],
        }
    )

    def send(show: Show) -> ResponseReturnValue:
        unsafe = set(form.unsafe.data or ())
        changed = replace(
            person,
            name=str(form.name.data),
            address=tuple((form.address.data or "").splitlines()),
            postcode=form.postcode.data or "",
            email=form.email.data or "",
            phone=form.phone.data or "",
            prefers=Channel(form.prefers.data) if form.prefers.data else None,
        )
        safe = Safety(times=form.times.data or "", **{code: code in unsafe for code in UNSAFE})
        return act(case, c.ChangeContact(resident=changed, safety=safe), form, show, "contact")

    return page(case, form, "portal/contact.html", gettext("How can we reach you?"), send)


@pages.route("/my-complaint/needs", methods=["GET", "POST"])
@resident
def my_needs() -> ResponseReturnValue:
    """What we should do differently. Never why."""
    case = open_case_for(Action.CHANGE_NEEDS)
    state = case.view.state
    form = NeedsForm(data={**compose.needs_answers(state.needs), "reply_language": state.language})
    form.suit({})

    def send(show: Show) -> ResponseReturnValue:
        command = c.ChangeNeeds(
            needs=compose.needs_of(form.kept()), language=str(form.reply_language.data or state.language)
        )
        return act(case, command, form, show, "needs")

    return page(case, form, "portal/needs.html", gettext("What should we do differently?"), send)


class NewCodeForm(Form):
    """A button and its token."""


@pages.route("/my-complaint/new-code", methods=["GET", "POST"])
@resident
def new_code() -> ResponseReturnValue:
    """A new access code in place of a lost one, shown once."""
    case = open_whole_case()
    form = NewCodeForm()
    if form.validate_on_submit():
        code = own_new_code(case.ref, case.actor)
        session.sign_in(case.actor)  # every browser is out; this one made the code
        session.drop_code()
        return render("portal/new_code.html", code=code, form=None, ref=case.ref)
    return render("portal/new_code.html", code="", form=form, ref=case.ref)


@pages.get("/my-complaint/history")
@resident
def history() -> ResponseReturnValue:
    """What happened, and who worked on it, as a summary by role."""
    case = open_whole_case()
    entries = timeline.for_resident(case.view.events)
    openers: dict[str, date] = {}
    for role, last_on in openings.by_role((case.ref,)):  # the newest first
        openers.setdefault(_role(role), last_on)
    return render(
        "portal/history.html",
        entries=entries,
        people=_workers(case.view.events),
        openers=openers.items(),
        actor=case.actor,
    )


def _workers(events: Any) -> list[tuple[str, int]]:
    """Who of us worked on the case, by role, with how many things each did."""
    counted: dict[str, int] = {}
    for event in events:
        if event.staff_id is not None:
            counted[event.role.value] = counted.get(event.role.value, 0) + 1
    return [(_role(role), number) for role, number in counted.items()]


def _role(role: str) -> str:
    """A role as residents know it."""
    return str(ROLES.get(role, ROLES["colleague"]))


ROLES: dict[str, Any] = {
    "colleague": _l("A colleague"),
    "officer": _l("The complaints team"),
    "handler": _l("The person who looks into it"),
    "service_manager": _l("A service manager"),
    "manager": _l("A manager"),
    "director": _l("A director"),
}
