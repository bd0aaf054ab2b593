"""The landlord's rules as this service keeps them, on one page: each with the paper that it comes from.

Everything is read from the policy files, so that the page cannot say other than what the service does. What the
service enforces by itself is here beside what only people can do, such as agreeing a restriction.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from flask.typing import ResponseReturnValue

from shared import clock, config
from shared.i18n import english_name, money_text
from shared.policy.compare import Looseness, looser_than_code
from shared.policy.landlord import Landlord
from shared.policy.load import load
from shared.policy.policy import Policy
from shared.policy.rules import Extension, LetterPart
from shared.policy.terms import Agreement, Anonymous, Consent, LateRequest, Petitions, SocialMedia
from shared.vocab import Role
from shared.web.access import staff
from shared.web.render import render
from staff.blueprint import pages

PETITIONS = {
    Petitions.GROUP_COMPLAINT: "A complaint by a group, with everybody's consent and one person who speaks",
    Petitions.RECORD_AND_TELL: "Recorded and acknowledged",
}
ANONYMOUS = {
    Anonymous.TELL_AREA: "Passed to the service for its information; nobody is written to",
    Anonymous.MAY_INVESTIGATE: "May be looked into; nobody is written to",
}
SOCIAL_MEDIA = {SocialMedia.ACCEPT_THEN_PRIVATE: "Accepted, and carried on in private"}
CONSENT = {
    Consent.RESIDENT_CONFIRMS: "The resident confirms it",
    Consent.MAY_CHECK: "We may check with the resident",
}
AGREEMENT = {
    Agreement.INFORM: "The resident is told",
    Agreement.SOUGHT: "The resident is asked; a “no” is recorded and does not bar it",
    Agreement.REQUIRED: "Only if the resident agrees",
}
LATE = {
    LateRequest.EXCEPTIONAL: "Considered where the delay has an exceptional reason",
    LateRequest.JUDGED: "Judged on its merits",
    LateRequest.NOT_STATED: "Judged on its merits, as the paper does not say (Code 2.5, 5.11)",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: what it is about, what holds, and what says so; the last may be empty."""

    about: str
    holds: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One block of the page."""

    title: str
    rules: tuple[Rule, ...]


@pages.get("/rules")
@staff()
def rules() -> ResponseReturnValue:
    """Our own rules and the Code's, as this service keeps them."""
    policy = load(config.current().landlord)
    document = policy.landlord.document
    return render(
        "staff/rules.html",
        document=document,
        overdue=document.review_due_on < clock.today(),
        sections=sections(policy, clock.today()),
        looser=by_area(looser_than_code(policy)),
    )


def sections(policy: Policy, today: date) -> list[Section]:
    """Everything that holds on a day, block by block; what the landlord says nothing about is left out."""
    landlord = policy.landlord
    blocks = {
        "How long we have": _limits(landlord),
        "The two stages": _stages(policy),
        "Who says yes": _approvals(landlord),
        "How complaints come in": _intake(landlord),
        "Unacceptable behaviour": _behaviour(landlord),
        "Money": _money(policy, today),
        "When it is over": _closing(landlord),
        "When the Ombudsman asks or decides": _ombudsman(landlord),
        "How people reach us": _contact(landlord),
        "What the Code asks besides": _code(policy),
    }
    found = [Section(title, tuple(rule for rule in rules if rule.holds)) for title, rules in blocks.items()]
    return [section for section in found if section.rules]


def by_area(found: Iterable[Looseness]) -> list[Looseness]:
    """Where our paper asks less of us than the Code, in the order of the Code's clauses."""
    return sorted(found, key=lambda one: (float(one.clause.split()[0]), one.area))


