"""A second pair of eyes: asking a colleague for a yes, giving it, and the landlord's own checklist."""

from collections.abc import Mapping
from typing import Any, cast

from werkzeug.datastructures import MultiDict
from wtforms import RadioField

from shared.cases import approvals
from shared.cases import commands as c
from shared.cases.case_view import CaseView
from shared.cases.colleagues import action_drafts, candidates
from shared.cases.state import StaffRef
from shared.identity.actors import Staff
from shared.vocab import Action
from shared.web.forms import choices, optional, required
from staff.forms.base import (
    FORMS,
    ActionForm,
    People,
    chosen,
    form_for,
    long,
    yes_no,
)

CHECKED = {
    Action.RESPOND: "The response",
    Action.ACKNOWLEDGE: "The acknowledgement",
    Action.NOT_ACCEPT: "Not taking on the complaint",
    Action.DECLINE_ESCALATION: "Not taking on the escalation",
    Action.EXTEND: "Taking more time",
    Action.OFFER_REMEDY: "A payment above your own limit",
    Action.UPDATE_RESIDENT: "A progress update",
    Action.CLOSE: "The closing letter",
}


@form_for(Action.ASK_CHECK)
class AskCheckForm(ActionForm):
    title = "Ask a colleague to check a letter or say yes to a step"
    button = "Ask"

    about = RadioField("What?", [required("Choose what it is about")])
    of = People("Who", [chosen("Choose whom to ask")])
    words = long(
        "What to look at",
        "They see your draft of that page: save it first. A yes covers what the draft says and nothing else.",
        optional(),
    )

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        wanted = [a for a in CHECKED if a in view.allowed]
        return {"about": wanted[0].value if len(wanted) == 1 else None}

    def prepare(self) -> None:
        self.about.choices = choices([(a, text) for a, text in CHECKED.items() if a in self.view.allowed])
        self.of.offer(tuple(p for p in candidates.colleagues() if p.id != self.actor.id))

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and not self.exactly and approvals.needs_yes(self.view.state, self.view.policy, self._step):
            gap = "Fill that page in without gaps first, and press “Save draft”: they say yes to what it says"
            self.refuse("about", gap)
            return False
        return good

    @property
    def _step(self) -> Action:
        return Action(self.about.data)

    @property
    def exactly(self) -> str:
        """What a yes to one's own draft would cover; empty where there is none, or one with gaps."""
        kept = action_drafts.find(self.view.ref, self.actor, self._step)
        if kept is None:
            return ""
        typed = MultiDict([(name, text) for name, texts in kept.answers.items() for text in texts])
        page = FORMS[self._step].fitted(self.view, {})
        draft = page(self.view, self.actor, formdata=typed, meta={"csrf": False})
        return approvals.covered(self.view.state, draft.command()) if draft.validate() else ""

    def command(self) -> c.AskCheck:
        return c.AskCheck(
            of=cast(StaffRef, self.of.ref), about=self._step, words=self.words.data, exactly=self.exactly
        )


@form_for(Action.CHECK)
class CheckForm(ActionForm):
    title = "Say whether a letter or a step is right"
    button = "Save my answer"

    about = RadioField("What?", [required("Choose what it is about")])
    fine = RadioField(
        "May it go?",
        [required("Choose whether it may go")],
        choices=choices([("yes", "Yes, as it is"), ("no", "Change something first")]),
    )
    words = long("What to change", "", optional())

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        waiting = cls._waiting(view, actor)
        return {"about": waiting[0] if len(waiting) == 1 else None}

    @staticmethod
    def _waiting(view: CaseView, actor: Staff) -> list[str]:
        return [x.about for x in view.state.checks if x.by_id == actor.id and x.fine is None]

    def prepare(self) -> None:
        names = {a.value: text for a, text in CHECKED.items()}
        waiting = self._waiting(self.view, self.actor)
        self.about.choices = choices([(about, names.get(about, about)) for about in waiting])

    @property
    def covers(self) -> list[tuple[str, str]]:
        """What a yes would cover: the step's name, and the days, the sum, the ground or the wording."""
        mine = [
            x for x in self.view.state.checks if x.by_id == self.actor.id and x.fine is None and x.exactly
        ]
        return [(CHECKED.get(Action(x.about), x.about), x.exactly) for x in mine]

    @property
    def drafts(self) -> list[tuple[str, dict[str, list[str]]]]:
        """What is to be checked, as its writer kept it: the page's name and its answers."""
        found = []
        for about in self._waiting(self.view, self.actor):
            kept = action_drafts.for_check(self.view, self.actor, Action(about))
            if kept is not None:
                found.append((CHECKED.get(Action(about), about), kept.answers))
        return found

    def command(self) -> c.Check:
        return c.Check(
            about=Action(self.about.data), fine=bool(yes_no(self.fine.data)), words=self.words.data
        )


@form_for(Action.ANSWER_CHECKLIST)
class AnswerChecklistForm(ActionForm):
    title = "Answer a line of the checklist"

    item = RadioField("Which line?", [required("Choose the line")])
    answer = RadioField(
        "Answer", [required("Choose the answer")], choices=choices([("yes", "Yes"), ("no", "No")])
    )
    comment = long("Comment", "", optional())

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        given = {a.item: a for a in view.state.checklist}.get(asked.get("item", ""))
        if given is None:
            return {"item": asked.get("item")}
        return {
            "item": given.item,
            "answer": "yes" if given.answer else "no",
            "comment": given.comment,
        }

    def prepare(self) -> None:
        sections = self.view.policy.landlord.checklist
        self.item.choices = choices([(line.id, line.text) for section in sections for line in section.items])

    def command(self) -> c.AnswerChecklist:
        return c.AnswerChecklist(
            item=self.item.data, answer=bool(yes_no(self.answer.data)), comment=self.comment.data
        )
