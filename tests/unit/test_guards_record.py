"""What stands in the way of keeping the record: contacts, promises, learning, closing and opening again.

Each row: what is tried, and what the guard says: the field with the clause it rests on, or "fine".
"""

from datetime import date, timedelta
from typing import Any

import pytest

from shared.cases import commands as c
from shared.cases import service
from shared.cases.guards.money import translated
from shared.cases.state import Consent, Person, Safety, StaffRef
from shared.letters.facts import Words
from shared.vocab import Action, Channel, CloseReason, ConsentScope, Stage
from tests.support import specimens
from tests.support.paper import Paper, at, said
from tests.support.specimens import HELPER, LANDLORDS, RESIDENT, day, instant

NOW = "Wed 10 Mar 2027 10:00"
TODAY = day("Wed 10 Mar 2027")
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
ROOFERS = StaffRef(id=0, name="Roofers Ltd")

# ---- contacts, notes, messages ----------------------------------------------------------------------------

CONTACTS: list[tuple[str, dict[str, Any], str]] = [
    ("a call this morning", {}, "fine"),
    ("a call weeks ago, written down today", {"happened_at": instant("Mon 1 Feb 2027 10:00")}, "fine"),
    ("a call this evening", {"happened_at": instant("Wed 10 Mar 2027 18:00")}, "happened_at"),
    ("nothing said", {"words": " "}, "words (5.12)"),
    ("a word every week", {"contact_every_days": 7}, "fine"),
    ("a word every year", {"contact_every_days": 365}, "fine"),
    ("a word every century", {"contact_every_days": 36500}, "contact_every_days"),
    ("a word every minus one days", {"contact_every_days": -1}, "contact_every_days"),
    ("a word in more days than there are", {"contact_every_days": 10**12}, "contact_every_days"),
]


@pytest.mark.parametrize(("what", "changes", "answer"), CONTACTS, ids=[row[0] for row in CONTACTS])
def test_a_contact_is_kept_with_what_was_said_and_when(
    what: str, changes: dict[str, Any], answer: str
) -> None:
    play = at("halton", specimens.acknowledged)
    given = {"channel": Channel.PHONE, "happened_at": instant("Wed 10 Mar 2027 09:00"), "words": "Rang her."}
    assert said(play.refuses("hana", c.RecordContact(**(given | changes)), NOW)) == answer


@pytest.mark.parametrize(
    ("who", "command", "answer"),
    [
        ("hana", c.Note(text=" "), "text"),
        ("hana", c.Note(text="Seen."), "fine"),
        ("resident", c.Message(text=""), "text"),
        ("resident", c.AddInformation(text=" "), "text"),
        ("hana", c.UpdateResident(message=Words(" ")), "message (5.9)"),
        ("hana", c.Mediate(words=""), "words"),
        ("hana", c.RecordLearning(theme="", words=" "), "words (9.1)"),
        ("resident", c.ChangeContact(resident=Person(name=""), safety=Safety()), "name; contact"),
        ("resident", c.ChangeContact(resident=Person(name="Amina"), safety=Safety()), "contact"),
        ("resident", c.ChangeContact(resident=RESIDENT, safety=Safety(no_calls=True)), "fine"),
        ("hana", c.OfferVisit(words=" "), "words"),
        ("hana", c.Link(ref="HAL-2027-0002", why=" "), "why (6.8)"),
        ("hana", c.Link(ref="PAPER-2027-0001", why="The same."), "ref"),
        ("hana", c.Tag(), "add"),
        ("hana", c.Tag(add=("a, b",)), "add"),
        ("hana", c.Tag(add=("x" * 41,)), "add"),
        ("hana", c.Tag(add=("x" * 40,)), "fine"),
        ("hana", c.Remind(on=TODAY, reason="Look."), "on"),
        ("hana", c.Remind(on=TOMORROW, reason=" "), "reason"),
        ("hana", c.Remind(on=TOMORROW, reason="Look."), "fine"),
        ("hana", c.Remind(), "on"),
    ],
)
def test_nothing_empty_is_kept(who: str, command: c.Command, answer: str) -> None:
    play = at("halton", specimens.acknowledged)
    assert said(play.refuses(who, command, NOW)) == answer


