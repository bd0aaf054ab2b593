"""From a draft's answers to the command that sends it. Only what was asked on this way goes along."""

from collections.abc import Mapping
from typing import Any

from portal.forms.about import ANONYMOUS, BY_LAW, ELECTED, GROUP, HELPING, ME, died
from portal.forms.needs import FIELD
from portal.forms.needs import chosen as chosen_needs
from portal.forms.story import kind_of
from portal.questions import asked
from shared import i18n
from shared.cases import commands as c
from shared.cases.state import Consent, FileRef, Need, Person, Safety, Story
from shared.cases.wording import NEED_GROUPS
from shared.vocab import Channel

BASES = {
    "mp": "elected_representative",
    "councillor": "elected_representative",
    **{relation: relation for relation in BY_LAW},
}


def checked(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of every question asked, tidied by their forms. Call only when none is missing."""
    found: dict[str, Any] = {}
    for question in asked(answers):
        if question.form is not None:
            form = question.form.of(answers)
            form.validate()
            found.update(form.kept())
    return found


def submit(answers: Mapping[str, Any], files: tuple[FileRef, ...], language: str) -> c.Submit:
    """The command for a complete draft. `language`: the one in which the page was sent."""
    said = checked(answers)
    who = said.get("who") or ME
    anonymous = who == ANONYMOUS or not (said.get("name") or "").strip()
    return c.Submit(
        kind=kind_of(answers),
        language=_language(said.get("reply_language") or language),
        channel=Channel.PORTAL,
        story=_story(said, answers, language),
        resident=_resident(_without_ways(said) if died(said) else said),
        helper=_helper(said) if who in {HELPING, ELECTED} else None,
        consent=Consent(basis=_basis(who, said)),
        anonymous=anonymous,
        group=_group(said) if who == GROUP else "",
        campaign=str(answers.get("campaign") or ""),
        safety=_safety(said),
        needs=needs_of(said),
        files=files,
        linked=(str(answers["linked"]),) if answers.get("linked") and who == ME else (),
    )


def _language(code: str) -> str:
    try:
        return i18n.language(code).code
    except LookupError:
        return i18n.SOURCE


def _story(said: Mapping[str, Any], answers: Mapping[str, Any], language: str) -> Story:
    danger = said.get("danger") or ""
    return Story(
        what=said.get("what") or "",
        language=_language(str(answers.get("what_language") or language)),
        started=said.get("started") or "",
        effect=said.get("effect") or "",
        wanted=said.get("wanted") or "",
        danger="" if danger == "no" else danger,
        write_for_me=bool(said.get("write_for_me")),
    )


def _resident(said: Mapping[str, Any]) -> Person | None:
    name, address = said.get("name") or "", tuple((said.get("address") or "").splitlines())
    if not (name or address or said.get("postcode")):
        return None
    prefers = said.get("prefers") or ("letter" if _only_post(said) else "")
    return Person(
        name=name,
        email=said.get("email") or "",
        phone=said.get("phone") or "",
        address=address,
        postcode=said.get("postcode") or "",
        relationship=said.get("relation") or "",
        prefers=Channel(prefers) if prefers else None,
    )


def _without_ways(said: Mapping[str, Any]) -> dict[str, Any]:
    """The home of somebody who has died, and no way to write to them."""
    return {key: value for key, value in said.items() if key not in {"email", "phone", "by_post", "prefers"}}


def _only_post(said: Mapping[str, Any]) -> bool:
    return bool(said.get("by_post")) and not (said.get("email") or said.get("phone"))


def _helper(said: Mapping[str, Any]) -> Person:
    group = said.get("helper_group") or ""
    return Person(
        name=said["helper_name"],
        email=said.get("helper_email") or "",
        phone=said.get("helper_phone") or "",
        address=(group,) if group else (),
        relationship=said.get("helper_relation") or "",
    )


def _basis(who: str, said: Mapping[str, Any]) -> str:
    """On what footing a helper acts, as they say. It opens nothing: the scope stays NONE until it is checked."""
    if who == ELECTED:
        return BASES["mp"]
    return BASES.get(str(said.get("helper_relation") or ""), "") if who == HELPING else ""


def _group(said: Mapping[str, Any]) -> str:
    """The neighbours as staff read them; that they are several counts even when they give no names."""
    named = [part for part in (said.get("group_name"), said.get("group_people")) if part]
    return "\n".join(named) or "Several neighbours"


def _safety(said: Mapping[str, Any]) -> Safety:
    unsafe = set(said.get("unsafe") or ())
    return Safety(
        times=said.get("times") or "",
        no_voicemail="no_voicemail" in unsafe,
        no_post="no_post" in unsafe,
        no_email="no_email" in unsafe,
        no_calls="no_calls" in unsafe,
    )


def needs_of(said: Mapping[str, Any]) -> tuple[Need, ...]:
    """The needs that were ticked, with their details."""
    codes = chosen_needs(said)
    language, more = said.get("interpreter") or "", said.get("needs_detail") or ""
    if language and "interpreter" not in codes:
        codes.append("interpreter")
    if more and "other" not in codes:
        codes.append("other")
    details = {"interpreter": language, "other": more}
    return tuple(Need(code=code, detail=details.get(code, "")) for code in codes)


def needs_answers(needs: tuple[Need, ...]) -> dict[str, Any]:
    """Needs of an earlier case as answers of this journey, so that nobody is asked twice."""
    codes = {n.code: n.detail for n in needs}
    found: dict[str, Any] = {
        FIELD.format(name): [code for code in rows if code in codes]
        for name, (_l, rows) in NEED_GROUPS.items()
    }
    return found | {"interpreter": codes.get("interpreter", ""), "needs_detail": codes.get("other", "")}
