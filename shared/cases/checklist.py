"""A landlord's own checklist, answered from the record where the facts are there, by a person where not.

The lines and what answers them stand in the landlord's file; this module only looks. A line that hangs on
another is asked when that one was answered so.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shared.cases.case_view import CaseView
from shared.db import db
from shared.letters import gate, render
from shared.models import Letter
from shared.policy.landlord import CheckItem
from shared.policy.terms import CheckFact, ClockName


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its answer (None: open), whether the record gave it, and a person's comment."""

    id: str
    text: str
    answer: bool | None
    by_record: bool
    comment: str = ""
    asked: bool = True  # False: hangs on another line that was not answered so


@dataclass(frozen=True, slots=True)
class Section:
    """One block of the checklist."""

    title: str
    lines: tuple[Line, ...]


def sections(view: CaseView) -> tuple[Section, ...]:
    """The whole checklist of a case; empty for a landlord that has none."""
    sent = _sent(view)
    answers: dict[str, bool | None] = {}
    found = []
    for section in view.policy.landlord.checklist:
        lines = []
        for item in section.items:
            line = _line(view, item, sent, answers)
            answers[item.id] = line.answer
            lines.append(line)
        found.append(Section(section.title, tuple(lines)))
    return tuple(found)


def _line(
    view: CaseView, item: CheckItem, sent: dict[str, render.FinishedLetter], answers: dict[str, bool | None]
) -> Line:
    asked = not item.after or item.if_answer is None or answers.get(item.after) is item.if_answer
    given = {a.item: a for a in view.state.checklist}.get(item.id)
    by_record = _from_record(view, item.auto, sent) if item.auto else None
    if by_record is not None:
        return Line(item.id, item.text, by_record, True, given.comment if given else "", asked)
    return Line(
        item.id, item.text, given.answer if given else None, False, given.comment if given else "", asked
    )


def _from_record(view: CaseView, auto: str, sent: dict[str, render.FinishedLetter]) -> bool | None:
    """What the record says, or None while it says nothing yet."""
    match auto.split(":"):
        case ["clock", name]:
            return _in_time(view, ClockName(name))
        case ["part", kind, part]:
            return gate.present(sent[kind], part) if kind in sent else None
        case ["fact", name]:
            return _fact(view, CheckFact(name))
    return None


def _in_time(view: CaseView, name: ClockName) -> bool | None:
    """Met by the first date: an extension does not turn a later answer into one in time here."""
    found = view.clocks.get(name)
    if found is None or found.met_on is None:
        return None
    first = found.unextended_due or found.due
    return found.met_on <= (first.date() if isinstance(first, datetime) else first)


def _fact(view: CaseView, fact: CheckFact) -> bool | None:
    state = view.state
    if fact is CheckFact.LOGGED:
        return True
    if fact is CheckFact.STAGE_1_RESPONSE_RECORDED:
        return True if state.milestones.responded_at else None
    if fact is CheckFact.STAGE_1_EXTENSION_TOLD_IN_TIME:
        first = next((e for e in state.extensions if e.stage == 1), None)
        return None if first is None else not first.late
    moved = state.milestones.escalated_at is not None
    if fact is CheckFact.RESOLVED_AT_STAGE_1:
        return True if state.milestones.resolved_at else False if moved else None
    if fact is CheckFact.MOVED_TO_STAGE_2:
        return True if moved else None
    if fact is CheckFact.LESSON_RECORDED:
        return True if state.learning else None
    return True if state.commitments or state.milestones.final_response_at else None


def _sent(view: CaseView) -> dict[str, render.FinishedLetter]:
    """The newest letter of each kind, as it was sent."""
    newest = {row.kind: row.id for row in view.letters if row.to == "resident"}
    rows = db.session.execute(select(Letter.kind, Letter.html).where(Letter.id.in_(newest.values())))
    return {kind: render.reopen(html) for kind, html in rows}
