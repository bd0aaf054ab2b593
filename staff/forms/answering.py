"""Answering a complaint: decisions, remedies, more time, updates, mediation and the response."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from wtforms import BooleanField, FieldList, FormField, RadioField, StringField, TextAreaField

from shared import i18n
from shared.cases import case_clocks
from shared.cases import commands as c
from shared.cases.case_view import CaseView
from shared.cases.colleagues import candidates
from shared.cases.state import Point
from shared.identity.actors import Staff
from shared.letters.facts import Words
from shared.policy.rules import FixedSum
from shared.vocab import Action, Finding
from shared.web.forms import DateParts, at_most, choices, optional, required
from staff.forms.base import (
    LONG,
    YES,
    ActionForm,
    People,
    Row,
    form_for,
    long,
    number,
    pence,
    pounds,
    said_yes_to,
    short,
    translation,
    whole_number,
    within_calendar,
    yes_no,
)

FINDINGS = {
    Finding.UPHELD: "Upheld",
    Finding.PARTLY_UPHELD: "Partly upheld",
    Finding.NOT_UPHELD: "Not upheld",
}
KINDS = {
    "apology": "Apology",
    "explanation": "Explanation",
    "action": "Action or repair",
    "reconsideration": "Looking at a decision again",
    "correction": "Correcting a record",
    "money": "Money",
    "change_of_policy": "Change of policy or practice",
}
MOST_LINES = 20


class DecisionRow(Row):
    """The decision on one point (Code 6.7, 6.9)."""

    finding = RadioField("Finding", [optional()], choices=choices(FINDINGS.items()))
    reasons = TextAreaField("Reasons", [at_most(LONG)])
    basis = TextAreaField("The policy, law or good practice that this rests on", [at_most(LONG)])
    apology = TextAreaField("What went wrong, and our apology", [optional(), at_most(LONG)])


TRANSLATED_ROW = ("reasons", "basis", "apology")


@form_for(Action.DECIDE)
class DecideForm(ActionForm):
    title = "Decide the points"
    button = "Save decisions"
    points: tuple[Point, ...] = ()

    @classmethod
    def fitted(cls, view: CaseView, asked: Mapping[str, str]) -> type[ActionForm]:
        definition = view.state.definition
        points = definition.points if definition else ()
        wanted = tuple(p for p in points if str(p.number) == asked.get("point")) or points
        row: Any = DecisionRow
        if view.state.language != i18n.SOURCE:
            extra = {f"{name}_translation": translation(view) for name in TRANSLATED_ROW}
            row = type("DecisionRow", (DecisionRow,), extra)
        blocks: dict[str, Any] = {f"p{p.number}": FormField(row, f"Point {p.number}") for p in wanted}
        return type(cls.__name__, (cls,), {**blocks, "points": wanted})

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for at, decision in view.state.decisions_at(view.state.stage_number).items():
            words = {name: getattr(decision, name) for name in TRANSLATED_ROW}
            found[f"p{at}"] = {
                "finding": decision.finding.value,
                **{name: w.text if w else "" for name, w in words.items()},
                **{f"{name}_translation": (w.translation or "") if w else "" for name, w in words.items()},
            }
        return found

    @property
    def blocks(self) -> list[tuple[Point, Any]]:
        """Each point with its part of the form."""
        return [(point, self._fields[f"p{point.number}"].form) for point in self.points]

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        filled = [block for _, block in self.blocks if _touched(block)]
        if not filled:
            self.refuse("", "Decide at least one point")
            return False
        for block in filled:
            if not block.finding.data:
                block.refuse("finding", "Choose a finding for this point")
                good = False
        return good

    def command(self) -> c.Decide:
        """One save decides every point that was filled in."""
        first, *others = [_decision(point, block) for point, block in self.blocks if _touched(block)]
        return c.Decide(**msgspec.structs.asdict(first), others=tuple(others))

    def refuse_at(self, command: c.Command, field: str, text: str) -> None:
        """Put a refusal of one decision beside the control of its point."""
        assert isinstance(command, c.Decide)  # noqa: S101 - this form makes no other
        name, _, at = field.partition(":")
        block = {p.number: b for p, b in self.blocks}[int(at) if at else command.point]
        if name in block:
            block.refuse(name, text)
        else:
            self.refuse(name, text)


def _touched(block: Any) -> bool:
    return any(block[name].data for name in ("finding", *TRANSLATED_ROW))


def _decision(point: Point, block: Any) -> c.PointDecision:
    def words(name: str) -> Words:
        other = block[f"{name}_translation"].data if f"{name}_translation" in block else ""
        return Words(block[name].data, translation=other or None)

    return c.PointDecision(
        point=point.number,
        finding=Finding(block.finding.data),
        reasons=words("reasons"),
        basis=words("basis"),
        apology=words("apology") if block.apology.data else None,
    )


class SumRow(Row):
    """One line of the breakdown of a payment."""

    text = StringField("What for", [at_most(300)])
    amount = StringField("Amount in pounds", [pounds(), at_most(20)])


@form_for(Action.OFFER_REMEDY)
class OfferRemedyForm(ActionForm):
    title = "Offer a remedy"
    button = "Save remedy"
    translated = ("text",)

    kind = RadioField("Kind", [required("Choose the kind of remedy")], choices=choices(KINDS.items()))
    text = long("What we will do", "As the letter will say it.")
    by_on = DateParts("By when", [optional(), within_calendar()])
    amount = short("Amount in pounds", "For money only, such as 150.00.", optional(), pounds())
    breakdown = FieldList(
        FormField(SumRow), "What the amount is made of", min_entries=1, max_entries=MOST_LINES
    )
    factors = long("What was weighed", "How long, how often, how severe, and what it meant.", optional())
    offset_arrears = BooleanField("Set against arrears")
    ordered_by_ombudsman = BooleanField("The Ombudsman ordered this")
    approver = People("Who approved it, if it is above your own limit", description=YES)

    def prepare(self) -> None:
        self.approver.offer(candidates.colleagues())

    @property
    def tariff(self) -> tuple[FixedSum, ...]:
        """Fixed sums in force today: a suggestion, never an award."""
        from shared import clock

        return self.view.policy.tariff(clock.today())

    def command(self) -> c.OfferRemedy:
        total = pence(self.amount.data) or 0
        rows = [(row.form.text.data, pence(row.form.amount.data) or 0) for row in self.breakdown]
        lines = tuple((text or self.text.data[:300], sum_) for text, sum_ in rows if text or sum_)
        money = self.kind.data == "money"
        if money and not lines and total:
            lines = ((self.text.data[:300], total),)
        return c.OfferRemedy(
            kind=self.kind.data,
            text=self.said("text"),
            by_on=self.by_on.data,
            amount_pence=total if money else 0,
            breakdown=lines if money else (),
            factors=self.factors.data,
            ordered_by_ombudsman=self.ordered_by_ombudsman.data,
            offset_arrears=self.offset_arrears.data,
            approver=self.approver.ref,
        )


@form_for(Action.SETTLE_REMEDY)
class SettleRemedyForm(ActionForm):
    title = "Record the answer to a remedy, or its payment"

    number = RadioField("Which remedy?", [required("Choose the remedy")])
    accepted = RadioField(
        "What does the resident say?",
        choices=choices([("", "No answer yet"), ("yes", "Accepted"), ("no", "Turned down")]),
        default="",
    )
    paid_on = DateParts("Paid on", [optional()])

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        wanted = asked.get("number") or (str(view.state.remedies[0].number) if view.state.remedies else "")
        found = next((r for r in view.state.remedies if str(r.number) == wanted), None)
        if found is None or (len(view.state.remedies) > 1 and "number" not in asked):
            return {"accepted": ""}
        said = "" if found.accepted is None else ("yes" if found.accepted else "no")
        return {"number": str(found.number), "accepted": said, "paid_on": found.paid_on}

    def prepare(self) -> None:
        self.number.choices = choices(
            [(r.number, f"{r.number}. {r.text.text}") for r in self.view.state.remedies]
        )

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and not self.accepted.data and self.paid_on.data is None:
            self.refuse("accepted", "Say what the resident answered, or when it was paid")
            return False
        return good

    def command(self) -> c.SettleRemedy:
        return c.SettleRemedy(
            number=int(self.number.data), accepted=yes_no(self.accepted.data), paid_on=self.paid_on.data
        )


@form_for(Action.EXTEND)
class ExtendForm(ActionForm):
    title = "Take more time"
    button = "Send"
    translated = ("reason", "so_far")

    days = short("How many more working days?", "", required("Enter the number of days"), whole_number(999))
    reason_code = RadioField("Reason", [optional()])
    reason = long("The reason, as the letter will say it")
    so_far = long("What we have found so far", "", optional())
    agreement_sought = BooleanField("We asked the resident whether they agree")
    agreed = RadioField(
        "What did the resident say?",
        choices=choices([("", "No answer yet"), ("yes", "Agrees"), ("no", "Does not agree")]),
        default="",
    )
    agreement_words = short("What they said, and how", "Where they have answered already.", optional())
    approver = People("Who approved this", description=YES)
    exceptional = BooleanField("The circumstances are exceptional, and this goes beyond the usual limit")

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        return {"agreed": "", **said_yes_to(view, cls.action, "approver")}

    def prepare(self) -> None:
        rule = case_clocks.extension_rule(self.view.policy.landlord, self.view.state.stage_number)
        reasons = [(r.id, r.words) for r in rule.reasons] if rule else []
        self.reason_code.choices = choices([*reasons, *([] if reasons else [("other", "Another reason")])])
        self.approver.offer(candidates.approvers(self.view.policy.extension_approver(self._stage)))

    @property
    def _stage(self) -> int:
        return self.view.state.stage_number

    @property
    def old_due_on(self) -> date | None:
        """The date that would be put off."""
        due = case_clocks.response_duty(self.view.state, self.view.clocks)
        return due.due_on if due else None

    @property
    def cap(self) -> int:
        """The most working days of a first extension."""
        return self.view.policy.extension_cap(self._stage)

    @property
    def used(self) -> int:
        """Working days already taken."""
        return self.view.state.extended_by(self._stage)

    @property
    def latest(self) -> date | None:
        """The day that the cap leads to, where the holidays are known so far."""
        if self.old_due_on is None or self.used >= self.cap:
            return None
        try:
            return self.view.calendar.add_working_days(self.old_due_on, self.cap - self.used)
        except ValueError:
            return None

    def command(self) -> c.Extend:
        return c.Extend(
            days=number(self.days.data, 999) or 0,
            reason_code=self.reason_code.data or "",
            reason=self.said("reason"),
            so_far=self.said_or_none("so_far"),
            agreement_sought=self.agreement_sought.data,
            agreed=yes_no(self.agreed.data),
            agreement_words=self.agreement_words.data,
            approver=self.approver.ref,
            exceptional=self.exceptional.data,
        )


@form_for(Action.ANSWER_EXTENSION)
class AnswerExtensionForm(ActionForm):
    title = "Record the answer to the new date"

    agreed = RadioField(
        "Does the resident agree?",
        [required("Choose whether the resident agrees")],
        choices=choices([("yes", "Yes"), ("no", "No")]),
    )
    words = long("What the resident said", "", optional())

    def command(self) -> c.AnswerExtension:
        return c.AnswerExtension(agreed=bool(yes_no(self.agreed.data)), words=self.words.data)


@form_for(Action.UPDATE_RESIDENT)
class UpdateResidentForm(ActionForm):
    title = "Send a progress update"
    button = "Send"
    translated = ("message",)

    message = long("What has happened since we last wrote, and what comes next")

    def command(self) -> c.UpdateResident:
        return c.UpdateResident(message=self.said("message"))


@form_for(Action.MEDIATE)
class MediateForm(ActionForm):
    title = "Record mediation"

    words = long("Who offered or asked for mediation, and what was said", "It changes no date.")
    answer = long("The answer", "", optional())

    def command(self) -> c.Mediate:
        return c.Mediate(words=self.words.data, answer=self.answer.data)


@form_for(Action.RESPOND)
class RespondForm(ActionForm):
    title = "Send the response"
    button = "Send"
    translated = ("decision", "steps_taken", "apology", "no_remedy_reason", "learning")

    decision = long("The decision in short", "It stands before the points.")
    steps_taken = long("What we did to look into it")
    apology = long("Our apology", "", optional())
    no_remedy_reason = long(
        "Why there is nothing to put right", "Needed only where no remedy is offered.", optional()
    )
    nothing_outstanding = BooleanField("Nothing is left for us to do")
    learning = long("What we have learned", "", optional())
    contributors = long("Teams or jobs that took part", "One a line.", optional())
    checked_by = People("Who has checked this letter", description=YES)

    @classmethod
    def fitted(cls, view: CaseView, asked: Mapping[str, str]) -> type[ActionForm]:
        made = super().fitted(view, asked)
        if view.state.stage_number == 2 and view.policy.landlord.stage_2.letter_check is not None:
            return made
        return type(made.__name__, (made,), {"checked_by": None})

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        owed = bool(view.state.open_commitments)
        return {
            "learning": view.state.learning,
            "nothing_outstanding": False if owed else None,
            **said_yes_to(view, cls.action, "checked_by"),
        }

    def prepare(self) -> None:
        if "checked_by" in self._fields:
            people = candidates.colleagues(self.view.policy.landlord.stage_2.letter_check)
            self.checked_by.offer(tuple(p for p in people if p.id != self.actor.id))

    def command(self) -> c.Respond:
        return c.Respond(
            decision=self.said("decision"),
            steps_taken=self.said("steps_taken"),
            apology=self.said_or_none("apology"),
            no_remedy_reason=self.said_or_none("no_remedy_reason"),
            nothing_outstanding=self.nothing_outstanding.data,
            learning=self.said_or_none("learning"),
            contributors=self.contributors.data,
            checked_by=self.checked_by.ref if "checked_by" in self._fields else None,
        )
