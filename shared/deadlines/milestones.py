"""What has happened on a case, as far as time limits care."""

from datetime import datetime

import msgspec

from shared.clock import london_date
from shared.policy.policy import Policy, response_clock
from shared.policy.terms import Event


class OutOfOrder(ValueError):
    """One event is dated before another that must come first."""


class ExtensionRefused(ValueError):
    """An extension goes past its cap, or its clock has not begun."""


class Milestones(msgspec.Struct, frozen=True, kw_only=True):
    """The instants that start and end clocks: aware datetimes, or None for what has not happened.

    Extensions are the total working days by which each stage's answer was put off. `resident_more_days` are
    given to a resident who needs time: they lengthen her own windows and never a clock of ours.
    """

    received_at: datetime
    logged_at: datetime | None = None
    acknowledged_at: datetime | None = None
    allocated_at: datetime | None = None
    contacted_at: datetime | None = None  # the handler's first contact at stage 1
    responded_at: datetime | None = None
    escalated_at: datetime | None = None
    escalation_logged_at: datetime | None = None
    escalation_acknowledged_at: datetime | None = None
    escalation_allocated_at: datetime | None = None
    escalation_contacted_at: datetime | None = None
    review_investigated_at: datetime | None = None  # when a panel was asked for: the day the review was done
    panel_held_at: datetime | None = None
    panel_outcome_sent_at: datetime | None = None
    final_response_at: datetime | None = None
    resolved_at: datetime | None = None
    completed_at: datetime | None = None
    completion_letter_sent_at: datetime | None = None
    closing_letter_sent_at: datetime | None = None
    closed_at: datetime | None = None
    determination_at: datetime | None = None
    determination_forwarded_at: datetime | None = None
    determination_shared_at: datetime | None = None
    determination_reviewed_at: datetime | None = None
    determination_followed_up_at: datetime | None = None
    stage_1_extended_by: int = 0
    stage_2_extended_by: int = 0
    resident_more_days: int = 0

    def at(self, event: Event | None) -> datetime | None:
        """When an event happened, or None."""
        if event is None:
            return None
        value: datetime | None = getattr(self, event.value)
        return value

    def extended_by(self, stage: int) -> int:
        """The working days by which the answer at stage 1 or 2 was put off."""
        return {1: self.stage_1_extended_by, 2: self.stage_2_extended_by}[stage]

    @property
    def outcome_at(self) -> datetime | None:
        """When the last answer was given, unless an escalation is still waiting for its own."""
        if self.final_response_at or self.escalated_at:
            return self.final_response_at
        return self.responded_at


STAGE_1 = (Event.LOGGED, Event.ACKNOWLEDGED, Event.ALLOCATED)
STAGE_2 = (Event.ESCALATION_LOGGED, Event.ESCALATION_ACKNOWLEDGED, Event.ESCALATION_ALLOCATED)
COMES_FIRST: tuple[tuple[tuple[Event, ...], tuple[Event, ...]], ...] = (
    (
        (Event.RECEIVED,),
        (*STAGE_1, Event.RESPONDED, Event.ESCALATED, Event.FINAL_RESPONSE, Event.DETERMINATION),
    ),
    (STAGE_1, (Event.RESPONDED, Event.ESCALATED)),
    ((Event.RESPONDED,), (Event.ESCALATED, *STAGE_2, Event.FINAL_RESPONSE, Event.DETERMINATION)),
    ((Event.ESCALATED,), (*STAGE_2, Event.FINAL_RESPONSE)),
    (STAGE_2, (Event.FINAL_RESPONSE,)),
    ((Event.FINAL_RESPONSE,), (Event.DETERMINATION,)),
)
"""Events on the left are never on a later day than those on the right."""


def check_order(facts: Milestones) -> None:
    """Raise OutOfOrder, naming both events, when one that must come first is dated on a later London day.

    Logging, acknowledging and allocating may come in any order: no paper fixes one.
    """
    for firsts, thens in COMES_FIRST:
        for first in firsts:
            for then in thens:
                early, late = facts.at(first), facts.at(then)
                if early and late and london_date(late) < london_date(early):
                    raise OutOfOrder(
                        f"{in_words(then)} ({london_date(late):%-d %B %Y}) cannot come before "
                        f"{in_words(first)} ({london_date(early):%-d %B %Y})"
                    )


def check_extensions(facts: Milestones, policy: Policy) -> None:
    """Raise ExtensionRefused when an extension passes the cap of a first extension, or no clock runs for it.

    The cap is the landlord's own or, where its policy names none, the Code's (6.4, 6.15). A further extension
    by agreement is a decision on a case and is not judged here.
    """
    for stage in (1, 2):
        days = facts.extended_by(stage)
        if not days:
            continue
        if days < 0:
            raise ExtensionRefused(f"an extension at stage {stage} cannot be {days} working days")
        cap = policy.extension_cap(stage)
        if days > cap:
            raise ExtensionRefused(
                f"an extension at stage {stage} is at most {cap} working days for "
                f"{policy.landlord.name}, not {days}"
            )
        clock = response_clock(stage)
        starts = {policy.code.clocks[clock].start}
        if clock in policy.landlord.clocks:
            starts.add(policy.landlord.clocks[clock].start)
        if not any(facts.at(event) for event in starts):
            needed = " or ".join(sorted(in_words(event) for event in starts))
            raise ExtensionRefused(
                f"stage {stage} has nothing to extend: its clock has not begun ({needed} is missing)"
            )


def in_words(event: Event) -> str:
    """An event as a person says it: "escalation acknowledged"."""
    return event.value.removesuffix("_at").replace("_", " ")
