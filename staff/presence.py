"""Who else has this case open: told by each open page every few seconds, and never by looking at one."""

from flask import abort, request
from flask.typing import ResponseReturnValue

from shared.cases import service
from shared.cases.colleagues import presence
from shared.cases.colleagues.presence import Here
from shared.vocab import Action
from shared.web import access
from shared.web.render import render, see_other, wants_fragment
from staff.addresses import CASE_ROLES, case_url, me, true_ref
from staff.blueprint import pages
from staff.forms import FORMS
from staff.sign_in import keeps_quiet, stays

# What somebody has before them, where the title of the form would not say it among colleagues.
WRITES = {
    Action.RESPOND: "the stage %d response",
    Action.ACKNOWLEDGE: "the stage %d acknowledgement",
    Action.UPDATE_RESIDENT: "a progress update",
    Action.EXTEND: "a letter about more time",
    Action.NOT_ACCEPT: "a letter that the complaint is not taken on",
    Action.DECLINE_ESCALATION: "a letter that stage 2 is not taken on",
    Action.ASK_CLARIFICATION: "a question to the resident",
    Action.MESSAGE: "a message to the resident",
    Action.DEFINE: "the complaint definition",
    Action.DECIDE: "the decisions",
    Action.NOTE: "an internal note",
    Action.CLOSE: "the closing letter",
}


@pages.post("/cases/<string:ref>/here")
@access.staff(*CASE_ROLES)
@keeps_quiet
@stays
def here(ref: str) -> ResponseReturnValue:
    """I have this case open; who else has?"""
    ref = true_ref(ref)
    action = _action(request.form.get("writing", ""))
    try:
        found = presence.beat(ref, me(), action)
    except service.NoSuchCase:
        abort(404)
    text = words(found)
    if not wants_fragment():
        return see_other(f"{case_url(ref)}/{action.value}" if action else case_url(ref))
    if text == request.form.get("shown", ""):
        return "", 204  # said already: a screen reader must not hear it every time
    return render("staff/case.html", "staff/_presence.html", presence=text)


def words(found: tuple[Here, ...]) -> str:
    """Who else is here and what they are writing, in one or two sentences; empty when nobody is."""
    writers = [f"{one.name} is writing {_what(one.writing, one.stage)}." for one in found if one.writing]
    lookers = [one.name for one in found if not one.writing]
    if not lookers:
        return " ".join(writers)
    *most, last = lookers
    who = f"{', '.join(most)} and {last} are" if most else f"{last} is"
    return " ".join([*writers, f"{who} looking at this case."])


def _what(action: Action, stage: int) -> str:
    if action in WRITES:
        return WRITES[action].replace("%d", str(stage))
    return f"“{FORMS[action].title}”" if action in FORMS else "on this case"


def _action(text: str) -> Action | None:
    return Action(text) if text in {action.value for action in FORMS} else None
