"""Promises: who owes what by when, the proof that it is done, and the resident's own word on it."""

from collections.abc import Mapping
from typing import Any

from wtforms import RadioField

from shared import clock
from shared.cases import commands as c
from shared.cases.case_view import CaseView
from shared.cases.colleagues import candidates
from shared.cases.state import Commitment, StaffRef
from shared.identity.actors import Staff
from shared.vocab import Action
from shared.web.forms import DateParts, Files, choices, optional, required
from staff.forms.base import ActionForm, People, day_of, form_for, long, short, within_calendar, yes_no


class OwnerForm(ActionForm):
    """A promise's owner: a colleague, or a team or contractor by name."""

    owner = People("Who sees to it")
    owner_name = short(
        "Or a team or contractor", "The letter names the team or job, not a colleague.", optional()
    )

    def prepare(self) -> None:
        self.owner.offer(candidates.colleagues())

    @property
    def shown(self) -> list[Any]:
        """What, who, when."""
        fields = super().shown
        return [f for f in fields if "owner" not in f.name] + [f for f in fields if "owner" in f.name]

    @property
    def chosen_owner(self) -> StaffRef:
        """Whoever was chosen; a name alone has no account behind it. Nobody is for the guard to see."""
        if self.owner_name.data:
            return StaffRef(id=0, name=self.owner_name.data)
        return self.owner.ref or StaffRef(id=0, name="")


class PromiseForm(ActionForm):
    """A form about one promise of the case."""

    number = RadioField("Which promise?", [required("Choose the promise")])

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        promise = cls.asked_for(view, asked)
        return {"number": str(promise.number)} if promise else {}

    @classmethod
    def asked_for(cls, view: CaseView, asked: Mapping[str, str]) -> Commitment | None:
        """The promise that a link named, or the only one that is still owed."""
        for promise in view.state.commitments:
            if str(promise.number) == asked.get("number"):
                return promise
        owed = view.state.open_commitments
        return owed[0] if len(owed) == 1 else None

    def prepare(self) -> None:
        self.number.choices = choices(
            [(p.number, f"{p.number}. {p.text.text}") for p in self.view.state.commitments]
        )


@form_for(Action.COMMIT)
class CommitForm(OwnerForm):
    title = "Make a promise"
    button = "Save promise"
    translated = ("text",)

    text = long("What we promise to do", "As the letter will say it.")
    due_on = DateParts("By when", [within_calendar()], missing="Enter the day by which it will be done")

    def command(self) -> c.Commit:
        return c.Commit(text=self.said("text"), owner=self.chosen_owner, due_on=day_of(self.due_on))


@form_for(Action.COMPLETE_COMMITMENT)
class CompleteCommitmentForm(PromiseForm):
    title = "Mark a promise as done"
    button = "Mark as done"
    takes_files = True
    internal_files = False

    completed_on = DateParts("Done on", missing="Enter the day on which it was done")
    proof = long("How we know", "Or add a photo below. The resident is asked whether it is done.", optional())
    uploads = Files("Photo or paper", [optional()])

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        return {**super().start(view, actor, asked), "completed_on": clock.today()}

    def command(self) -> c.CompleteCommitment:
        return c.CompleteCommitment(
            number=int(self.number.data),
            completed_on=day_of(self.completed_on),
            proof=self.proof.data,
            files=self.files,
        )


@form_for(Action.MOVE_COMMITMENT)
class MoveCommitmentForm(PromiseForm, OwnerForm):
    title = "Move a promise"
    button = "Save the new date"
    translated = ("reason",)

    due_on = DateParts("New date", [within_calendar()], missing="Enter the new date")
    reason = long("Why", "Where the date changes, the resident gets a letter that gives this reason.")

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        promise = cls.asked_for(view, asked)
        if promise is None:
            return {}
        owner = str(promise.owner_id) if promise.owner_id else ""
        return {
            "number": str(promise.number),
            "due_on": promise.due_on,
            "owner": owner,
            "owner_name": "" if owner else promise.owner,
        }

    def prepare(self) -> None:
        PromiseForm.prepare(self)
        OwnerForm.prepare(self)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and not self.chosen_owner.name:
            self.refuse("owner", "Choose who sees to it, or write the team or contractor")
            return False
        return good

    def command(self) -> c.MoveCommitment:
        return c.MoveCommitment(
            number=int(self.number.data),
            due_on=day_of(self.due_on),
            owner=self.chosen_owner,
            reason=self.reason.data,
            translation=self.said("reason").translation or "",
        )


@form_for(Action.CONFIRM_COMMITMENT)
class ConfirmCommitmentForm(PromiseForm):
    title = "Record the resident's word on a promise"

    done = RadioField(
        "What does the resident say?",
        [required("Choose what the resident says")],
        choices=choices([("yes", "It is done"), ("no", "It is not done")]),
    )
    words = long("In the resident's own words", "", optional())

    def command(self) -> c.ConfirmCommitment:
        return c.ConfirmCommitment(
            number=int(self.number.data), done=bool(yes_no(self.done.data)), words=self.words.data
        )
