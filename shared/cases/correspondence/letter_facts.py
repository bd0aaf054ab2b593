"""The facts that a letter is written from, taken from a case: what the case does not know stays out.

The gate then names what is missing. Nothing here decides whether a letter may leave.
"""

from dataclasses import replace
from datetime import date

from shared import clock
from shared.cases import case_clocks, wording
from shared.cases import commands as c
from shared.cases.addresses import portal_page
from shared.cases.correspondence.letter_particulars import promise_fact, with_particulars
from shared.cases.effects import Happened
from shared.cases.guards import Env
from shared.cases.state import CaseState, Person, Remedy, StaffRef
from shared.deadlines.compute import Clock
from shared.letters import facts as f
from shared.letters.facts import LetterFacts, Words
from shared.policy.policy import Policy
from shared.policy.terms import ClockName, Part
from shared.vocab import ConsentScope, LetterKind

_TOLD_NOTHING = frozenset({ConsentScope.NONE, ConsentScope.REFUSED})


def letter_facts(
    kind: LetterKind,
    state: CaseState,
    found: dict[ClockName, Clock],
    env: Env,
    *,
    event: Happened | None = None,
    to: str = "resident",
) -> LetterFacts:
    """Everything the case knows that a letter may say. What is unknown stays out, and the gate names it.

    `event` is that of the step which sends it; a receipt, and the question about a helper, go with none.
    """
    policy, command = env.policy, event.command if event else None
    stage = state.stage_number
    landlord = policy.landlord
    reader = (state.helper if to == "representative" else state.resident) or Person(name="")
    names = landlord.stages.words
    kept = to == "representative" and state.consent.in_force(clock.today()) in _TOLD_NOTHING
    base = LetterFacts(
        kind=kind,
        reference=state.ref,
        sent_on=env.today,
        landlord=_landlord(policy),
        ombudsman=_ombudsman(policy, env.today),
        recipient_name=reader.name,
        recipient_address=(*reader.address, reader.postcode) if reader.postcode else reader.address,
        resident_name=state.resident.name if state.resident else "",
        home="" if kept else _home(state),
        language=state.language.replace("_", "-"),
        large_print=any(need.code == "large_print" for need in state.needs),
        in_remit=_in_remit(state),
        stage=stage,
        stage_name=names.stage_2 if stage == 2 else names.stage_1,
        next_stage_name=names.stage_2 if stage == 1 else "",
        received_on=clock.london_date(state.milestones.received_at),
        escalated_on=clock.london_date(state.milestones.escalated_at)
        if state.milestones.escalated_at
        else None,
        final_response=kind is LetterKind.RESPONSE_2 or state.milestones.final_response_at is not None,
        own_words=_own_words(state, to),
        escalation_words=_escalation_words(state),
        handler=_handler(state.holder, policy),
        contact_by=state.resident.prefers if state.resident else None,
        contact_every=Words(state.contact_agreement) if state.contact_agreement else None,
        adjustments=() if kept else tuple(wording.need_words(n, state.language) for n in state.needs),
        stages=_stage_times(policy),
        portal_link=portal_page(state.language, "my-complaint"),
    )
    base = _with_due(base, kind, state, policy, found)
    base = _with_definition(base, state, stage)
    base = _with_answer(base, kind, state, command, policy, found)
    moved_from = event.facts.old_due_on if event else None
    return with_particulars(base, kind, state, command, policy, moved_from)


def _with_due(
    base: LetterFacts, kind: LetterKind, state: CaseState, policy: Policy, found: dict[ClockName, Clock]
) -> LetterFacts:
    """The date that matters to the reader of this letter, with what it was counted from."""
    owed = {d.name: d for d in case_clocks.duties(state, found)}
    wanted = ClockName.STAGE_2_RESPONSE if state.stage_number == 2 else ClockName.STAGE_1_RESPONSE
    if kind is LetterKind.RECEIPT:
        wanted = ClockName.STAGE_1_ACKNOWLEDGEMENT
    promised = _still_ahead(owed.get(wanted), base.sent_on)
    if promised is None:
        return base
    contact = _still_ahead(
        owed.get(
            ClockName.STAGE_2_FIRST_CONTACT if state.stage_number == 2 else ClockName.STAGE_1_FIRST_CONTACT
        ),
        base.sent_on,
    )
    start = promised.start
    return replace(
        base,
        due_on=promised.due_on,
        due_days=len(promised.counted) or None,
        due_from=_EVENT_WORDS.get(promised.start_event.value, ""),
        due_from_on=start if type(start) is date else clock.london_date(start),  # type: ignore[arg-type]
        first_contact_by=contact.due_on if contact else None,
    )


def _still_ahead(duty: case_clocks.Duty | None, on: date) -> Clock | None:
    """The earlier of a duty's two days that can still be kept; None when both are over.

    A late letter goes out all the same (Code 5.9): it promises what is left, and never a day that has passed.
    """
    ways = (duty.clock, duty.other) if duty else ()
    return next((one for one in ways if one is not None and one.due_on >= on), None)


_EVENT_WORDS = {
    "received_at": "received",
    "logged_at": "logged",
    "acknowledged_at": "acknowledged",
    "escalated_at": "escalated",
    "escalation_logged_at": "escalated",
    "escalation_acknowledged_at": "acknowledged",
}


