"""Letters as they were sent: to read, to print, to download, with what became of them on the way."""

from io import BytesIO

from flask import abort, make_response, send_file
from flask.typing import ResponseReturnValue

from shared.cases import files, queries, service
from shared.letters import render as letters
from shared.models import Letter
from shared.web import access
from shared.web.render import render
from staff.addresses import CASE_ROLES, me, true_ref
from staff.blueprint import pages
from staff.case import DELIVERY, about, open_case


@pages.get("/cases/<string:ref>/letters/<int:number>")
@access.staff(*CASE_ROLES)
def letter(ref: str, number: int) -> ResponseReturnValue:
    """One letter exactly as sent."""
    view = open_case(ref)
    row = next((one for one in view.letters if one.id == number), None)
    if row is None:
        abort(404)
    stored = queries.letter_of(view, number, me())
    return render(
        "staff/letter.html",
        heading="Letter as sent",
        row=row,
        stored=stored,
        markup=letters.inside_page(letters.reopen(stored.html)),
        delivery=DELIVERY.get(row.delivery, row.delivery),
        **about(view),
    )


@pages.get("/cases/<string:ref>/letters/<int:number>.pdf")
@access.staff(*CASE_ROLES)
def letter_pdf(ref: str, number: int) -> ResponseReturnValue:
    """The letter's PDF, made when it was sent."""
    stored = _stored(ref, number)
    content = files.pdf_of(stored)
    if content is None:
        abort(404)
    name = f"{ref}-{stored.kind}-{stored.id}.pdf"
    response = send_file(BytesIO(content), "application/pdf", as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/cases/<string:ref>/letters/<int:number>.txt")
@access.staff(*CASE_ROLES)
def letter_text(ref: str, number: int) -> ResponseReturnValue:
    """The letter's words alone, as the e-mail carried them."""
    response = make_response(_stored(ref, number).text)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return response


def _stored(ref: str, number: int) -> Letter:
    try:
        return queries.letter(true_ref(ref), number, me())
    except service.NoSuchCase:
        abort(404)
