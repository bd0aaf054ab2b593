"""The way in to one's own complaint: reference and code. It never tells whether a case is known.

A session that ended while somebody was writing loses nothing: the sign-in page carries the words along.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, make_response, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import HiddenField

from portal import kept_files, session
from portal.blueprint import pages
from portal.forms.base import Form, line
from portal.languages import only_language
from shared.cases.access import people
from shared.db import db, writing
from shared.identity import access as ways_in
from shared.identity import throttle, tokens
from shared.identity.actors import Representative, Resident
from shared.models import Case
from shared.web import access, errors, interrupted
from shared.web.access import public, resident
from shared.web.forms import required
from shared.web.render import leave, render, safe_next, see_other, wants_fragment

KNOWN = "known"  # case reference -> token: this browser has opened that case before
WRONG = _l("The reference or the code is not right. Check both and try again.")


class SignInForm(Form):
    """Reference and access code, both read generously."""

    ref = line(_l("Your reference"), required(_l("Enter your reference. It is on your receipt.")))
    code = line(_l("Your code"), required(_l("Enter your code. It has 16 letters and numbers.")))
    next = HiddenField()
    kept_for = HiddenField()


def init_app(app: Flask) -> None:
    """Send whoever has to sign in first through this door."""
    access.register_resident(app, session.current_resident, to_sign_in)


def to_sign_in() -> str | Response:
    """The address of the sign-in page, or the page itself where there are typed words to carry along."""
    if wants_fragment() and request.method == "POST" and errors.came_from_us():
        return make_response("", 403)  # the page sends its form again as a whole (static/js/app.js)
    if request.method != "POST" or not errors.came_from_us():
        back = request.path if request.method == "GET" else None
        return url_for("portal.sign_in", next=_inside(back), why=_why())
    form = SignInForm(formdata=None, data={"kept_for": request.path})
    kept = [*interrupted.posted(), *((kept_files.FIELD, token) for token in kept_files.rescue())]
    return show(form, kept=kept, why=_why() or "", status=403)


def _why() -> str | None:
    """ "time" when this browser was signed in until it was left alone for too long."""
    return "time" if session.was_signed_in() else None


def _inside(path: str | None) -> str | None:
    """An address of ours that is not part of the door itself; None otherwise."""
    plain = urlsplit(safe_next(path, "")).path
    door = url_for("portal.sign_in")
    return None if not plain or plain.startswith(door) else plain


@pages.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """The door; whoever is in already goes on."""
    if request.method == "GET":
        inside = _inside(request.args.get("next"))
        if session.current_resident() is not None and "ref" not in request.args:
            return see_other(inside or url_for("portal.my_complaint"))
        known = {"ref": request.args.get("ref", "")[:60], "next": inside or ""}
        return show(SignInForm(data=known), why=request.args.get("why", ""))
    form = SignInForm()
    kept = interrupted.carried()
    if only_language():
        return show(form, kept=kept)
    if not form.validate():
        return show(form, kept=kept, status=422)
    answer = _try(str(form.ref.data), str(form.code.data))
    if isinstance(answer, throttle.Wait):
        form.refuse("code", too_many(answer.seconds))
        return show(form, kept=kept, status=422)
    if answer is None:
        form.refuse("code", WRONG)
        return show(form, kept=kept, status=422)
    enter(answer)
    target = _inside(form.kept_for.data)
    if kept and target:
        return _go_on(answer, kept, target)
    return leave(_inside(form.next.data) or url_for("portal.my_complaint"))


def show(
    form: SignInForm, *, kept: Sequence[tuple[str, str]] = (), why: str = "", status: int = 200
) -> Response:
    """The sign-in page."""
    return render("portal/sign_in.html", status=status, form=form, kept=interrupted.marked(kept), why=why)


def _go_on(person: Resident | Representative, kept: Sequence[tuple[str, str]], target: str) -> Response:
    waiting = kept_files.known(person, (value for name, value in kept if name == kept_files.FIELD))
    return render(
        "portal/go_on.html",
        fields=kept,
        target=target,
        typed=interrupted.words(kept),
        files=[one.file.name for one in waiting],
    )


def _try(ref: str, code: str) -> Resident | Representative | throttle.Wait | None:
    """Count the try, then compare. An unknown reference costs and answers what a wrong code does."""
    spelt = tokens.parse_reference(ref) or tokens.plain(ref)[:40]
    limits = throttle.sign_in_limits("portal", spelt, request.remote_addr or "", known=known_here(spelt))
    with writing() as base:
        answer = throttle.hit_all(base, limits)
        if isinstance(answer, throttle.Wait):
            return answer
        case_id = base.scalar(select(Case.id).where(Case.ref == spelt))
        key = ways_in.check_access_code(base, case_id, code)
        person = key.person if key else None
        if person is not None:
            throttle.clear(base, limits)
    found = people.recognise(spelt, person) if person else None
    db.session.rollback()
    return found


def known_here(ref: str) -> str | None:
    """The token by which this browser is counted alone for a case that it has opened before."""
    kept: Any = cookie.get(KNOWN)
    token = kept.get(ref) if isinstance(kept, dict) else None
    return token if isinstance(token, str) else None


def enter(person: Resident | Representative) -> None:
    """Begin a session that holds nothing of an earlier one but the draft somebody may be writing here."""
    draft, known = session.draft_token(), known_here(person.case_ref)
    session.sign_out()
    if draft:
        session.keep_draft(draft)
    cookie[KNOWN] = {person.case_ref: known or tokens.new_link_token()}
    session.sign_in(person)


def too_many(seconds: int) -> str:
    """What to do when the tries came too fast, with the way through for the person themselves."""
    if seconds < 60:
        return ngettext(
            "There were too many tries. Wait %(num)d second, then try again. You can also call us.",
            "There were too many tries. Wait %(num)d seconds, then try again. You can also call us.",
            seconds,
        )
    return gettext("There were too many tries. Wait 2 minutes, then try again. You can also call us.")


@pages.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """This browser forgets everything. Also for those whose session ended already."""
    session.sign_out()
    return leave(url_for("portal.sign_in", why="out"))


@pages.post("/my-complaint/sign-out-everywhere")
@resident
def sign_out_everywhere() -> ResponseReturnValue:
    """Every browser forgets, this one too: for whoever signed in on a device that is not only theirs."""
    people.sign_out_everywhere(access.actor())
    session.sign_out()
    return leave(url_for("portal.sign_in", why="everywhere"))
