"""What each event does to a case: pure functions folded over the log, one a command.

`apply` is the only way a CaseState changes. Nothing here reads a clock, a policy or the database: whatever
perform worked out when the event happened stands in the event's own `facts`, so that folding the log years
later gives the same case.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from shared import clock
from shared.cases import commands as c
from shared.cases.approvals import APPROVED, covered
from shared.cases.effects import answer, intake, merge, record
from shared.cases.effects.common import (
    EFFECTS,
    Derived,
    Happened,
    decode_derived,
    encode_derived,
)
from shared.cases.state import (
    ENGLISH,
    CaseState,
    Latest,
    Milestones,
    StaffRef,
)
from shared.vocab import Kind, Role, Stage

# These modules register their effects by being imported.
PARTS = (intake, answer, merge, record)


def apply(state: CaseState | None, event: Happened) -> CaseState:
    """The case after one more event.

    Raises KeyError for a command without an effect (the completeness test sees to it that none is missing)
    and ValueError for an event that cannot follow.
    """
    if state is None:
        if not isinstance(event.command, c.Submit):
            raise ValueError("a case begins by being submitted")
        return _submitted(event, event.command)
    used = covered(state, event.command) if event.command.action in APPROVED else ""
    state = _note_who_acted(state, event)
    state = EFFECTS[type(event.command)](state, event, event.command)
    state = _note_heard(_note_untranslated(state, event), event)
    if event.to is not None:
        state = replace(state, stage=event.to)
    if used:  # what was approved is done: it cannot be done on that yes again
        about = event.command.action
        left = tuple(x for x in state.checks if (x.about, x.exactly) != (about, used))
        state = replace(state, checks=left)
    if event.facts.awaits:  # the letter says that a translation is coming: somebody has to see to it
        state = replace(state, untranslated=state.untranslated | {f"letter:{event.seq}"})
    if event.facts.survey:
        state = replace(state, surveyed_on=clock.london_date(event.at))
    latest = Latest(seq=event.seq, at=event.at, by=event.actor)
    sent = latest if event.facts.sends else None
    named = latest if isinstance(event.command, c.Allocate) else None
    if (sent, named) == (state.last_sent, state.last_named):
        return state
    return replace(state, last_sent=sent, last_named=named)


def fold(events: Iterable[Happened]) -> CaseState:
    """The case that these events, oldest first, lead to. Raises ValueError for an empty log."""
    state: CaseState | None = None
    for event in events:
        state = apply(state, event)
    if state is None:
        raise ValueError("a case without events")
    return state


# Asking for stage 2 belongs to stage 2 already, even when a colleague writes the request down; sorting cases
# is no work on one.
_NOT_STAGE_1 = (c.Escalate, c.DeclareConflict, c.Tag, c.Remind, c.AddTask, c.Merge, c.Unmerge)


def _note_who_acted(state: CaseState, event: Happened) -> CaseState:
    """Whoever acts before the escalation has had a hand in stage 1 (Code 6.13), approvers included."""
    if state.milestones.escalated_at is not None or isinstance(event.command, _NOT_STAGE_1):
        return state
    acted = set(state.acted_stage_1)
    if event.staff_id is not None:
        acted.add(event.staff_id)
    for name in ("approver", "checked_by"):
        other = getattr(event.command, name, None)
        if isinstance(other, StaffRef):
            acted.add(other.id)
    return replace(state, acted_stage_1=frozenset(acted)) if acted != state.acted_stage_1 else state


def _note_untranslated(state: CaseState, event: Happened) -> CaseState:
    """What the resident writes in another language waits for a translation, by the name Translate uses."""
    command = event.command
    said = (getattr(command, name, "") for name in ("text", "answer", "reason", "words"))
    words = next((one for one in said if one), "")
    by_resident = event.role in {Role.RESIDENT, Role.REPRESENTATIVE}
    if not by_resident or not isinstance(words, str) or getattr(command, "language", ENGLISH) == ENGLISH:
        return state
    return replace(state, untranslated=state.untranslated | {f"message:{event.seq}"}) if words else state


def _note_heard(state: CaseState, event: Happened) -> CaseState:
    """The resident has spoken: she acted herself, or somebody wrote down what she said or asked for."""
    command = event.command
    heard = event.role in {Role.RESIDENT, Role.REPRESENTATIVE}
    at = event.at
    if isinstance(command, c.RecordContact):
        heard, at = command.with_whom in {"resident", "helper"} and command.reached, command.happened_at
    heard = heard or isinstance(command, c.Escalate | c.AnswerClarification | c.AnswerExtension)
    if not heard or (state.heard_at is not None and state.heard_at >= at):
        return state
    return replace(state, heard_at=at)


def _submitted(event: Happened, command: c.Submit) -> CaseState:
    stage = {
        Kind.COMPLAINT: Stage.RECEIVED,
        Kind.SERVICE_REQUEST: Stage.SERVICE_REQUEST,
        Kind.COMPLIMENT: Stage.RECORDED,
        Kind.COMMENT: Stage.RECORDED,
    }[command.kind]
    staff = event.staff_id
    return CaseState(
        ref=event.facts.ref,
        landlord=event.facts.landlord,
        policy_version=event.facts.policy_version,
        kind=command.kind,
        stage=stage,
        language=command.language,
        channel=command.channel,
        story=command.story,
        milestones=Milestones(
            received_at=command.received_at or event.at,
            logged_at=event.at,
            complained_at=(command.received_at or event.at) if command.kind is Kind.COMPLAINT else None,
        ),
        resident=command.resident,
        helper=command.helper,
        consent=command.consent,
        anonymous=command.anonymous,
        group=command.group,
        campaign=command.campaign,
        safety=command.safety,
        needs=command.needs,
        files=command.files,
        linked=command.linked,
        acted_stage_1=frozenset() if staff is None else frozenset({staff}),
        untranslated=frozenset({"story"})
        if command.story.what and command.story.language != ENGLISH
        else frozenset(),
    )


COMPLETE = frozenset(EFFECTS) | {c.Submit}

__all__ = ["COMPLETE", "Derived", "Happened", "apply", "decode_derived", "encode_derived", "fold"]