def _with_definition(base: LetterFacts, state: CaseState, stage: int) -> LetterFacts:
    definition = state.definition
    if definition is None:
        return base
    decided = state.decisions_at(stage)
    points = []
    for point in definition.points:
        decision = decided.get(point.number)
        points.append(
            f.PointFact(
                number=point.number,
                text=point.text,
                finding=decision.finding if decision else None,
                reasons=decision.reasons if decision else None,
                basis=(decision.basis,) if decision else (),
                went_wrong=decision.apology if decision else None,
            )
        )
    return replace(
        base,
        points=tuple(points),
        outcomes_sought=definition.outcomes,
        responsible_for=(definition.responsible_for,) if definition.responsible_for else (),
        not_responsible_for=(
            *((definition.not_responsible_for,) if definition.not_responsible_for else ()),
            *(point.text for point in definition.points if not point.ours),
        ),
        responsible_for_all=not definition.not_responsible_for and all(p.ours for p in definition.points),
    )


def _with_answer(
    base: LetterFacts,
    kind: LetterKind,
    state: CaseState,
    command: c.Command | None,
    policy: Policy,
    found: dict[ClockName, Clock],
) -> LetterFacts:
    """Remedies, promises and the way on: wanted by answers, and kept by every later letter."""
    window = found.get(ClockName.ESCALATION_WINDOW)
    stage = state.stage_number
    base = replace(
        base,
        remedies=tuple(_remedy(r, base.sent_on) for r in state.remedies if r.stage == stage),
        commitments=tuple(promise_fact(p) for p in state.open_commitments),
        previous_response_on=(
            clock.london_date(state.milestones.responded_at)
            if stage == 2 and state.milestones.responded_at
            else None
        ),
        previous_handler=_handler(state.handler, policy) if stage == 2 else None,
        escalate_by=window.accepted_until if window and stage == 1 else None,
        review_by=policy.landlord.stage_2.handler_title if stage == 1 else "",
        panel_offer=wording.policy_words(policy.landlord.panel.words, state.language)
        if policy.landlord.panel and any(p.part is Part.PANEL_OFFER for p in policy.letter_parts(kind))
        else None,
    )
    if not isinstance(command, c.Respond):
        return base
    return replace(
        base,
        decision=command.decision,
        steps_taken=(command.steps_taken,),
        contributors=tuple(line.strip() for line in command.contributors.splitlines() if line.strip()),
        apology=command.apology,
        no_remedy_reason=command.no_remedy_reason,
        nothing_outstanding=command.nothing_outstanding,
        learning=command.learning,
    )


def _landlord(policy: Policy) -> f.Landlord:
    contact, landlord = policy.landlord.contact, policy.landlord
    return f.Landlord(
        name=landlord.name,
        short=landlord.short_name,
        phone=contact.phone,
        email=contact.email,
        web=contact.website,
        post=contact.post,
        team=contact.team,
        visit=contact.reception,
    )


def _ombudsman(policy: Policy, on: date) -> f.Ombudsman:
    contact = policy.ombudsman(on)
    return f.Ombudsman(name=contact.name, form=contact.form_url, phone=contact.phone, post=contact.post)


def _handler(who: StaffRef | None, policy: Policy) -> f.Handler | None:
    """The person, reached by their own number or, where they have none, by the team's."""
    if who is None:
        return None
    contact = policy.landlord.contact
    return f.Handler(
        name=who.name, job=who.job, phone=who.phone or contact.phone, email=who.email or contact.email
    )


def _home(state: CaseState) -> str:
    person = state.resident
    return ", ".join(part for part in (*person.address, person.postcode) if part) if person else ""


def _own_words(state: CaseState, to: str) -> Words | None:
    """The complaint as it was made: never shown to a helper without consent."""
    if to == "representative" and state.consent.in_force(clock.today()) in _TOLD_NOTHING:
        return None
    return Words(state.story.what, state.story.language.replace("_", "-")) if state.story.what else None


def _escalation_words(state: CaseState) -> Words | None:
    return Words(state.escalation_reason, state.language) if state.escalation_reason else None


def _in_remit(state: CaseState) -> bool:
    """Whether this person may use the Housing Ombudsman: neighbours and the public may not, unknown may."""
    return (state.resident.relationship if state.resident else "") not in {"neighbour", "public", "homeowner"}


def _remedy(remedy: Remedy, sent_on: date) -> f.RemedyFact:
    # An apology or an explanation without a day of its own is given by the letter that carries it.
    given = sent_on if remedy.by_on is None and remedy.kind in {"apology", "explanation"} else None
    return f.RemedyFact(
        text=remedy.text,
        kind=remedy.kind,
        amount_pence=remedy.amount_pence or None,
        breakdown=tuple(f.Sum(Words(head), pence) for head, pence in remedy.breakdown),
        by_on=remedy.by_on,
        done_on=remedy.paid_on or given,
    )


def _stage_times(policy: Policy) -> tuple[f.StageTimes, ...]:
    """Both stages with their days, for the page that shows the way of a complaint."""
    names = policy.landlord.stages.words
    times = []
    for stage, name in ((1, names.stage_1), (2, names.stage_2)):
        timers = policy.landlord.clocks
        acknowledge = timers[ClockName(f"stage_{stage}_acknowledgement")].limit
        respond = timers[ClockName(f"stage_{stage}_response")].limit
        days = acknowledge.number // 24 if acknowledge.unit == "working_hours" else acknowledge.number
        times.append(f.StageTimes(name, days, respond.number, policy.extension_cap(stage)))
    return tuple(times)
