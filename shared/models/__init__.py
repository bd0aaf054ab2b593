"""Tables: columns and relations only. Importing this package makes every table known to the database."""

from shared.models.identity import AccessKey, SignInLink, StaffAccount, StaffSession, Throttle
from shared.models.outbox import Delivery, OutboxAttachment, OutboxMessage, PeriodicJob, SentMail

__all__ = [
    "AccessKey",
    "Delivery",
    "OutboxAttachment",
    "OutboxMessage",
    "PeriodicJob",
    "SentMail",
    "SignInLink",
    "StaffAccount",
    "StaffSession",
    "Throttle",
]
