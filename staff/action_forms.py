"""From an address and what was sent to the form of an action."""

from typing import Any

from flask import abort, request

from shared.cases.case_view import CaseView
from shared.cases.colleagues.action_drafts import Kept
from shared.vocab import Action
from staff.addresses import me
from staff.forms import FORMS, ActionForm
from staff.unsaved import NOT_KEPT


def action_of(text: str) -> Action:
    """The action that an address names; the page "not found" for what is none of staff's."""
    try:
        found = Action(text)
    except ValueError:
        abort(404)
    if found not in FORMS:
        abort(404)
    return found


def make_form(view: CaseView, name: Action, *, untouched: bool = False, **more: Any) -> ActionForm:
    """The form of an action as it was sent or, `untouched`, as it stands before anybody types."""
    if untouched:
        more = {"formdata": None, "data": FORMS[name].start(view, me(), request.args)}
    form = FORMS[name].fitted(view, request.args)(view, me(), **more)
    form.sent = request.form if more.get("formdata") is None else more["formdata"]
    return form


def about_of(name: Action) -> str:
    """What of a case an action's form is about, where its fields depend on it: the point to decide."""
    return request.args.get("point", "")[:8] if name is Action.DECIDE else ""


def answers_of(draft: Kept | None) -> dict[str, str]:
    """The words of a draft, to be read where its form cannot be opened."""
    if draft is None:
        return {}
    said = {name: "\n".join(text for text in texts if text.strip()) for name, texts in draft.answers.items()}
    return {name: text for name, text in said.items() if text and name not in {*NOT_KEPT, "kept_files"}}
