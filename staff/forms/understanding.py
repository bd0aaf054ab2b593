"""Understanding a complaint and deciding who looks into it, or that nobody does."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import BooleanField, FieldList, FormField, RadioField, TextAreaField

from shared import i18n
from shared.cases import commands as c
from shared.cases.case_view import CaseView
from shared.cases.colleagues import candidates
from shared.cases.state import Point, StaffRef
from shared.identity.actors import Staff
from shared.letters.facts import Words
from shared.policy.rules import Ground
from shared.vocab import Action, Stage
from shared.web.forms import DateParts, at_most, choices, optional, required
from staff.forms.base import (
    LONG,
    YES,
    ActionForm,
    People,
    Row,
    chosen,
    day_of,
    form_for,
    long,
    short,
    translation,
    yes_no,
)

MOST_ROWS = 30


class PointRow(Row):
    """One point of the complaint."""

    text = TextAreaField("The point", [at_most(LONG)])
    ours = RadioField(
        "Are we responsible for it?", choices=choices([("yes", "Yes"), ("no", "No")]), default="yes"
    )


class OutcomeRow(Row):
    """One outcome that the resident seeks."""

    text = TextAreaField("The outcome", [at_most(LONG)])


def _with_translation(row: type[Row], view: CaseView) -> type[Row]:
    if view.state.language == i18n.SOURCE:
        return row
    return type(row.__name__, (row,), {"text_translation": translation(view)})


def _rows(row: type[Row], label: str) -> FieldList:
    return FieldList(FormField(row), label, min_entries=1, max_entries=MOST_ROWS)


@form_for(Action.DEFINE)
class DefineForm(ActionForm):
    title = "Write the complaint definition"
    button = "Save definition"
    translated = ("responsible_for", "not_responsible_for", "why")

    points = _rows(PointRow, "Points of the complaint")
    outcomes = _rows(OutcomeRow, "Outcomes that the resident seeks")
    responsible_for = long("What we are responsible for", "As the letter will say it.")
    not_responsible_for = long(
        "What we are not responsible for", "Say so if nothing lies outside our responsibility."
    )
    why = long(
        "Why it changes",
        "The resident is told. A new point joins while stage 1 is not answered, if it belongs to this complaint:"
        " say how. Otherwise raise a new complaint, linked with this one.",
        optional(),
    )
    left_out = BooleanField("At stage 2: the resident made the new point before, and stage 1 left it out")

    @classmethod
    def fitted(cls, view: CaseView, asked: Mapping[str, str]) -> type[ActionForm]:
        fixed: dict[str, Any] = {} if view.state.stage_number == 2 else {"left_out": None}
        if view.state.definition is None or view.state.stage is Stage.RECEIVED:
            fixed["why"] = None  # nobody has read another one yet
            cls = type(cls.__name__, (cls,), {**fixed, "translated": cls.translated[:2]})
        elif fixed:
            cls = type(cls.__name__, (cls,), fixed)
        if view.state.language == i18n.SOURCE:
            return cls
        rows = {
            "points": _rows(_with_translation(PointRow, view), "Points of the complaint"),
            "outcomes": _rows(_with_translation(OutcomeRow, view), "Outcomes that the resident seeks"),
        }
        return type(cls.__name__, (super().fitted(view, asked),), rows)

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        known = view.state.definition
        if known is None:
            wanted = view.state.story.wanted if view.state.story.language == i18n.SOURCE else ""
            return {"points": [{"ours": "yes"}], "outcomes": [{"text": wanted}]}

        def row(words: Words) -> dict[str, str]:
            return {"text": words.text, "text_translation": words.translation or ""}

        start: dict[str, Any] = {
            "points": [{**row(p.text), "ours": "yes" if p.ours else "no"} for p in known.points],
            "outcomes": [row(words) for words in known.outcomes],
        }
        for name in ("responsible_for", "not_responsible_for"):
            if words := getattr(known, name):
                start |= {name: words.text, name + "_translation": words.translation or ""}
        return start

    @property
    def version(self) -> int:
        """Which version of the definition this will be."""
        known = self.view.state.definition
        return known.version + 1 if known else 1

    def command(self) -> c.Define:
        points = [row.form for row in self.points if row.form.text.data]
        outcomes = [row.form for row in self.outcomes if row.form.text.data]
        return c.Define(
            points=tuple(
                Point(number=at, text=_row_words(row), ours=bool(yes_no(row.ours.data)))
                for at, row in enumerate(points, start=1)
            ),
            outcomes=tuple(_row_words(row) for row in outcomes),
            responsible_for=self.said("responsible_for"),
            not_responsible_for=self.said("not_responsible_for"),
            why=self.said_or_none("why") if "why" in self._fields else None,
            left_out=bool(self.left_out.data) if "left_out" in self._fields else False,
        )


def _row_words(row: Any) -> Words:
    other = row.text_translation.data if "text_translation" in row else ""
    return Words(row.text.data, translation=other or None)


@form_for(Action.ASK_CLARIFICATION)
class AskClarificationForm(ActionForm):
    title = "Ask the resident a question"
    button = "Send"
    translated = ("question",)

    question = long("Question", "One question, in plain words. The clock goes on meanwhile.")

    def command(self) -> c.AskClarification:
        return c.AskClarification(question=self.said("question"))


@form_for(Action.ANSWER_CLARIFICATION)
class AnswerClarificationForm(ActionForm):
    title = "Record the answer to a question"

    number = RadioField("Which question?", [required("Choose the question")])
    answer = long("The resident's answer", "In their own words, and how you got it.")

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        waiting = [q for q in view.state.clarifications if q.answered_at is None]
        return {"number": str(waiting[0].number) if len(waiting) == 1 else None}

    def prepare(self) -> None:
        self.number.choices = choices(
            [(q.number, q.question.text) for q in self.view.state.clarifications if q.answered_at is None]
        )

    def command(self) -> c.AnswerClarification:
        return c.AnswerClarification(number=int(self.number.data), answer=self.answer.data)


@form_for(Action.ALLOCATE)
class AllocateForm(ActionForm):
    title = "Name who looks into it"
    button = "Name this person"

    to = People("Who", [chosen("Choose who looks into it")])
    reason = short("Why this person", "", optional())

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        return {"to": str(view.state.holder.id) if view.state.holder else ""}

    def prepare(self) -> None:
        self.to.offer(candidates.eligible(self.view), load=True)

    def command(self) -> c.Allocate:
        return c.Allocate(to=_person(self.to), reason=self.reason.data)


@form_for(Action.UNDO_ALLOCATE)
class UndoAllocateForm(ActionForm):
    title = "Take back who looks into it"
    button = "Take it back"

    def command(self) -> c.UndoAllocate:
        named = self.view.state.holder
        if named is None:
            raise ValueError("the step is open only where somebody was just named")
        return c.UndoAllocate(seq=self.view.version, of=named)


def _person(field: People) -> StaffRef:
    if field.ref is None:
        raise ValueError("validate has not been asked")
    return field.ref


@form_for(Action.DECLARE_CONFLICT)
class DeclareConflictForm(ActionForm):
    title = "Declare a conflict of interest"
    button = "Declare and pass the case on"

    staff = People("Who has the conflict of interest?", [chosen("Choose who has the conflict of interest")])
    reason = long(
        "Why",
        "Only what colleagues need to know. This person can no longer open the case.",
        required("Write why"),
    )

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        return {"staff": str(actor.id)}

    def prepare(self) -> None:
        self.staff.offer(candidates.colleagues())

    def command(self) -> c.DeclareConflict:
        return c.DeclareConflict(staff=_person(self.staff), reason=self.reason.data)


@form_for(Action.ACKNOWLEDGE)
class AcknowledgeForm(ActionForm):
    title = "Acknowledge"
    button = "Send"
    translated = ("message",)

    message = long(
        "A personal message", "The letter already says all that it must. You may add a few words.", optional()
    )

    def command(self) -> c.Acknowledge:
        return c.Acknowledge(message=self.said_or_none("message"))


class RefusalForm(ActionForm):
    """What refusing a complaint and refusing an escalation have in common (Code 2.1 to 2.5, 5.11)."""

    button = "Send"
    translated = ("reasons", "evidence", "exceptional")

    ground = RadioField("Ground", [required("Choose a ground that the Code allows")])
    court_filed_on = DateParts(
        "If it is before a court: the claim form and particulars were filed on", [optional()]
    )
    aware_on = DateParts(
        "If it is too old: the day on which it happened or, if later, on which the resident learnt of it",
        [optional()],
    )
    reasons = long("Why, for this case on its own merits", "The letter says this.")
    evidence = long("What this rests on", "Dates, papers, earlier references.")
    exceptional = long("How you weighed whether to make an exception")
    approver = People("Who approved this", [chosen("Choose who approved this")], description=YES)

    def grounds(self) -> Iterable[Ground]:
        """What the landlord's file and the Code allow."""
        raise NotImplementedError

    @property
    def choosable(self) -> list[Ground]:
        """The grounds with what staff must weigh."""
        return list(self.grounds())

    def prepare(self) -> None:
        self.ground.choices = choices([(g.id, g.words) for g in self.choosable])
        self.approver.offer(candidates.approvers(self.view.policy.landlord.approvals.refusal))

    @property
    def cautions(self) -> dict[str, str]:
        """For each ground what to weigh, and what to do instead."""
        return {g.id: " ".join(part for part in (g.caution, g.instead) if part) for g in self.choosable}

    def filled(self) -> dict[str, Any]:
        """The parts that both commands share."""
        return {
            "ground": self.ground.data,
            "reasons": self.said("reasons"),
            "evidence": self.said("evidence"),
            "exceptional": self.said("exceptional"),
            "approver": _person(self.approver),
            "court_filed_on": self.court_filed_on.data,
            "aware_on": self.aware_on.data,
        }


