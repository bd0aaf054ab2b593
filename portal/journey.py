"""One question a page: show it, keep what was typed before judging it, go on.

Whatever button is pressed, the words are kept in the draft first: a change of language, a failed check or a
closed browser costs nothing. The draft begins with the first answer.
"""

from typing import Any

import msgspec
from flask import abort, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import known_answers, languages, questions, rate_limits, session
from portal.blueprint import pages
from portal.forms.about import ME, WHO_HINTS
from portal.forms.base import Question as QuestionForm
from portal.questions import CHECK, FILES, Question
from portal.start import CARRIED, carried
from shared import i18n
from shared.cases import drafts
from shared.vocab import Kind
from shared.web.access import public
from shared.web.render import go_on, render

LEFT_AT = "left_at"  # beside the answers: the page on which somebody asked for a way to come back
MOST_KEPT = 400_000  # bytes of all answers of one draft; every text within its own limit fits many times


def answers() -> dict[str, Any]:
    """What this browser has answered so far."""
    draft = session.draft()
    return dict(draft.answers) if draft and not draft.case_ref else {}


def keep(new: dict[str, Any]) -> None:
    """Put answers into the draft, beginning one where there is none."""
    draft = session.draft()
    code = i18n.current().code
    together = {**(draft.answers if draft and not draft.case_ref else {}), **new}
    if len(msgspec.json.encode(together)) > MOST_KEPT:
        return  # the page still shows the words; a flood is not worth keeping
    if draft is None or draft.case_ref:
        rate_limits.beginning()
        _, token = drafts.begin(code, new)
        session.keep_draft(token)
    else:
        drafts.save(draft.id, new, code)
        session.refresh_draft()


def adopt() -> None:
    """Take up the unsent draft that a form names when the browser's session has ended meanwhile."""
    token = request.form.get("draft_token", "")[:100]
    if token and session.draft() is None:
        found = drafts.find(token)
        if found is not None and not found.case_ref:
            session.keep_draft(token)


PAGES = ", ".join(q.name for q in questions.QUESTIONS if q.form is not None)


@pages.route(f"/tell-us/<any({PAGES}):name>", methods=["GET", "POST"])
@public
def question(name: str) -> ResponseReturnValue:
    """Any page of the journey that asks for words or choices."""
    asked = questions.BY_NAME[name]
    if request.method == "POST":
        adopt()
        return _answer(asked)
    return show(asked, form_of(asked, answers()))


def form_of(asked: Question, known: dict[str, Any], *, sent: bool = False) -> QuestionForm:
    if asked.form is None:
        abort(404)
    shown = {**known, **_prefilled(asked, known)} if not sent else known
    form = asked.form() if sent else asked.form(data=shown)
    form.suit(known)
    return form


def _prefilled(asked: Question, known: dict[str, Any]) -> dict[str, Any]:
    if asked.name in {"reach", "place"} and not known.get("address") and known.get("building"):
        return {"address": known["building"]}
    return {}


def _answer(asked: Question) -> ResponseReturnValue:
    extra = begun() if asked.name == "who" else {}
    if extra and not answers() and request.form.get("who") == ME:
        extra = {**known_answers.answers(), **extra}
    known = {**answers(), **extra}
    form = form_of(asked, known, sent=True)
    press = request.form.get("press", "continue")
    if press == "skip":
        return go_on(_next(asked.name, known, press))
    right = form.validate_on_submit()
    kept = form.kept()
    if asked.name == "what" and kept.get("what"):
        kept["what_language"] = _written_in(known, str(kept["what"]))
    keep({**extra, **kept, **left_at(asked.name, press, known)})
    if chosen := languages.pressed():
        return go_on(_url(asked.name, lang=chosen.code))
    if press == "later":
        return go_on(url_for("portal.later"))
    if not right:
        return show(asked, form, status=422)
    return go_on(_next(asked.name, answers(), press))


def left_at(name: str, press: str, known: dict[str, Any]) -> dict[str, Any]:
    """What the draft keeps of where somebody stops, and no longer once they went on from there."""
    if press == "later":
        return {LEFT_AT: name}
    return {LEFT_AT: ""} if known.get(LEFT_AT) == name else {}


def begun() -> dict[str, Any]:
    """What the start page's form carries besides its question: the kind, and what a link filled in."""
    found: dict[str, Any] = {name: value for name in CARRIED if (value := carried(name))}
    kind = request.form.get("kind", "")
    if kind in set(Kind):
        found["kind"] = kind
    return found


def _written_in(known: dict[str, Any], words: str) -> str:
    """The language of the page on which the story was written; reading it in another changes nothing."""
    if words == known.get("what") and known.get("what_language"):
        return str(known["what_language"])
    return i18n.current().code


def _next(name: str, known: dict[str, Any], press: str) -> str:
    back = request.args.get("back") == CHECK
    if name == "danger" and press == "continue" and known.get("danger") not in {None, "", "no"}:
        return url_for("portal.danger_now", **_back(back))
    if back:
        return url_for("portal.check")
    found = questions.rest(name, known) if press == "rest" else questions.after(name, known)
    return page_url(found)


def page_url(name: str, **values: Any) -> str:
    """The address of a page of the journey."""
    if name == CHECK:
        return url_for("portal.check", **values)
    if name == FILES:
        return url_for("portal.files", **values)
    return url_for("portal.question", name=name, **values)


def _url(name: str, **values: Any) -> str:
    return page_url(name, **values, **_back(request.args.get("back") == CHECK))


def _back(to_check: bool) -> dict[str, Any]:
    return {"back": CHECK} if to_check else {}


def frame(name: str, known: dict[str, Any]) -> dict[str, Any]:
    """What templates/portal/questions/_base.html needs besides the form."""
    to_check = request.args.get("back") == CHECK
    previous = CHECK if to_check else questions.before(name, known)
    return {
        "question": name,
        "here": page_url(name, **_back(to_check)),
        "back_url": page_url(previous) if previous else url_for("portal.start"),
        "skippable": questions.BY_NAME[name].optional and not to_check,
        "can_finish": not to_check and questions.rest(name, known) != questions.after(name, known),
        "draft_token": session.draft_token(),
        "answers": known,
    }


def show(asked: Question, form: QuestionForm, status: int = 200) -> ResponseReturnValue:
    known = answers()
    heading = str(form.question())
    if asked.optional:
        heading = gettext("%(question)s (optional)", question=heading)
    return render(
        f"portal/questions/{asked.name}.html",
        status=status,
        form=form,
        heading=heading,
        hints=WHO_HINTS,
        expired=g.get("portal_expired", False),
        **frame(asked.name, known),
    )


@pages.post("/tell-us/begin")
@public
def begin() -> ResponseReturnValue:
    """Thanks, a comment or a request: a draft of its own, whatever this browser was writing before."""
    session.drop_draft()
    keep(begun())
    known = answers()
    return go_on(page_url(questions.asked(known)[0].name))


@pages.get("/tell-us/danger-now")
@public
def danger_now() -> ResponseReturnValue:
    """Whom to ring now, in between: the complaint goes on from here."""
    known = answers()
    return render(
        "portal/danger_now.html",
        danger=known.get("danger"),
        next_url=page_url(CHECK if request.args.get("back") == CHECK else questions.after("danger", known)),
        back_url=_url("danger"),
    )
