"""What waits for me by name: my tasks, the notes that name me, and what I began to write."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from shared.cases import queries
from shared.cases.colleagues import mentions, tasks
from shared.identity.roles import Permission, may
from shared.vocab import Action
from shared.web.access import staff
from shared.web.render import render, safe_next, see_other
from staff.addresses import CASE_ROLES, case_url, me, true_ref
from staff.blueprint import pages
from staff.forms import FORMS


@pages.get("/mine")
@staff(*CASE_ROLES)
def mine() -> ResponseReturnValue:
    """My open tasks, the soonest first, and what I have not saved."""
    return render(
        "staff/mine.html",
        tasks=[(one, queries.days_left(one.due_on)) for one in tasks.for_person(me())],
        drafts=[(one, FORMS[Action(one.action)].title) for one in tasks.drafts_of(me())],
        open_book=may(me().roles, Permission.SEES_PERSONAL_DATA),
    )


@pages.get("/mentions")
@staff(*CASE_ROLES)
def mentioned() -> ResponseReturnValue:
    """The notes that name me, unread first."""
    return render(
        "staff/mentions.html",
        mentions=mentions.for_person(me()),
        open_book=may(me().roles, Permission.SEES_PERSONAL_DATA),
    )


@pages.post("/mentions/<string:ref>/<int(max=2147483647):seq>")
@staff(*CASE_ROLES)
def mention_read(ref: str, seq: int) -> ResponseReturnValue:
    """Mark one as read and, if asked for, go to the note."""
    ref = true_ref(ref)
    mentions.mark_read(me(), ref, seq)
    if request.form.get("do") == "open":
        return see_other(case_url(ref, _anchor=f"event-{seq}"))
    return see_other(safe_next(request.form.get("back"), url_for("staff.mentioned")))
