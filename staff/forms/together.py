"""Working on a case together: taking a letter back, tags, reminders, tasks, links, visits and panels."""

from collections.abc import Mapping
from typing import Any, cast

from wtforms import HiddenField, RadioField
from wtforms.validators import ValidationError

from shared.cases import commands as c
from shared.cases import linking, queries, service
from shared.cases.case_view import CaseView
from shared.cases.colleagues import candidates
from shared.cases.state import StaffRef
from shared.cases.wording import PANEL_STEPS
from shared.clock import today
from shared.identity.actors import Staff
from shared.identity.roles import Permission, holders
from shared.identity.tokens import parse_reference
from shared.vocab import Action, Channel
from shared.web.forms import DateParts, choices, optional, required
from staff.forms.base import (
    ActionForm,
    People,
    chosen,
    day_of,
    form_for,
    long,
    short,
    within_calendar,
    yes_no,
)


@form_for(Action.UNDO_SEND)
class UndoSendForm(ActionForm):
    title = "Take the letter back"
    button = "Take it back"

    seq = HiddenField()

    def command(self) -> c.UndoSend:
        return c.UndoSend(seq=self.view.version)


@form_for(Action.TAG)
class TagForm(ActionForm):
    title = "Change tags"

    tags = short(
        "Tags", "Parted by commas. They help to find like cases again and change nothing else.", optional()
    )

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        return {"tags": ", ".join(view.state.tags)}

    def command(self) -> c.Tag:
        said = [" ".join(part.split()) for part in self.tags.data.split(",")]
        wanted = tuple(dict.fromkeys(tag for tag in said if tag))
        known = self.view.state.tags
        return c.Tag(
            add=tuple(tag for tag in wanted if tag not in known),
            remove=tuple(tag for tag in known if tag not in wanted),
        )

    def refuse(self, field: str, text: Any) -> None:
        super().refuse("tags" if field in {"add", "remove"} else field, text)


@form_for(Action.REMIND)
class RemindForm(ActionForm):
    title = "Set a reminder"
    button = "Save reminder"

    on = DateParts("Look at the case again on", [optional(), within_calendar()])
    reason = long("Why", "It hides no date and stops none. Empty both to end a reminder.", optional())

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        known = view.state.reminder
        return {"on": known.on, "reason": known.reason} if known else {}

    def command(self) -> c.Remind:
        return c.Remind(on=self.on.data, reason=self.reason.data)


@form_for(Action.ADD_TASK)
class AddTaskForm(ActionForm):
    title = "Give somebody a task"
    button = "Give the task"

    text = short("What is to be done", "It stays among colleagues. For what we promise, make a promise.")
    owner = People("Who does it", [chosen("Choose who does it")])
    due_on = DateParts("By when", missing="Enter the day by which it is to be done")

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        return {"owner": str(actor.id)}

    def prepare(self) -> None:
        self.owner.offer(candidates.holding(holders(Permission.SEES_INBOX)))

    def command(self) -> c.AddTask:
        return c.AddTask(
            text=self.text.data, owner=cast(StaffRef, self.owner.ref), due_on=day_of(self.due_on)
        )


@form_for(Action.FINISH_TASK)
class FinishTaskForm(ActionForm):
    title = "Mark a task as done"
    button = "Mark as done"

    number = RadioField("Which task?", [required("Choose the task")])
    words = long("What came of it", "", optional())

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        numbers = [str(task.number) for task in view.state.open_tasks]
        return {"number": asked.get("number") or (numbers[0] if len(numbers) == 1 else None)}

    def prepare(self) -> None:
        self.number.choices = choices(
            [(task.number, f"{task.text} ({task.owner})") for task in self.view.state.open_tasks]
        )

    def command(self) -> c.FinishTask:
        return c.FinishTask(number=int(self.number.data), words=self.words.data)


@form_for(Action.LINK)
class LinkForm(ActionForm):
    title = "Link a case, or raise a new complaint"
    button = "Link"

    how = RadioField(
        "What do you want to do?",
        [required("Choose what you want to do")],
        choices=choices(
            [
                ("link", "Link a case that we have"),
                ("raise", "Raise a new complaint for the same person: both run side by side"),
            ]
        ),
    )
    ref = short("Reference of the other case", "", optional())
    what = long("For a new complaint: what has gone wrong, in their own words", "", optional())
    wanted = long("For a new complaint: what they would like us to do", "", optional())
    why = long("How the two belong together", "Such as: a new point that came after our answer.")

    def validate_ref(self, field: Any) -> None:
        """The other case has to be one that this person may see."""
        if self.how.data != "link":
            return
        try:
            queries.case(parse_reference(field.data) or "", self.actor)
        except service.NoSuchCase:
            raise ValidationError("Enter the reference of a case that you can open") from None

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if self.how.data == "link" and not self.ref.data:
            self.refuse("ref", "Enter the reference of the other case")
            return False
        if self.how.data == "raise" and not self.what.data:
            self.refuse("what", "Write what has gone wrong")
            return False
        return good

    def command(self) -> c.Link:
        return c.Link(ref=parse_reference(self.ref.data) or self.view.ref, why=self.why.data)

    def carry_out(self, seen: int, form: str = "") -> service.Done | None:
        if self.how.data == "link":
            link = self.command()
            done = service.perform(self.view.ref, link, self.actor, seen=seen, form=form, merge=True)
            if not done.again:
                service.perform(link.ref, c.Link(ref=self.view.ref, why=link.why), self.actor)
            return done
        if not self.why.data:
            return super().carry_out(seen, form)  # the guard says what is missing
        linking.raise_complaint(
            self.view.ref,
            self.what.data,
            self.why.data,
            self.actor,
            wanted=self.wanted.data,
            channel=Channel.PHONE,
            form=form,
        )
        return None


@form_for(Action.OFFER_VISIT)
class OfferVisitForm(ActionForm):
    title = "Record the offer of a home visit"

    words = long("How it was offered, and what they said")
    accepted = RadioField(
        "Their answer",
        choices=choices([("", "No answer yet"), ("yes", "They would like a visit"), ("no", "No visit")]),
        default="",
    )

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        return {"accepted": ""}

    def command(self) -> c.OfferVisit:
        return c.OfferVisit(words=self.words.data, accepted=yes_no(self.accepted.data))


@form_for(Action.HOLD_PANEL)
class HoldPanelForm(ActionForm):
    title = "Record a step of the panel"

    step = RadioField(
        "What happened?", [required("Choose what happened")], choices=choices(PANEL_STEPS.items())
    )
    happened_on = DateParts("On which day?", missing="Enter the day")
    words = long("What was said or decided")
    attended = RadioField("Did the resident attend?", [optional()])
    resolved = RadioField("Is the matter resolved?", [optional()])

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        return {"happened_on": today(), "attended": "", "resolved": ""}

    def prepare(self) -> None:
        answers = choices([("", "Does not apply"), ("yes", "Yes"), ("no", "No")])
        self.attended.choices = self.resolved.choices = answers

    def command(self) -> c.HoldPanel:
        return c.HoldPanel(
            step=self.step.data,
            happened_on=day_of(self.happened_on),
            words=self.words.data,
            attended=yes_no(self.attended.data),
            resolved=yes_no(self.resolved.data),
        )
