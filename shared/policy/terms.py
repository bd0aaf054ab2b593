"""The fixed words that policy files may use: clocks, events, units, grounds and parts of a letter.

A word that is not here is refused when a file is read, so that a slip in a TOML file is found at start-up
and not on the day a letter is late.
"""

from enum import StrEnum

CODE = "Complaint Handling Code 2024"  # the edition whose clauses our own code names


class ClockName(StrEnum):
    """Every time limit that can run on a case. The value is also the key in policy files and in JSON."""

    STAGE_1_ACKNOWLEDGEMENT = "stage_1_acknowledgement"
    STAGE_1_FIRST_CONTACT = "stage_1_first_contact"
    STAGE_1_RESPONSE = "stage_1_response"
    STAGE_1_RESPONSE_CODE = "stage_1_response_code"
    ESCALATION_WINDOW = "escalation_window"
    STAGE_2_ACKNOWLEDGEMENT = "stage_2_acknowledgement"
    STAGE_2_FIRST_CONTACT = "stage_2_first_contact"
    STAGE_2_RESPONSE = "stage_2_response"
    STAGE_2_RESPONSE_CODE = "stage_2_response_code"
    PANEL_MEETING = "panel_meeting"
    PANEL_OUTCOME = "panel_outcome"
    RECORD_CLOSES = "record_closes"
    COMPLETION_LETTER = "completion_letter"
    CLOSING_LETTER = "closing_letter"
    DETERMINATION_FORWARD = "determination_forward"
    DETERMINATION_SHARE = "determination_share"
    DETERMINATION_REVIEW = "determination_review"
    DETERMINATION_FOLLOW_UP = "determination_follow_up"


class Event(StrEnum):
    """What can start or end a clock. The value is the field of `shared.deadlines.milestones.Milestones`."""

    RECEIVED = "received_at"
    LOGGED = "logged_at"
    ACKNOWLEDGED = "acknowledged_at"
    ALLOCATED = "allocated_at"
    CONTACTED = "contacted_at"
    RESPONDED = "responded_at"
    ESCALATED = "escalated_at"
    ESCALATION_LOGGED = "escalation_logged_at"
    ESCALATION_ACKNOWLEDGED = "escalation_acknowledged_at"
    ESCALATION_ALLOCATED = "escalation_allocated_at"
    ESCALATION_CONTACTED = "escalation_contacted_at"
    REVIEW_INVESTIGATED = "review_investigated_at"
    PANEL_HELD = "panel_held_at"
    PANEL_OUTCOME_SENT = "panel_outcome_sent_at"
    FINAL_RESPONSE = "final_response_at"
    OUTCOME = "outcome_at"  # the last answer when no escalation is open; derived, never stored
    RESOLVED = "resolved_at"  # the resident's own word settled the matter at stage 1
    COMPLETED = "completed_at"
    COMPLETION_LETTER_SENT = "completion_letter_sent_at"
    CLOSING_LETTER_SENT = "closing_letter_sent_at"
    CLOSED = "closed_at"
    DETERMINATION = "determination_at"
    DETERMINATION_FORWARDED = "determination_forwarded_at"
    DETERMINATION_SHARED = "determination_shared_at"
    DETERMINATION_REVIEWED = "determination_reviewed_at"
    DETERMINATION_FOLLOWED_UP = "determination_followed_up_at"


class Unit(StrEnum):
    """How a limit is counted. 24 working hours are one working day at the same time of day."""

    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    CLOCK_HOURS = "clock_hours"
    CALENDAR_DAYS = "calendar_days"
    CALENDAR_MONTHS = "calendar_months"


class SurveyWhen(StrEnum):
    """When a landlord asks the resident how it was."""

    CLOSED = "closed"  # as soon as the record closes
    RESOLVED = "resolved"  # not before everything that was promised is done


class Agreement(StrEnum):
    """What the resident's agreement means for an extension."""

    INFORM = "inform"  # tell the resident, with the reason, the new date and the Ombudsman's details
    SOUGHT = "sought"  # ask; a "no" is recorded, does not bar an extension the Code allows, and is flagged
    REQUIRED = "required"  # without a "yes" there is no extension


class LateRequest(StrEnum):
    """What happens when a resident asks for stage 2 after the landlord's window."""

    EXCEPTIONAL = "exceptional"  # considered when the delay has an exceptional reason
    JUDGED = "judged"  # each request on its merits
    NOT_STATED = "not_stated"  # the policy is silent: judged on its merits (Code 2.5, 5.11)


class CodeGround(StrEnum):
    """The grounds that Code 2.2 calls acceptable for not taking a complaint or an escalation."""

    OVER_TWELVE_MONTHS = "over_twelve_months"
    LEGAL_PROCEEDINGS = "legal_proceedings"
    ALREADY_CONSIDERED = "already_considered"


