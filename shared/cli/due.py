"""`redress due`: when everything on a case is due and why, from nothing but its dates."""

import json
import textwrap
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, NoReturn

import click

from shared.clock import LONDON, london_date
from shared.deadlines.calendar import OutsideCalendar, calendar
from shared.deadlines.compute import Clock, compute
from shared.deadlines.milestones import (
    ExtensionRefused,
    Milestones,
    OutOfOrder,
    check_extensions,
    check_order,
    in_words,
)
from shared.policy.load import PolicyError, load

EVENTS = {
    "logged": "The complaint was logged.",
    "acknowledged": "The stage 1 acknowledgement was sent.",
    "allocated": "The stage 1 handler was given the complaint.",
    "responded": "The stage 1 response was sent.",
    "escalated": "The request for stage 2 was received.",
    "escalation-logged": "The escalation was logged.",
    "escalation-acknowledged": "The stage 2 acknowledgement was sent.",
    "escalation-allocated": "The stage 2 handler was given the complaint.",
    "final-response": "The final response was sent.",
    "determination": "The Ombudsman's determination was received.",
}
"""The options that name an event; each sets the milestone of its name."""


class Moment(click.ParamType[datetime]):
    """A date, or a date and time, in London: 2026-12-21 or 2026-12-21T14:00.

    A date alone is the start of its day. That is only felt by limits in hours, which are then due at the
    earliest instant they could be.
    """

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            if "T" not in value and " " not in value:
                return datetime.combine(date.fromisoformat(value), time(), LONDON)
            moment = datetime.fromisoformat(value)
            return moment.astimezone(LONDON) if moment.tzinfo else moment.replace(tzinfo=LONDON)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a date like 2026-12-21 or a date and time like 2026-12-21T14:00")


class WorkingDays(click.IntRange):
    """A number of working days, 0 or more."""

    name = "number of working days"


class OneLine(click.Command):
    """Says what is wrong in one line on standard error, without the usage text, and exits with 2."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            _refuse(error.format_message())


@click.command(cls=OneLine)
@click.option("--landlord", required=True, help="Slug of the landlord, such as halton.")
@click.option("--received", type=Moment(), required=True, help="The complaint was received.")
@click.option(
    "--stage-1-extended-by", metavar="DAYS", type=WorkingDays(min=0), default=0, help="Working days."
)
@click.option(
    "--stage-2-extended-by", metavar="DAYS", type=WorkingDays(min=0), default=0, help="Working days."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object keyed by clock.")
def due(
    landlord: str,
    received: datetime,
    stage_1_extended_by: int,
    stage_2_extended_by: int,
    as_json: bool,
    **events: datetime | None,
) -> None:
    """Print when everything on a case is due, and why.

    Dates are London dates, or dates and times, such as 2026-12-23T14:00. Clocks whose start has not happened,
    or that the landlord does not have, are left out. Refused are events that cannot come in the order given,
    an extension past its cap or for a stage whose clock has not begun, and dates for which the bank holidays
    are not known.
    """
    instants: dict[str, Any] = {f"{name}_at": when for name, when in events.items()}
    facts = Milestones(
        received_at=received,
        stage_1_extended_by=stage_1_extended_by,
        stage_2_extended_by=stage_2_extended_by,
        **instants,
    )
    try:
        policy = load(landlord, on=london_date(received))
        check_order(facts)
        check_extensions(facts, policy)
        clocks = compute(facts, policy, calendar())
    except (PolicyError, OutOfOrder, ExtensionRefused, OutsideCalendar) as error:
        _refuse(str(error))
    if as_json:
        click.echo(json.dumps({name.value: _as_json(clock) for name, clock in clocks.items()}, indent=2))
    else:
        click.echo(_as_table(clocks.values()))


for _name, _help in EVENTS.items():
    due = click.option(f"--{_name}", type=Moment(), help=_help)(due)


def _refuse(message: str) -> NoReturn:
    click.echo("redress due: " + " ".join(message.split()), err=True)
    raise SystemExit(2)


def _as_json(clock: Clock) -> dict[str, Any]:
    found: dict[str, Any] = {
        "due": _when(clock.due),
        "start": _when(clock.start),
        "start_event": clock.start_event.value,
        "limit": clock.limit,
        "source": clock.source,
        "skipped": [{"date": day.isoformat(), "why": why} for day, why in clock.skipped],
    }
    if clock.unextended_due:
        found["extended_by"] = clock.extended_by
        found["unextended_due"] = _when(clock.unextended_due)
    if clock.accepted_until != clock.due_on:
        found["accepted_until"] = clock.accepted_until.isoformat()
    if clock.met_on:
        found["met_on"] = clock.met_on.isoformat()
    return found


def _when(when: date | datetime) -> str:
    """A London date, or a London date and time without the offset: the form in which dates are given."""
    if not isinstance(when, datetime):
        return when.isoformat()
    seconds = "seconds" if when.second else "minutes"
    return when.astimezone(LONDON).replace(tzinfo=None).isoformat(timespec=seconds)


def _as_table(clocks: Iterable[Clock]) -> str:
    """One row a clock under a heading, and below each row what is worth knowing about its count."""
    rows = [("CLOCK", "DUE", "LIMIT", "COUNTED FROM")]
    notes: list[list[str]] = [[]]
    for clock in clocks:
        start = f"{in_words(clock.start_event)}, {_in_words(clock.start)}"
        rows.append((clock.name.value, _in_words(clock.due), clock.limit, start))
        notes.append(_notes(clock))
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row, below in zip(rows, notes, strict=True):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join(cells).rstrip())
        for note in below:
            lines.append(textwrap.fill(note, 108, initial_indent="    ", subsequent_indent="      "))
    return "\n".join(lines)


def _notes(clock: Clock) -> list[str]:
    notes = [clock.source]
    if clock.accepted_until != clock.due_on:
        notes.append(f"nobody works on that day: accepted until {_in_words(clock.accepted_until)}")
    if clock.skipped:
        notes.append("passed over: " + "; ".join(f"{day:%-d %b} {why}" for day, why in clock.skipped))
    if clock.met_on:
        notes.append(f"met on {_in_words(clock.met_on)}" + ("" if clock.met_in_time else ", late"))
    return notes


def _in_words(when: date | datetime) -> str:
    return f"{when:%a %-d %b %Y}" + (f" at {when:%H:%M}" if isinstance(when, datetime) else "")
