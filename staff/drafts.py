"""What somebody began to write and has not saved: kept while they type, found again wherever they left off."""

from flask import abort, request
from flask.typing import ResponseReturnValue

from shared.cases.colleagues import action_drafts
from shared.web import access
from shared.web.render import render, see_other, wants_fragment
from staff import unsaved
from staff.action_forms import about_of, action_of, make_form
from staff.addresses import CASE_ROLES, act_url, case_url, me
from staff.blueprint import pages
from staff.case import open_case
from staff.sign_in import stays


@pages.post("/cases/<string:ref>/<string:action>/draft")
@access.staff(*CASE_ROLES)
@stays
def draft(ref: str, action: str) -> ResponseReturnValue:
    """Keep what was typed so far, by itself while somebody types or by the button; or throw it away."""
    name = action_of(action)
    view = open_case(ref)
    about = about_of(name)
    if request.form.get("do") == "discard":
        action_drafts.delete(view.ref, me(), name, about)
        return see_other(act_url(view.ref, name, about))
    answers = unsaved.carried(request.form)
    refused = []
    if not wants_fragment() and name in view.allowed:
        form = make_form(view, name)
        refused = unsaved.take_in(form)
        answers = unsaved.with_files(form, answers)
    try:
        at = action_drafts.save(view.ref, me(), name, answers, about)
    except action_drafts.TooLong:
        abort(413)
    if wants_fragment():
        return render("staff/actions/form.html", "staff/actions/_draft_kept.html", at=at)
    return see_other(case_url(view.ref, done="draft-without-file" if refused else "draft"))
