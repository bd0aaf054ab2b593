"""What each event does to a case: clocks that cannot be started again, hands that stay known, words that stay."""

from datetime import date, timedelta

import pytest

from shared.cases import commands as c
from shared.cases import effects
from shared.cases.state import Point, StaffRef
from shared.clock import london_date
from shared.letters.facts import Words
from shared.vocab import Channel, CloseReason, Finding, Kind, Risk, Stage
from tests.support import specimens
from tests.support.paper import Paper
from tests.support.specimens import LANDLORDS, complaint, day, instant, redefinition, refusal


def paper(landlord: str = "halton") -> Paper:
    return Paper(landlord)


def call(words: str = "Spoke on the phone.", **changes: object) -> c.RecordContact:
    given = {"channel": Channel.PHONE, "happened_at": instant("Wed 3 Mar 2027 11:00"), "words": words}
    return c.RecordContact(**(given | changes))


# ---- folding ------------------------------------------------------------------------------------------


def test_a_case_begins_by_being_submitted_and_by_nothing_else() -> None:
    play = specimens.acknowledged(paper())
    with pytest.raises(ValueError, match="begins by being submitted"):
        effects.fold(play.log[1:])
    with pytest.raises(ValueError, match="without events"):
        effects.fold([])


def test_folding_again_gives_the_same_case() -> None:
    play = specimens.closed(paper())
    assert effects.fold(play.log) == effects.fold(list(play.log)) == play.state


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_whole_life_ends_with_its_promise_still_open(landlord: str) -> None:
    state = specimens.closed(paper(landlord)).state
    assert (state.stage, state.close_reason) == (Stage.CLOSED, CloseReason.FINAL_RESPONSE)
    assert [p.due_on for p in state.open_commitments] == [day("Thu 25 Mar 2027")]


# ---- clocks that no sleight of hand starts again ----------------------------------------------------------


def test_a_complaint_taken_for_a_request_and_back_keeps_its_clocks() -> None:
    play = specimens.received(paper())
    play.does("olive", c.Triage(kind=Kind.SERVICE_REQUEST, risk=Risk.ROUTINE, note="She asked for a repair."))
    assert play.clocks == {}
    play.does("olive", c.Triage(risk=Risk.ROUTINE), "Fri 5 Mar 2027 10:00")
    # Received on Monday 1 March: 2 3 4 5 (4), [6 7], 8 (5), and not five days from the second look.
    assert play.duties["stage_1_acknowledgement"] == day("Mon 8 Mar 2027")


def test_a_request_becomes_a_complaint_on_the_day_somebody_is_dissatisfied() -> None:
    play = paper().submits(complaint(kind=Kind.SERVICE_REQUEST))
    assert play.clocks == {}
    play.does("olive", c.Triage(risk=Risk.ROUTINE), "Fri 5 Mar 2027 10:00")
    # 8 9 10 11 12 (5)
    assert play.duties["stage_1_acknowledgement"] == day("Fri 12 Mar 2027")


def test_an_order_of_the_ombudsman_counts_from_its_day_and_not_from_its_entry() -> None:
    play = specimens.refused(paper())
    order = c.AcceptByOrder(words="The Ombudsman tells us to look into it.", ordered_on=day("Mon 8 Mar 2027"))
    play.does("olive", order, "Fri 12 Mar 2027 10:00")
    # 9 10 11 12 (4), [13 14], 15 (5)
    assert play.duties["stage_1_acknowledgement"] == day("Mon 15 Mar 2027")
    assert play.state.stage is Stage.RECEIVED


def test_naming_another_handler_does_not_start_the_first_contact_again() -> None:
    play = specimens.defined(paper())
    play.does("olive", c.Allocate(to=play.staff("hugh")), "Fri 5 Mar 2027 10:00")
    # Given to Hana on Monday 1 March: 2 3 4 (3)
    assert play.duties["stage_1_first_contact"] == day("Thu 4 Mar 2027")


