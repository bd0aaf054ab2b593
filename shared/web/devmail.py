"""The sink's mailbox as pages, so that a developer can follow a link that would have been e-mailed.

Anybody who can reach it reads all mail: it exists only while mail goes to the sink, and never in production.
"""

from email.message import EmailMessage

from flask import Blueprint, Flask, Response, abort, make_response

from shared.config import Config
from shared.db import db
from shared.mail import channels
from shared.models import SentMail
from shared.web.access import public
from shared.web.render import render

pages = Blueprint("devmail", __name__, url_prefix="/dev/mail")


def init_app(app: Flask, config: Config) -> None:
    """Add the pages where they are harmless; elsewhere their addresses do not exist."""
    if config.keeps_messages:
        app.register_blueprint(pages)


@pages.get("/")
@public
def mailbox() -> Response:
    """The latest hundred messages, newest first."""
    return render("shared/devmail.html", messages=channels.sunk(db.session()))


@pages.get("/<int:mail_id>")
@public
def message(mail_id: int) -> Response:
    """One message: its text with working links, its files, and a way to its HTML."""
    mail = _parsed(mail_id)
    text = mail.get_body(("plain",))
    lines = str(text.get_content()).splitlines() if text else []
    files = [part.get_filename() or "file" for part in mail.iter_attachments()]
    language = str(mail["Content-Language"] or "en")
    return render(
        "shared/devmail_message.html",
        mail=mail,
        mail_id=mail_id,
        lines=lines,
        files=files,
        mail_language=language,
    )


@pages.get("/<int:mail_id>/html")
@public
def html(mail_id: int) -> Response:
    """The HTML part as it was sent; the policy of our headers keeps anything in it from running."""
    part = _parsed(mail_id).get_body(("html",))
    if part is None:
        abort(404)
    return make_response(part.get_content(), {"Content-Type": "text/html; charset=utf-8"})


@pages.get("/<int:mail_id>/files/<int:number>")
@public
def file(mail_id: int, number: int) -> Response:
    """An attached file, to be saved."""
    parts = list(_parsed(mail_id).iter_attachments())
    if number >= len(parts):
        abort(404)
    content = parts[number].get_payload(decode=True)
    headers = {"Content-Type": parts[number].get_content_type(), "Content-Disposition": "attachment"}
    return make_response(content if isinstance(content, bytes) else b"", headers)


def _parsed(mail_id: int) -> EmailMessage:
    row = db.session.get(SentMail, mail_id)
    if row is None:
        abort(404)
    return channels.parsed(row.raw)
