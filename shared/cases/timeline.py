"""The history of a case in words: every event as one entry, in full for staff, in part for residents.

Staff entries are English; resident entries go through gettext. Completeness is tested: an action without a
title here is a gap.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext

from shared import clock
from shared.cases import commands as c
from shared.cases.effects import Happened
from shared.cases.wording import KINDS, PANEL_STEPS, RISKS
from shared.i18n import money_text
from shared.vocab import Action, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `seen_by`: sent (to the resident), resident (from her), internal, system."""

    seq: int
    at: datetime
    who: str
    title: str
    seen_by: str
    body: str = ""
    details: tuple[tuple[str, str], ...] = ()
    happened_on: date | None = None  # set when it was written down on a later day than it happened
    action: str = ""
    files: tuple[int, ...] = field(default=())


SYSTEM = {Action.MARK_ADDRESS, Action.RAISE_OVERDUE, Action.RECOMPUTE_DATES}

TITLES: dict[Action, str] = {
    Action.SUBMIT: "Complaint received",
    Action.TRIAGE: "Triaged",
    Action.RECORD_CONTACT: "Contact recorded",
    Action.NOTE: "Internal note",
    Action.ADD_INFORMATION: "Information added",
    Action.MESSAGE: "Message",
    Action.CHANGE_CONTACT: "Contact details changed",
    Action.CHANGE_NEEDS: "Adjustments changed",
    Action.MEET_NEED: "Adjustment reviewed",
    Action.DEFINE: "Complaint definition written",
    Action.ASK_CLARIFICATION: "Question sent to the resident",
    Action.ANSWER_CLARIFICATION: "Question answered",
    Action.DECLARE_CONFLICT: "Conflict of interest declared",
    Action.ALLOCATE: "Handler named",
    Action.UNDO_ALLOCATE: "Naming of a handler taken back",
    Action.ACKNOWLEDGE: "Acknowledgement sent",
    Action.NOT_ACCEPT: "Complaint not accepted",
    Action.ACCEPT_BY_ORDER: "Taken on by order of the Ombudsman",
    Action.DECIDE: "Point decided",
    Action.OFFER_REMEDY: "Remedy offered",
    Action.SETTLE_REMEDY: "Remedy settled",
    Action.COMMIT: "Promise made",
    Action.COMPLETE_COMMITMENT: "Promise marked as done",
    Action.CONFIRM_COMMITMENT: "Resident's word on a promise",
    Action.MOVE_COMMITMENT: "Promise moved",
    Action.EXTEND: "Extension sent",
    Action.ANSWER_EXTENSION: "Extension answered",
    Action.UPDATE_RESIDENT: "Progress update sent",
    Action.MEDIATE: "Mediation",
    Action.RESPOND: "Response sent",
    Action.ESCALATE: "Stage 2 asked for",
    Action.DECLINE_ESCALATION: "Escalation declined",
    Action.SET_CONSENT: "Consent recorded",
    Action.RECORD_LEARNING: "Learning recorded",
    Action.CLOSE: "Closed",
    Action.REOPEN: "Opened again",
    Action.WITHDRAW: "Withdrawn by the resident",
    Action.TRANSLATE: "Translation recorded",
    Action.TAG: "Tags changed",
    Action.REMIND: "Reminder",
    Action.ADD_TASK: "Task given",
    Action.FINISH_TASK: "Task done",
    Action.LINK: "Linked with another case",
    Action.MERGE: "Merged with another case",
    Action.UNMERGE: "Merge taken back",
    Action.OFFER_VISIT: "Home visit offered",
    Action.HOLD_PANEL: "Panel",
    Action.ASK_CHECK: "Second person asked to check",
    Action.CHECK: "Checked by a second person",
    Action.UNDO_SEND: "Letter taken back before it left",
    Action.GIVE_FEEDBACK: "Feedback from the resident",
    Action.ANSWER_CHECKLIST: "Checklist answered",
    Action.MARK_ADDRESS: "Whether an address works",
    Action.RAISE_OVERDUE: "Overdue",
    Action.RECOMPUTE_DATES: "Dates worked out again",
}