# ---- the handler's first contact ----------------------------------------------------------------------


def test_a_call_before_there_is_a_handler_is_not_the_handlers_first_contact() -> None:
    play = specimens.received(paper())
    play.does("olive", call(first_contact=True, happened_at=play.now))
    play.does("olive", c.Allocate(to=play.staff("hana")), "Wed 3 Mar 2027 10:00")
    assert play.state.milestones.first_contact_at is None
    assert "stage_1_first_contact" in play.duties


def test_a_call_of_the_day_on_which_the_handler_got_the_case_counts() -> None:
    play = specimens.defined(paper())
    play.does("hana", call(first_contact=True, happened_at=instant("Mon 1 Mar 2027 09:30")))
    assert play.state.milestones.first_contact_at == instant("Mon 1 Mar 2027 09:30")


@pytest.mark.parametrize("miss", [{"reached": False}, {"with_whom": "contractor"}, {"first_contact": False}])
def test_a_call_that_reached_nobody_is_no_first_contact(miss: dict[str, object]) -> None:
    play = specimens.acknowledged(paper())
    play.does("hana", call(**({"first_contact": True} | miss)), "Wed 3 Mar 2027 12:00")
    assert play.state.milestones.first_contact_at is None


def test_the_reviewers_first_contact_counts_before_the_acknowledgement_too() -> None:
    play = specimens.escalated(paper())
    play.does("olive", c.Allocate(to=play.staff("dora")))
    rang = instant("Thu 11 Mar 2027 10:30")
    play.does("dora", call(first_contact=True, happened_at=rang), "Thu 11 Mar 2027 11:00")
    assert play.state.milestones.stage_2_first_contact_at == rang
    assert "stage_2_first_contact" not in play.duties


def test_after_a_conflict_the_next_handler_makes_the_first_contact_anew() -> None:
    play = specimens.acknowledged(paper())
    play.does("hana", call(first_contact=True), "Wed 3 Mar 2027 12:00")
    play.does("hana", c.DeclareConflict(staff=play.staff("hana"), reason="She is my neighbour."))
    assert play.state.handler is None
    play.does("olive", c.Allocate(to=play.staff("hugh")), "Thu 4 Mar 2027 10:00")
    # 5 (1), [6 7], 8 9 (3)
    assert play.duties["stage_1_first_contact"] == day("Tue 9 Mar 2027")


# ---- definition and decisions ---------------------------------------------------------------------------


def test_a_decision_falls_with_the_point_it_was_about() -> None:
    play = specimens.decided(paper())
    play.does("olive", redefinition("The lift is broken.", "We did not keep you informed."))
    assert play.state.definition is not None
    assert play.state.definition.version == 2
    assert set(play.state.decisions_at(1)) == {2}


def test_a_decision_stays_when_only_a_point_is_added_or_translated() -> None:
    play = specimens.decided(paper())
    assert play.state.definition is not None
    first, second = play.state.definition.points
    same = Point(number=1, text=Words(first.text.text, translation="العفن"))
    more = Point(number=3, text=Words("Nobody rang back."))
    play.does("olive", specimens.replace_in(redefinition(), points=(same, second, more)))
    assert set(play.state.decisions_at(1)) == {1, 2}


def test_stage_1_keeps_its_decisions_when_stage_2_defines_anew() -> None:
    play = specimens.reviewed(paper())
    play.does("dora", decided := specimens.decision(1))
    play.does("olive", redefinition("Something else altogether.", "We did not keep you informed."))
    assert set(play.state.decisions_at(1)) == {1, 2}
    assert play.state.decisions_at(2) == {}
    assert decided.finding is Finding.UPHELD


def test_the_newest_decision_on_a_point_counts_and_stands_once() -> None:
    play = specimens.decided(paper())
    play.does("hana", specimens.decision(1, Finding.PARTLY_UPHELD))
    assert play.state.decisions_at(1)[1].finding is Finding.PARTLY_UPHELD
    assert len(play.state.decisions) == 2


