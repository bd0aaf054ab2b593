"""Somebody who knows the rules and wants to get round them: each way that was tried, and what it meets."""

from typing import Any

import pytest

from shared.cases import commands as c
from shared.cases.service import NotAllowed
from shared.cases.state import Consent
from shared.letters.facts import Words
from shared.vocab import Channel, CloseReason, ConsentScope, Kind, Risk, Stage
from tests.support import specimens
from tests.support.paper import Paper, said
from tests.support.specimens import LANDLORDS, complaint, day, redefinition, refusal, response

LATER = "Wed 24 Mar 2027 10:00"


def paper(landlord: str = "halton", **more: Any) -> Paper:
    return Paper(landlord, **more)


# ---- making a complaint go away ---------------------------------------------------------------------------


def taken_for(kind: Kind) -> Paper:
    play = paper().submits()
    play.does("olive", c.Triage(kind=kind, risk=Risk.ROUTINE, note="She says that she only wants it mended."))
    return play


@pytest.mark.parametrize("kind", [Kind.SERVICE_REQUEST, Kind.COMMENT, Kind.COMPLIMENT])
def test_what_was_taken_for_less_is_a_complaint_again_at_her_word_with_its_old_clocks(kind: Kind) -> None:
    before = paper().submits().duties
    play = taken_for(kind)
    assert play.duties == {}
    play.does("resident", c.Reopen(reason=""), LATER)
    assert (play.state.kind, play.state.stage, play.duties) == (Kind.COMPLAINT, Stage.RECEIVED, before)


def test_closing_it_meanwhile_changes_nothing() -> None:
    before = paper().submits().duties
    play = taken_for(Kind.COMMENT)
    play.does("olive", c.Close(reason=CloseReason.PASSED_ON))
    play.does("resident", c.Reopen(reason=""), LATER)
    assert (play.state.stage, play.duties) == (Stage.RECEIVED, before)


def test_a_complaint_filed_as_a_comment_was_one_from_the_day_it_came() -> None:
    play = paper().submits(complaint(kind=Kind.COMMENT), by="carl")
    play.does("olive", c.Triage(risk=Risk.ROUTINE), LATER)
    assert play.duties["stage_1_acknowledgement"] == day("Mon 8 Mar 2027")  # and long over


def test_a_request_is_a_complaint_from_the_day_of_dissatisfaction() -> None:
    play = paper().submits(complaint(kind=Kind.SERVICE_REQUEST))
    play.does("olive", c.Triage(risk=Risk.ROUTINE), "Mon 5 Apr 2027 10:00")
    assert play.duties["stage_1_acknowledgement"] == day("Mon 12 Apr 2027")


@pytest.mark.parametrize("specimen", [specimens.received, specimens.acknowledged, specimens.decided])
def test_a_withdrawal_that_she_knows_nothing_of_costs_her_no_day(specimen: specimens.Specimen) -> None:
    play = specimen(paper())
    stage, before = play.state.stage, play.duties
    play.does("olive", c.Withdraw(reason="She said on the phone that she has had enough."))
    play.does("resident", c.Reopen(reason=""), LATER)
    assert (play.state.stage, play.duties) == (stage, before)


def test_who_was_answered_comes_back_by_stage_2_and_not_to_stage_1() -> None:
    play = specimens.answered(paper())
    play.does("resident", c.Withdraw())
    with pytest.raises(NotAllowed):
        play.does("resident", c.Reopen(reason=""))
    play.does("resident", c.Escalate())


# ---- refusing ---------------------------------------------------------------------------------------------


def test_the_answer_at_stage_1_is_no_ground_to_refuse_stage_2() -> None:
    play = specimens.escalated(paper())
    for evidence in ("We answered it on 9 March.", f"See {play.state.ref}."):
        no = refusal(c.DeclineEscalation, "already_considered", play.staff("mark"), evidence=Words(evidence))
        assert said(play.refuses("hugh", no)) == "evidence (2.2 and 6.10)"


@pytest.mark.parametrize(
    ("landlord", "ground"),
    [("halton", "staff_conduct"), ("harrogate", "staff_conduct"), ("harrogate", "survey")],
)
def test_the_codes_definition_beats_the_landlords_paper(landlord: str, ground: str) -> None:
    """Staff are in the definition (1.2), and whoever is dissatisfied in a survey has the choice (1.3)."""
    play = specimens.received(paper(landlord))
    assert said(play.refuses("olive", refusal(c.NotAccept, ground, play.staff("mark")))) == "ground (2.2)"


# ---- independence -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["hana", "sunita"])
def test_who_acted_at_stage_1_shapes_no_answer_of_stage_2(who: str) -> None:
    play = specimens.answered(paper())
    play.does("sunita", c.CompleteCommitment(number=1, completed_on=day("Tue 9 Mar 2027"), proof="Photo."))
    play.does("resident", c.Escalate())
    play.does("olive", c.Allocate(to=play.staff("dora")))
    play.does("olive", c.Acknowledge())
    for command in (
        specimens.action_remedy(day("Wed 31 Mar 2027")),
        specimens.decision(1),
        response(play),
        redefinition("There was a little mould."),
    ):
        with pytest.raises(NotAllowed):
            play.does(who, command, asked=False)


