"""Which letters a step sends, to whom, and whether they may: composed, held against the gate, handed on."""

from dataclasses import dataclass
from datetime import timedelta

import msgspec
from sqlalchemy.orm import Session

from shared import clock, config, i18n
from shared.cases import commands as c
from shared.cases.correspondence import dispatch, texting
from shared.cases.correspondence.letter_facts import letter_facts
from shared.cases.effects import Happened
from shared.cases.guards import Env
from shared.cases.guards.common import redefines
from shared.cases.outcomes import Refused
from shared.cases.state import CaseState
from shared.deadlines.compute import Clock
from shared.letters import gate, render
from shared.letters.facts import LetterFacts, Words
from shared.letters.gate import Miss
from shared.letters.render import FinishedLetter
from shared.models import Case
from shared.policy.policy import Policy
from shared.policy.terms import ClockName, SurveyWhen
from shared.vocab import Action, ConsentScope, Kind, LetterKind, Stage


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter, the facts behind it, and everything that bars it from leaving."""

    facts: LetterFacts
    finished: FinishedLetter
    misses: list[Miss]


def compose(
    kind: LetterKind,
    state: CaseState,
    found: dict[ClockName, Clock],
    env: Env,
    *,
    event: Happened | None = None,
    to: str = "resident",
) -> Composed:
    """Write a letter, that of a step from its event, in the resident's language, and hold it against the gate."""
    facts = letter_facts(kind, state, found, env, event=event, to=to)
    finished = render.letter(facts)
    return Composed(facts, finished, gate.check(finished, facts, env.policy.letter_parts(kind)))


def send(
    session: Session,
    row: Case,
    state: CaseState,
    found: dict[ClockName, Clock],
    env: Env,
    event: Happened,
    kind: LetterKind,
) -> tuple[int, ...]:
    """Compose a letter of a step, pass the gate, store and queue it. To the helper as well where the resident
    agreed to both. Returns the ids of what went. Raises Refused with every miss, and then the step is off."""
    until = env.now + timedelta(seconds=config.current().undo_seconds) if event.staff_id else None
    sent = []
    for to in readers(state):
        composed = compose(kind, state, found, env, event=event, to=to)
        if composed.misses:
            raise Refused([], composed.misses)
        facts, finished = composed.facts, composed.finished
        sent.append(
            dispatch.letter(
                session, row, state, facts, finished, event.seq, at=env.now, to=to, undo_until=until
            )
        )
    return tuple(sent)


def readers(state: CaseState) -> tuple[str, ...]:
    """Whom a letter is for: the helper where the resident agreed to everything, or both, as she wished."""
    scope = state.consent.in_force(clock.today()) if state.helper else ConsentScope.NONE
    if scope is ConsentScope.EVERYTHING:
        return ("representative",)
    return ("resident", "representative") if scope is ConsentScope.ME_AS_WELL else ("resident",)


def receipts(
    session: Session, row: Case, state: CaseState, found: dict[ClockName, Clock], env: Env, seq: int
) -> tuple[int, ...]:
    """A receipt to everybody on the case who can be written to. A receipt never bars a complaint."""
    if state.anonymous:
        return ()
    sent = []
    for to, person in (("resident", state.resident), ("representative", state.helper)):
        if person is not None and person.email:
            facts = letter_facts(LetterKind.RECEIPT, state, found, env, to=to)
            finished = render.letter(facts)
            sent.append(dispatch.letter(session, row, state, facts, finished, seq, at=env.now, to=to))
        elif person is not None:
            first = found.get(ClockName.STAGE_1_ACKNOWLEDGEMENT)
            texting.receipt(session, row.id, state, to, first.due_on if first else None)
    return tuple(sent)


def goes_out(state: CaseState, command: c.Command) -> bool:
    """Whether the step's letter goes out this time: there is somebody to write to, and something to tell."""
    return state.resident is not None and not state.anonymous and is_due(state, command)


def is_due(state: CaseState, command: c.Command) -> bool:
    """Whether the step's letter goes out this time, by the case as it stands before the step.

    Our dates are told where one moved later, a promise where its day changes, and a definition where the
    resident has read another one before; the next acknowledgement or answer carries the rest.
    """
    match command:
        case c.Triage():  # whoever complained learns that it was taken for something else, and can say no (1.3)
            return state.kind is Kind.COMPLAINT and command.kind is not Kind.COMPLAINT
        case c.Translate():  # the translation that a letter of ours said was coming
            return command.of.startswith("letter:")
        case c.RecomputeDates():
            return any(new > old for _name, old, new in command.moved)
        case c.MoveCommitment():
            return any(p.number == command.number and p.due_on != command.due_on for p in state.commitments)
        case c.Define():
            return is_previewed(state, command.action) and redefines(state, command)
    return True


def is_previewed(state: CaseState, action: Action) -> bool:
    """Whether whoever takes a step looks at its letter first, where it has one and it may go out here.

    A letter without a word of theirs needs no look; a definition is told once the resident has read another.
    """
    if action in {Action.TRIAGE, Action.TRANSLATE}:
        return False
    return action is not Action.DEFINE or state.stage in {Stage.STAGE_1, Stage.STAGE_2}


def awaits_translation(state: CaseState, command: c.Command) -> bool:
    """Whether the letter of a step shows words of ours that are not in the resident's language yet."""
    if state.language == i18n.SOURCE or isinstance(command, c.Translate):
        return False
    if isinstance(command, c.MoveCommitment) and not command.translation:
        return True
    stage = state.stage_number
    told: tuple[object, ...] = (command, *state.open_commitments)
    if isinstance(command, c.Acknowledge | c.Respond):
        told += (state.definition,)
    if isinstance(command, c.Respond):
        told += tuple(d for d in state.decisions if d.stage == stage)
        told += tuple(r for r in state.remedies if r.stage == stage)
    return any(_is_untranslated(one) for one in told)


def _is_untranslated(value: object) -> bool:
    if isinstance(value, Words):
        return bool(value) and value.language == i18n.SOURCE and not value.translation
    if isinstance(value, tuple):
        return any(_is_untranslated(one) for one in value)
    if isinstance(value, msgspec.Struct):
        return any(_is_untranslated(getattr(value, name)) for name in value.__struct_fields__)
    return False


def asks_survey(state: CaseState, command: c.Command, policy: Policy) -> bool:
    """Whether a letter asks the resident now how it was, once for a complaint, where the landlord does so."""
    closing = policy.landlord.closing
    asked = state.surveyed_on is not None or state.feedback is not None
    if not closing.survey or asked or state.kind is not Kind.COMPLAINT:
        return False
    if closing.survey_when is SurveyWhen.RESOLVED:
        # The last promise is kept; the closing letter has its form.
        owed = {p.number for p in state.open_commitments}
        last = isinstance(command, c.CompleteCommitment) and owed == {command.number}
        return last and state.stage is Stage.CLOSED
    taken_on = state.stage in {Stage.STAGE_1_ANSWERED, Stage.STAGE_2_ANSWERED}
    return isinstance(command, c.Withdraw) or (isinstance(command, c.Close) and taken_on)
