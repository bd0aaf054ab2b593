"""What the resident does to her complaint: write, add, answer, ask for a second look, stop."""

from collections.abc import Callable
from typing import Any

from flask import abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField

from portal import progress
from portal.acting import act, language_pressed, only_language
from portal.blueprint import pages
from portal.forms.base import LONG
from portal.sight import Open, Sight, opened_for
from shared import clock, config, i18n
from shared.cases import commands as c
from shared.cases import files
from shared.cases.state import FileRef, Remedy
from shared.uploads import Reason, Refused, StorageError
from shared.vocab import Action
from shared.web.access import resident
from shared.web.file_words import sentence, size_text
from shared.web.forms import Files, Form, at_most, choices, optional, required
from shared.web.render import render, see_other

FULL = _l("Your complaint holds as many files as we can take. Call us, and we find another way.")


def story(label: Any, *checks: Any) -> TextAreaField:
    """A field for as many words as somebody needs."""
    return TextAreaField(label, [*(checks or (optional(),)), at_most(LONG)])


class EscalateForm(Form):
    """Nothing is required (Code 6.12)."""

    late_reason = story(_l("What made it late?"))
    reason = story(_l("What should we look at again?"))


class WithdrawForm(Form):
    """Nothing is required."""

    reason = story(_l("Would you like to tell us why?"))


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


class MoreTimeForm(Form):
    """Whether the new date is agreed."""

    agreed = RadioField(
        _l("Do you agree to the new date?"),
        choices=choices([("yes", _l("Yes, I agree")), ("no", _l("No, I do not agree"))]),
    )
    words = story(_l("Is there anything that you would like to say about it?"))


class PromiseForm(Form):
    """The resident's own word on a promise."""

    words = story(_l("What would you like to tell us about it?"))


class OfferForm(Form):
    """The answer to an offer is the button that was pressed."""


Show = Callable[[], ResponseReturnValue]


def page(
    case: Open,
    form: Form,
    template: str,
    heading: str,
    send: Callable[[Show], ResponseReturnValue],
    **more: Any,
) -> ResponseReturnValue:
    """A page of one form: shown, shown again in another language, checked, sent."""

    def show(status: int = 200) -> ResponseReturnValue:
        errors_found = bool(form.errors) and not only_language()
        return render(
            template,
            status=422 if errors_found else status,
            heading=heading,
            form=form,
            seen=request.form.get("seen", "") or case.view.version,
            case=case,
            may=case.may,
            A=Action,
            **more,
        )

    if moved := language_pressed():
        return moved
    if request.method == "GET" or only_language():
        return show()
    if not form.validate_on_submit():
        return show(422)
    return send(show)


def spoken() -> str:
    """The language of the page on which something was written."""
    return i18n.current().code


@pages.route("/my-complaint/escalate", methods=["GET", "POST"])
@resident
def escalate() -> ResponseReturnValue:
    """Ask for stage 2: one button; reasons only for those who want to give them."""
    case = opened_for(Action.ESCALATE)
    form = EscalateForm()

    def send(show: Show) -> ResponseReturnValue:
        command = c.Escalate(
            reason=form.reason.data or "", late_reason=form.late_reason.data or "", language=spoken()
        )
        return act(case, command, form, show, "escalated")

    return page(
        case,
        form,
        "portal/escalate.html",
        gettext("Ask us to look at it again"),
        send,
        second=progress.stage_names(case.view)[1],
        over=progress.window_is_over(case.view),
    )


@pages.route("/my-complaint/withdraw", methods=["GET", "POST"])
@resident
def withdraw() -> ResponseReturnValue:
    """Stop the complaint, after a page that interrupts and offers to keep it."""
    case = opened_for(Action.WITHDRAW)
    form = WithdrawForm()

    def send(show: Show) -> ResponseReturnValue:
        return act(case, c.Withdraw(reason=form.reason.data or ""), form, show, "withdrawn")

    return page(case, form, "portal/withdraw.html", gettext("Do you want to stop your complaint?"), send)


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


@pages.route("/my-complaint/more-time", methods=["GET", "POST"])
@resident
def more_time() -> ResponseReturnValue:
    """Agree to an extension or not, with the Ombudsman's details (Code 6.5, 6.16)."""
    case = opened_for(Action.ANSWER_EXTENSION)
    if not case.view.state.extensions:
        abort(404)
    form = MoreTimeForm()

    def send(show: Show) -> ResponseReturnValue:
        command = c.AnswerExtension(agreed=form.agreed.data == "yes", words=form.words.data or "")
        return act(case, command, form, show, "answered")

    return page(
        case,
        form,
        "portal/more_time.html",
        gettext("We need more time"),
        send,
        extension=case.view.state.extensions[-1],
        ombudsman=case.view.policy.ombudsman(clock.today()),
        in_remit=True,
    )


@pages.post("/my-complaint/promises/<int:number>")
@resident
def promise(number: int) -> ResponseReturnValue:
    """Done, or not done: the resident's own word."""
    case = opened_for(Action.CONFIRM_COMMITMENT)
    if number not in {p.number for p in case.view.state.commitments}:
        abort(404)
    form = PromiseForm()
    said = request.form.get("done")
    if said not in {"yes", "no"} or not form.validate():
        abort(400)
    command = c.ConfirmCommitment(number=number, done=said == "yes", words=form.words.data or "")
    return act(case, command, form, _back, "promise")


def offers(case: Open) -> list[Remedy]:
    """What we offered. An offer is the handler's own business until the answer that carries it was sent."""
    m = case.view.state.milestones
    sent = {1: m.responded_at, 2: m.final_response_at}
    return [remedy for remedy in case.view.state.remedies if sent.get(remedy.stage)]


@pages.post("/my-complaint/offers/<int:number>")
@resident
def offer(number: int) -> ResponseReturnValue:
    """Yes or no to something we offered. It closes no door: stage 2 and the Ombudsman stay open."""
    case = opened_for(Action.SETTLE_REMEDY)
    if number not in {r.number for r in offers(case) if r.accepted is None}:
        abort(404)
    said = request.form.get("accepted")
    if said not in {"yes", "no"}:
        abort(400)
    command = c.SettleRemedy(number=number, accepted=said == "yes")
    return act(case, command, OfferForm(), _back, "offer")


def _back() -> ResponseReturnValue:
    return see_other(url_for("portal.my_complaint"))
