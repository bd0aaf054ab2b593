"""What a helper may be told: the resident says so on her own channel, and can change it at any time (Code 3.6).

Two ways here: a link from our letter, which a GET never uses up, and the page of whoever is signed in.
"""

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField

from portal.actions import act, show_problems
from portal.blueprint import pages
from portal.case_access import open_case_for
from portal.form_page import Show, page
from portal.forms.base import Form
from shared import clock, i18n
from shared.cases import commands as c
from shared.cases import queries, service
from shared.cases.case_view import CaseView
from shared.cases.correspondence.consent_request import PURPOSE
from shared.cases.state import Consent
from shared.db import db
from shared.identity import access as ways_in
from shared.identity.actors import Resident
from shared.models import Case
from shared.vocab import Action, ConsentScope
from shared.web.access import public, resident
from shared.web.forms import DateParts, at_most, choices, optional
from shared.web.render import render, see_other

ANSWERS: dict[ConsentScope, Any] = {
    ConsentScope.EVERYTHING: _l("Yes, talk to them about everything in this complaint"),
    ConsentScope.SOME: _l("Yes, but only about some things"),
    ConsentScope.ME_AS_WELL: _l("Yes, but talk to me as well"),
    ConsentScope.REFUSED: _l("No, talk to me only"),
}


class ConsentForm(Form):
    """What, and until when."""

    scope = RadioField(_l("May we talk to them about your complaint?"), choices=choices(ANSWERS.items()))
    topics = TextAreaField(_l("If only some things: which?"), [optional(), at_most(2_000)])
    until = DateParts(_l("Until when?"))

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        if self.scope.data == ConsentScope.SOME and not self.topics.data:
            self.refuse("topics", _l("Write which things we may talk about"))
            right = False
        if self.until.data is not None and self.until.data < clock.today():
            self.until.wrong = {"day", "month", "year"}
            self.refuse("until", _l("Check the date. It is in the past."))
            right = False
        return right

    def consent(self) -> Consent:
        """The answer as the case keeps it, with the sentence that was chosen."""
        scope = ConsentScope(self.scope.data)
        return Consent(
            scope=scope,
            topics=(self.topics.data or "") if scope is ConsentScope.SOME else "",
            basis="written",
            words=f"{ANSWERS[scope]} ({i18n.current().tag})",
            until=None if scope is ConsentScope.REFUSED else self.until.data,
        )


def _known(consent: Consent) -> dict[str, Any]:
    asked = consent.scope is not ConsentScope.NONE
    return {"scope": consent.scope.value if asked else None, "topics": consent.topics, "until": consent.until}


@pages.route("/my-complaint/consent", methods=["GET", "POST"])
@resident
def my_consent() -> ResponseReturnValue:
    """See, change or withdraw what a helper may be told."""
    case = open_case_for(Action.SET_CONSENT)
    helper = case.view.state.helper
    if helper is None:
        abort(404)
    form = ConsentForm(data=_known(case.view.state.consent))

    def send(show: Show) -> ResponseReturnValue:
        return act(case, c.SetConsent(consent=form.consent()), form, show, "consent")

    return page(
        case,
        form,
        "portal/consent.html",
        gettext("What we may tell your helper"),
        send,
        helper=helper,
        consent=case.view.state.consent,
        now=case.view.state.consent.in_force(clock.today()),
        answers=ANSWERS,
    )


@pages.route("/consent/<string:token>", methods=["GET", "POST"])
@public
def consent_by_link(token: str) -> ResponseReturnValue:
    """The page behind the link in our letter; only the button counts, and only once."""
    view = _behind(token)
    if view is None or view.state.helper is None:
        return render("portal/consent_old.html", status=410)
    form = ConsentForm(data=_known(view.state.consent))
    if form.validate_on_submit():
        try:
            service.answer_by_link(token, PURPOSE, c.SetConsent(consent=form.consent()))
            return see_other(url_for("portal.consent_done"))
        except service.NoSuchCase:  # the second of two presses
            return render("portal/consent_old.html", status=410)
        except service.Refused as refused:
            show_problems(form, refused)
    return render(
        "portal/consent_link.html",
        status=422 if form.errors else 200,
        heading=gettext("May somebody act for you?"),
        form=form,
        helper=view.state.helper,
        home=view.state.resident,
        token=token,
    )


@pages.get("/consent/done")
@public
def consent_done() -> ResponseReturnValue:
    """After the answer."""
    return render("portal/consent_done.html")


def _behind(token: str) -> CaseView | None:
    """The case whose resident was sent this link; None once it is used or too old."""
    link = ways_in.find_link(db.session(), token, PURPOSE)
    row = db.session.get(Case, link.case_id) if link and link.case_id else None
    if row is None:
        return None
    try:
        return queries.case(row.ref, Resident(row.ref, row.resident))
    except service.NoSuchCase:
        return None