# ---- whoever had a hand in stage 1 ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "command"),
    [
        ("mark", c.Note(text="I looked at the file.")),
        (
            "sunita",
            c.RecordContact(channel=Channel.PHONE, happened_at=instant("Mon 8 Mar 2027 09:00"), words="x"),
        ),
        (
            "dora",
            c.Commit(text=Words("Mend it."), owner=StaffRef(id=0, name="Roofers"), due_on=date(2027, 4, 1)),
        ),
        ("moira", c.OfferRemedy(kind="apology", text=Words("We are sorry."))),
    ],
)
def test_whoever_acts_at_stage_1_is_known_to_have(who: str, command: c.Command) -> None:
    play = specimens.acknowledged(paper())
    assert play.people[who].id not in play.state.acted_stage_1
    play.does(who, command, "Mon 8 Mar 2027 10:00")
    assert play.people[who].id in play.state.acted_stage_1


def test_the_named_are_known_as_well_as_those_who_act() -> None:
    play = specimens.answered(paper())
    money = c.OfferRemedy(
        kind="money",
        text=Words("A payment."),
        amount_pence=50000,
        breakdown=(("Distress", 50000),),
        by_on=day("Fri 2 Apr 2027"),
        approver=play.staff("mark"),
    )
    play.does("hana", money)
    assert {play.people[name].id for name in ("olive", "hana", "mark")} <= play.state.acted_stage_1


def test_sorting_a_case_or_writing_down_a_request_for_stage_2_is_no_hand_in_stage_1() -> None:
    play = specimens.answered(paper())
    before = play.state.acted_stage_1
    play.does("mark", c.Tag(add=("damp",)))
    play.does("dora", c.Remind(on=day("Fri 12 Mar 2027"), reason="Ring her."))
    play.does("moira", c.DeclareConflict(staff=play.staff("moira"), reason="My aunt."))
    play.does("carl", c.Escalate(channel=Channel.IN_PERSON), "Wed 10 Mar 2027 10:00")
    assert play.state.acted_stage_1 == before


def test_who_declined_stage_2_and_who_approved_it_cannot_be_the_new_mind_later() -> None:
    play = specimens.escalated(paper())
    filed = day("Mon 1 Mar 2027")
    no = refusal(c.DeclineEscalation, "legal_proceedings", play.staff("moira"), court_filed_on=filed)
    play.does("hugh", no)
    assert {play.people["hugh"].id, play.people["moira"].id} <= play.state.acted_stage_1
    assert (play.state.stage, play.state.reviewer) == (Stage.STAGE_1_ANSWERED, None)
    play.does("resident", c.Escalate(), "Mon 15 Mar 2027 10:00")
    # Asked again on Monday 15 March: 16 17 18 19 (4), [20 21], 22 (5)
    assert play.duties["stage_2_acknowledgement"] == day("Mon 22 Mar 2027")


# ---- silence ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "command", "silent"),
    [
        ("hana", c.Note(text="No news."), True),
        ("olive", c.Tag(add=("damp",)), True),
        ("resident", c.Message(text="I am not happy."), False),
        ("resident", c.GiveFeedback(satisfied=1), False),
        ("helper", c.AddInformation(text="It rained in again."), False),
        ("hana", call(happened_at=instant("Wed 10 Mar 2027 09:00"), outgoing=False), False),
        ("hana", call(happened_at=instant("Wed 10 Mar 2027 09:00"), reached=False), True),
        ("hana", call(happened_at=instant("Wed 10 Mar 2027 09:00"), with_whom="contractor"), True),
        ("hana", call(happened_at=instant("Mon 8 Mar 2027 09:00")), True),
    ],
)
def test_silence_ends_with_the_residents_word_and_with_nothing_of_ours(
    who: str, command: c.Command, silent: bool
) -> None:
    play = specimens.answered(Paper("harrogate", helper=specimens.HELPER))
    assert play.state.silent
    play.does(who, command, "Wed 10 Mar 2027 10:00")
    assert play.state.silent is silent


