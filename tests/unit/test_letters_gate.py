"""The gate: whatever the Code or a landlord requires, a letter without it does not leave."""

from dataclasses import replace
from datetime import date

import pytest

from shared.letters import gate, render
from shared.letters.facts import CommitmentFact, Landlord, MovedFact, Ombudsman, RemedyFact, Sum, Words
from shared.letters.required import ALWAYS, OWN, RULES
from shared.policy.terms import Part
from shared.vocab import LetterKind
from tests.support.letters import LANDLORDS, full, rows

K = LetterKind
EMPTY = Words(" \n ")


def misses(kind, slug="halton", **changes):
    facts = full(kind, slug, **changes)
    return {miss.part: miss for miss in gate.check(render.letter(facts), facts, rows(kind, slug))}


def without(facts, **changes):
    """The same points, each without a fact."""
    return tuple(replace(point, **changes) for point in facts.points)


POINTS = full(K.RESPONSE_1).points
ACKNOWLEDGED = [
    # (landlord, fact taken away, part that is then missing, where it is asked for)
    ("halton", {"reference": ""}, "reference", "section 6"),
    ("halton", {"received_on": None}, "received_on", "section 6"),
    ("halton", {"understanding": None, "points": ()}, "complaint_definition", "5.6"),
    ("halton", {"outcomes_sought": ()}, "outcome_sought", "5.6"),
    ("halton", {"due_on": None}, "response_due_on", "section 6"),
    ("halton", {"handler": None}, "handler", "section 6"),
    (
        "halton",
        {"handler": replace(full(K.RECEIPT).handler, phone="", email="")},
        "handler_contact",
        "section 6",
    ),
    ("halton", {"responsible_for": ()}, "responsibilities", "5.7"),
    ("halton", {"not_responsible_for": (EMPTY,)}, "responsibilities", "5.7"),
    ("harrogate", {"handler": None}, "handler", "5.2.2"),
    ("harrogate", {"due_on": None}, "response_due_on", "section 10"),
    ("harrogate", {"stages": ()}, "flowchart", "section 10"),
    ("housing-services", {"understanding": EMPTY, "points": ()}, "complaint_definition", "5.6"),
]
ANSWERED = [
    ("halton", {"stage": None}, "stage", "6.9 a"),
    ("halton", {"understanding": None, "points": ()}, "complaint_definition", "6.9 b"),
    ("halton", {"decision": None, "points": without(full(K.RESPONSE_1), finding=None)}, "decision", "6.9 c"),
    ("halton", {"points": without(full(K.RESPONSE_1), reasons=EMPTY)}, "reasons", "6.9 d"),
    ("halton", {"points": (POINTS[0], replace(POINTS[1], reasons=None))}, "reasons", "6.9 d"),
    ("halton", {"points": (POINTS[0], replace(POINTS[1], finding=None))}, "decision", "6.9 c"),
    ("halton", {"points": (POINTS[0], replace(POINTS[1], basis=()))}, "all_points", "6.7"),
    ("halton", {"points": (replace(POINTS[0], went_wrong=None), POINTS[1])}, "apology", "7.1"),
    ("halton", {"remedies": ()}, "remedy", "6.9 e"),
    ("halton", {"remedies": (RemedyFact(Words("A new tap")),)}, "remedy_when", "7.3"),
    ("halton", {"commitments": ()}, "outstanding_actions", "6.9 f"),
    (
        "halton",
        {"commitments": (CommitmentFact(Words("Paint"), "", date(2026, 12, 1)),)},
        "outstanding_actions",
        "6.9 f",
    ),
    ("halton", {"commitments": (CommitmentFact(Words("Paint"), "Repairs"),)}, "outstanding_actions", "6.9 f"),
    ("harrogate", {"points": (POINTS[0], replace(POINTS[1], basis=()))}, "all_points", "section 10"),
]


@pytest.mark.parametrize("kind", [K.ACKNOWLEDGEMENT_1, K.ACKNOWLEDGEMENT_2])
@pytest.mark.parametrize(("slug", "change", "part", "source"), ACKNOWLEDGED)
def test_an_acknowledgement_without_a_fact_stays(kind, slug, change, part, source):
    if kind is K.ACKNOWLEDGEMENT_2 and part == "flowchart":
        assert misses(kind, slug, **change) == {}  # only asked for with the first
        return
    found = misses(kind, slug, **change)
    nobody = {"handler_contact"} if part == "handler" and slug == "halton" else set()
    assert found.keys() == {part} | nobody
    wanted = source.replace("section 6", "section 7").replace("5.2.2", "section 10")
    assert (source if kind is K.ACKNOWLEDGEMENT_1 else wanted) in found[part].source
    assert found[part].do.endswith(".")


