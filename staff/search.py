"""Search over what the reader may see. Ctrl+K on any page leads here; the address holds everything."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from shared import i18n
from shared.cases import wording
from shared.cases.inbox import finding
from shared.identity.roles import Permission, holders, may
from shared.web.access import actor, staff
from shared.web.render import render
from staff.blueprint import pages

STATUSES = {"all": "All cases", "open": "Open cases", "closed": "Closed cases"}


@pages.get("/search")
@staff(*holders(Permission.SEES_INBOX))
def search() -> ResponseReturnValue:
    """The box, and what was found, the best first."""
    words = request.args.get("q", "").replace("\x00", " ").strip()
    asked = request.args.get("status", "")
    status = asked if asked in STATUSES else "all"
    number = request.args.get("page", "1")
    page = (
        min(max(int(number), 1), finding.LAST_PAGE)
        if number.isascii() and number.isdigit() and len(number) < 4
        else 1
    )
    found = finding.find(actor(), words, status, page)

    def address(to: int) -> str:
        return url_for("staff.search", q=words, status=status, page=to)

    return render(
        "staff/search.html",
        words=words,
        chosen=status,
        statuses=STATUSES,
        found=found,
        number=page,
        previous_url=address(page - 1) if page > 1 else "",
        next_url=address(page + 1) if found.more else "",
        came_from=address(page).partition("?")[2],
        open_book=may(actor().roles, Permission.SEES_PERSONAL_DATA),
        wording=wording,
        language_name=i18n.english_name,
    )
