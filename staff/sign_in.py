"""The staff door: signing in and out, and setting a password. It never tells whether an account exists.

Two ends close a session: an absolute one, which stands in its row, and an idle one, which is a stamp in the
signed cookie because a GET must not write to the database. Pages that ask by themselves leave it alone.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user
from wtforms import HiddenField, PasswordField, StringField

from shared import config
from shared.db import db, writing
from shared.identity import accounts, sessions, throttle, tokens
from shared.identity.actors import Staff
from shared.identity.passwords import SHORTEST
from shared.mail.invitations import invite
from shared.web import access, interrupted
from shared.web.access import public
from shared.web.forms import Form, email, required
from shared.web.render import render, safe_next, see_other, wants_fragment
from staff.blueprint import pages

SEEN = "staff_seen"  # the second of the last request made by a person
KNOWN = "staff_known"  # the account that last signed in from this browser, and a token for its own limit
QUIET = "redress_quiet"
STAYS = "redress_stays"
UNTYPED = {"seen", "do", "step"}  # controls that are sent again, but hold nothing to read
WRONG = "The e-mail address or the password is not right. Check both and try again."


View = TypeVar("View", bound=Callable[..., Any])


def keeps_quiet(view: View) -> View:
    """For views that a page asks by itself: no sign that anybody is there, so the session may end meanwhile."""
    setattr(view, QUIET, True)
    return view


def stays(view: View) -> View:
    """For views that a page asks by itself while somebody types: signed out, they say so and the page stays.

    A page on which nothing is written (its request has an empty `writing`) goes to the door all the same: what it
    shows is not for whoever finds it open.
    """
    setattr(view, STAYS, True)
    return view


class SignIn(Form):
    """Who, and the proof."""

    email = StringField("E-mail address", [required("Enter your e-mail address")])
    password = PasswordField("Password", [required("Enter your password")])
    next = HiddenField()
    carried_to = HiddenField()


class Forgotten(Form):
    """Where to send a link."""

    email = StringField("E-mail address", [required("Enter your e-mail address"), email()])


class SetPassword(Form):
    """A new password, typed once: it can be shown before it is sent."""

    password = PasswordField("New password", [required("Enter a new password")])


def init_app(app: Flask) -> None:
    """Let the access marks know who is signed in on the staff side."""
    manager = LoginManager()
    manager.session_protection = None  # an address that changes on a train is no theft; the row can be ended
    manager.init_app(app)
    manager.user_loader(lambda token: sessions.verify(db.session(), token))
    access.register_staff(app, signed_in_staff, to_sign_in, lambda person: person.roles)


def signed_in_staff() -> Staff | None:
    """The colleague in this browser, unless nothing was done here for too long."""
    if "_user_id" not in session or not current_user.is_authenticated:
        return None
    if sessions.is_idle(session.get(SEEN), timedelta(minutes=config.current().staff_idle_minutes)):
        return None
    if not getattr(current_app.view_functions.get(request.endpoint or ""), QUIET, False):
        session[SEEN] = sessions.stamp()
    actor: Staff = current_user.actor
    return actor


def to_sign_in() -> str | Response:
    """The address of the sign-in page with the way back, or that page itself, with what was posted."""
    stays_here = getattr(current_app.view_functions.get(request.endpoint or ""), STAYS, False)
    if wants_fragment() and stays_here and request.form.get("writing") != "":
        return Response("", 401)  # going to the door by itself would throw away what stands in the form
    fields = [] if wants_fragment() else interrupted.posted(_is_secret)
    if fields:
        form = SignIn(formdata=None, data={"carried_to": _inside(request.full_path.rstrip("?"))})
        return _page(form, 403, fields, "time")
    back = request.full_path.rstrip("?")
    if request.method != "GET" or wants_fragment():
        referrer = urlsplit(request.referrer or "")
        back = f"{referrer.path}?{referrer.query}".rstrip("?") if referrer.netloc == request.host else ""
    ended = "time" if "_user_id" in session else None
    return url_for("staff.sign_in", next=_inside(back) or None, why=ended)


def _inside(path: str) -> str:
    """The path when it is one of our own pages, "" for anything else."""
    own = safe_next(path, "")
    return own if own.startswith("/staff/") and not own.startswith(url_for("staff.sign_in")) else ""


@pages.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The door; whoever is in already goes on."""
    if signed_in_staff():
        return see_other(url_for("staff.home"))
    form = SignIn(data={"next": _inside(request.args.get("next", ""))})
    return _page(form, why=request.args.get("why", ""))