@pytest.mark.parametrize(("slug", "change", "part", "source"), ANSWERED)
def test_an_answer_without_a_fact_stays(slug, change, part, source):
    for kind in (K.RESPONSE_1, K.RESPONSE_2):
        clause = source.replace("6.9", "6.19").replace("6.7", "6.18") if kind is K.RESPONSE_2 else source
        found = misses(kind, slug, **{"stage": 1 if kind is K.RESPONSE_1 else 2, **change})
        assert part in found
        assert clause in found[part].source


@pytest.mark.parametrize(
    ("kind", "slug", "change", "part", "source"),
    [
        (K.RESPONSE_2, "halton", {"final_response": False}, "final_response", "6.20"),
        (K.RESPONSE_2, "halton", {"final_response": False}, "how_to_refer", "6.19 g"),
        (K.RESPONSE_2, "harrogate", {"final_response": False}, "end_of_process", "section 10"),
        # With the final answer it would be a third step: it is offered while there is still time.
        (K.ACKNOWLEDGEMENT_2, "harrogate", {"panel_offer": None}, "panel_offer", "section 10"),
        (
            K.PROGRESS,
            "halton",
            {"moved": MovedFact(Words(""), None, date(2026, 12, 18))},
            "promise_moved",
            "7.3",
        ),
        (K.PROGRESS, "halton", {"points": ()}, "definition_changed", "5.6"),
        (K.PROGRESS, "halton", {"not_responsible_for": ()}, "definition_changed", "5.7"),
        (K.RESPONSE_1, "halton", {"final_response": True}, "final_response", "6.9 g"),
        (K.RESPONSE_1, "halton", {"stage": 2}, "stage", "5.2"),
        (K.ACKNOWLEDGEMENT_2, "halton", {"stage": 1}, "stage", "5.2"),
        (K.NOT_ACCEPTED, "halton", {"refusal": None}, "ground", "2.4"),
        (K.ESCALATION_DECLINED, "harrogate", {"refusal": None}, "reasons", "5.11"),
        (K.CLARIFICATION, "halton", {"questions": ()}, "questions", "5.6"),
        (K.CLOSING, "harrogate", {"survey_link": ""}, "feedback_form", "section 10"),
        (K.SURVEY, "housing-services", {"survey_link": ""}, "feedback_form", "9.2"),
        (K.PROGRESS, "halton", {"update": None}, "update", ""),
        (K.PROMISE_DONE, "halton", {"promises_done": ()}, "promises_done", ""),
        (K.CLOSING, "halton", {"closing_reason": None}, "closing_reason", ""),
        (K.CONSENT, "halton", {"representative_name": ""}, "representative", ""),
        (K.RECEIPT, "halton", {"received_on": None}, "received_on", "5.12"),
        (K.RECEIPT, "halton", {"received_on": date(2026, 11, 24)}, "received_on", "5.12"),
        (K.ACKNOWLEDGEMENT_1, "halton", {"due_on": date(2026, 11, 20)}, "response_due_on", "6.3"),
    ],
)
def test_other_letters_without_a_fact_stay(kind, slug, change, part, source):
    found = misses(kind, slug, **change)
    assert part in found
    assert source in found[part].source


@pytest.mark.parametrize("field", ["ground", "reasons", "discretion"])
@pytest.mark.parametrize("kind", [K.NOT_ACCEPTED, K.ESCALATION_DECLINED])
def test_a_refusal_gives_ground_reasons_and_the_weighing(kind, field):
    refusal = replace(full(kind).refusal, **{field: Words("  ")})
    assert misses(kind, refusal=refusal).keys() == {field}


@pytest.mark.parametrize("kind", list(K))
def test_no_letter_leaves_without_the_way_to_the_ombudsman_and_to_us(kind):
    nowhere = Ombudsman("Housing Ombudsman Service", "", "", ())
    assert "ombudsman" in misses(kind, ombudsman=nowhere)
    nobody = Landlord("", "", "", "", "", ())
    found = misses(kind, landlord=nobody, portal_link="")
    assert {"landlord", "landlord_contact"} <= found.keys()


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"reason": Words("…")}, "extension_reason"),
        ({"new_due_on": None}, "new_date"),
        ({"old_due_on": date(2026, 11, 20)}, "new_date"),  # told too late
        ({"new_due_on": date(2026, 12, 22)}, "new_date"),  # past what is allowed
        ({"new_due_on": date(2026, 12, 22), "exceptional": True}, "new_date"),  # and not agreed
        ({"new_due_on": date(2026, 12, 22), "exceptional": True, "agreed": False}, "new_date"),
        ({"new_due_on": date(2026, 12, 4)}, "new_date"),  # earlier than the old day
        ({"old_due_on": None}, "old_date"),
        ({"agreement_asked": False}, "agreement"),
    ],
)
def test_an_extension_is_in_time_within_its_cap_and_asked_about(change, part):
    found = misses(K.EXTENSION, extension=replace(full(K.EXTENSION).extension, **change))
    assert found.keys() == {part}
    assert found[part].source


