"""The one route by which staff act on a case: a form to fill in, a letter to look at, and `perform`.

Nothing that somebody typed is ever lost: errors, letters that lack something and cases that changed meanwhile
all bring the same form back with every word in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import FieldList

from shared import i18n
from shared.cases import action_drafts, flow, queries, service, timeline, wording
from shared.cases.commands import Command
from shared.cases.guards import Problem
from shared.cases.queries import CaseView
from shared.deadlines.calendar import OutsideCalendar
from shared.letters.gate import Miss
from shared.letters.render import inside_page
from shared.vocab import Action, Channel
from shared.web import access
from shared.web.errors import typed_words
from shared.web.render import render, see_other, wants_fragment
from staff import kept
from staff.blueprint import pages
from staff.case import CASE_ROLES, about, case_url, me, open_case
from staff.forms import FORMS, ActionForm
from staff.forms.base import number

NOT_KEPT = {"csrf_token", "do", "seen"}  # never carried along or kept in a draft
# Actions whose page shows more than their form; all others share staff/actions/form.html.
OWN_PAGE = {
    Action.DEFINE,
    Action.DECIDE,
    Action.OFFER_REMEDY,
    Action.EXTEND,
    Action.RESPOND,
    Action.NOT_ACCEPT,
    Action.DECLINE_ESCALATION,
    Action.TRIAGE,
    Action.TRANSLATE,
    Action.CHECK,
}
TOO_FAR = "Check the dates. One lies where the bank holidays are not known yet"


@dataclass
class Answer:
    """What a page of an action shows beside its form."""

    status: int = 200
    misses: list[Miss] = field(default_factory=list)
    changes: list[timeline.Entry] = field(default_factory=list)
    letter: Any = None
    draft_at: Any = None


@pages.route("/cases/<string:ref>/<string:action>", methods=["GET", "POST"])
@access.staff(*CASE_ROLES)
def act(ref: str, action: str) -> ResponseReturnValue:
    """Any action on any case: the form, the letter before it goes, or the act itself."""
    name = action_of(action)
    view = open_case(ref)
    if request.method == "GET":
        return _open(view, name)
    form = _form(view, name)
    if stale := _moved_on(view, form):
        return stale
    if name not in view.allowed:
        return _not_open(view, name)
    wanted, _, which = request.form.get("do", "").partition(":")
    if wanted in {"add", "remove"}:
        return _more_or_fewer(form, wanted, which)
    if wanted == "edit":
        return _page(form, Answer())
    return _answer(form, wanted)


@pages.post("/cases/<string:ref>/<string:action>/draft")
@access.staff(*CASE_ROLES)
def draft(ref: str, action: str) -> ResponseReturnValue:
    """Keep what was typed so far, by itself while somebody types or by the button; or throw it away."""
    name = action_of(action)
    ref = open_case(ref).ref
    if request.form.get("do") == "discard":
        action_drafts.delete(ref, me(), name)
        return see_other(f"{case_url(ref)}/{name.value}")
    try:
        at = action_drafts.save(ref, me(), name, carried())
    except action_drafts.TooLong:
        abort(413)
    if wants_fragment():
        return render("staff/actions/form.html", "staff/actions/_draft_kept.html", at=at)
    return see_other(case_url(ref, done="draft"))


def action_of(text: str) -> Action:
    """The action that an address names; the page "not found" for what is none of staff's."""
    try:
        found = Action(text)
    except ValueError:
        abort(404)
    if found not in FORMS:
        abort(404)
    return found


def carried() -> dict[str, list[str]]:
    """Everything that was typed, by control name."""
    return {
        name: [value.replace("\x00", "") for value in values]
        for name, values in request.form.lists()
        if name not in NOT_KEPT
    }


def _form(view: CaseView, name: Action, **more: Any) -> ActionForm:
    return FORMS[name].fitted(view, request.args)(view, me(), **more)


