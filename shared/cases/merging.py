"""Merging across cases: which other cases a step reaches, and what one case may know of another."""

from collections.abc import Iterator

from msgspec.structs import replace

from shared.cases import commands as c
from shared.cases.effects.common import Derived
from shared.cases.guards.common import Beside
from shared.cases.guards.merge import same_person
from shared.cases.state import CaseState


def echoes(state: CaseState, command: c.Command) -> Iterator[tuple[str, c.Command]]:
    """What else has to happen, on which case, in the same transaction, when this is done on a case in `state`.

    Both halves of a merge are written or none. A wall around one case is a wall around all that it was merged
    with: the page of each names the others.
    """
    match command:
        case c.Merge(into=other) if other:
            yield other, replace(command, into="", takes=state.ref)
        case c.Unmerge(gives="") if state.merged_into is not None:
            yield state.merged_into.ref, replace(command, gives=state.ref)
        case c.DeclareConflict():
            for one in (*state.merged, *((state.merged_into,) if state.merged_into else ())):
                yield one.ref, command


def derived(state: CaseState, other: Beside | None, command: c.Merge) -> Derived:
    """What the event of a merge has to keep of the other case."""
    if other is None:
        return Derived()
    return Derived(
        other_walls=other.state.conflicts,
        other_acted=other.state.acted_stage_1,
        same_person=same_person(state, other.state),
    )
