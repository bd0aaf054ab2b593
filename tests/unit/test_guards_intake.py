"""What stands in the way of taking a complaint in, of naming who looks into it, and of refusing it.

Each row: what is tried, and what the guard says: the field with the clause it rests on, or "fine".
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared import clock
from shared.cases import commands as c
from shared.cases import guards, service, standing
from shared.cases.state import Consent, Person, Point, Story
from shared.clock import LONDON
from shared.identity.actors import Representative, Resident
from shared.letters.facts import Words
from shared.policy.load import available, load
from shared.vocab import Channel, ConsentScope, Kind, Risk
from tests.support import specimens
from tests.support.paper import Paper, at, said
from tests.support.specimens import HELPER, LANDLORDS, complaint, day, definition, instant, refusal

RECEIVED_ON = "Mon 1 Mar 2027"


# ---- the first word -----------------------------------------------------------------------------------

NOBODY = Person(name="")
SUBMISSIONS: list[tuple[str, dict[str, Any], str]] = [
    ("a name and one way to reach her", {}, "fine"),
    ("by post only", {"resident": Person(name="A", address=("1 Elm",))}, "fine"),
    ("a postcode alone", {"resident": Person(name="A", postcode="WA8 0TD")}, "fine"),
    ("through a helper who can be reached", {"resident": Person(name="A"), "helper": HELPER}, "fine"),
    ("no way to reach anybody", {"resident": Person(name="A")}, "contact"),
    ("no name", {"resident": NOBODY}, "name; contact"),
    ("nobody at all", {"resident": None}, "name; contact"),
    ("anonymous", {"resident": None, "anonymous": True}, "fine"),
    ("no words", {"story": Story(what=" ")}, "what"),
    ("no words, but a call to write it down", {"story": Story(what="", write_for_me=True)}, "fine"),
    ("received yesterday", {"received_at": instant("Sun 28 Feb 2027 10:00")}, "fine"),
    ("received tomorrow", {"received_at": instant("Tue 2 Mar 2027 10:00")}, "received_at"),
    ("received in another age", {"received_at": datetime(1999, 1, 1, tzinfo=LONDON)}, "received_at"),
    *[(f"through {channel}", {"channel": channel}, "fine") for channel in Channel],
]


@pytest.mark.parametrize(("what", "changes", "answer"), SUBMISSIONS, ids=[row[0] for row in SUBMISSIONS])
def test_a_complaint_needs_little(what: str, changes: dict[str, Any], answer: str) -> None:
    env = guards.Env(load("halton"), instant(f"{RECEIVED_ON} 10:00"), lambda number: None)
    assert said(guards.problems(None, complaint(**changes), Resident("", "Amina"), env)) == answer


@pytest.mark.parametrize("scope", list(ConsentScope))
def test_a_helper_cannot_give_herself_the_residents_consent(scope: ConsentScope) -> None:
    env = guards.Env(load("halton"), instant(f"{RECEIVED_ON} 10:00"), lambda number: None)
    sent = complaint(helper=HELPER, consent=Consent(scope=scope, basis="written"))
    told = scope not in {ConsentScope.NONE, ConsentScope.REFUSED}
    by_helper = guards.problems(None, sent, Representative("", HELPER.name, scope), env)
    assert said(by_helper) == ("consent (3.6)" if told else "fine")
    assert said(guards.problems(None, sent, Resident("", "Amina"), env)) == "fine"


def test_a_colleague_writes_down_by_which_words_consent_was_given() -> None:
    play = Paper("halton")
    told = Consent(scope=ConsentScope.EVERYTHING)
    with pytest.raises(service.Refused) as caught:
        play.submits(complaint(helper=HELPER, consent=told), by="carl")
    assert said(caught.value.problems) == "consent"
    told = Consent(scope=ConsentScope.EVERYTHING, words="She said on the phone: tell my sister everything.")
    assert play.submits(complaint(helper=HELPER, consent=told), by="carl").state.consent == told


# ---- triage -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "note", "answer"),
    [
        (Kind.COMPLAINT, "", "fine"),
        (Kind.SERVICE_REQUEST, "", "note (1.3)"),
        (Kind.SERVICE_REQUEST, "She agrees that it is a first report.", "fine"),
        (Kind.COMMENT, " ", "note (1.3)"),
        (Kind.COMPLIMENT, "She wanted to say thank you.", "fine"),
    ],
)
def test_whoever_wishes_to_complain_may(kind: Kind, note: str, answer: str) -> None:
    play = at("halton", specimens.received)
    assert said(play.refuses("olive", c.Triage(kind=kind, risk=Risk.ROUTINE, note=note))) == answer


# ---- the definition -----------------------------------------------------------------------------------


def points(*numbered: tuple[int, str]) -> tuple[Point, ...]:
    return tuple(Point(number=number, text=Words(text)) for number, text in numbered)


DEFINITIONS: list[tuple[str, dict[str, Any], str]] = [
    ("two points and an outcome", {}, "fine"),
    ("no point", {"points": ()}, "points (5.6)"),
    ("an empty point", {"points": points((1, " "))}, "points (5.6)"),
    ("an empty point among others", {"points": points((1, "Mould."), (2, ""))}, "points (5.6)"),
    ("two points of one number", {"points": points((1, "Mould."), (1, "Damp."))}, "points (5.6)"),
    ("a number left out", {"points": points((1, "Mould."), (3, "Damp."))}, "points (5.6)"),
    ("no outcome sought", {"outcomes": ()}, "outcomes (5.6)"),
    ("an empty outcome", {"outcomes": (Words("  "),)}, "outcomes (5.6)"),
    ("not what is ours", {"responsible_for": Words("")}, "responsible_for (5.7)"),
    ("not what is not ours", {"not_responsible_for": Words("")}, "not_responsible_for (5.7)"),
]


@pytest.mark.parametrize(("what", "changes", "answer"), DEFINITIONS, ids=[row[0] for row in DEFINITIONS])
def test_a_definition_is_whole(what: str, changes: dict[str, Any], answer: str) -> None:
    play = at("halton", specimens.received)
    assert said(play.refuses("olive", specimens.replace_in(definition(), **changes))) == answer


def test_a_question_has_words_and_is_answered_once() -> None:
    play = at("halton", specimens.received)
    assert said(play.refuses("olive", c.AskClarification(question=Words(" ")))) == "question"
    play.does("olive", c.AskClarification(question=Words("Which room?")))
    assert said(play.refuses("resident", c.AnswerClarification(number=1, answer=""))) == "answer"
    assert said(play.refuses("resident", c.AnswerClarification(number=2, answer="The bedroom."))) == "number"
    play.does("resident", c.AnswerClarification(number=1, answer="The bedroom."))
    with pytest.raises(service.NotAllowed):
        play.does("resident", c.AnswerClarification(number=1, answer="No, the kitchen."))


# ---- who looks into it ----------------------------------------------------------------------------------

STAGE_1 = {
    "olive": "fine",
    "hana": "fine",
    "mark": "fine",
    "sunita": "to",
    "dora": "to",
    "carl": "to",
    "mabel": "to",
}


@pytest.mark.parametrize(("who", "answer"), STAGE_1.items())
def test_who_may_look_into_stage_1(who: str, answer: str) -> None:
    play = at("halton", specimens.received)
    assert said(play.refuses("olive", c.Allocate(to=play.staff(who)))) == answer


# Olive triaged and acknowledged, Hana answered. Where a landlord names its reviewers, anybody else needs a reason.
STAGE_2 = [
    ("halton", "hugh", "fine"),
    ("halton", "sunita", "fine"),
    ("halton", "moira", "fine"),
    ("halton", "dora", "fine"),
    ("halton", "hana", "to (6.13)"),
    ("halton", "olive", "to; to (6.13)"),
    ("halton", "omar", "to"),
    ("housing-services", "moira", "fine"),
    ("housing-services", "dora", "fine"),
    ("housing-services", "hugh", "reason (Complaints Handling Policy CWPO004, 7.6)"),
    ("housing-services", "hana", "to (6.13); reason (Complaints Handling Policy CWPO004, 7.6)"),
    ("harrogate", "moira", "fine"),
    ("harrogate", "hugh", "reason (Customer Complaints and Feedback Policy 2024, 5.2.3)"),
]


@pytest.mark.parametrize(("landlord", "who", "answer"), STAGE_2)
def test_who_may_look_into_stage_2(landlord: str, who: str, answer: str) -> None:
    play = at(landlord, specimens.escalated)
    assert said(play.refuses("olive", c.Allocate(to=play.staff(who)))) == answer


def test_another_officer_reviews_where_the_usual_one_took_part_and_it_is_said_why() -> None:
    play = at("harrogate", specimens.escalated)
    why = "Both Operations Managers took part in the Resolution stage."
    assert said(play.refuses("olive", c.Allocate(to=play.staff("hugh"), reason=why))) == "fine"


def test_nobody_gets_a_case_without_an_active_account_or_with_a_conflict() -> None:
    play = at("halton", specimens.received)
    play.does("hana", c.DeclareConflict(staff=play.staff("hana"), reason="My cousin."))
    assert said(play.refuses("olive", c.Allocate(to=play.staff("hana")))) == "to (5.8)"
    gone = Paper("halton", log=play.log, folded=play.folded, without=frozenset({"hugh"}))
    assert said(gone.refuses("olive", c.Allocate(to=play.staff("hugh")))) == "to"


@pytest.mark.parametrize(
    ("who", "of", "answer"),
    [
        ("hana", "hana", "fine"),
        ("sunita", "sunita", "fine"),
        ("hana", "mark", "staff (5.8)"),
        ("sunita", "dora", "staff (5.8)"),
        ("olive", "hana", "fine"),
        ("mark", "dora", "fine"),
        ("dora", "mark", "fine"),
    ],
)
def test_whose_conflict_somebody_may_declare(who: str, of: str, answer: str) -> None:
    play = at("halton", specimens.acknowledged)
    assert said(play.refuses(who, c.DeclareConflict(staff=play.staff(of), reason="My cousin."))) == answer
    bare = play.refuses(who, c.DeclareConflict(staff=play.staff(who), reason=""))
    assert said(bare) == "reason (5.8)"


# ---- acknowledging --------------------------------------------------------------------------------------


def test_an_acknowledgement_waits_for_the_definition_and_the_handler() -> None:
    play = at("halton", specimens.received)
    assert said(play.refuses("olive", c.Acknowledge())) == "definition (5.6); handler (6.2)"
    play.does("olive", definition())
    assert said(play.refuses("olive", c.Acknowledge())) == "handler (6.2)"
    play.does("olive", c.Allocate(to=play.staff("hana")))
    assert said(play.refuses("olive", c.Acknowledge())) == "fine"
    gone = Paper("halton", log=play.log, folded=play.folded, without=frozenset({"hana"}))
    assert said(gone.refuses("olive", c.Acknowledge())) == "handler (6.2)"


def test_the_second_acknowledgement_waits_for_a_reviewer() -> None:
    play = at("halton", specimens.escalated)
    assert said(play.refuses("olive", c.Acknowledge())) == "handler (6.13)"
    play.does("olive", c.Allocate(to=play.staff("dora")))
    assert said(play.refuses("olive", c.Acknowledge())) == "fine"


# ---- not taking it on -----------------------------------------------------------------------------------
# Received on Monday 1 March 2027: twelve months before is 1 March 2026. Known on that day or later, the Code has
# it taken on (2.3); known on 28 February 2026, it is more than twelve months old.

OLD, NEW = {"aware_on": day("Sat 28 Feb 2026")}, {"aware_on": day("Sun 1 Mar 2026")}
FILED = {"court_filed_on": day("Mon 22 Feb 2027")}
GROUNDS: list[tuple[str, str, dict[str, Any], str]] = [
    ("halton", "over_12_months", OLD, "fine"),
    ("halton", "over_12_months", NEW, "aware_on (2.2 and 2.3)"),
    ("halton", "over_12_months", {}, "aware_on (2.2 and 2.3)"),
    ("halton", "first_request", {}, "fine"),
    ("halton", "legal_proceedings", FILED, "fine"),
    # a letter before action: nothing has been filed
    ("halton", "legal_proceedings", {}, "court_filed_on (2.2)"),
    ("halton", "legal_proceedings", {"court_filed_on": day("Tue 2 Mar 2027")}, "court_filed_on"),
    ("halton", "already_considered", {}, "fine"),
    ("halton", "unacceptable", {}, "fine"),
    ("halton", "nuisance", {}, "fine"),
    ("halton", "insurance", {}, "fine"),
    ("halton", "staff_conduct", {}, "ground (2.2)"),
    ("halton", "outside_scheme", {}, "fine"),
    ("halton", "late_without_reason", {}, "ground (2.2)"),
    ("halton", "", {}, "ground (2.2)"),
    ("halton", "because", {}, "ground (2.2)"),
    # counted from the event in the paper, from the day the resident knew under the Code
    ("housing-services", "over_12_months", OLD, "fine"),
    ("housing-services", "over_12_months", NEW, "aware_on (2.2 and 2.3)"),
    ("housing-services", "legal_proceedings", FILED, "fine"),
    ("housing-services", "legal_proceedings", {}, "court_filed_on (2.2)"),
    # the paper bars petitions altogether; a blanket bar breaks the Code
    ("housing-services", "petition", {}, "ground (2.2)"),
    ("housing-services", "unreasonable", {}, "fine"),
    ("harrogate", "over_12_months", OLD, "fine"),
    ("harrogate", "over_12_months", NEW, "aware_on (2.2 and 2.3)"),
    ("harrogate", "legal_proceedings", {}, "court_filed_on (2.2)"),
    ("harrogate", "already_considered", {}, "fine"),
    ("harrogate", "no_reasons", {}, "ground (2.2)"),
]


@pytest.mark.parametrize(("landlord", "ground", "dates", "answer"), GROUNDS)
def test_grounds_for_not_taking_a_complaint_on(
    landlord: str, ground: str, dates: dict[str, Any], answer: str
) -> None:
    play = at(landlord, specimens.received)
    assert said(play.refuses("olive", refusal(c.NotAccept, ground, play.staff("mark"), **dates))) == answer


# Only the Code's own grounds, whatever the landlord's paper adds (5.11).
ESCALATIONS: list[tuple[str, str, dict[str, Any], str]] = [
    ("halton", "legal_proceedings", FILED, "fine"),
    ("halton", "legal_proceedings", {}, "court_filed_on (2.2)"),
    ("halton", "late_without_reason", {}, "ground (2.2)"),
    ("halton", "unacceptable", {}, "ground (2.2)"),
    ("halton", "insurance", {}, "ground (2.2)"),
    ("halton", "over_12_months", NEW, "aware_on (2.2 and 2.3)"),
    ("housing-services", "late", {}, "ground (2.2)"),
    ("housing-services", "legal_proceedings", FILED, "fine"),
    ("harrogate", "actions_done", {}, "ground (2.2)"),
    ("harrogate", "no_reasons", {}, "ground (2.2)"),
    ("harrogate", "outside_our_power", {}, "ground (2.2)"),
    ("harrogate", "would_not_engage", {}, "ground (2.2)"),
    ("harrogate", "legal_proceedings", FILED, "fine"),
]


@pytest.mark.parametrize(("landlord", "ground", "dates", "answer"), ESCALATIONS)
def test_grounds_for_not_going_to_stage_2(
    landlord: str, ground: str, dates: dict[str, Any], answer: str
) -> None:
    play = at(landlord, specimens.escalated)
    no = refusal(c.DeclineEscalation, ground, play.staff("mark"), **dates)
    assert said(play.refuses("hugh", no)) == answer


@pytest.mark.parametrize("landlord", available())
def test_every_ground_in_a_landlords_file_is_judged_by_the_code(landlord: str) -> None:
    """None passes that is marked unusable, and none at stage 2 that is not the Code's."""
    rules = load(landlord).landlord
    first, second = at(landlord, specimens.received), at(landlord, specimens.escalated)
    for ground in rules.exclusions:
        said_no = said(
            first.refuses("olive", refusal(c.NotAccept, ground.id, first.staff("mark"), **OLD, **FILED))
        )
        assert said_no == ("fine" if ground.usable else "ground (2.2)"), ground.id
    for ground in (*rules.escalation.refusals, *rules.exclusions):
        no = refusal(
            c.DeclineEscalation,
            ground.id,
            second.staff("mark"),
            evidence=Words("Case HAL-2025-0007-3 was answered at both stages."),
            **OLD,
            **FILED,
        )
        fair = ground.usable and ground.code_ground is not None
        assert said(second.refuses("hugh", no)) == ("fine" if fair else "ground (2.2)"), ground.id


