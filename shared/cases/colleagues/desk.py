"""All that a colleague's own page of a case shows beside the case itself, in one query.

Who else has it open, what this person began to write on it, what waits for them by name anywhere, and which
texts there are to start from: four small things, too many trips to fetch one by one.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, String, Text, cast, func, literal, select, union_all
from sqlalchemy import case as when

from shared import clock
from shared.cases.colleagues import presence, snippets, tasks
from shared.cases.colleagues.presence import Here
from shared.cases.colleagues.tasks import DraftRow, Waiting
from shared.db import db
from shared.identity.actors import Staff
from shared.models import ActionDraft, Case, Presence, Snippet, StaffAccount
from shared.vocab import Action, Stage


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies beside a case. `texts` by title; `drafts` the newest first."""

    here: tuple[Here, ...]
    drafts: tuple[DraftRow, ...]
    waiting: Waiting
    texts: tuple[snippets.Text, ...]

    def texts_for(self, action: Action, stage: Stage, language: str) -> tuple[snippets.Text, ...]:
        """The texts for one form at one stage, those in the reader's language first."""
        return snippets.offered(self.texts, action, stage, language)


def beside(ref: str, actor: Staff, *, texts: bool = False) -> Desk:
    """Everything beside one case, for somebody who may see it: that was asked before. Reads only."""
    rows: dict[str, list[Any]] = {"here": [], "draft": [], "text": []} | {kind: [] for kind in tasks.KINDS}
    for row in db.session.execute(_query(ref, actor, texts)):
        rows[row.kind].append(row)
    here = sorted((x.name, Here(x.name, Action(x.a) if x.a else None, x.number)) for x in rows["here"])
    drafts = sorted(rows["draft"], key=lambda x: x.at, reverse=True)
    return Desk(
        here=tuple(one for _, one in here),
        drafts=tuple(DraftRow(ref, *tasks.parted(x.name), x.at) for x in drafts),
        waiting=tasks.of_kinds({kind: rows[kind][0].number for kind in tasks.KINDS if rows[kind]}),
        texts=tuple(
            snippets.Text(
                id=x.number,
                title=x.name,
                text="",
                language=x.c,
                actions=tuple(json.loads(x.a)),
                stages=tuple(json.loads(x.b)),
            )
            for x in rows["text"]
        ),
    )


def _query(ref: str, actor: Staff, texts: bool) -> Any:
    none, nought = literal("", String), literal(0, Integer)
    now = literal(clock.now(), Presence.seen_at.type)
    case_id = select(Case.id).where(Case.ref == ref).scalar_subquery()

    def kind(name: str) -> Any:
        return literal(name, String).label("kind")

    parts = [
        select(
            kind("here"),
            StaffAccount.name.label("name"),
            Presence.writing.label("a"),
            none.label("b"),
            none.label("c"),
            when((Case.at_stage_2, 2), else_=1).label("number"),
            Presence.seen_at.label("at"),
        )
        .join(StaffAccount, StaffAccount.id == Presence.staff_id)
        .join(Case, Case.id == Presence.case_id)
        .where(Case.ref == ref, *presence.somebody_else(actor)),
        select(kind("draft"), ActionDraft.action, none, none, none, nought, ActionDraft.updated_at).where(
            ActionDraft.case_id == case_id, ActionDraft.staff_id == actor.id
        ),
    ]
    for name, query in tasks.named(actor).items():
        counted = select(func.count()).select_from(query.subquery()).scalar_subquery()
        parts.append(select(kind(name), none, none, none, none, counted, now))
    if texts:
        wanted = (cast(Snippet.actions, Text), cast(Snippet.stages, Text), Snippet.language, Snippet.id, now)
        parts.append(select(kind("text"), Snippet.title, *wanted))
    return union_all(*parts)
