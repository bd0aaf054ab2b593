"""Where a complaint stands, as a picture in words: the steps, which one it is at, and what comes next by when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from portal.date_reasons import Why, why
from shared import clock
from shared.cases import case_clocks, wording
from shared.cases.case_view import CaseView
from shared.policy.terms import ClockName
from shared.vocab import Kind, Stage
from shared.web.filters import day, fill, name

S = Stage
# The step that each stage is at, of the five steps of a complaint.
AT = {
    S.RECEIVED: 0,
    S.STAGE_1: 1,
    S.STAGE_1_ANSWERED: 2,
    S.STAGE_2_REQUESTED: 3,
    S.STAGE_2: 3,
    S.STAGE_2_ANSWERED: 4,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the picture. `mark`: done | now | ahead."""

    title: str
    mark: str
    on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """What happens next in a sentence or two; the date with its reasons, and what is asked of the reader."""

    lines: tuple[Any, ...]
    whys: tuple[tuple[date, Why], ...] = ()


def words(text: str) -> str:
    """Words from a landlord's file in the reader's language, where the catalogue has them."""
    return gettext(text) if text else ""


def stage_names(view: CaseView) -> tuple[str, str]:
    """What this landlord calls the two stages."""
    names = view.policy.landlord.stages.words
    return words(names.stage_1), words(names.stage_2)


def steps(view: CaseView) -> list[Step]:
    """The picture: every step of this kind of case in order, with the day of those that are over."""
    state, m = view.state, view.state.milestones
    first, second = stage_names(view)
    received = Step(gettext("We got what you sent"), "done", _on(m.received_at))
    if state.kind is not Kind.COMPLAINT:
        now = Step(str(wording.STAGES[state.stage]), "now", _on(m.closed_at))
        return [received, now]
    if state.stage is S.NOT_ACCEPTED:
        return [received, Step(gettext("We wrote to you to say that we do not take this on"), "now")]
    rows: list[tuple[str, datetime | None, str]] = [
        (gettext("We got your complaint"), m.received_at, ""),
        (gettext("%(stage)s: we look into it", stage=first), m.acknowledged_at, ""),
        (gettext("%(stage)s: our answer", stage=first), m.responded_at, ""),
        (
            gettext("%(stage)s: another person looks at it again", stage=second),
            m.escalated_at,
            _only_if(view),
        ),
        (gettext("%(stage)s: our final answer", stage=second), m.final_response_at, _only_if(view)),
    ]
    at = AT.get(state.stage)
    if at is None:  # closed: what was reached, then the end
        reached = [Step(title, "done", _on(when)) for title, when, _note in rows if when]
        return [*reached, Step(gettext("Closed"), "now", _on(m.closed_at))]
    return [
        Step(title, "done" if n < at else "now" if n == at else "ahead", _on(when) if n <= at else None, note)
        for n, (title, when, note) in enumerate(rows)
    ]


def _only_if(view: CaseView) -> str:
    return "" if view.state.milestones.escalated_at else gettext("Only if you ask for it")


def _on(when: datetime | None) -> date | None:
    return clock.london_date(when) if when else None


def next_step(view: CaseView) -> Next:
    """What happens next, until when, and why that day."""
    state = view.state
    duty = case_clocks.next_due(view.duties)
    if state.stage is S.STAGE_1_ANSWERED:
        ends = [w for w in case_clocks.windows(state, view.clocks) if w.name is ClockName.ESCALATION_WINDOW]
        return Next((*_answered(view),), tuple((w.clock.accepted_until, why(view, w)) for w in ends))
    lines = list(_lines(view))
    if duty is None:
        return Next(tuple(lines))
    if clock.today() > duty.due_on:
        said = gettext("We should have written to you by %(day)s. We are late, and we are sorry.")
        lines.append(fill(said, day=day(duty.due_on)))
        lines.append(gettext("You do not need to wait. Contact us, or ask the Housing Ombudsman for advice."))
    else:
        lines.append(fill(gettext("You hear from us by %(day)s."), day=day(duty.due_on)))
    answer = case_clocks.response_duty(state, view.clocks)
    if answer is None or answer.due_on == duty.due_on:
        return Next(tuple(lines), ((duty.due_on, why(view, duty)),))
    if answer.due_on >= clock.today():
        lines.append(fill(gettext("You get our answer by %(day)s."), day=day(answer.due_on)))
    return Next(tuple(lines), tuple((d.due_on, why(view, d)) for d in (duty, answer)))


def _lines(view: CaseView) -> list[Any]:
    state = view.state
    who = name(state.holder.name) if state.holder else ""
    match state.stage:
        case S.RECEIVED:
            return [gettext("We read your complaint and decide who looks into it.")]
        case S.STAGE_1 | S.STAGE_2:
            said = gettext("We look into your complaint and write to you with our answer.")
            if who:
                named = gettext("%(name)s looks into your complaint and writes to you with our answer.")
                said = fill(named, name=who)
            awaited = state.panel is not None and state.panel.awaited
            panel = gettext("You asked for the panel. It meets before we send you our final answer.")
            return [said, panel] if awaited else [said]
        case S.STAGE_2_REQUESTED:
            return [gettext("You asked us to look at your complaint again. We decide who does it.")]
        case S.STAGE_2_ANSWERED:
            return [
                gettext("We sent you our final answer."),
                gettext("If you are not happy with it, you can ask the Housing Ombudsman to look at it."),
            ]
        case S.NOT_ACCEPTED:
            return [
                gettext("We do not take this on as a complaint. Our letter says why."),
                gettext("You can ask the Housing Ombudsman to look at our decision."),
            ]
        case S.SERVICE_REQUEST:
            return [
                gettext("We passed your request to the people who can do it."),
                gettext("If you are not happy with what we do, you can complain at any time."),
            ]
        case S.RECORDED:
            return [gettext("We passed on what you told us.")]
    reason = str(wording.CLOSE_REASONS[state.close_reason]) if state.close_reason else ""
    return [line for line in (reason, gettext("Our promises to you still count.")) if line]


def _answered(view: CaseView) -> list[Any]:
    """After the stage 1 response: it is for the resident to say whether it is enough."""
    _first, second = stage_names(view)
    lines: list[Any] = [
        gettext("We sent you our answer. It is for you to say if it is good enough."),
        gettext(
            "If you are not happy, you can ask us to look at it again (%(stage)s)."
            " Another person does that. You do not need a reason.",
            stage=second,
        ),
    ]
    window = view.clocks.get(ClockName.ESCALATION_WINDOW)
    if window is not None:
        if clock.today() <= window.accepted_until:
            lines.append(fill(gettext("Please ask us by %(day)s."), day=day(window.accepted_until)))
        else:
            lines.append(gettext("You can still ask us, even if some time has passed."))
    return lines


def window_is_over(view: CaseView) -> date | None:
    """The last day of the landlord's window to ask for stage 2, once it has passed; None before, or without one."""
    window = view.clocks.get(ClockName.ESCALATION_WINDOW)
    if window is None or clock.today() <= window.accepted_until:
        return None
    return window.accepted_until
