"""A file that somebody sent us, to look at or to keep. What it holds can never steer a page."""

from typing import BinaryIO

from flask import Response, abort, current_app, request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from shared.cases import files
from shared.models import Attachment
from shared.uploads import StorageError
from shared.web.headers import ALWAYS

# What a browser may show by itself. Everything else is downloaded.
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf", "text/plain"})
PLAYED = ("audio/", "video/")
SANDBOXED = {"Content-Security-Policy": ALWAYS["Content-Security-Policy"] + "; sandbox"}


def show_file(row: Attachment, *, preview: bool = False, download: bool = False) -> Response:
    """The bytes of a file whose reader was checked by the caller; 404 where the store has lost them.

    preview: a picture at a size for pages. download: to keep, under the name that its sender gave it.
    """
    small = preview and row.preview_key is not None
    media_type = "image/jpeg" if small else row.media_type
    try:
        stream = files.open_file(row, preview=small)
    except StorageError:
        current_app.logger.exception("file %s cannot be read", row.id)
        abort(404)
    played = media_type.startswith(PLAYED)
    shown = played or media_type in SHOWN
    response = send_file(
        stream,
        media_type,
        as_attachment=download or not shown,
        download_name=row.name,
        etag=False,
        conditional=False,
    )
    response.headers["Cache-Control"] = "no-store"
    if played:
        _in_pieces(response, row.size)
    if not played and media_type != "application/pdf":  # a browser's own viewer does not start in a sandbox
        response.headers.update(SANDBOXED)
    return response


def _in_pieces(response: Response, size: int) -> None:
    """Give the piece that was asked for: some players take nothing that they cannot ask for in pieces."""
    try:
        response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        response.close()
        raise


def show_message(content: BinaryIO, name: str) -> Response:
    """An e-mail byte for byte: to keep, and never shown, since anybody could have written anything in it."""
    response = send_file(content, "message/rfc822", as_attachment=True, download_name=name, etag=False)
    response.headers.update(SANDBOXED | {"Cache-Control": "no-store"})
    return response
