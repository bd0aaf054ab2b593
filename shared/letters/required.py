"""What each part of a letter is, in staff English: how the gate finds it and what to do when it is not there.

The parts themselves, and which letter needs which, stand in shared/policy/*.toml with their clauses. This
module only ties each of those words to the marks (`data-part`) that the templates leave in a finished letter.
"""

from collections.abc import Callable
from dataclasses import dataclass

from shared.letters.facts import LetterFacts
from shared.policy.terms import CODE
from shared.vocab import LetterKind


@dataclass(frozen=True, slots=True)
class PartRule:
    """How to find a part and how to mend its absence.

    `marks` lists the ways in which the part may be present: each is a set of marks that must all be there.
    `needed` says whether the facts call for it at all; without it, it always is.
    """

    do: str
    marks: tuple[tuple[str, ...], ...] = ()
    needed: Callable[[LetterFacts], bool] | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """A part that a letter must carry, with the rules that ask for it."""

    part: str
    sources: tuple[str, ...]
    required: bool = True


def _has_remedy(facts: LetterFacts) -> bool:
    return any(remedy.text for remedy in facts.remedies)


RULES: dict[str, PartRule] = {
    "reference": PartRule("Give the complaint its reference."),
    "sent_date": PartRule("Date the letter."),
    "landlord": PartRule("Put the landlord's name at the head of the letter."),
    "recipient": PartRule("Say to whom the letter goes."),
    "landlord_contact": PartRule("Say how to contact us.", (("landlord_contact",), ("portal_link",))),
    "adjustments_question": PartRule(
        "Ask whether there is anything we should do differently, such as for a disability."
    ),
    "ombudsman": PartRule(
        "Say that the resident can contact the Housing Ombudsman, with the form, telephone and address.",
        (("ombudsman_right", "ombudsman_form", "ombudsman_phone", "ombudsman_post"),),
    ),
    "received_on": PartRule("Say on which day we received the complaint."),
    "complaint_dates": PartRule("Say on which day we received the complaint.", (("received_on",),)),
    "complaint_definition": PartRule(
        "Set out how we understand the complaint, point by point.", (("understanding",), ("points",))
    ),
    "outcome_sought": PartRule("Say what the resident would like us to do, or that they do not know yet."),
    "responsibilities": PartRule(
        "Say what we are responsible for, and what we are not responsible for (or that it is all ours).",
        (("responsible", "not_responsible"),),
    ),
    "response_due_on": PartRule("Give the day by which the resident will hear from us."),
    "handler": PartRule("Name the person who deals with the complaint."),
    "handler_contact": PartRule("Give that person's telephone number or e-mail address."),
    "flowchart": PartRule("Enclose the steps of a complaint, with the working days of both stages."),
    "escalation_reason": PartRule(
        "Repeat the reason that the resident gave for asking for stage 2.",
        needed=lambda facts: bool(facts.escalation_words),
    ),
    "stage": PartRule("Say which stage of the complaint this is."),
    "decision": PartRule("Say what we decided."),
    "reasons": PartRule("Give the reasons for what we decided.", (("reasons",), ("refusal_reasons",))),
    "remedy": PartRule("Say what we will do to put things right, or why there is nothing to put right."),
    "remedy_when": PartRule("Say by when we will put things right.", needed=_has_remedy),
    "outstanding_actions": PartRule(
        "List the actions that we still owe, or say that nothing is outstanding."
    ),
    "how_to_escalate": PartRule("Say how to ask for stage 2."),
    "how_to_refer": PartRule("Say how to take the complaint to the Housing Ombudsman."),
    "final_response": PartRule("Say that this is our final response."),
    "end_of_process": PartRule("Say that our complaints process ends here."),
    "panel_offer": PartRule("Offer the meeting with the panel."),
    "who_to_contact": PartRule("Say whom to contact next.", (("landlord_contact",), ("portal_link",))),
    "apology": PartRule("Say sorry, and for what."),
    "compensation": PartRule(
        "Say whether we offer a payment, and how we worked it out.", (("remedy_amount",),)
    ),
    "earlier_response": PartRule("Say when we sent the stage 1 answer, and who sent it."),
    "steps_taken": PartRule("Say what we did to look into the complaint."),
    "evidence": PartRule("Say what we relied on.", (("evidence",), ("steps_taken",), ("basis",))),
    "learning": PartRule("Say what we have learned."),
    "signposting": PartRule("Name others who can help the resident."),
    "questions": PartRule("Ask the question that we need an answer to."),
    "extension_reason": PartRule("Give the reason why we need more time."),
    "new_date": PartRule("Give the new day by which we will answer."),
    "agreement": PartRule("Ask whether the resident agrees to the new date, or say what they answered."),
    "assessment_so_far": PartRule("Say what we have found so far."),
    "update_interval": PartRule(
        "Say when we will next be in touch.", (("update_interval",), ("next_update",))
    ),
    "ground": PartRule("Say on which ground we decided not to take this on."),
    "right_to_challenge": PartRule("Say that the resident can take this decision to the Housing Ombudsman."),
    "ombudsman_may_instruct": PartRule(
        "Say that the Ombudsman can tell us to take the complaint on.", needed=lambda facts: facts.in_remit
    ),
    "independent_advice": PartRule(
        "Point to independent advice, because the Ombudsman may not cover this person.",
        needed=lambda facts: not facts.in_remit,
    ),
    "discretion": PartRule("Say how we weighed the resident's own circumstances before refusing."),
    "feedback_form": PartRule("Add the link to the questions about how we did.", (("survey_link",),)),
    "update": PartRule("Say what has happened since we last wrote."),
    "promise_moved": PartRule(
        "Say which promise gets another day, and both days.",
        (("promise_moved", "promise_old_day", "promise_new_day"),),
        needed=lambda facts: facts.moved is not None,
    ),
    "definition_changed": PartRule(
        "Set out how we now understand the complaint, and what is ours to answer for.",
        (("definition_changed", "points", "responsible", "not_responsible"),),
        needed=lambda facts: facts.definition_changed,
    ),
    "promises_done": PartRule("Say which promised action is done, and on which day."),
    "closing_reason": PartRule("Say why we are closing the complaint."),
    "formal_answer": PartRule(
        "Say that the resident can still have a formal answer.", needed=lambda facts: facts.ended_quickly
    ),
    "representative": PartRule("Name the person who asks to act for the resident."),
    "consent_choices": PartRule("Offer the answers that the resident can choose from."),
}

