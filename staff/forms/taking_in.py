"""Taking a case in and keeping its record: triage, contacts, notes, files, messages, details, adjustments."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import ValidationError

from shared import clock, i18n
from shared.cases import commands as c
from shared.cases import wording
from shared.cases.case_view import CaseView
from shared.cases.colleagues import mentions
from shared.cases.state import Need, Person, Safety
from shared.identity.actors import Staff
from shared.vocab import Action, Channel, Kind, Risk, Stage
from shared.web.forms import DateParts, Files, choices, email, optional, phone, postcode, required
from staff.forms.base import (
    ActionForm,
    an_hour,
    form_for,
    instant,
    long,
    number,
    short,
    staff_ref,
    whole_number,
    within_calendar,
    yes_no,
)

CHANNELS = {
    Channel.PHONE: "Phone call",
    Channel.VISIT: "Visit at their home",
    Channel.IN_PERSON: "Meeting in person",
    Channel.EMAIL: "E-mail",
    Channel.LETTER: "Letter",
    Channel.TEXT: "Text message",
    Channel.WHATSAPP: "WhatsApp",
    Channel.VOICEMAIL: "Voicemail",
    Channel.SOCIAL_MEDIA: "Social media",
}
WITH_WHOM = {
    "resident": "The resident",
    "helper": "The person who helps them",
    "contractor": "A contractor",
    "colleague": "A colleague or another team",
    "other": "Somebody else",
}
MOST_DAYS = 365


@form_for(Action.TRIAGE)
class TriageForm(ActionForm):
    title = "Triage"
    button = "Save triage"

    kind = RadioField("What is it?", choices=choices(wording.KINDS.items()))
    risk = RadioField(
        "How urgent is it?", [required("Choose how urgent it is")], choices=choices(wording.RISKS.items())
    )
    at_risk = short("Who is at risk, and from what?", "", optional())
    note = long("What you found out, such as on a call with the resident", "", optional())
    quick_resolution_agreed = BooleanField(
        "The resident agrees to a quick resolution. It stays logged, and they can still have a formal answer"
    )

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        state = view.state
        return {
            "kind": state.kind.value,
            "risk": state.risk.value if state.risk else None,
            "at_risk": state.at_risk,
            "note": state.triage_note,
        }

    def command(self) -> c.Triage:
        return c.Triage(
            kind=Kind(self.kind.data),
            risk=Risk(self.risk.data),
            at_risk=self.at_risk.data,
            note=self.note.data,
            quick_resolution_agreed=self.quick_resolution_agreed.data,
        )


@form_for(Action.RECORD_CONTACT)
class RecordContactForm(ActionForm):
    title = "Record a contact"
    button = "Save contact"
    takes_files = True

    channel = SelectField("How", choices=choices(CHANNELS.items()))
    with_whom = SelectField("With whom", choices=choices(WITH_WHOM.items()))
    outgoing = RadioField(
        "Who began it?", choices=choices([("us", "We did"), ("them", "They did")]), default="us"
    )
    happened_on = DateParts("Which day?", missing="Enter the day on which it happened")
    happened_time = short("What time?", "Such as 14:30. You may leave it empty.", optional(), an_hour())
    reached = RadioField(
        "Did you reach them?", choices=choices([("yes", "Yes"), ("no", "No")]), default="yes"
    )
    words = long("What was said or done", "Facts, in short. The resident can ask to see this record.")
    first_contact = BooleanField("This was the handler's first contact at this stage")
    contact_agreement = short(
        "What was agreed about keeping in touch", "Such as: a call every Friday after 4 pm.", optional()
    )
    contact_every_days = short(
        "Days between updates", "A number, if one was agreed.", optional(), whole_number(MOST_DAYS)
    )
    uploads = Files("Files", [optional()], description="Photos, letters or a voicemail transcript.")

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        waiting = {Stage.RECEIVED, Stage.STAGE_1, Stage.STAGE_2_REQUESTED, Stage.STAGE_2}
        m = view.state.milestones
        done = m.stage_2_first_contact_at if view.state.stage_number == 2 else m.first_contact_at
        channel = asked.get("channel", "")
        return {
            "channel": channel if channel in set(CHANNELS) else Channel.PHONE.value,
            "outgoing": "us",
            "reached": "yes",
            "happened_on": clock.today(),
            "first_contact": view.state.stage in waiting and view.state.holder is not None and done is None,
        }

    def command(self) -> c.RecordContact:
        return c.RecordContact(
            channel=Channel(self.channel.data),
            happened_at=instant(self.happened_on.data, self.happened_time.data),
            outgoing=self.outgoing.data == "us",
            with_whom=self.with_whom.data,
            reached=bool(yes_no(self.reached.data)),
            words=self.words.data,
            first_contact=self.first_contact.data,
            contact_agreement=self.contact_agreement.data,
            contact_every_days=number(self.contact_every_days.data, MOST_DAYS) or 0,
            files=self.files,
        )


@form_for(Action.NOTE)
class NoteForm(ActionForm):
    title = "Add an internal note"
    button = "Save note"
    takes_files = True

    text = long(
        "Note", "Only staff see this. It never goes into a letter. Write @ and a name to tell a colleague."
    )
    uploads = Files("Files", [optional()])

    def prepare(self) -> None:
        self.colleagues = mentions.may_be_named(self.view)

    def validate_text(self, field: Any) -> None:
        """Every @Name is a colleague who may open this case."""
        _, unknown = mentions.named(field.data, self.colleagues)
        if unknown:
            names = ", ".join(unknown)
            raise ValidationError(
                f"Nobody called {names} can open this case. Choose a name from the list, or leave out the @"
            )

    def command(self) -> c.Note:
        meant, _ = mentions.named(self.text.data, self.colleagues)
        told = tuple(staff_ref(person) for person in meant if person.id != self.actor.id)
        return c.Note(text=self.text.data, files=self.files, mentions=told)


@form_for(Action.ADD_INFORMATION)
class AddInformationForm(ActionForm):
    title = "Add information or files"
    button = "Add to the case"
    takes_files = True

    text = long("What is it?", "", optional())
    uploads = Files("Files", [optional()], description="Photos, documents, recordings.")
    shared_with_resident = BooleanField("The resident may see these files")

    @property
    def internal_files(self) -> bool:  # type: ignore[override]
        """Files stay internal unless somebody says that they may be seen."""
        return not self.shared_with_resident.data

    def command(self) -> c.AddInformation:
        return c.AddInformation(text=self.text.data, files=self.files)


@form_for(Action.MESSAGE)
class MessageForm(ActionForm):
    title = "Send a message to the resident"
    button = "Send message"
    takes_files = True
    internal_files = False

    text = long("Message", "The resident reads this on the portal.")
    language = RadioField("The message is written in")
    uploads = Files("Files", [optional()])

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        return {"language": "en"}

    def prepare(self) -> None:
        wanted = dict.fromkeys(("en", self.view.state.language))
        self.language.choices = choices([(code, i18n.english_name(code)) for code in wanted])

    def command(self) -> c.Message:
        return c.Message(text=self.text.data, language=self.language.data, files=self.files)


@form_for(Action.CHANGE_CONTACT)
class ChangeContactForm(ActionForm):
    title = "Change contact details"

    name = short("Name")
    relationship = SelectField("They are")
    email = short("E-mail address", "", optional(), email())
    phone = short("Phone number", "", optional(), phone())
    address = long("Address", "One part a line, without the postcode.", optional())
    postcode = short("Postcode", "", optional(), postcode())
    prefers = SelectField("Prefers")
    times = short("When it is safe or good to call", "", optional())
    safety = SelectMultipleField(
        "Not safe or not wanted",
        choices=choices(
            [
                ("no_calls", "Do not call"),
                ("no_voicemail", "Do not leave a voicemail"),
                ("no_post", "Do not send post"),
                ("no_email", "Do not send e-mail"),
            ]
        ),
    )

    RELATIONSHIPS = (
        ("", "Not known"),
        ("tenant", "Tenant"),
        ("former_tenant", "Former tenant"),
        ("shared_owner", "Shared owner"),
        ("leaseholder", "Leaseholder"),
        ("licensee", "Licensee"),
        ("applicant", "Applicant for a home"),
        ("homeowner", "Homeowner"),
        ("neighbour", "Neighbour"),
        ("public", "Member of the public"),
    )

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        person, safety = view.state.resident or Person(name=""), view.state.safety
        flags = ("no_calls", "no_voicemail", "no_post", "no_email")
        return {
            "name": person.name,
            "relationship": person.relationship,
            "email": person.email,
            "phone": person.phone,
            "address": "\n".join(person.address),
            "postcode": person.postcode,
            "prefers": person.prefers.value if person.prefers else "",
            "times": safety.times,
            "safety": [flag for flag in flags if getattr(safety, flag)],
        }

    def prepare(self) -> None:
        kinds = dict(self.RELATIONSHIPS)
        known = self.view.state.resident.relationship if self.view.state.resident else ""
        kinds.setdefault(known, known)
        self.relationship.choices = choices(kinds.items())
        self.prefers.choices = choices([("", "Any way"), ("portal", "The portal"), *CHANNELS.items()])

    def command(self) -> c.ChangeContact:
        unsafe = set(self.safety.data or ())
        return c.ChangeContact(
            resident=Person(
                name=self.name.data,
                relationship=self.relationship.data,
                email=self.email.data,
                phone=self.phone.data,
                address=tuple(line.strip() for line in self.address.data.splitlines() if line.strip()),
                postcode=self.postcode.data,
                prefers=Channel(self.prefers.data) if self.prefers.data else None,
            ),
            safety=Safety(
                times=self.times.data,
                no_calls="no_calls" in unsafe,
                no_voicemail="no_voicemail" in unsafe,
                no_post="no_post" in unsafe,
                no_email="no_email" in unsafe,
            ),
        )


@form_for(Action.CHANGE_NEEDS)
class ChangeNeedsForm(ActionForm):
    title = "Change adjustments and language"

    needs = SelectMultipleField("What we do differently for this resident")
    other = short("Something else", "A need, never a diagnosis.", optional())
    language = SelectField("Letters are written in")

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        state = view.state
        other = next((n.detail for n in state.needs if n.code == "other"), "")
        return {
            "needs": [n.code for n in state.needs if n.code != "other"],
            "other": other,
            "language": state.language,
        }

    def prepare(self) -> None:
        own = {n.code: n.detail or n.code for n in self.view.state.needs if n.code not in wording.NEEDS}
        labels = {code: str(label) for code, label in wording.NEEDS.items() if code != "other"}
        self.needs.choices = choices([*labels.items(), *own.items()])
        codes = dict.fromkeys([*(one.code for one in i18n.languages()), self.view.state.language])
        self.language.choices = choices([(code, i18n.english_name(code)) for code in codes])

    def command(self) -> c.ChangeNeeds:
        known = {n.code: n for n in self.view.state.needs}
        needs = [known.get(code) or Need(code=code) for code in self.needs.data or ()]
        if self.other.data:
            needs.append(Need(code="other", detail=self.other.data))
        return c.ChangeNeeds(needs=tuple(needs), language=self.language.data)


@form_for(Action.MEET_NEED)
class MeetNeedForm(ActionForm):
    title = "Review an adjustment"

    code = RadioField("Which adjustment?", [required("Choose the adjustment")])
    met = RadioField(
        "Do we do this now?",
        [required("Choose whether we do this now")],
        choices=choices([("yes", "Yes"), ("no", "Not yet")]),
    )
    owner = short("Who sees to it", "", optional())
    review_on = DateParts("Look at it again on", [optional(), within_calendar()])

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        need = next((n for n in view.state.needs if n.code == asked.get("code")), None)
        if need is None:
            return {"code": view.state.needs[0].code if len(view.state.needs) == 1 else None}
        met = {True: "yes", False: "no"}.get(need.met) if need.met is not None else None
        return {"code": need.code, "met": met, "owner": need.owner, "review_on": need.review_on}

    def prepare(self) -> None:
        self.code.choices = choices(
            [(n.code, wording.need_words(n, "en").text) for n in self.view.state.needs]
        )

    def command(self) -> c.MeetNeed:
        on: date | None = self.review_on.data
        return c.MeetNeed(
            code=self.code.data, met=bool(yes_no(self.met.data)), owner=self.owner.data, review_on=on
        )
