"""The one route by which staff act on a case: a form to fill in, a letter to look at, and `perform`.

Nothing that somebody typed is ever lost: errors, letters that lack something and cases that changed meanwhile
all bring the same form back with every word in it. What changed and has nothing to do with the form is no
obstacle; what stands against it is shown beside it.
"""

from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import FieldList

from shared.cases import queries, service
from shared.cases.case_view import CaseView
from shared.cases.colleagues import action_drafts
from shared.cases.guards import Problem
from shared.db import LARGEST_ID
from shared.deadlines.calendar import OutsideCalendar
from shared.letters.gate import Miss
from shared.vocab import Action
from shared.web import access
from shared.web.forms import fingerprint
from shared.web.render import see_other
from staff import clashes, insert_text, next_case, steps, unsaved
from staff.action_forms import about_of, action_of, answers_of, make_form
from staff.action_pages import Answer, letter_of, not_open_page, page, preview_page
from staff.addresses import CASE_ROLES, act_url, me
from staff.blueprint import pages
from staff.case import open_case
from staff.clashes import Meanwhile
from staff.forms import ActionForm
from staff.forms.base import number

TOO_FAR = "Check the dates. One lies where the bank holidays are not known yet"
TRIES = 4  # as often as somebody else may get in between before we give up and show it


@pages.route("/cases/<string:ref>/<string:action>", methods=["GET", "POST"])
@access.staff(*CASE_ROLES)
def act(ref: str, action: str) -> ResponseReturnValue:
    """Any action on any case: the form, the letter before it goes, or the act itself."""
    name = action_of(action)
    view = open_case(ref)
    if request.method == "GET":
        return _open(view, name)
    form = make_form(view, name)
    refused = unsaved.take_in(form)  # before all else: whatever comes of the rest, no file is lost
    for _ in range(TRIES):
        try:
            return _post(form, refused)
        except service.Stale:  # somebody was quicker, between our look at the case and our step
            form = make_form(open_case(ref), name, files=form.files)
    return page(form, Answer(status=409))


def _open(view: CaseView, name: Action) -> ResponseReturnValue:
    draft = action_drafts.find(view.ref, me(), name, about_of(name))
    if name not in view.allowed:
        return not_open_page(view, name, typed=answers_of(draft))
    if draft is None:
        return page(make_form(view, name, untouched=True), Answer())
    answers = MultiDict([(key, text) for key, texts in draft.answers.items() for text in texts])
    form = make_form(view, name, formdata=answers)
    form.files = unsaved.unpacked(form, answers.get("kept_files", ""))
    return page(form, Answer(draft_at=draft.at))


def _post(form: ActionForm, refused_files: list[str]) -> ResponseReturnValue:
    """What the pressed button asks for. Raises service.Stale when the case moves on under it."""
    view = form.view
    wanted, _, which = request.form.get("do", "").partition(":")
    seen = number(request.form.get("seen"), LARGEST_ID) or 0
    if not 0 < seen <= view.version:
        return page(form, Answer(status=409))
    since = tuple(event for event in view.events if event.seq > seen)
    if any(event.actor == me().key and event.facts.form == _fingerprint(form, seen) for event in since):
        return next_case.done(view.ref, form.action)  # a second click finds its own work done
    if form.action not in view.allowed:
        return not_open_page(view, form.action, since)
    if changed := _changed_in_place(form, wanted, which):
        return _shown(
            changed, Answer(focus=insert_text.target(request.form) if wanted == "put" else which), seen
        )
    found = _meanwhile(form, seen) if since else None
    if found is not None and found.taken:
        form = make_form(view, form.action, formdata=found.typed, files=form.files)
    if found is not None and not found.merges:
        return page(form, Answer(status=409, meanwhile=found, since=seen))
    return _answer(form, wanted, which, seen, refused_files, found)


def _meanwhile(form: ActionForm, seen: int) -> Meanwhile:
    def again(view: CaseView, **more: Any) -> ActionForm:
        return make_form(view, form.action, **more)

    return clashes.compare(form.view, form, seen, again, MultiDict(form.sent))


def _answer(
    form: ActionForm,
    wanted: str,
    which: str,
    seen: int,
    refused_files: list[str],
    found: Meanwhile | None,
) -> ResponseReturnValue:
    """Check what was typed; then show the letter, or act."""
    good = form.validate()
    for text in refused_files:
        form.refuse("uploads", text)
    if not good or refused_files:
        return _shown(form, Answer(status=422, meanwhile=found))
    if letter_of(form.view, form.action) is not None and wanted != "send":
        return _preview(form, which, seen, found)
    return _perform(form, which, seen)


