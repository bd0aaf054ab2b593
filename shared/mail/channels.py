"""The ways by which a message leaves: one function each, which delivers or says whether another try can help.

A new way is one more function and its line in `channels_for`.
"""

import smtplib
import ssl
import time
from contextlib import suppress
from email import policy
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.text import MIMEText
from email.parser import BytesParser
from email.utils import parseaddr
from types import TracebackType

from flask import Flask, current_app
from flask_mail import Attachment, BadHeaderError, Connection, Mail, Message
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.config import Config
from shared.db import writing
from shared.mail.contract import TIMEOUT, Deliver, Outgoing, Permanent, Receipt, Temporary
from shared.mail.notify import Notify
from shared.models.outbox import SentMail
from shared.vocab import Channel

X_CHANNEL = "X-Redress-Channel"  # by which the sink's pages tell a text message from mail


def channels_for(app: Flask, config: Config) -> dict[Channel, Deliver]:
    """How each channel delivers under these settings: the sink stands in while nothing may leave."""
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
    mail, notify = VerifiedMail(app), Notify.of(config)
    by_mail: Deliver = lambda message: smtp(mail, message)  # noqa: E731 - looked up at each call
    return {
        Channel.EMAIL: by_mail
        if config.smtp_host
        else notify.email
        if config.notify_email_template
        else sink,
        Channel.TEXT: notify.text if config.notify_text_template else sink if config.sends_texts else nobody,
        Channel.LETTER: notify.post if config.notify_post else nobody,
    }


def nobody(message: Outgoing) -> Receipt:
    """The channel is not set up, or no longer: staff have to reach the person in another way."""
    raise Permanent("Nothing is set up to send this")


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
    """Flask-Mail's message, with lines of legal length and subjects that keep their spaces in every script."""

    def _message(self) -> MIMEBase:
        whole = super()._message()
        if self.subject and not self.subject.isascii():
            # In lines so short that nothing folds them once more: Python then loses spaces between coded words.
            whole.policy = policy.compat32
            whole.replace_header("Subject", Header(self.subject, "utf-8", header_name="Subject").encode())
            whole.policy = policy.SMTP
        return whole

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
    raw = as_mime(message).as_bytes() if "@" in message.to else as_text(message).as_bytes()
    with writing() as session:
        row = SentMail(
            message_id=message.message_id,
            recipient=message.to,
            subject=message.subject or message.text[:100],
            raw=raw,
        )
        session.add(row)
    return Receipt("kept in the sink: nothing leaves this service")


def as_text(message: Outgoing) -> EmailMessage:
    """A text message in the form that the sink keeps."""
    kept = EmailMessage()
    kept["Subject"] = message.subject or "Text message"
    kept["To"] = message.to
    kept["Message-ID"] = message.message_id
    kept["Date"] = clock.now()
    kept["Content-Language"] = message.language
    kept[X_CHANNEL] = Channel.TEXT
    kept.set_content(message.text)
    return kept


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
    """An address or number as logs may show it: "r***@example.org", "***123"."""
    if address.startswith("+"):
        return f"***{address[-3:]}"
    local, at, domain = parseaddr(address)[1].rpartition("@")
    return f"{local[:1]}***@{domain}" if at else "***"


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"[:400]
