"""Who opened which case: for managers, with spot checks and what they found. No page here names a resident."""

import secrets

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from shared.cases import openings
from shared.cases.openings import Opening, Openings
from shared.db import LARGEST_ID
from shared.identity.roles import Permission, holders
from shared.web.access import actor, staff
from shared.web.forms import Form, at_most, required
from shared.web.render import render, see_other
from staff.blueprint import pages
from staff.case import open_case
from staff.forms.base import number
from staff.roles import ROLES

CHECKERS = holders(Permission.CHECKS_OPENINGS)
WAYS = {
    "recent": "The newest",
    "sample": "A random sample",
    "strangers": "By people with no part in the case",
}


class Finding(Form):
    """What a manager found who looked into one opening."""

    finding = StringField(
        "What did you find?", [required("Write what you found"), at_most(openings.LONGEST_FINDING)]
    )


@pages.get("/openings", endpoint="openings")
@staff(*CHECKERS)
def spot_check() -> ResponseReturnValue:
    """Openings to look into: the newest, a random sample, one person's, or those of people with no part."""
    way = request.args.get("way", "recent")
    way = way if way in WAYS else "recent"
    person = number(request.args.get("person"), LARGEST_ID)
    seed = number(request.args.get("seed"), 999_999)
    if way == "sample" and seed is None:
        return see_other(url_for("staff.openings", way=way, seed=secrets.randbelow(1_000_000)))
    before = number(request.args.get("before"), LARGEST_ID)
    found = _found(way, person, seed or 0, before)
    kept = {"way": way, "person": person} if person else {"way": way}
    return render(
        "staff/openings.html",
        heading="Who opened which case",
        way=way,
        which=WAYS,
        person=person,
        people=openings.people(),
        found=found,
        what=what,
        roles=ROLES,
        next_url=url_for("staff.openings", before=found.before, **kept) if found.before else "",
    )


def _found(way: str, person: int | None, seed: int, before: int | None) -> Openings:
    if way == "sample":
        return openings.drawn(actor(), seed)
    if way == "strangers":
        return openings.by_strangers(actor(), before)
    return openings.newest(actor(), person, before)


@pages.get("/cases/<string:ref>/openings", endpoint="case_openings")
@staff(*CHECKERS)
def of_case(ref: str) -> ResponseReturnValue:
    """Who opened this case."""
    view = open_case(ref)
    found = openings.of_case(view.ref, actor(), number(request.args.get("before"), LARGEST_ID))
    return render(
        "staff/case_openings.html",
        heading=f"{view.ref}: who opened it",
        view=view,
        found=found,
        what=what,
        roles=ROLES,
        next_url=url_for("staff.case_openings", ref=view.ref, before=found.before) if found.before else "",
    )


@pages.get("/openings/<int(max=2147483647):number>", endpoint="openings_one")
@staff(*CHECKERS)
def one(number: int) -> ResponseReturnValue:
    """One opening, and the form for what was found."""
    return _page(_opening(number), Finding(formdata=None))


@pages.post("/openings/<int(max=2147483647):number>", endpoint="openings_one_post")
@staff(*CHECKERS)
def one_post(number: int) -> ResponseReturnValue:
    """Keep what was found. It stands: nobody writes over it, and nobody checks themselves."""
    opening, form = _opening(number), Finding()
    if form.validate():
        try:
            openings.record_finding(number, form.finding.data, actor())
        except ValueError as error:
            form.refuse("finding", str(error))
        else:
            return see_other(url_for("staff.openings_one", number=number))
    return _page(opening, form, 422)


def _opening(number: int) -> Opening:
    found = openings.one(number, actor())
    if found is None:
        abort(404)
    return found


def _page(opening: Opening, form: Finding, status: int = 200) -> ResponseReturnValue:
    return render(
        "staff/opening.html",
        status=status,
        heading=f"Opening of {opening.ref}",
        opening=opening,
        form=form,
        own=opening.staff_id == actor().id,
        what=what,
        roles=ROLES,
    )


def what(opening: Opening) -> str:
    """What was opened, in words."""
    kind, _, number = opening.what.partition(":")
    words = {"letter": "Letter", "file": "File", "mail": "E-mail"}
    return f"{words[kind]} {number}" if kind in words else "The case"