def _limits(landlord: Landlord) -> Iterator[Rule]:
    for name, timer in landlord.clocks.items():
        yield Rule(
            _words(name), f"{timer.limit} from “{_plain(timer.start.removesuffix('_at'))}”", timer.source
        )
        if timer.extension:
            yield Rule(
                f"{_words(name)}, more time", _more_time(landlord, timer.extension), timer.extension.source
            )
    yield Rule(
        "Age of an issue",
        f"{landlord.age_limit.limit}. {landlord.age_limit.discretion}",
        landlord.age_limit.source,
    )


def _more_time(landlord: Landlord, extension: Extension) -> str:
    cap = f"Up to {extension.cap} working days" if extension.cap else "As far as the Code allows"
    who = _title(landlord, extension.approver or landlord.approvals.default)
    when = ", before it applies" if extension.approve_before else ""
    return f"{cap}. {who} agrees{when}. {AGREEMENT[extension.agreement]}"


def _stages(policy: Policy) -> Iterator[Rule]:
    landlord, code = policy.landlord, policy.code
    yield Rule("Number of stages", f"{code.max_stages} and no more", code.source(code.stage_clause))
    quick = landlord.quick_resolution
    first = f"a call in the time of the {_plain(quick.within)}" if quick.call_first else "an early answer"
    yield Rule(quick.name, f"Inside stage 1: {first}", quick.source)
    escalation = landlord.escalation
    asked = "asked for and never needed" if escalation.reasons_asked else "not asked for"
    yield Rule("Reasons for stage 2", f"They are {asked} (Code 6.12)", escalation.source)
    yield Rule("Late request for stage 2", LATE[escalation.late_request], escalation.source)
    second = landlord.stage_2
    other = f"; if involved before, {second.if_involved}" if second.if_involved else ""
    yield Rule("Who answers at stage 2", f"{second.handler_title}{other}", second.source)
    if second.letter_check:
        yield Rule(
            "Who reads that answer first", _title(landlord, second.letter_check), second.letter_check_source
        )
    if panel := landlord.panel:
        people = (
            f"the resident may bring {panel.companions}" if panel.companions else "the resident comes alone"
        )
        holds = f"{panel.name} ({panel.short}), called by {_title(landlord, panel.convener)}; {people}"
        yield Rule("Panel inside stage 2", holds, panel.source)
    if landlord.home_visit:
        yield Rule("Visit at home", "Offered at both stages", landlord.home_visit.source)


def _approvals(landlord: Landlord) -> Iterator[Rule]:
    yes = landlord.approvals
    ours = "Our default, for the landlord to set"
    yield Rule(
        "Anything with no name of its own",
        _title(landlord, yes.default),
        ours if "default" in yes.ours else "",
    )
    yield Rule("Not accepting a complaint or stage 2", _title(landlord, yes.refusal), yes.refusal_source)
    for limit in yes.money:
        sum_ = "any sum" if limit.up_to_pence is None else f"up to {money_text(limit.up_to_pence)}"
        yield Rule(f"Money: {_title(landlord, limit.role)}", sum_, ours if "money" in yes.ours else "")


def _intake(landlord: Landlord) -> Iterator[Rule]:
    intake = landlord.intake
    told = f", and told to the {intake.petitions_told_to}" if intake.petitions_told_to else ""
    warning = f". {intake.petitions_warning}" if intake.petitions_warning else ""
    yield Rule("Petitions", f"{PETITIONS[intake.petitions]}{told}{warning}", intake.petitions_source)
    yield Rule("Complaints without a name", ANONYMOUS[intake.anonymous], intake.anonymous_source)
    yield Rule("Posts on social media", SOCIAL_MEDIA[intake.social_media], intake.social_media_source)
    helper = intake.representatives
    elected = (
        "MPs and councillors too" if helper.elected_too else "MPs and councillors need no consent by law"
    )
    yield Rule("Somebody who acts for a resident", f"{CONSENT[helper.consent]}; {elected}", helper.source)


