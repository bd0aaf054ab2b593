"""Effects of merging: what each of the two cases keeps of the other, and how it is given back."""

from msgspec.structs import replace

from shared.cases import commands as c
from shared.cases.effects.common import Happened, effect
from shared.cases.state import CaseState, Merged


@effect(c.Merge)
def _merged(state: CaseState, event: Happened, command: c.Merge) -> CaseState:
    """Both cases take over the other's walls; the one that stays also who acted at stage 1 of the other."""
    facts = event.facts
    entry = Merged(
        ref=command.into or command.takes,
        at=event.at,
        by=event.name,
        why=command.why,
        differs=command.differs,
        same_person=facts.same_person,
        walls=facts.other_walls - state.conflicts,
    )
    state = replace(state, conflicts=state.conflicts | facts.other_walls)
    if command.into:
        return replace(state, merged_into=entry)
    return replace(
        state, merged=(*state.merged, entry), acted_stage_1=state.acted_stage_1 | facts.other_acted
    )


@effect(c.Unmerge)
def _unmerged(state: CaseState, event: Happened, command: c.Unmerge) -> CaseState:
    """Walls that came with the merge go with it; who acted has acted."""
    if not command.gives:
        walls = state.merged_into.walls if state.merged_into else frozenset()
        return replace(state, merged_into=None, conflicts=state.conflicts - walls)
    gone = [one for one in state.merged if one.ref == command.gives]
    walls = frozenset().union(*(one.walls for one in gone))
    kept = tuple(one for one in state.merged if one.ref != command.gives)
    return replace(state, merged=kept, conflicts=state.conflicts - walls)


def declared_here(state: CaseState, who: int) -> CaseState:
    """A conflict declared on this case stays when a merge that brought it too is taken back."""

    def without(one: Merged) -> Merged:
        return replace(one, walls=one.walls - {who})

    into = without(state.merged_into) if state.merged_into else None
    return replace(state, merged=tuple(without(one) for one in state.merged), merged_into=into)
