"""Tables: columns and relations only. Importing this package makes every table known to the database."""

from shared.models.case import (
    ActionDraft,
    Attachment,
    Case,
    CaseEvent,
    CaseMention,
    CaseOpening,
    CasePart,
    CaseTag,
    CaseTask,
    CaseWall,
    Counter,
    Draft,
    ExtraHoliday,
    FiguresCounted,
    Letter,
    PolicyVersion,
)
from shared.models.identity import AccessKey, SignInLink, StaffAccount, StaffSession, Throttle
from shared.models.inbound import InboundMessage
from shared.models.outbox import Delivery, OutboxAttachment, OutboxMessage, PeriodicJob, SentMail
from shared.models.staff import Delegation, ManyAtOnce, Presence, SavedView, Snippet

__all__ = [
    "AccessKey",
    "ActionDraft",
    "Attachment",
    "Case",
    "CaseEvent",
    "CaseMention",
    "CaseOpening",
    "CasePart",
    "CaseTag",
    "CaseTask",
    "CaseWall",
    "Counter",
    "Delegation",
    "Delivery",
    "Draft",
    "ExtraHoliday",
    "FiguresCounted",
    "InboundMessage",
    "Letter",
    "ManyAtOnce",
    "OutboxAttachment",
    "OutboxMessage",
    "PeriodicJob",
    "PolicyVersion",
    "Presence",
    "SavedView",
    "SentMail",
    "SignInLink",
    "Snippet",
    "StaffAccount",
    "StaffSession",
    "Throttle",
]
