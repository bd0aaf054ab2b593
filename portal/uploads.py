"""Photos, documents and recordings: one a page load without scripts, each refused with its own sentence."""

from typing import Any

from flask import abort, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from portal import questions, rate_limits, session
from portal.blueprint import pages
from portal.forms.base import Question as QuestionForm
from portal.journey import adopt, answers, frame, keep, left_at, page_url
from portal.questions import FILES
from shared import config, i18n
from shared.cases import files
from shared.uploads import Reason
from shared.web.access import public
from shared.web.file_words import NOT_TAKEN, of_one, sentence, size_text, why_not
from shared.web.forms import Files
from shared.web.render import render, see_other
from shared.web.show_file import show_file

FULL = _l("You have added as much as we can take here. Send your complaint first. You can add more later.")
NONE_CHOSEN = _l("Choose a file, or continue without one")


class FilesForm(QuestionForm):
    """One file or several; nothing is required."""

    files = Files(_l("Choose a photo, document, video or recording"))

    def question(self) -> Any:
        return _l("Do you have photos, documents or recordings?")


def take(form: FilesForm) -> int:
    """Clean and keep every file of the form; refusals land beside the field. Returns how many were kept."""
    kept = 0
    chosen: list[FileStorage] = list(form.files.data or [])
    for one in chosen:
        problem = take_one(one.stream, one.filename or "")
        if problem is None:
            kept += 1
            continue
        name = one.filename or ""
        form.refuse("files", problem if len(chosen) == 1 else of_one(name, problem))
    return kept


def take_one(stream: Any, name: str) -> str | None:
    """Put one file on this browser's draft, beginning one where there is none. A sentence when refused."""
    if session.draft() is None:
        keep({})
    draft = session.draft()
    if draft is None or draft.case_ref:
        return gettext("Go back to the first page and start again. Your complaint was sent already.")
    try:
        rate_limits.adding_file()
        files.add(stream, name, added_by=f"draft:{draft.id}", draft_id=draft.id)
        keep({})  # a file counts as coming back: the draft's days begin anew
    except rate_limits.TooFast:
        return sentence(Reason.BUSY, {})
    except NOT_TAKEN as error:
        return why_not(error, FULL)
    finally:
        session.refresh_draft()
    return None


@pages.route("/tell-us/files", methods=["GET", "POST"], endpoint="files")
@public
def files_page() -> ResponseReturnValue:
    """Add, remove, go on. A file that was chosen is taken whatever button is pressed."""
    if request.method == "GET":
        return show(FilesForm())
    adopt()
    form = FilesForm()
    press = request.form.get("press", "continue")
    if not form.validate_on_submit():
        return show(form, 422)
    if press.startswith("remove:"):
        return _remove(press.removeprefix("remove:"))
    if press != "skip":
        take(form)
    if press == "upload" and not form.files.data:
        form.refuse("files", NONE_CHOSEN)
    if form.errors:
        return show(form, 422)
    if chosen := request.form.get("language"):
        return see_other(page_url(FILES, **_same(), **_in(chosen)))
    if mark := left_at(FILES, press, answers()):
        keep(mark)
    return see_other(_onwards(press))


def _onwards(press: str) -> str:
    """The address to which a button leads."""
    match press:
        case "upload":
            return page_url(FILES, added=1, **_same())
        case "later":
            return url_for("portal.later")
        case _ if _same():
            return url_for("portal.check")
        case "rest":
            return page_url(questions.rest(FILES, answers()))
    return page_url(questions.after(FILES, answers()))


def _same() -> dict[str, str]:
    return {"back": questions.CHECK} if request.args.get("back") == questions.CHECK else {}


def _in(language: str) -> dict[str, str]:
    try:
        return {"lang": i18n.language(language).code}
    except LookupError:
        return {}


def _remove(number: str) -> ResponseReturnValue:
    draft = session.draft()
    if draft is not None and not draft.case_ref and number.isascii() and number.isdigit():
        files.remove_from_draft(draft.id, int(number[:18]))
    return see_other(page_url(FILES, removed=1, **_same()))


def show(form: QuestionForm, status: int = 200) -> ResponseReturnValue:
    """The page with what is there so far."""
    draft = session.draft()
    return render(
        "portal/questions/files.html",
        "portal/_files.html",
        status=status,
        form=form,
        heading=gettext("%(question)s (optional)", question=form.question()),
        files=draft.files if draft else (),
        most=size_text(config.current().max_upload_bytes),
        size_text=size_text,
        expired=g.get("portal_expired", False),
        **frame(FILES, answers()),
    )


@pages.get("/tell-us/files/<int:number>")
@public
def draft_file(number: int) -> ResponseReturnValue:
    """A file of this browser's own unsent draft, to look at or listen to."""
    draft = session.draft()
    row = files.of_draft(draft.id, number) if draft is not None else None
    if row is None:
        abort(404)
    return show_file(row, preview="preview" in request.args)


@pages.errorhandler(RequestEntityTooLarge)
def too_big(error: RequestEntityTooLarge) -> Any:
    """A request too big to be read: the sentence of a file too big, on the page that it was meant for."""
    if request.endpoint != "portal.files":
        return error
    _drain()
    form = FilesForm(formdata=None)
    form.refuse("files", sentence(Reason.TOO_BIG, {"limit": config.current().max_upload_bytes}))
    return show(form, 422)


def _drain() -> None:
    """Read what is still coming, within reason: browsers show no answer while they are still sending."""
    stream = request.environ["wsgi.input"]
    left = min(request.content_length or 0, 4 * config.current().max_request_bytes)
    while left > 0 and (chunk := stream.read(min(left, 1 << 16))):
        left -= len(chunk)
