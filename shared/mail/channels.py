"""The ways by which a message leaves: one function each, which delivers or says whether another try can help.

A new way (text messages, say) is one more function and its line in `channels_for`.
"""

import smtplib
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.charset import BASE64, QP, Charset
from email.message import EmailMessage
from email.mime.text import MIMEText
from email.parser import BytesParser
from email.utils import parseaddr
from types import TracebackType

from flask import Flask, current_app
from flask_mail import Attachment, BadHeaderError, Connection, Mail, Message
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.config import Config
from shared.db import writing
from shared.models.outbox import SentMail
from shared.vocab import Channel

TIMEOUT = 10  # seconds that one answer of the mail server may take


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along, with its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way, free of the database. `message_id` is the same at every attempt."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str | None
    language: str  # BCP 47
    files: tuple[File, ...] = ()
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side answered when it took the message over."""

    words: str


class Temporary(Exception):
    """Not delivered now; the same message may well get through later."""


class Permanent(Exception):
    """Never deliverable like this: somebody has to read why and act."""


Deliver = Callable[[Outgoing], Receipt]


def channels_for(app: Flask, config: Config) -> dict[Channel, Deliver]:
    """How each channel delivers under these settings: the sink stands in while there is no mail server."""
    app.config.update(
        MAIL_SERVER=config.smtp_host,
        MAIL_PORT=config.smtp_port,
        MAIL_USERNAME=config.smtp_username or None,
        MAIL_PASSWORD=config.smtp_password or None,
        MAIL_USE_TLS=config.smtp_security == "starttls",
        MAIL_USE_SSL=config.smtp_security == "tls",
        MAIL_DEFAULT_SENDER=config.mail_from,
        MAIL_DEBUG=False,  # would print addresses
        MAIL_SUPPRESS_SEND=False,  # tests deliver too, to a server of their own
    )
    mail = VerifiedMail(app)
    return {Channel.EMAIL: (lambda message: smtp(mail, message)) if config.smtp_host else sink}


class VerifiedConnection(Connection):
    """Flask-Mail's connection, but one that checks the server's certificate and does not wait for ever."""

    def configure_host(self) -> smtplib.SMTP:
        """Connect, encrypt and sign in. Raises OSError (certificates included) or SMTPException."""
        settings = self.mail
        tls = ssl.create_default_context()
        host: smtplib.SMTP
        if settings.use_ssl:
            host = smtplib.SMTP_SSL(settings.server, settings.port or 465, timeout=TIMEOUT, context=tls)
        else:
            host = smtplib.SMTP(settings.server, settings.port or 25, timeout=TIMEOUT)
        try:
            if settings.use_tls:
                host.starttls(context=tls)
            if settings.username and settings.password:
                host.login(settings.username, settings.password)
        except BaseException:
            host.close()
            raise
        return host

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        # A server that hangs up after taking the message has taken it: failing here would send it twice.
        if self.host is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.host.quit()


class VerifiedMail(Mail):
    """Flask-Mail with VerifiedConnection."""

    def connect(self) -> Connection:
        """A connection to the configured server, opened when entered."""
        return VerifiedConnection(current_app.extensions["mail"])


class MimeMessage(Message):
    """Flask-Mail's message with bodies in lines of legal length, whatever the script they are written in."""

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        body = text or ""
        charset = Charset("utf-8")
        # One Bengali paragraph sent as it is would be a line longer than the 998 bytes of RFC 5322.
        charset.body_encoding = QP if sum(c > "\x7f" for c in body) * 6 < len(body) else BASE64
        return MIMEText(body, subtype, charset)  # type: ignore[arg-type]


def as_mime(message: Outgoing) -> MimeMessage:
    """The message in Flask-Mail's form: text, HTML, files, and the headers that keep robots quiet."""
    mime = MimeMessage(subject=message.subject, recipients=[message.to], body=message.text, html=message.html)
    mime.msgId = message.message_id
    mime.date = time.time()
    mime.reply_to = message.reply_to or None
    mime.extra_headers = {
        "Content-Language": message.language,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "X-Redress-Origin": "1",  # by which our own mail is known when it comes back
    }
    mime.attachments = [Attachment(file.name, file.media_type, file.content) for file in message.files]
    return mime


def smtp(mail: Mail, message: Outgoing) -> Receipt:
    """Hand a message to the mail server over a verified connection."""
    if "\n" in message.message_id or "\r" in message.message_id or "\n" in message.language:
        raise Permanent("a header with a line break was refused")
    try:
        with mail.connect() as connection:
            connection.send(as_mime(message))
    except BadHeaderError as error:
        raise Permanent("a header with a line break was refused") from error
    except UnicodeError as error:
        raise Permanent("the mail server cannot be given an address with these letters") from error
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise (Permanent if code >= 500 else Temporary)(_words(code, words)) from error
    except smtplib.SMTPDataError as error:
        raise (Permanent if error.smtp_code >= 500 else Temporary)(
            _words(error.smtp_code, error.smtp_error)
        ) from error
    except smtplib.SMTPResponseException as error:  # our own sign-in, sender or greeting: staff can mend it
        raise Temporary(_words(error.smtp_code, error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Temporary(f"{type(error).__name__}: {error}") from error
    return Receipt("accepted by the mail server")


def sink(message: Outgoing) -> Receipt:
    """Keep the finished message in our own table, where development shows it, instead of sending it."""
    raw = as_mime(message).as_bytes()
    with writing() as session:
        row = SentMail(
            message_id=message.message_id,
            recipient=message.to,
            subject=message.subject,
            raw=raw,
        )
        session.add(row)
    return Receipt("kept in the sink: no mail server is configured")


def sunk(
    session: Session, recipient: str | None = None, limit: int = 100
) -> list[tuple[SentMail, EmailMessage]]:
    """What the sink holds, newest first, each row with its parsed message; of one recipient or of all."""
    query = select(SentMail).order_by(SentMail.id.desc()).limit(limit)
    if recipient:
        query = query.where(SentMail.recipient == recipient)
    return [(row, parsed(row.raw)) for row in session.scalars(query)]


def parsed(raw: bytes) -> EmailMessage:
    """A message as its reader's mail program sees it."""
    return BytesParser(policy=policy.default).parsebytes(raw)


def masked(address: str) -> str:
    """An address as logs may show it: "r***@example.org"."""
    local, at, domain = parseaddr(address)[1].rpartition("@")
    return f"{local[:1]}***@{domain}" if at else "***"


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"[:400]