def _behaviour(landlord: Landlord) -> Iterator[Rule]:
    rules, yes = landlord.behaviour, landlord.approvals
    first = "A warning first, which says" if rules.warning_first else "A warning says"
    yield Rule("Warning", f"{first}: {_parts(rules.warning_parts)}", rules.source)
    yield Rule("Restriction: what the letter says", _parts(rules.restriction_parts), rules.source)
    advised = ", ".join(_title(landlord, role) for role in yes.restriction_advisers)
    who = _title(landlord, yes.restriction) + (f", after talking to {advised}" if advised else "")
    yield Rule("Restriction: who agrees to it", who, yes.restriction_source)
    every = f"every {rules.review_every}" if rules.review_every else "at times to be set with it (Code 5.15)"
    yield Rule("Restriction: looked at again", f"{every}, by {rules.reviewer}", rules.source)


def _money(policy: Policy, today: date) -> Iterator[Rule]:
    rules = policy.landlord.compensation
    debts = (
        "Set off, but never on a sum the Ombudsman ordered" if rules.offset_against_debt else "Never set off"
    )
    yield Rule("Policy", rules.policy, rules.source)
    yield Rule("Weighed", "; ".join(rules.factors), rules.source)
    yield Rule("Ways to put things right", "; ".join(rules.remedies), rules.source)
    yield Rule("Payments and debts", debts, rules.source)
    for one in policy.tariff(today):
        yield Rule(
            one.words, f"{money_text(one.pence)} for each {one.per.value}: a suggestion, never an award"
        )


def _closing(landlord: Landlord) -> Iterator[Rule]:
    closing = landlord.closing
    when = f"Sent when the complaint is {closing.survey_when.value}" if closing.survey else "None"
    yield Rule("Survey", when, closing.survey_source)


def _ombudsman(landlord: Landlord) -> Iterator[Rule]:
    rules = landlord.ombudsman_cases
    if rules is None:
        return
    meeting = ", with a meeting of everybody involved" if rules.request_meeting else ""
    yield Rule("A request for information", f"{rules.request_owner}{meeting}", rules.source)
    for name, owner in rules.owners.items():
        yield Rule(_words(name), owner, rules.source)
    if rules.await_up_to:
        yield Rule("Waiting for a determination", f"Kept in view for up to {rules.await_up_to}", rules.source)


def _contact(landlord: Landlord) -> Iterator[Rule]:
    contact = landlord.contact
    yield Rule("Team", contact.team)
    given = {
        "Telephone": contact.phone,
        "E-mail": contact.email,
        "Website": contact.website,
        "Form that this service takes the place of": contact.complaint_form,
        "Reception": ", ".join(contact.reception),
        "Post": ", ".join(contact.post),
    }
    yield from (Rule(about, holds) for about, holds in given.items() if holds)
    languages = ", ".join(english_name(tag) for tag in landlord.languages)
    yield Rule("Languages besides English", languages or "On request", landlord.languages_source)


def _code(policy: Policy) -> Iterator[Rule]:
    code = policy.code
    for name, timer in code.clocks.items():
        if timer.extension:
            letter = f"The letter gives the Ombudsman's details ({timer.extension.letter_clause})"
            cap = f"No more than {timer.extension.cap} working days without good reason. {letter}"
            yield Rule(f"{_words(name)}, more time", cap, code.source(timer.extension.clause))
    for what, duty in code.duties.items():
        yield Rule(_words(what), duty.text, code.source(duty.clause))
    own = code.self_assessment
    yield Rule("Self-assessment", f"Every {own.every}, and {', '.join(own.also)}", code.source(own.clause))


def _title(landlord: Landlord, role: Role) -> str:
    return landlord.titles.get(role, role.value.replace("_", " "))


def _parts(parts: Iterable[LetterPart]) -> str:
    return "; ".join(_plain(one.part) + ("" if one.required else " (advised)") for one in parts)


def _words(name: str) -> str:
    return _plain(name).capitalize()


def _plain(name: str) -> str:
    return name.replace("_", " ")
