"""Keeping a state of the inbox under a name, for oneself or for all."""

from urllib.parse import parse_qsl

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, StringField

from shared.cases.colleagues import candidates
from shared.cases.inbox import lists, saved_views
from shared.web.access import actor, staff
from shared.web.forms import Form, required
from shared.web.render import render, see_other
from staff import listing
from staff.blueprint import pages
from staff.inbox import READERS


class KeepView(Form):
    """A name for the state in `query`."""

    name = StringField("Name of the view", [required("Enter a name for the view")])
    shared = BooleanField("Share it with all colleagues who see the inbox")
    query = HiddenField()


@pages.get("/views")
@staff(*READERS)
def views() -> ResponseReturnValue:
    """The form for keeping the state in the address, and the list of views that can be deleted."""
    state = listing.asked(request.args, actor())
    form = KeepView(data={"query": state.url().partition("?")[2]})
    return _page(form, state)


@pages.post("/views")
@staff(*READERS)
def views_post() -> ResponseReturnValue:
    """Keep it, and go to it."""
    form = KeepView()
    state = listing.asked(MultiDict(parse_qsl((form.query.data or "")[:500])), actor())
    if form.validate():
        query = state.url().partition("?")[2]
        try:
            saved_views.keep(actor(), form.name.data, query, bool(form.shared.data))
        except ValueError as error:
            form.refuse("name", str(error))
        else:
            return see_other(state.url())
    return _page(form, state, 422)


@pages.post("/views/<int(max=2147483647):number>/delete")
@staff(*READERS)
def view_delete(number: int) -> ResponseReturnValue:
    """Forget one of one's own."""
    saved_views.forget(actor(), number)
    return see_other(url_for("staff.views"))


def _page(form: KeepView, state: listing.State, status: int = 200) -> ResponseReturnValue:
    return render(
        "staff/views.html",
        status=status,
        form=form,
        state=state,
        kept=lists.TABS[state.tab].text,
        narrowed_to=listing.narrowed_to(state, listing.choices(candidates.colleagues())),
        views=saved_views.seen_by(actor()),
    )
