"""The field's words, as enums: the lowest module, importing nothing of ours.

Names follow the Housing Ombudsman's Complaint Handling Code 2024. Values are stored in the database and in
events, so a value, once shipped, is never renamed.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What somebody sent us. Only a complaint runs through the two stages of the Code (1.2, 1.4)."""

    COMPLAINT = "complaint"
    SERVICE_REQUEST = "service_request"
    COMPLIMENT = "compliment"
    COMMENT = "comment"


class Stage(StrEnum):
    """Where a case stands. The Code allows two stages and no stage 0 or 3 (5.2, 5.3)."""

    RECEIVED = "received"  # stage 1 asked for: to be triaged, defined and acknowledged
    STAGE_1 = "stage_1"  # acknowledged, being looked into
    STAGE_1_ANSWERED = "stage_1_answered"  # stage 1 response sent; the resident may escalate
    STAGE_2_REQUESTED = "stage_2_requested"  # escalated: to be acknowledged
    STAGE_2 = "stage_2"  # stage 2 acknowledged, being reviewed
    STAGE_2_ANSWERED = "stage_2_answered"  # final response sent
    NOT_ACCEPTED = "not_accepted"  # refused with reasons; the Ombudsman can order otherwise (2.4)
    CLOSED = "closed"
    RECORDED = "recorded"  # a compliment or comment, passed on
    SERVICE_REQUEST = "service_request"  # being worked, not a complaint (1.4)


class Role(StrEnum):
    """Who acts. Residents, their helpers and the system stand in the same table as staff."""

    RESIDENT = "resident"
    REPRESENTATIVE = "representative"
    COLLEAGUE = "colleague"  # any employee: may log a complaint (Code 3.2)
    OFFICER = "officer"  # Customer Resolutions Team: triage, acknowledge, allocate
    HANDLER = "handler"  # investigates and answers
    SERVICE_MANAGER = "service_manager"  # delivers commitments in the own area
    MANAGER = "manager"  # approves extensions, refusals, money
    DIRECTOR = "director"
    MEMBER_RESPONSIBLE = "member_responsible"  # Member Responsible for Complaints (Code 9.5): reads
    ADMIN = "admin"
    SYSTEM = "system"  # the background worker


STAFF_ROLES = frozenset(Role) - {Role.RESIDENT, Role.REPRESENTATIVE, Role.SYSTEM}


class Channel(StrEnum):
    """How somebody reached us, or we them (Code 3.1, 3.2: any way is a way)."""

    PORTAL = "portal"
    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"
    IN_PERSON = "in_person"
    VISIT = "visit"
    TEXT = "text"
    WHATSAPP = "whatsapp"
    VOICEMAIL = "voicemail"
    SOCIAL_MEDIA = "social_media"


class Finding(StrEnum):
    """The decision on one point of a complaint (Code 6.9 c)."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    NOT_UPHELD = "not_upheld"


class LetterKind(StrEnum):
    """Every letter that can leave the building: one template and one row in the gate each."""

    RECEIPT = "receipt"
    ACKNOWLEDGEMENT_1 = "acknowledgement_1"
    ACKNOWLEDGEMENT_2 = "acknowledgement_2"
    CLARIFICATION = "clarification"
    EXTENSION = "extension"
    RESPONSE_1 = "response_1"
    RESPONSE_2 = "response_2"
    NOT_ACCEPTED = "not_accepted"
    ESCALATION_DECLINED = "escalation_declined"
    PROGRESS = "progress"
    PROMISE_DONE = "promise_done"
    CLOSING = "closing"
    SURVEY = "survey"
    CONSENT = "consent"


class Action(StrEnum):
    """Everything that anybody can do to a case. Each is one row or more in cases/flow.py."""

    SUBMIT = "submit"
    TRIAGE = "triage"
    RECORD_CONTACT = "record_contact"
    NOTE = "note"
    ADD_INFORMATION = "add_information"
    MESSAGE = "message"
    CHANGE_CONTACT = "change_contact"
    CHANGE_NEEDS = "change_needs"
    MEET_NEED = "meet_need"
    DEFINE = "define"
    ASK_CLARIFICATION = "ask_clarification"
    ANSWER_CLARIFICATION = "answer_clarification"
    DECLARE_CONFLICT = "declare_conflict"
    ALLOCATE = "allocate"
    ACKNOWLEDGE = "acknowledge"
    NOT_ACCEPT = "not_accept"
    ACCEPT_BY_ORDER = "accept_by_order"
    DECIDE = "decide"
    OFFER_REMEDY = "offer_remedy"
    SETTLE_REMEDY = "settle_remedy"
    COMMIT = "commit"
    COMPLETE_COMMITMENT = "complete_commitment"
    CONFIRM_COMMITMENT = "confirm_commitment"
    MOVE_COMMITMENT = "move_commitment"
    EXTEND = "extend"
    ANSWER_EXTENSION = "answer_extension"
    UPDATE_RESIDENT = "update_resident"
    MEDIATE = "mediate"
    RESPOND = "respond"
    ESCALATE = "escalate"
    DECLINE_ESCALATION = "decline_escalation"
    SET_CONSENT = "set_consent"
    RECORD_LEARNING = "record_learning"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    TRANSLATE = "translate"
    TAG = "tag"
    REMIND = "remind"
    LINK = "link"
    MERGE = "merge"
    UNMERGE = "unmerge"
    OFFER_VISIT = "offer_visit"
    HOLD_PANEL = "hold_panel"
    ASK_CHECK = "ask_check"
    CHECK = "check"
    UNDO_SEND = "undo_send"
    UNDO_ALLOCATE = "undo_allocate"
    GIVE_FEEDBACK = "give_feedback"
    ANSWER_CHECKLIST = "answer_checklist"
    ADD_TASK = "add_task"
    FINISH_TASK = "finish_task"
    MARK_ADDRESS = "mark_address"
    RAISE_OVERDUE = "raise_overdue"
    RECOMPUTE_DATES = "recompute_dates"


class CloseReason(StrEnum):
    """Why a record was closed. Closing never ends promises or the way to the Ombudsman."""

    RESOLVED = "resolved"
    NO_REPLY = "no_reply"
    FINAL_RESPONSE = "final_response"
    WITHDRAWN = "withdrawn"
    NOT_ACCEPTED = "not_accepted"
    PASSED_ON = "passed_on"


class ConsentScope(StrEnum):
    """What a resident lets her helper be told. No answer yet is NONE: a receipt and nothing else."""

    NONE = "none"
    EVERYTHING = "everything"
    SOME = "some"
    ME_AS_WELL = "me_as_well"
    REFUSED = "refused"


class Risk(StrEnum):
    """How soon somebody could be harmed, as the officer judged it at triage (Code 6.1)."""

    ROUTINE = "routine"
    URGENT = "urgent"
    DANGER = "danger"
