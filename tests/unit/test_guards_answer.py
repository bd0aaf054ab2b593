"""What stands in the way of an answer: findings, money, more time, the response, and asking for stage 2.

Each row: what is tried, and what the guard says: the field with the clause it rests on, or "fine".
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from shared.cases import approvals, case_clocks, service
from shared.cases import commands as c
from shared.cases.state import CaseState, StaffRef
from shared.letters.facts import Words
from shared.vocab import Action, Channel, CloseReason, Finding, Stage
from tests.support import specimens
from tests.support.paper import Paper, at, said
from tests.support.specimens import LANDLORDS, day, decision, instant, more_time, response

TODAY = day("Mon 8 Mar 2027")
SOON = day("Fri 19 Mar 2027")


# ---- findings -----------------------------------------------------------------------------------------

DECISIONS: list[tuple[str, dict[str, Any], str]] = [
    ("upheld, with reasons and what it rests on", {}, "fine"),
    ("no reasons", {"reasons": Words(" ")}, "reasons (6.9)"),
    ("nothing it rests on", {"basis": Words("")}, "basis (6.7)"),
    ("a point that is not there", {"point": 3}, "point"),
    ("no point", {"point": 0}, "point"),
]


@pytest.mark.parametrize(("what", "changes", "answer"), DECISIONS, ids=[row[0] for row in DECISIONS])
def test_each_point_is_decided_with_reasons(what: str, changes: dict[str, Any], answer: str) -> None:
    play = at("halton", specimens.acknowledged)
    assert said(play.refuses("hana", decision(**changes))) == answer
    second = at("halton", specimens.reviewed)
    assert said(second.refuses("dora", decision(**changes))) == answer.replace("6.9", "6.19")


# ---- remedies and money ---------------------------------------------------------------------------------


def money(*lines: tuple[str, int], **changes: Any) -> c.OfferRemedy:
    """A payment made up of these lines, to be paid in time."""
    command = c.OfferRemedy(
        kind="money",
        text=Words("A payment for distress."),
        amount_pence=sum(pence for _, pence in lines),
        breakdown=lines,
        by_on=SOON,
    )
    return specimens.replace_in(command, **changes)


REMEDIES: list[tuple[str, c.OfferRemedy, str]] = [
    ("an apology", c.OfferRemedy(kind="apology", text=Words("We are sorry.")), "fine"),
    ("an explanation", c.OfferRemedy(kind="explanation", text=Words("This is why.")), "fine"),
    ("an action with its day", specimens.action_remedy(SOON), "fine"),
    ("an action without one", c.OfferRemedy(kind="action", text=Words("We mend it.")), "by_on (7.3)"),
    ("a correction without one", c.OfferRemedy(kind="correction", text=Words("x")), "by_on (7.3)"),
    ("another decision without one", c.OfferRemedy(kind="reconsideration", text=Words("x")), "by_on (7.3)"),
    ("a change without one", c.OfferRemedy(kind="change_of_policy", text=Words("x")), "by_on (7.3)"),
    ("no words", c.OfferRemedy(kind="apology", text=Words(" ")), "text (7.1)"),
    ("a day that is over", specimens.action_remedy(TODAY - timedelta(days=1)), "by_on (7.3)"),
    ("today", specimens.action_remedy(TODAY), "fine"),
    ("a day in another age", specimens.action_remedy(date(2999, 1, 1)), "by_on"),
    ("a kind that is none", c.OfferRemedy(kind="voucher", text=Words("x")), "kind (7.1)"),
    ("no kind", c.OfferRemedy(kind="", text=Words("x")), "kind (7.1)"),
    # a payment under another name would pass by the limits
    (
        "money called an apology",
        c.OfferRemedy(kind="apology", text=Words("x"), amount_pence=500_00),
        "kind (7.3)",
    ),
    ("a payment to the penny", money(("Distress", 100_01), ("Time", 49_99)), "fine"),
    ("nothing", money(), "amount"),
    ("less than nothing", money(("Distress", -1)), "amount"),
    ("no breakdown", money(amount_pence=100_00), "breakdown"),
    ("a penny too little", money(("Distress", 99_99), amount_pence=100_00), "breakdown"),
    ("a penny too much", money(("Distress", 100_01), amount_pence=100_00), "breakdown"),
    ("a line below nothing", money(("Distress", 150_00), ("Arrears", -50_00)), "breakdown"),
    ("a line of nothing", money(("Distress", 100_00), ("Time", 0)), "breakdown"),
    ("a line for nothing named", money(("Distress", 100_00), (" ", 50_00)), "breakdown"),
    ("no day for the payment", money(("Distress", 100_00), by_on=None), "by_on (7.3)"),
]


@pytest.mark.parametrize(("what", "command", "answer"), REMEDIES, ids=[row[0] for row in REMEDIES])
def test_a_remedy_says_what_and_by_when(what: str, command: c.OfferRemedy, answer: str) -> None:
    play = at("halton", specimens.acknowledged)
    assert said(play.refuses("hana", command, "Mon 8 Mar 2027 10:00")) == answer


# Who may promise how much alone, in pence: at the limit, and a penny above it.
LIMITS = [
    ("halton", "olive", 250_00),
    ("halton", "hana", 250_00),
    ("halton", "sunita", 500_00),
    ("halton", "mark", 1000_00),
    ("housing-services", "hana", 250_00),
    ("housing-services", "mark", 1000_00),
    ("harrogate", "hana", 250_00),
    ("harrogate", "sunita", 500_00),
    ("harrogate", "mark", 1000_00),
]


@pytest.mark.parametrize(("landlord", "who", "limit"), LIMITS)
def test_a_limit_holds_to_the_penny(landlord: str, who: str, limit: int) -> None:
    play = at(landlord, specimens.acknowledged)
    above = "approver (the landlord's limits for payments)"
    assert said(play.refuses(who, money(("Distress", limit)))) == "fine"
    assert said(play.refuses(who, money(("Distress", limit + 1)))) == above
    # somebody who may promise it says yes
    assert said(play.refuses(who, money(("Distress", limit + 1), approver=play.staff("dora")))) == "fine"
    # somebody who may not, does not help
    assert said(play.refuses(who, money(("Distress", 1000_01), approver=play.staff("mark")))) == above


def test_harrogates_admin_promises_no_money_and_a_director_any() -> None:
    play = at("harrogate", specimens.acknowledged)
    assert [p.field for p in play.refuses("olive", money(("Distress", 1)))] == ["approver"]
    assert said(play.refuses("dora", money(("Distress", 10**12)))) == "fine"


def test_two_payments_are_no_way_around_a_limit() -> None:
    play = at("halton", specimens.acknowledged)
    play.does("hana", money(("Distress", 200_00)))
    assert [p.field for p in play.refuses("hana", money(("Time", 50_01)))] == ["approver"]
    assert said(play.refuses("hana", money(("Time", 50_00)))) == "fine"
    play.does("resident", c.SettleRemedy(number=1, accepted=False))
    assert said(play.refuses("hana", money(("Time", 250_00)))) == "fine"


PROSE: list[tuple[str, c.Command, str, str]] = [
    ("an action", specimens.action_remedy(SOON), "text", "We mend it and pay you £800."),
    ("an apology", c.OfferRemedy(kind="apology", text=Words("x")), "text", "£800 for the delay."),
    (
        "a promise",
        c.Commit(text=Words("x"), owner=StaffRef(id=0, name="A firm"), due_on=SOON),
        "text",
        "Pay £800.",
    ),
    ("reasons", decision(), "reasons", "We come too late. We will pay you £800."),
    ("the apology of a point", decision(), "apology", "We are sorry and offer £800."),
    ("an update", c.UpdateResident(message=Words("x")), "message", "The wall is dry. We will pay you £800."),
]
PAYMENTS = "the landlord's limits for payments"


@pytest.mark.parametrize(("what", "command", "field", "words"), PROSE, ids=[row[0] for row in PROSE])
def test_money_in_prose_is_no_way_around_a_limit(
    what: str, command: c.Command, field: str, words: str
) -> None:
    """It has to be on record first, where whoever may approve so much has said yes."""
    play = at("halton", specimens.acknowledged)
    told = specimens.replace_in(command, **{field: Words(words)})
    assert said(play.refuses("hana", told)) == f"{field} ({PAYMENTS})"
    play.does("mark", money(("The delay.", 80000)))
    assert said(play.refuses("hana", told)) == "fine"
    more = specimens.replace_in(told, **{field: Words(words.replace("800", "801"))})
    assert said(play.refuses("hana", more)) == f"{field} ({PAYMENTS})"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("We pay you £50 for the delay.", "fine"),
        ("You paid £90 for a heater. We pay £50 towards it.", "fine"),
        ("A payment for distress.", "fine"),
        ("We pay you £500 for the delay.", f"text ({PAYMENTS})"),
        ("We pay you five hundred pounds.", f"text ({PAYMENTS})"),
    ],
)
def test_a_payment_says_no_more_than_its_amount(words: str, answer: str) -> None:
    play = at("halton", specimens.acknowledged)
    assert said(play.refuses("mark", money(("The delay.", 5000), text=Words(words)))) == answer


def test_no_letter_on_the_way_to_the_answer_promises_money_that_is_not_on_record() -> None:
    greeting = c.Acknowledge(message=Words("We will pay you £800."))
    play = at("halton", specimens.defined)
    assert said(play.refuses("olive", greeting)) == f"message ({PAYMENTS})"
    play = at("halton", specimens.acknowledged)
    for field in ("reason", "so_far"):
        longer = specimens.more_time(play, 5, **{field: Words("The survey is late. We will pay you £800.")})
        assert said(play.refuses("hana", longer)) == f"{field} ({PAYMENTS})"
    play = at("halton", specimens.answered)
    play.does("hana", c.RecordLearning(theme="Repairs", words="Ring first."))
    closing = c.Close(reason=CloseReason.RESOLVED, words=Words("You said so. We will pay you £800."))
    assert said(play.refuses("hana", closing)) == f"words ({PAYMENTS})"
    told = specimens.replace_in(closing, words=Words("You said so. You asked for £800."))
    assert said(play.refuses("hana", told)) == "fine"


def test_a_translation_names_no_sum_that_the_english_lacks() -> None:
    play = at("halton", specimens.acknowledged)
    for translation, answer in (("ہم دیوار ٹھیک کریں گے۔", "fine"), ("ہم آپ کو £800 دیں گے۔", "text")):
        command = specimens.replace_in(
            specimens.action_remedy(SOON), text=Words("We mend the wall.", "en", translation)
        )
        assert said(play.refuses("hana", command)).partition(" (")[0] == answer


def test_the_answer_itself_promises_no_money_that_is_not_on_record() -> None:
    play = at("halton", specimens.decided)
    answer = response(play, decision=Words("We agree with you, and we will pay you £800."))
    assert said(play.refuses("hana", answer)) == f"decision ({PAYMENTS})"
    refused = response(play, decision=Words("You ask for £800. We cannot pay that, and say why below."))
    assert said(play.refuses("hana", refused)) == "fine"
    play.does("mark", money(("The delay.", 80000)))
    assert said(play.refuses("hana", answer)) == "fine"


def test_whoever_declared_a_conflict_approves_no_money() -> None:
    play = at("halton", specimens.acknowledged)
    play.does("dora", c.DeclareConflict(staff=play.staff("dora"), reason="My aunt."))
    big = money(("Distress", 2000_00), approver=play.staff("dora"))
    assert said(play.refuses("hana", big)) == "approver (5.8)"


@pytest.mark.parametrize(
    ("landlord", "ordered", "answer"),
    [
        ("halton", True, "offset_arrears (7.4)"),
        ("housing-services", True, "offset_arrears (7.4)"),
        ("harrogate", True, "offset_arrears (7.4)"),
        # Harrogate's paper sets payments off against arrears; the others' do not
        ("harrogate", False, "fine"),
        ("halton", False, "offset_arrears (Talk to Us procedure v7.3, section 10)"),
        ("housing-services", False, "offset_arrears (Complaints Handling Policy CWPO004, section 8)"),
    ],
)
def test_what_the_ombudsman_ordered_is_never_set_against_arrears(
    landlord: str, ordered: bool, answer: str
) -> None:
    play = at(landlord, specimens.acknowledged)
    set_off = money(("Distress", 100_00), offset_arrears=True, ordered_by_ombudsman=ordered)
    assert said(play.refuses("hana", set_off)) == answer


SETTLED: list[tuple[str, str, dict[str, Any], str]] = [
    ("accepted by her", "resident", {"accepted": True}, "fine"),
    ("turned down by her", "resident", {"accepted": False}, "fine"),
    ("paid today", "hana", {"paid_on": TODAY}, "fine"),
    ("paid tomorrow", "hana", {"paid_on": TODAY + timedelta(days=1)}, "paid_on"),
    ("paid by her own word", "resident", {"paid_on": TODAY}, "paid_on"),
    ("nothing said", "hana", {}, "accepted"),
    ("another remedy", "hana", {"number": 2, "accepted": True}, "number"),
]


@pytest.mark.parametrize(("what", "who", "changes", "answer"), SETTLED, ids=[row[0] for row in SETTLED])
def test_a_remedy_is_settled_by_the_right_person(
    what: str, who: str, changes: dict[str, Any], answer: str
) -> None:
    play = at("halton", specimens.acknowledged)
    play.does("hana", money(("Distress", 100_00)), "Mon 8 Mar 2027 10:00")
    assert said(play.refuses(who, c.SettleRemedy(**({"number": 1} | changes)))) == answer


def test_only_money_that_was_not_turned_down_is_paid() -> None:
    play = at("halton", specimens.acknowledged)
    play.does("hana", money(("Distress", 100_00)), "Mon 8 Mar 2027 10:00")
    play.does("hana", specimens.action_remedy(SOON))
    assert said(play.refuses("hana", c.SettleRemedy(number=2, paid_on=TODAY))) == "paid_on"
    play.does("resident", c.SettleRemedy(number=1, accepted=False))
    assert said(play.refuses("hana", c.SettleRemedy(number=1, paid_on=TODAY))) == "paid_on"


# ---- more time ------------------------------------------------------------------------------------------
# Acknowledged on Tuesday 2 March 2027 after coming in on Monday 1 March; at stage 2 asked for on Thursday 11 March
# and acknowledged on Friday 12 March. Halton's and Harrogate's papers, then the Code's cap where they name none.

EXTENSIONS: list[tuple[str, int, int, str]] = [
    ("halton", 1, 10, "fine"),
    ("halton", 1, 11, "days (6.4)"),
    ("halton", 1, 0, "days (6.4)"),
    ("halton", 1, -5, "days (6.4)"),
    ("halton", 2, 20, "fine"),
    ("halton", 2, 21, "days (6.15)"),
    ("housing-services", 1, 10, "fine"),
    ("housing-services", 1, 11, "days (6.4)"),
    ("housing-services", 2, 20, "fine"),
    ("housing-services", 2, 21, "days (6.15)"),
    ("harrogate", 1, 10, "fine"),
    ("harrogate", 1, 11, "days (6.4)"),
    ("harrogate", 2, 10, "fine"),
    ("harrogate", 2, 11, "days (6.15)"),
    ("halton", 1, 10**9, "days (6.4)"),
]


@pytest.mark.parametrize(("landlord", "stage", "days", "answer"), EXTENSIONS)
def test_how_far_an_answer_may_be_put_off(landlord: str, stage: int, days: int, answer: str) -> None:
    play = at(landlord, specimens.acknowledged if stage == 1 else specimens.reviewed)
    who = "hana" if stage == 1 else "hugh"
    assert said(play.refuses(who, more_time(play, days))) == answer


H6 = "Talk to Us procedure v7.3, section 6; self-assessment 2024/25, 6.4"
H7 = "Talk to Us procedure v7.3, section 7; self-assessment 2024/25, 6.15"
V = "Complaints Handling Policy CWPO004, 7.6"
HANDSHAKES: list[tuple[str, int, dict[str, Any], str]] = [
    ("halton", 1, {"reason": Words(" ")}, "reason (6.4)"),
    ("halton", 1, {"reason_code": "holidays"}, "reason_code (6.4)"),
    ("halton", 1, {"reason_code": ""}, "reason_code (6.4)"),
    ("halton", 1, {"agreement_sought": False}, f"agreement_sought ({H6})"),
    # a "no" does not bar what the Code allows: it is recorded, and the letter says how to challenge the date
    ("halton", 1, {"agreed": False}, "fine"),
    ("halton", 1, {"agreed": None}, "fine"),
    ("halton", 1, {"approver": None}, f"approver ({H6})"),
    ("halton", 2, {"agreement_sought": False}, f"agreement_sought ({H7})"),
    ("halton", 2, {"approver": None}, f"approver ({H7})"),
    # Housing Services informs at stage 1 and asks at stage 2; nobody need approve
    ("housing-services", 1, {"agreement_sought": False, "agreed": None, "approver": None}, "fine"),
    ("housing-services", 2, {"agreement_sought": False, "agreed": None}, f"agreement_sought ({V})"),
    ("housing-services", 2, {"approver": None}, "fine"),
    ("housing-services", 1, {"reason_code": "exceptional"}, "reason_code (6.4)"),
    ("harrogate", 1, {"agreement_sought": False, "agreed": None, "approver": None}, "fine"),
    ("harrogate", 2, {"agreement_sought": False, "agreed": None, "approver": None}, "fine"),
]


@pytest.mark.parametrize(("landlord", "stage", "changes", "answer"), HANDSHAKES)
def test_what_more_time_takes(landlord: str, stage: int, changes: dict[str, Any], answer: str) -> None:
    play = at(landlord, specimens.acknowledged if stage == 1 else specimens.reviewed)
    who = "hana" if stage == 1 else "hugh"
    assert said(play.refuses(who, more_time(play, 5, **changes))) == answer


@pytest.mark.parametrize(
    ("who", "may"),
    [("olive", False), ("hugh", False), ("sunita", False), ("mark", True), ("dora", True), ("mabel", False)],
)
def test_who_may_approve_more_time_at_halton(who: str, may: bool) -> None:
    play = at("halton", specimens.acknowledged)
    found = play.refuses("hana", more_time(play, 5, approver=who))
    assert [p.field for p in found] == ([] if may else ["approver"])


SECOND: list[tuple[dict[str, Any], list[str]]] = [
    ({"exceptional": True, "agreed": True}, []),
    ({"exceptional": False, "agreed": True}, ["exceptional"]),
    ({"exceptional": True, "agreed": None}, ["agreed"]),
    ({"exceptional": True, "agreed": False}, ["agreed"]),
    ({"exceptional": False, "agreed": False}, ["exceptional", "agreed"]),
]


@pytest.mark.parametrize("landlord", LANDLORDS)
@pytest.mark.parametrize(("changes", "fields"), SECOND)
def test_a_second_time_is_exceptional_and_agreed(
    landlord: str, changes: dict[str, Any], fields: list[str]
) -> None:
    """Even when days of the first are left: five and five are two extensions, not one."""
    play = at(landlord, specimens.acknowledged)
    play.does("hana", more_time(play, 5))
    assert [p.field for p in play.refuses("hana", more_time(play, 5, **changes))] == fields


def test_a_second_time_has_the_same_cap() -> None:
    play = at("halton", specimens.acknowledged)
    play.does("hana", more_time(play, 10))
    again = {"exceptional": True, "agreed": True}
    assert said(play.refuses("hana", more_time(play, 10, **again))) == "fine"
    assert said(play.refuses("hana", more_time(play, 11, **again))) == "days (6.4)"


def test_stage_2_begins_with_no_days_used() -> None:
    play = at("halton", specimens.acknowledged)
    play.does("hana", more_time(play, 10))
    for point in (1, 2):
        play.does("hana", decision(point))
    play.does("hana", response(play))
    play.does("resident", c.Escalate())
    play.does("olive", c.Allocate(to=play.staff("dora")))
    play.does("olive", c.Acknowledge())
    assert said(play.refuses("hugh", more_time(play, 20))) == "fine"


def test_a_late_one_is_possible_and_known_to_be_late() -> None:
    play = at("halton", specimens.acknowledged)
    # Logged on Monday 1 March: 2-5 (4), 8-12 (9), 15 (10). Told on the day itself, it is in time.
    due = day("Mon 15 Mar 2027")
    assert play.duties["stage_1_response"] == due
    in_time = play.copy()
    in_time.does("hana", more_time(in_time, 5), "Mon 15 Mar 2027 23:30")
    late = play.copy()
    late.does("hana", more_time(late, 5), "Tue 16 Mar 2027 00:30")
    assert [e.late for e in (*in_time.state.extensions, *late.state.extensions)] == [False, True]
    # Both count five days on from the day that was put off: 16-19 (4), [20 21], 22 (5)
    assert {e.new_due_on for e in (*in_time.state.extensions, *late.state.extensions)} == {
        day("Mon 22 Mar 2027")
    }


def test_an_answer_after_a_late_extension_counts_as_late() -> None:
    """The resident was not told in time, so the first date is the one that counts (6.4, 6.15)."""
    play = at("halton", specimens.decided)
    in_time, late = play.copy(), play.copy()
    for one, told in ((in_time, "Mon 15 Mar 2027 10:00"), (late, "Tue 16 Mar 2027 10:00")):
        one.does("hana", more_time(one, 5), told)
        one.does("hana", response(one), "Thu 18 Mar 2027 10:00")
    assert case_clocks.answered_in_time(in_time.state, in_time.clocks, 1) is True
    assert case_clocks.answered_in_time(late.state, late.clocks, 1) is False


def test_the_resident_answers_the_extension_of_this_stage_only() -> None:
    play = at("halton", specimens.acknowledged)
    play.does("hana", more_time(play, 5, agreed=None))
    assert said(play.refuses("resident", c.AnswerExtension(agreed=False, words="I need it now."))) == "fine"
    play.does("resident", c.AnswerExtension(agreed=False))
    assert play.state.extensions[-1].agreed is False
    with pytest.raises(service.NotAllowed):
        play.does("resident", c.AnswerExtension(agreed=True))


# ---- the response ---------------------------------------------------------------------------------------


def test_nobody_answers_a_case_that_nobody_has() -> None:
    play = at("halton", specimens.decided)
    play.does("hana", c.DeclareConflict(staff=play.staff("hana"), reason="My cousin."))
    assert said(play.refuses("hugh", response(play))) == "handler (5.8)"
    second = at("halton", specimens.reviewed)
    second.does("dora", c.DeclareConflict(staff=second.staff("dora"), reason="My cousin."))
    assert said(second.refuses("moira", response(second))) == "handler (6.13)"


H619 = "Self-assessment 2024/25, 6.19"
CHECKERS = [
    ("omar", "fine"),
    ("olive", "fine"),  # an officer of the team, not who looked into stage 1
    (None, f"checked_by ({H619})"),
    ("hugh", f"checked_by ({H619})"),
    ("dora", f"checked_by ({H619})"),
    ("mark", f"checked_by ({H619})"),
]


@pytest.mark.parametrize(("who", "answer"), CHECKERS)
def test_haltons_final_letters_are_read_by_the_customer_resolutions_team(
    who: str | None, answer: str
) -> None:
    play = at("halton", specimens.reviewed)
    checked = response(play, checked_by=play.staff(who) if who else None)
    assert said(play.refuses("dora", checked)) == answer


def test_who_looked_into_stage_1_does_not_check_the_answer_that_judges_it() -> None:
    play = Paper("halton")
    specimens.received(play)
    play.does("olive", specimens.definition("Mould."))
    play.does("olive", c.Allocate(to=play.staff("omar")))
    play.does("olive", c.Acknowledge())
    play.does("omar", decision(1))
    play.does("omar", response(play))
    play.does("resident", c.Escalate())
    play.does("olive", c.Allocate(to=play.staff("dora")))
    play.does("olive", c.Acknowledge())
    assert said(play.refuses("dora", response(play))) == "checked_by (6.13)"
    assert said(play.refuses("dora", response(play, checked_by=play.staff("olive")))) == "fine"


@pytest.mark.parametrize("landlord", ["housing-services", "harrogate"])
def test_the_others_ask_for_no_check(landlord: str) -> None:
    play = at(landlord, specimens.reviewed)
    assert said(play.refuses("dora", response(play, checked_by=None))) == "fine"


def test_a_letter_that_a_second_person_sent_back_stays_until_it_was_read_again() -> None:
    play = at("halton", specimens.reviewed)
    wording = approvals.covered(play.state, response(play))
    ask = c.AskCheck(of=play.staff("omar"), about=Action.RESPOND, exactly=wording)
    play.does("dora", ask)
    play.does("omar", c.Check(about=Action.RESPOND, fine=False, words="Say sorry first."))
    assert "checked_by" in said(play.refuses("dora", response(play), asked=False))
    play.does("dora", ask)
    play.does("omar", c.Check(about=Action.RESPOND, fine=True))
    assert said(play.refuses("dora", response(play), asked=False)) == "fine"


# ---- a yes is given in person, and for one thing ----------------------------------------------------------


def yes(play: Paper, command: c.Command, of: str, *, fine: bool = True, by: str = "hana") -> None:
    """`of` was asked about exactly this, and answered."""
    exactly = approvals.covered(play.state, command)
    play.does(by, c.AskCheck(of=play.staff(of), about=command.action, exactly=exactly), asked=False)
    play.does(of, c.Check(about=command.action, fine=fine, words="" if fine else "No."), asked=False)


def test_a_name_is_no_approval_of_more_time() -> None:
    play = at("halton", specimens.acknowledged)
    ten, five = more_time(play, 10), more_time(play, 5)
    assert said(play.refuses("hana", ten, asked=False)).startswith("approver")
    assert said(play.refuses("mark", ten, asked=False)) == "fine"  # the manager acts on his own yes
    asked = play.copy()
    asked.does("hana", c.AskCheck(of=play.staff("mark"), about=Action.EXTEND, exactly="10 more working days"))
    assert said(asked.refuses("hana", ten, asked=False)).startswith("approver")  # asked is not answered
    refused = play.copy()
    yes(refused, ten, "mark", fine=False)
    assert said(refused.refuses("hana", ten, asked=False)).startswith("approver")
    yes(play, ten, "mark")
    assert said(play.refuses("hana", five, asked=False)).startswith("approver")  # five is not what he saw
    other = more_time(play, 10, approver="moira")
    assert said(play.refuses("hana", other, asked=False)).startswith("approver")  # nor is she he
    play.does("hana", ten, asked=False)
    again = more_time(play, 10, exceptional=True, agreed=True)
    assert said(play.refuses("hana", again, asked=False)).startswith("approver")  # one yes, one extension


def test_a_yes_of_stage_1_counts_for_nothing_at_stage_2() -> None:
    play = at("halton", specimens.acknowledged)
    yes(play, more_time(play, 10), "mark")
    for point in (1, 2):
        play.does("hana", specimens.decision(point))
    play.does("hana", specimens.action_remedy(day("Thu 25 Mar 2027")))
    play.does("hana", response(play))
    play.does("resident", c.Escalate())
    play.does("olive", c.Allocate(to=play.staff("dora")))
    play.does("olive", c.Acknowledge())
    assert said(play.refuses("hugh", more_time(play, 10), asked=False)).startswith("approver")


def test_a_sum_is_approved_to_the_penny_and_once() -> None:
    play = at("halton", specimens.acknowledged)
    sum_ = money(("Distress", 600_00), approver=play.staff("mark"))
    assert said(play.refuses("hana", sum_, asked=False)).startswith("approver")
    yes(play, sum_, "mark")
    more = money(("Distress", 600_01), approver=play.staff("mark"))
    assert said(play.refuses("hana", more, asked=False)).startswith("approver")
    play.does("hana", sum_, asked=False)
    assert said(play.refuses("hana", sum_, asked=False)).startswith("approver")


def test_the_final_answer_goes_as_it_was_read() -> None:
    play = at("halton", specimens.reviewed)
    for point in (1, 2):
        play.does("dora", specimens.decision(point))
    play.does("dora", specimens.action_remedy(day("Wed 31 Mar 2027")))
    answer = response(play)
    assert said(play.refuses("dora", answer, asked=False)).startswith("checked_by")  # nobody has read it
    yes(play, answer, "omar", by="dora")
    assert said(play.refuses("dora", answer, asked=False)) == "fine"
    other = response(play, decision=Words("We do not agree."))
    assert said(play.refuses("dora", other, asked=False)).startswith("checked_by")
    play.does("dora", specimens.decision(2, Finding.NOT_UPHELD, apology=None))
    assert said(play.refuses("dora", answer, asked=False)).startswith("checked_by")


# ---- stage 2 is independent on every route ----------------------------------------------------------------


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_who_acted_at_stage_1_neither_decides_nor_answers_stage_2(landlord: str) -> None:
    play = at(landlord, specimens.reviewed)
    for who in ("olive", "hana"):
        for command in (decision(1), response(play)):
            with pytest.raises(service.NotAllowed):
                play.does(who, command)


BEFORE: list[tuple[str, Callable[[], Paper]]] = [
    ("logged it", lambda: Paper("halton").submits(by="moira")),
    ("wrote a note while it was received", lambda: _did(specimens.received, "moira", c.Note(text="Seen."))),
    ("was named handler once, and never acted", lambda: _named("moira")),
    ("approved money", lambda: _approved(lambda p: money(("D", 900_00), approver=p.staff("moira")))),
    ("approved more time", lambda: _approved(lambda p: more_time(p, 5, approver="moira"))),
    ("read the stage 1 letter", lambda: _approved(lambda p: response(p, checked_by=p.staff("moira")))),
]


@pytest.mark.parametrize(("what", "make"), BEFORE, ids=[row[0] for row in BEFORE])
def test_whoever_had_a_hand_in_stage_1_is_barred_from_stage_2(what: str, make: Callable[[], Paper]) -> None:
    play = _to_stage_2(make())
    assert said(play.refuses("olive", c.Allocate(to=play.staff("moira")))) == "to (6.13)"
    assert said(play.refuses("olive", c.Allocate(to=play.staff("dora")))) == "fine"


def _did(specimen: specimens.Specimen, who: str, command: c.Command) -> Paper:
    play = at("halton", specimen)
    play.does(who, command)
    return play


def _approved(command: Callable[[Paper], c.Command]) -> Paper:
    play = at("halton", specimens.decided)
    play.does("hana", command(play))
    return play


def _named(who: str) -> Paper:
    play = at("halton", specimens.received)
    play.does("olive", c.Allocate(to=play.staff(who)))
    return play


def _to_stage_2(play: Paper) -> Paper:
    """From wherever it stands to a request for stage 2, by Olive and Hana."""
    if play.state.stage is Stage.RECEIVED:
        play.does("olive", specimens.definition())
        play.does("olive", c.Allocate(to=play.staff("hana")))
        play.does("olive", c.Acknowledge())
    if play.state.stage is Stage.STAGE_1:
        play.does("hana", response(play))
    play.does("resident", c.Escalate())
    return play


def test_the_bar_holds_after_reopening_and_after_a_conflict_at_stage_2() -> None:
    play = at("halton", specimens.reviewed)
    play.does("dora", c.DeclareConflict(staff=play.staff("dora"), reason="My aunt."))
    assert play.state.reviewer is None
    assert said(play.refuses("olive", c.Allocate(to=play.staff("hana")))) == "to (6.13)"
    assert said(play.refuses("olive", c.Allocate(to=play.staff("dora")))) == "to (5.8)"
    play.does("olive", c.Allocate(to=play.staff("moira")))
    with pytest.raises(service.NotAllowed):
        play.does("hana", response(play))


def test_who_logged_the_escalation_may_still_acknowledge_it() -> None:
    play = at("halton", specimens.answered)
    play.does("omar", c.Escalate(channel=Channel.PHONE), "Thu 11 Mar 2027 10:00")
    play.does("omar", c.Allocate(to=play.staff("dora")))
    play.does("omar", c.Acknowledge())
    assert play.state.stage is Stage.STAGE_2


def test_a_manager_who_logged_the_escalation_may_review_it() -> None:
    play = at("halton", specimens.answered)
    play.does("moira", c.Escalate(channel=Channel.PHONE), "Thu 11 Mar 2027 10:00")
    assert said(play.refuses("olive", c.Allocate(to=play.staff("moira")))) == "fine"


def test_the_acknowledgement_looks_again() -> None:
    """A reviewer who turns out to have acted at stage 1, by whatever way, is refused there too."""
    play = at("halton", specimens.escalated)
    play.does("olive", c.Allocate(to=play.staff("dora")))
    state: CaseState = play.state
    tainted = specimens.replace_in(state, acted_stage_1=state.acted_stage_1 | {play.people["dora"].id})
    forged = Paper("halton", log=play.log, folded=tainted, ref=play.ref)
    forged.now = play.now
    assert said(forged.refuses("olive", c.Acknowledge())) == "to (6.13)"


# ---- asking for stage 2 ---------------------------------------------------------------------------------


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_nobody_needs_a_reason_for_stage_2_nor_to_be_in_time(landlord: str) -> None:
    play = at(landlord, specimens.answered)
    assert said(play.refuses("resident", c.Escalate(), "Wed 1 Sep 2027 10:00")) == "fine"


@pytest.mark.parametrize(
    ("received", "answer"),
    [
        ("Tue 9 Mar 2027 10:00", "fine"),
        ("Tue 9 Mar 2027 09:59", "received_at"),
        ("Thu 11 Mar 2027 10:00", "fine"),
        ("Fri 12 Mar 2027 10:00", "received_at"),
    ],
)
def test_a_request_reached_us_between_the_answer_and_now(received: str, answer: str) -> None:
    play = at("halton", specimens.answered)
    command = c.Escalate(received_at=instant(received), channel=Channel.LETTER)
    assert said(play.refuses("carl", command, "Thu 11 Mar 2027 10:00")) == answer


def test_a_request_that_lay_about_counts_from_the_day_it_came() -> None:
    play = at("halton", specimens.answered)
    came = instant("Wed 10 Mar 2027 10:00")
    play.does("carl", c.Escalate(received_at=came, channel=Channel.LETTER), "Tue 16 Mar 2027 10:00")
    # 11 12 (2), [13 14], 15 16 17 (5)
    assert play.duties["stage_2_acknowledgement"] == day("Wed 17 Mar 2027")


# ---- the end without an answer ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "reason", "answer"),
    [
        ("resident", "", "fine"),
        ("hana", "", "reason (5.12)"),
        ("hana", "She rang and said that it is mended and she is content.", "fine"),
    ],
)
def test_only_the_resident_withdraws_without_a_word(who: str, reason: str, answer: str) -> None:
    play = at("halton", specimens.acknowledged)
    assert said(play.refuses(who, c.Withdraw(reason=reason))) == answer
