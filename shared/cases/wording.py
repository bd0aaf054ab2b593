"""The words by which pages and letters name what a case holds, in the reader's language.

Needs follow the groups of public adjustment lists; they are needs, never diagnoses, and nobody is asked why.
"""

from typing import Any

from flask_babel import gettext, lazy_gettext

from shared import i18n
from shared.cases.commands import RecomputeDates
from shared.cases.state import Need
from shared.letters.facts import Words
from shared.vocab import CloseReason, Finding, Kind, Risk, Stage

_ = lazy_gettext

NEED_GROUPS: dict[str, tuple[Any, dict[str, Any]]] = {
    "writing": (
        _("Letters and other writing"),
        {
            "large_print": _("Large print"),
            "braille": _("Braille"),
            "easy_read": _("Easy Read: short sentences with pictures"),
            "audio": _("A sound recording"),
            "read_to_me": _("Somebody reads it to me"),
            "coloured_paper": _("Coloured paper"),
            "plain_email": _("Plain text e-mail"),
            "bsl_video": _("British Sign Language video"),
        },
    ),
    "talking": (
        _("Talking"),
        {
            "relay": _("Relay UK or text relay"),
            "bsl": _("A British Sign Language interpreter"),
            "lipspeaker": _("A lipspeaker"),
            "speech_to_text": _("Speech to text"),
            "interpreter": _("An interpreter"),
            "hearing_loop": _("A hearing loop"),
            "no_calls": _("Text or e-mail, no calls"),
        },
    ),
    "time": (
        _("Time"),
        {
            "more_time": _("More time to reply"),
            "explain_slowly": _("More time to explain things"),
            "set_times": _("Calls only at set times"),
            "short_calls": _("Short calls"),
            "reminders": _("A reminder before a call or visit"),
            "same_person": _("The same person each time"),
        },
    ),
    "place": (
        _("Place"),
        {
            "quiet_room": _("A quiet room"),
            "home_visit": _("A visit at my home"),
            "step_free": _("A place without steps"),
            "video_call": _("A video call"),
        },
    ),
    "people": (
        _("People"),
        {
            "advocate": _("An advocate or support worker with me"),
            "friend": _("A friend, family member or carer with me"),
            "worker_woman": _("To speak to a woman"),
            "worker_man": _("To speak to a man"),
        },
    ),
    "other": (_("Something else"), {"form_help": _("Help to fill in forms"), "other": _("Something else")}),
}

NEEDS: dict[str, Any] = {code: label for _group, rows in NEED_GROUPS.values() for code, label in rows.items()}

FINDINGS: dict[Finding, Any] = {
    Finding.UPHELD: _("Upheld: we agree"),
    Finding.PARTLY_UPHELD: _("Partly upheld: we agree in part"),
    Finding.NOT_UPHELD: _("Not upheld: we do not agree"),
}

STAGES: dict[Stage, Any] = {
    Stage.RECEIVED: _("Received"),
    Stage.STAGE_1: _("Being looked into"),
    Stage.STAGE_1_ANSWERED: _("Answered"),
    Stage.STAGE_2_REQUESTED: _("You asked for a review"),
    Stage.STAGE_2: _("Being reviewed"),
    Stage.STAGE_2_ANSWERED: _("Final response sent"),
    Stage.NOT_ACCEPTED: _("Not taken on"),
    Stage.CLOSED: _("Closed"),
    Stage.RECORDED: _("Passed on"),
    Stage.SERVICE_REQUEST: _("Being worked on"),
}

CLOSE_REASONS: dict[CloseReason, Any] = {
    CloseReason.RESOLVED: _("You told us that this is put right."),
    CloseReason.NO_REPLY: _("We have not heard from you since our answer. You can still come back to us."),
    CloseReason.FINAL_RESPONSE: _("We have sent you our final response."),
    CloseReason.WITHDRAWN: _("You asked us to stop. You can come back to us at any time."),
    CloseReason.NOT_ACCEPTED: _("We have written to you to say why we do not take this on."),
    CloseReason.PASSED_ON: _("We have passed on what you told us."),
}

RELATIONSHIPS: dict[str, Any] = {
    "tenant": _("Tenant"),
    "leaseholder": _("Leaseholder"),
    "shared_owner": _("Shared owner"),
    "licensee": _("Licensee, for example in a hostel or supported home"),
    "applicant": _("I applied for a home"),
    "former_tenant": _("I used to be a tenant"),
    "service_customer": _("I pay for a service, for example a garage or an alarm"),
    "neighbour": _("Neighbour"),
    "public": _("None of these"),
}

# Who acts for somebody else, and on what footing. The consent of the resident is asked for all the same.
HELPERS: dict[str, Any] = {
    "family": _("Family"),
    "friend": _("Friend or neighbour"),
    "carer": _("Carer"),
    "support_worker": _("Support worker or social worker"),
    "advocate": _("Advocate or advice worker"),
    "solicitor": _("Solicitor"),
    "attorney": _("I have power of attorney, or I am their deputy"),
    "executor": _("The person has died. I deal with what they left."),
    "parent": _("Parent of a child"),
    "other": _("Somebody else"),
    "mp": _("Member of Parliament, or I work for one"),
    "councillor": _("Councillor, or I work for one"),
}

