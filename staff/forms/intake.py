"""What a colleague writes down when somebody complains to them by telephone, letter, visit, text or post."""

from datetime import datetime
from typing import Any

from flask import current_app
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import ValidationError

from shared import clock, i18n
from shared.cases import commands as c
from shared.cases import wording
from shared.cases.state import Consent, FileRef, Need, Person, Safety, Story
from shared.db import LARGEST_ID
from shared.vocab import Channel, Kind
from shared.web.forms import DateParts, Files, Form, choices, optional
from shared.web.forms import email as an_email
from shared.web.forms import phone as a_phone
from shared.web.forms import postcode as a_postcode
from staff.forms.base import an_hour, instant, long, number, short
from staff.forms.record import BASES
from staff.forms.taking_in import CHANNELS, ChangeContactForm

AGAIN = "again"  # not satisfied with the answer to an earlier complaint: stage 2 (Code 6.10)
WHAT_IT_IS = {
    Kind.COMPLAINT.value: "A complaint: they are not satisfied, whatever word they use",
    AGAIN: "They are not satisfied with our answer to an earlier complaint",
    Kind.SERVICE_REQUEST.value: "A request for a service, such as a repair, made for the first time",
    Kind.COMPLIMENT.value: "Thanks or praise",
    Kind.COMMENT.value: "A comment",
}
SAFETY = (
    ("no_calls", "Do not call"),
    ("no_voicemail", "Do not leave a voicemail"),
    ("no_post", "Do not send post"),
    ("no_email", "Do not send e-mail"),
)