# ---- promises -----------------------------------------------------------------------------------------

PROMISES: list[tuple[str, dict[str, Any], str]] = [
    ("today, by a contractor", {"due_on": TODAY}, "fine"),
    ("yesterday", {"due_on": YESTERDAY}, "due_on (7.3)"),
    ("in another age", {"due_on": date(9999, 12, 31)}, "due_on"),
    ("nothing promised", {"text": Words(" ")}, "text (6.6)"),
    ("by nobody", {"owner": StaffRef(id=0, name=" ")}, "owner (6.6)"),
    ("by somebody without an account", {"owner": StaffRef(id=999, name="A Ghost")}, "owner (6.6)"),
]


@pytest.mark.parametrize(("what", "changes", "answer"), PROMISES, ids=[row[0] for row in PROMISES])
def test_a_promise_has_an_owner_and_a_day(what: str, changes: dict[str, Any], answer: str) -> None:
    play = at("halton", specimens.answered)
    made = c.Commit(**({"text": Words("Mend it."), "owner": ROOFERS, "due_on": TOMORROW} | changes))
    assert said(play.refuses("hana", made, NOW)) == answer
    moved = {k: v for k, v in changes.items() if k != "text"}
    if len(moved) == len(changes):
        given = {"number": 1, "owner": ROOFERS, "due_on": TOMORROW, "reason": "No plaster."}
        assert said(play.refuses("hana", c.MoveCommitment(**(given | moved)), NOW)) == answer


def test_whoever_declared_a_conflict_owns_no_promise() -> None:
    play = at("halton", specimens.answered)
    play.does("sunita", c.DeclareConflict(staff=play.staff("sunita"), reason="My aunt."), NOW)
    made = c.Commit(text=Words("Mend it."), owner=play.staff("sunita"), due_on=TOMORROW)
    assert said(play.refuses("hana", made)) == "owner (5.8)"


def test_a_promise_is_moved_with_a_reason_and_not_once_it_is_kept() -> None:
    play = at("halton", specimens.answered)
    moved = c.MoveCommitment(number=1, due_on=TOMORROW, owner=ROOFERS, reason="")
    assert said(play.refuses("sunita", moved, NOW)) == "reason (6.6)"
    assert said(play.refuses("sunita", specimens.replace_in(moved, number=7, reason="x"))) == "number"
    play.does("sunita", c.CompleteCommitment(number=1, completed_on=TODAY, proof="Photo."))
    assert said(play.refuses("sunita", specimens.replace_in(moved, reason="x"))) == "number (6.6)"
    play.does("resident", c.ConfirmCommitment(number=1, done=False))
    assert said(play.refuses("sunita", specimens.replace_in(moved, reason="x"))) == "fine"


@pytest.mark.parametrize(
    ("who", "command", "answer"),
    [
        ("hana", c.Message(text="We will pay you £500."), "text (the landlord's limits for payments)"),
        ("hana", c.Message(text="You told us that you paid £60."), "fine"),
        ("hana", c.Message(text="हम £500 देंगे।", language="hi"), "text (the landlord's limits for payments)"),
        ("resident", c.Message(text="You will pay me £500."), "fine"),
        (
            "sunita",
            c.MoveCommitment(number=1, due_on=TOMORROW, owner=ROOFERS, reason="We pay you £90 for the wait."),
            "reason (the landlord's limits for payments)",
        ),
        (
            "sunita",
            c.MoveCommitment(
                number=1, due_on=TOMORROW, owner=ROOFERS, reason="No plaster.", translation="£90"
            ),
            "reason (the landlord's limits for payments)",
        ),
    ],
)
def test_no_message_and_no_new_date_promises_money_past_the_limits(
    who: str, command: c.Command, answer: str
) -> None:
    play = at("halton", specimens.answered)
    assert said(play.refuses(who, command, NOW)) == answer


