"""Where a landlord's rules give residents less than the Code: what `redress check` tells its managers."""

from collections.abc import Iterator

from shared.policy.landlord import Departure
from shared.policy.policy import Policy, response_clock
from shared.policy.rules import Strict
from shared.policy.terms import ClockName, Event, LateRequest, Petitions, Unit


class Looseness(Strict, frozen=True, kw_only=True):
    """One place where the landlord asks less of itself, or more of residents, than the Code."""

    area: str
    clause: str  # of the Code
    landlord: str  # what its paper says
    code: str  # what the Code says
    handled: str  # what the service does about it


ORDER = {
    1: (Event.RECEIVED, Event.LOGGED, Event.ACKNOWLEDGED, Event.ALLOCATED, Event.CONTACTED),
    2: (
        Event.ESCALATED,
        Event.ESCALATION_LOGGED,
        Event.ESCALATION_ACKNOWLEDGED,
        Event.ESCALATION_ALLOCATED,
        Event.ESCALATION_CONTACTED,
        Event.REVIEW_INVESTIGATED,
    ),
}
"""The usual order of the events that can start a clock at each stage: a later start is a looser limit."""


def looser_than_code(policy: Policy) -> list[Looseness]:
    """Every place where a landlord is looser than the Code: limits worked out, and what its file declares.

    A place that only leaves something unsaid, which the Code then fills, is not one.
    """
    return [
        *_limits(policy),
        *_extensions(policy),
        *_panel(policy),
        *_age(policy),
        *_grounds(policy),
        *_escalation(policy),
        *_petitions(policy),
        *(_declared(one) for one in policy.landlord.departures),
    ]


def _limits(policy: Policy) -> Iterator[Looseness]:
    for name, rule in policy.code.clocks.items():
        own = policy.landlord.clocks.get(name)
        if own is None:
            continue
        stage = 2 if name.startswith("stage_2") else 1
        order = ORDER[stage]
        longer = _in_days(own.limit.number, own.limit.unit) > _in_days(rule.limit.number, rule.limit.unit)
        later = own.start not in order or order.index(own.start) > order.index(rule.start)
        if longer or later:
            yield Looseness(
                area=name.replace("_", " "),
                clause=rule.clause,
                landlord=f"{own.limit} from {_event(own.start)} ({own.source}).",
                code=f"{rule.limit} from {_event(rule.start)}.",
                handled="Both dates are worked out and the earlier one is shown as due.",
            )


def _extensions(policy: Policy) -> Iterator[Looseness]:
    for stage in (1, 2):
        name = response_clock(stage)
        own, rule = policy.landlord.clocks.get(name), policy.code.clocks[name]
        if not own or not own.extension or own.extension.cap is None or not rule.extension:
            continue
        ours = own.limit.number + own.extension.cap
        theirs = rule.limit.number + rule.extension.cap
        if ours > theirs:
            yield Looseness(
                area=f"stage {stage} extension",
                clause=rule.extension.clause,
                landlord=f"Up to {own.extension.cap} working days more ({own.extension.source}).",
                code=f"No more than {rule.extension.cap} working days without good reason.",
                handled="The Code's own date is kept beside the landlord's and shown when it is earlier.",
            )


def _panel(policy: Policy) -> Iterator[Looseness]:
    """The review, the panel and its outcome follow each other; the Code has one limit for all of stage 2."""
    own = policy.landlord.clocks
    chain = (ClockName.STAGE_2_RESPONSE, ClockName.PANEL_MEETING, ClockName.PANEL_OUTCOME)
    if not all(name in own for name in chain):
        return
    rule = policy.code.clocks[ClockName.STAGE_2_RESPONSE]
    days = sum(own[name].limit.number for name in chain)
    if days > rule.limit.number:
        yield Looseness(
            area="panel inside stage 2",
            clause=f"5.3 and {rule.clause}",
            landlord=f"Review, panel and outcome together take {days} working days ({own[chain[1]].source}).",
            code=f"One final response within {rule.limit} of the acknowledgement.",
            handled="One clock over stage 2, and a warning when a panel's date passes the Code's.",
        )


