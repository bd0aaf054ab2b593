"""What every effect stands on: the event as the fold sees it, and the register of effects."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from shared.cases import commands as c
from shared.cases.state import (
    CaseState,
    FileRef,
    Task,
    Value,
)
from shared.clock import london_date
from shared.vocab import Role, Stage


class Derived(Value, kw_only=True):
    """What perform worked out at the moment of the event, kept with it for ever."""

    ref: str = ""
    landlord: str = ""
    policy_version: str = ""
    old_due_on: date | None = None
    new_due_on: date | None = None
    late: bool = False
    back_to: Stage | None = None
    sends: bool = False  # a letter went with this event
    awaits: bool = False  # the letter had words of ours that nobody has translated yet
    survey: bool = False  # the resident was asked how it was, in a letter of its own
    restored: str = ""  # the case before a letter that was taken back, as JSON
    approver: str = ""
    other_walls: frozenset[int] = frozenset()  # of a merge: who may not see the other case
    other_acted: frozenset[int] = frozenset()  # and who acted at stage 1 of it
    same_person: bool = False
    form: str = ""  # a fingerprint of the form that was sent, so that sending it twice does one thing


class Happened(Value, kw_only=True):
    """One event as the fold sees it. `actor` is Actor.key; `to` the stage that the step led to."""

    seq: int
    at: datetime
    actor: str
    name: str
    role: Role
    command: c.Command
    to: Stage | None = None
    facts: Derived = Derived()

    @property
    def staff_id(self) -> int | None:
        """The account number of the member of staff who acted, or None."""
        kind, _, number = self.actor.partition(":")
        return int(number) if kind == "staff" else None


Effect = Callable[[CaseState, Happened, Any], CaseState]
EFFECTS: dict[type[c.Command], Effect] = {}


def effect(command: type[c.Command]) -> Callable[[Effect], Effect]:
    def register(function: Effect) -> Effect:
        EFFECTS[command] = function
        return function

    return register


def milestones(state: CaseState, **changes: datetime | None) -> CaseState:
    return replace(state, milestones=replace(state.milestones, **changes))


CALL = "call"  # in the place of a need: "call me and write it for me" (Code 3.2)
# Needs that somebody has to arrange (Code 5.10), as the task says it.
ARRANGED = {
    "interpreter": "an interpreter",
    "bsl": "a British Sign Language interpreter",
    "bsl_video": "a British Sign Language video",
    "lipspeaker": "a lipspeaker",
    "speech_to_text": "a speech to text reporter",
    "braille": "Braille",
    "audio": "a sound recording of our letters",
    "easy_read": "Easy Read letters",
}


def arrange(state: CaseState, event: Happened) -> CaseState:
    """Whatever has to be arranged is a task of whoever has the case, from the day there is somebody."""
    holder = state.holder
    if holder is None:
        return state
    tasks = [
        replace(t, owner=holder.name, owner_id=holder.id) if t.need and t.done_on is None else t
        for t in state.tasks
    ]
    known = {task.need for task in tasks}
    for code, text in _to_arrange(state):
        if code not in known:
            task = Task(
                number=len(tasks) + 1,
                text=text,
                owner=holder.name,
                owner_id=holder.id,
                due_on=london_date(event.at),
                by="Redress (automatic)",
                need=code,
            )
            tasks.append(task)
    return replace(state, tasks=tuple(tasks))


def _to_arrange(state: CaseState) -> Iterator[tuple[str, str]]:
    if state.waits_for_call:
        yield CALL, "Call the resident and write down what has gone wrong"
    for need in state.needs:
        if need.code in ARRANGED and need.met is not True:
            yield (
                need.code,
                f"Arrange {ARRANGED[need.code]}" + (f": {need.detail[:200]}" if need.detail else ""),
            )


def arranged(state: CaseState, code: str, on: date) -> CaseState:
    """What was arranged is no task any more."""
    done = (replace(t, done_on=on) if t.need == code and t.done_on is None else t for t in state.tasks)
    return replace(state, tasks=tuple(done))


def more_files(state: CaseState, files: tuple[FileRef, ...]) -> CaseState:
    return replace(state, files=state.files + files) if files else state


_derived = msgspec.json.Encoder(order="deterministic")
encode_derived = _derived.encode
decode_derived = msgspec.json.Decoder(Derived).decode
