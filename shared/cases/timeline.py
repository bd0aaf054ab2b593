"""The history of a case in words: every event as one entry, for staff in full, for residents what concerns them.

Staff entries are English; resident entries go through gettext. Completeness is tested: an action without a
title here is a gap.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from shared import clock
from shared.cases import commands as c
from shared.cases.effects import Happened
from shared.cases.wording import KINDS, RISKS
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


SENT = {
    Action.ACKNOWLEDGE,
    Action.ASK_CLARIFICATION,
    Action.NOT_ACCEPT,
    Action.EXTEND,
    Action.RESPOND,
    Action.DECLINE_ESCALATION,
    Action.UPDATE_RESIDENT,
    Action.CLOSE,
}
SYSTEM = {Action.RAISE_OVERDUE, Action.RECOMPUTE_DATES}

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
    Action.RAISE_OVERDUE: "Overdue",
    Action.RECOMPUTE_DATES: "Dates worked out again",
}


def for_staff(events: tuple[Happened, ...]) -> list[Entry]:
    """Every event, newest first."""
    return [_staff_entry(event) for event in reversed(events)]


def _staff_entry(event: Happened) -> Entry:
    command = event.command
    action = command.action
    on = _happened_on(event)
    body, details = _said(command)
    return Entry(
        seq=event.seq,
        at=event.at,
        who=event.name,
        title=TITLES[action],
        seen_by=_seen_by(event),
        body=body,
        details=details,
        happened_on=on if on and on != clock.london_date(event.at) else None,
        action=action.value,
        files=tuple(f.id for f in getattr(command, "files", ())),
    )


def _seen_by(event: Happened) -> str:
    action = event.command.action
    if action in SYSTEM or event.role is Role.SYSTEM:
        return "system"
    if event.staff_id is None:
        return "resident"
    if action in SENT or action is Action.MESSAGE:
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


def _details(command: c.Command) -> list[tuple[str, str]]:
    match command:
        case c.Submit():
            return [("Kind", KINDS[command.kind]), ("Channel", _plain(command.channel))]
        case c.Triage():
            return [("Kind", KINDS[command.kind]), ("Urgency", RISKS[command.risk]), ("At risk", command.at_risk)]
        case c.RecordContact():
            way = f"{_plain(command.channel)}, {'from us' if command.outgoing else 'to us'}"
            return [("How", way), ("With", command.with_whom), ("Reached", "Yes" if command.reached else "No")]
        case c.Allocate():
            return [("Handler", command.to.name)]
        case c.Decide():
            finding = {"upheld": "Upheld", "partly_upheld": "Partly upheld", "not_upheld": "Not upheld"}
            return [("Point", str(command.point)), ("Finding", finding[command.finding.value])]
        case c.OfferRemedy():
            money = f"£{command.amount_pence / 100:,.2f}" if command.amount_pence else ""
            return [("Kind", _plain(command.kind)), ("Amount", money), ("By", _day(command.by_on))]
        case c.Commit() | c.MoveCommitment():
            return [("Owner", command.owner.name), ("By", _day(command.due_on))]
        case c.CompleteCommitment():
            return [("Promise", str(command.number)), ("Done on", _day(command.completed_on)), ("Proof", command.proof)]
        case c.ConfirmCommitment():
            return [("Promise", str(command.number)), ("The resident says", "Done" if command.done else "Not done")]
        case c.Extend():
            agreed = {True: "Agreed", False: "Not agreed", None: "No answer yet"}[command.agreed]
            return [("Working days", str(command.days)), ("Resident", agreed)]
        case c.RaiseOverdue():
            return [("Clock", _plain(command.clock)), ("Was due", _day(command.due_on))]
        case c.SetConsent():
            return [("Scope", _plain(command.consent.scope)), ("Basis", _plain(command.consent.basis))]
        case c.Close():
            return [("Why", _plain(command.reason))]
    return []


def _plain(value: Any) -> str:
    return str(value).replace("_", " ").capitalize() if value else ""


def _day(value: date | None) -> str:
    return f"{value:%-d %B %Y}" if value else ""


def for_resident(events: tuple[Happened, ...]) -> list[Entry]:
    """What a resident sees of the history, newest first, in her language: never a note, never an assignment."""
    shown = []
    for event in reversed(events):
        title = _resident_title(event)
        if title:
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
    ours = event.staff_id is not None
    match event.command:
        case c.Submit():
            return gettext("We received your complaint")
        case c.Acknowledge():
            return gettext("We wrote to you to say that we are looking into it")
        case c.AskClarification():
            return gettext("We asked you a question")
        case c.AnswerClarification():
            return gettext("You answered our question")
        case c.Message():
            return gettext("We sent you a message") if ours else gettext("You sent us a message")
        case c.AddInformation() if not ours:
            return gettext("You added information")
        case c.RecordContact() if event.command.with_whom == "resident" and event.command.reached:
            return gettext("We were in contact with you")
        case c.Extend():
            return gettext("We told you that we need more time")
        case c.AnswerExtension():
            return gettext("You answered about the new date")
        case c.UpdateResident():
            return gettext("We sent you an update")
        case c.Respond():
            return gettext("We sent you our answer")
        case c.Escalate():
            return gettext("You asked for a review")
        case c.NotAccept() | c.DeclineEscalation():
            return gettext("We wrote to you to say that we do not take this on")
        case c.Commit():
            return gettext("We made you a promise")
        case c.CompleteCommitment():
            return gettext("We say that we kept a promise")
        case c.ConfirmCommitment():
            return gettext("You told us whether a promise was kept")
        case c.Close():
            return gettext("We closed the record")
        case c.Withdraw():
            return gettext("You stopped the complaint")
        case c.Reopen():
            return gettext("We opened the record again")
    return ""



