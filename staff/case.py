"""The case page: who it is about, what is due and why, what to do next, and the whole record in tabs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import abort, g, request
from flask.typing import ResponseReturnValue

from shared import clock, i18n
from shared.cases import case_clocks, checklist, flow, queries, service, timeline, wording
from shared.cases import commands as c
from shared.cases.case_clocks import Duty
from shared.cases.case_view import CaseView, FileRow, LetterRow
from shared.cases.colleagues import desk
from shared.cases.colleagues.desk import Desk
from shared.cases.guards.merge import STAYS_AT
from shared.cases.inbox.rows import InboxRow
from shared.cases.state import CaseState
from shared.clock import london_date
from shared.db import LARGEST_ID
from shared.deadlines.shown import past_the_code
from shared.identity.roles import Permission, may
from shared.identity.tokens import parse_reference
from shared.vocab import Action, Channel
from shared.web import access
from shared.web.file_words import size_text
from shared.web.render import render
from staff import next_case, steps
from staff.addresses import CASE_ROLES, act_url, me, true_ref
from staff.blueprint import pages
from staff.forms import FORMS
from staff.forms.answering import FINDINGS
from staff.forms.base import number
from staff.forms.record import BASES, CLOSE_REASONS, SCOPES
from staff.forms.remedies import KINDS
from staff.forms.taking_in import CHANNELS
from staff.presence import words

DELIVERY = {
    "queued": "Waiting to go out",
    "sending": "On its way out",
    "sent": "Sent",
    "delivered": "Delivered",
    "settled": "Not delivered, and reached in another way",
    "failed": "Could not be delivered",
    "cancelled": "Stopped before it went",
    "post": "To be printed and posted",
}
TABS = {
    "record": "Record",
    "letters": "Letters",
    "points": "Points and findings",
    "promises": "Promises",
    "people": "People and consent",
    "files": "Files",
    "checklist": "Checklist",
    "similar": "Similar cases",
}
MOST_BESIDE = 4  # pictures that fit beside each other
START_WORDS = {
    "received_at": "the day we received it",
    "logged_at": "the day it was logged",
    "acknowledged_at": "the day of the acknowledgement",
    "allocated_at": "the day the handler was named",
    "escalated_at": "the day stage 2 was asked for",
    "escalation_logged_at": "the day the request for stage 2 was logged",
    "escalation_acknowledged_at": "the day of the stage 2 acknowledgement",
    "escalation_allocated_at": "the day the stage 2 handler was named",
    "review_investigated_at": "the day the panel was asked for",
    "panel_held_at": "the day the panel met",
    "resolved_at": "the day the resident said that all is put right",
    "completed_at": "the day of the final response",
}


@pages.get("/cases/<string:ref>")
@access.staff(*CASE_ROLES)
def case(ref: str) -> ResponseReturnValue:
    """One case."""
    view = open_case(ref)
    tabs = {k: v for k, v in TABS.items() if k != "checklist" or view.policy.landlord.checklist}
    tab = request.args.get("tab", "record")
    if tab not in tabs:
        tab = "record"
    beside = desk_of(view)
    similar = queries.same_home(view, me(), 25) if tab in {"record", "similar"} else ()
    return render(
        "staff/case.html",
        tab=tab,
        tabs=tabs,
        saved=saved(view),
        older_first=request.args.get("order") == "oldest",
        drafts=[(one, FORMS[Action(one.action)].title) for one in beside.drafts],
        writing="",
        presence=words(beside.here),
        similar=similar,
        duplicates=duplicates(view, similar),
        wording=wording,
        **about(view),
        **_tab_parts(view, tab),
    )


def desk_of(view: CaseView, *, texts: bool = False) -> Desk:
    """What lies beside a case for the person at this desk; the navigation reads its counts from it too."""
    found = desk.beside(view.ref, me(), texts=texts)
    g.waiting = found.waiting
    return found


def duplicates(view: CaseView, similar: Iterable[InboxRow]) -> list[str]:
    """The earlier ones of these cases into which this one could be merged, if it is the same complaint."""
    if Action.MERGE not in view.allowed:
        return []
    state = view.state
    here = (london_date(state.milestones.received_at), view.ref)
    return [
        row.ref
        for row in similar
        if row.stage in STAYS_AT
        and row.kind == state.kind
        and not row.merged_into
        and (row.received_on, row.ref) < here
    ]


@dataclass(frozen=True, slots=True)
class Saved:
    """What the page says after a step: on this case or, gone on from there, on the case `ref`."""

    words: str
    ref: str = ""
    undo_url: str = ""
    changes: tuple[timeline.Entry, ...] = ()  # what colleagues or the resident did in between


def saved(view: CaseView) -> Saved | None:
    """What was just done, as the address says; None when the page was simply opened."""
    name = request.args.get("done", "")
    text = done_words(name)
    if not text:
        return None
    before = saved_elsewhere()
    if before is not None and before.ref != view.ref:
        return before
    since = number(request.args.get("since"), LARGEST_ID)
    if since is None:
        return Saved(text)
    own = max((e.seq for e in view.events if e.actor == me().key), default=0)
    others = tuple(e for e in view.events if since < e.seq < own and e.actor != me().key)
    return Saved(text, changes=tuple(timeline.for_staff(others)))


def saved_elsewhere() -> Saved | None:
    """What was just done on the case that somebody came from; None when they came from none."""
    name, ref = request.args.get("done", ""), parse_reference(request.args.get("saved", ""))
    text = done_words(name)
    if not ref or not text:
        return None
    sent = name in {step.action.value for step in flow.FLOW if step.letter is not None}
    return Saved(text, ref, act_url(ref, Action.UNDO_SEND) if sent else "")


def done_words(name: str) -> str:
    """What to say after an action; nothing for a word that names none."""
    if name == "draft":
        return "Your draft is kept. Open the same page again to go on."
    if name == "draft-without-file":
        return "Your draft is kept, but one of its files was refused. Add it again when you go on."
    try:
        return timeline.TITLES[Action(name)]
    except (ValueError, KeyError):
        return ""


def open_case(ref: str) -> CaseView:
    """The case as the signed-in person may see it; the page "not found" for one they may not."""
    try:
        return queries.case(true_ref(ref), me())
    except service.NoSuchCase:
        abort(404)


def about(view: CaseView) -> dict[str, Any]:
    """What the head of every page of a case shows: person, needs, safety, language, clocks, next step."""
    state = view.state
    open_book = may(me().roles, Permission.SEES_PERSONAL_DATA)
    name = state.resident.name if state.resident else "No name given"
    return {
        "way_back": next_case.way_back(),
        "view": view,
        "state": state,
        "open_book": open_book,  # to the others, names and the resident's own words lie folded
        "person": name if open_book else "",
        "stage_words": stage_words(view),
        "kind_words": wording.KINDS[state.kind],
        "risk_words": wording.RISKS[state.risk] if state.risk else "",
        "danger": wording.danger_words(state.story.danger),
        "needs": [(need, wording.need_words(need, i18n.SOURCE).text) for need in state.needs],
        "safety": safety_words(state),
        "consent_now": state.consent.in_force(clock.today()),
        "language_words": i18n.english_name(state.language),
        "foreign": state.language != i18n.SOURCE,
        "failed": [row for row in view.letters if row.delivery == "failed"],
        "to_post": to_post(view),
        "clocks": [shown_clock(view, duty) for duty in view.duties],
        "windows": [shown_clock(view, duty) for duty in case_clocks.windows(state, view.clocks)],
        "next_step": steps.next_step(view),
        "quick": steps.often(view),
        "groups": steps.groups(view),
        "channels": {**CHANNELS, "portal": "The portal"},
        "findings": {kind.value: text for kind, text in FINDINGS.items()},
        "language_of": i18n.english_name,
    }


def stage_words(view: CaseView) -> str:
    """Where the case stands, with the landlord's own name of the stage."""
    words = wording.STAFF_STAGES[view.state.stage]
    names = view.policy.landlord.stages.words
    own = names.stage_2 if view.state.stage_number == 2 else names.stage_1
    plain = f"Stage {view.state.stage_number}"
    return words if own in words or plain not in words else f"{words} ({own})"


