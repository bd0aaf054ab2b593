"""One step on several cases: assign, tag or remind, never decide or close.

Each case goes through `perform` by itself, so that stage 2 independence and every other rule hold for each, and
one refusal keeps nobody else waiting. What came of it is kept, with the step that takes it back.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from shared.cases import commands as c
from shared.cases import service
from shared.cases.commands import Command
from shared.cases.inbox import lists
from shared.cases.inbox.rows import InboxRow
from shared.db import db, writing
from shared.identity.actors import Staff
from shared.models import ManyAtOnce
from shared.vocab import Action

STEPS = frozenset({Action.ALLOCATE, Action.TAG, Action.REMIND})
NOTHING_BEFORE = "It stays as it is: there is nothing to go back to"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it for one case. `back` is the command that takes it back, as JSON; "" when none does."""

    ref: str
    ok: bool
    said: str
    version: int = 0
    back: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One step on several cases, done."""

    id: int
    what: str
    results: tuple[Result, ...]
    undone: bool

    @property
    def can_go_back(self) -> bool:
        """Whether anything of it can be taken back."""
        return not self.undone and any(result.back for result in self.results)


def run(what: str, command: Command, seen: Mapping[str, int], actor: Staff) -> int:
    """Take a step on every case in `seen` (reference to the version looked at). Returns the run's number.

    Raises ValueError for a step that may not be taken on many at once.
    """
    if command.action not in STEPS:
        raise ValueError(f"{command.action} is for one case at a time")
    rows = {row.ref: row for row in lists.chosen(actor, list(seen))}
    results = []
    for ref, version in list(seen.items())[: lists.BULK_CAP]:
        row = rows.get(ref)
        if row is None:
            results.append(Result(ref, False, "There is no such case, or it is not yours to see"))
            continue
        results.append(_try(ref, command, actor, version, row))
    return _keep(what, results, actor)


def undo(number: int, actor: Staff) -> int | None:
    """Take a run of one's own back, case by case, where nothing happened since. Returns the new run's number."""
    kept = found(number, actor)
    if kept is None or not kept.can_go_back:
        return None
    with writing() as session:
        row = session.get(ManyAtOnce, number, with_for_update=True, populate_existing=True)
        if row is None or row.undone:
            return None
        row.undone = True
    results = [
        _try(one.ref, c.decode(Action(one.action), one.back), actor, one.version)
        if one.back
        else Result(one.ref, False, NOTHING_BEFORE)
        for one in kept.results
        if one.ok
    ]
    return _keep(f"Taken back: {kept.what}"[:300], results, actor)


def found(number: int, actor: Staff) -> Run | None:
    """A run of one's own."""
    row = db.session.get(ManyAtOnce, number)
    if row is None or row.staff_id != actor.id:
        return None
    return Run(row.id, row.what, tuple(Result(**one) for one in row.results), row.undone)  # type: ignore[arg-type]


def _try(ref: str, command: Command, actor: Staff, seen: int, row: InboxRow | None = None) -> Result:
    """One step on one case. With the `row` as it stood before, the result can be taken back."""
    try:
        done = service.perform(ref, command, actor, seen)
    except service.NoSuchCase:
        return Result(ref, False, "There is no such case, or it is not yours to see")
    except service.NotAllowed:
        return Result(ref, False, "Not possible where the case stands, or not with your roles")
    except service.Stale:
        return Result(ref, False, "Somebody changed the case meanwhile. Look at it again")
    except service.Refused as refused:
        return Result(ref, False, ". ".join(problem.message for problem in refused.problems))
    back = _back(command, row, done.version) if row is not None else None
    kept = c.encode(back) if back is not None else ""
    return Result(ref, True, "Done", done.version, kept, back.action.value if back else "")


def _back(command: Command, row: InboxRow, version: int) -> Command | None:
    """The command that takes this one back on a case that stood so; `version` is the number of its event."""
    match command:
        case c.Tag():
            new = tuple(tag for tag in command.add if tag not in row.tags)
            gone = tuple(tag for tag in command.remove if tag in row.tags)
            return c.Tag(add=gone, remove=new) if new or gone else None
        case c.Remind():
            return c.Remind(on=row.remind_on, reason=row.remind)
        case c.Allocate():
            return c.UndoAllocate(seq=version, of=command.to)
    return None


def _keep(what: str, results: list[Result], actor: Staff) -> int:
    with writing() as session:
        row = ManyAtOnce(staff_id=actor.id, what=what[:300], results=[asdict(one) for one in results])
        session.add(row)
        session.flush()
        return row.id
