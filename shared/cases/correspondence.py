"""From a case to its letters: what each letter is written from, and how it is stored and queued as sent."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, config, i18n
from shared.cases import commands as c
from shared.cases import texting
from shared.cases.effects import Happened
from shared.cases.guards import Env
from shared.cases.guards_common import redefines
from shared.cases.letter_facts import letter_facts
from shared.cases.state import CaseState, Person
from shared.deadlines.compute import Clock
from shared.letters import envelope, gate, render
from shared.letters.facts import LetterFacts, Words
from shared.letters.gate import Miss
from shared.letters.render import FinishedLetter
from shared.mail import inbound, outbox
from shared.models import Case, Letter
from shared.policy.policy import Policy
from shared.policy.terms import ClockName, SurveyWhen
from shared.uploads import open_store
from shared.vocab import Action, Channel, ConsentScope, Kind, LetterKind, Role, Stage


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter, the facts behind it, and everything that bars it from leaving."""

    facts: LetterFacts
    finished: FinishedLetter
    misses: list[Miss]


def compose(
    kind: LetterKind,
    state: CaseState,
    event: Happened,
    policy: Policy,
    found: dict[ClockName, Clock],
    env: Env,
    *,
    to: str = "resident",
) -> Composed:
    """Write the letter that this event sends, in the resident's language, and hold it against the gate."""
    facts = letter_facts(kind, state, event, policy, found, env, to=to)
    finished = render.letter(facts)
    return Composed(facts, finished, gate.check(finished, facts, policy.letter_parts(kind)))


def answers_to(ref: str) -> str:
    """The address by which an answer finds this case; empty where nobody reads answers."""
    settings = config.current()
    return (
        inbound.reply_address(settings.reply_address, ref, settings.secret_key)
        if settings.reply_address
        else ""
    )


def take_back(session: Session, case_id: int, seq: int) -> bool:
    """Stop the letters of one event from leaving; False when one of them has left already."""
    for letter in session.scalars(select(Letter).where(Letter.case_id == case_id, Letter.seq == seq)):
        for reason in (f"letter:{letter.id}", texting.letter_reason(letter.id)):
            if outbox.status_of(session, reason) is not None and not outbox.cancel(session, reason):
                return False
        letter.undone = True
    by_post = (Letter.case_id == case_id, Letter.channel == Channel.LETTER, Letter.undone.is_(False))
    if session.scalar(select(Letter.id).where(*by_post).limit(1)) is None:
        session.get_one(Case, case_id).to_post = False
    return True


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
    if (
        closing.survey_when is SurveyWhen.RESOLVED
    ):  # the last promise is kept; the closing letter has its form
        owed = {p.number for p in state.open_commitments}
        last = isinstance(command, c.CompleteCommitment) and owed == {command.number}
        return last and state.stage is Stage.CLOSED
    taken_on = state.stage in {Stage.STAGE_1_ANSWERED, Stage.STAGE_2_ANSWERED}
    return isinstance(command, c.Withdraw) or (isinstance(command, c.Close) and taken_on)