def _open(view: CaseView, name: Action) -> ResponseReturnValue:
    if name not in view.allowed:
        return _not_open(view, name)
    kept_draft = action_drafts.find(view.ref, me(), name)
    if kept_draft is not None:
        typed = MultiDict([(key, text) for key, texts in kept_draft.answers.items() for text in texts])
        return _page(_form(view, name, formdata=typed), Answer(draft_at=kept_draft.at))
    start = FORMS[name].start(view, me(), request.args)
    return _page(_form(view, name, formdata=None, data=start), Answer())


def _answer(form: ActionForm, wanted: str) -> ResponseReturnValue:
    """Check what was typed; then show the letter, or act."""
    refused_files = kept.take_in(form)
    good = form.validate()
    for text in refused_files:
        form.refuse("uploads", text)
    if not good or refused_files:
        return _page(form, Answer(status=422))
    if letter_of(form.view, form.action) is not None and wanted != "send":
        return _preview(form, form.command())
    return _perform(form)


def letter_of(view: CaseView, name: Action) -> Any:
    """The kind of letter that this action sends, or None."""
    step = flow.find(view.state.stage, me().roles, service.facts_of(view.state, me(), view.policy), name)
    return step.letter if step else None


def _preview(form: ActionForm, command: Command) -> ResponseReturnValue:
    """The letter exactly as it would go, in the resident's language, and all that stands in its way."""
    try:
        found = service.preview(form.view.ref, command, me())
    except OutsideCalendar:
        return _refused(form, [Problem("", TOO_FAR)], [])
    except service.Refused as refused:
        return _refused(form, refused.problems, refused.misses)
    except service.NotAllowed:
        return _not_open(form.view, form.action)
    if found.problems or found.misses:
        return _refused(form, found.problems, found.misses, found.letter)
    if found.silent:
        return _perform(form)
    return render(
        "staff/actions/preview.html",
        heading="Check the letter before it goes" if found.letter else "Nobody can be written to",
        form=form,
        carried=carried() | ({"kept_files": [kept.token(form)]} if form.files else {}),
        query=_query(request.args),
        seen=form.view.version,
        letter=found.letter,
        markup=inside_page(found.letter) if found.letter else None,
        cautions=_cautions(form.view, by_post=found.channel is not Channel.EMAIL),
        notes=[note.text for note in found.notes],
        old_date=getattr(form, "old_due_on", None),
        new_date=found.letter.parts.get("new_date", "") if found.letter else "",
        goes_to=found.address,
        by_post=found.channel is not Channel.EMAIL,
        large_print=any(need.code == "large_print" for need in form.view.state.needs),
        **about(form.view),
    )


BY_HAND = {"braille", "easy_read", "audio", "bsl_video", "coloured_paper", "read_to_me", "plain_email"}


def _cautions(view: CaseView, *, by_post: bool) -> list[str]:
    """Where the way this letter goes does not fit what the resident needs or finds safe."""
    safety = view.state.safety
    found = []
    if by_post and safety.no_post:
        found.append("Post is not safe or not wanted for this resident. Agree another way before you send.")
    needed = [wording.need_words(n, i18n.SOURCE).text for n in view.state.needs if n.code in BY_HAND]
    if needed:
        found.append(f"This resident also needs: {'; '.join(needed)}. The letter alone does not give that.")
    return found


def _perform(form: ActionForm) -> ResponseReturnValue:
    view, seen = form.view, form.view.version
    try:
        form.carry_out(seen)
    except service.Stale:
        return _stale(open_case(view.ref), form, seen)
    except service.Refused as refused:
        for problem in refused.problems:
            form.refuse_at(form.command(), problem.field, _sentence(problem))
        return _refused(form, [], refused.misses)
    except service.NotAllowed:
        return _not_open(open_case(view.ref), form.action)
    except OutsideCalendar:
        return _refused(form, [Problem("", TOO_FAR)], [])
    action_drafts.delete(view.ref, me(), form.action)
    return _done(view.ref, form.action)


