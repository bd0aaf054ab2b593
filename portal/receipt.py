"""The receipt: reference, code, what happens next and by when; to print, to keep, to scan."""

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

import lxml.html
import segno
from flask import Response, abort, current_app, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import session
from portal.blueprint import pages
from shared import clock, config, i18n
from shared.cases import case_clocks, queries, service
from shared.cases.case_view import CaseView, LetterRow
from shared.cases.correspondence import consent_request, texting
from shared.letters.pdf import typeset
from shared.policy.load import load
from shared.vocab import Channel, Kind, LetterKind
from shared.web.access import public
from shared.web.render import render, see_other

DRAWN: dict[str, Any] = {"scale": 5, "border": 4, "light": "white"}  # a dark page would swallow the code


@dataclass(frozen=True, slots=True)
class Next:
    """What happens next: until when we write, and why then."""

    hear_on: date | None
    why: case_clocks.Duty | None = None


@pages.get("/receipt")
@public
def receipt() -> ResponseReturnValue:
    """Shown to the browser that sent it, again on a reload; the code only for the first minutes."""
    shown = session.receipt()
    if shown is None:
        return see_other(url_for("portal.start"))
    return render("portal/receipt.html", **_facts(shown))


@pages.get("/receipt/copy")
@public
def receipt_copy() -> ResponseReturnValue:
    """The receipt as one small file that opens anywhere, in the language of the page."""
    shown = session.receipt()
    if shown is None:
        return see_other(url_for("portal.start"))
    response = render("portal/receipt_copy.html", **_facts(shown))
    response.headers["Content-Disposition"] = f'attachment; filename="{shown.ref}.html"'
    return response


@pages.get("/receipt/copy.pdf")
@public
def receipt_pdf() -> ResponseReturnValue:
    """The same words as a PDF, tagged and in the language of the page, to save or to send on."""
    shown = session.receipt()
    if shown is None:
        return see_other(url_for("portal.start"))
    spoken = i18n.current()
    article = lxml.html.fragment_fromstring(render_template("portal/_receipt_paper.html", **_facts(shown)))
    content = typeset(article, title=str(shown.ref))
    response: Response = make_response(content)
    response.mimetype = "application/pdf"
    response.headers["Content-Language"] = spoken.tag
    response.headers.set("Content-Disposition", "attachment", filename=f"{shown.ref}.pdf")
    return response


@pages.get("/receipt/qr.svg")
@public
def receipt_qr() -> ResponseReturnValue:
    """The address of the sign-in page as a QR code. Never the access code: cameras keep what they see."""
    shown = session.receipt()
    if shown is None:
        abort(404)
    drawn = io.BytesIO()
    _qr(shown.ref).save(drawn, kind="svg", xmldecl=False, **DRAWN)  # as an image it needs its namespace
    response: Response = make_response(drawn.getvalue())
    response.mimetype = "image/svg+xml"
    return response


def _qr(ref: str) -> segno.QRCode:
    return segno.make(door_address(ref), error="m", micro=False)


def door_address(ref: str) -> str:
    """Where the person comes back to, as it is printed: with the reference, so only the code is typed."""
    return config.current().base_url + session.sign_in_url(ref=ref)


def _facts(shown: session.Receipt) -> dict[str, Any]:
    view = _view(shown)
    actor = session.current_resident()
    return {
        "receipt": shown,
        "view": view,
        "next": _next(view),
        "address": door_address(shown.ref),
        "qr": _qr(shown.ref).svg_data_uri(**DRAWN),
        "helper": view is not None and actor is not None and actor.key.startswith("representative:"),
        "footing": consent_request.footing(view.state, view.policy) if view else "",
        "emailed": view is not None and any(_by_email(letter) for letter in view.letters),
        "texted": actor is not None and texting.receipt_sent(shown.ref, actor.key.partition(":")[0]),
        "complaint": shown.kind == Kind.COMPLAINT,
        "ombudsman": load(current_app.extensions["redress"].landlord).ombudsman(clock.today()),
    }


def _view(shown: session.Receipt) -> CaseView | None:
    actor = session.current_resident()
    if actor is None or actor.case_ref != shown.ref:
        return None
    try:
        return queries.case(shown.ref, actor)
    except service.NoSuchCase:
        return None


def _by_email(letter: LetterRow) -> bool:
    return letter.kind == LetterKind.RECEIPT and letter.channel == Channel.EMAIL


def _next(view: CaseView | None) -> Next:
    if view is None:
        return Next(None)
    first = case_clocks.next_due(view.duties)
    return Next(first.due_on if first else None, first)
