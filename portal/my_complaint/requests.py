"""What the resident may ask for beside the two stages: mediation, a panel, a formal answer after a quick one."""

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.actions import act
from portal.blueprint import pages
from portal.case_access import open_case_for
from portal.form_page import Show, page, spoken, story
from portal.forms.base import Form
from portal.my_complaint.decisions import CHOOSE
from portal.progress import words
from shared import clock
from shared.cases import commands as c
from shared.vocab import Action
from shared.web.access import resident

ASKED = "Asked for on the portal."  # for staff, where the resident wrote nothing


class MediationForm(Form):
    """Nothing is required."""

    words = story(_l("What would you like to talk about?"))


class PanelForm(Form):
    """The answer is the button that was pressed."""

    words = story(_l("Is there anything that you would like to say about it?"))


class FormalForm(Form):
    """Nothing is required: asking is enough (Code 5.2)."""

    reason = story(_l("What is still not right?"))


@pages.route("/my-complaint/mediation", methods=["GET", "POST"])
@resident
def mediation() -> ResponseReturnValue:
    """Ask for somebody who takes no side; it changes no date."""
    case = open_case_for(Action.MEDIATE)
    form = MediationForm()

    def send(show: Show) -> ResponseReturnValue:
        command = c.Mediate(words=form.words.data or ASKED, language=spoken())
        return act(case, command, form, show, "mediation")

    return page(case, form, "portal/mediation.html", gettext("Ask for mediation"), send)


@pages.route("/my-complaint/panel", methods=["GET", "POST"])
@resident
def panel() -> ResponseReturnValue:
    """Ask for the landlord's panel or decline it, inside the one stage 2 (Code 5.3)."""
    case = open_case_for(Action.HOLD_PANEL)
    offered = case.view.policy.landlord.panel
    if offered is None:
        abort(404)
    form = PanelForm()

    def send(show: Show) -> ResponseReturnValue:
        step = request.form.get("press", "")
        if step not in {"asked", "declined"}:
            form.refuse("words", CHOOSE)
            return show()
        said = form.words.data or ""
        command = c.HoldPanel(step=step, happened_on=clock.today(), words=said, language=spoken())
        return act(case, command, form, show, "panel")

    heading = gettext("A panel can look at your complaint")
    state = case.view.state.panel
    return page(case, form, "portal/panel.html", heading, send, offer=words(offered.words), panel=state)


@pages.route("/my-complaint/formal-answer", methods=["GET", "POST"])
@resident
def formal_answer() -> ResponseReturnValue:
    """After a quick resolution: the resident wants a formal answer all the same, and that decides."""
    case = open_case_for(Action.REOPEN)
    form = FormalForm()

    def send(show: Show) -> ResponseReturnValue:
        command = c.Reopen(reason=form.reason.data or "", language=spoken())
        return act(case, command, form, show, "formal")

    return page(case, form, "portal/formal_answer.html", gettext("Ask for a formal answer"), send)