def to_post(view: CaseView) -> list[LetterRow]:
    """Letters that wait to be printed and posted: nobody has recorded since that one went by post."""
    posted = [
        e.seq
        for e in view.events
        if isinstance(e.command, c.RecordContact)
        and e.command.channel is Channel.LETTER
        and e.command.outgoing
    ]
    last = max(posted, default=0)
    return [row for row in view.letters if row.delivery == "post" and row.seq > last and not row.of]


def safety_words(state: CaseState) -> list[str]:
    """What must be read before every contact."""
    safety = state.safety
    rows = [
        (safety.no_calls, "Do not call"),
        (safety.no_voicemail, "Do not leave a voicemail"),
        (safety.no_post, "Do not send post"),
        (safety.no_email, "Do not send e-mail"),
    ]
    return [text for holds, text in rows if holds] + ([f"Calls: {safety.times}"] if safety.times else [])


@dataclass(frozen=True, slots=True)
class ShownClock:
    """One duty as the page explains it."""

    title: str
    duty: Duty
    left: int
    started_by: str
    days_counted: int
    past_the_code: bool  # a panel's, after the day of the answer that the Code does not move for it (6.14)


def shown_clock(view: CaseView, duty: Duty) -> ShownClock:
    """A duty with its words."""
    return ShownClock(
        title=wording.CLOCKS.get(duty.name.value, duty.name.value.replace("_", " ").capitalize()),
        duty=duty,
        left=view.left(duty.due_on) or 0,
        started_by=START_WORDS.get(duty.clock.start_event.value, "the day it began"),
        days_counted=len(duty.clock.counted),
        past_the_code=duty.clock in past_the_code(view.clocks),
    )