class IntakeForm(Form):
    """Little is required: what is wrong, a name, one way to reach them. Nothing else holds a complaint up."""

    draft = HiddenField()
    mail = HiddenField()  # the number of the message that the form is filled in from
    kind = RadioField("What is it?", choices=choices(WHAT_IT_IS.items()), default=Kind.COMPLAINT.value)
    channel = SelectField("How did it reach us?", choices=choices(CHANNELS.items()))
    received_on = DateParts("Which day did it reach us?", missing="Enter the day on which it reached us")
    received_time = short("What time?", "Such as 14:30. You may leave it empty.", optional(), an_hour())
    known_by = short(
        "On social media: how did you make sure who it is?",
        "Ask them to write to you privately first. Such as: date of birth, by private message.",
        optional(),
    )
    private = BooleanField("On social media: the rest was said by private message, nothing of it in public")
    reference = short(
        "Reference of the earlier complaint", "Only if they are not satisfied with our answer.", optional()
    )
    what = long("What they said or wrote", "In their own words and language. Do not shorten or correct them.")
    story_language = SelectField("Their words are in")
    started = short("When did it start?", "A rough date is fine.", optional())
    effect = long("How it affects them or their home", "", optional())
    wanted = long("What they would like us to do", "", optional())
    danger = short("Is anybody unsafe or unwell now? How?", "Then ring the repairs line as well.", optional())
    anonymous = BooleanField("They do not want to give their name")
    name = short("Name of the resident", "", optional())
    relationship = SelectField("They are", choices=choices(ChangeContactForm.RELATIONSHIPS))
    phone = short("Phone number", "", optional(), a_phone())
    email = short("E-mail address", "", optional(), an_email())
    address = long("Address of the home", "One part a line, without the postcode.", optional())
    postcode = short("Postcode", "", optional(), a_postcode())
    prefers = SelectField("How do they want to hear from us?")
    times = short("When is it safe or good to call?", "", optional())
    safety = SelectMultipleField("Not safe or not wanted", choices=choices(SAFETY))
    needs = SelectMultipleField("Is there anything we should do differently for them? They need not say why")
    other_need = short("Something else we should do differently", "A need, never a diagnosis.", optional())
    language = SelectField("Letters in")
    group = short("If it is for several neighbours or a petition: who", "", optional())
    helper_name = short("Name of somebody who helps them", "", optional())
    helper_relationship = short("The helper is", "Such as: friend, councillor, support worker.", optional())
    helper_basis = SelectField("The helper may act because", choices=choices(BASES.items()))
    helper_phone = short("Helper's phone number", "", optional(), a_phone())
    helper_email = short("Helper's e-mail address", "", optional(), an_email())
    uploads = Files("Letters, photos or other files", [optional()])

    def prepare(self) -> None:
        """Fill in what depends on the languages and needs of this landlord."""
        languages = choices([(one.code, i18n.english_name(one.code)) for one in i18n.languages()])
        self.language.choices = self.story_language.choices = languages
        self.prefers.choices = choices([("", "Any way"), ("portal", "The portal"), *CHANNELS.items()])
        self.needs.choices = choices(
            [(code, str(label)) for code, label in wording.NEEDS.items() if code != "other"]
        )

    @property
    def mail_number(self) -> int | None:
        """The message that the form is filled in from. Which one a draft settles is said by the draft alone."""
        return number(self.mail.data, LARGEST_ID)

    @property
    def received_at(self) -> datetime:
        """When it reached us."""
        return instant(self.received_on.data, self.received_time.data)

    def escalation(self, files: tuple[FileRef, ...], mail: int | None) -> c.Escalate:
        """The request for stage 2 that these answers make."""
        return c.Escalate(
            reason=self.what.data,
            language=self.story_language.data,
            received_at=self.received_at,
            channel=Channel(self.channel.data),
            files=files,
            mail=mail,
        )

    def command(self, files: tuple[FileRef, ...], mail: int | None) -> c.Submit:
        """The complaint that these answers make."""
        helper = None
        if self.helper_name.data:
            helper = Person(
                name=self.helper_name.data,
                relationship=self.helper_relationship.data,
                phone=self.helper_phone.data,
                email=self.helper_email.data,
            )
        return c.Submit(
            kind=Kind(self.kind.data),
            language=self.language.data,
            channel=Channel(self.channel.data),
            story=Story(
                what=self.what.data,
                language=self.story_language.data,
                started=self.started.data,
                effect=self.effect.data,
                wanted=self.wanted.data,
                danger=self.danger.data,
            ),
            resident=self._resident(),
            helper=helper,
            consent=Consent(basis=self.helper_basis.data) if helper else Consent(),
            anonymous=self.anonymous.data,
            group=self.group.data,
            safety=self._safety(),
            needs=self._needs(),
            files=files,
            received_at=self.received_at,
            known_by=self.known_by.data if self._is_public else "",
            mail=mail,
        )

    def validate_private(self, field: Any) -> None:
        """Nobody is asked in public who they are and where they live."""
        if self._is_public and not field.data and not self.anonymous.data:
            raise ValidationError("Go on by private message first, then tick this")

    @property
    def _is_public(self) -> bool:
        return bool(self.channel.data == Channel.SOCIAL_MEDIA.value)

    def _resident(self) -> Person | None:
        person = Person(
            name=self.name.data,
            relationship=self.relationship.data,
            phone=self.phone.data,
            email=self.email.data,
            address=tuple(line.strip() for line in self.address.data.splitlines() if line.strip()),
            postcode=self.postcode.data,
            prefers=Channel(self.prefers.data) if self.prefers.data else None,
        )
        return None if self.anonymous.data else person

    def _safety(self) -> Safety:
        unsafe = set(self.safety.data or ())
        return Safety(times=self.times.data, **{name: name in unsafe for name, _ in SAFETY})

    def _needs(self) -> tuple[Need, ...]:
        needs = [Need(code=code) for code in self.needs.data or ()]
        if self.other_need.data:
            needs.append(Need(code="other", detail=self.other_need.data))
        return tuple(needs)


def landlord() -> str:
    """Whose complaints this service takes."""
    return str(current_app.extensions["redress"].landlord)


def start() -> dict[str, object]:
    """What the empty form shows."""
    return {"received_on": clock.today(), "channel": Channel.PHONE.value, "language": i18n.SOURCE}
