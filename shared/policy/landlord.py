"""What a landlord's file may say, as frozen structs.

Anything that residents read lies under a key called `words`, so that the translation tools can find it and
the pages can pass it through gettext. Everything else is for staff, for the law, or for the program.
"""

from datetime import date, time

from shared.policy.rules import AgeLimit, Ground, LetterPart, Limit, Strict, Tariff, Timer
from shared.policy.terms import (
    Anonymous,
    CheckFact,
    ClockName,
    Consent,
    LateRequest,
    Part,
    Petitions,
    SocialMedia,
    SurveyWhen,
)
from shared.vocab import LetterKind, Role


class Document(Strict, frozen=True, kw_only=True):
    """The paper a landlord's rules come from."""

    title: str
    short: str
    version: str
    issued: str  # as printed
    effective_from: date
    next_review: str  # as printed
    review_due_on: date  # last day of the period printed
    owner: str  # a job, not a person
    reference: str = ""


class Contact(Strict, frozen=True, kw_only=True):
    """How residents reach the landlord, as far as its documents say. Empty: they do not say."""

    team: str
    phone: str = ""
    email: str = ""
    website: str = ""
    complaint_form: str = ""
    reception: tuple[str, ...] = ()
    post: tuple[str, ...] = ()


class StageWords(Strict, frozen=True, kw_only=True):
    """What residents read as the name of each stage."""

    stage_1: str
    stage_2: str


class Stages(Strict, frozen=True, kw_only=True):
    """The two stages under the landlord's names."""

    words: StageWords


class QuickResolution(Strict, frozen=True, kw_only=True):
    """Putting a matter right at once: inside stage 1, logged and reported, never a stage (Code 5.2)."""

    name: str
    words: str
    source: str
    call_first: bool  # someone rings the resident before the acknowledgement
    within: ClockName  # the limit the call has to fit into


class Escalation(Strict, frozen=True, kw_only=True):
    """How stage 2 is asked for and when that may be refused."""

    late_request: LateRequest
    source: str
    reasons_asked: bool  # the policy asks for reasons; we never require them (Code 6.12)
    words: str
    refusals: tuple[Ground, ...] = ()


class Stage2(Strict, frozen=True, kw_only=True):
    """Who reviews. Never the person who looked into stage 1 (Code 6.13)."""

    handler_role: Role
    handler_title: str
    source: str
    if_involved: str = ""  # who reviews when that person took part in stage 1
    letter_check: Role | None = None  # who reads the letter before it leaves
    letter_check_source: str = ""


class Panel(Strict, frozen=True, kw_only=True):
    """A panel that a resident may ask for inside stage 2."""

    name: str
    short: str
    words: str
    convener: Role
    companions: int
    source: str


class HomeVisit(Strict, frozen=True, kw_only=True):
    """Whether we ask the resident about a visit at both stages."""

    words: str
    source: str


class MoneyLimit(Strict, frozen=True, kw_only=True):
    """Up to how much one role may promise, in pence. Left out: no limit."""

    role: Role
    up_to_pence: int | None = None


class Approvals(Strict, frozen=True, kw_only=True):
    """Who must say yes. `ours` names what the policy does not say and we chose: for the landlord to set."""

    default: Role
    refusal: Role
    refusal_source: str
    restriction: Role
    restriction_advisers: tuple[Role, ...]
    restriction_source: str
    money: tuple[MoneyLimit, ...]
    ours: tuple[str, ...]


class Behaviour(Strict, frozen=True, kw_only=True):
    """Warnings and restrictions (Code 5.14, 5.15)."""

    source: str
    warning_first: bool
    review_every: Limit | None = None
    reviewer: str
    warning_parts: tuple[LetterPart, ...]
    restriction_parts: tuple[LetterPart, ...]


class Representatives(Strict, frozen=True, kw_only=True):
    """Who may act for a resident and how we make sure."""

    consent: Consent
    elected_too: bool  # asks the same of MPs and councillors, who do not need it by law
    source: str


class Intake(Strict, frozen=True, kw_only=True):
    """Complaints that do not come from one named resident through a form."""

    petitions: Petitions
    petitions_source: str
    anonymous: Anonymous
    anonymous_source: str
    social_media: SocialMedia
    social_media_source: str
    representatives: Representatives
    petitions_told_to: str = ""
    petitions_warning: str = ""


