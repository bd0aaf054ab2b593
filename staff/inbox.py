"""The inbox: the cases of a tab, the soonest due first. Every state of it is an address."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from shared.cases import lists, wording
from shared.identity.roles import Permission, holders
from shared.web.access import actor, staff
from shared.web.render import render
from staff.blueprint import pages

READERS = holders(Permission.SEES_INBOX)


@pages.get("/inbox")
@staff(*READERS)
def inbox() -> ResponseReturnValue:
    """One page of one tab."""
    asked = request.args
    tab = asked.get("tab", "my-work")
    tab = tab if tab in lists.TABS else "my-work"
    page = lists.inbox(actor(), tab, after=asked.get("after"), before=asked.get("before"))
    numbers = lists.counts(actor())
    return render(
        "staff/inbox.html",
        "staff/_rows.html",
        tab=tab,
        tabs=[
            (name, shape.text, _shown(numbers.get(name)), url_for("staff.inbox", tab=name))
            for name, shape in lists.TABS.items()
        ],
        listing=page,
        next_url=url_for("staff.inbox", tab=tab, after=page.after) if page.after else "",
        previous_url=url_for("staff.inbox", tab=tab, before=page.before) if page.before else "",
        wording=wording,
    )


def _shown(number: int | None) -> str:
    if number is None:
        return ""
    return f"{lists.COUNT_CAP}+" if number > lists.COUNT_CAP else str(number)