def test_the_translation_of_a_letter_names_the_sums_of_the_letter_and_no_others() -> None:
    play = at("halton", specimens.answered)
    words = "You told us that you paid £60."
    assert [p.field for p in translated("text", "आपने £60 दिए।", words, play.state)] == []
    wrong = translated("text", "आपने £600 दिए।", words, play.state)
    assert [p.message for p in wrong] == [
        "The letter names no sum of £600. Check the figures of the translation"
    ]


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, "fine"),
        ({"proof": " "}, "proof (7.3)"),
        ({"completed_on": TOMORROW}, "completed_on"),
        ({"number": 2}, "number"),
    ],
)
def test_a_promise_is_kept_with_a_proof(changes: dict[str, Any], answer: str) -> None:
    play = at("halton", specimens.answered)
    given = {"number": 1, "completed_on": TODAY, "proof": "Photo of the wall."}
    assert said(play.refuses("sunita", c.CompleteCommitment(**(given | changes)), NOW)) == answer


@pytest.mark.parametrize(
    ("who", "words", "answer"),
    [
        ("resident", "", "fine"),
        ("hana", "", "words (7.3)"),
        ("hana", "She said on the phone that it is dry.", "fine"),
    ],
)
def test_the_residents_word_is_hers(who: str, words: str, answer: str) -> None:
    play = at("halton", specimens.answered)
    play.does("sunita", c.CompleteCommitment(number=1, completed_on=TODAY, proof="Photo."), NOW)
    assert said(play.refuses(who, c.ConfirmCommitment(number=1, done=True, words=words))) == answer


# ---- consent ------------------------------------------------------------------------------------------

CONSENTS: list[tuple[str, Consent, str]] = [
    ("resident", Consent(scope=ConsentScope.EVERYTHING), "fine"),
    ("resident", Consent(scope=ConsentScope.REFUSED), "fine"),
    ("resident", Consent(scope=ConsentScope.EVERYTHING, until=TODAY), "fine"),
    ("resident", Consent(scope=ConsentScope.EVERYTHING, until=YESTERDAY), "until"),
    ("hana", Consent(scope=ConsentScope.EVERYTHING), "words"),
    ("hana", Consent(scope=ConsentScope.REFUSED), "words"),
    ("hana", Consent(scope=ConsentScope.EVERYTHING, words="By phone: tell her all."), "fine"),
]


@pytest.mark.parametrize(("who", "consent", "answer"), CONSENTS)
def test_consent_is_the_residents(who: str, consent: Consent, answer: str) -> None:
    play = specimens.received(Paper("halton", helper=HELPER))
    assert said(play.refuses(who, c.SetConsent(consent=consent), NOW)) == answer
    with pytest.raises(service.NotAllowed):
        play.does("helper", c.SetConsent(consent=consent))


def test_without_a_helper_there_is_nothing_to_consent_to() -> None:
    play = at("halton", specimens.received)
    assert said(play.refuses("resident", c.SetConsent(consent=Consent()), NOW)) == "scope"


# ---- closing --------------------------------------------------------------------------------------------

WHY = list(CloseReason)
FITS = {
    Stage.STAGE_1_ANSWERED: {CloseReason.RESOLVED, CloseReason.NO_REPLY},
    Stage.STAGE_2_ANSWERED: {CloseReason.FINAL_RESPONSE, CloseReason.RESOLVED},
    Stage.NOT_ACCEPTED: {CloseReason.NOT_ACCEPTED},
}
PLACES = {
    Stage.STAGE_1_ANSWERED: specimens.answered,
    Stage.STAGE_2_ANSWERED: specimens.finished,
    Stage.NOT_ACCEPTED: specimens.refused,
}


@pytest.mark.parametrize("stage", list(FITS))
@pytest.mark.parametrize("reason", WHY)
def test_a_record_closes_for_a_reason_that_fits(stage: Stage, reason: CloseReason) -> None:
    play = at("halton", PLACES[stage])
    found = play.refuses("omar", c.Close(reason=reason, words=Words("She rang.")), "Mon 3 May 2027 10:00")
    assert ("reason" not in {p.field for p in found}) is (reason in FITS[stage])


