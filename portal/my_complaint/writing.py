"""What the resident writes: messages, additions, answers to our questions; with files."""

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.actions import act
from portal.blueprint import pages
from portal.case_access import Sight, open_case_for
from portal.form_page import Show, held_files, page, spoken, story
from portal.forms.base import Form
from shared.cases import commands as c
from shared.cases.state import FileRef
from shared.vocab import Action
from shared.web.access import resident
from shared.web.forms import Files, required
from shared.web.render import see_other


class MessageForm(Form):
    """A message, or files, or both."""

    text = story(_l("Your message"))
    files = Files(_l("Photos, documents or recordings"))


class AddForm(Form):
    """Words, or files, or both."""

    text = story(_l("What would you like to add?"))
    files = Files(_l("Photos, documents or recordings"))


class AnswerForm(Form):
    """The answer to a question of ours."""

    reply = story(_l("Your answer"), required(_l("Write your answer")))


@pages.route("/my-complaint/messages", methods=["GET", "POST"])
@resident
def messages() -> ResponseReturnValue:
    """Messages both ways. A helper who is told of some things only sees her own."""
    case = open_case_for(Action.MESSAGE)
    form = MessageForm()

    def send(show: Show) -> ResponseReturnValue:
        if not form.text.data and not taken():
            form.refuse("text", _l("Write your message"))
            return show()
        command = c.Message(text=form.text.data or "", language=spoken(), files=taken())
        return act(case, command, form, show, "message")

    said = tuple(reversed(case.view.state.messages))
    if case.sight is Sight.SOME:
        said = tuple(m for m in said if m.sender == case.actor.display and not m.from_staff)
    return page(
        case,
        form,
        "portal/messages.html",
        gettext("Messages"),
        send,
        messages=said,
        names={f.id: f.name for f in case.view.files},
        with_files=True,
    )


@pages.route("/my-complaint/add", methods=["GET", "POST"])
@resident
def add() -> ResponseReturnValue:
    """Add words or files. Open to a helper even before the resident has said yes: giving is not telling."""
    case = open_case_for(Action.ADD_INFORMATION)
    form = AddForm()

    def send(show: Show) -> ResponseReturnValue:
        if not form.text.data and not taken():
            form.refuse("text", _l("Write what you want to add, or choose a file"))
            return show()
        command = c.AddInformation(text=form.text.data or "", language=spoken(), files=taken())
        return act(case, command, form, show, "added")

    return page(
        case,
        form,
        "portal/add.html",
        gettext("Add something"),
        send,
        with_files=True,
    )


def taken() -> tuple[FileRef, ...]:
    """The files of this form, as the command names them."""
    return tuple(one.file for one in held_files())


@pages.route("/my-complaint/questions/<int:number>", methods=["GET", "POST"])
@resident
def answer_question(number: int) -> ResponseReturnValue:
    """Answer one question of ours."""
    case = open_case_for(Action.ANSWER_CLARIFICATION)
    question = next((q for q in case.view.state.clarifications if q.number == number), None)
    if question is None:
        abort(404)
    form = AnswerForm()
    if question.answered_at is not None and request.method == "GET":
        return see_other(url_for("portal.my_complaint"))

    def send(show: Show) -> ResponseReturnValue:
        command = c.AnswerClarification(number=number, answer=form.reply.data or "", language=spoken())
        return act(case, command, form, show, "answered")

    return page(case, form, "portal/answer.html", gettext("Answer our question"), send, question=question)