RESIDENT_TITLES: dict[Action, Any] = {
    Action.SUBMIT: lazy_gettext("We received your complaint"),
    Action.MEDIATE: lazy_gettext("We wrote down what was said about mediation"),
    Action.ACKNOWLEDGE: lazy_gettext("We wrote to you to say that we are looking into it"),
    Action.ASK_CLARIFICATION: lazy_gettext("We asked you a question"),
    Action.ANSWER_CLARIFICATION: lazy_gettext("You answered our question"),
    Action.EXTEND: lazy_gettext("We told you that we need more time"),
    Action.ANSWER_EXTENSION: lazy_gettext("You answered about the new date"),
    Action.UPDATE_RESIDENT: lazy_gettext("We sent you an update"),
    Action.RESPOND: lazy_gettext("We sent you our answer"),
    Action.ESCALATE: lazy_gettext("You asked for a review"),
    Action.NOT_ACCEPT: lazy_gettext("We wrote to you to say that we do not take this on"),
    Action.DECLINE_ESCALATION: lazy_gettext("We wrote to you to say that we do not take this on"),
    Action.COMMIT: lazy_gettext("We made you a promise"),
    Action.COMPLETE_COMMITMENT: lazy_gettext("We say that we kept a promise"),
    Action.CONFIRM_COMMITMENT: lazy_gettext("You told us whether a promise was kept"),
    Action.CLOSE: lazy_gettext("We closed the record"),
    Action.WITHDRAW: lazy_gettext("You stopped the complaint"),
    Action.REOPEN: lazy_gettext("We opened the record again"),
    Action.SETTLE_REMEDY: lazy_gettext("We wrote down your answer to our offer, or a payment"),
    Action.CHANGE_CONTACT: lazy_gettext("We changed how we reach you"),
    Action.CHANGE_NEEDS: lazy_gettext("We changed what we do differently for you"),
    Action.SET_CONSENT: lazy_gettext("We wrote down what your helper may be told"),
    Action.MOVE_COMMITMENT: lazy_gettext("We changed the date of a promise, or who does it"),
    Action.OFFER_VISIT: lazy_gettext("We offered to visit you"),
    Action.HOLD_PANEL: lazy_gettext("We wrote down what happened with the panel"),
    Action.GIVE_FEEDBACK: lazy_gettext("You told us how it was"),
}


def for_staff(events: tuple[Happened, ...]) -> list[Entry]:
    """Every event, newest first; what was taken back before it left is never called sent."""
    undone = _undone(events)
    return [_staff_entry(event, event.seq in undone) for event in reversed(events)]


def _undone(events: tuple[Happened, ...]) -> set[int]:
    """The events whose letters were taken back."""
    return {event.command.seq for event in events if isinstance(event.command, c.UndoSend)}


def _staff_entry(event: Happened, undone: bool) -> Entry:
    command = event.command
    action = command.action
    on = _happened_on(event)
    body, details = _said(command)
    return Entry(
        seq=event.seq,
        at=event.at,
        who=event.name,
        title=f"{TITLES[action]}: taken back, it never left" if undone else TITLES[action],
        seen_by="internal" if undone else _seen_by(event),
        body=body,
        details=details,
        happened_on=on if on and on != clock.london_date(event.at) else None,
        action="" if undone else action.value,
        files=tuple(f.id for f in getattr(command, "files", ())),
    )


def _seen_by(event: Happened) -> str:
    action = event.command.action
    if action in SYSTEM or event.role is Role.SYSTEM:
        return "system"
    if event.staff_id is None:
        return "resident"
    if event.facts.sends or action is Action.MESSAGE:
        return "sent"
    return "internal"


def _happened_on(event: Happened) -> date | None:
    when = getattr(event.command, "happened_at", None) or getattr(event.command, "received_at", None)
    return clock.london_date(when) if isinstance(when, datetime) else None