def _preview(form: ActionForm, which: str, seen: int, found: Meanwhile | None) -> ResponseReturnValue:
    """The letter exactly as it would go, in the resident's language, and all that stands in its way."""
    try:
        shown = service.preview(form.view.ref, form.command(), me())
    except OutsideCalendar:
        return _refused(form, [Problem("", TOO_FAR)], [])
    except service.Refused as refused:
        return _refused(form, refused.problems, refused.misses)
    except service.NotAllowed:
        return not_open_page(form.view, form.action)
    if shown.problems or shown.misses:
        return _refused(form, shown.problems, shown.misses, shown.letter)
    if shown.silent:
        return _perform(form, which, seen)
    return preview_page(form, shown, found)


def _perform(form: ActionForm, which: str, seen: int) -> ResponseReturnValue:
    view = form.view
    after = next_case.next_one(view.ref) if which == "next" else None
    try:
        done = form.carry_out(view.version, _fingerprint(form, seen))
    except service.Refused as refused:
        for problem in refused.problems:
            form.refuse_at(form.command(), problem.field, _sentence(problem))
        return _refused(form, [], refused.misses)
    except service.NotAllowed:
        return not_open_page(open_case(view.ref), form.action)
    except OutsideCalendar:
        return _refused(form, [Problem("", TOO_FAR)], [])
    action_drafts.delete(view.ref, me(), form.action, about_of(form.action))
    if form.action is Action.DECLARE_CONFLICT:  # their own, perhaps: then the case is shut to them now
        try:
            queries.case(view.ref, me())
        except service.NoSuchCase:
            return see_other(next_case.way_back()[0])
    moved = done is not None and done.version > seen + 1
    if which == "on" and not moved:
        view = open_case(view.ref)
        if step := steps.next_step(view):
            return see_other(act_url(view.ref, step.action, done=form.action.value))
    return next_case.done(
        view.ref, form.action, since=seen if moved else None, after=after, go_on=which == "next"
    )


def _fingerprint(form: ActionForm, seen: int) -> str:
    """The same person sending the same answers on the same page: that is one step, however often it is sent."""
    sent = unsaved.carried(request.form)
    sent.pop("kept_files", None)
    return fingerprint([form.action.value, seen, about_of(form.action)], sent.items())


def _sentence(problem: Problem) -> str:
    return f"{problem.message} ({problem.clause})" if problem.clause else problem.message


def _refused(
    form: ActionForm, problems: list[Problem], misses: list[Miss], letter: Any = None
) -> ResponseReturnValue:
    for problem in problems:
        if problem.message:
            form.refuse(problem.field, _sentence(problem))
    return _shown(form, Answer(status=422, misses=misses, letter=letter))


# Buttons that change the form and save nothing ----------------------------------------------------------------


def _changed_in_place(form: ActionForm, wanted: str, which: str) -> ActionForm | None:
    """The form after one of its small buttons; None when another button was pressed. Nothing is checked."""
    if wanted in {"add", "remove"}:
        _more_or_fewer(form, wanted, which)
        return form
    if wanted == "put":
        insert_text.insert(form, request.form)
        return form
    if wanted in {"theirs", "both"}:
        return _choose(form, wanted, which)
    return form if wanted == "edit" else None


def _more_or_fewer(form: ActionForm, wanted: str, which: str) -> None:
    """One more line of a list, or one fewer."""
    name, _, at = which.partition(":")
    rows = form._fields.get(name)
    if not isinstance(rows, FieldList):
        abort(400)
    if wanted == "add" and len(rows.entries) < (rows.max_entries or 100):
        rows.append_entry()
    elif wanted == "remove":
        rows.entries = [e for e in rows.entries if e.name != f"{name}-{at}"] or rows.entries[:1]


def _choose(form: ActionForm, wanted: str, name: str) -> ActionForm:
    """What a colleague answered in place of one's own, or behind it."""
    since = number(request.form.get("since"), LARGEST_ID) or 0

    def again(view: CaseView, **more: Any) -> ActionForm:
        return make_form(view, form.action, **more)

    theirs = clashes.theirs_of(form.view, form, name, since, again) if since else None
    mine = clashes.answers(form).get(name)
    if theirs is None or mine is None:
        return form
    typed = MultiDict(form.sent)
    new = theirs.controls
    if wanted == "both":
        new = {name: [f"{mine.words}\n\n{theirs.words}".strip()]}
    clashes.replace_answer(typed, mine.controls, new)
    return make_form(form.view, form.action, formdata=typed, files=form.files)


def _shown(form: ActionForm, answer: Answer, seen: int | None = None) -> ResponseReturnValue:
    """The form again, with what had changed as long as that was not dealt with."""
    since = number(request.form.get("since"), LARGEST_ID) or 0
    if 0 < since < form.view.version:
        answer.since, answer.meanwhile = since, _meanwhile(form, since)
    return page(form, answer, seen)
