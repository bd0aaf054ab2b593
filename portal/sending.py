"""Check your answers, and send. Sending twice makes one complaint."""

from datetime import timedelta
from typing import Any

from flask import current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import compose, questions, rate_limits, session, summary
from portal.blueprint import pages
from portal.forms.base import Question as QuestionForm
from portal.forms.story import kind_of
from portal.journey import adopt, answers, page_url
from portal.questions import CHECK
from portal.rate_limits import TooFast
from portal.session import Receipt
from portal.sign_in import too_many
from shared import clock, i18n
from shared.cases import files, service
from shared.cases.drafts import DraftView
from shared.identity.actors import Representative, Resident
from shared.vocab import ConsentScope
from shared.web.access import public
from shared.web.render import go_on, render, see_other

AGAIN = timedelta(minutes=30)  # after the last answer, for an answer of ours that got lost


class SendForm(QuestionForm):
    """Nothing to fill in: a token against forged posts, and a place for what is still missing."""


@pages.route("/tell-us/check", methods=["GET", "POST"])
@public
def check() -> ResponseReturnValue:
    """Everything that will be sent, each with a way to change it; the button sends it."""
    if request.method == "POST":
        adopt()
    draft = session.draft()
    if draft is None or not draft.answers:
        return see_other(url_for("portal.start"))
    if draft.case_ref and request.method == "GET":
        return see_other(url_for("portal.receipt"))
    if request.method == "POST":
        return _send(draft)
    return _show(draft)


def once_more() -> ResponseReturnValue:
    """The same page, saying why nothing was sent and that one more press does it."""
    draft = session.draft()
    if draft is None or not draft.answers or draft.case_ref:
        return go_on(page_url(CHECK))
    return _show(draft, expired=True)


def _show(
    draft: DraftView, errors: list[dict[str, str]] | None = None, *, expired: bool = False
) -> ResponseReturnValue:
    known = answers()
    return render(
        "portal/check.html",
        status=422 if errors or expired else 200,
        expired=expired,
        heading=gettext("Check your answers and send"),
        kind=kind_of(known),
        sections=summary.sections(known, draft.files),
        open_questions=[(q.name, summary.TITLES[q.name]) for q in questions.missing(known)],
        errors=errors or [],
        who=known.get("who") or "me",
        danger=known.get("danger"),
        draft_token=session.draft_token(),
        back_url=page_url(questions.before(CHECK, known) or "what"),
    )


def _send(draft: DraftView) -> ResponseReturnValue:
    if draft.case_ref and (answer := _sent_before(draft)):
        return answer
    form = SendForm()
    known = draft.answers
    missing = [] if draft.case_ref else questions.missing(known)
    if not form.validate_on_submit() or missing:
        return _show(draft, [_problem(q.name, known) for q in missing])
    command = compose.submit(known, files.refs_of_draft(draft.id), i18n.current().code)
    actor: Resident | Representative
    if command.helper is not None:
        actor = Representative("", command.helper.name, ConsentScope.NONE)
    else:
        actor = Resident("", command.resident.name if command.resident else "")
    try:
        if not draft.case_ref:
            rate_limits.sending()
        done = service.submit(command, actor, current_app.extensions["redress"].landlord, draft.id)
    except service.Refused as refused:
        return _show(
            draft,
            [{"text": gettext("Check your answers"), "href": "#main-content"} for _ in refused.problems[:1]],
        )
    except TooFast as wait:
        return _show(draft, [{"text": too_many(wait.seconds), "href": "#send"}])
    except service.NoSuchCase:  # the draft was deleted meanwhile, by the person or by time
        session.drop_draft()
        return see_other(url_for("portal.start"))
    mine = _mine(actor, done.ref)
    if not command.anonymous:
        session.sign_in(mine)
    session.keep_receipt(Receipt(done.ref, command.kind, done.codes.get(mine.key, ""), command.anonymous))
    return go_on(url_for("portal.receipt"))


def _sent_before(draft: DraftView) -> ResponseReturnValue | None:
    """What a second press gets: the receipt that this browser has, or the door when it comes late.

    None where the first answer never arrived: sending again brings the receipt, with a fresh code.
    """
    shown = session.receipt()
    if shown is not None and shown.ref == draft.case_ref:
        return go_on(url_for("portal.receipt"))
    if clock.now() - draft.updated_at > AGAIN:
        return go_on(session.sign_in_url())
    return None


def _mine(actor: Resident | Representative, ref: str) -> Resident | Representative:
    if isinstance(actor, Representative):
        return Representative(ref, actor.name, actor.scope)
    return Resident(ref, actor.name)


def _problem(name: str, known: dict[str, Any]) -> dict[str, str]:
    """What is wrong on one page, in that page's own words, with the way there."""
    form_class = questions.BY_NAME[name].form
    text = gettext("Check your answers")
    if form_class is not None:
        form = form_class.of(known)
        form.validate()
        found = summary.first_problem(form)
        text = found or text
    return {"text": text, "href": page_url(name, back=CHECK)}
