"""While it takes longer: more time, the resident's word on it, updates and mediation."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import BooleanField, RadioField

from shared.cases import case_clocks
from shared.cases import commands as c
from shared.cases.case_view import CaseView
from shared.cases.colleagues import candidates
from shared.identity.actors import Staff
from shared.vocab import Action
from shared.web.forms import choices, optional, required
from staff.forms.base import (
    YES,
    ActionForm,
    People,
    form_for,
    long,
    number,
    said_yes_to,
    short,
    whole_number,
    yes_no,
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