def test_what_somebody_with_a_conflict_decided_is_decided_anew() -> None:
    play = specimens.decided(paper())
    play.does("hana", c.DeclareConflict(staff=play.staff("hana"), reason="My cousin lives there."))
    assert play.state.decisions == ()
    play = specimens.reviewed(paper())
    play.does("dora", specimens.decision(1))
    play.does("dora", c.DeclareConflict(staff=play.staff("dora"), reason="My aunt."))
    assert play.state.decisions_at(2) == {}
    assert set(play.state.decisions_at(1)) == {1, 2}  # stage 1 was answered, and stays as it was


def test_somebody_elses_conflict_costs_no_decision() -> None:
    play = specimens.decided(paper())
    play.does("omar", c.DeclareConflict(staff=play.staff("omar"), reason="My neighbour."))
    assert set(play.state.decisions_at(1)) == {1, 2}


# ---- money ------------------------------------------------------------------------------------------------


def offer(pence: int) -> c.OfferRemedy:
    return c.OfferRemedy(
        kind="money",
        text=Words("A payment."),
        amount_pence=pence,
        breakdown=(("Distress", pence),),
        by_on=day("Fri 30 Apr 2027"),
    )


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_turning_an_offer_down_and_up_again_is_no_way_around_a_limit(landlord: str) -> None:
    play = specimens.acknowledged(paper(landlord))
    limit = next(m.up_to_pence for m in play.policy.landlord.approvals.money if m.role == "handler")
    assert limit is not None
    play.does("hana", offer(limit))
    play.does("hana", c.SettleRemedy(number=1, accepted=False))
    play.does("hana", offer(limit))
    assert said(play.refuses("hana", c.SettleRemedy(number=1, accepted=True))) == "accepted (7.3)"
    assert said(play.refuses("hana", c.SettleRemedy(number=1, paid_on=day("Tue 2 Mar 2027")))) == "paid_on"
    assert said(play.refuses("hana", offer(1))).startswith("approver")


# ---- words in her mouth -----------------------------------------------------------------------------------


def test_her_answer_to_more_time_is_written_down_with_how_it_was_given() -> None:
    play = specimens.acknowledged(paper())
    play.does("hana", specimens.more_time(play, 5, agreed=None))
    assert said(play.refuses("hana", c.AnswerExtension(agreed=True))) == "words (5.12)"
    assert said(play.refuses("resident", c.AnswerExtension(agreed=False))) == "fine"


@pytest.mark.parametrize("agreed", [True, False])
def test_an_answer_given_before_the_letter_is_written_down_too(agreed: bool) -> None:
    play = specimens.acknowledged(paper())
    more = specimens.more_time(play, 5, agreed=agreed, agreement_words=" ")
    assert said(play.refuses("hana", more)) == "agreement_words (5.12)"


def test_a_helper_cannot_make_herself_heard_as_the_resident() -> None:
    play = specimens.answered(paper(helper=specimens.HELPER))
    for command in (
        c.SetConsent(consent=Consent(scope=ConsentScope.EVERYTHING)),
        c.SettleRemedy(number=1, accepted=True),
        c.Withdraw(),
        c.ConfirmCommitment(number=1, done=True),
        c.Escalate(),
        c.ChangeContact(resident=specimens.HELPER, safety=play.state.safety),
    ):
        with pytest.raises(NotAllowed):
            play.does("helper", command)


# ---- dates ------------------------------------------------------------------------------------------------


def test_a_first_contact_before_there_was_a_handler_stops_no_clock() -> None:
    play = specimens.received(paper())
    early = c.RecordContact(
        channel=Channel.PHONE,
        happened_at=specimens.instant("Mon 1 Mar 2027 10:00"),
        words="Rang her.",
        first_contact=True,
    )
    play.does("olive", early, "Mon 1 Mar 2027 11:00")
    play.does("olive", c.Allocate(to=play.staff("hana")), "Tue 2 Mar 2027 10:00")
    play.does("hana", early, "Fri 5 Mar 2027 10:00")
    assert play.state.milestones.first_contact_at is None


def test_asking_for_stage_2_and_being_declined_again_and_again_names_the_same_grounds() -> None:
    play = specimens.escalated(paper())
    no = refusal(
        c.DeclineEscalation,
        "legal_proceedings",
        play.staff("mark"),
        court_filed_on=day("Mon 22 Feb 2027"),
    )
    play.does("hugh", no)
    play.does("resident", c.Escalate(), "Mon 15 Mar 2027 10:00")
    # A yes of the first time is used up, and whoever said no once cannot be the new mind.
    assert said(play.refuses("hugh", no, asked=False)).startswith("approver")
    assert said(play.refuses("olive", c.Allocate(to=play.staff("mark")))) == "to (6.13)"
    assert said(play.refuses("olive", c.Allocate(to=play.staff("hugh")))) == "to (6.13)"


def test_two_extensions_within_the_cap_each_need_her_yes_from_the_second_on() -> None:
    play = specimens.acknowledged(paper())
    play.does("hana", specimens.more_time(play, 1, agreed=False))
    for agreed in (None, False):
        again = specimens.more_time(play, 9, exceptional=True, agreed=agreed)
        assert "agreed" in said(play.refuses("hana", again))
