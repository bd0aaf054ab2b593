"""The columns that lists, tabs and searches read: worked out from a state, never by hand, never by a view."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from shared import clock
from shared.cases import case_clocks, effects, side_rows
from shared.cases import commands as c
from shared.cases.effects import Happened
from shared.cases.flow import WORKED
from shared.cases.inbox import search, search_tokens
from shared.cases.state import CaseState, Commitment, encode
from shared.deadlines.calendar import Calendar
from shared.deadlines.compute import Clock
from shared.deadlines.shown import shown
from shared.models import Case
from shared.models.case import FAR
from shared.policy.policy import Policy, response_clock
from shared.policy.terms import ClockName
from shared.vocab import Channel, ConsentScope, Risk, Role, Stage

# Until an interval is agreed with the resident (Code 5.9), nobody should wait longer than this for a word.
DAYS_WITHOUT_A_WORD = 10
UNREAD_STAYS = (
    c.Tag,
    c.Remind,
    c.Allocate,
    c.UndoAllocate,
    c.AddTask,
    c.Merge,
    c.Unmerge,
)  # sorting cases is not reading them
CLOSED_STAGES = frozenset({Stage.CLOSED, Stage.NOT_ACCEPTED, Stage.RECORDED})


def new_row(state: CaseState) -> Case:
    """An empty row for a new case; `refresh` fills the rest."""
    return Case(
        ref=state.ref,
        landlord=state.landlord,
        policy_version=state.policy_version,
        version=0,
        to_post=False,
        undelivered=False,
    )


def columns(
    state: CaseState, policy: Policy, calendar: Calendar
) -> tuple[dict[str, object], dict[ClockName, Clock]]:
    """Every cached column that follows from the state alone, and the clocks it was worked out from."""
    found = case_clocks.clocks(state, policy, calendar)
    owed = case_clocks.duties(state, found)
    first = case_clocks.next_due(owed)
    person = state.resident
    promises = [_owed_on(p) for p in state.open_commitments]
    holder = state.holder
    here = state.merged_into is None  # or it is worked under another reference
    is_open = here and state.stage not in CLOSED_STAGES
    promise_on = min(promises, default=None)
    due_on = first.due_on if first else None
    address = ", ".join(person.address) if person else ""
    summary, summary_language = state.first_words
    return (
        {
            "kind": state.kind,
            "stage": state.stage,
            "is_open": is_open,
            "triaged": state.risk is not None,
            "risk": state.risk
            or (Risk.DANGER if state.story.danger else ""),  # reported, until somebody judged it
            "language": state.language,
            "resident": (person.name if person else "")[:200],
            "home": address[:400],
            "postcode": (person.postcode if person else "").replace(" ", "").upper()[:10],
            "summary": " ".join(summary.split())[:200],
            "summary_language": summary_language,
            "needs": [n.code for n in state.needs],
            "holder_id": holder.id if holder else None,
            "holder": holder.name if holder else "",
            "received_on": clock.london_date(state.milestones.received_at),
            "clocks": [[d.name.value, d.due_on.isoformat()] for d in owed],
            "next_due_on": due_on,
            "next_due": first.name.value if first else "",
            "next_promise_on": promise_on,
            "sort_on": min((day for day in (due_on, promise_on) if day), default=FAR),
            "silent_on": _silent_on(state) if here else FAR,
            **_answered(state, 1, found),
            **_answered(state, 2, found),
            "remind_on": state.reminder.on if state.reminder and here else None,
            "remind": state.reminder.reason[:300] if state.reminder else "",
            "tags": list(state.tags),
            "to_triage": here and state.stage is Stage.RECEIVED and state.risk is None,
            "to_acknowledge": here and state.stage in {Stage.RECEIVED, Stage.STAGE_2_REQUESTED},
            "at_stage_2": here and state.stage in {Stage.STAGE_2_REQUESTED, Stage.STAGE_2},
            "unassigned": is_open and holder is None,
            "awaits_consent": is_open
            and state.helper is not None
            and state.consent.scope is ConsentScope.NONE,
            "awaits_translation": is_open and bool(state.untranslated),
            "waiting_on": _waiting_on(state, owed) if here else "nobody",
            "merged_into": state.merged_into.ref if state.merged_into else None,
            "last_contact_on": state.last_contact_on,
        },
        found,
    )


def refresh(
    session: Session, row: Case, state: CaseState, event: Happened, policy: Policy, calendar: Calendar
) -> dict[ClockName, Clock]:
    """Bring the row up to the state after one more event, index its words, and return its clocks."""
    values, found = columns(state, policy, calendar)
    for name, value in values.items():
        setattr(row, name, value)
    row.version = event.seq
    row.updated_at = event.at
    sorting = event.role is Role.SYSTEM or isinstance(event.command, UNREAD_STAYS)
    by_resident = event.role in {Role.RESIDENT, Role.REPRESENTATIVE}
    row.unread = by_resident or (row.unread is True and sorting and state.merged_into is None)
    row.to_post = row.to_post is True and not _went_by_post(event.command)
    row.state = encode(state).decode()
    session.add(row)
    session.flush()
    side_rows.write(session, row.id, state, event)
    search.index(session, row.id, words(state))
    return found


def _owed_on(promise: Commitment) -> date:
    """The day by which a promise is owed: one that the resident says is not done was owed when we said it was."""
    return min(promise.due_on, promise.completed_on or promise.due_on)


def _answered(state: CaseState, stage: int, found: dict[ClockName, Clock]) -> dict[str, object]:
    """When a stage was answered, and whether after the earlier of the landlord's date and the Code's."""
    answer = shown(found).get(response_clock(stage))
    in_time = case_clocks.answered_in_time(state, found, stage)
    return {
        f"answered_{stage}_on": answer.earlier.met_on if answer else None,
        f"answered_{stage}_late": None if in_time is None else not in_time,
    }


def _went_by_post(command: c.Command) -> bool:
    return isinstance(command, c.RecordContact) and command.channel is Channel.LETTER and command.outgoing


def _silent_on(state: CaseState) -> date:
    """The last day by which a resident whose complaint is being worked should have heard from us."""
    if state.stage not in WORKED:
        return FAR
    heard_on = state.last_contact_on or clock.london_date(state.milestones.received_at)
    return heard_on + timedelta(days=state.contact_every_days or DAYS_WITHOUT_A_WORD)


def words(state: CaseState) -> search.Words:
    """What a search looks through: references, people, homes, numbers in any spacing, and what was said."""
    who = [state.ref, state.ref.replace("-", "")]
    for person in (state.resident, state.helper):
        if person:
            who += [person.name, person.email, search_tokens.phone_token(person.phone), *person.address]
            who.append(search_tokens.postcode_forms(person.postcode))
    return search.Words(" ".join(part for part in (*who, *state.tags) if part), "\n".join(texts(state)))


def texts(state: CaseState) -> list[str]:
    """What was said on a case, the most telling first: the story, the points, then what came later."""
    found = [state.first_words[0], state.story.what, state.story.effect, state.story.wanted]
    if state.definition:
        found += [point.text.text for point in state.definition.points]
    found += [message.text for message in reversed(state.messages)]
    found += [question.answer for question in state.clarifications] + [state.escalation_reason]
    found += [one.text for one in reversed(state.translated)]
    return list(dict.fromkeys(one for one in found if one))


def _waiting_on(state: CaseState, owed: list[case_clocks.Duty]) -> str:
    asked = any(q.answered_at is None for q in state.clarifications)
    if asked:
        return "resident"
    return "us" if owed or state.open_commitments else "nobody"


def drift(
    row: Case,
    events: Sequence[Happened],
    kept: side_rows.Kept,
    policy: Policy,
    calendar: Calendar,
) -> list[str]:
    """The cached columns, and the tables beside them, that do not agree with what the events fold to.

    `kept` is what side_rows.kept found for this case. Raises what `effects.fold` raises.
    """
    state = effects.fold(events)
    values, _ = columns(state, policy, calendar)
    stale = [name for name, value in values.items() if _plain(getattr(row, name)) != _plain(value)]
    stale += ["state"] if row.state != encode(state).decode() else []
    wanted = side_rows.wanted(state, events)
    return stale + [table for table in wanted if wanted[table] != kept[table]]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