class CheckItem(Strict, frozen=True, kw_only=True):
    """One line of a landlord's checklist. `auto` says what in the case answers it by itself.

    `clock:<name>`: that clock was met in time; `part:<kind>:<part>`: that letter, as sent, has that part;
    `fact:<name>`: one of `CheckFact`.
    """

    id: str
    text: str
    auto: str = ""
    after: str = ""  # id of the line it belongs under
    if_answer: bool | None = None  # asked only when that line was answered so

    def __post_init__(self) -> None:
        match self.auto.split(":"):
            case [""]:
                pass
            case ["clock", name]:
                ClockName(name)
            case ["part", kind, part]:
                LetterKind(kind), Part(part)
            case ["fact", name]:
                CheckFact(name)
            case _:
                raise ValueError(f"auto is clock:, part: or fact:, not {self.auto!r}")


class CheckSection(Strict, frozen=True, kw_only=True):
    """One block of the checklist."""

    id: str
    title: str
    items: tuple[CheckItem, ...]


class Closing(Strict, frozen=True, kw_only=True):
    """What happens when a complaint is over."""

    survey: bool
    survey_source: str
    survey_when: SurveyWhen = SurveyWhen.CLOSED
    feedback_form: bool
    words: str


class OmbudsmanCases(Strict, frozen=True, kw_only=True):
    """What the landlord does when the Ombudsman asks or decides."""

    source: str
    request_owner: str
    request_meeting: bool
    owners: dict[ClockName, str]
    await_up_to: Limit | None = None


class Compensation(Strict, frozen=True, kw_only=True):
    """The landlord's own rules on money, and its own tariffs where it has printed any."""

    policy: str
    source: str
    offset_against_debt: bool
    factors: tuple[str, ...]
    remedies: tuple[str, ...]
    tariffs: tuple[Tariff, ...] = ()


class Rung(Strict, frozen=True, kw_only=True):
    """Who hears that something is overdue, and how many working days after the day it was due."""

    role: Role
    after: int


class Alerts(Strict, frozen=True, kw_only=True):
    """When colleagues are told by e-mail, and who: only on working days between `opens` and `closes`, London."""

    opens: time
    closes: time
    digest_at: time  # each person's own work of the day; not after noon
    warn_days: int  # working days before something is due
    ladder: tuple[Rung, ...]  # besides whoever holds the case, who hears first
    source: str

    def __post_init__(self) -> None:
        if not self.digest_at <= self.opens < self.closes:
            raise ValueError("alerts: digest_at comes before opens, and opens before closes")
        steps = [rung.after for rung in self.ladder]
        if steps != sorted(steps) or not steps or steps[0] < 1 or self.warn_days < 0:
            raise ValueError(
                "alerts: the ladder goes up, from one working day after the due day at the earliest"
            )


class Departure(Strict, frozen=True, kw_only=True):
    """A place where the document, in words that no clock can show, asks more of residents than the Code."""

    area: str
    clause: str
    landlord: str
    code: str
    handled: str


class Landlord(Strict, frozen=True, kw_only=True):
    """The whole of one landlord's file."""

    slug: str
    reference_prefix: str  # two to six capitals that begin every case reference
    name: str
    short_name: str
    document: Document
    contact: Contact
    languages: tuple[str, ...]  # BCP 47 codes of the languages the landlord offers, besides English
    languages_source: str
    stages: Stages
    clocks: dict[ClockName, Timer]
    age_limit: AgeLimit
    quick_resolution: QuickResolution
    escalation: Escalation
    stage_2: Stage2
    titles: dict[Role, str]
    approvals: Approvals
    behaviour: Behaviour
    intake: Intake
    exclusions: tuple[Ground, ...]
    letters: dict[LetterKind, tuple[LetterPart, ...]]
    closing: Closing
    compensation: Compensation
    draft_days: int
    more_time_days: int = 0  # working days more for a resident who needs time; 0 only in pinned versions
    alerts: Alerts | None = None  # missing only from versions that older cases are pinned to
    ombudsman_cases: OmbudsmanCases | None = None
    panel: Panel | None = None
    home_visit: HomeVisit | None = None
    checklist: tuple[CheckSection, ...] = ()
    departures: tuple[Departure, ...] = ()

    def __post_init__(self) -> None:
        for name in self.clocks:
            if name.endswith("_code"):
                raise ValueError(f"clocks.{name} is the Code's, not the landlord's")
        for what, ids in self._ids().items():
            twice = sorted({one for one in ids if ids.count(one) > 1})
            if twice:
                raise ValueError(f"{what} has {', '.join(twice)} more than once")
        lines = self._ids()["checklist"]
        for section in self.checklist:
            for item in section.items:
                if item.after and item.after not in lines:
                    raise ValueError(f"checklist line {item.id} comes after {item.after}, which is not there")

    def _ids(self) -> dict[str, list[str]]:
        return {
            "exclusions": [one.id for one in self.exclusions],
            "escalation.refusals": [one.id for one in self.escalation.refusals],
            "checklist": [item.id for section in self.checklist for item in section.items],
        }
