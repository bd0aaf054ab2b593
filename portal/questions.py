"""The questions in their order, and which of them are asked of whom: the map of the journey.

Answers live in one flat draft. A question that is not asked any more (because an earlier answer changed)
keeps its answers, so that changing one's mind twice costs nothing; sending leaves them out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.forms.about import (
    ANONYMOUS,
    ELECTED,
    GROUP,
    HELPING,
    GroupForm,
    HelperForm,
    RelationForm,
    WhoForm,
    died,
)
from portal.forms.base import Question as QuestionForm
from portal.forms.needs import NeedsForm
from portal.forms.reach import PlaceForm, ReachForm, SafeForm
from portal.forms.story import DangerForm, EffectForm, StartedForm, WantedForm, WhatForm, kind_of
from shared.vocab import Kind

Answers = Mapping[str, Any]
CHECK = "check"
FILES = "files"


def _complaint(answers: Answers) -> bool:
    return kind_of(answers) is Kind.COMPLAINT


def _work(answers: Answers) -> bool:
    """Complaints and requests are worked on; thanks and comments are passed on and take two pages."""
    return kind_of(answers) in {Kind.COMPLAINT, Kind.SERVICE_REQUEST}


def _who(answers: Answers) -> str:
    return str(answers.get("who") or "me")


def _named(answers: Answers) -> bool:
    return _who(answers) != ANONYMOUS


@dataclass(frozen=True, slots=True)
class Question:
    """One page: its address, its form, whether it may be skipped, and of whom it is asked."""

    name: str
    form: type[QuestionForm] | None  # None: the page of files, which is not a form of text
    optional: bool
    asked: Callable[[Answers], bool]


QUESTIONS: tuple[Question, ...] = (
    Question("who", WhoForm, False, _complaint),
    Question("what", WhatForm, False, lambda a: True),
    Question("started", StartedForm, True, _complaint),
    Question("effect", EffectForm, True, _complaint),
    Question("danger", DangerForm, True, _work),
    Question("wanted", WantedForm, True, _complaint),
    Question(FILES, None, True, _work),
    Question("group", GroupForm, True, lambda a: _complaint(a) and _who(a) == GROUP),
    Question("helper", HelperForm, False, lambda a: _complaint(a) and _who(a) in {HELPING, ELECTED}),
    Question("reach", ReachForm, False, _named),
    Question("place", PlaceForm, True, lambda a: not _named(a)),
    Question("safe", SafeForm, True, lambda a: _work(a) and _named(a) and not died(a)),
    Question("relation", RelationForm, True, lambda a: _complaint(a) and _named(a)),
    Question("needs", NeedsForm, True, lambda a: _work(a) and _named(a)),
)
BY_NAME = {q.name: q for q in QUESTIONS}


def asked(answers: Answers) -> list[Question]:
    """The questions of this person's way, in order."""
    return [q for q in QUESTIONS if q.asked(answers)]


def after(name: str, answers: Answers) -> str:
    """The page that follows a question; the check page after the last."""
    position = _position(name)
    return next((q.name for q in asked(answers) if _position(q.name) > position), CHECK)


def before(name: str, answers: Answers) -> str | None:
    """The page before a question, or before the check page; None for the first."""
    position = len(QUESTIONS) if name == CHECK else _position(name)
    return next((q.name for q in reversed(asked(answers)) if _position(q.name) < position), None)


def rest(name: str, answers: Answers) -> str:
    """Where "skip the optional questions" leads: the next that needs an answer, else the check page."""
    position = _position(name)
    open_ones = (q.name for q in asked(answers) if _position(q.name) > position and not answered(q, answers))
    return next(open_ones, CHECK)


def answered(question: Question, answers: Answers) -> bool:
    """Whether a question has the answer that sending needs; an optional one always has."""
    if question.optional or question.form is None:
        return True
    return bool(question.form.of(answers).validate())


def missing(answers: Answers) -> list[Question]:
    """The questions that still stand in the way of sending, and those whose kept words are not right."""
    return [q for q in asked(answers) if q.form is not None and not q.form.of(answers).validate()]


def _position(name: str) -> int:
    return QUESTIONS.index(BY_NAME[name])