@pages.post("/sign-in")
@public
def sign_in_post() -> ResponseReturnValue:
    """Compare, slowly, and say the same whatever is wrong."""
    form = SignIn()
    fields = interrupted.carried(_is_secret)
    if not form.validate():
        return _page(form, 422, fields)
    settings = config.current()
    name = form.email.data.strip().lower()[:320]
    limits = throttle.sign_in_limits("staff", name, request.remote_addr or "", known=_known(name))
    with writing() as base:
        answer = throttle.hit_all(base, limits)
        account = signed_in = None
        if isinstance(answer, throttle.Allowed):
            account = accounts.authenticate(base, name, form.password.data, settings.password_cost)
        if account is not None:
            throttle.clear(base, limits)
            signed_in = sessions.start(base, account, lifetime=timedelta(hours=settings.staff_absolute_hours))
    if isinstance(answer, throttle.Wait):
        form.refuse("password", f"Too many tries. Wait {_seconds(answer.seconds)}, then try again.")
        return _page(form, 422, fields)
    if account is None or signed_in is None:
        form.refuse("password", WRONG)
        return _page(form, 422, fields)
    login_user(signed_in)
    session[SEEN] = sessions.stamp()
    session[KNOWN] = [account.email, _known(name) or tokens.new_link_token()]
    target = _inside(form.carried_to.data or "")
    if fields and target:
        return render(
            "staff/go_on.html", fields=fields, target=target, typed=interrupted.words(fields, UNTYPED)
        )
    return see_other(_inside(form.next.data or "") or url_for("staff.home"))


def _page(
    form: SignIn, status: int = 200, fields: interrupted.Fields | None = None, why: str = ""
) -> Response:
    carried = interrupted.marked(fields or [])
    return render("staff/sign_in.html", status=status, form=form, carried=carried, why=why)


def _is_secret(control: str) -> bool:
    """Never carried along. The code of an adjustment is no secret here."""
    return any(word in control.lower() for word in ("csrf_token", "password"))


def _known(name: str) -> str | None:
    kept = session.get(KNOWN)
    return str(kept[1]) if isinstance(kept, list) and len(kept) == 2 and kept[0] == name else None


def _seconds(seconds: int) -> str:
    return "1 second" if seconds == 1 else f"{seconds} seconds"


@pages.post("/sign-out")
@access.staff()
def sign_out() -> ResponseReturnValue:
    """End the session here and in its row, so that a copied cookie is worth nothing."""
    with writing() as base:
        sessions.end(base, current_user.get_id())
    logout_user()
    session.pop(SEEN, None)
    return see_other(url_for("staff.sign_in", why="out"))


@pages.get("/forgotten-password")
@public
def forgotten() -> ResponseReturnValue:
    """Ask for a link to set a new password."""
    return render("staff/forgotten.html", form=Forgotten())


@pages.post("/forgotten-password")
@public
def forgotten_post() -> ResponseReturnValue:
    """Send a link where there is an account; the answer is the same where there is none."""
    form = Forgotten()
    if not form.validate():
        return render("staff/forgotten.html", form=form, status=422)
    with throttle.same_time_for_all():
        answer = _send_link(form.email.data.strip().lower()[:320])
    if isinstance(answer, throttle.Wait):
        form.refuse("email", f"Too many tries. Wait {_seconds(answer.seconds)}, then try again.")
        return render("staff/forgotten.html", form=form, status=422)
    return see_other(url_for("staff.sign_in", why="sent"))


def _send_link(name: str) -> throttle.Allowed | throttle.Wait:
    """Few to one address: nobody can bury a colleague in mail."""
    limits = (
        throttle.Limit(f"staff-forgotten:who:{name}", 3, 900),
        throttle.Limit(f"staff-forgotten:address:{request.remote_addr}", 20, 900),
    )
    with writing() as base:
        answer = throttle.hit_all(base, limits)
        account = accounts.by_email(base, name)
        if isinstance(answer, throttle.Allowed) and account is not None and account.active:
            invite(base, account)
    return answer


@pages.get("/set-password/<string:token>")
@public
def set_password(token: str) -> ResponseReturnValue:
    """The page behind the link. Opening it uses nothing up: mail scanners open every link."""
    owner = accounts.password_link_owner(db.session(), token)
    status = 200 if owner else 410
    return render(
        "staff/set_password.html", form=SetPassword(), owner=owner, shortest=SHORTEST, status=status
    )


@pages.post("/set-password/<string:token>")
@public
def set_password_post(token: str) -> ResponseReturnValue:
    """Store the password, end every session of the account, and lead to the door."""
    form = SetPassword()
    owner = accounts.password_link_owner(db.session(), token)
    if owner is not None and form.validate():
        try:
            with writing() as base:
                cost = config.current().password_cost
                owner = accounts.set_password_by_link(base, token, form.password.data, cost)
            if owner is not None:
                return see_other(url_for("staff.sign_in", why="set"))
        except ValueError as error:
            form.refuse("password", str(error))
    return render(
        "staff/set_password.html",
        form=form,
        owner=owner,
        shortest=SHORTEST,
        status=422 if owner else 410,
    )
