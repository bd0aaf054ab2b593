"""What the resident may ask for beside the two stages: mediation, and a formal answer after a quick one."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.acting import act
from portal.blueprint import pages
from portal.forms.base import Form
from portal.one_form import Show, page, spoken, story
from portal.sight import opened_for
from shared.cases import commands as c
from shared.vocab import Action
from shared.web.access import resident

ASKED = "Asked for on the portal."  # for staff, where the resident wrote nothing


class MediationForm(Form):
    """Nothing is required."""

    words = story(_l("What would you like to talk about?"))


class FormalForm(Form):
    """Nothing is required: asking is enough (Code 5.2)."""

    reason = story(_l("What is still not right?"))


@pages.route("/my-complaint/mediation", methods=["GET", "POST"])
@resident
def mediation() -> ResponseReturnValue:
    """Ask for somebody who takes no side; it changes no date."""
    case = opened_for(Action.MEDIATE)
    form = MediationForm()

    def send(show: Show) -> ResponseReturnValue:
        command = c.Mediate(words=form.words.data or ASKED, language=spoken())
        return act(case, command, form, show, "mediation")

    return page(case, form, "portal/mediation.html", gettext("Ask for mediation"), send)


@pages.route("/my-complaint/formal-answer", methods=["GET", "POST"])
@resident
def formal_answer() -> ResponseReturnValue:
    """After a quick resolution: the resident wants a formal answer all the same, and that decides."""
    case = opened_for(Action.REOPEN)
    form = FormalForm()

    def send(show: Show) -> ResponseReturnValue:
        command = c.Reopen(reason=form.reason.data or "", language=spoken())
        return act(case, command, form, show, "formal")

    return page(case, form, "portal/formal_answer.html", gettext("Ask for a formal answer"), send)
