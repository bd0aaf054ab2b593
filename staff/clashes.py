"""What happened on a case while somebody filled in a form: what of it stands against theirs, answer by answer.

A form knows its answers as they were when it was opened (`then`), as they would be now, and as they were typed.
From the three follows what is put together by itself, and what a person has to choose.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FileField, FormField, HiddenField, SelectMultipleField
from wtforms.fields.choices import SelectFieldBase

from shared.cases import clashes, effects
from shared.cases.case_view import CaseView
from shared.cases.effects import Happened
from shared.cases.state import StaffRef
from shared.letters.facts import Words
from shared.web.forms import DateParts, tidy
from staff.forms.base import ActionForm

Controls = dict[str, list[str]]  # what a browser would send, by control name
Make = Callable[..., ActionForm]  # (view, formdata=..., data=...) -> the form of this action


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a form: a line, a day, a list. `words` is how a person reads it."""

    label: str
    controls: Controls
    words: str


@dataclass(frozen=True, slots=True)
class Beside:
    """One answer that two people gave differently. `at` is the control where the person's own stands."""

    name: str
    label: str
    theirs: str
    mine: str
    at: str
    long: bool  # both can be kept, one behind the other


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """All of it. `against` has the events that stand against this form; `taken` what was put in by itself."""

    events: tuple[Happened, ...]
    against: frozenset[int] = frozenset()
    beside: tuple[Beside, ...] = ()
    taken: tuple[str, ...] = ()
    merges: bool = True  # nothing is left for a person to choose
    typed: "MultiDict[str, Any] | None" = field(default=None, compare=False)  # with what was put in by itself


def compare(
    view: CaseView, form: ActionForm, seen: int, make: Make, typed: "MultiDict[str, Any]"
) -> Meanwhile:
    """What happened after version `seen`, held against a form that was just sent."""
    since = tuple(event for event in view.events if event.seq > seen)
    against = clashes.clashing(_wanted(make(view, formdata=typed)), since)
    if not against:
        return Meanwhile(since)
    mine = answers(form)
    then = answers(_untouched(make, _as_it_was(view, seen)))
    now = answers(_untouched(make, view))
    said = said_by(form, since)
    beside, taken, merged = [], [], MultiDict(typed)
    for name, own in mine.items():
        before, after = then.get(name), now.get(name)
        if before and after and _differs(before, after):  # the form shows it, and it is another one now
            if _differs(own, after) and _differs(own, before):
                beside.append(_beside(form, name, after, own))
            elif _differs(own, after):
                replace_answer(merged, own.controls, after.controls)
                taken.append(own.label)
        elif name in said and _full(own.controls) and _differs(own, said[name]):
            beside.append(_beside(form, name, said[name], own))
    parts = frozenset[str]().union(*against.values())
    merges = not beside and clashes.shown(form.action, parts)
    return Meanwhile(since, frozenset(against), tuple(beside), tuple(taken), merges, merged)


def theirs_of(view: CaseView, form: ActionForm, name: str, seen: int, make: Make) -> Answer | None:
    """The answer that stands on the case now, to be put in place of one's own; None where there is none."""
    since = tuple(event for event in view.events if event.seq > seen)
    now, then = (answers(_untouched(make, v)).get(name) for v in (view, _as_it_was(view, seen)))
    if now and then and _differs(now, then):
        return now
    return said_by(form, since).get(name)


def replace_answer(
    typed: "MultiDict[str, Any]", old: Mapping[str, list[str]], new: Mapping[str, list[str]]
) -> None:
    """Put the controls of one answer in place of another's."""
    for name in old:
        typed.setlist(name, [])
        del typed[name]
    for name, values in new.items():
        typed.setlist(name, values)


def _wanted(form: ActionForm) -> frozenset[str]:
    """The parts that this form goes by: exactly, where it is filled in well enough to say."""
    if not form.validate():
        return clashes.touched(form.action)
    return clashes.touched(form.action, form.command())


def _as_it_was(view: CaseView, seen: int) -> CaseView:
    before = tuple(event for event in view.events if event.seq <= seen)
    return replace(view, state=effects.fold(before), events=before, version=seen) if before else view


def _untouched(make: Make, view: CaseView) -> ActionForm:
    return make(view, formdata=None, untouched=True)


# Answers --------------------------------------------------------------------------------------------------------


def answers(form: Any) -> dict[str, Answer]:
    """The answers of a form by name, whatever their kind; those of a block under their own names."""
    return dict(_answers(form))


def _answers(form: Any, before: str = "") -> Iterator[tuple[str, Answer]]:
    for one in form:
        if isinstance(one, HiddenField | FileField) or one.type in {"CSRFTokenField", "Files"}:
            continue
        label = f"{before}{one.label.text}"
        if isinstance(one, FormField):
            yield from _answers(one.form, f"{label}: ")
        else:
            yield one.name, Answer(label, _controls(one), _words(one))


def _controls(one: Any) -> Controls:
    if isinstance(one, FieldList):
        return {name: values for entry in one.entries for name, values in _controls(entry).items()}
    if isinstance(one, FormField):
        return {
            name: values
            for part in one.form
            if part.type != "CSRFTokenField"
            for name, values in _controls(part).items()
        }
    if isinstance(one, DateParts):
        return {f"{one.name}-{part}": [text] for part, text in one.parts.items()}
    if isinstance(one, BooleanField):
        return {one.name: ["y"] if one.data else []}
    if isinstance(one, SelectMultipleField):
        return {one.name: sorted(str(value) for value in one.data or ())}
    return {one.name: ["" if one.data in (None, "None") else tidy(str(one.data))]}


def _words(one: Any) -> str:
    if isinstance(one, FieldList):
        return "\n".join(text for entry in one.entries if (text := _words(entry)))
    if isinstance(one, FormField):
        return "; ".join(text for part in one.form if (text := _words(part)))
    if isinstance(one, DateParts):
        return " ".join(text for text in one.parts.values() if text)
    if isinstance(one, BooleanField):
        return "Yes" if one.data else "No"
    if isinstance(one, SelectFieldBase):
        chosen = {str(v) for v in (one.data if isinstance(one.data, list) else [one.data])}
        return ", ".join(str(choice.label) for choice in one.choices or () if str(choice.value) in chosen)
    return "" if one.data in (None, "None") else tidy(str(one.data))


def said_by(form: ActionForm, since: tuple[Happened, ...]) -> dict[str, Answer]:
    """What somebody else answered when they took this very step meanwhile."""
    same = [event.command for event in since if event.command.action is form.action]
    found: dict[str, Answer] = {}
    for name, one in form._fields.items() if same else ():
        value = getattr(same[-1], name, None)
        if isinstance(value, StaffRef):
            found[name] = Answer(one.label.text, {name: [str(value.id)]}, value.name)
        elif isinstance(value, Words | str) and value:
            text = value.text if isinstance(value, Words) else str(value)
            found[name] = Answer(one.label.text, {name: [text]}, text)
    return found


def _differs(one: Answer, other: Answer) -> bool:
    return _full(one.controls) != _full(other.controls)


def _full(controls: Controls) -> Controls:
    return {name: values for name, values in controls.items() if any(values)}


def _beside(form: ActionForm, name: str, theirs: Answer, mine: Answer) -> Beside:
    one = form._fields.get(name)
    long = one is not None and one.type == "TextAreaField"
    at = next(iter(mine.controls), name)
    return Beside(name, mine.label, theirs.words, mine.words, at, long)
