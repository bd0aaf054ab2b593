"""Quick resolution, new points, many findings in one save, the panel inside stage 2, and consent that ends."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.cases import case_clocks
from shared.cases import commands as c
from shared.cases.service import NotAllowed, Refused
from shared.cases.state import CaseState, Consent, StaffRef
from shared.letters.facts import Words
from shared.policy.terms import ClockName
from shared.vocab import Action, CloseReason, ConsentScope, Finding, Kind, Risk, Stage
from tests.support import specimens
from tests.support.paper import Paper, said
from tests.support.specimens import LANDLORDS, day, definition, redefinition

SORTED = "She agreed on the phone that a plumber comes today instead of a letter."
LEARNED = c.RecordLearning(theme="Repairs", words="Send the plumber first.")


def paper(landlord: str = "halton", **more: Any) -> Paper:
    return Paper(landlord, **more)


# ---- quick resolution -------------------------------------------------------------------------------------


def quick(landlord: str = "halton") -> Paper:
    """Put right at once with her agreement, and closed so."""
    play = paper(landlord).submits()
    play.does("olive", c.Triage(risk=Risk.ROUTINE, note=SORTED, quick_resolution_agreed=True))
    play.does("olive", LEARNED)
    play.does("olive", c.Close(reason=CloseReason.RESOLVED, words=Words("She rang: the tap works.")))
    return play


@pytest.mark.parametrize(
    ("what", "changes", "answer"),
    [
        ("agreed, in words", {"note": SORTED}, "fine"),
        ("nobody wrote how", {"note": " "}, "note (5.2 and 6.1)"),
        (
            "not of a request",
            {"note": SORTED, "kind": Kind.SERVICE_REQUEST},
            "quick_resolution_agreed (5.2)",
        ),
    ],
)
def test_a_quick_resolution_is_agreed_with_the_resident(
    what: str, changes: dict[str, Any], answer: str
) -> None:
    play = paper().submits()
    command = c.Triage(risk=Risk.ROUTINE, quick_resolution_agreed=True, **changes)
    assert said(play.refuses("olive", command)) == answer, what


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_quick_resolution_stops_no_clock_and_is_no_stage(landlord: str) -> None:
    play = paper(landlord).submits()
    before = play.duties
    play.does("olive", c.Triage(risk=Risk.ROUTINE, note=SORTED, quick_resolution_agreed=True))
    assert (play.state.stage, play.duties) == (Stage.RECEIVED, before)


def test_nothing_closes_as_quick_without_her_agreement_her_word_and_what_was_learned() -> None:
    play = paper().submits()
    done = c.Close(reason=CloseReason.RESOLVED, words=Words("She rang."))
    play.does("olive", c.Triage(risk=Risk.ROUTINE))
    with pytest.raises(NotAllowed):
        play.does("olive", done)
    play.does("olive", c.Triage(risk=Risk.ROUTINE, note=SORTED, quick_resolution_agreed=True))
    assert said(play.refuses("olive", done)) == "learning (9.1)"
    play.does("olive", LEARNED)
    assert said(play.refuses("olive", specimens.replace_in(done, words=None))) == "words"
    assert said(play.refuses("olive", specimens.replace_in(done, reason=CloseReason.NO_REPLY))).startswith(
        "reason"
    )
    # She wishes to complain after all: the next triage says so, and then only an answer ends it.
    play.does("olive", c.Triage(risk=Risk.ROUTINE, note="She wants a letter."))
    with pytest.raises(NotAllowed):
        play.does("olive", done)


@pytest.mark.parametrize("who", ["resident", "carl", "olive"])
def test_her_wish_for_a_formal_answer_wins_at_any_time(who: str) -> None:
    play = quick()
    play.does(who, c.Reopen(reason="" if who == "resident" else "She rang."), "Mon 5 Apr 2027 10:00")
    assert play.state.stage is Stage.RECEIVED
    # Made anew on Monday 5 April: 6-9 (4), [10 11], 12 (5); the answer, from the log: 12-16 (9), 19 (10)
    assert play.duties["stage_1_acknowledgement"] == day("Mon 12 Apr 2027")
    assert play.duties["stage_1_response"] == day("Mon 19 Apr 2027")
    with pytest.raises(NotAllowed):  # what she agreed to before is over
        play.does("olive", c.Close(reason=CloseReason.RESOLVED, words=Words("Done.")))


def test_only_a_quick_one_opens_again_at_the_residents_word() -> None:
    play = specimens.answered(paper())
    play.does("omar", LEARNED)
    play.does("omar", c.Close(reason=CloseReason.RESOLVED, words=Words("She rang.")))
    with pytest.raises(NotAllowed):
        play.does("resident", c.Reopen(reason=""))
    play.does("resident", c.Escalate())  # her way from here is stage 2


# ---- new points (Code 6.8) --------------------------------------------------------------------------------

THREE = ("You reported mould and nobody came.", "We did not keep you informed.", "The lift is broken.")


@pytest.mark.parametrize(
    ("what", "specimen", "command", "answer"),
    [
        ("nobody has read it yet", specimens.defined, definition(*THREE), "fine"),
        ("the same again", specimens.acknowledged, definition(), "fine"),
        ("joins with a reason", specimens.acknowledged, redefinition(*THREE), "fine"),
        (
            "joins without one",
            specimens.acknowledged,
            definition(*THREE),
            "why (5.6 and 6.8)",
        ),
        (
            "one goes without a word",
            specimens.acknowledged,
            definition(THREE[0]),
            "why (5.6 and 6.8)",
        ),
        (
            "new at stage 2",
            specimens.reviewed,
            redefinition(*THREE),
            "points (6.8)",
        ),
        (
            "new, before it is acknowledged",
            specimens.escalated,
            redefinition(*THREE),
            "points (6.8)",
        ),
        ("left out by stage 1", specimens.reviewed, redefinition(*THREE, left_out=True), "fine"),
        ("said better at stage 2", specimens.reviewed, redefinition("There was mould.", THREE[1]), "fine"),
    ],
)
def test_where_a_new_point_goes(
    what: str, specimen: specimens.Specimen, command: c.Define, answer: str
) -> None:
    play = specimen(paper())
    assert said(play.refuses("olive", command)) == answer, what


def test_after_the_stage_1_answer_nothing_joins() -> None:
    with pytest.raises(NotAllowed):
        specimens.answered(paper()).does("olive", redefinition(*THREE))


# ---- several findings in one save -------------------------------------------------------------------------


def both(**second: Any) -> c.Decide:
    one, two = specimens.decision(1), specimens.decision(2, Finding.NOT_UPHELD, apology=None)
    further = {name: getattr(two, name) for name in ("point", "finding", "reasons", "basis", "apology")}
    return specimens.replace_in(one, others=(c.PointDecision(**(further | second)),))


def test_one_save_decides_several_points_and_leaves_one_event() -> None:
    play = specimens.acknowledged(paper())
    before = len(play.log)
    play.does("hana", both())
    assert len(play.log) == before + 1
    found = {number: d.finding for number, d in play.state.decisions_at(1).items()}
    assert found == {1: Finding.UPHELD, 2: Finding.NOT_UPHELD}


@pytest.mark.parametrize(
    ("second", "answer"),
    [
        ({"reasons": Words(" ")}, "reasons:2 (6.9)"),
        ({"basis": Words("")}, "basis:2 (6.7)"),
        ({"point": 9}, "point:9"),
        ({"point": 1}, "point:1"),
    ],
)
def test_each_of_several_points_is_checked_and_nothing_is_saved_in_part(
    second: dict[str, Any], answer: str
) -> None:
    play = specimens.acknowledged(paper())
    assert said(play.refuses("hana", both(**second))) == answer
    with pytest.raises(Refused):
        play.does("hana", both(**second))
    assert play.state.decisions == ()


# ---- the panel inside the one stage 2 ---------------------------------------------------------------------


def panel(step: str, on: str = "Fri 12 Mar 2027", **more: Any) -> c.HoldPanel:
    return c.HoldPanel(step=step, happened_on=day(on), words="Her word.", **more)


def judged() -> Paper:
    """A review at Harrogate that could be answered."""
    play = specimens.reviewed(paper("harrogate"))
    play.does("dora", specimens.decision(1))
    play.does("dora", specimens.decision(2))
    play.does("dora", specimens.action_remedy(day("Wed 31 Mar 2027")))
    return play


def test_a_panel_that_was_asked_for_meets_before_the_final_answer() -> None:
    play = judged()
    answer = specimens.response(play, checked_by=None)
    assert said(play.refuses("dora", answer)) == "fine"
    play.does("dora", panel("asked"))
    assert said(play.refuses("dora", answer)) == "panel (5.3)"
    withdrawn = play.copy()
    withdrawn.does("dora", panel("declined"))
    assert said(withdrawn.refuses("dora", answer)) == "fine"
    play.does("dora", panel("held", attended=True))
    play.does("dora", answer)
    state = play.state
    assert state.panel is not None
    assert state.panel.outcome_on == state.panel.held_on == day("Fri 12 Mar 2027")  # one stage, one answer


def test_nothing_of_a_panel_is_written_down_after_the_final_answer() -> None:
    play = judged()
    play.does("dora", specimens.response(play, checked_by=None))
    for step in ("asked", "held", "outcome"):
        with pytest.raises(NotAllowed):
            play.does("dora", panel(step))


def test_no_panel_met_before_stage_2_was_asked_for() -> None:
    play = judged()
    assert said(play.refuses("dora", panel("held", "Wed 10 Mar 2027"))).startswith("happened_on")


# ---- the completion letter of a matter that stage 1 settled -------------------------------------------------


def settled(landlord: str) -> Paper:
    """Stage 1 answered; the resident says yes to the offer, and that the promise is kept."""
    play = specimens.answered(paper(landlord))
    play.does("resident", c.SettleRemedy(number=1, accepted=True), "Mon 15 Mar 2027 10:00")
    assert play.state.milestones.resolved_at is None
    play.does("resident", c.ConfirmCommitment(number=1, done=True), "Tue 16 Mar 2027 10:00")
    return play


def test_what_stage_1_settled_owes_its_completion_letter_within_two_weeks() -> None:
    play = settled("harrogate")
    # 14 days on from Tuesday 16 March, whatever days they are
    assert play.duties == {"completion_letter": day("Tue 30 Mar 2027")}
    play.does("omar", c.RecordLearning(theme="Repairs", words="Ring first."))
    closing = c.Close(reason=CloseReason.RESOLVED, words=Words("She said so on the portal."))
    play.does("omar", closing, "Mon 29 Mar 2027 10:00")
    assert play.duties == {}
    assert play.clocks[ClockName.COMPLETION_LETTER].met_in_time is True


def test_the_completion_letter_is_owed_on_the_residents_own_word_alone() -> None:
    firm, later = StaffRef(id=0, name="A firm"), day("Fri 9 Apr 2027")
    for what, command in (
        ("not done after all", c.ConfirmCommitment(number=1, done=False)),
        (
            "a new promise",
            c.Commit(text=Words("x"), owner=firm, due_on=later),
        ),
        ("a new offer", specimens.action_remedy(later)),
        ("stage 2", c.Escalate()),
    ):
        play = settled("harrogate")
        play.does("resident" if isinstance(command, c.ConfirmCommitment | c.Escalate) else "hana", command)
        assert play.state.milestones.resolved_at is None, what
        assert "completion_letter" not in play.duties, what
    again = settled("harrogate")
    again.does("resident", c.ConfirmCommitment(number=1, done=True), "Fri 19 Mar 2027 10:00")
    assert again.duties == {"completion_letter": day("Tue 30 Mar 2027")}  # saying it twice gives no more time


def test_what_the_resident_has_seen_done_stays_her_word_when_we_record_the_proof() -> None:
    play = settled("harrogate")
    proof = c.CompleteCommitment(number=1, completed_on=day("Tue 16 Mar 2027"), proof="The job sheet.")
    play.does("hana", proof, "Wed 17 Mar 2027 10:00")
    assert play.state.commitments[0].confirmed is True
    assert play.duties == {"completion_letter": day("Tue 30 Mar 2027")}
    play.does("resident", c.ConfirmCommitment(number=1, done=False), "Fri 19 Mar 2027 10:00")
    play.does(
        "hana", specimens.replace_in(proof, completed_on=day("Fri 19 Mar 2027")), "Fri 19 Mar 2027 16:00"
    )
    assert play.state.commitments[0].confirmed is None


def test_a_record_waits_for_silence_only_while_there_is_silence() -> None:
    play = specimens.answered(paper("harrogate"))
    assert [w.name for w in case_clocks.windows(play.state, play.clocks)] == [ClockName.RECORD_CLOSES]
    play.does("resident", c.SettleRemedy(number=1, accepted=True), "Mon 15 Mar 2027 10:00")
    assert case_clocks.windows(play.state, play.clocks) == []


def test_who_names_no_completion_letter_owes_none() -> None:
    assert settled("halton").duties == {}
    assert settled("housing-services").duties == {}


# ---- consent until the complaint ends ---------------------------------------------------------------------


def helped(scope: ConsentScope = ConsentScope.EVERYTHING, **consent: Any) -> Paper:
    play = specimens.answered(paper(helper=specimens.HELPER))
    play.does("resident", c.SetConsent(consent=Consent(scope=scope, basis="written", **consent)))
    play.does("omar", LEARNED)
    return play


def close(play: Paper, when: str = "Wed 10 Mar 2027 10:00") -> CaseState:
    play.does("omar", c.Close(reason=CloseReason.RESOLVED, words=Words("She rang.")), when)
    return play.state


@pytest.mark.parametrize("scope", [ConsentScope.EVERYTHING, ConsentScope.ME_AS_WELL, ConsentScope.SOME])
def test_consent_without_a_day_ends_when_the_record_closes(scope: ConsentScope) -> None:
    consent = close(helped(scope)).consent
    assert consent.in_force(day("Wed 10 Mar 2027")) is scope  # the closing letter still reaches the helper
    assert consent.in_force(day("Thu 11 Mar 2027")) is ConsentScope.NONE


@pytest.mark.parametrize(
    ("until", "ends"),
    [(date(2027, 12, 1), date(2027, 3, 10)), (date(2027, 3, 9), date(2027, 3, 9)), (None, date(2027, 3, 10))],
)
def test_a_later_day_ends_with_the_complaint_and_an_earlier_one_stays(until: date | None, ends: date) -> None:
    assert close(helped(until=until)).consent.until == ends


def test_withdrawing_ends_it_as_well() -> None:
    play = helped()
    play.does("resident", c.Withdraw(), "Wed 10 Mar 2027 10:00")
    assert play.state.consent.in_force(day("Thu 11 Mar 2027")) is ConsentScope.NONE


@pytest.mark.parametrize(
    "basis", ["attorney", "executor", "parent", "best_interests", "elected_representative"]
)
def test_who_acts_by_law_goes_on_acting(basis: str) -> None:
    play = helped()
    known = replace(play, log=list(play.log))
    known.does(
        "olive",
        c.SetConsent(consent=Consent(scope=ConsentScope.EVERYTHING, basis=basis, words="We saw the paper.")),
    )
    assert close(known).consent.in_force(day("Mon 12 Apr 2027")) is ConsentScope.EVERYTHING


def test_a_helper_whose_consent_ended_may_ask_for_stage_2_and_is_told_nothing() -> None:
    play = helped()
    close(play)
    play.does("helper", c.Escalate(), "Mon 15 Mar 2027 10:00")
    assert play.state.stage is Stage.STAGE_2_REQUESTED
    assert play.state.consent.scope is ConsentScope.NONE  # the resident is asked anew
    with pytest.raises(NotAllowed):
        play.does("helper", c.Message(text="Well?"))


@pytest.mark.parametrize("scope", [ConsentScope.REFUSED, ConsentScope.NONE, ConsentScope.SOME])
def test_who_never_could_act_cannot_after_closing(scope: ConsentScope) -> None:
    play = helped(scope)
    close(play)
    with pytest.raises(NotAllowed):
        play.does("helper", c.Escalate(), "Mon 15 Mar 2027 10:00")


def test_a_helper_whose_time_had_run_out_before_cannot_ask() -> None:
    play = helped(until=date(2027, 3, 9))
    close(play)
    assert Action.ESCALATE not in {step for step in Action if _may(play, step)}


def _may(play: Paper, action: Action) -> bool:
    with play.at("Mon 15 Mar 2027 10:00"):
        try:
            play.step(play.actor("helper"), action)
        except NotAllowed:
            return False
        return True
