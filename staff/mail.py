"""Mail that an officer has to place: what arrived without a sure case, or from somebody who is not on it."""

from typing import BinaryIO

from flask import abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from shared.cases import reading, service
from shared.cases.correspondence import held_mail, inbound_mail, mail_files, mail_placing
from shared.cases.correspondence.held_mail import Held, Settled
from shared.db import LARGEST_ID
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
from staff.forms.base import number as number_in

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
    return _page()


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
    try:
        message = held_mail.one(number, me())
    except LookupError as error:
        return _too_late(error)
    if not form.validate_on_submit():
        return _page(message, form)
    ref = parse_reference(form.ref.data or "") or ""
    try:
        mail_placing.place(number, ref, me())
    except service.NoSuchCase:
        form.refuse("ref", "There is no case with this reference. Check it and try again")
    except (service.NotAllowed, service.Refused) as error:
        form.refuse("ref", f"This case does not take it: {error}")
    except service.Stale:
        form.refuse("ref", "Somebody changed this case at the same moment. Try again")
    except mail_files.NotNow:
        form.refuse("ref", "There is no room just now to keep the files that came with it. Try again later")
    except StorageError:
        current_app.logger.exception("message %s cannot be read", number)
        form.refuse("ref", "The message itself can no longer be read. Write on the case what it says here")
    except LookupError as error:
        return _too_late(error)
    else:
        return see_other(url_for("staff.case", ref=ref))
    return _page(message, form)


@pages.post("/mail/<int(max=2147483647):number>/dismiss", endpoint="mail_dismiss")
@access.staff(*PLACERS)
def dismiss(number: int) -> ResponseReturnValue:
    """One message belongs to no case."""
    try:
        held_mail.one(number, me())
        held_mail.dismiss(number, me())
    except LookupError as error:
        return _too_late(error)
    return see_other(url_for("staff.mail"))


def _opened(number: int) -> tuple[Held, BinaryIO]:
    try:
        return held_mail.opened(number, me())
    except LookupError:
        abort(404)
    except StorageError:
        current_app.logger.exception("message %s cannot be read", number)
        abort(404)


def _too_late(error: LookupError) -> ResponseReturnValue:
    """Where somebody was quicker, the list as it is now, which says so; else there is no such message."""
    if isinstance(error, Settled):
        return _page(settled=error)
    abort(404)


def _page(
    wrong: Held | None = None, form: PlaceForm | None = None, settled: Settled | None = None
) -> ResponseReturnValue:
    """The list. Where a form went wrong its message is shown with it, on whatever page of the list it stands."""
    before = number_in(request.args.get("before"), LARGEST_ID)
    waits = list(held_mail.held(me()))
    older = held_mail.kept(me(), before, held_mail.PAGE + 1)
    kept = list(older[: held_mail.PAGE])
    if wrong is not None and wrong not in (*waits, *kept):
        kept.insert(0, wrong)
    rows = [(message, _form(message, wrong, form)) for message in waits]
    return render(
        "staff/mail.html",
        status=409 if settled else 422 if form else 200,
        rows=rows,
        kept=[(message, _form(message, wrong, form)) for message in kept],
        form=form,
        settled=settled,
        last_read=inbound_mail.last_read(),
        first_url=url_for("staff.mail") if before is not None else "",
        next_url=url_for("staff.mail", before=kept[-1].id) if len(older) > held_mail.PAGE else "",
    )


def _form(message: Held, wrong: Held | None, form: PlaceForm | None) -> PlaceForm:
    """The form of one message: as it was sent where it went wrong, or with the case that it seems to belong to."""
    theirs = form if wrong is not None and form is not None and message.id == wrong.id else None
    own = theirs or PlaceForm(formdata=None, ref=message.case_ref or "")
    own.ref.id = f"ref-{message.id}"
    return own