@pytest.mark.parametrize(
    ("left_out", "answer"),
    [("reasons", "reasons (2.5)"), ("evidence", "evidence (2.4)"), ("exceptional", "exceptional (2.3)")],
)
@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_refusal_is_judged_by_itself(landlord: str, left_out: str, answer: str) -> None:
    play = at(landlord, specimens.received)
    no = refusal(c.NotAccept, "already_considered", play.staff("mark"), **{left_out: Words(" ")})
    assert said(play.refuses("olive", no)) == answer


# Halton and Harrogate: the manager or above; Housing Services: the Investigating Officer or above (5.7).
APPROVERS = {
    "halton": {
        "omar": False,
        "hugh": False,
        "sunita": False,
        "mark": True,
        "dora": True,
        "carl": False,
        "mabel": False,
    },
    "housing-services": {
        "omar": False,
        "hugh": True,
        "sunita": True,
        "mark": True,
        "dora": True,
        "carl": False,
    },
    "harrogate": {"omar": False, "hugh": False, "sunita": False, "mark": True, "dora": True},
}


@pytest.mark.parametrize(
    ("landlord", "who", "may"), [(x, who, may) for x, row in APPROVERS.items() for who, may in row.items()]
)
def test_who_may_approve_a_refusal(landlord: str, who: str, may: bool) -> None:
    play = at(landlord, specimens.received)
    found = play.refuses("olive", refusal(c.NotAccept, "already_considered", play.staff(who)))
    assert [p.field for p in found] == ([] if may else ["approver"])


