"""The inbox: the cases of a tab, the soonest due first, and a quiet word when something new came."""

from dataclasses import dataclass
from itertools import groupby

from flask import request
from flask.typing import ResponseReturnValue

from shared import clock, i18n
from shared.cases import wording
from shared.cases.colleagues import candidates
from shared.cases.inbox import lists, saved_views
from shared.db import db
from shared.identity import standins
from shared.identity.roles import Permission, holders, may
from shared.web.access import actor, staff
from shared.web.render import render, see_other, wants_fragment
from staff import bulk, listing, preferences
from staff.blueprint import pages
from staff.case import saved_elsewhere
from staff.sign_in import keeps_quiet

READERS = holders(Permission.SEES_INBOX)
DENSITY = "redress_density"


@pages.get("/inbox")
@staff(*READERS)
def inbox() -> ResponseReturnValue:
    """One page of one tab."""
    me = actor()
    state = listing.asked(request.args, me)
    page = lists.inbox(me, state.tab, state.filters, state.after or None, state.before or None)
    whole = not page.after and not page.before
    groups = _groups(state, lists.counts(me))
    choices = listing.choices(sorted(candidates.colleagues(), key=lambda person: person.name))
    return render(
        "staff/inbox.html",
        heading=f"Inbox: {lists.TABS[state.tab].text}{', narrowed down' if state.filters.active else ''}",
        state=state,
        groups=groups,
        now=next(link for _, links in groups for link in links if link.current),
        views=saved_views.seen_by(me),
        absences=standins.about(db.session(), me.id),
        choices=choices,
        narrowed_to=listing.narrowed_to(state, choices),
        listing=page,
        matching=len(page.rows) if whole else lists.number(me, state.tab, state.filters),
        bulk_cap=lists.BULK_CAP,
        count_cap=lists.COUNT_CAP,
        next_url=state.url(after=page.after) if page.after else "",
        previous_url=state.url(before=page.before) if page.before else "",
        came_from=state.here().partition("?")[2],
        kept_as=state.url().partition("?")[2],
        saved=saved_elsewhere(),
        since=lists.instant_text(clock.now()),
        today=clock.today(),
        compact=request.cookies.get(DENSITY) == "compact",
        open_book=may(me.roles, Permission.SEES_PERSONAL_DATA),
        sorts=bulk.steps(me),
        wording=wording,
        language_name=i18n.english_name,
    )


@pages.get("/inbox/news")
@staff(*READERS)
@keeps_quiet
def inbox_news() -> ResponseReturnValue:
    """Whether the list changed since it was shown; asked for by the page itself, which stays as it is."""
    me = actor()
    state = listing.asked(request.args, me)
    since = lists.instant(request.args.get("since", ""))
    if since is None:
        return see_other(state.url())
    fresh = lists.news(me, state.tab, state.filters, since)
    if wants_fragment() and str(fresh) == request.args.get("shown"):
        return "", 204  # said already: a screen reader must not hear it every time
    return render(
        "staff/news.html",
        "staff/_news.html",
        state=state,
        since=request.args["since"],
        fresh=fresh,
        cap=lists.NEWS_CAP,
    )


@pages.post("/inbox/density")
@staff(*READERS)
def inbox_density() -> ResponseReturnValue:
    """How close the rows stand, kept in this browser."""
    answer = see_other(listing.asked(request.form, actor()).url())
    compact = request.form.get("density") == "compact"
    preferences.remember(answer, DENSITY, "compact" if compact else "comfortable")
    return answer


@dataclass(frozen=True, slots=True)
class Link:
    """One list as the page offers it. `count` is None where nothing is counted."""

    text: str
    count: int | None
    url: str
    current: bool


def _groups(state: listing.State, numbers: dict[str, int]) -> list[tuple[str, list[Link]]]:
    """All lists with their counts, by group."""
    return [
        (
            group,
            [
                Link(tab.text, numbers.get(name), state.on(name).url(), name == state.tab)
                for name, tab in tabs
            ],
        )
        for group, tabs in groupby(lists.TABS.items(), key=lambda named: named[1].group)
    ]
