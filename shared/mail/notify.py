"""E-mail, text messages and post through GOV.UK Notify, behind the same contract as SMTP.

A message's own id is its reference there: whatever was handed over before a crash is found again and not sent
twice. The templates there hold only places that we fill, so that every word stays in this service.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask_babel import gettext as _
from notifications_python_client.errors import APIError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient
from notifications_python_client.utils import prepare_upload

from shared import i18n
from shared.config import Config
from shared.mail import sms
from shared.mail.contract import TIMEOUT, Outgoing, Permanent, Receipt, Temporary
from shared.vocab import Channel

LARGEST_FILE = 2_000_000  # bytes that it takes as a file by e-mail
KEEPS_FILE = "78 weeks"  # the longest that it offers: the Ombudsman may ask about a letter for a year
# What it says of a message: https://docs.notifications.service.gov.uk/python.html#get-message-status
NOT_ARRIVED = {
    "permanent-failure": "The address or number does not exist",
    "temporary-failure": "For three days the phone was off, or the mailbox was full or took it for spam",
    "technical-failure": "GOV.UK Notify had a fault of its own",
    "validation-failed": "The printer does not take the letter: its margins, its address block or its length",
    "virus-scan-failed": "GOV.UK Notify took the letter's file for unsafe",
    "cancelled": "The letter was stopped at GOV.UK Notify",
}
NOT_PRINTED = "The printer could not print the letter"
ARRIVED = frozenset({"delivered", "received"})  # a letter on paper is received by the post
# A text to a number abroad; a message of more than a week ago.
NO_MORE_IS_KNOWN = frozenset({"sent", "unknown"})
FOR_GOOD = frozenset({"permanent-failure"})  # writing there again is useless
SETTLED = frozenset({*ARRIVED, *NO_MORE_IS_KNOWN, *NOT_ARRIVED})
# Its refusals in words that a colleague can act on. The first that fits is said.
REFUSALS = (
    ("team api key", "The key for GOV.UK Notify is one for members of the team only, which sends no letters"),
    ("send files by email", "GOV.UK Notify sends no files for this service yet: add contact details there"),
    ("virus", "GOV.UK Notify took the file for unsafe"),
    ("email address", "This is not an e-mail address that can be written to"),
    ("email_address", "This is not an e-mail address that can be written to"),
    ("phone_number", "This is not a number that a text message can be sent to"),
    ("uk mobile", "This is not a number that a text message can be sent to"),
    ("trial mode", "GOV.UK Notify has this service in trial mode: it writes to members of the team only"),
    ("team-only", "The key for GOV.UK Notify is one for members of the team only"),
    ("missing personalisation", "The template at GOV.UK Notify has places that this service does not know"),
    ("template", "GOV.UK Notify does not know the template. Check the settings"),
    ("too big", "The file is too big for GOV.UK Notify"),
    ("international", "GOV.UK Notify may not send to numbers abroad for this service"),
)


@dataclass(frozen=True, slots=True)
class Notify:
    """One account at GOV.UK Notify. The client is made anew for each message: it is not safe across threads."""

    key: str
    url: str
    email_template: str
    text_template: str
    postage: str

    @classmethod
    def of(cls, config: Config) -> "Notify":
        """The account that the settings name."""
        return cls(
            config.notify_api_key,
            config.notify_url,
            config.notify_email_template,
            config.notify_text_template,
            config.notify_post,
        )

    def email(self, message: Outgoing) -> Receipt:
        """Hand over an e-mail; a letter's PDF goes along as a link that asks for the reader's address first."""
        words = {
            "subject": message.subject,
            "body": _with_reply_address(message),
            "file": self._file(message),
        }
        return self._once(
            message,
            lambda client: client.send_email_notification(
                message.to, self.email_template, personalisation=words, reference=message.message_id
            ),
        )

    def text(self, message: Outgoing) -> Receipt:
        """Hand over a text message."""
        words = {"body": sms.plain_latin(message.text.strip())}
        return self._once(
            message,
            lambda client: client.send_sms_notification(
                message.to, self.text_template, personalisation=words, reference=message.message_id
            ),
        )

    def post(self, message: Outgoing) -> Receipt:
        """Hand over a finished letter for printing: the very PDF that was stored as sent."""
        if len(message.files) != 1:
            raise Permanent("A letter by post is one PDF")
        return self._once(
            message,
            lambda client: client.send_precompiled_letter_notification(
                message.message_id, BytesIO(message.files[0].content), self.postage
            ),
        )

    def status(self, remote_id: str) -> str:
        """What became of a message, in its own word; "unknown" once it has forgotten. Raises Temporary."""
        try:
            answer = self._client().get_notification_by_id(remote_id)
        except APIError as error:
            if error.status_code == 404:
                return "unknown"
            raise Temporary(_said(error)) from error
        return str(answer.get("status") or "unknown")

    def problems(self) -> Iterator[str]:
        """What would keep messages from leaving: it does not answer, or a template lacks a place that we fill."""
        wanted = {self.email_template: ("subject", "body", "file"), self.text_template: ("body",)}
        for template, places in wanted.items():
            if not template:
                continue
            try:
                found = self._client().get_template(template)
            except APIError as error:
                yield _said(error)
                continue
            written = f"{found.get('subject') or ''} {found.get('body') or ''}"
            for place in places:
                if f"(({place}))" not in written:
                    yield f"the template {found.get('name') or template} at GOV.UK Notify lacks (({place}))"

    def _once(self, message: Outgoing, send: Callable[[NotificationsAPIClient], Any]) -> Receipt:
        client = self._client()
        try:
            if message.again and (found := self._found(client, message.message_id)):
                return found
            answer = send(client)
        except APIError as error:
            # An answer that cannot be read may have followed on taking the message: the next try looks for it.
            final = error.status_code in {400, 413} and not isinstance(error, InvalidResponse)
            raise (Permanent if final else Temporary)(_said(error)) from error
        return Receipt("accepted by GOV.UK Notify", str(answer.get("id") or ""), "created")

    def _found(self, client: NotificationsAPIClient, reference: str) -> Receipt | None:
        """The message under this reference that is on its way or has arrived, if an earlier try got it there."""
        for known in client.get_all_notifications(reference=reference).get("notifications", []):
            status = str(known.get("status"))
            if status not in NOT_ARRIVED:
                return Receipt("accepted by GOV.UK Notify at an earlier try", str(known["id"]), status)
        return None

    def _file(self, message: Outgoing) -> object:
        if not message.files:
            return ""
        if len(message.files) > 1:
            raise Permanent("GOV.UK Notify takes one file with an e-mail")
        file = message.files[0]
        if len(file.content) > LARGEST_FILE:
            raise Permanent("The file is too big for GOV.UK Notify")
        return prepare_upload(
            BytesIO(file.content),
            filename=file.name,
            confirm_email_before_download=True,
            retention_period=KEEPS_FILE,
        )

    def _client(self) -> NotificationsAPIClient:
        return NotificationsAPIClient(self.key, base_url=self.url, timeout=TIMEOUT)


def _with_reply_address(message: Outgoing) -> str:
    """The words, and below them where an answer finds its case.

    GOV.UK Notify has one address for answers, the same for all messages, and gives ours ids of its own. So the
    signed address stands in the message, to write to; and whoever just answers quotes it.
    """
    if not message.reply_to:
        return message.text
    with i18n.in_language(message.language):
        told = _("To answer by e-mail, write to this address:")
    return f"{message.text.rstrip()}\n\n{told}\n{message.reply_to}\n"


def not_arrived(status: str, channel: Channel) -> str:
    """Why a message did not arrive, in words for staff. For a letter "permanent" is the printer's fault."""
    if channel is Channel.LETTER and status in FOR_GOOD:
        return NOT_PRINTED
    return NOT_ARRIVED[status]


def _said(error: APIError) -> str:
    """Its refusal for staff: what to do in plain words where we know them, and its own words behind."""
    said = error.message
    if isinstance(said, list):
        said = "; ".join(str(one.get("message", one)) if isinstance(one, dict) else str(one) for one in said)
    own = " ".join(re.sub(r"\s+", " ", str(said)).split())[:300]
    plain = next((text for part, text in REFUSALS if part in own.lower()), "")
    if error.status_code == 403:
        plain = plain or "GOV.UK Notify does not accept our key, or our clock is wrong"
    elif error.status_code == 429:
        plain = "GOV.UK Notify takes no more messages just now"
    elif error.status_code != 400:
        plain = plain or "GOV.UK Notify did not answer as it should"
    return f"{plain or 'GOV.UK Notify refused it'} ({error.status_code}: {own})"