class Remit(StrEnum):
    """Whom a person who is refused may turn to."""

    OMBUDSMAN = "ombudsman"
    INDEPENDENT_ADVICE = "independent_advice"


class Petitions(StrEnum):
    """What becomes of a petition."""

    GROUP_COMPLAINT = "group_complaint"  # a complaint by a group, with consents and one representative
    RECORD_AND_TELL = "record_and_tell"  # recorded, acknowledged, told to the chief executive


class Anonymous(StrEnum):
    """What becomes of a complaint without a name. Nobody can be written to, so no letter is due."""

    TELL_AREA = "tell_area"  # for its information; no outcome is given
    MAY_INVESTIGATE = "may_investigate"


class SocialMedia(StrEnum):
    """What becomes of a complaint on social media (Code 3.2: any way is a way)."""

    ACCEPT_THEN_PRIVATE = "accept_then_private"


class Consent(StrEnum):
    """How we make sure that a representative may act."""

    RESIDENT_CONFIRMS = "resident_confirms"
    MAY_CHECK = "may_check"


class CheckFact(StrEnum):
    """Facts of a case that answer a line of a checklist by themselves."""

    LOGGED = "logged"  # the case was logged
    STAGE_1_RESPONSE_RECORDED = "stage_1_response_recorded"  # the answer as sent is on the case
    STAGE_1_EXTENSION_TOLD_IN_TIME = "stage_1_extension_told_in_time"  # the letter left before the first date
    RESOLVED_AT_STAGE_1 = "resolved_at_stage_1"  # the resident's own word settled it
    MOVED_TO_STAGE_2 = "moved_to_stage_2"
    LESSON_RECORDED = "lesson_recorded"  # what was learnt is on the case
    ACTIONS_RECORDED = "actions_recorded"  # every promised action is on the case


class Per(StrEnum):
    """What a sum in a tariff is paid for."""

    DAY = "day"
    WEEK = "week"
    EVENT = "event"


class Part(StrEnum):
    """A part of a letter that the gate can look for before the letter leaves."""

    REFERENCE = "reference"
    RECEIVED_ON = "received_on"
    COMPLAINT_DEFINITION = "complaint_definition"
    OUTCOME_SOUGHT = "outcome_sought"
    RESPONSIBILITIES = "responsibilities"
    RESPONSE_DUE_ON = "response_due_on"
    HANDLER = "handler"
    HANDLER_CONTACT = "handler_contact"
    ADJUSTMENTS_QUESTION = "adjustments_question"
    OMBUDSMAN = "ombudsman"
    FLOWCHART = "flowchart"
    ESCALATION_REASON = "escalation_reason"
    STAGE = "stage"
    DECISION = "decision"
    REASONS = "reasons"
    ALL_POINTS = "all_points"
    REMEDY = "remedy"
    REMEDY_WHEN = "remedy_when"
    OUTSTANDING_ACTIONS = "outstanding_actions"
    HOW_TO_ESCALATE = "how_to_escalate"
    HOW_TO_REFER = "how_to_refer"
    FINAL_RESPONSE = "final_response"
    END_OF_PROCESS = "end_of_process"
    PANEL_OFFER = "panel_offer"
    WHO_TO_CONTACT = "who_to_contact"
    APOLOGY = "apology"
    COMPENSATION = "compensation"
    COMPLAINT_DATES = "complaint_dates"
    EARLIER_RESPONSE = "earlier_response"
    STEPS_TAKEN = "steps_taken"
    EVIDENCE = "evidence"
    LEARNING = "learning"
    SIGNPOSTING = "signposting"
    QUESTIONS = "questions"
    EXTENSION_REASON = "extension_reason"
    NEW_DATE = "new_date"
    AGREEMENT = "agreement"
    ASSESSMENT_SO_FAR = "assessment_so_far"
    UPDATE_INTERVAL = "update_interval"
    GROUND = "ground"
    RIGHT_TO_CHALLENGE = "right_to_challenge"
    OMBUDSMAN_MAY_INSTRUCT = "ombudsman_may_instruct"
    INDEPENDENT_ADVICE = "independent_advice"
    FEEDBACK_FORM = "feedback_form"
    WARNING = "warning"
    RESTRICTIONS = "restrictions"
    SINGLE_CONTACT = "single_contact"
    CONTACT_INTERVALS = "contact_intervals"
    REVIEW_ON = "review_on"
    HOW_TO_RAISE_ISSUES = "how_to_raise_issues"
    CHANCE_TO_CHANGE = "chance_to_change"
    CONSEQUENCE = "consequence"
