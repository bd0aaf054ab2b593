"""Messages that did not arrive: why, sending again, and saying what was done instead."""

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, StringField

from shared.cases import service
from shared.cases.correspondence import undelivered
from shared.db import LARGEST_ID
from shared.identity.roles import Permission, holders
from shared.web import access
from shared.web.forms import Form, choices, optional, required
from shared.web.render import render, see_other
from staff.addresses import me
from staff.blueprint import pages
from staff.forms.base import number as number_in

WHO = tuple(sorted(holders(Permission.SEES_FAILED_MAIL)))


class SettleForm(Form):
    """What was done in place of the message."""

    way = RadioField(
        "What did you do?",
        [required("Say what you did, so that nobody does it twice")],
        choices=choices(undelivered.WAYS.items()),
    )
    words = StringField("More about it", [optional()])


class ButtonForm(Form):
    """A button and its token."""


@pages.get("/undelivered", endpoint="undelivered")
@access.staff(*WHO)
def listed() -> ResponseReturnValue:
    """Every message that waits for somebody, newest first."""
    return _page(None, None, 200)


@pages.post("/undelivered/again", endpoint="undelivered_again_all")
@access.staff(*WHO)
def again_all() -> ResponseReturnValue:
    """Send everything again, once what stood in the way is mended."""
    if not ButtonForm().validate_on_submit():
        return _page(None, None, 422)
    undelivered.send_again(me())
    return see_other(url_for("staff.undelivered"))


@pages.post("/undelivered/<int:number>/again", endpoint="undelivered_again")
@access.staff(*WHO)
def again(number: int) -> ResponseReturnValue:
    """Send one message again."""
    if not ButtonForm().validate_on_submit():
        return _page(None, None, 422)
    undelivered.send_again(me(), [number])
    return see_other(url_for("staff.undelivered"))


@pages.post("/undelivered/<int:number>/settle", endpoint="undelivered_settle")
@access.staff(*WHO)
def settle(number: int) -> ResponseReturnValue:
    """One message was seen to in another way."""
    form = SettleForm()
    if number not in {one.id for one in undelivered.listed(me(), min(number, LARGEST_ID - 1) + 1)[:1]}:
        abort(404)
    if not form.validate_on_submit():
        return _page(number, form, 422)
    try:
        undelivered.settle(me(), number, str(form.way.data), (form.words.data or "")[:1000])
    except undelivered.NotThere:
        return see_other(url_for("staff.undelivered"))
    except (service.NotAllowed, service.Refused) as error:
        form.refuse("way", f"The case does not take this: {error}")
        return _page(number, form, 422)
    return see_other(url_for("staff.undelivered"))


def _page(wrong: int | None, form: SettleForm | None, status: int) -> ResponseReturnValue:
    """One page of the list; where a form went wrong, the page that begins with its message."""
    before = number_in(request.args.get("before"), LARGEST_ID) if wrong is None else wrong + 1
    found = undelivered.listed(me(), before)
    rows = []
    for one in found[: undelivered.PAGE]:
        own = form if one.id == wrong and form is not None else SettleForm(formdata=None)
        own.way.id, own.words.id = f"way-{one.id}", f"words-{one.id}"
        rows.append((one, own))
    more = len(found) > undelivered.PAGE
    return render(
        "staff/undelivered.html",
        status=status,
        rows=rows,
        form=form,
        first_url=url_for("staff.undelivered") if before is not None else "",
        next_url=url_for("staff.undelivered", before=rows[-1][0].id) if more else "",
    )