ALWAYS: tuple[Requirement, ...] = (
    Requirement("reference", (f"{CODE}, 5.12",)),
    Requirement("sent_date", (f"{CODE}, 5.12",)),
    Requirement("landlord", (f"{CODE}, 3.5",)),
    Requirement("recipient", ("a letter needs a reader",)),
    Requirement("landlord_contact", (f"{CODE}, 3.1",)),
    Requirement("adjustments_question", (f"{CODE}, 5.10",)),
    Requirement("ombudsman", (f"{CODE}, 3.7",)),
)
"""What no letter may lack, whatever the policy files say. The base template carries all of it."""

_PURPOSE = "this letter is for nothing else"
OWN: dict[LetterKind, tuple[Requirement, ...]] = {
    LetterKind.RECEIPT: (Requirement("received_on", (_PURPOSE,)),),
    LetterKind.CLARIFICATION: (Requirement("questions", (_PURPOSE,)),),
    LetterKind.NOT_ACCEPTED: (Requirement("discretion", (f"{CODE}, 2.3 and 2.5",)),),
    LetterKind.ESCALATION_DECLINED: (Requirement("discretion", (f"{CODE}, 2.5 and 5.11",)),),
    LetterKind.PROGRESS: (
        Requirement("update", (_PURPOSE,)),
        Requirement("promise_moved", (f"{CODE}, 7.3",)),
        Requirement("definition_changed", (f"{CODE}, 5.6 and 5.7",)),
    ),
    LetterKind.PROMISE_DONE: (Requirement("promises_done", (_PURPOSE,)),),
    LetterKind.CLOSING: (
        Requirement("closing_reason", (_PURPOSE,)),
        Requirement("formal_answer", (f"{CODE}, 5.2",)),
    ),
    LetterKind.CONSENT: (
        Requirement("representative", (_PURPOSE,)),
        Requirement("consent_choices", (_PURPOSE,)),
    ),
}
"""What the single kinds need to make sense, beyond the clauses in the policy files."""
