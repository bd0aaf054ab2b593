"""Sorting several cases at once: choose, look at what will happen, and see what came of it for each."""

from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from shared import clock
from shared.cases import commands as c
from shared.cases import flow, wording
from shared.cases.colleagues import bulk, candidates
from shared.cases.guards import LONGEST_TAG
from shared.cases.inbox import lists
from shared.cases.inbox.lists import SORTERS
from shared.cases.inbox.rows import InboxRow
from shared.cases.state import StaffRef
from shared.identity.actors import Staff
from shared.identity.roles import Permission, may
from shared.vocab import Action
from shared.web.access import actor, staff
from shared.web.forms import DateParts, Form, at_most, choices, required
from shared.web.render import render, see_other
from staff import listing
from staff.blueprint import pages

HANDLERS = flow.CASEWORK | flow.REVIEWERS  # of either stage; each case says whether this one fits


class Assign(Form):
    """Who is to look into them."""

    to = SelectField("Who is to look into these cases?", [required("Choose a person")], validate_choice=True)
    reason = StringField("Reason, for colleagues only", [at_most(300)])

    title = "Assign cases"
    button = "Assign"

    def prepare(self) -> None:
        self.people = {str(p.id): p for p in candidates.holding(HANDLERS)}
        rows = [
            (number, f"{p.name}, {p.job} ({p.load} open{f'; {p.away}' if p.away else ''})")
            for number, p in self.people.items()
        ]
        self.to.choices = choices([("", "Choose a person"), *rows])

    def command(self) -> c.Command:
        p = self.people[self.to.data]
        to = StaffRef(id=p.id, name=p.name, job=p.job, phone=p.phone, email=p.email)
        return c.Allocate(to=to, reason=self.reason.data or "")

    def what(self) -> str:
        return f"Assign to {self.people[self.to.data].name}"


class Tag(Form):
    """Labels to put on and to take off."""

    add = StringField("Tags to put on")
    remove = StringField("Tags to take off")

    title = "Tag cases"
    button = "Change the tags"

    def prepare(self) -> None:
        """Nothing depends on the cases."""

    def validate_add(self, field: Any) -> None:
        if not _tags(field.data) and not _tags(self.remove.data):
            raise ValidationError("Enter a tag to put on or to take off")
        if any(len(tag) > LONGEST_TAG for tag in _tags(field.data)):
            raise ValidationError(f"Use {LONGEST_TAG} characters or fewer for each tag")

    def command(self) -> c.Command:
        return c.Tag(add=_tags(self.add.data), remove=_tags(self.remove.data))

    def what(self) -> str:
        on, off = ", ".join(_tags(self.add.data)), ", ".join(_tags(self.remove.data))
        parts = (f"Tag with {on}" if on else "", f"take off {off}" if off else "")
        return "; ".join(part for part in parts if part)


class Remind(Form):
    """A day and a reason."""

    on = DateParts("On which day?", missing="Enter the day")
    reason = TextAreaField("Why?", [required("Write why you want to look again"), at_most(300)])

    title = "Set a reminder"
    button = "Set the reminder"

    def prepare(self) -> None:
        """Nothing depends on the cases."""

    def validate_on(self, field: Any) -> None:
        if field.data is not None and field.data <= clock.today():
            raise ValidationError("Enter a day after today")

    def command(self) -> c.Command:
        return c.Remind(on=self.on.data, reason=self.reason.data)

    def what(self) -> str:
        return f"Remind on {self.on.data:%-d %B %Y}: {self.reason.data}"


FORMS: dict[str, type[Assign] | type[Tag] | type[Remind]] = {"assign": Assign, "tag": Tag, "remind": Remind}
TAKES = {"assign": Action.ALLOCATE, "tag": Action.TAG, "remind": Action.REMIND}


def steps(person: Staff) -> list[str]:
    """The steps that somebody may take on several cases, by their names in FORMS."""
    return [step for step, action in TAKES.items() if flow.ever(person.roles, action)]


def _tags(text: str | None) -> tuple[str, ...]:
    found = (" ".join(part.split()) for part in (text or "").split(","))
    return tuple(dict.fromkeys(tag for tag in found if tag))


@pages.get("/many")
@staff(*SORTERS)
def many_cases() -> ResponseReturnValue:
    """What will happen, to which cases: nothing is done yet."""
    state = listing.asked(request.args, actor())
    if request.args.get("which") == "all":
        rows = lists.members(actor(), state.tab, state.filters)
    else:
        rows = lists.chosen(actor(), request.args.getlist("ref"))
    form = _form(request.args.get("step", ""))
    return _review(form, request.args.get("step", ""), rows, state)


@pages.post("/many")
@staff(*SORTERS)
def many_post() -> ResponseReturnValue:
    """Take the step on each case, and show what came of it."""
    step = request.form.get("step", "")
    form = _form(step)
    seen = dict(_seen(pair) for pair in request.form.getlist("seen")[: lists.BULK_CAP])
    if not seen or not form.validate():
        state = listing.asked(request.args, actor())
        return _review(form, step, lists.chosen(actor(), list(seen)), state, 422)
    number = bulk.run(form.what(), form.command(), seen, actor())
    return see_other(listing.asked(request.args, actor()).url("staff.many_done", number=number))


@pages.get("/many/<int(max=2147483647):number>")
@staff(*SORTERS)
def many_done(number: int) -> ResponseReturnValue:
    """What came of a step on several cases, one line for each."""
    run = bulk.found(number, actor())
    if run is None:
        abort(404)
    state = listing.asked(request.args, actor())
    open_book = may(actor().roles, Permission.SEES_PERSONAL_DATA)
    rows = lists.chosen(actor(), [one.ref for one in run.results]) if open_book else ()
    return render("staff/many_done.html", run=run, state=state, names={row.ref: row.resident for row in rows})


@pages.post("/many/<int(max=2147483647):number>/undo")
@staff(*SORTERS)
def many_undo(number: int) -> ResponseReturnValue:
    """Take it back where nothing happened since."""
    if bulk.found(number, actor()) is None:
        abort(404)
    back = bulk.undo(number, actor())
    return see_other(listing.asked(request.args, actor()).url("staff.many_done", number=back or number))


def _form(step: str) -> Assign | Tag | Remind:
    if step not in FORMS:
        abort(404)
    if step not in steps(actor()):
        abort(403)
    form = FORMS[step]()
    form.prepare()
    return form


def _seen(pair: str) -> tuple[str, int]:
    ref, _, version = pair.partition("@")
    return ref[:24], int(version) if version.isascii() and version.isdigit() and len(version) < 9 else -1


def _review(
    form: Assign | Tag | Remind,
    step: str,
    rows: tuple[InboxRow, ...],
    state: listing.State,
    status: int = 200,
) -> ResponseReturnValue:
    return render(
        "staff/many.html",
        status=status,
        form=form,
        step=step,
        rows=rows,
        state=state,
        wording=wording,
        open_book=may(actor().roles, Permission.SEES_PERSONAL_DATA),
    )