def _done(ref: str, name: Action) -> ResponseReturnValue:
    if name is Action.DECLARE_CONFLICT:  # it may have been their own: then the case is shut to them now
        try:
            queries.case(ref, me())
        except service.NoSuchCase:
            return see_other(url_for("staff.inbox"))
    return see_other(case_url(ref, done=name.value))


def _sentence(problem: Problem) -> str:
    return f"{problem.message} ({problem.clause})" if problem.clause else problem.message


def _refused(
    form: ActionForm, problems: list[Problem], misses: list[Miss], letter: Any = None
) -> ResponseReturnValue:
    for problem in problems:
        if problem.message:
            form.refuse(problem.field, _sentence(problem))
    return _page(form, Answer(status=422, misses=misses, letter=letter))


def _moved_on(view: CaseView, form: ActionForm) -> ResponseReturnValue | None:
    """The answer to a form that was opened on an older version of the case; None when it was not."""
    seen = number(form.seen.data, 2**31 - 1)
    if seen == view.version:
        return None
    return _stale(view, form, seen or 0)


def _stale(view: CaseView, form: ActionForm, seen: int) -> ResponseReturnValue:
    """What changed, and the form with every word typed, ready to be saved against the new version.

    A second click on the same button finds its own work done, and is told so.
    """
    since = tuple(event for event in view.events if event.seq > seen)
    if form.action in FORMS and _same_again(form, since):
        return _done(view.ref, form.action)
    if form.action not in view.allowed:
        return _not_open(view, form.action, timeline.for_staff(since))
    form.view = view
    return _page(form, Answer(status=409, changes=timeline.for_staff(since)))


def _same_again(form: ActionForm, since: tuple[Any, ...]) -> bool:
    """Whether this very command is what this person has just done."""
    mine = [event.command for event in since if event.actor == me().key]
    if not mine or not form.validate():
        return False
    return form.command() in mine


def _not_open(
    view: CaseView, name: Action, changes: list[timeline.Entry] | None = None
) -> ResponseReturnValue:
    """Plain words for an action that is not open to this person now, with what they had typed."""
    ever = any(step.action is name and step.roles & me().roles for step in flow.FLOW)
    return render(
        "staff/actions/not_open.html",
        status=409 if ever else 403,
        heading="This cannot be done now" if ever else "This is not yours to do",
        title=FORMS[name].title,
        ever=ever,
        changes=changes or [],
        typed=typed_words(),
        **about(view),
    )


def _more_or_fewer(form: ActionForm, wanted: str, which: str) -> ResponseReturnValue:
    """One more line of a list, or one fewer; nothing is checked and nothing is lost."""
    name, _, at = which.partition(":")
    rows = form._fields.get(name)
    if not isinstance(rows, FieldList):
        abort(400)
    if wanted == "add" and len(rows.entries) < (rows.max_entries or 100):
        rows.append_entry()
    elif wanted == "remove":
        rows.entries = [e for e in rows.entries if e.name != f"{name}-{at}"] or rows.entries[:1]
    return _page(form, Answer())


def _page(form: ActionForm, answer: Answer) -> ResponseReturnValue:
    name = form.action
    problems = form.summary()
    return render(
        f"staff/actions/{name.value}.html" if name in OWN_PAGE else "staff/actions/form.html",
        status=answer.status,
        heading=form.title,
        form=form,
        errors=problems,
        seen=form.view.version,
        letter_kind=letter_of(form.view, name),
        answer=answer,
        markup=inside_page(answer.letter) if answer.letter else None,
        similar=queries.same_home(form.view, me()) if name is Action.TRIAGE else (),
        kept_files=form.files,
        kept_token=kept.token(form),
        query=_query(request.args),
        **about(form.view),
    )


def _query(args: Mapping[str, str]) -> dict[str, str]:
    """What of the address goes on with the form: which point or promise it is about."""
    return {key: args[key] for key in ("point", "number", "code", "channel", "of", "item") if key in args}
