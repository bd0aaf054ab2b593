"""Files of a case, to look at without downloading, or to keep."""

from flask import abort, request
from flask.typing import ResponseReturnValue

from shared.cases import queries, service
from shared.web import access
from shared.web.show_file import show_file
from staff.addresses import CASE_ROLES, me, true_ref
from staff.blueprint import pages


@pages.get("/cases/<string:ref>/files/<int:number>")
@access.staff(*CASE_ROLES)
def file(ref: str, number: int) -> ResponseReturnValue:
    """A file to look at; with ?download=1 to keep; with ?preview=1 a picture at a size for pages."""
    try:
        row = queries.file(true_ref(ref), number, me())
    except service.NoSuchCase:
        abort(404)
    response = show_file(row, preview="preview" in request.args, download="download" in request.args)
    response.headers["Cache-Control"] = "no-store"
    return response
