"""Who on the staff side is told when something happens that must not wait for somebody to look."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import config
from shared.cases import commands as c
from shared.cases.effects import Happened
from shared.cases.state import CaseState
from shared.identity import standins
from shared.mail import outbox
from shared.models import Case, StaffAccount
from shared.policy.policy import Policy
from shared.vocab import Channel, Role


def after(session: Session, row: Case, state: CaseState, event: Happened, policy: Policy) -> None:
    """Queue what colleagues must hear of; facts about the resident stay inside the inbox."""
    notice = _notice(state, event)
    if notice is None:
        return
    subject, line, wake_managers = notice
    wanted = {state.holder.id} if state.holder else set()
    if isinstance(event.command, c.Note):
        wanted = {person.id for person in event.command.mentions}
    if isinstance(event.command, c.AddTask):
        wanted = {event.command.owner.id} - {event.staff_id}
    wanted |= {p.owner_id for p in state.commitments if p.owner_id and _is_about(event.command, p.number)}
    wanted |= standins.stand_ins(session, wanted)
    accounts = session.scalars(select(StaffAccount).where(StaffAccount.active)).all()
    people = [a for a in accounts if a.id in wanted or (wake_managers and Role.MANAGER in a.role_set)]
    people = [a for a in people if a.id not in state.conflicts]  # walled off everywhere (Code 5.8)
    link = f"{config.current().base_url}/staff/cases/{row.ref}"
    for account in people:
        outbox.queue(
            session,
            channel=Channel.EMAIL,
            to=account.email,
            subject=f"{row.ref}: {subject}",
            text=f"{line}\n\n{link}\n",
            html=None,
            language="en",
            dedupe=f"notice:{row.ref}:{event.seq}:{account.id}",
            case_id=row.id,
        )


def _is_about(command: c.Command, number: int) -> bool:
    """Whether a promise was broken by this: whoever owns it is told too."""
    if isinstance(command, c.RaiseOverdue):
        return command.clock == f"promise_{number}"
    return isinstance(command, c.ConfirmCommitment) and not command.done and command.number == number


def _notice(state: CaseState, event: Happened) -> tuple[str, str, bool] | None:
    """Subject, line, and whether managers are woken too; None when nobody needs telling."""
    command = event.command
    if isinstance(command, c.RaiseOverdue):
        what = command.clock.replace("_", " ")
        return f"{what} is overdue", f"The {what} was due on {command.due_on:%A %d %B %Y}.", True
    if isinstance(command, c.ConfirmCommitment) and not command.done:
        return "a promise was not kept", f"The resident says that promise {command.number} is not done.", True
    if isinstance(command, c.Mediate) and event.staff_id is None:
        return "mediation was asked for", "The resident asks for mediation. It changes no date.", True
    if isinstance(command, c.Reopen) and event.staff_id is None:
        return (
            "a formal answer was asked for",
            "It was put right at once. Now a formal answer is wanted.",
            True,
        )
    if isinstance(command, c.Escalate):
        return "stage 2 was asked for", "The resident has asked for stage 2.", True
    if isinstance(command, c.Allocate):
        return "this complaint is with you", "You have been named to look into this complaint.", False
    if isinstance(command, c.Note) and command.mentions:
        return "you were named in a note", "A colleague has named you in an internal note.", False
    if isinstance(command, c.AddTask):
        return (
            "a task for you",
            f"A colleague has given you a task, to do by {command.due_on:%A %d %B %Y}.",
            False,
        )
    if isinstance(command, c.Message | c.AddInformation | c.AnswerClarification) and event.staff_id is None:
        return "the resident has written", "There is something new on the case.", False
    if isinstance(command, c.AnswerExtension) and not command.agreed:
        return (
            "the resident does not agree to more time",
            "The new date can be challenged. See the case.",
            True,
        )
    return None
