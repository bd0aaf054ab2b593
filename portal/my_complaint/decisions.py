"""What the resident decides: a second look, stopping, a new date, a promise, an offer."""

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from portal import progress
from portal.actions import act
from portal.blueprint import pages
from portal.case_access import OpenCase, Sight, open_case_for
from portal.form_page import Show, page, spoken, story
from portal.forms.base import Form
from shared import clock
from shared.cases import commands as c
from shared.cases.state import Remedy
from shared.vocab import Action
from shared.web.access import resident
from shared.web.forms import choices
from shared.web.render import see_other


class EscalateForm(Form):
    """Nothing is required (Code 6.12)."""

    late_reason = story(_l("What made it late?"))
    reason = story(_l("What should we look at again?"))


class WithdrawForm(Form):
    """Nothing is required."""

    reason = story(_l("Would you like to tell us why?"))


class MoreTimeForm(Form):
    """Whether the new date is agreed."""

    agreed = RadioField(
        _l("Do you agree to the new date?"),
        choices=choices([("yes", _l("Yes, I agree")), ("no", _l("No, I do not agree"))]),
    )
    words = story(_l("Is there anything that you would like to say about it?"))


class PromiseForm(Form):
    """The resident's own word on a promise."""

    words = story(_l("What would you like to tell us about it?"))


CHOOSE = _l("Choose one of the answers")


class OfferForm(Form):
    """The answer to an offer is the button that was pressed."""


@pages.route("/my-complaint/escalate", methods=["GET", "POST"])
@resident
def escalate() -> ResponseReturnValue:
    """Ask for stage 2: one button; reasons only for those who want to give them."""
    case = open_case_for(Action.ESCALATE)
    form = EscalateForm()

    def send(show: Show) -> ResponseReturnValue:
        command = c.Escalate(
            reason=form.reason.data or "", late_reason=form.late_reason.data or "", language=spoken()
        )
        return act(case, command, form, show, "escalated")

    return page(
        case,
        form,
        "portal/escalate.html",
        gettext("Ask us to look at it again"),
        send,
        second=progress.stage_names(case.view)[1],
        over=progress.window_is_over(case.view) if case.sight is Sight.ALL else None,
    )


@pages.route("/my-complaint/withdraw", methods=["GET", "POST"])
@resident
def withdraw() -> ResponseReturnValue:
    """Stop the complaint, after a page that interrupts and offers to keep it."""
    case = open_case_for(Action.WITHDRAW)
    form = WithdrawForm()

    def send(show: Show) -> ResponseReturnValue:
        return act(case, c.Withdraw(reason=form.reason.data or ""), form, show, "withdrawn")

    return page(case, form, "portal/withdraw.html", gettext("Do you want to stop your complaint?"), send)


@pages.route("/my-complaint/more-time", methods=["GET", "POST"])
@resident
def more_time() -> ResponseReturnValue:
    """Agree to an extension or not, with the Ombudsman's details (Code 6.5, 6.16)."""
    case = open_case_for(Action.ANSWER_EXTENSION)
    if not case.view.state.extensions:
        abort(404)
    form = MoreTimeForm()

    def send(show: Show) -> ResponseReturnValue:
        command = c.AnswerExtension(agreed=form.agreed.data == "yes", words=form.words.data or "")
        return act(case, command, form, show, "answered")

    return page(
        case,
        form,
        "portal/more_time.html",
        gettext("We need more time"),
        send,
        extension=case.view.state.extensions[-1],
        ombudsman=case.view.policy.ombudsman(clock.today()),
        in_remit=True,
    )


@pages.route("/my-complaint/promises/<int:number>", methods=["GET", "POST"])
@resident
def promise(number: int) -> ResponseReturnValue:
    """Done, or not done: the resident's own word, by one press or with as many words as she likes."""
    case = open_case_for(Action.CONFIRM_COMMITMENT)
    kept = next((p for p in case.view.state.commitments if p.number == number), None)
    if kept is None:
        abort(404)
    form = PromiseForm(data={"words": kept.confirmed_words})

    def send(show: Show) -> ResponseReturnValue:
        said = request.form.get("done")
        if said not in {"yes", "no"}:
            form.refuse("words", CHOOSE)
            return show()
        words = (form.words.data or "") if "words" in request.form else kept.confirmed_words
        command = c.ConfirmCommitment(number=number, done=said == "yes", words=words)
        return act(case, command, form, show, "promise")

    heading = gettext("Promise %(number)s", number=number)
    return page(case, form, "portal/promise.html", heading, send, promise=kept)


def offers(case: OpenCase) -> list[Remedy]:
    """What we offered. An offer is the handler's own business until the answer that carries it was sent."""
    m = case.view.state.milestones
    sent = {1: m.responded_at, 2: m.final_response_at}
    return [remedy for remedy in case.view.state.remedies if sent.get(remedy.stage)]


@pages.post("/my-complaint/offers/<int:number>")
@resident
def offer(number: int) -> ResponseReturnValue:
    """Yes or no to something we offered. It closes no door: stage 2 and the Ombudsman stay open."""
    case = open_case_for(Action.SETTLE_REMEDY)
    if number not in {r.number for r in offers(case) if r.accepted is None}:
        abort(404)
    said = request.form.get("accepted")
    if said not in {"yes", "no"}:
        abort(400)
    command = c.SettleRemedy(number=number, accepted=said == "yes")
    return act(case, command, OfferForm(), _back, "offer")


def _back() -> ResponseReturnValue:
    return see_other(url_for("portal.my_complaint"))