def _said(command: c.Command) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The main words of a command, and its further facts as label and text."""
    for name in ("words", "text", "message", "question", "answer", "reason", "note", "decision", "reasons"):
        value = getattr(command, name, None)
        if value:
            body = value if isinstance(value, str) else getattr(value, "text", "")
            break
    else:
        body = command.story.what if isinstance(command, c.Submit) else ""
    return body, tuple((label, text) for label, text in _details(command) if text)


Details = list[tuple[str, str]]


def _details(command: c.Command) -> Details:
    """The further facts of a command as label and text."""
    make = _DETAILS.get(type(command))
    return make(command) if make else []


def _extension_details(command: c.Extend) -> Details:
    agreed = {True: "Agreed", False: "Not agreed", None: "No answer yet"}[command.agreed]
    return [
        ("Working days", str(command.days)),
        ("Resident", agreed),
        ("In their words", command.agreement_words),
    ]


def _contact_details(command: c.RecordContact) -> Details:
    way = f"{_plain(command.channel)}, {'from us' if command.outgoing else 'to us'}"
    return [("How", way), ("With", command.with_whom), ("Reached", "Yes" if command.reached else "No")]


def _remedy_details(command: c.OfferRemedy) -> Details:
    money = money_text(command.amount_pence) if command.amount_pence else ""
    return [("Kind", _plain(command.kind)), ("Amount", money), ("By", _day(command.by_on))]


def _promise_details(command: c.Commit | c.MoveCommitment) -> Details:
    return [("Owner", command.owner.name), ("By", _day(command.due_on))]


_DETAILS: dict[type[c.Command], Callable[[Any], Details]] = {
    c.Submit: lambda x: [("Kind", KINDS[x.kind]), ("Channel", _plain(x.channel)), ("Known by", x.known_by)],
    c.Triage: lambda x: [("Kind", KINDS[x.kind]), ("Urgency", RISKS[x.risk]), ("At risk", x.at_risk)],
    c.RecordContact: _contact_details,
    c.Allocate: lambda x: [("Handler", x.to.name)],
    c.UndoAllocate: lambda x: [("Not with", x.of.name)],
    c.Decide: lambda x: [(f"Point {one.point}", _plain(one.finding)) for one in x.every],
    c.OfferRemedy: _remedy_details,
    c.Commit: _promise_details,
    c.MoveCommitment: _promise_details,
    c.CompleteCommitment: lambda x: [
        ("Promise", str(x.number)),
        ("Done on", _day(x.completed_on)),
        ("Proof", x.proof),
    ],
    c.ConfirmCommitment: lambda x: [
        ("Promise", str(x.number)),
        ("The resident says", "Done" if x.done else "Not done"),
    ],
    c.Extend: _extension_details,
    c.MarkAddress: lambda x: [("Address", x.address), ("Works", "No" if x.fails else "Yes, again")],
    c.RaiseOverdue: lambda x: [("Clock", _plain(x.clock)), ("Was due", _day(x.due_on))],
    c.Tag: lambda x: [("Added", ", ".join(x.add)), ("Taken off", ", ".join(x.remove))],
    c.Note: lambda x: [("Named", ", ".join(person.name for person in x.mentions))],
    c.AddTask: lambda x: [("For", x.owner.name), ("By", _day(x.due_on))],
    c.FinishTask: lambda x: [("Task", str(x.number))],
    c.Remind: lambda x: [("Look again on", _day(x.on) or "Ended")],
    c.SetConsent: lambda x: [("Scope", _plain(x.consent.scope)), ("Basis", _plain(x.consent.basis))],
    c.Merge: lambda x: [
        ("Went into", x.into),
        ("Took in", x.takes),
        ("Why", x.why),
        ("Although they differ", x.differs),
    ],
    c.Unmerge: lambda x: [("Given back", x.gives), ("Why", x.why)],
    c.Close: lambda x: [("Why", _plain(x.reason))],
    c.HoldPanel: lambda x: [("What", PANEL_STEPS[x.step]), ("On", _day(x.happened_on))],
}


def _plain(value: Any) -> str:
    return str(value).replace("_", " ").capitalize() if value else ""


def _day(value: date | None) -> str:
    return f"{value:%-d %B %Y}" if value else ""


def for_resident(events: tuple[Happened, ...]) -> list[Entry]:
    """What a resident sees of the history, newest first, in her language: never a note or an assignment."""
    shown = []
    undone = _undone(events)
    for event in reversed(events):
        title = _resident_title(event)
        if title and event.seq not in undone:
            body = event.command.text if isinstance(event.command, c.Message | c.AddInformation) else ""
            shown.append(
                Entry(
                    seq=event.seq,
                    at=event.at,
                    who=event.name if event.staff_id is None else "",
                    title=title,
                    seen_by=_seen_by(event),
                    body=body,
                    action=event.command.action.value,
                )
            )
    return shown


def _resident_title(event: Happened) -> str:
    """What one event is called for the resident, or "" when it is none of hers to read."""
    ours = event.staff_id is not None
    command = event.command
    match command:
        case c.Mediate() if not ours:
            return gettext("You asked for mediation")
        case c.HoldPanel() if not ours:
            if command.step == "asked":
                return gettext("You asked for the panel")
            return gettext("You said that you do not want the panel")
        case c.Translate():
            return gettext("We sent you an update") if event.facts.sends else ""
        case c.Triage():
            return gettext("We told you how we deal with what you sent") if event.facts.sends else ""
        case c.Define():
            return gettext("We changed how we describe your complaint") if event.facts.sends else ""
        case c.Message():
            return gettext("We sent you a message") if ours else gettext("You sent us a message")
        case c.AddInformation():
            return "" if ours else gettext("You added information")
        case c.RecordContact():
            with_her = command.with_whom == "resident" and command.reached
            return gettext("We were in contact with you") if with_her else ""
    title = RESIDENT_TITLES.get(command.action)
    return str(title) if title else ""
