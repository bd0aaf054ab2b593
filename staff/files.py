"""Files of a case, to look at without downloading, or to keep."""

from flask import abort, current_app, request, url_for
from flask.typing import ResponseReturnValue

from shared.cases import files, queries, reading, service
from shared.models import Attachment
from shared.uploads import StorageError
from shared.web import access
from shared.web.file_words import size_text
from shared.web.render import render
from shared.web.show_file import show_file
from staff.addresses import CASE_ROLES, me, true_ref
from staff.blueprint import pages


@pages.get("/cases/<string:ref>/files/<int:number>")
@access.staff(*CASE_ROLES)
def file(ref: str, number: int) -> ResponseReturnValue:
    """A file to look at; with ?download=1 to keep; with ?preview=1 a picture at a size for pages.

    Of a letter, a text or an e-mail the words are shown in a page; a browser shows the rest by itself.
    """
    try:
        row = queries.file(true_ref(ref), number, me())
    except service.NoSuchCase:
        abort(404)
    download = "download" in request.args
    if reading.readable(row.media_type) and not download:
        return _words(ref, row)
    response = show_file(row, preview="preview" in request.args, download=download)
    response.headers["Cache-Control"] = "no-store"
    return response


def _words(ref: str, row: Attachment) -> ResponseReturnValue:
    try:
        with files.open_file(row) as content:
            words = reading.words_of(content, row.media_type)
    except StorageError:
        current_app.logger.exception("file %s cannot be read", row.id)
        abort(404)
    address = url_for("staff.file", ref=ref, number=row.id, download=1)
    return render(
        "staff/reading.html",
        heading=row.name,
        file=row,
        words=words,
        download=address,
        ref=true_ref(ref),
        size_text=size_text,
    )
