"""What was answered, in words, for the check page and the copy that the person keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.compose import checked
from portal.forms.about import WHO
from portal.forms.base import Question as QuestionForm
from portal.forms.needs import chosen
from portal.forms.reach import PREFERS, UNSAFE
from portal.forms.story import DANGER_ANSWERS, WHAT, kind_of
from portal.questions import FILES, asked
from shared import i18n
from shared.cases.drafts import DraftFile
from shared.cases.wording import HELPERS, NEEDS, RELATIONSHIPS
from shared.web.forms import error_list

TITLES: dict[str, Any] = {
    "who": _l("Who this is about"),
    "what": _l("What you told us"),
    "started": _l("When it started"),
    "effect": _l("How it affects people"),
    "danger": _l("Danger now"),
    "wanted": _l("What you would like us to do"),
    FILES: _l("Photos, documents and recordings"),
    "group": _l("Who is complaining together"),
    "helper": _l("About you"),
    "reach": _l("Name, home and contact"),
    "place": _l("Where it is"),
    "safe": _l("How and when to get in contact"),
    "relation": _l("Tenant, leaseholder or other"),
    "needs": _l("What we should do differently"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """One question with its answer. `words` are lines; `own` says that they are the person's own."""

    name: str
    title: Any
    words: tuple[str, ...]
    own: bool = True
    files: tuple[DraftFile, ...] = ()


def sections(answers: Mapping[str, Any], files: Sequence[DraftFile]) -> list[Section]:
    """Every question of this person's way, answered or not."""
    said = {**answers, **checked(answers)}
    found = []
    for question in asked(answers):
        title = TITLES[question.name]
        if question.name == "what":
            title = WHAT[kind_of(answers)]
        lines, own = _words(question.name, said)
        found.append(
            Section(
                question.name,
                title,
                tuple(line for line in lines if line),
                own,
                tuple(files) if question.name == FILES else (),
            )
        )
    return found


def _words(name: str, said: Mapping[str, Any]) -> tuple[list[str], bool]:
    """The lines of one answer, and whether they are the person's own words."""

    def text(*names: str) -> list[str]:
        return [str(said.get(one) or "") for one in names]

    match name:
        case "who":
            return [str(WHO.get(str(said.get("who")), ""))], False
        case "what":
            call = gettext("Call me and write it for me") if said.get("write_for_me") else ""
            return [*text("what"), call], True
        case "danger":
            return [str(DANGER_ANSWERS.get(str(said.get("danger")), ""))], False
        case "group":
            return text("group_name", "group_people"), True
        case "helper":
            relation = str(HELPERS.get(str(said.get("helper_relation")), ""))
            return [
                *text("helper_name"),
                relation,
                *text("helper_group", "helper_email", "helper_phone"),
            ], True
        case "reach":
            post = gettext("Write by post") if said.get("by_post") else ""
            return [*text("name", "address", "postcode", "email", "phone"), post], True
        case "place":
            return text("address", "postcode"), True
        case "safe":
            ways = {channel.value: str(label) for channel, label in PREFERS.items()}
            unsafe = [str(label) for code, label in UNSAFE.items() if code in (said.get("unsafe") or ())]
            return [ways.get(str(said.get("prefers")), ""), *text("times"), *unsafe], False
        case "relation":
            return [str(RELATIONSHIPS.get(str(said.get("relation")), ""))], False
        case "needs":
            needs = [str(NEEDS[code]) for code in chosen(said)]
            return [*needs, *text("interpreter", "needs_detail"), _language(said)], False
        case _:
            return text(name), True


def _language(said: Mapping[str, Any]) -> str:
    """The language to write in, when it is another than the page's."""
    try:
        wanted = i18n.language(str(said.get("reply_language") or ""))
    except LookupError:
        return ""
    return "" if wanted == i18n.current() else wanted.name


def first_problem(form: QuestionForm) -> str:
    """The first sentence of a form that was found wanting."""
    return next((problem["text"] for problem in error_list(form)), "")
