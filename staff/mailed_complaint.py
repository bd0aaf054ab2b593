"""An e-mail from somebody new: its complaint is logged with what stands in it, and all of it comes along."""

from flask import abort, request
from werkzeug.exceptions import NotFound

from shared import clock
from shared.cases import drafts
from shared.cases.correspondence import held_mail, mail_files, mail_placing
from shared.cases.correspondence.held_mail import Held
from shared.cases.drafts import DraftView
from shared.db import LARGEST_ID
from shared.identity.roles import Permission, may
from shared.uploads import StorageError
from shared.vocab import Channel
from staff.addresses import me
from staff.forms.base import number
from staff.forms.intake import IntakeForm

TOO_LATE = "Somebody has dealt with this e-mail meanwhile. See under Mail, or search for the name"
NO_ROOM = "There is no room just now to keep what came with this e-mail. Try again later"


class NotNow(Exception):
    """The message cannot be logged from at this moment; the words say why."""


def asked() -> Held | None:
    """The message that the address of the form names, if it names one. Answers 404 for one that is gone."""
    return _message(request.args["mail"]) if "mail" in request.args else None


def answers(message: Held) -> dict[str, object]:
    """What the message says already, as the form shows it."""
    at = message.received_at.astimezone(clock.LONDON)
    return {
        "mail": str(message.id),
        "channel": Channel.EMAIL.value,
        "received_on": at.date(),
        "received_time": f"{at:%H:%M}",
        "what": message.text,
        "name": message.sender_name,
        "email": message.sender,
    }


def begin(form: IntakeForm) -> DraftView | None:
    """The draft of a message's complaint, with everything that came with it. Raises NotNow."""
    try:
        token = mail_placing.begin_complaint(_message(form.mail.data), me(), form.language.data or "en")
    except NotFound as error:
        raise NotNow(TOO_LATE) from error
    except (mail_files.NotNow, StorageError) as error:
        raise NotNow(NO_ROOM) from error
    form.draft.data = token
    return drafts.find(token)


def settled_by(draft: DraftView | None) -> int | None:
    """The message that goes with a draft: what a form says would let anybody settle mail that they may not see."""
    return draft.answers.get(mail_placing.DRAFT) if draft is not None and not draft.case_ref else None


def _message(typed: str | None) -> Held:
    if not may(me().roles, Permission.PLACES_MAIL):
        abort(404)
    try:
        return held_mail.one(number(typed, LARGEST_ID) or 0, me())
    except LookupError:
        abort(404)
