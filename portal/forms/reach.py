"""The person's name and home, how to reach them, and what is safe."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectMultipleField, TextAreaField

from portal.forms.about import BY_LAW, CALL_NUMBER, ELECTED, GROUP, HELPING, died
from portal.forms.base import SHORT, Answers, Question, line, lines
from portal.forms.story import kind_of
from shared.vocab import Channel, Kind
from shared.web.forms import at_most, choices, email, optional, phone, postcode, required


def address_field() -> TextAreaField:
    """The home that it is about, as people write it on an envelope."""
    return TextAreaField(_l("Address of the home"), [optional(), at_most(500)], filters=[lines])


class PlaceForm(Question):
    """Where it is, from somebody who gives no name."""

    address = address_field()
    postcode = line(_l("Postcode"), optional(), postcode(), limit=20)

    def question(self) -> Any:
        return _l("Where is it?")


class ReachForm(Question):
    """A name, the home, and any one way to reach the person: all that a complaint needs besides its words."""

    name = line(_l("Your name"), required(_l("Enter your name")))
    address = address_field()
    postcode = line(_l("Postcode"), optional(), postcode(), limit=20)
    email = line(_l("Email address"), optional(), email())
    phone = line(_l("Phone number"), optional(), phone(), limit=60)
    by_post = BooleanField(_l("Write to me by post at this address"))

    def suit(self, answers: Answers) -> None:
        self.helped = answers.get("who") in {HELPING, ELECTED}
        self.asked_of = answers.get("who") == HELPING and answers.get("helper_relation") not in BY_LAW
        self.died = died(answers)
        self.call = bool(answers.get("write_for_me"))
        self.free = kind_of(answers) in {Kind.COMPLIMENT, Kind.COMMENT}
        if self.helped:
            self.name.label.text = _l("Their name")
            self.by_post.label.text = _l("Write to them by post at this address")
            self.address.label.text = _l("Address of their home")
            self.name.validators = [
                required(_l("Enter the name of the person you are helping")),
                at_most(SHORT),
            ]
        elif answers.get("who") == GROUP:
            self.name.label.text = _l("Name of the person we should write to")
        if self.free:
            self.name.validators = [optional(), at_most(SHORT)]

    def question(self) -> Any:
        if self.died:
            return _l("Who is this about?")
        if self.helped:
            return _l("Who are you helping?")
        return _l("Who are you, and how can we reach you?")

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        if self.free:
            return right
        if not self.address.data and not self.postcode.data and not self.address.errors:
            self.refuse("address", _l("Enter the address of the home. If it has none, write where it is."))
            right = False
        if self.call and not self.phone.data and not self.helped and not self.phone.errors:
            self.refuse("phone", CALL_NUMBER)
            return False
        reached = self.email.data or self.phone.data or self.by_post.data
        if not reached and not self.helped and not (self.email.errors or self.phone.errors):
            self.refuse(
                "email", _l("Enter an email address or a phone number, or choose that we write by post")
            )
            return False
        return right


PREFERS = {
    Channel.PHONE: _l("Phone call"),
    Channel.TEXT: _l("Text message"),
    Channel.EMAIL: _l("Email"),
    Channel.LETTER: _l("Letter by post"),
}
UNSAFE = {
    "no_voicemail": _l("Do not leave a voice message"),
    "no_calls": _l("Do not call"),
    "no_email": _l("Do not send email"),
    "no_post": _l("Do not send post"),
}


class SafeForm(Question):
    """How, when and how not."""

    prefers = RadioField(_l("Which way is best for you?"), [optional()], choices=choices(PREFERS.items()))
    times = line(_l("When is a good time to call?"))
    unsafe = SelectMultipleField(
        _l("Is there anything that is not safe for you?"), [optional()], choices=choices(UNSAFE.items())
    )

    def suit(self, answers: Answers) -> None:
        if answers.get("who") in {HELPING, ELECTED}:
            self.prefers.label.text = _l("Which way is best for them?")
            self.unsafe.label.text = _l("Is there anything that is not safe for them?")

    def question(self) -> Any:
        return _l("How and when should we get in contact?")
