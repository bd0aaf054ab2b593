"""Why a file was not taken, in words that say how to mend it; both sides say it alike."""

from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from shared.cases.files import TooMany
from shared.uploads import Reason, Refused, StorageError, StorageFull

REFUSED: dict[Reason, Any] = {
    Reason.EMPTY: _l("The file is empty. Choose another file."),
    Reason.TOO_BIG: _l(
        "The file is too big. It must be smaller than %(limit)s."
        " Try a shorter recording or a smaller copy, or send it in parts."
    ),
    Reason.TOO_MANY_PIXELS: _l(
        "The picture is too large for us to open. It has too many pixels."
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


def sentence(reason: Reason, facts: Mapping[str, Any]) -> str:
    """Why a file was not taken and how to mend it, in the reader's language."""
    told = {**facts, "limit": size_text(int(facts.get("limit", 0))), "said": str(facts.get("said", ""))[:12]}
    return str(REFUSED[reason]) % told


NOT_TAKEN = (Refused, TooMany, StorageError)  # what adding a file raises


def why_not(error: Refused | TooMany | StorageError, full: Any = "") -> str:
    """What to tell whose file was not taken; `full` is what a page with a limit says where no more fit."""
    if isinstance(error, Refused):
        return sentence(error.reason, error.facts)
    if isinstance(error, TooMany):
        return str(full)
    current_app.logger.error("a file could not be stored", exc_info=error)
    return sentence(Reason.NO_SPACE if isinstance(error, StorageFull) else Reason.FAILED, {})


def of_one(name: str, said: Any) -> str:
    """What is said of one file among several; its name keeps a direction of its own."""
    return f"\u2068{name}\u2069: {said}"


def size_text(size: int) -> str:
    """A number of bytes as people read it: "25 MB", "340 kB"."""
    if size >= 1_000_000:
        return gettext("%(number)s MB", number=f"{size / 1_000_000:.1f}".removesuffix(".0"))
    return gettext("%(number)s kB", number=max(1, round(size / 1000)))
