"""From a form on the resident's pages to the case: one way for every action, and nothing typed is ever lost."""

from collections.abc import Callable
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.case_access import OpenCase, not_now, sent_form
from shared.cases import commands as c
from shared.cases import queries, service, timeline
from shared.web import errors
from shared.web.forms import Form
from shared.web.render import go_on

# What the page says when somebody comes back to it after doing something.
DONE: dict[str, Any] = {
    "escalated": _l("We have your request. Another person will look at your complaint again."),
    "promise": _l("Thank you. We wrote down what you told us about the promise."),
    "message": _l("We have your message."),
    "added": _l("We added this to your complaint."),
    "answered": _l("We have your answer."),
    "contact": _l("We changed how we reach you."),
    "needs": _l("We wrote down what you need."),
    "consent": _l("We wrote down your decision. Your choice counts from now on."),
    "withdrawn": _l("We stopped your complaint. You can come back to us at any time."),
    "kept": _l("Your complaint goes on. Nothing changed."),
    "offer": _l("We wrote down your answer to our offer."),
    "mediation": _l("We have your request for mediation. We will get in touch with you about it."),
    "panel": _l("We wrote down your answer about the panel."),
    "formal": _l("We have your request. We look into your complaint and write to you."),
    "feedback": _l("Thank you for telling us how it was."),
}
# These only add something, so what happened meanwhile cannot make them wrong.
ADDITIONS = (c.Message, c.AddInformation, c.AnswerClarification, c.ConfirmCommitment)
CHECK = _l("Check this answer")

Again = Callable[[], ResponseReturnValue]


def version_seen() -> int:
    """The version of the case that the form was made from."""
    typed = request.form.get("seen", "")
    return int(typed[:9]) if typed[:9].isdigit() and typed.isascii() else -1


def act(case: OpenCase, command: c.Command, form: Form, again: Again, done: str) -> ResponseReturnValue:
    """Perform, then show the complaint; or the form again, with what stands in the way beside its field."""
    try:
        _perform(case, command)
    except service.Refused as refused:
        show_problems(form, refused)
        return again()
    except service.Stale as stale:
        return _changed(case, stale)
    except service.NotAllowed:
        not_now()
    except service.NoSuchCase:
        abort(404)
    return go_on(url_for("portal.my_complaint", done=done))


def _perform(case: OpenCase, command: c.Command) -> None:
    """Try again where what happened meanwhile is nothing to this person, such as a note among colleagues.

    The same form sent twice is one step, also where the second press was quicker than the first answer.
    """
    since, form = version_seen(), sent_form(command.action)
    for _attempt in range(3):
        try:
            service.perform(case.ref, command, case.actor, since, form=form)
            return
        except service.Stale as stale:
            if not isinstance(command, ADDITIONS) and _visible(case, stale.since):
                raise
            since = stale.now
    raise service.Stale(case.ref, version_seen(), since)


def _visible(case: OpenCase, since: int) -> list[str]:
    """What the person can know of what happened since they opened the page; the newest first."""
    if since < 1:
        return [gettext("The page was not complete.")]
    events = queries.case(case.ref, case.actor).events
    return [entry.title for entry in timeline.for_resident(tuple(e for e in events if e.seq > since))]


def _changed(case: OpenCase, stale: service.Stale) -> ResponseReturnValue:
    return errors.conflict(_visible(case, stale.since), back=url_for("portal.my_complaint"))


def show_problems(form: Form, refused: service.Refused) -> None:
    """What stands in the way, beside its field.

    Problems carry English words for staff; the forms of residents have said the likely ones before.
    """
    names = [p.field for p in refused.problems] or [""]
    first = next((name for name in form._fields if name != "csrf_token"), "")
    for name in names:
        target = name if name in form else first
        if target and not form[target].errors:
            form.refuse(target, CHECK)