def test_nothing_closes_before_something_was_learned() -> None:
    play = at("halton", specimens.finished)
    closing = c.Close(reason=CloseReason.FINAL_RESPONSE)
    assert said(play.refuses("omar", closing)) == "learning (9.1)"
    play.does("omar", c.RecordLearning(theme="Repairs", words="Ring first."))
    assert said(play.refuses("omar", closing)) == "fine"


def test_she_says_that_it_is_put_right_and_not_we() -> None:
    play = at("halton", specimens.answered)
    play.does("omar", c.RecordLearning(theme="Repairs", words="Ring first."))
    assert said(play.refuses("omar", c.Close(reason=CloseReason.RESOLVED))) == "words"
    told = c.Close(reason=CloseReason.RESOLVED, words=Words("She rang: the wall is dry."))
    assert said(play.refuses("omar", told)) == "fine"


# Answered on Tuesday 9 March 2027. Halton: 10 11 12 (3), 15-19 (8), 22-25 (12), [26-29 Easter], 30 31 1 2 (16),
# 5-8 (20). Housing Services: a month, to 9 April. Harrogate: 10-12 (3), 15-19 (8), 22-25 (12), [26-29], 30 31 (14).
ENDS = {"halton": "Thu 8 Apr 2027", "housing-services": "Fri 9 Apr 2027", "harrogate": "Wed 31 Mar 2027"}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_nobody_is_taken_to_be_silent_before_her_time_is_over(landlord: str) -> None:
    play = at(landlord, specimens.answered)
    play.does("omar", c.RecordLearning(theme="Repairs", words="Ring first."))
    silence = c.Close(reason=CloseReason.NO_REPLY)
    last = instant(f"{ENDS[landlord]} 23:00")
    assert said(play.refuses("omar", silence, last)) == "reason"
    assert said(play.refuses("omar", silence, last + timedelta(hours=2))) == "fine"


def test_who_has_written_is_not_silent() -> None:
    play = at("harrogate", specimens.answered)
    play.does("omar", c.RecordLearning(theme="Repairs", words="Ring first."))
    play.does("resident", c.Message(text="I am not content."), NOW)
    play.does("hana", c.Message(text="Thank you. What is wrong?"))
    closing = c.Close(reason=CloseReason.NO_REPLY)
    assert said(play.refuses("omar", closing, "Mon 3 May 2027 10:00")) == "reason (5.9)"


def test_a_record_opens_again_with_a_reason() -> None:
    play = at("halton", specimens.closed)
    assert said(play.refuses("olive", c.Reopen(reason=" "))) == "reason"
    assert said(play.refuses("olive", c.Reopen(reason="She found the old letter."))) == "fine"


# ---- beside the stages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, "fine"),
        ({"step": "cancelled"}, "step"),
        ({"words": ""}, "words (Customer Complaints and Feedback Policy 2024, 5.2.3 and 6.1)"),
        ({"happened_on": day("Mon 1 Mar 2027") + timedelta(days=60)}, "happened_on"),
        ({"step": "outcome"}, "step (Customer Complaints and Feedback Policy 2024, 5.2.3 and 6.1)"),
    ],
)
def test_a_panel_is_recorded_in_order(changes: dict[str, Any], answer: str) -> None:
    play = at("harrogate", specimens.reviewed)
    given = {"step": "asked", "happened_on": day("Fri 12 Mar 2027"), "words": "She would like one."}
    assert said(play.refuses("dora", c.HoldPanel(**(given | changes)))) == answer


def test_a_panel_does_not_meet_before_it_was_asked_for() -> None:
    play = at("harrogate", specimens.reviewed)
    asked = c.HoldPanel(step="asked", happened_on=day("Fri 12 Mar 2027"), words="Please.")
    play.does("dora", asked, "Fri 19 Mar 2027 10:00")
    early = c.HoldPanel(step="held", happened_on=day("Thu 11 Mar 2027"), words="Met.")
    source = "Customer Complaints and Feedback Policy 2024, 5.2.3 and 6.1"
    assert said(play.refuses("dora", early)) == f"happened_on ({source})"
    met = specimens.replace_in(early, happened_on=day("Thu 18 Mar 2027"))
    play.does("dora", met)
    outcome = c.HoldPanel(step="outcome", happened_on=day("Wed 17 Mar 2027"), words="New wall.")
    assert said(play.refuses("dora", outcome)) == f"happened_on ({source})"


