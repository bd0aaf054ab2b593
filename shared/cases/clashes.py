"""Which steps get into each other's way when two people work on one case at once: one table, pure.

Somebody opens a form, and before they save it something else happens. Where the two have nothing to do with
each other the step is taken as if nothing had been; where they have, the person is shown both. A row says
what its step goes by, what it changes, and what it only adds: two additions never stand against each other.

A part may carry a key from the command: `promise:{number}` stands against the same promise and against
`promise` as a whole, but not against another one. `agreement?contact_agreement` counts only where that
answer was given, and `decision:{every.point}` is one part for each row of `every`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.cases import flow
from shared.cases.commands import Command
from shared.cases.effects import Happened
from shared.vocab import Action, Role

# What letters are written from: whatever changes one of these changes what a letter says, or where it goes.
SAID = (
    "stage round person language needs consent handler agreement definition decision remedy promise "
    "extension escalation learning dates address"
)
THEIRS = frozenset({Role.RESIDENT, Role.REPRESENTATIVE})  # whatever they do themselves is a word of theirs
EVERYTHING = "everything"  # the case goes back to where it stood before


@dataclass(frozen=True, slots=True)
class Row:
    """One step: what it `reads` to be right, what it `changes`, what it `adds`.

    `shows`: the changed parts that its form shows whole, so that two people's answers can be put together
    field by field.
    """

    reads: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()


def _row(reads: str = "", changes: str = "", adds: str = "", shows: str = "") -> Row:
    return Row(tuple(reads.split()), tuple(changes.split()), tuple(adds.split()), tuple(shows.split()))


A = Action
TABLE: dict[Action, Row] = {
    A.SUBMIT: _row(),
    # ---- taking it in -------------------------------------------------------------------------------------
    A.TRIAGE: _row(changes="triage kind stage"),
    A.DEFINE: _row(changes="definition decision", shows="definition"),
    A.ASK_CLARIFICATION: _row(adds="question contact"),
    A.ANSWER_CLARIFICATION: _row(changes="question:{number}", adds="heard"),
    A.ALLOCATE: _row(reads="round conflicts", changes="handler"),
    A.UNDO_ALLOCATE: _row(changes=EVERYTHING),
    A.DECLARE_CONFLICT: _row(adds="conflicts handler"),
    A.ACKNOWLEDGE: _row(changes="stage", adds="contact"),
    A.NOT_ACCEPT: _row(reads="heard", changes="stage", adds="refusal"),
    A.ACCEPT_BY_ORDER: _row(changes="stage"),
    # ---- looking into it ----------------------------------------------------------------------------------
    A.DECIDE: _row(reads="round definition", changes="decision:{every.point}", shows="decision"),
    A.OFFER_REMEDY: _row(reads="round", adds="remedy"),
    A.SETTLE_REMEDY: _row(changes="remedy:{number}"),
    A.EXTEND: _row(reads="heard", changes="extension dates", adds="contact"),
    A.ANSWER_EXTENSION: _row(changes="extension", adds="heard"),
    A.UPDATE_RESIDENT: _row(adds="contact"),
    A.MEDIATE: _row(adds="mediation"),
    # ---- answering it, and the second stage -----------------------------------------------------------------
    A.RESPOND: _row(reads="heard", changes="stage learning?learning", adds="contact panel"),
    A.ESCALATE: _row(changes="stage round escalation", adds="heard files consent"),
    A.DECLINE_ESCALATION: _row(reads="heard", changes="stage round handler", adds="refusal"),
    # ---- the record ---------------------------------------------------------------------------------------
    A.RECORD_CONTACT: _row(
        reads="round?first_contact handler?first_contact",
        changes="agreement?contact_agreement agreement?contact_every_days",
        adds="contact heard files first_contact?first_contact",
    ),
    A.NOTE: _row(adds="note files"),
    A.MESSAGE: _row(adds="message heard contact files"),
    A.ADD_INFORMATION: _row(adds="heard files"),
    A.CHANGE_CONTACT: _row(changes="person", shows="person"),
    A.CHANGE_NEEDS: _row(changes="needs language", shows="needs language"),
    A.MEET_NEED: _row(changes="needs:{code}"),
    A.SET_CONSENT: _row(changes="consent", shows="consent"),
    A.TRANSLATE: _row(changes="translation:{of}"),
    A.TAG: _row(changes="tags", shows="tags"),
    A.REMIND: _row(changes="reminder", shows="reminder"),
    A.ADD_TASK: _row(adds="task"),
    A.FINISH_TASK: _row(changes="task:{number}"),
    # ---- promises -----------------------------------------------------------------------------------------
    A.COMMIT: _row(reads="round", adds="promise"),
    A.COMPLETE_COMMITMENT: _row(changes="promise:{number}", adds="contact files"),
    A.MOVE_COMMITMENT: _row(changes="promise:{number}"),
    A.CONFIRM_COMMITMENT: _row(changes="promise:{number}", adds="heard"),
    # ---- the end, and after -------------------------------------------------------------------------------
    A.RECORD_LEARNING: _row(changes="learning", shows="learning"),
    A.CLOSE: _row(reads="heard", changes="stage", adds="consent"),
    A.WITHDRAW: _row(changes="stage", adds="heard consent"),
    A.REOPEN: _row(changes="stage", adds="consent kind triage"),
    A.GIVE_FEEDBACK: _row(changes="feedback", adds="heard"),
    # ---- beside the stages --------------------------------------------------------------------------------
    A.LINK: _row(adds="link"),
    A.MERGE: _row(reads="stage person needs handler conflicts dates", changes="everything"),
    A.UNMERGE: _row(changes="everything"),
    A.OFFER_VISIT: _row(reads="round", adds="visit"),
    A.HOLD_PANEL: _row(changes="panel"),
    A.ASK_CHECK: _row(changes="check:{about}"),
    A.CHECK: _row(changes="check:{about}"),
    A.UNDO_SEND: _row(changes=EVERYTHING),
    A.ANSWER_CHECKLIST: _row(changes="checklist:{item}"),
    # ---- the system ---------------------------------------------------------------------------------------
    A.MARK_ADDRESS: _row(adds="address"),
    A.RAISE_OVERDUE: _row(adds="overdue"),
    A.RECOMPUTE_DATES: _row(changes="dates"),
}

LETTERS = frozenset(step.action for step in flow.FLOW if step.letter is not None)


def touched(action: Action, command: Command | None = None) -> frozenset[str]:
    """What must not have changed meanwhile for this step to be taken as it was meant.

    A step that sends a letter goes by all that letters say, by the word of a second reader, and by every
    other letter that went out meanwhile. Without a command the keys are left out: any point, any promise.
    """
    row = TABLE[action]
    parts = _parts((*row.reads, *row.changes), command)
    if action in LETTERS:
        parts |= {*SAID.split(), "sent", f"check:{action.value}"}
    return parts


def written(action: Action, command: Command | None = None) -> frozenset[str]:
    """What this step may leave otherwise than it was."""
    row = TABLE[action]
    sent = {"sent"} if action in LETTERS else set()
    return _parts((*row.changes, *row.adds), command) | sent


def between(mine: Iterable[Command], theirs: Iterable[Happened]) -> dict[int, frozenset[str]]:
    """The events that stand against these commands, by number, and over which parts; empty when none does."""
    wanted = frozenset[str]().union(*(touched(command.action, command) for command in mine))
    return clashing(wanted, theirs)


def clashing(wanted: frozenset[str], theirs: Iterable[Happened]) -> dict[int, frozenset[str]]:
    """The events that leave one of these parts otherwise than it was, by number, and which parts."""
    found = {}
    for event in theirs:
        parts = written(event.command.action, event.command)
        if event.role in THEIRS:
            parts |= {"heard"}
        common = frozenset(part for part in wanted if any(_same(part, other) for other in parts))
        if common:
            found[event.seq] = common
    return found


def shown(action: Action, parts: frozenset[str]) -> bool:
    """Whether the form of this step shows all of these parts whole: then its fields can be put together."""
    return all(any(_same(part, own) for own in _parts(TABLE[action].shows, None)) for part in parts)


def _parts(templates: Iterable[str], command: Command | None) -> frozenset[str]:
    found = set()
    for template in templates:
        part, _, answer = template.partition("?")
        if answer and command is not None and not getattr(command, answer):
            continue
        name, _, key = part.partition(":")
        if not key or command is None:
            found.add(name)
            continue
        found |= {f"{name}:{value}" for value in _values(command, key.strip("{}"))}
    return frozenset(found)


def _values(command: Command, path: str) -> list[object]:
    """The key in a command: one of its answers, or such an answer of each row of a list."""
    rows, _, name = path.rpartition(".")
    return [getattr(row, name) for row in (getattr(command, rows) if rows else (command,))]


def _same(one: str, other: str) -> bool:
    if EVERYTHING in {one, other}:
        return True
    (name, _, key), (other_name, _, other_key) = one.partition(":"), other.partition(":")
    return name == other_name and (not key or not other_key or key == other_key)