@pytest.mark.parametrize(
    "change",
    [
        {"old_due_on": date(2026, 11, 20), "late": True},
        {"new_due_on": date(2027, 1, 15), "exceptional": True, "agreed": True},
        {"agreed": False},
        {"agreed": True, "agreement_asked": False},
    ],
)
def test_an_extension_may_leave_when_it_owns_up_or_is_agreed(change):
    assert misses(K.EXTENSION, extension=replace(full(K.EXTENSION).extension, **change)) == {}


def test_what_we_found_so_far_is_asked_for_only_where_the_landlord_asks():
    change = {"extension": replace(full(K.EXTENSION).extension, so_far=None)}
    assert misses(K.EXTENSION, "harrogate", **change).keys() == {"assessment_so_far"}
    assert misses(K.EXTENSION, "halton", **change) == {}


def test_a_payment_whose_lines_do_not_add_up_stays():
    wrong = RemedyFact(Words("A payment"), "money", 10_000, (Sum(Words("Worry"), 9_000),), date(2026, 12, 1))
    found = misses(K.RESPONSE_1, remedies=(wrong,))
    assert "£90.00, not £100.00" in found["compensation"].do


def test_an_answer_may_say_that_there_is_nothing_to_put_right_or_to_do():
    quiet = {
        "points": (POINTS[1],),
        "remedies": (),
        "no_remedy_reason": Words("We did what we promised."),
        "commitments": (),
        "nothing_outstanding": True,
    }
    assert misses(K.RESPONSE_1, **quiet) == {}


def test_a_resident_may_not_know_yet_and_everything_may_be_ours():
    change = {
        "outcomes_sought": (),
        "outcomes_unsure": True,
        "responsible_for": (),
        "not_responsible_for": (),
        "responsible_for_all": True,
    }
    assert misses(K.ACKNOWLEDGEMENT_1, **change) == {}


def test_advice_names_what_a_landlord_recommends_and_never_bars():
    facts = full(K.RESPONSE_1, "harrogate", learning=None, support=())
    finished = render.letter(facts)
    assert gate.check(finished, facts, rows(K.RESPONSE_1, "harrogate")) == []
    assert {miss.part for miss in gate.advice(finished, facts, rows(K.RESPONSE_1, "harrogate"))} == {
        "learning",
        "signposting",
    }


@pytest.mark.parametrize(
    "text",
    [
        "Dear [name], hello.",
        "We will come on [date].",
        "We pay [insert amount].",
        "We pay [resident name].",
        "Hello {{ resident.name }}.",
        "On %(day)s we came.",
        "We come on XX/XX/2026.",
        "The day is TBC.",
        "The reference is xxxx.",
    ],
)
def test_a_placeholder_that_nobody_filled_in_bars_the_letter(text):
    assert "unfilled" in misses(K.PROGRESS, update=Words(text))


@pytest.mark.parametrize(
    "text",
    [
        "None of the tiles were loose.",
        "We have [sic] no record.",
        "It costs £5 (five pounds).",
        "Nobody had a name for it.",
    ],
)
def test_ordinary_words_are_no_placeholder(text):
    assert misses(K.PROGRESS, update=Words(text)) == {}


def test_a_missing_value_that_was_printed_is_found():
    assert "unfilled" in misses(K.RECEIPT, home="None")


@pytest.mark.parametrize("slug", LANDLORDS)
def test_every_part_that_a_policy_names_for_a_letter_can_be_found_in_one(slug):
    named = {str(row.part) for kind in K for row in rows(kind, slug)}
    named |= {row.part for own in (ALWAYS, *OWN.values()) for row in own}
    assert named - {"all_points"} <= RULES.keys()


def test_the_words_of_the_gate_are_the_words_of_the_policy_files():
    own = {row.part for rows_ in (ALWAYS, *OWN.values()) for row in rows_}
    assert RULES.keys() - own <= set(Part)
