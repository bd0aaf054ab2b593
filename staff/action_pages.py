"""The pages around an action: its form, the letter before it goes, and why something cannot be done now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from shared import i18n
from shared.cases import flow, queries, service, standing, timeline, wording
from shared.cases.case_view import CaseView
from shared.cases.correspondence import step_letters
from shared.cases.effects import Happened
from shared.letters.gate import Miss
from shared.letters.render import inside_page
from shared.vocab import Action, Channel
from shared.web.errors import typed_words
from shared.web.render import render
from staff import insert_text, next_case, steps, unsaved
from staff.addresses import me
from staff.case import about, desk_of, saved
from staff.clashes import Meanwhile
from staff.forms import FORMS, ActionForm
from staff.presence import words

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
BY_HAND = {"braille", "easy_read", "audio", "bsl_video", "coloured_paper", "read_to_me"}


@dataclass
class Answer:
    """What a page of an action shows beside its form. `since`: the version from which changes are shown."""

    status: int = 200
    misses: list[Miss] = field(default_factory=list)
    meanwhile: Meanwhile | None = None
    since: int = 0
    letter: Any = None
    draft_at: Any = None
    focus: str = ""  # the control to go on in


def letter_of(view: CaseView, name: Action) -> Any:
    """The kind of letter that this action sends, or None."""
    step = flow.find(view.state.stage, me().roles, standing.facts_of(view.state, me(), view.policy), name)
    return step.letter if step and step_letters.is_previewed(view.state, name) else None


def page(form: ActionForm, answer: Answer, seen: int | None = None) -> ResponseReturnValue:
    """The form of an action. `seen` is the version that it goes on from: the present one unless told otherwise."""
    name = form.action
    beside = desk_of(form.view, texts=name in insert_text.WITH_TEXTS)
    return render(
        f"staff/actions/{name.value}.html" if name in OWN_PAGE else "staff/actions/form.html",
        status=answer.status,
        heading=form.title,
        form=form,
        errors=form.summary(),
        seen=seen or form.view.version,
        letter_kind=letter_of(form.view, name),
        answer=answer,
        changes=_changes(answer.meanwhile),
        focus=answer.focus,
        markup=inside_page(answer.letter) if answer.letter else None,
        similar=queries.same_home(form.view, me()) if name is Action.TRIAGE else (),
        kept_files=form.files,
        kept_token=unsaved.token(form),
        texts=beside.texts_for(name, form.view.state.stage, form.view.state.language),
        places=list(insert_text.text_boxes(form)),
        query=query(request.args),
        going_on=next_case.state() is not None,
        leads_on=_leads_on(form),
        saved=saved(form.view) if request.method == "GET" else None,
        writing=name.value,
        presence=words(beside.here),
        **about(form.view),
    )


def _leads_on(form: ActionForm) -> bool:
    """Whether this is the step that the case waits for, so that another one follows from it."""
    step = steps.next_step(form.view)
    return step is not None and step.action is form.action


def preview_page(form: ActionForm, shown: service.Preview, found: Meanwhile | None) -> ResponseReturnValue:
    """The letter as it would go, with everything that should be thought of before it goes."""
    view, letter = form.view, shown.letter
    return render(
        "staff/actions/preview.html",
        heading="Check the letter before it goes" if letter else "Nobody can be written to",
        form=form,
        carried=unsaved.with_files(form, unsaved.carried(form.sent)),
        query=query(request.args),
        seen=view.version,
        changes=_changes(found),
        going_on=next_case.state() is not None,
        letter=letter,
        markup=inside_page(letter) if letter else None,
        cautions=_cautions(view, by_post=shown.channel is not Channel.EMAIL),
        notes=[note.text for note in shown.notes],
        old_date=getattr(form, "old_due_on", None),
        new_date=letter.parts.get("new_date", "") if letter else "",
        goes_to=shown.address,
        by_post=shown.channel is not Channel.EMAIL,
        large_print=any(need.code == "large_print" for need in view.state.needs),
        **about(view),
    )


def not_open_page(
    view: CaseView, name: Action, since: Iterable[Happened] = (), typed: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    """Plain words for an action that is not open to this person now, with what they had typed."""
    ever = any(step.action is name and step.roles & me().roles for step in flow.FLOW)
    return render(
        "staff/actions/not_open.html",
        status=409 if ever else 403,
        heading="This cannot be done now" if ever else "This is not yours to do",
        title=FORMS[name].title,
        ever=ever,
        changes=timeline.for_staff(tuple(since)),
        typed=typed if typed is not None else typed_words(),
        **about(view),
    )


def query(args: Mapping[str, str]) -> dict[str, str]:
    """What of the address goes on with the form: which point or promise it is about."""
    return {key: args[key] for key in ("point", "number", "code", "channel", "of", "item") if key in args}


def _changes(found: Meanwhile | None) -> list[tuple[timeline.Entry, bool]]:
    """What happened meanwhile, the newest first, and whether it stands against the form."""
    if found is None:
        return []
    return [(entry, entry.seq in found.against) for entry in timeline.for_staff(found.events)]


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
