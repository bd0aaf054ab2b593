"""Photos, documents and recordings: one a page load without scripts, each refused with its own sentence."""

from typing import Any

from flask import current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from portal import questions, session
from portal.blueprint import pages
from portal.forms.base import Question as QuestionForm
from portal.journey import adopt, answers, frame, keep, page_url
from portal.questions import FILES
from shared import config, i18n
from shared.cases import files
from shared.uploads import Reason, Refused, StorageError
from shared.web.access import public
from shared.web.forms import Files
from shared.web.render import render, see_other

REFUSED: dict[Reason, Any] = {
    Reason.EMPTY: _l("The file is empty. Choose another file."),
    Reason.TOO_BIG: _l(
        "The file is too big. It must be smaller than %(limit)s."
        " Try a shorter recording or a smaller copy, or send it in parts."
    ),
    Reason.TOO_MANY_PIXELS: _l(
        "The picture has too many dots for us to open it."
        " Make it smaller, or take a screenshot of it, and try again."
    ),
    Reason.WRONG_TYPE: _l(
        "We cannot take this type of file. Send a photo, a PDF, a Word document (.docx), a text file, a video"
        " or a sound recording. You can open most other files and save them as a PDF."
    ),
    Reason.LIES_ABOUT_TYPE: _l(
        "The name of this file ends in .%(said)s, but it is a different type of file inside."
        " Open it, save it again as a photo or a PDF, and send the new file."
    ),
    Reason.ENCRYPTED: _l(
        "The file is locked with a password, so we cannot open it."
        " Save a copy without a password and send the copy."
    ),
    Reason.BROKEN: _l(
        "The file is damaged or not complete, so we cannot open it. Open it on your device to check it,"
        " save it again, and send the new file. If it does not open, send a photo or a screenshot of it."
    ),
    Reason.MACROS: _l(
        "The file has small programs inside (macros). We cannot take it, to keep everyone safe."
        " Save it as a PDF and send the PDF."
    ),
    Reason.TOO_COMPLEX: _l(
        "The file is too complex for us to open."
        " Save it as a PDF or take a photo of it, or send it in smaller parts."
    ),
    Reason.NOT_CLEANABLE: _l(
        "We could not remove hidden details, such as where you were, from this recording."
        " We did not keep it. Record it again with another app, or tell us what it shows."
    ),
    Reason.NO_SPACE: _l(
        "We have no room to keep your file right now. This is our fault. Your other answers are safe."
        " Try again later, or go on without the file and send it to us later."
    ),
    Reason.BUSY: _l("We are checking many files right now. Wait one minute and try again."),
    Reason.FAILED: _l(
        "We could not check your file. This is our fault."
        " Try again later, or go on without the file and send it to us later."
    ),
}
FULL = _l("You have added as much as we can take here. Send your complaint first. You can add more later.")
NONE_CHOSEN = _l("Choose a file, or continue without one")


def sentence(reason: Reason, facts: dict[str, Any]) -> str:
    """Why a file was not taken and how to mend it, in the reader's language."""
    told = {**facts, "limit": size_text(int(facts.get("limit", 0))), "said": str(facts.get("said", ""))[:12]}
    return str(REFUSED[reason]) % told


def size_text(size: int) -> str:
    """A number of bytes as people read it: "25 MB", "340 kB"."""
    if size >= 1_000_000:
        return gettext("%(number)s MB", number=f"{size / 1_000_000:.1f}".removesuffix(".0"))
    return gettext("%(number)s kB", number=max(1, round(size / 1000)))


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
        form.refuse("files", problem if len(chosen) == 1 else f"{name}: {problem}")
    return kept


def take_one(stream: Any, name: str) -> str | None:
    """Put one file on this browser's draft, beginning one where there is none. A sentence when refused."""
    if session.draft() is None:
        keep({})
    draft = session.draft()
    if draft is None or draft.case_ref:
        return gettext("Go back to the first page and start again. Your complaint was sent already.")
    try:
        files.add(stream, name, added_by=f"draft:{draft.id}", draft_id=draft.id)
    except Refused as refused:
        return sentence(refused.reason, refused.facts)
    except files.TooMany:
        return str(FULL)
    except StorageError:
        current_app.logger.exception("a file could not be stored")
        return str(REFUSED[Reason.FAILED])
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
    if chosen := request.form.get("language"):
        return see_other(page_url(FILES, **_same(), **_in(chosen)))
    if press == "upload" and not form.files.data and not form.errors:
        form.refuse("files", NONE_CHOSEN)
    if form.errors:
        return show(form, 422)
    if press == "upload":
        return see_other(page_url(FILES, added=1, **_same()))
    if press == "later":
        return see_other(url_for("portal.later"))
    if request.form.get("back") == questions.CHECK:
        return see_other(url_for("portal.check"))
    return see_other(page_url((questions.rest if press == "rest" else questions.after)(FILES, answers())))


def _same() -> dict[str, str]:
    return {"back": questions.CHECK} if request.form.get("back") == questions.CHECK else {}


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
        status=status,
        form=form,
        heading=gettext("%(question)s (optional)", question=form.question()),
        files=draft.files if draft else (),
        most=size_text(config.current().max_upload_bytes),
        size_text=size_text,
        expired=g.get("portal_expired", False),
        **frame(FILES, answers()),
    )


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
