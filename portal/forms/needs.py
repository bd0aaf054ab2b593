"""What we should do differently, and in which language. Needs, never diagnoses; nobody is asked why."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, TextAreaField

from portal.forms.base import Answers, Question, line
from shared import i18n
from shared.cases.wording import NEED_GROUPS
from shared.web.forms import at_most, choices, optional

FIELD = "needs_{}"


class NeedsForm(Question):
    """One field for each group of wording.NEED_GROUPS, then the details that some of them want."""

    reply_language = SelectField(_l("Which language should we write in?"), [optional()])
    interpreter = line(_l("If you want an interpreter: which language or dialect?"))
    needs_detail = TextAreaField(_l("Is there anything else that would help?"), [optional(), at_most(2_000)])

    def suit(self, answers: Answers) -> None:
        self.reply_language.choices = choices((one.code, one.name) for one in i18n.languages())
        if not self.reply_language.data:
            self.reply_language.data = i18n.current().code

    def question(self) -> Any:
        return _l("Is there anything we should do differently so that this works for you?")

    def groups(self) -> list[Any]:
        """The fields of the groups, in their order."""
        return [self[FIELD.format(name)] for name in NEED_GROUPS]


for _name, (_label, _rows) in NEED_GROUPS.items():
    setattr(
        NeedsForm,
        FIELD.format(_name),
        SelectMultipleField(_label, [optional()], choices=choices(_rows.items())),
    )


def chosen(answers: Answers) -> list[str]:
    """The codes of all needs that were ticked, in the order of the page."""
    return [
        code
        for name, (_label, rows) in NEED_GROUPS.items()
        for code in rows
        if code in (answers.get(FIELD.format(name)) or ())
    ]
