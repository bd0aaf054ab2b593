"""The texts that staff start from: the page on which managers agree them."""

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField

from shared import i18n
from shared.cases import wording
from shared.cases.colleagues import snippets
from shared.cases.colleagues.snippets import KNOWN, LONGEST, LONGEST_TITLE, Text
from shared.identity.roles import Permission, holders
from shared.vocab import Stage
from shared.web.access import actor, staff
from shared.web.forms import Form, at_most, choices, optional, required
from shared.web.render import render, see_other
from staff.blueprint import pages
from staff.forms import FORMS
from staff.insert_text import WITH_TEXTS

KEEPERS = holders(Permission.KEEPS_TEXTS)


class TextForm(Form):
    """One text, and where it is offered."""

    title = StringField("Title", [required("Enter a title"), at_most(LONGEST_TITLE)])
    text = TextAreaField("Text", [required("Write the text"), at_most(LONGEST)])
    language = SelectField("In which language?")
    actions = SelectMultipleField("In which forms? None ticked: in all", [optional()])
    stages = SelectMultipleField("At which stages? None ticked: at all", [optional()])

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.language.choices = choices([(one.code, i18n.english_name(one.code)) for one in i18n.languages()])
        named = sorted((FORMS[action].title, action) for action in WITH_TEXTS)
        self.actions.choices = choices([(action, title) for title, action in named])
        self.stages.choices = choices([(stage, wording.STAFF_STAGES[stage]) for stage in Stage])


@pages.get("/texts")
@staff(*KEEPERS)
def texts() -> ResponseReturnValue:
    """All texts, and a form for one more."""
    return _page(TextForm())


@pages.post("/texts")
@staff(*KEEPERS)
def texts_post() -> ResponseReturnValue:
    """Add a text."""
    return _kept(TextForm(), None)


@pages.get("/texts/<int(max=2147483647):number>")
@staff(*KEEPERS)
def texts_one(number: int) -> ResponseReturnValue:
    """One text, to be changed."""
    found = _found(number)
    return _page(
        TextForm(
            data={name: getattr(found, name) for name in ("title", "text", "language", "actions", "stages")}
        ),
        found,
    )


@pages.post("/texts/<int(max=2147483647):number>")
@staff(*KEEPERS)
def texts_one_post(number: int) -> ResponseReturnValue:
    """Change it."""
    return _kept(TextForm(), _found(number))


@pages.post("/texts/<int(max=2147483647):number>/delete")
@staff(*KEEPERS)
def texts_delete(number: int) -> ResponseReturnValue:
    """Remove it; what was written with it stays."""
    snippets.remove(number)
    return see_other(url_for("staff.texts"))


def _found(number: int) -> Text:
    found = snippets.found(number)
    if found is None:
        abort(404)
    return found


def _kept(form: TextForm, text: Text | None) -> ResponseReturnValue:
    if not form.validate():
        return _page(form, text, 422)
    wanted = (
        form.title.data,
        form.text.data,
        form.actions.data or (),
        form.stages.data or (),
        form.language.data,
    )
    try:
        snippets.keep(actor(), *wanted, number=text.id if text else None)
    except ValueError as error:
        form.refuse("title", str(error))
        return _page(form, text, 422)
    return see_other(url_for("staff.texts"))


def _page(form: TextForm, text: Text | None = None, status: int = 200) -> ResponseReturnValue:
    return render(
        "staff/texts.html",
        status=status,
        form=form,
        text=text,
        texts=() if text else snippets.every(),
        form_titles={action.value: FORMS[action].title for action in WITH_TEXTS},
        stage_words=wording.STAFF_STAGES,
        known=KNOWN,
        language_of=i18n.english_name,
    )