def test_a_panel_that_has_met_is_asked_for_no_more() -> None:
    play = at("harrogate", specimens.reviewed)
    held = c.HoldPanel(step="held", happened_on=day("Fri 12 Mar 2027"), words="Met.")
    play.does("dora", held, "Fri 19 Mar 2027 10:00")
    late = specimens.replace_in(held, step="asked", happened_on=day("Mon 15 Mar 2027"))
    source = "Customer Complaints and Feedback Policy 2024, 5.2.3 and 6.1"
    assert said(play.refuses("dora", late)) == f"step ({source})"
    early = specimens.replace_in(late, happened_on=day("Fri 12 Mar 2027"))
    assert said(play.refuses("dora", early)) == "fine"  # written down late, and asked for before it met
    with pytest.raises(service.NotAllowed):
        play.does("resident", specimens.replace_in(early, words=""))


def test_asking_for_the_panel_twice_puts_nothing_off() -> None:
    play = at("harrogate", specimens.reviewed)
    asked = c.HoldPanel(step="asked", happened_on=day("Fri 12 Mar 2027"))
    play.does("resident", asked, "Fri 12 Mar 2027 16:00")
    again = specimens.replace_in(asked, happened_on=day("Mon 15 Mar 2027"))
    assert said(play.refuses("resident", again, "Mon 15 Mar 2027 10:00")).startswith("step")
    play.does("resident", specimens.replace_in(again, step="declined"), "Mon 15 Mar 2027 10:00")
    assert said(play.refuses("resident", again)) == "fine"  # she may change her mind


def test_a_declined_panel_runs_no_clock() -> None:
    play = at("harrogate", specimens.reviewed)
    play.does("dora", c.HoldPanel(step="asked", happened_on=day("Fri 12 Mar 2027"), words="Please."))
    assert "panel_meeting" in play.duties
    play.does("dora", c.HoldPanel(step="declined", happened_on=day("Fri 12 Mar 2027"), words="No, thanks."))
    assert "panel_meeting" not in play.duties


@pytest.mark.parametrize("landlord", ["halton", "housing-services"])
def test_who_has_no_panel_holds_none(landlord: str) -> None:
    play = at(landlord, specimens.reviewed)
    with pytest.raises(service.NotAllowed):
        play.does("dora", c.HoldPanel(step="asked", happened_on=day("Fri 12 Mar 2027"), words="x"))


def test_a_second_pair_of_eyes_is_somebody_elses() -> None:
    play = at("halton", specimens.decided)
    assert said(play.refuses("hana", c.AskCheck(of=play.staff("hana"), about=Action.RESPOND))) == "of"
    play.does("omar", c.DeclareConflict(staff=play.staff("omar"), reason="My aunt."))
    assert said(play.refuses("hana", c.AskCheck(of=play.staff("omar"), about=Action.RESPOND))) == "of (5.8)"
    with pytest.raises(service.NotAllowed):
        play.does("hugh", c.Check(about=Action.RESPOND, fine=True))
    play.does("hana", c.AskCheck(of=play.staff("hugh"), about=Action.RESPOND))
    assert said(play.refuses("hugh", c.Check(about=Action.RESPOND, fine=False))) == "words"


@pytest.mark.parametrize(
    ("satisfied", "answer"), [(0, "satisfied"), (1, "fine"), (5, "fine"), (6, "satisfied")]
)
def test_feedback_is_one_of_five(satisfied: int, answer: str) -> None:
    play = at("halton", specimens.answered)
    assert said(play.refuses("resident", c.GiveFeedback(satisfied=satisfied))) == answer
