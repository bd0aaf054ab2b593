"""Files of a case, to look at without downloading, or to keep. What they hold can never steer a page."""

from flask import abort, send_file
from flask import request as asked
from flask.typing import ResponseReturnValue

from shared.cases import files, queries, service
from shared.models import Attachment
from shared.web import access
from shared.web.headers import ALWAYS
from staff.blueprint import pages
from staff.case import CASE_ROLES, me

# What a browser may show by itself. Everything else is downloaded.
SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf", "text/plain")
SHOWN_TYPES = ("audio/", "video/")
SANDBOXED = {"Content-Security-Policy": ALWAYS["Content-Security-Policy"] + "; sandbox"}


@pages.get("/cases/<ref>/files/<int:number>")
@access.staff(*CASE_ROLES)
def file(ref: str, number: int) -> ResponseReturnValue:
    """A file to look at; with ?download=1 to keep; with ?preview=1 a picture at a size for pages."""
    row = _row(ref, number)
    small = "preview" in asked.args and row.preview_key is not None
    media_type = "image/jpeg" if small else row.media_type
    try:
        stream = files.open_file(row, preview=small)
    except FileNotFoundError:
        abort(404)
    shown = media_type in SHOWN or media_type.startswith(SHOWN_TYPES)
    response = send_file(
        stream,
        media_type,
        as_attachment="download" in asked.args or not shown,
        download_name=row.name,
        etag=False,
        conditional=False,
    )
    response.headers["Cache-Control"] = "no-store"
    if media_type != "application/pdf":  # a browser's own PDF viewer does not start in a sandbox
        response.headers.update(SANDBOXED)
    return response


def _row(ref: str, number: int) -> Attachment:
    try:
        return queries.file(ref, number, me())
    except service.NoSuchCase:
        abort(404)