# What somebody in danger now can tell us at once; the page that asks shows whom to ring for each.
DANGERS: dict[str, Any] = {
    "gas": _("There is a smell of gas, or a carbon monoxide alarm"),
    "electric": _("Something electric is not safe, or there was a fire"),
    "cold": _("There is no heating or hot water, and somebody is a baby, old or ill"),
    "damp": _("Damp or mould makes somebody ill, or breathing is hard"),
    "building": _("Something could fall or flood, or does not lock"),
    "people": _("Somebody hurts or threatens us"),
    "other": _("Something else is dangerous"),
}

# For staff pages, which are English.
KINDS = {
    Kind.COMPLAINT: "Complaint",
    Kind.SERVICE_REQUEST: "Service request",
    Kind.COMPLIMENT: "Compliment",
    Kind.COMMENT: "Comment",
}
RISKS = {Risk.ROUTINE: "Routine", Risk.URGENT: "Urgent", Risk.DANGER: "Danger now"}
STAFF_STAGES = {
    Stage.RECEIVED: "To acknowledge",
    Stage.STAGE_1: "Stage 1",
    Stage.STAGE_1_ANSWERED: "Stage 1 answered",
    Stage.STAGE_2_REQUESTED: "Stage 2 to acknowledge",
    Stage.STAGE_2: "Stage 2",
    Stage.STAGE_2_ANSWERED: "Final response sent",
    Stage.NOT_ACCEPTED: "Not accepted",
    Stage.CLOSED: "Closed",
    Stage.RECORDED: "Recorded",
    Stage.SERVICE_REQUEST: "Service request",
}
PANEL_STEPS = {
    "asked": "The resident asked for the panel",
    "held": "The panel met",
    "outcome": "The outcome was sent",
    "declined": "The resident does not want the panel",
}
CLOCKS = {
    "stage_1_acknowledgement": "Acknowledge",
    "stage_1_first_contact": "First contact",
    "stage_1_response": "Stage 1 response",
    "stage_2_acknowledgement": "Acknowledge stage 2",
    "stage_2_first_contact": "Stage 2 first contact",
    "stage_2_response": "Stage 2 response",
    "panel_meeting": "Panel meeting",
    "panel_outcome": "Outcome of the panel",
    "completion_letter": "Completion letter: close as resolved",
    "closing_letter": "Closing letter",
    "escalation_window": "The resident may ask for stage 2 until",
    "record_closes": "The record closes after silence from",
}


def _spoken(language: str) -> str:
    """A language we have words in: the resident's own, or English where translations/ has no such folder."""
    return language if language in {one.code for one in i18n.languages()} else i18n.SOURCE


def need_words(need: Need, language: str) -> Words:
    """One adjustment as the resident's letter names it. Needs an application context."""
    with i18n.in_language(_spoken(language)):
        label = str(NEEDS.get(need.code, need.detail or need.code))
        text = f"{label}: {need.detail}" if need.detail and need.code in NEEDS else label
    return Words(text, i18n.language(_spoken(language)).tag)


def danger_words(said: str) -> str:
    """What the resident reported as dangerous, for staff; a colleague who logs a case writes it freely."""
    with i18n.in_language(i18n.SOURCE):
        return str(DANGERS.get(said, said))


def close_words(reason: CloseReason, language: str) -> Words:
    """Why a record closes, in the resident's language."""
    with i18n.in_language(_spoken(language)):
        return Words(str(CLOSE_REASONS[reason]), i18n.language(_spoken(language)).tag)


def taken_for_words(kind: Kind, language: str) -> Words:
    """What a complaint was taken for, and that the resident's word makes it one again (Code 1.3)."""
    with i18n.in_language(_spoken(language)):
        if kind is Kind.SERVICE_REQUEST:
            said = gettext("We read what you sent us. We deal with it as a request for a service.")
        else:
            said = gettext("We read what you sent us. We passed it on, and we do not send you an answer.")
        choice = gettext(
            "If you want it to be a complaint, tell us in any way. Then it is one, from the day we got it."
        )
    return Words(f"{said} {choice}", i18n.language(_spoken(language)).tag)


def moved_words(command: RecomputeDates, language: str) -> Words:
    """Which date moved later and why, for the letter that tells the resident."""
    _name, _old, new = max(command.moved, key=lambda one: one[2])
    with i18n.in_language(_spoken(language)):
        said = gettext(
            "A new bank holiday was announced. We count working days, so our date moved. "
            "You will now hear from us by %(day)s.",
            day=i18n.date_text(new),
        )
    return Words(said, i18n.language(_spoken(language)).tag)


def policy_words(text: str, language: str) -> Words:
    """Words from a landlord's file, in the resident's language where the catalogue has them."""
    with i18n.in_language(_spoken(language)):
        said = gettext(text)
    return Words(text) if said == text else Words(said, i18n.language(_spoken(language)).tag)
