"""Save and come back later; come back; forget. An address is asked for only when it is needed."""

from flask import request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal import session
from portal.blueprint import pages
from portal.forms.base import Question as QuestionForm
from portal.forms.base import line
from portal.journey import LEFT_AT, page_url
from portal.questions import CHECK, asked, missing
from portal.sign_in import too_many
from shared import config, i18n
from shared.cases import drafts
from shared.db import writing
from shared.identity import throttle
from shared.identity.throttle import Limit
from shared.web.access import public
from shared.web.forms import email, mobile, required
from shared.web.landlord import landlord
from shared.web.render import go_on, render, see_other

BROUGHT = "brought"  # the code that a link brought along, until it is sent
MOBILE = _l("Enter a mobile number of the UK, such as 07700 900982")


class MailForm(QuestionForm):
    """Where to send the way back."""

    email = line(_l("Your email address"), required(_l("Enter your email address")), email())


class TextForm(QuestionForm):
    """The mobile phone to send the way back to."""

    mobile = line(_l("Your mobile number"), required(MOBILE), mobile(MOBILE))


class BackForm(QuestionForm):
    """The code of a draft, from an e-mail or written down."""

    code = line(_l("Your code"), required(_l("Enter your code")))


class ButtonForm(QuestionForm):
    """A button and its token."""


@pages.route("/tell-us/later", methods=["GET", "POST"])
@public
def later() -> ResponseReturnValue:
    """Ways to come back: a link by e-mail or text message, or a code to write down."""
    draft = session.draft()
    if draft is None or draft.case_ref:
        return see_other(url_for("portal.start"))
    press = request.form.get("press")
    by_text = press == "text" and config.current().sends_texts
    form, text_form = (
        MailForm(formdata=None) if by_text else MailForm(),
        TextForm() if by_text else TextForm(formdata=None),
    )
    if request.method == "POST" and press == "code":
        code = drafts.way_back(draft.id, landlord().draft_days)
        return render("portal/later_code.html", code=code, days=landlord().draft_days)
    filled: TextForm | MailForm = text_form if by_text else form
    if filled.validate_on_submit():
        field = "mobile" if by_text else "email"
        if answer := _wait(by_text, str(filled[field].data)):
            filled.refuse(field, answer)
        else:
            _send_way_back(draft.id, filled)
            return see_other(url_for("portal.later_sent", by="text" if by_text else None))
    return render(
        "portal/later.html",
        status=422 if filled.errors else 200,
        form=filled,
        mail_form=form,
        text_form=text_form if config.current().sends_texts else None,
        days=landlord().draft_days,
        go_on=page_url(_open(draft.answers)),
    )


def _wait(by_text: bool, to: str) -> str:
    """What to say where many messages go to one person, or many texts from one browser; "" when it may go on."""
    kind, most = ("text", 5) if by_text else ("mail", 20)
    limits = (
        Limit(f"back:to:{to.casefold()}", 3, 900),
        Limit(f"{kind}:address:{request.remote_addr}", most, 3600),
    )
    with writing() as base:
        answer = throttle.hit_all(base, limits)
    return too_many(answer.seconds) if isinstance(answer, throttle.Wait) else ""


def _send_way_back(draft_id: int, form: MailForm | TextForm) -> None:
    by_text = isinstance(form, TextForm)
    send = drafts.text_way_back if by_text else drafts.mail_way_back
    send(
        draft_id,
        str(form.mobile.data if isinstance(form, TextForm) else form.email.data),
        days=landlord().draft_days,
        address=config.current().base_url + url_for("portal.come_back"),
        language=i18n.current().code,
        landlord=landlord().name,
    )


@pages.get("/tell-us/later/sent")
@public
def later_sent() -> ResponseReturnValue:
    """The e-mail is on its way."""
    draft = session.draft()
    go_on = page_url(_open(draft.answers)) if draft and not draft.case_ref else url_for("portal.start")
    by_text = request.args.get("by") == "text"
    return render("portal/later_sent.html", days=landlord().draft_days, go_on=go_on, by_text=by_text)


@pages.route("/come-back", methods=["GET", "POST"])
@public
def come_back() -> ResponseReturnValue:
    """The code typed, or brought along by the link; opening the link alone does nothing.

    A code never stays in an address: the history of a library's computer would show it to whoever comes next.
    """
    if "code" in request.args:
        cookie[BROUGHT] = request.args["code"][:60]
        return see_other(url_for("portal.come_back"))
    form = BackForm(data={"code": cookie.get(BROUGHT, "")})
    if form.validate_on_submit():
        found = drafts.read_code(str(form.code.data))
        draft = drafts.find(found) if found is not None else None
        if found is not None and draft is not None and not draft.case_ref:  # a sent one opens nothing
            cookie.pop(BROUGHT, None)
            session.keep_draft(found)
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
    """Where to go on: where somebody stopped or still has to answer, whatever comes first; else the check page."""
    open_ones = {q.name for q in missing(answers)} | {answers.get(LEFT_AT)}
    return next((q.name for q in asked(answers) if q.name in open_ones), CHECK)
