"""Save and come back later; come back; forget. An address is asked for only when it is needed."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal import session
from portal.blueprint import pages
from portal.forms.base import Question as QuestionForm
from portal.forms.base import line
from portal.journey import page_url
from portal.questions import CHECK, asked, missing
from shared import config, i18n
from shared.cases import drafts
from shared.web.access import public
from shared.web.forms import email, required
from shared.web.landlord import landlord
from shared.web.render import go_on, render, see_other


class MailForm(QuestionForm):
    """Where to send the way back."""

    email = line(_l("Your email address"), required(_l("Enter your email address")), email())


class BackForm(QuestionForm):
    """The code of a draft, from an e-mail or written down."""

    code = line(_l("Your code"), required(_l("Enter your code")))


class ButtonForm(QuestionForm):
    """A button and its token."""


@pages.route("/tell-us/later", methods=["GET", "POST"])
@public
def later() -> ResponseReturnValue:
    """Two ways to come back: a link by e-mail, or a code to write down."""
    draft = session.draft()
    if draft is None or draft.case_ref:
        return see_other(url_for("portal.start"))
    form = MailForm()
    if request.method == "POST" and request.form.get("press") == "code":
        code = drafts.way_back(draft.id, landlord().draft_days)
        return render("portal/later_code.html", code=code, days=landlord().draft_days)
    if form.validate_on_submit():
        drafts.mail_way_back(
            draft.id,
            str(form.email.data),
            days=landlord().draft_days,
            address=config.current().base_url.rstrip("/") + url_for("portal.come_back"),
            language=i18n.current().code,
            landlord=landlord().name,
        )
        return see_other(url_for("portal.later_sent"))
    return render(
        "portal/later.html",
        status=422 if form.errors else 200,
        form=form,
        days=landlord().draft_days,
        go_on=page_url(_open(draft.answers)),
    )


@pages.get("/tell-us/later/sent")
@public
def later_sent() -> ResponseReturnValue:
    """The e-mail is on its way."""
    draft = session.draft()
    go_on = page_url(_open(draft.answers)) if draft and not draft.case_ref else url_for("portal.start")
    return render("portal/later_sent.html", days=landlord().draft_days, go_on=go_on)


@pages.route("/come-back", methods=["GET", "POST"])
@public
def come_back() -> ResponseReturnValue:
    """The code typed, or brought along by the link; opening the link alone does nothing."""
    form = BackForm(data={"code": request.args.get("code", "")[:60]})
    if form.validate_on_submit():
        found = drafts.read_code(str(form.code.data))
        if found is not None:
            session.keep_draft(found)
            draft = session.draft()
            if draft is not None and not draft.case_ref:
                return go_on(page_url(_open(draft.answers)))
        form.refuse(
            "code",
            _l("We cannot find a complaint with this code. Check the code, or start again."),
        )
    return render("portal/come_back.html", status=422 if form.errors else 200, form=form)


@pages.route("/tell-us/forget", methods=["GET", "POST"])
@public
def forget() -> ResponseReturnValue:
    """Delete the draft with its files, after asking once."""
    draft = session.draft()
    if draft is None or draft.case_ref:
        return see_other(url_for("portal.start"))
    form = ButtonForm()
    if form.validate_on_submit():
        drafts.delete(draft.id)
        session.drop_draft()
        return go_on(url_for("portal.start"))
    return render("portal/forget.html", form=form, go_on=page_url(_open(draft.answers)))


@pages.post("/tell-us/close")
@public
def close() -> ResponseReturnValue:
    """This browser forgets; the draft stays for whoever has its link or code."""
    session.sign_out()
    return go_on(url_for("portal.start"))


def _open(answers: dict[str, object]) -> str:
    """Where to go on: the first question without the answer it needs, else the check page."""
    needed = {q.name for q in missing(answers)}
    return next((q.name for q in asked(answers) if q.name in needed), CHECK)
