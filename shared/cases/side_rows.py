"""What is kept of a case beside its row, so that lists can be cut by it: tags, walls, parts, tasks, mentions.

Each kind says what a state calls for, and after which steps it is written anew. `redress check` asks the same
functions what should be there.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.cases import commands as c
from shared.cases.access import visibility
from shared.cases.approvals import APPROVED
from shared.cases.effects import Happened
from shared.cases.state import CaseState
from shared.models import CaseMention, CasePart, CaseTag, CaseTask, CaseWall

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One table: its columns besides the case, what stands in it for a state, and which steps change that."""

    table: Any
    columns: tuple[str, ...]
    rows: Callable[[CaseState], Iterable[Row]]
    changed_by: tuple[type[c.Command], ...]


KINDS = (
    Kind(CaseTag, ("tag",), lambda state: ((tag,) for tag in state.tags), (c.Tag,)),
    Kind(
        CaseWall,
        ("staff_id",),
        lambda state: ((number,) for number in state.conflicts),
        (c.DeclareConflict, c.Merge, c.Unmerge),
    ),
    Kind(
        CasePart,
        ("staff_id",),
        lambda state: ((number,) for number in visibility.parts(state)),
        (
            *(c.Allocate, c.UndoAllocate, c.Commit, c.MoveCommitment, c.AskCheck, c.Check, c.AddTask),
            c.UndoSend,
            *(c.DeclareConflict, c.Escalate, c.Reopen, c.Respond),
            *(c.COMMANDS[action] for action in sorted(APPROVED)),  # the yes is used up, and with it the part
        ),
    ),
    Kind(
        CaseTask,
        ("number", "owner_id", "text", "due_on", "done_on"),
        lambda state: ((t.number, t.owner_id, t.text, t.due_on, t.done_on) for t in state.tasks),
        (c.AddTask, c.FinishTask, c.Allocate, c.UndoAllocate, c.ChangeNeeds, c.MeetNeed, c.RecordContact),
    ),
)


def write(session: Session, case_id: int, state: CaseState, event: Happened) -> None:
    """Bring them up to the state after one more event."""
    for kind in KINDS:
        if isinstance(event.command, kind.changed_by):
            session.execute(delete(kind.table).where(kind.table.case_id == case_id))
            rows = sorted(kind.rows(state))
            session.add_all(
                kind.table(case_id=case_id, **dict(zip(kind.columns, one, strict=True))) for one in rows
            )
    session.add_all(
        CaseMention(case_id=case_id, staff_id=number, seq=seq) for number, seq in sorted(_mentions([event]))
    )


def _mentions(events: Iterable[Happened]) -> set[Row]:
    """Who was named in which note. A mention is never taken back, so it follows from the events alone."""
    return {(who.id, e.seq) for e in events if isinstance(e.command, c.Note) for who in e.command.mentions}


Kept = dict[str, set[Row]]  # by table


def wanted(state: CaseState, events: Iterable[Happened]) -> Kept:
    """What should be kept of a case, as its events have it."""
    return {kind.table.__tablename__: set(kind.rows(state)) for kind in KINDS} | {
        CaseMention.__tablename__: _mentions(events)
    }


def kept(session: Session, cases: Sequence[int]) -> dict[int, Kept]:
    """What is kept of each of these cases: one query a table, however many they are."""
    tables = [(kind.table, kind.columns) for kind in KINDS] + [(CaseMention, ("staff_id", "seq"))]
    found: dict[int, Kept] = {number: {t.__tablename__: set() for t, _ in tables} for number in cases}
    for table, columns in tables:
        query = select(table.case_id, *(getattr(table, name) for name in columns))
        for number, *row in session.execute(query.where(table.case_id.in_(cases))):
            found[number][table.__tablename__].add(tuple(row))
    return found
