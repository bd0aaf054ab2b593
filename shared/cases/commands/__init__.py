"""What each action carries: one frozen struct an action. It is also the payload of the event it leaves.

A command's shape is checked by the form that makes it, its rights by flow.py, its law by guards/. Dates a
person gives ("she rang on Tuesday") are `happened_at`: when it happened, beside when it was recorded, so
that backdating is visible.

They lie in modules by theme, as guards and effects do; everybody imports them from here.
"""

from typing import Any

import msgspec

from shared.cases.commands.answer import (
    AnswerExtension,
    Close,
    Commit,
    CompleteCommitment,
    ConfirmCommitment,
    Decide,
    Escalate,
    Extend,
    HoldPanel,
    Mediate,
    MoveCommitment,
    OfferRemedy,
    OfferVisit,
    PointDecision,
    Reopen,
    Respond,
    SettleRemedy,
    UpdateResident,
    Withdraw,
)
from shared.cases.commands.common import (
    Command,
)
from shared.cases.commands.intake import (
    AcceptByOrder,
    Acknowledge,
    Allocate,
    AnswerClarification,
    AskClarification,
    DeclareConflict,
    DeclineEscalation,
    Define,
    NotAccept,
    Submit,
    Triage,
    UndoAllocate,
)
from shared.cases.commands.record import (
    AddInformation,
    AddTask,
    AnswerChecklist,
    AskCheck,
    ChangeContact,
    ChangeNeeds,
    Check,
    FinishTask,
    GiveFeedback,
    Link,
    MarkAddress,
    MeetNeed,
    Merge,
    Message,
    Note,
    RaiseOverdue,
    RecomputeDates,
    RecordContact,
    RecordLearning,
    Remind,
    SetConsent,
    Tag,
    Translate,
    UndoSend,
    Unmerge,
)
from shared.vocab import Action

__all__ = [
    "COMMANDS",
    "AcceptByOrder",
    "Acknowledge",
    "AddInformation",
    "AddTask",
    "Allocate",
    "AnswerChecklist",
    "AnswerClarification",
    "AnswerExtension",
    "AskCheck",
    "AskClarification",
    "ChangeContact",
    "ChangeNeeds",
    "Check",
    "Close",
    "Command",
    "Commit",
    "CompleteCommitment",
    "ConfirmCommitment",
    "Decide",
    "DeclareConflict",
    "DeclineEscalation",
    "Define",
    "Escalate",
    "Extend",
    "FinishTask",
    "GiveFeedback",
    "HoldPanel",
    "Link",
    "MarkAddress",
    "Mediate",
    "MeetNeed",
    "Merge",
    "Message",
    "MoveCommitment",
    "NotAccept",
    "Note",
    "OfferRemedy",
    "OfferVisit",
    "PointDecision",
    "RaiseOverdue",
    "RecomputeDates",
    "RecordContact",
    "RecordLearning",
    "Remind",
    "Reopen",
    "Respond",
    "SetConsent",
    "SettleRemedy",
    "Submit",
    "Tag",
    "Translate",
    "Triage",
    "UndoAllocate",
    "UndoSend",
    "Unmerge",
    "UpdateResident",
    "Withdraw",
    "decode",
    "encode",
]

COMMANDS: dict[Action, type[Command]] = {c.action: c for c in Command.__subclasses__()}

_encoder = msgspec.json.Encoder(order="deterministic")
_decoders: dict[Action, msgspec.json.Decoder[Any]] = {a: msgspec.json.Decoder(c) for a, c in COMMANDS.items()}


def encode(command: Command) -> str:
    """The command as the JSON text that the event log keeps."""
    return _encoder.encode(command).decode()


def decode(action: Action, payload: str) -> Command:
    """The command an event kept. Raises msgspec.ValidationError for a payload of another shape."""
    command: Command = _decoders[action].decode(payload)
    return command
