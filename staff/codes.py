"""A new access code for somebody who lost theirs: read out on the phone, printed for the post, or sent by e-mail.

The code is shown once, in answer to the press of the button, and kept nowhere.
"""

from flask import abort, make_response
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, RadioField, TextAreaField

from shared.cases import service
from shared.cases.access import codes
from shared.cases.case_view import CaseView
from shared.identity.roles import Permission, holders
from shared.mail.channels import masked
from shared.vocab import Action, Role
from shared.web.access import actor, staff
from shared.web.forms import Form, at_most, choices, required
from shared.web.render import render
from staff.addresses import case_url
from staff.blueprint import pages
from staff.case import about, open_case

GIVERS = tuple(sorted(holders(Permission.GIVES_CODES)))
WHO = {Role.RESIDENT: "The resident", Role.REPRESENTATIVE: "The helper"}


class CodeForm(Form):
    """Whom it is for, how the colleague knows that it is them, and whether to e-mail it as well."""

    person = RadioField(
        "Whose code is it?", [required("Choose whose code it is")], choices=choices(WHO.items())
    )
    identified_by = TextAreaField(
        "How did you make sure who it is?", [required("Write how you made sure who it is"), at_most(1_000)]
    )
    mail = BooleanField("Send it by e-mail as well")


class PrintForm(Form):
    """The code that was just shown, to be put on paper."""

    person = HiddenField()
    code = HiddenField()


@pages.get("/cases/<string:ref>/new-code", endpoint="new_code")
@staff(*GIVERS)
def ask(ref: str) -> ResponseReturnValue:
    """The form for a new access code."""
    view = _open(ref)
    form = CodeForm(data={"person": Role.RESIDENT.value, "mail": True})
    return _page(view, form)


@pages.post("/cases/<string:ref>/new-code", endpoint="new_code_post")
@staff(*GIVERS)
def give(ref: str) -> ResponseReturnValue:
    """Keep the note, make the code, show it once."""
    view, form = _open(ref), CodeForm()
    if not form.validate():
        return _page(view, form, 422)
    person = Role(form.person.data)
    try:
        code = codes.issue_new_code(
            view.ref, person, actor(), identified_by=form.identified_by.data, mail=form.mail.data
        )
    except service.Refused as refused:
        for problem in refused.problems:
            form.refuse(problem.field, problem.message)
        return _page(view, form, 422)
    except (service.NoSuchCase, service.NotAllowed):
        abort(404)
    return render(
        "staff/new_code_given.html",
        heading="New access code",
        code=code,
        printing=PrintForm(formdata=None, data={"person": person.value, "code": code}),
        by_post=_by_post(view, person),
        mailed=codes.safe_address(view.state, person) if form.mail.data else "",
        back=case_url(view.ref, tab="people"),
        **about(view),
    )


@pages.post("/cases/<string:ref>/new-code/letter", endpoint="new_code_letter")
@staff(*GIVERS)
def letter(ref: str) -> ResponseReturnValue:
    """The letter to print, with the code that was just given; only as long as that code opens the case."""
    view, form = _open(ref), PrintForm()
    if not form.validate() or form.person.data not in set(WHO) or not _by_post(view, Role(form.person.data)):
        abort(404)
    try:
        content = codes.on_paper(view.ref, Role(form.person.data), form.code.data or "")
    except service.NoSuchCase:
        abort(404)
    response = make_response(content)
    response.mimetype = "application/pdf"
    response.headers.set("Content-Disposition", "attachment", filename=f"{view.ref}-code.pdf")
    return response


def _open(ref: str) -> CaseView:
    """The case, for those who may leave a note on it and where somebody is known who could hold a code."""
    view = open_case(ref)
    if Action.NOTE not in view.allowed or view.state.resident is None or view.state.anonymous:
        abort(404)
    return view


def _by_post(view: CaseView, person: Role) -> bool:
    return person is Role.REPRESENTATIVE or not view.state.safety.no_post


def _page(view: CaseView, form: CodeForm, status: int = 200) -> ResponseReturnValue:
    people = [role for role in WHO if role is Role.RESIDENT or view.state.helper is not None]
    ways = {WHO[role]: codes.safe_address(view.state, role) for role in people}
    return render(
        "staff/new_code.html",
        status=status,
        heading="Give a new access code",
        form=form,
        several=len(people) > 1,
        mails=[(who, masked(address)) for who, address in ways.items() if address],
        back=case_url(view.ref, tab="people"),
        **about(view),
    )
