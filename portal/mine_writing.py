"""What the resident writes: messages, additions, answers to our questions; with files."""

from typing import Any

from flask import abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.acting import act
from portal.blueprint import pages
from portal.forms.base import Form
from portal.one_form import Show, page, spoken, story
from portal.sight import Open, Sight, opened_for
from shared import config
from shared.cases import commands as c
from shared.cases import files
from shared.cases.state import FileRef
from shared.uploads import Reason, Refused, StorageError
from shared.vocab import Action
from shared.web.access import resident
from shared.web.file_words import sentence, size_text
from shared.web.forms import Files, required
from shared.web.render import see_other

FULL = _l("Your complaint holds as many files as we can take. Call us, and we find another way.")


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
    case = opened_for(Action.MESSAGE)
    form = MessageForm()

    def send(show: Show) -> ResponseReturnValue:
        if not form.text.data and not form.files.data:
            form.refuse("text", _l("Write your message"))
            return show()
        taken = take(case, form)
        if form.errors:
            return show()
        command = c.Message(text=form.text.data or "", language=spoken(), files=taken)
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
    case = opened_for(Action.ADD_INFORMATION)
    form = AddForm()

    def send(show: Show) -> ResponseReturnValue:
        if not form.text.data and not form.files.data:
            form.refuse("text", _l("Write what you want to add, or choose a file"))
            return show()
        taken = take(case, form)
        if form.errors:
            return show()
        command = c.AddInformation(text=form.text.data or "", language=spoken(), files=taken)
        return act(case, command, form, show, "added")

    return page(
        case,
        form,
        "portal/add.html",
        gettext("Add something"),
        send,
        most=size_text(config.current().max_upload_bytes),
        with_files=True,
    )


def take(case: Open, form: Any) -> tuple[FileRef, ...]:
    """Clean and keep the files of a form, or say beside the field what is wrong with each; all or none."""
    taken = []
    chosen = list(form.files.data or [])
    for one in chosen:
        problem = ""
        try:
            taken.append(files.add(one.stream, one.filename or "", added_by=case.actor.display))
        except Refused as refused:
            problem = sentence(refused.reason, refused.facts)
        except files.TooMany:
            problem = str(FULL)
        except StorageError:
            current_app.logger.exception("a file could not be stored")
            problem = sentence(Reason.FAILED, {})
        if problem:
            form.refuse("files", problem if len(chosen) == 1 else f"{one.filename}: {problem}")
    return tuple(taken)


@pages.route("/my-complaint/questions/<int:number>", methods=["GET", "POST"])
@resident
def answer_question(number: int) -> ResponseReturnValue:
    """Answer one question of ours."""
    case = opened_for(Action.ANSWER_CLARIFICATION)
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