def test_an_approver_has_an_active_account_and_no_conflict() -> None:
    play = at("halton", specimens.received)
    no = refusal(c.NotAccept, "already_considered", play.staff("mark"))
    play.does("mark", c.DeclareConflict(staff=play.staff("mark"), reason="My brother-in-law."))
    assert said(play.refuses("olive", no)) == "approver (5.8)"
    gone = Paper("halton", log=play.log, folded=play.folded, without=frozenset({"moira"}))
    no = refusal(c.NotAccept, "already_considered", play.staff("moira"))
    assert [p.field for p in gone.refuses("olive", no)] == ["approver"]


def test_what_the_ombudsman_told_us_to_take_on_is_not_refused_again() -> None:
    play = at("halton", specimens.refused)
    order = c.AcceptByOrder(words="Look into it.", ordered_on=day("Mon 8 Mar 2027"))
    later = "Mon 8 Mar 2027 15:00"
    assert said(play.refuses("olive", specimens.replace_in(order, words=""), later)) == "words (2.4)"
    future = specimens.replace_in(order, ordered_on=day("Tue 9 Mar 2027"))
    assert said(play.refuses("olive", future, later)) == "ordered_on"
    before = specimens.replace_in(order, ordered_on=day("Fri 26 Feb 2027"))
    assert said(play.refuses("olive", before, later)) == "ordered_on"
    play.does("olive", order)
    again = refusal(c.NotAccept, "already_considered", play.staff("mark"))
    assert said(play.refuses("olive", again)) == "ground (2.4)"


def test_a_wall_keeps_a_person_out_of_every_step() -> None:
    play = at("halton", specimens.acknowledged)
    play.does("hana", c.DeclareConflict(staff=play.staff("hana"), reason="My cousin."))
    with clock.pretend(play.now + timedelta(minutes=1)):
        facts = standing.facts_of(play.state, play.actor("hana"), play.policy)
        assert facts.walled_off
        assert standing.allowed(play.state, play.actor("hana"), play.policy) == frozenset()
