"""Working on a case together: second readers, taking a letter back, tags, reminders, links, visits, panels."""

from collections.abc import Mapping
from typing import Any, cast

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, RadioField
from wtforms.validators import ValidationError

from shared.cases import approvals, linking, queries, service
from shared.cases import commands as c
from shared.cases.case_view import CaseView
from shared.cases.colleagues import action_drafts, candidates
from shared.cases.state import StaffRef
from shared.cases.wording import PANEL_STEPS
from shared.clock import today
from shared.identity.actors import Staff
from shared.identity.roles import Permission, holders
from shared.identity.tokens import parse_reference
from shared.vocab import Action, Channel
from shared.web.forms import DateParts, choices, optional, required
from staff.forms.base import (
    FORMS,
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
