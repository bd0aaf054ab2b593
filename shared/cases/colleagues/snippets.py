"""Texts that staff start from, agreed once and offered in the forms where they fit, each in its own language.

A text may hold {placeholders}. Those that the record can answer are filled in when the text is taken over;
the others stay, and no letter leaves while one is left (see guards/).
"""

import re
from collections.abc import Iterable

import msgspec
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shared import clock, i18n
from shared.cases import case_clocks
from shared.cases.case_view import CaseView
from shared.cases.placeholders import PLACEHOLDER
from shared.db import db, writing
from shared.identity.actors import Staff
from shared.models import Snippet
from shared.vocab import Action, Stage

LONGEST_TITLE = 80  # characters
LONGEST = 5_000
MOST = 300

# What the record can answer, with the words that explain it to whoever writes a text.
KNOWN = {
    "name": "the resident's name",
    "reference": "the reference of the case",
    "handler": "who looks into it at this stage",
    "reply by": "the day by which we answer at this stage",
    "stage": "the stage, by the landlord's name of it",
    "landlord": "the landlord's name",
    "today": "today's date",
    "my name": "whoever writes the letter",
    "my job": "their job",
}


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """One text. `actions` and `stages` say where it is offered; empty: everywhere. `language` names a folder."""

    id: int
    title: str
    text: str
    language: str = i18n.SOURCE
    actions: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    changed_by: str = ""

    def fits(self, action: Action, stage: Stage) -> bool:
        """Whether it is offered in this form at this stage."""
        return (not self.actions or action in self.actions) and (not self.stages or stage in self.stages)


def every() -> tuple[Text, ...]:
    """All texts by title."""
    return tuple(
        _text(row) for row in db.session.scalars(select(Snippet).order_by(Snippet.title).limit(MOST))
    )


def found(number: int) -> Text | None:
    """One text; None when it is not there."""
    row = db.session.get(Snippet, number)
    return _text(row) if row else None


def offered(texts: Iterable[Text], action: Action, stage: Stage, language: str) -> tuple[Text, ...]:
    """Those for one form at one stage: in the reader's language first, then in English, by title."""
    wanted = (language, i18n.SOURCE)
    fit = [one for one in texts if one.fits(action, stage) and one.language in wanted]
    return tuple(sorted(fit, key=lambda one: (wanted.index(one.language), one.title.casefold())))


def keep(
    actor: Staff,
    title: str,
    text: str,
    actions: Iterable[str],
    stages: Iterable[str],
    language: str = i18n.SOURCE,
    number: int | None = None,
) -> None:
    """Add a text, or change the one of this number.

    Raises ValueError, in words for the person, when the title is taken or nothing is there to change.
    """
    try:
        with writing() as session:
            row = Snippet() if number is None else session.get(Snippet, number)
            if row is None:
                raise ValueError("Somebody has removed this text meanwhile. Add it as a new one")
            row.title, row.text, row.language = title, text, language
            row.actions, row.stages = list(actions), list(stages)
            row.changed_by, row.changed_at = actor.display[:200], clock.now()
            session.add(row)
    except IntegrityError:
        raise ValueError("There is a text with this title already. Choose another title") from None


def remove(number: int) -> None:
    """Forget a text. What was written with it stays as it is."""
    with writing() as session:
        row = session.get(Snippet, number)
        if row is not None:
            session.delete(row)


def filled(text: Text, view: CaseView, actor: Staff) -> str:
    """A text with everything put in that the record knows, in its language; the rest stays as it stands."""
    with i18n.in_language(text.language):
        facts = _facts(view, actor)

    def put_in(match: re.Match[str]) -> str:
        key = " ".join(match.group()[1:-1].split()).casefold()
        return facts.get(key) or match.group()

    return PLACEHOLDER.sub(put_in, text.text)


def _facts(view: CaseView, actor: Staff) -> dict[str, str]:
    state, landlord = view.state, view.policy.landlord
    due = case_clocks.response_duty(state, view.clocks)
    names = landlord.stages.words
    return {
        "name": state.resident.name if state.resident else "",
        "reference": view.ref,
        "handler": state.holder.name if state.holder else "",
        "reply by": i18n.date_text(due.due_on) if due else "",
        "stage": gettext(names.stage_2 if state.stage_number == 2 else names.stage_1),
        "landlord": landlord.name,
        "today": i18n.date_text(clock.today(), weekday=False),
        "my name": actor.name,
        "my job": actor.job_title,
    }


def _text(row: Snippet) -> Text:
    return Text(
        id=row.id,
        title=row.title,
        text=row.text,
        language=row.language,
        actions=tuple(row.actions),
        stages=tuple(row.stages),
        changed_by=row.changed_by,
    )