def _age(policy: Policy) -> Iterator[Looseness]:
    own, rule = policy.landlord.age_limit, policy.code.age_limit
    shorter = _in_days(own.limit.number, own.limit.unit) < _in_days(rule.limit.number, rule.limit.unit)
    if shorter or (rule.counts_awareness and not own.counts_awareness):
        yield Looseness(
            area="age limit",
            clause="2.3",
            landlord=f"{own.limit} from the event alone ({own.source}).",
            code=f"{rule.limit} from the issue or from when the resident became aware of it.",
            handled="The Code's date decides; discretion is weighed in every case.",
        )


def _grounds(policy: Policy) -> Iterator[Looseness]:
    for ground in policy.landlord.exclusions:
        if ground.code_ground is None and not ground.rests_on:
            yield Looseness(
                area="ground for not accepting a complaint",
                clause="2.2",
                landlord=f"{ground.words} ({ground.source})",
                code="The Code names three grounds. Any other has to be fair and reasonable, case by case.",
                handled=_use(ground.usable, ground.instead, ground.caution),
            )
    for ground in policy.landlord.escalation.refusals:
        if ground.code_ground is None:
            yield Looseness(
                area="ground for refusing stage 2",
                clause="5.11",
                landlord=f"{ground.words} ({ground.source})",
                code="Reasons have to comply with section 2 of the Code.",
                handled=_use(ground.usable, ground.instead, ground.caution),
            )


def _escalation(policy: Policy) -> Iterator[Looseness]:
    own = policy.landlord.escalation
    if own.reasons_asked:
        yield Looseness(
            area="reasons for stage 2",
            clause="6.12",
            landlord=f"Residents give their reasons ({own.source}).",
            code="Residents must not be required to explain their reasons.",
            handled="Reasons are asked for and never needed.",
        )
    window = policy.landlord.clocks.get(ClockName.ESCALATION_WINDOW)
    if window and own.late_request is LateRequest.NOT_STATED:
        yield Looseness(
            area="late request for stage 2",
            clause="2.5 and 5.11",
            landlord=f"{window.limit} from the stage 1 response, with no exception stated ({window.source}).",
            code="The Code sets residents no limit, and each request is considered on its merits.",
            handled="A late request is put before a person, who weighs the reasons.",
        )


def _petitions(policy: Policy) -> Iterator[Looseness]:
    intake = policy.landlord.intake
    if intake.petitions is Petitions.RECORD_AND_TELL:
        yield Looseness(
            area="petitions",
            clause="1.2 and 2.5",
            landlord=f"Petitions are recorded and not handled as complaints ({intake.petitions_source}).",
            code="A complaint can come from a group, and a blanket bar is not allowed.",
            handled="Staff are warned and can take a petition as a complaint by a group.",
        )


def _declared(one: Departure) -> Looseness:
    return Looseness(
        area=one.area, clause=one.clause, landlord=one.landlord, code=one.code, handled=one.handled
    )


def _use(usable: bool, instead: str, caution: str) -> str:
    first = "Used only after the case was weighed on its merits." if usable else "Cannot be used."
    return " ".join(part for part in (first, instead, caution) if part)


def _event(event: Event) -> str:
    return event.value.removesuffix("_at").replace("_", " ")


def _in_days(number: int, unit: Unit) -> float:
    """A rough length, to tell which of two limits in different units is the longer."""
    each = {
        Unit.WORKING_DAYS: 7 / 5,
        Unit.WORKING_HOURS: 7 / 5 / 24,
        Unit.CLOCK_HOURS: 1 / 24,
        Unit.CALENDAR_DAYS: 1.0,
        Unit.CALENDAR_MONTHS: 365.25 / 12,
    }
    return number * each[unit]
