"""Letters exactly as they were sent, in every form somebody may need, and the files of the case."""

from flask import Response, abort, make_response, request
from flask.typing import ResponseReturnValue

from portal.blueprint import pages
from shared.cases import files, queries, service
from shared.letters import render as letters
from shared.models import Letter
from shared.web.access import actor, resident
from shared.web.render import render
from shared.web.show_file import show_file


@pages.get("/my-complaint/letters/<int:number>")
@resident
def letter(number: int) -> ResponseReturnValue:
    """One letter as a page, with the ways to keep it."""
    stored = _stored(number)
    finished = letters.reopen(stored.html)
    return render(
        "portal/letter.html",
        heading=heading_of(stored.title, actor().case_ref),
        number=number,
        stored=stored,
        finished=finished,
        markup=letters.inside_page(finished, titled=False),
    )


@pages.get("/my-complaint/letters/<int:number>.pdf")
@resident
def letter_pdf(number: int) -> ResponseReturnValue:
    """The PDF that was made when the letter was sent."""
    stored = _stored(number)
    content = files.pdf_of(stored)
    if content is None:
        abort(404)
    return _download(content, "application/pdf", _name(stored, "pdf"))


@pages.get("/my-complaint/letters/<int:number>-large.pdf")
@resident
def letter_large(number: int) -> ResponseReturnValue:
    """The same letter in large print, whoever asked for large print or not."""
    stored = _stored(number)
    content = letters.pdf(letters.reopen(stored.html), large_print=True)
    return _download(content, "application/pdf", _name(stored, "large.pdf"))


@pages.get("/my-complaint/letters/<int:number>.txt")
@resident
def letter_text(number: int) -> ResponseReturnValue:
    """The words alone: for screen readers, for reading aloud, for a Braille line."""
    stored = _stored(number)
    response = make_response(stored.text)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Content-Language"] = stored.language.replace("_", "-")
    return response


@pages.get("/my-complaint/files/<int:number>")
@resident
def file(number: int) -> ResponseReturnValue:
    """One file to look at; with ?download=1 to keep."""
    me = actor()
    try:
        row = queries.file(me.case_ref, number, me)
    except service.NoSuchCase:
        abort(404)
    return show_file(row, preview="preview" in request.args, download="download" in request.args)


def heading_of(title: str, ref: str) -> str:
    """A letter's title without the reference that all pages of this case bear; that of a merged case stays."""
    return title.removesuffix(f" ({ref})")


def _stored(number: int) -> Letter:
    me = actor()
    try:
        return queries.letter(me.case_ref, number, me)
    except service.NoSuchCase:
        abort(404)


def _name(stored: Letter, ending: str) -> str:
    return f"{stored.kind.replace('_', '-')}-{stored.sent_at:%Y-%m-%d}.{ending}"


def _download(content: bytes, media_type: str, name: str) -> Response:
    response = make_response(content)
    response.mimetype = media_type
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