@form_for(Action.NOT_ACCEPT)
class NotAcceptForm(RefusalForm):
    title = "Do not take on this complaint"

    def grounds(self) -> Iterable[Ground]:
        return [g for g in self.view.policy.landlord.exclusions if g.usable]

    def command(self) -> c.NotAccept:
        return c.NotAccept(**self.filled())


@form_for(Action.DECLINE_ESCALATION)
class DeclineEscalationForm(RefusalForm):
    title = "Do not take on this escalation"

    def grounds(self) -> Iterable[Ground]:
        landlord = self.view.policy.landlord
        fit = [g for g in (*landlord.escalation.refusals, *landlord.exclusions) if g.usable and g.code_ground]
        return {g.id: g for g in reversed(fit)}.values()

    def command(self) -> c.DeclineEscalation:
        return c.DeclineEscalation(**self.filled())


@form_for(Action.ACCEPT_BY_ORDER)
class AcceptByOrderForm(ActionForm):
    title = "Take it on by order of the Ombudsman"
    button = "Take it on"

    ordered_on = DateParts("Day of the order", missing="Enter the day of the order")
    words = long("What the Ombudsman said", "", required("Write what the Ombudsman said"))

    def command(self) -> c.AcceptByOrder:
        return c.AcceptByOrder(words=self.words.data, ordered_on=day_of(self.ordered_on))
