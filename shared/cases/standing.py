"""How a person stands to a case: what the table of steps asks about both, and what is open to them now."""

from datetime import timedelta

from shared import clock, config
from shared.cases import flow
from shared.cases.state import CaseState
from shared.identity.actors import Actor, Representative, Staff
from shared.policy.policy import Policy
from shared.vocab import Action, ConsentScope


def facts_of(state: CaseState, actor: Actor, policy: Policy | None = None) -> flow.Facts:
    """What the table of steps needs to know about this case and this person."""
    staff_id = actor.id if isinstance(actor, Staff) else None
    has_panel = policy is not None and policy.landlord.panel is not None
    return flow.Facts(
        scope=state.consent.in_force(clock.today())
        if isinstance(actor, Representative)
        else ConsentScope.NONE,
        has_points=bool(state.definition and state.definition.points),
        has_commitments=bool(state.commitments),
        open_question=any(q.answered_at is None for q in state.clarifications),
        open_extension=bool(
            state.extensions
            and state.extensions[-1].stage == state.stage_number
            and state.extensions[-1].agreed is None
        ),
        open_remedy=any(
            r.accepted is None or (r.kind == "money" and r.paid_on is None) for r in state.remedies
        ),
        walled_off=staff_id is not None and staff_id in state.conflicts,
        acted_stage_1=staff_id is not None and staff_id in state.acted_stage_1,
        has_needs=bool(state.needs),
        merged=state.merged_into is not None,
        took_in=bool(state.merged),
        has_checklist=policy is not None and bool(policy.landlord.checklist),
        has_panel=has_panel,
        panel_open=has_panel and (state.panel is None or state.panel.held_on is None),
        has_tasks=bool(state.open_tasks),
        asked_to_check=any(x.by_id == staff_id and x.fine is None for x in state.checks),
        just_sent=_may_be_taken_back(state, actor),
        just_named=state.last_named is not None and state.last_named.by == actor.key,
        may_escalate=state.milestones.responded_at is not None and state.milestones.final_response_at is None,
        in_review=state.milestones.escalation_acknowledged_at is not None,
        quick_agreed=state.quick_agreed_on is not None,
        may_return=state.may_return,
        was_told=state.consent.scope in {ConsentScope.EVERYTHING, ConsentScope.ME_AS_WELL}
        and state.consent.ended_by_closing,
    )


def _may_be_taken_back(state: CaseState, actor: Actor) -> bool:
    return state.last_sent is not None and state.last_sent.by == actor.key and still_held(state)


def still_held(state: CaseState) -> bool:
    """Whether the last thing that happened is a letter of a colleague's that has not left yet."""
    sent = state.last_sent
    if sent is None or not sent.by.startswith("staff:"):
        return False
    return clock.now() < sent.at + timedelta(seconds=config.current().undo_seconds)


def allowed(state: CaseState, actor: Actor, policy: Policy | None = None) -> frozenset[Action]:
    """Every action open to this person on this case now. Some depend on the landlord's policy."""
    facts = facts_of(state, actor, policy)
    return frozenset(a for role in actor.roles for a in flow.allowed(state.stage, role, facts))
