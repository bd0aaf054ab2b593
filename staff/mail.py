"""Mail that an officer has to place: what arrived without a sure case, or from somebody who is not on it."""

from typing import BinaryIO

from flask import abort, current_app, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from shared.cases import reading, service
from shared.cases.correspondence import inbound_mail, mail_files
from shared.identity.roles import Permission, holders
from shared.identity.tokens import parse_reference
from shared.uploads import StorageError
from shared.web import access
from shared.web.file_words import size_text
from shared.web.forms import Form, required
from shared.web.render import render, see_other
from shared.web.show_file import show_message
from staff.addresses import me
from staff.blueprint import pages

PLACERS = tuple(sorted(holders(Permission.PLACES_MAIL)))


class PlaceForm(Form):
    """To which case a message belongs."""

    ref = StringField(
        "Case reference", [required("Enter the reference of the case, such as HAL-2026-0042-3")]
    )


@pages.get("/mail", endpoint="mail")
@access.staff(*PLACERS)
def waiting() -> ResponseReturnValue:
    """Every message that waits, oldest first, and the latest with which nothing was done."""
    return _page({}, 200)


@pages.get("/mail/<int(max=2147483647):number>", endpoint="mail_read")
@access.staff(*PLACERS)
def whole(number: int) -> ResponseReturnValue:
    """All of one message in a page: every word of it, and what came with it."""
    message, content = _opened(number)
    with content:
        words = reading.words_of(content, "message/rfc822")
    address = url_for("staff.mail_whole", number=number)
    return render(
        "staff/reading.html",
        heading=message.subject or "No subject",
        mail=message,
        words=words,
        download=address,
        size_text=size_text,
    )


@pages.get("/mail/<int(max=2147483647):number>/whole-message.eml", endpoint="mail_whole")
@access.staff(*PLACERS)
def download(number: int) -> ResponseReturnValue:
    """One message byte for byte, with everything that came with it."""
    _, content = _opened(number)
    return show_message(content, mail_files.WHOLE)


@pages.post("/mail/<int(max=2147483647):number>/place", endpoint="mail_place")
@access.staff(*PLACERS)
def place(number: int) -> ResponseReturnValue:
    """Put one message on a case."""
    form = PlaceForm()
    if number not in {message.id for message in (*inbound_mail.waiting(me()), *inbound_mail.set_aside(me()))}:
        abort(404)
    if not form.validate_on_submit():
        return _page({number: form}, 422)
    ref = parse_reference(form.ref.data or "") or ""
    try:
        inbound_mail.place(number, ref, me())
    except service.NoSuchCase:
        form.refuse("ref", "There is no case with this reference. Check it and try again")
        return _page({number: form}, 422)
    except (service.NotAllowed, service.Refused) as error:
        form.refuse("ref", f"This case does not take it: {error}")
        return _page({number: form}, 422)
    except mail_files.NotNow:
        form.refuse("ref", "There is no room just now to keep the files that came with it. Try again later")
        return _page({number: form}, 422)
    except StorageError:
        current_app.logger.exception("message %s cannot be read", number)
        form.refuse("ref", "The message itself can no longer be read. Write on the case what it says here")
        return _page({number: form}, 422)
    except LookupError:
        return see_other(url_for("staff.mail"))
    return see_other(url_for("staff.case", ref=ref))


@pages.post("/mail/<int(max=2147483647):number>/dismiss", endpoint="mail_dismiss")
@access.staff(*PLACERS)
def dismiss(number: int) -> ResponseReturnValue:
    """One message belongs to no case."""
    if number not in {message.id for message in inbound_mail.waiting(me())}:
        abort(404)
    try:
        inbound_mail.dismiss(number, me())
    except LookupError:
        abort(404)
    return see_other(url_for("staff.mail"))


def _opened(number: int) -> tuple[inbound_mail.Held, BinaryIO]:
    try:
        return inbound_mail.open_raw(number, me())
    except LookupError:
        abort(404)
    except StorageError:
        current_app.logger.exception("message %s cannot be read", number)
        abort(404)


def _page(forms: dict[int, PlaceForm], status: int) -> ResponseReturnValue:
    rows, kept = [], inbound_mail.set_aside(me())
    for message in (*inbound_mail.waiting(me()), *kept):
        form = forms.get(message.id)
        if form is None:
            form = PlaceForm(formdata=None, ref=message.case_ref or "")
        form.ref.id = f"ref-{message.id}"
        rows.append((message, form))
    wrong = next(iter(forms.values()), None)
    waiting = rows[: len(rows) - len(kept)]
    return render("staff/mail.html", status=status, rows=waiting, kept=rows[len(waiting) :], form=wrong)