def _tab_parts(view: CaseView, tab: str) -> dict[str, Any]:
    match tab:
        case "record":
            return {
                "history": folded(_in_order(timeline.for_staff(view.events))),
                "merged_history": {one.how.ref: timeline.for_staff(one.events) for one in view.merged},
                "translations": _translations(view),
                "on_portal": frozenset(timeline.RESIDENT_TITLES),
                "delivery_words": DELIVERY,
            }
        case "points":
            return {
                "remedy_kinds": KINDS,
                "stages": [s for s in (1, 2) if s <= view.state.stage_number],
                "close_reasons": CLOSE_REASONS,
            }
        case "people":
            return {"scopes": SCOPES, "bases": BASES}
        case "files":
            pictures = [f for f in view.files if f.media_type.startswith("image/")]
            return {"pictures": pictures, "beside": _beside(pictures), "size_text": size_text}
        case "checklist":
            return {"sections": checklist.sections(view)}
        case "letters":
            return {"delivery_words": DELIVERY}
    return {}


def _beside(pictures: list[FileRow]) -> list[FileRow]:
    """The pictures chosen to be looked at side by side, the earliest first; a handful at most."""
    wanted = set(request.args.getlist("beside")[:MOST_BESIDE])
    chosen = [one for one in pictures if str(one.id) in wanted]
    return sorted(chosen, key=lambda one: (one.taken_on or london_date(one.created_at), one.id))


def _in_order(entries: list[timeline.Entry]) -> list[timeline.Entry]:
    """The newest first, or as they happened where the address asks for that."""
    return entries[::-1] if request.args.get("order") == "oldest" else entries


def folded(entries: Iterable[timeline.Entry]) -> list[list[timeline.Entry]]:
    """The history in runs: entries of people alone, neighbouring entries of the system together."""
    runs: list[list[timeline.Entry]] = []
    for entry in entries:
        if entry.seen_by == "system" and runs and runs[-1][0].seen_by == "system":
            runs[-1].append(entry)
        else:
            runs.append([entry])
    return runs


def _translations(view: CaseView) -> dict[str, list[c.Translate]]:
    """The translations recorded so far, oldest first, by what they are of: the story, or an event."""
    found: dict[str, list[c.Translate]] = {}
    for event in view.events:
        if isinstance(event.command, c.Translate):
            found.setdefault(event.command.of, []).append(event.command)
    return found
