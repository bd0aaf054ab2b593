"""The other way in: a link and six digits by e-mail, or the digits by text. Opening the link changes nothing.

Every request makes a row and takes the same time, whether an address is known or not, and the browser is told
the same. Who can use neither rings us.
"""

from flask import request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal.blueprint import pages
from portal.forms.base import Form, line
from portal.sign_in import enter, too_many
from shared import config
from shared.cases.access import people
from shared.cases.access.sign_in_links import LINK_MINUTES, send_links
from shared.db import db, writing
from shared.identity import access as ways_in
from shared.identity import throttle, tokens
from shared.identity.actors import Representative, Resident
from shared.identity.throttle import Limit
from shared.mail import phones
from shared.models import SignInLink
from shared.web.access import public
from shared.web.forms import required
from shared.web.render import leave, render, see_other

ASKED = "asked"  # the key of the link whose six digits this browser may type


class AskForm(Form):
    """Whom the link is for."""

    who = line(
        _l("Your email address or your reference"),
        required(_l("Enter the email address that you gave us, or your reference")),
    )


class AskWithTextForm(Form):
    """Whom the link or the numbers are for, where text messages are sent too."""

    who = line(
        _l("Your email address, your mobile number or your reference"),
        required(_l("Enter the email address or mobile number that you gave us, or your reference")),
    )


class DigitsForm(Form):
    """The six digits of the message."""

    digits = line(_l("The 6 numbers from our message"), required(_l("Enter the 6 numbers from our message")))


class ButtonForm(Form):
    """A button and its token."""


@pages.route("/sign-in/link", methods=["GET", "POST"])
@public
def ask_link() -> ResponseReturnValue:
    """Ask for a message. The answer is the same for every address, number and reference."""
    texts = config.current().sends_texts
    form = AskWithTextForm() if texts else AskForm()
    if not form.validate_on_submit():
        return render("portal/ask_link.html", status=422 if form.errors else 200, form=form, texts=texts)
    typed = str(form.who.data)
    with throttle.same_time_for_all():
        answer, key = _send(typed)
    if isinstance(answer, throttle.Wait):
        form.refuse("who", too_many(answer.seconds))
        return render("portal/ask_link.html", status=422, form=form, texts=texts)
    cookie[ASKED] = key
    return see_other(url_for("portal.typed_code"))


def _send(typed: str) -> tuple[throttle.Allowed | throttle.Wait, str]:
    who = tokens.parse_reference(typed) or phones.mobile(typed) or typed.casefold()  # however it is spelt
    limits = (
        Limit(f"link:who:{who}", 3, 900),
        Limit(f"link:address:{request.remote_addr}", 20, 900),
    )
    with writing() as base:
        answer = throttle.hit_all(base, limits)
        if isinstance(answer, throttle.Wait):
            return answer, ""
        return answer, send_links(base, typed, address=_address)


def _address(language: str, token: str) -> str:
    return config.current().base_url + url_for("portal.claim_link", lang=language, token=token)


@pages.route("/sign-in/code", methods=["GET", "POST"])
@public
def typed_code() -> ResponseReturnValue:
    """The message is on its way, if we know the person; its digits can be typed here, on any device's behalf."""
    kept = cookie.get(ASKED)
    if not isinstance(kept, str):
        return see_other(url_for("portal.ask_link"))
    form = DigitsForm()
    if not form.validate_on_submit():
        return render(
            "portal/typed_code.html", status=422 if form.errors else 200, form=form, minutes=LINK_MINUTES
        )
    settings = config.current()
    with writing() as base:
        link = ways_in.use_code(
            base, kept, str(form.digits.data), purpose=ways_in.SIGN_IN, secret=settings.secret_key
        )
        who = _key(link)
    person = _person(who)
    if person is None:
        form.refuse(
            "digits",
            _l("These numbers are not right, or they are too old. Check them, or ask for new numbers."),
        )
        return render("portal/typed_code.html", status=422, form=form, minutes=LINK_MINUTES)
    enter(person)
    return leave(url_for("portal.my_complaint"))


@pages.route("/sign-in/link/<string:token>", methods=["GET", "POST"])
@public
def claim_link(token: str) -> ResponseReturnValue:
    """The page behind a link, with a button; the button opens the case, once."""
    form = ButtonForm()
    if form.validate_on_submit():
        with writing() as base:
            who = _key(ways_in.use_link(base, token, ways_in.SIGN_IN))
        person = _person(who)
        if person is not None:
            enter(person)
            return leave(url_for("portal.my_complaint"))
        return render("portal/old_link.html", status=410)
    live = ways_in.find_link(db.session(), token, ways_in.SIGN_IN)
    if live is None or live.case_id is None:
        return render("portal/old_link.html", status=410)
    return render("portal/claim_link.html", form=form, token=token)


def _key(link: SignInLink | None) -> str:
    return (link.person or "") if link else ""


def _person(key: str) -> Resident | Representative | None:
    """The person of an Actor.key as the case stands now, unless that way in has ended."""
    parts = key.split(":")
    found = people.recognise(parts[1], key) if len(parts) >= 2 else None
    db.session.rollback()
    return found
