"""Putting things right: remedies and payments offered, and what the resident said to them."""

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, FieldList, FormField, RadioField, StringField

from shared.cases import commands as c
from shared.cases.case_view import CaseView
from shared.cases.colleagues import candidates
from shared.identity.actors import Staff
from shared.policy.rules import FixedSum
from shared.vocab import Action
from shared.web.forms import DateParts, at_most, choices, optional, required
from staff.forms.base import (
    YES,
    ActionForm,
    People,
    Row,
    form_for,
    long,
    pence,
    pounds,
    short,
    within_calendar,
    yes_no,
)

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
