"""Who complains, and for whom."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField

from portal.forms.base import Answers, Question, line, lines
from shared.cases.wording import HELPERS, RELATIONSHIPS
from shared.web.forms import at_most, choices, email, optional, phone, required

ME, HELPING, GROUP, ELECTED, ANONYMOUS = "me", "helping", "group", "elected", "anonymous"
EXECUTOR = "executor"
BY_LAW = frozenset({"attorney", EXECUTOR, "parent"})  # nobody else's yes is asked for, but a proof is

WHO = {
    ME: _l("Me, or me and the people I live with"),
    HELPING: _l("Somebody I am helping"),
    GROUP: _l("Several neighbours"),
    ELECTED: _l("A person who asked their MP or councillor for help"),
    ANONYMOUS: _l("I do not want to give my name"),
}
WHO_HINTS = {
    HELPING: _l("For example a friend, a person in your family or a person you support."),
    GROUP: _l("One person gives their name. We write to that person."),
    ELECTED: _l("For MPs, councillors and the people who work for them."),
    ANONYMOUS: _l("We pass on what you tell us. We cannot tell you what we do about it."),
}


CALL_NUMBER = _l("Enter your phone number, so that we can call you")


def died(answers: Answers) -> bool:
    """Whether it is about the home of somebody who has died, so that nobody is to be asked or written to."""
    return answers.get("who") == HELPING and answers.get("helper_relation") == EXECUTOR


class WhoForm(Question):
    """Who is this about?"""

    who = RadioField(
        _l("Who is this about?"),
        [required(_l("Choose who this is about"))],
        choices=choices(WHO.items()),
        default=ME,
    )


class RelationForm(Question):
    """What the person is to the landlord."""

    relation = RadioField(
        _l("Which of these is right for you?"), [optional()], choices=choices(RELATIONSHIPS.items())
    )

    def suit(self, answers: Answers) -> None:
        if answers.get("who") in {HELPING, ELECTED}:
            self.relation.label.text = _l("Which of these is right for the person you are helping?")


class GroupForm(Question):
    """Neighbours who complain together, with one of them to write to. They may leave it at that."""

    group_name = line(_l("What should we call you together?"))
    group_people = TextAreaField(
        _l("Who else is complaining?"), [optional(), at_most(5_000)], filters=[lines]
    )

    def question(self) -> Any:
        return _l("Who is complaining together?")


class HelperForm(Question):
    """The helper's own name and how to reach them; the person helped comes on the next page."""

    helper_name = line(_l("Your name"), required(_l("Enter your name")))
    helper_relation = RadioField(
        _l("Who are you to the person you are helping?"),
        [optional()],
    )
    helper_group = line(_l("Your organisation"))
    helper_email = line(_l("Your email address"), optional(), email())
    helper_phone = line(_l("Your phone number"), optional(), phone(), limit=60)

    def suit(self, answers: Answers) -> None:
        self.call = bool(answers.get("write_for_me"))
        elected = answers.get("who") == ELECTED
        shown = {code: label for code, label in HELPERS.items() if (code in {"mp", "councillor"}) == elected}
        self.helper_relation.choices = choices(shown.items())
        if elected:
            self.helper_relation.label.text = _l("Who are you, or who do you work for?")

    def question(self) -> Any:
        return _l("About you")

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        if self.call and not self.helper_phone.data and not self.helper_phone.errors:
            self.refuse("helper_phone", CALL_NUMBER)
            return False
        if not (self.helper_email.data or self.helper_phone.data):
            if not (self.helper_email.errors or self.helper_phone.errors):
                self.refuse("helper_email", _l("Enter your email address or your phone number"))
            return False
        return right
