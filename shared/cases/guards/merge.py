"""Guards of merging duplicates: always the later into the earlier, so that no clock stops and none starts anew.

A merge is for one complaint that reached us twice. Whatever it could be misused for is refused here: ending a
date, losing a promise or a need, looking behind a wall, or taking somebody's complaint away.
"""

from collections.abc import Iterator

from shared.cases import commands as c
from shared.cases.guards.common import Beside, Env, Problem, guard, needs
from shared.cases.state import CaseState, Person
from shared.identity.actors import Actor
from shared.policy.terms import CODE
from shared.vocab import Risk, Stage

STAYS_AT = frozenset({Stage.RECEIVED, Stage.STAGE_1, Stage.SERVICE_REQUEST})
NOT_THERE = "There is no such case, or it is not yours to see. Check the reference"
_RISKS = (None, Risk.ROUTINE, Risk.URGENT, Risk.DANGER)


def same_person(one: CaseState, other: CaseState) -> bool:
    """Whether two cases surely are of one resident: the same name, and the same way to reach them.

    A name and a home are not enough: father and son can share both.
    """
    a, b = one.resident, other.resident
    if a is None or b is None or one.anonymous or other.anonymous or one.one_mailbox or other.one_mailbox:
        return False
    mail = bool(a.email) and a.email.strip().casefold() == b.email.strip().casefold()
    phone = bool(_digits(a.phone)) and _digits(a.phone) == _digits(b.phone)
    return _name(a) == _name(b) and (mail or phone)


def same_home(one: CaseState, other: CaseState) -> bool:
    """Whether name and home are the same, so that nobody has to say why two cases are one.

    Where neither gave a postcode, it has to be the same person by the way to reach them.
    """
    a, b = one.resident, other.resident
    if a is None or b is None:
        return False
    known = bool(a.postcode) or same_person(one, other)
    return _name(a) == _name(b) and _post(a) == _post(b) and known


def _name(person: Person) -> str:
    return " ".join(person.name.casefold().split())


def _post(person: Person) -> str:
    return person.postcode.replace(" ", "").upper()


def _digits(phone: str) -> str:
    found = "".join(char for char in phone if char.isdigit())
    return found[-10:] if len(found) >= 10 else ""


@guard(c.Merge)
def _merge(state: CaseState, command: c.Merge, actor: Actor, env: Env) -> Iterator[Problem]:
    if command.takes:
        yield from _takes(state, command, env)
        return
    yield from needs("why", command.why, "Write how you know that both are one complaint", f"{CODE}, 5.12")
    other = env.beside(command.into)
    if command.into == state.ref:
        yield Problem("into", "Choose another case")
    elif other is None:
        yield Problem("into", NOT_THERE)
    else:
        yield from _fit(state, other, command, env)


def _takes(state: CaseState, command: c.Merge, env: Env) -> Iterator[Problem]:
    """The other half of a merge, which only `perform` asks for, right after the first."""
    other = env.beside(command.takes)
    into = other.state.merged_into if other else None
    known = command.takes in {one.ref for one in state.merged}
    if into is None or into.ref != state.ref or known:
        yield Problem("into", "Begin at the later case, and merge it into this one")


def _fit(state: CaseState, other: Beside, command: c.Merge, env: Env) -> Iterator[Problem]:
    yield from _place(state, other)
    yield from _clocks(state, other, env)
    yield from _nothing_lost(state, other.state)
    differ = not same_home(state, other.state) or state.helper != other.state.helper
    if differ and not command.differs.strip():
        what = "Resident, home or helper are not the same. Write why it is one complaint all the same"
        yield Problem("differs", what, f"{CODE}, 3.6")


def _place(state: CaseState, other: Beside) -> Iterator[Problem]:
    stays = other.state
    if stays.merged_into is not None:
        yield Problem("into", f"That case was merged itself. Merge this one into {stays.merged_into.ref}")
    if state.merged:
        yield Problem("into", f"{state.merged[0].ref} was merged into this case. Take that merge back first")
    if stays.kind is not state.kind:
        yield Problem("into", "One is a complaint and the other is not. Link the two cases", f"{CODE}, 1.4")
    elif stays.stage not in STAYS_AT:
        yield Problem(
            "into",
            "That case has had its answer, so nothing would run any more. Link the two",
            f"{CODE}, 6.3",
        )
    if stays.holder is not None and stays.holder.id in state.conflicts:
        yield Problem("into", "Who holds that case may not see this one. Name another handler first")


def _clocks(state: CaseState, other: Beside, env: Env) -> Iterator[Problem]:
    """The clocks that stand are those of the case that stays: they must not run out later."""
    mine, theirs = state.milestones, other.state.milestones
    began = (mine.complained_at or mine.received_at, mine.logged_at, state.ref)
    if (theirs.complained_at or theirs.received_at, theirs.logged_at, other.state.ref) > began:
        what = "That case came later. Open it and merge it into this one, so that the earlier dates stand"
        yield Problem("into", what, f"{CODE}, 6.3")
    elif mine.acknowledged_at is not None and theirs.acknowledged_at is not None:
        what = "Both have been acknowledged, so the resident was promised two answers. Link the two cases"
        yield Problem("into", what, f"{CODE}, 6.2")
    due = env.response_due_on
    if due is not None and (other.response_due_on is None or other.response_due_on > due):
        yield Problem("into", f"That case is to be answered after {due:%-d %B %Y}. A merge moves no date")


def _nothing_lost(state: CaseState, stays: CaseState) -> Iterator[Problem]:
    if state.open_commitments or state.remedies or state.decisions:
        yield Problem("into", "Something was promised, offered or decided on this case. Link the two cases")
    if any(one.answered_at is None for one in state.clarifications):
        yield Problem("into", "A question to the resident is open on this case. Wait for the answer")
    if _RISKS.index(state.risk) > _RISKS.index(stays.risk) or (state.story.danger and not stays.risk):
        yield Problem("into", f"This case is the more urgent. Triage {stays.ref} again first", f"{CODE}, 6.1")
    more_needs = {need.code for need in state.needs} - {need.code for need in stays.needs}
    flags = ("no_voicemail", "no_post", "no_email", "no_calls")
    unsafe = any(getattr(state.safety, flag) and not getattr(stays.safety, flag) for flag in flags)
    if more_needs or unsafe:
        what = f"This case says more on what the resident needs or finds safe. Record it on {stays.ref} first"
        yield Problem("into", what, f"{CODE}, 5.10")


@guard(c.Unmerge)
def _unmerge(state: CaseState, command: c.Unmerge, actor: Actor, env: Env) -> Iterator[Problem]:
    yield from needs("why", command.why, "Write why the two are not one complaint after all")
    if not command.gives:
        return
    other = env.beside(command.gives)
    if command.gives not in {one.ref for one in state.merged} or other is None or other.state.merged_into:
        yield Problem("gives", "Begin at the case that was merged")
