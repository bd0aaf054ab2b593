"""How it was, asked after the end; and one press that turns an unhappy answer into a complaint (Code 1.3)."""

from typing import Any

from flask import current_app, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from portal import session
from portal.actions import act
from portal.blueprint import pages
from portal.case_access import OpenCase, not_now, open_case_for
from portal.form_page import Show, page, spoken, story
from portal.forms.base import Form
from portal.session import Receipt
from shared.cases import commands as c
from shared.cases import drafts, service
from shared.cases.state import Story
from shared.identity.actors import Resident
from shared.vocab import Action, Channel, Kind
from shared.web.access import resident
from shared.web.forms import choices
from shared.web.render import go_on

SATISFIED: dict[int, Any] = {
    5: _l("Very happy"),
    4: _l("Quite happy"),
    3: _l("Not happy, not unhappy"),
    2: _l("Quite unhappy"),
    1: _l("Very unhappy"),
}
UNHAPPY = 2


class FeedbackForm(Form):
    """One question and a place for words."""

    satisfied = RadioField(
        _l("How happy are you with how we dealt with your complaint?"), choices=choices(SATISFIED.items())
    )
    words = story(_l("Would you like to tell us more?"))


class UnhappyForm(Form):
    """What the complaint says: what was written already, unless the person changes it."""

    words = story(_l("What your complaint says (you can change it)"))


@pages.route("/my-complaint/feedback", methods=["GET", "POST"])
@resident
def feedback() -> ResponseReturnValue:
    """The survey; whoever is unhappy is offered a complaint about it on the same page."""
    case = open_case_for(Action.GIVE_FEEDBACK)
    given = case.view.state.feedback
    form = FeedbackForm(data={"satisfied": str(given.satisfied), "words": given.words} if given else None)

    def send(show: Show) -> ResponseReturnValue:
        marks = int(form.satisfied.data)
        command = c.GiveFeedback(satisfied=marks, words=form.words.data or "", language=spoken())
        answer = act(case, command, form, show, "feedback")
        if marks <= UNHAPPY and getattr(answer, "status_code", 0) in {204, 303}:
            return go_on(url_for("portal.unhappy"))
        return answer

    return page(case, form, "portal/feedback.html", gettext("How was it for you?"), send)


@pages.route("/my-complaint/unhappy", methods=["GET", "POST"])
@resident
def unhappy() -> ResponseReturnValue:
    """One press sends what was written as a new complaint, linked to this one. Nothing is asked again."""
    case = open_case_for(Action.GIVE_FEEDBACK)
    given = case.view.state.feedback
    if case.helper or given is None:
        not_now()
    form = UnhappyForm(data={"words": given.words})

    def send(_show: Show) -> ResponseReturnValue:
        return _complain(case, form.words.data or given.words)

    return page(
        case,
        form,
        "portal/unhappy.html",
        gettext("Do you want to complain about it?"),
        send,
    )


def _complain(case: OpenCase, words: str) -> ResponseReturnValue:
    """A new case of the same person, with the same needs and the same safe ways, linked to the old one.

    The same words about the same answer, sent again after a lost signal, give the same case.
    """
    state = case.view.state
    person = state.resident
    if person is None:
        not_now()
    what = words or gettext("I am not happy with how you dealt with my complaint %(ref)s.", ref=case.ref)
    command = c.Submit(
        kind=Kind.COMPLAINT,
        language=state.language,
        channel=Channel.PORTAL,
        story=Story(what=what, language=spoken()),
        resident=person,
        safety=state.safety,
        needs=state.needs,
        linked=(case.ref,),
    )
    given = max(e.seq for e in case.view.events if isinstance(e.command, c.GiveFeedback))
    once = drafts.once(f"unhappy:{case.ref}:{given}:{what}", state.language)
    landlord = current_app.extensions["redress"].landlord
    done = service.submit(command, Resident("", person.name), landlord, once)
    mine = Resident(done.ref, person.name)
    session.sign_in(mine)
    session.keep_receipt(Receipt(done.ref, Kind.COMPLAINT, done.codes.get(mine.key, ""), False))
    return go_on(url_for("portal.receipt"))
