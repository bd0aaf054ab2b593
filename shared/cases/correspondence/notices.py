"""Who on the staff side is told at once when somebody does something on a case; of what time does, alerts.py."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.cases import commands as c
from shared.cases.addresses import case_page
from shared.cases.effects import Happened
from shared.cases.flow import TEAM
from shared.cases.state import CaseState
from shared.identity import standins
from shared.mail import outbox, templates
from shared.models import Case, StaffAccount
from shared.policy.policy import Policy
from shared.vocab import Role


def queue_notices(session: Session, row: Case, state: CaseState, event: Happened, policy: Policy) -> None:
    """Queue what colleagues must hear of; facts about the resident stay inside the inbox."""
    notice = _notice(state, event)
    if notice is None:
        return
    subject, line, woken = notice
    wanted = {state.holder.id} if state.holder else set()
    if isinstance(event.command, c.Note):
        wanted = {person.id for person in event.command.mentions}
    if isinstance(event.command, c.AddTask):
        wanted = {event.command.owner.id} - {event.staff_id}
    if isinstance(event.command, c.UndoAllocate):
        wanted = {event.command.of.id}
    if isinstance(event.command, c.AskCheck | c.Check):
        wanted = _asked(state, event)
    wanted |= {p.owner_id for p in state.commitments if p.owner_id and _is_about(event.command, p.number)}
    wanted |= standins.stand_ins(session, wanted)
    accounts = session.scalars(select(StaffAccount).where(StaffAccount.active)).all()
    people = [a for a in accounts if a.id in wanted or woken & a.role_set]
    people = [a for a in people if a.id not in state.conflicts]  # walled off everywhere (Code 5.8)
    words = templates.to_colleague(f"{row.ref}: {subject}", f"{line}\n\n{case_page(row.ref)}\n")
    for account in people:
        why = f"notice:{row.ref}:{event.seq}:{account.id}"
        outbox.queue_words(session, words, to=account.email, dedupe=why, case_id=row.id)


def _asked(state: CaseState, event: Happened) -> set[int]:
    """Who was asked for a yes, or who asked for the one that was just given or refused."""
    command = event.command
    if isinstance(command, c.AskCheck):
        return {command.of.id}
    if isinstance(command, c.Check):
        answered = [x for x in state.checks if x.about == command.about and x.by_id == event.staff_id]
        return {x.asked_by for x in answered if x.asked_by is not None}
    return set()


def _is_about(command: c.Command, number: int) -> bool:
    """Whether a promise was broken by this: whoever owns it is told too."""
    return isinstance(command, c.ConfirmCommitment) and not command.done and command.number == number


Notice = tuple[str, str, frozenset[Role]]  # subject, line, and the roles told besides whoever has the case
NOBODY: frozenset[Role] = frozenset()
MANAGERS = frozenset({Role.MANAGER})


def _notice(state: CaseState, event: Happened) -> Notice | None:
    """What is told; None when nobody needs telling."""
    return _between_colleagues(event) or _from_outside(event) or _of_the_case(event.command)


def _of_the_case(command: c.Command) -> Notice | None:
    """What happened to the case, whoever wrote it down."""
    match command:
        case c.Submit() if command.story.danger:
            return "somebody may be in danger", "Danger now is reported. Look at this case first.", TEAM
        case c.ConfirmCommitment(done=False, number=number):
            return "a promise was not kept", f"The resident says that promise {number} is not done.", MANAGERS
        case c.Escalate():
            return "stage 2 was asked for", "The resident has asked for stage 2.", MANAGERS
        case c.AnswerExtension(agreed=False):
            disagrees = "the resident does not agree to more time"
            return disagrees, "The new date can be challenged. See the case.", MANAGERS
    return None


def _from_outside(event: Happened) -> Notice | None:
    """What the resident or her helper did herself."""
    if event.staff_id is not None:
        return None
    match event.command:
        case c.Message() | c.AddInformation() | c.AnswerClarification():
            return "the resident has written", "There is something new on the case.", NOBODY
        case c.Mediate():
            return "mediation was asked for", "The resident asks for mediation. It changes no date.", MANAGERS
        case c.HoldPanel(step="asked"):
            meets = "The resident asks for the panel. It meets before the final answer, inside stage 2."
            return "the panel was asked for", meets, MANAGERS
        case c.HoldPanel():
            return "the panel is not wanted", "The resident does not want the panel.", NOBODY
        case c.Reopen():
            wanted = "It was put right at once. Now a formal answer is wanted."
            return "a formal answer was asked for", wanted, MANAGERS
    return None


def _between_colleagues(event: Happened) -> Notice | None:
    """What one colleague wants of another."""
    match event.command:
        case c.Allocate():
            return "this complaint is with you", "You have been named to look into this complaint.", NOBODY
        case c.UndoAllocate():
            return "this complaint is not with you", "That you had been named was taken back.", NOBODY
        case c.Note(mentions=named) if named:
            return "you were named in a note", "A colleague has named you in an internal note.", NOBODY
        case c.AddTask(due_on=on):
            task = f"A colleague has given you a task, to do by {on:%A %d %B %Y}."
            return "a task for you", task, NOBODY
        case c.AskCheck(exactly=what):
            covers = f" A yes covers {what}." if what else ""
            return "your yes is asked for", f"{event.name} asks you to read a step first.{covers}", NOBODY
        case c.Check(fine=fine):
            return "your question was answered", f"{event.name} said {'yes' if fine else 'no'}.", NOBODY
    return None