def dispatch(
    session: Session,
    row: Case,
    state: CaseState,
    composed: Composed,
    env: Env,
    seq: int,
    *,
    to: str = "resident",
    undo_until: datetime | None = None,
    mailed: FinishedLetter | None = None,
) -> int:
    """Store the letter as sent, with its PDF, and queue it by the reader's own channel. Returns its id.

    Until `undo_until` the message waits, so that whoever sent it can take it back. `mailed` is the same letter
    with a link for the reader's eyes alone: it travels, is wiped once sent, and is stored nowhere.

    Where no e-mail may be used the letter is a print task: its channel is `letter`, and staff post it.
    """
    facts, finished = composed.facts, composed.finished
    channel, address = way_out(state, to)
    pdf = render.pdf(finished, large_print=facts.large_print)
    key = open_store(config.current().data_dir / "files").put(pdf, ".pdf")
    letter = Letter(
        case_id=row.id,
        seq=seq,
        kind=facts.kind,
        to=to,
        language=finished.language,
        large_print=facts.large_print,
        title=finished.title[:300],
        html=finished.html,
        text=finished.text,
        digest=finished.digest,
        pdf_key=key,
        channel=channel,
        sent_at=env.now,
    )
    session.add(letter)
    session.flush()
    plain = any(need.code == "plain_email" for need in state.needs) and to == "resident"
    if channel is Channel.EMAIL:
        outbox.queue(
            session,
            channel=Channel.EMAIL,
            to=address,
            subject=finished.title,
            text=(mailed or finished).text,
            html=None if plain else (mailed or finished).html,
            language=finished.language,
            dedupe=f"letter:{letter.id}",
            attachments=[(f"{row.ref}-{facts.kind.value}.pdf", "application/pdf", key)],
            case_id=row.id,
            letter_id=letter.id,
            confidential=mailed is not None,
            not_before=undo_until,
            reply_to=answers_to(row.ref),
        )
    else:
        _post(session, row, state, letter, pdf, to, undo_until)
        texting.of_letter(session, row.id, state, to, letter.id, not_before=undo_until)
    return letter.id


def _post(
    session: Session,
    row: Case,
    state: CaseState,
    letter: Letter,
    pdf: bytes,
    to: str,
    undo_until: datetime | None,
) -> None:
    """A letter on paper: through the printer that is set up, or a print task for staff."""
    person = state.helper if to == "representative" else state.resident
    lines = (person.name, *person.address, person.postcode) if person is not None and person.address else ()
    if not config.current().notify_post or not lines or (to == "resident" and state.safety.no_post):
        row.to_post = True
        return
    outbox.queue(
        session,
        channel=Channel.LETTER,
        to=", ".join(line for line in lines[1:] if line)[:320],
        subject=letter.title,
        text=letter.text,
        html=None,
        language=letter.language,
        dedupe=f"letter:{letter.id}",
        attachments=[(f"{row.ref}-{letter.kind}.pdf", "application/pdf", envelope.with_address(pdf, lines))],
        case_id=row.id,
        letter_id=letter.id,
        not_before=undo_until,
    )


def receipts(
    session: Session,
    row: Case,
    state: CaseState,
    policy: Policy,
    found: dict[ClockName, Clock],
    env: Env,
    seq: int,
) -> tuple[int, ...]:
    """A receipt to everybody on the case who can be written to. A receipt never bars a complaint."""
    if state.anonymous:
        return ()
    event = Happened(
        seq=seq, at=env.now, actor="system:receipt", name="", role=Role.SYSTEM, command=c.Note(text="")
    )
    sent = []
    for to, person in (("resident", state.resident), ("representative", state.helper)):
        if person is not None and person.email:
            composed = compose(LetterKind.RECEIPT, state, event, policy, found, env, to=to)
            sent.append(dispatch(session, row, state, composed, env, seq, to=to))
        elif person is not None:
            first = found.get(ClockName.STAGE_1_ACKNOWLEDGEMENT)
            texting.receipt(session, row.id, state, to, first.due_on if first else None)
    return tuple(sent)


def way_out(state: CaseState, to: str) -> tuple[Channel, str]:
    """How a letter to this reader travels, and the e-mail address where it is one ("" for post)."""
    person = state.helper if to == "representative" else state.resident
    if person is not None and person.email and not _no_email(state, person, to):
        return Channel.EMAIL, person.email
    return Channel.LETTER, ""


def _no_email(state: CaseState, person: Person, to: str) -> bool:
    """E-mail is not used where it does not arrive, where the resident said it is not safe or asked for post."""
    if to == "representative":
        return state.fails(Channel.EMAIL, person.email)
    scope = state.consent.in_force(clock.today())
    if state.one_mailbox and scope not in {ConsentScope.EVERYTHING, ConsentScope.ME_AS_WELL}:
        return True  # it would be read by a helper who may not be told
    if state.fails(Channel.EMAIL, person.email):
        return True
    return state.safety.no_email or (person.prefers is Channel.LETTER and not state.safety.no_post)
