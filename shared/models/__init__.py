"""Tables: columns and relations only. Importing this package makes every table known to the database."""

from shared.models.case import (
    ActionDraft,
    Attachment,
    Case,
    CaseEvent,
    CaseTag,
    CaseWall,
    Counter,
    Draft,
    ExtraHoliday,
    Letter,
    PolicyVersion,
)
from shared.models.identity import AccessKey, SignInLink, StaffAccount, StaffSession, Throttle
from shared.models.inbound import InboundMessage
from shared.models.outbox import Delivery, OutboxAttachment, OutboxMessage, PeriodicJob, SentMail
from shared.models.staff import ManyAtOnce, SavedView

__all__ = [
    "AccessKey",
    "ActionDraft",
    "Attachment",
    "Case",
    "CaseEvent",
    "CaseTag",
    "CaseWall",
    "Counter",
    "Delivery",
    "Draft",
    "ExtraHoliday",
    "InboundMessage",
    "Letter",
    "ManyAtOnce",
    "OutboxAttachment",
    "OutboxMessage",
    "PeriodicJob",
    "PolicyVersion",
    "SavedView",
    "SentMail",
    "SignInLink",
    "StaffAccount",
    "StaffSession",
    "Throttle",
]
