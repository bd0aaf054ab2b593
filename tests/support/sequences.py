"""Random but sensible work on a case, for tests of what must hold whatever anybody does.

`turns` draws who acts and what they try, from what the table of steps opens to them. Most of it passes the
guards, some does not: both are wanted. `holds` is what a lawyer would insist on at every moment.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from shared import clock
from shared.cases import case_clocks, standing
from shared.cases import commands as c
from shared.cases.state import CaseState, Consent, Need, StaffRef
from shared.deadlines.calendar import Calendar
from shared.deadlines.milestones import check_order
from shared.deadlines.shown import shown
from shared.letters.facts import Words
from shared.policy.terms import Unit
from shared.vocab import Action, Channel, CloseReason, ConsentScope, Finding, Kind, Risk, Stage
from tests.support import specimens
from tests.support.specimens import Play

A = Action
WHO = ("resident", "helper", "system", *specimens.PEOPLE)
# What moves a case on is tried more often than what is only written down.
OFTEN = {A.DEFINE, A.ALLOCATE, A.ACKNOWLEDGE, A.DECIDE, A.RESPOND, A.ESCALATE, A.EXTEND, A.OFFER_REMEDY}
GROUNDS = ("already_considered", "legal_proceedings", "over_12_months", "late", "")
Draw = Callable[[st.SearchStrategy[Any]], Any]


class Chance:
    """One hand that draws: `draw` is hypothesis's own, so that a failure is found again and made small."""

    def __init__(self, draw: Draw, play: Play) -> None:
        self.draw, self.play = draw, play

    def one(self, *values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def number(self, low: int, high: int) -> int:
        return int(self.draw(st.integers(low, high)))

    def maybe(self) -> bool:
        return bool(self.draw(st.booleans()))

    def turn(self) -> tuple[str, c.Command] | None:
        """Somebody, and something that the table lets them try; None when nothing is open to them."""
        who = self.one(*WHO)
        actor = self.play.actor(who)
        taking_back = {A.UNDO_SEND, A.UNDO_ALLOCATE}
        open_to = sorted(standing.allowed(self.play.state, actor, self.play.policy) - taking_back)
        likely = [action for action in open_to if action in OFTEN]
        if not open_to:
            return None
        action = self.one(*(likely if likely and self.maybe() else open_to))
        return who, self.command(action)

    def words(self) -> Words:
        return Words(self.one("We looked into it with care.", "You told us that nobody came.", " "))

    def text(self) -> str:
        return str(self.one("Said on the phone.", "Seen.", ""))

    def on(self, low: int = -5, high: int = 40) -> date:
        return clock.london_date(self.play.now) + timedelta(days=self.number(low, high))

    def colleague(self) -> StaffRef:
        return self.play.staff(self.one(*specimens.PEOPLE))

    def item(self, numbers: list[int]) -> int:
        return int(self.one(*(numbers or [1])))

    def command(self, action: Action) -> c.Command:
        return _MAKE[action](self, self.play.state)


def _refusal(x: Chance, kind: type[Any]) -> Any:
    return kind(
        ground=x.one(*GROUNDS),
        reasons=x.words(),
        evidence=x.words(),
        exceptional=x.words(),
        approver=x.colleague(),
        court_filed_on=x.one(None, x.on(-40, 0)),
        aware_on=x.one(None, x.on(-500, -300)),
    )


def _extension(x: Chance, s: CaseState) -> c.Extend:
    rule = case_clocks.extension_rule(x.play.policy.landlord, s.stage_number)
    reasons = [reason.id for reason in rule.reasons] if rule else []
    return c.Extend(
        days=x.one(1, 5, 10, 11, 20, 21, 0, -1),
        reason_code=x.one(*(reasons or [""])),
        reason=x.words(),
        so_far=Words("We have read your reports."),
        agreement_sought=x.maybe(),
        agreed=x.one(True, False, None),
        approver=x.one(None, x.colleague()),
        exceptional=x.maybe(),
    )


def _remedy(x: Chance) -> c.OfferRemedy:
    kind = x.one("apology", "action", "money", "voucher")
    pence = x.one(5000, 25000, 25001, 100_000, 0, -5) if kind == "money" or x.number(0, 9) == 0 else 0
    lines = (("Distress", pence),) if pence else ()
    return c.OfferRemedy(
        kind=kind,
        text=x.words(),
        by_on=x.one(None, x.on()),
        amount_pence=pence,
        breakdown=lines,
        offset_arrears=x.number(0, 9) == 0,
        ordered_by_ombudsman=x.number(0, 9) == 0,
        approver=x.one(None, x.colleague()),
    )


_MAKE: dict[Action, Callable[[Chance, CaseState], c.Command]] = {
    A.TRIAGE: lambda x, s: c.Triage(kind=x.one(Kind.COMPLAINT, *Kind), risk=x.one(*Risk), note=x.text()),
    A.RECORD_CONTACT: lambda x, s: c.RecordContact(
        channel=x.one(*Channel),
        happened_at=x.play.now - timedelta(hours=x.number(-2, 90)),
        outgoing=x.maybe(),
        with_whom=x.one("resident", "helper", "contractor"),
        reached=x.maybe(),
        words=x.text(),
        first_contact=x.maybe(),
        contact_every_days=x.number(0, 14),
    ),
    A.NOTE: lambda x, s: c.Note(text=x.text()),
    A.ADD_INFORMATION: lambda x, s: c.AddInformation(text=x.text(), language=x.one("en", "ar")),
    A.MESSAGE: lambda x, s: c.Message(text=x.text(), language=x.one("en", "ar")),
    A.CHANGE_CONTACT: lambda x, s: c.ChangeContact(
        resident=specimens.RESIDENT, safety=specimens.complaint().safety
    ),
    A.CHANGE_NEEDS: lambda x, s: c.ChangeNeeds(needs=(Need(code=x.one("large_print", "more_time")),)),
    A.MEET_NEED: lambda x, s: c.MeetNeed(code="large_print", met=x.maybe()),
    A.DEFINE: lambda x, s: specimens.definition(
        *[x.one("Mould in the bedroom.", "Nobody rang.", "The lift.") for _ in range(x.number(1, 3))]
    ),
    A.ASK_CLARIFICATION: lambda x, s: c.AskClarification(question=x.words()),
    A.ANSWER_CLARIFICATION: lambda x, s: c.AnswerClarification(
        number=x.item([q.number for q in s.clarifications]), answer=x.text()
    ),
    A.DECLARE_CONFLICT: lambda x, s: c.DeclareConflict(staff=x.colleague(), reason=x.text()),
    A.ALLOCATE: lambda x, s: c.Allocate(to=x.colleague(), reason=x.text()),
    A.ACKNOWLEDGE: lambda x, s: c.Acknowledge(),
    A.NOT_ACCEPT: lambda x, s: _refusal(x, c.NotAccept),
    A.ACCEPT_BY_ORDER: lambda x, s: c.AcceptByOrder(words=x.text(), ordered_on=x.on(-9, 1)),
    A.DECIDE: lambda x, s: specimens.decision(
        x.item([p.number for p in s.definition.points] if s.definition else []),
        x.one(*Finding),
        reasons=x.words(),
    ),
    A.OFFER_REMEDY: lambda x, s: _remedy(x),
    A.SETTLE_REMEDY: lambda x, s: c.SettleRemedy(
        number=x.item([r.number for r in s.remedies]),
        accepted=x.one(None, True, False),
        paid_on=x.one(None, x.on(-3, 1)),
    ),
    A.COMMIT: lambda x, s: c.Commit(text=x.words(), owner=x.colleague(), due_on=x.on()),
    A.COMPLETE_COMMITMENT: lambda x, s: c.CompleteCommitment(
        number=x.item([p.number for p in s.commitments]), completed_on=x.on(-3, 1), proof=x.text()
    ),
    A.CONFIRM_COMMITMENT: lambda x, s: c.ConfirmCommitment(
        number=x.item([p.number for p in s.commitments]), done=x.maybe(), words=x.text()
    ),
    A.MOVE_COMMITMENT: lambda x, s: c.MoveCommitment(
        number=x.item([p.number for p in s.commitments]),
        due_on=x.on(),
        owner=x.colleague(),
        reason=x.text(),
    ),
    A.EXTEND: _extension,
    A.ANSWER_EXTENSION: lambda x, s: c.AnswerExtension(agreed=x.maybe(), words=x.text()),
    A.UPDATE_RESIDENT: lambda x, s: c.UpdateResident(message=x.words()),
    A.MEDIATE: lambda x, s: c.Mediate(words=x.text()),
    A.RESPOND: lambda x, s: specimens.response(x.play, checked_by=x.one(None, x.play.staff("omar"))),
    A.ESCALATE: lambda x, s: c.Escalate(
        reason=x.text(), received_at=x.one(None, x.play.now - timedelta(hours=x.number(-9, 200)))
    ),
    A.DECLINE_ESCALATION: lambda x, s: _refusal(x, c.DeclineEscalation),
    A.SET_CONSENT: lambda x, s: c.SetConsent(
        consent=Consent(scope=x.one(*ConsentScope), words=x.text(), until=x.one(None, x.on()))
    ),
    A.RECORD_LEARNING: lambda x, s: c.RecordLearning(theme="Repairs", words=x.text()),
    A.CLOSE: lambda x, s: c.Close(reason=x.one(*CloseReason), words=x.one(None, x.words())),
    A.REOPEN: lambda x, s: c.Reopen(reason=x.text()),
    A.WITHDRAW: lambda x, s: c.Withdraw(reason=x.text()),
    A.TRANSLATE: lambda x, s: c.Translate(of="story", text="x", language="en", translator="A. Person"),
    A.TAG: lambda x, s: c.Tag(add=(x.one("damp", "lift"),), remove=(x.one("damp", "lift"),)),
    A.ADD_TASK: lambda x, s: c.AddTask(text=x.text(), owner=x.colleague(), due_on=x.on()),
    A.FINISH_TASK: lambda x, s: c.FinishTask(number=x.item([t.number for t in s.open_tasks]), words=x.text()),
    A.REMIND: lambda x, s: c.Remind(on=x.one(None, x.on()), reason=x.text()),
    A.LINK: lambda x, s: c.Link(ref=x.one("HAL-2027-9999-1", s.ref), why=x.text()),
    A.MERGE: lambda x, s: c.Merge(into="HAL-2027-9999-1", why=x.text(), differs=x.text()),
    A.UNMERGE: lambda x, s: c.Unmerge(why=x.text()),
    A.OFFER_VISIT: lambda x, s: c.OfferVisit(words=x.text(), accepted=x.one(None, True, False)),
    A.HOLD_PANEL: lambda x, s: c.HoldPanel(
        step=x.one("asked", "held", "outcome", "declined"), happened_on=x.on(-9, 1), words=x.text()
    ),
    A.ASK_CHECK: lambda x, s: c.AskCheck(of=x.colleague(), about=A.RESPOND),
    A.CHECK: lambda x, s: c.Check(about=A.RESPOND, fine=x.maybe(), words=x.text()),
    A.GIVE_FEEDBACK: lambda x, s: c.GiveFeedback(satisfied=x.number(0, 6)),
    A.ANSWER_CHECKLIST: lambda x, s: c.AnswerChecklist(item=x.one("6", "9", "none"), answer=x.maybe()),
    A.MARK_ADDRESS: lambda x, s: c.MarkAddress(
        channel=Channel.EMAIL, address=x.one("amina@example.org", "b@example.org"), fails=x.maybe()
    ),
    A.RAISE_OVERDUE: lambda x, s: c.RaiseOverdue(clock="stage_1_response", due_on=x.on(-20, -1)),
    A.RECOMPUTE_DATES: lambda x, s: c.RecomputeDates(
        reason="A new holiday", moved=(("stage_1_response", x.on(), x.on()),)
    ),
}


def moment(draw: Draw, play: Play) -> None:
    """Let some time pass: minutes mostly, sometimes days."""
    minutes = draw(st.sampled_from((1, 1, 30, 60 * 24, 60 * 24 * 3, 60 * 24 * 9)))
    play.now += timedelta(minutes=int(minutes))


def turns(draw: Draw, play: Play, most: int) -> Iterator[tuple[str, c.Command]]:
    """What chance has people try, one after another, with time passing in between."""
    chance = Chance(draw, play)
    for _ in range(most):
        moment(draw, play)
        with play.at(play.now):
            turn = chance.turn()
        if turn is not None:
            yield turn


def holds(play: Play, days: Calendar) -> None:
    """What is true of every case at every moment."""
    state, clocks = play.state, play.clocks
    check_order(case_clocks.milestones(state))
    holder = state.holder.id if state.holder else None
    assert holder not in state.conflicts, "somebody with a conflict has the case (5.8)"
    if state.reviewer is not None:
        assert state.reviewer.id not in state.acted_stage_1, "stage 2 is not independent (6.13)"
    _stages(state)
    _dates(play, clocks, days)
    _extensions(play, state)
    for promise in state.commitments:
        assert promise.owner, "a promise without an owner (6.6)"
    for remedy in state.remedies:
        assert not (remedy.ordered_by_ombudsman and remedy.offset_arrears), (
            "an order set against arrears (7.4)"
        )
        assert remedy.kind == "money" or not remedy.amount_pence, "a payment under another name"
        assert remedy.amount_pence == sum(pence for _, pence in remedy.breakdown)


def _stages(state: CaseState) -> None:
    m = state.milestones
    if state.stage in {Stage.STAGE_1, Stage.STAGE_1_ANSWERED}:
        assert m.acknowledged_at, "nobody acknowledged this complaint (6.2)"
    if state.stage in {Stage.STAGE_2, Stage.STAGE_2_ANSWERED}:
        assert m.escalation_acknowledged_at, "nobody acknowledged this escalation (6.11)"
    if state.stage in {Stage.STAGE_2_REQUESTED, Stage.STAGE_2, Stage.STAGE_2_ANSWERED}:
        assert m.responded_at, "stage 2 without an answer at stage 1"
        assert m.escalated_at, "stage 2 that nobody asked for"
    assert (m.final_response_at is None) or state.stage in {Stage.STAGE_2_ANSWERED, Stage.CLOSED}
    assert (state.close_reason is None) == (state.stage is not Stage.CLOSED)


def _dates(play: Play, clocks: dict[Any, Any], days: Calendar) -> None:
    lines = shown(clocks)
    for name, due_on in play.duties.items():
        line = lines[name]  # type: ignore[index]
        for one in (line.policy, line.code):
            assert one is None or due_on <= one.due_on, f"{name} is shown later than {one.source} allows"
        timer = play.policy.landlord.clocks.get(line.name)
        if timer is None or timer.limit.unit in {Unit.WORKING_DAYS, Unit.WORKING_HOURS}:
            assert days.is_working(due_on), f"{name} is due on {due_on:%A %d %B %Y}"


def _extensions(play: Play, state: CaseState) -> None:
    for stage in (1, 2):
        given = [e for e in state.extensions if e.stage == stage]
        for number, one in enumerate(given):
            assert 1 <= one.days <= play.policy.extension_cap(stage), "an extension past its cap (6.4, 6.15)"
            assert one.new_due_on > one.old_due_on
            assert one.late == (clock.london_date(one.given_at) > one.old_due_on)
            if number:
                assert one.exceptional, "a second extension that is not exceptional"
