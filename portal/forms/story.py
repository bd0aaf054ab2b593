"""What happened, in the person's own words. Only the first of these questions needs an answer."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, TextAreaField

from portal.forms.about import ANONYMOUS, ELECTED, HELPING
from portal.forms.base import LONG, Answers, Question, line
from shared.cases.wording import DANGERS
from shared.vocab import Kind
from shared.web.forms import at_most, choices, optional

WHAT = {
    Kind.COMPLAINT: _l("What has gone wrong?"),
    Kind.SERVICE_REQUEST: _l("What do you need us to do?"),
    Kind.COMPLIMENT: _l("What did we do well?"),
    Kind.COMMENT: _l("What do you want to tell us?"),
}
WHAT_MISSING = {
    Kind.COMPLAINT: _l("Write what has gone wrong, or ask us to call you"),
    Kind.SERVICE_REQUEST: _l("Write what you need, or ask us to call you"),
    Kind.COMPLIMENT: _l("Write what we did well"),
    Kind.COMMENT: _l("Write what you want to tell us"),
}


def kind_of(answers: Answers) -> Kind:
    """What the person is sending; a complaint when nothing says otherwise (Code 1.3)."""
    try:
        return Kind(answers.get("kind") or Kind.COMPLAINT)
    except ValueError:
        return Kind.COMPLAINT


class WhatForm(Question):
    """The one question that every complaint answers; a call from us is an answer too."""

    what = TextAreaField(_l("What has gone wrong?"), [optional(), at_most(LONG)])
    write_for_me = BooleanField(_l("Call me and write it for me"))

    def suit(self, answers: Answers) -> None:
        self.kind = kind_of(answers)
        self.what.label.text = WHAT[self.kind]
        if not can_call(answers):
            del self.write_for_me

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        if not self.what.data and not ("write_for_me" in self and self.write_for_me.data):
            self.refuse("what", WHAT_MISSING[self.kind])
            return False
        return right


def can_call(answers: Answers) -> bool:
    """Whether we could write it down on the telephone: not for those who give no name, nor for thanks."""
    wanted = kind_of(answers) in {Kind.COMPLAINT, Kind.SERVICE_REQUEST}
    return wanted and answers.get("who") != ANONYMOUS


class StartedForm(Question):
    """When it began, as roughly as the person likes."""

    started = line(_l("When did it start?"))


class EffectForm(Question):
    """What it does to the people in the home (Code 6.6, 7.1 ask us to weigh it)."""

    effect = TextAreaField(_l("How has it affected you or anyone in your home?"), [optional(), at_most(LONG)])

    def suit(self, answers: Answers) -> None:
        if answers.get("who") in {HELPING, ELECTED}:
            self.effect.label.text = _l("How has it affected them or anyone in their home?")
        elif answers.get("who") == ANONYMOUS:
            self.effect.label.text = _l("How has it affected people?")


DANGER_ANSWERS = {"no": _l("Nothing, or I am not sure"), **DANGERS}


class DangerForm(Question):
    """Whether somebody is unsafe now. The page shows whom to ring, whatever is answered."""

    danger = RadioField(_l("What is dangerous?"), [optional()], choices=choices(DANGER_ANSWERS.items()))

    def question(self) -> Any:
        return _l("Is anyone unsafe or unwell because of this now?")


class WantedForm(Question):
    """What would put it right."""

    wanted = TextAreaField(_l("What would you like us to do?"), [optional(), at_most(LONG)])
