"""Pages of information, made from the landlord's policy file, so that they cannot differ from what we do."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from portal.blueprint import pages
from portal.date_reasons import STARTS
from portal.progress import words
from shared import clock, config, i18n
from shared.policy.landlord import Landlord
from shared.policy.load import load
from shared.policy.policy import Policy
from shared.policy.rules import Limit
from shared.policy.terms import ClockName, Event, Unit
from shared.web.access import public
from shared.web.render import render

CHECKED_ON = date(2026, 11, 22)  # when the accessibility statement was last held against the pages
REVIEW_ON = date(2027, 5, 22)


@dataclass(frozen=True, slots=True)
class Time:
    """One limit in words: what we do, within how long, counted from what."""

    what: Any
    within: str
    after: Any


@dataclass(frozen=True, slots=True)
class StageWords:
    """One stage under the landlord's name, with its times and by how much it can be put off."""

    name: str
    times: tuple[Time, ...]
    more_days: int


WHAT: dict[ClockName, Any] = {
    ClockName.STAGE_1_ACKNOWLEDGEMENT: _l("We write to you and tell you how we understand your complaint"),
    ClockName.STAGE_1_FIRST_CONTACT: _l("The person who looks into it talks to you"),
    ClockName.STAGE_1_RESPONSE: _l("You get our answer"),
    ClockName.STAGE_2_ACKNOWLEDGEMENT: _l("We write to you and tell you who looks at it again"),
    ClockName.STAGE_2_FIRST_CONTACT: _l("The person who looks again talks to you"),
    ClockName.STAGE_2_RESPONSE: _l("You get our final answer"),
}


def limit_text(limit: Limit) -> str:
    """A limit as people say it, in the reader's language."""
    number = limit.number
    match limit.unit:
        case Unit.WORKING_DAYS:
            return i18n.working_days_text(number)
        case Unit.WORKING_HOURS:
            return i18n.working_days_text(number // 24)
        case Unit.CALENDAR_DAYS:
            return ngettext("%(num)d day", "%(num)d days", number)
        case Unit.CALENDAR_MONTHS:
            return ngettext("%(num)d month", "%(num)d months", number)
        case Unit.CLOCK_HOURS:
            return ngettext("%(num)d hour", "%(num)d hours", number)


def stage_words(policy: Policy, stage: int) -> StageWords:
    """The times of one stage as this landlord has them."""
    landlord = policy.landlord
    names = landlord.stages.words
    wanted = [name for name in WHAT if name.value.startswith(f"stage_{stage}_") and name in landlord.clocks]
    times = tuple(
        Time(WHAT[name], limit_text(landlord.clocks[name].limit), _after(landlord, name)) for name in wanted
    )
    return StageWords(
        words(names.stage_2 if stage == 2 else names.stage_1), times, policy.extension_cap(stage)
    )


def _after(landlord: Landlord, name: ClockName) -> Any:
    return STARTS.get(Event(landlord.clocks[name].start), gettext("the day it began"))


def policy_today() -> Policy:
    """The landlord's rules and the Code as they stand today."""
    return load(config.current().landlord)


@pages.get("/how-we-deal-with-complaints")
@public
def how() -> ResponseReturnValue:
    """The two stages, their times, what we may not take on, and the Ombudsman (Code 4.1, 3.3)."""
    policy = policy_today()
    landlord = policy.landlord
    window = landlord.clocks.get(ClockName.ESCALATION_WINDOW)
    return render(
        "portal/how.html",
        definition=policy.code.definition,
        stages=[stage_words(policy, 1), stage_words(policy, 2)],
        quick=words(landlord.quick_resolution.words),
        window=limit_text(window.limit) if window else "",
        panel=words(landlord.panel.words) if landlord.panel else "",
        visit=words(landlord.home_visit.words) if landlord.home_visit else "",
        reviewer=landlord.stage_2.handler_title,
        grounds=[words(one.words) for one in landlord.exclusions if one.usable],
        escalation_grounds=[words(one.words) for one in landlord.escalation.refusals if one.usable],
        age=limit_text(landlord.age_limit.limit),
        document=landlord.document,
        ombudsman=policy.ombudsman(clock.today()),
    )


@pages.get("/complaint-handling-code")
@public
def the_code() -> ResponseReturnValue:
    """What the Code is and what it asks of us."""
    policy = policy_today()
    return render(
        "portal/the_code.html",
        code=policy.code,
        first=limit_text(policy.code.clocks[ClockName.STAGE_1_RESPONSE].limit),
        second=limit_text(policy.code.clocks[ClockName.STAGE_2_RESPONSE].limit),
        departures=policy.landlord.departures,
        ombudsman=policy.ombudsman(clock.today()),
    )


@pages.get("/your-information")
@public
def your_information() -> ResponseReturnValue:
    """What we keep about people, why, for how long, and who sees it."""
    return render("portal/your_information.html", draft_days=policy_today().landlord.draft_days)


@pages.get("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    """What works, what does not yet, how to tell us, and when we look again."""
    return render("portal/accessibility.html", checked_on=CHECKED_ON, review_on=REVIEW_ON)


@pages.get("/stay-safe")
@public
def stay_safe() -> ResponseReturnValue:
    """For somebody whose phone or computer is watched: what the quick way out does, and what it cannot do."""
    return render("portal/stay_safe.html")


@pages.get("/help")
@public
def help_page() -> ResponseReturnValue:
    """How to reach us, and who else can help."""
    return render("portal/help.html", ombudsman=policy_today().ombudsman(clock.today()))