def test_a_question_that_waits_is_no_silence() -> None:
    play = specimens.decided(paper("harrogate"))
    play.does("hana", c.AskClarification(question=Words("Which room?")))
    play.does("hana", specimens.response(play))
    assert not play.state.silent


# ---- promises -----------------------------------------------------------------------------------------


def test_a_promise_is_owed_until_it_is_done_and_not_denied() -> None:
    play = specimens.answered(paper())
    done = c.CompleteCommitment(number=1, completed_on=day("Wed 10 Mar 2027"), proof="Photo of the wall.")
    play.does("sunita", done, "Wed 10 Mar 2027 10:00")
    assert play.state.open_commitments == ()
    play.does("resident", c.ConfirmCommitment(number=1, done=False, words="It is still wet."))
    assert [p.confirmed_words for p in play.state.open_commitments] == ["It is still wet."]
    play.does("sunita", done)
    assert play.state.open_commitments == ()


def test_a_moved_promise_keeps_its_old_day_in_the_log() -> None:
    play = specimens.answered(paper())
    later = day("Thu 25 Mar 2027") + timedelta(days=7)
    play.does(
        "sunita", c.MoveCommitment(number=1, due_on=later, owner=play.staff("dora"), reason="No plaster.")
    )
    (promise,) = play.state.commitments
    assert (promise.due_on, promise.owner) == (later, "Dora West")
    made = next(e.command for e in play.log if isinstance(e.command, c.Commit))
    assert made.due_on == day("Thu 25 Mar 2027")


# ---- days -----------------------------------------------------------------------------------------


def test_a_message_after_midnight_in_summer_belongs_to_the_london_day() -> None:
    play = specimens.received(paper())
    play.does("olive", c.Message(text="We have it."), "Thu 1 Apr 2027 00:30")
    assert play.state.last_contact_on == date(2027, 4, 1)
    assert london_date(play.log[-1].at) == date(2027, 4, 1)


# ---- coming back --------------------------------------------------------------------------------------


def test_who_withdrew_during_stage_2_goes_on_where_it_stood() -> None:
    """Withdrawing and asking again is no way to start the clocks of stage 2 again."""
    play = specimens.escalated(paper())
    play.does("resident", c.Withdraw())
    play.does("resident", c.Escalate(), "Mon 3 May 2027 10:00")
    assert play.state.stage is Stage.STAGE_2_REQUESTED
    # Asked for on Thursday 11 March: 12 (1), [13 14], 15-18 (5)
    assert play.duties["stage_2_acknowledgement"] == day("Thu 18 Mar 2027")


def test_who_withdrew_from_a_review_goes_back_to_the_review() -> None:
    play = specimens.reviewed(paper())
    before = play.duties
    play.does("resident", c.Withdraw())
    play.does("resident", c.Escalate(reason="It came back."), "Mon 3 May 2027 10:00")
    assert (play.state.stage, play.duties) == (Stage.STAGE_2, before)
    assert play.state.reviewer is not None
    assert play.state.escalation_reason == "It came back."


# ---- the end of the calendar ------------------------------------------------------------------------------


def test_nobody_is_kept_from_complaining_where_the_bank_holidays_are_not_known_yet() -> None:
    """The last known day is 31 December 2028. What runs past it is promised to nobody."""
    play = paper("halton").submits(at="Thu 21 Dec 2028 10:00")
    # 22 (1), [23 24, 25 Christmas, 26 Boxing Day], 27 28 29 (4), [30 31], and then nobody knows
    assert play.duties == {}
    play = paper("harrogate").submits(at="Thu 21 Dec 2028 10:00")
    # Harrogate's two days are known: 22 (1), [23-26], 27 (2); its ten days for the answer are not
    assert play.duties == {"stage_1_acknowledgement": day("Wed 27 Dec 2028")}
