"""The event log: append-only rows to and from the events that the fold understands."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.cases import commands
from shared.cases.effects import Happened, decode_derived, encode_derived
from shared.models import Case, CaseEvent
from shared.vocab import Action, Role, Stage


def append(session: Session, row: Case, event: Happened, before: Stage, after: Stage) -> None:
    """Write one event. (case, seq) is unique: two writers can never both be the next one."""
    session.add(
        CaseEvent(
            case_id=row.id,
            seq=event.seq,
            action=event.command.action,
            at=event.at,
            actor=event.actor,
            actor_name=event.name[:200],
            role=event.role,
            stage_before=before,
            stage_after=after,
            payload=commands.encode(event.command),
            facts=encode_derived(event.facts).decode(),
        )
    )
    session.flush()


def read(row: CaseEvent) -> Happened:
    """One row as an event. Raises msgspec.ValidationError for a payload the code no longer understands."""
    return Happened(
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        name=row.actor_name,
        role=Role(row.role),
        command=commands.decode(Action(row.action), row.payload),
        to=Stage(row.stage_after) if row.stage_after != row.stage_before else None,
        facts=decode_derived(row.facts),
    )


def events(session: Session, case_id: int, since: int = 0) -> list[Happened]:
    """The log of a case, oldest first: all of it, or what came after a version."""
    mine = (CaseEvent.case_id == case_id, CaseEvent.seq > since)
    return [read(row) for row in session.scalars(select(CaseEvent).where(*mine).order_by(CaseEvent.seq))]
