"""The one frozen set of facts that every letter is written from.

Letters know nothing of the database, the policy files or the request: the case service fills this struct
with plain values and the templates only lay them out, so a letter can be made, checked and tested anywhere.
A field left at its default is a fact that is missing; the templates leave the part out and the gate names it.

Money is whole pence, days are London dates, languages are BCP 47 codes (`en`, `ar`, `zh-Hant`).
"""

from dataclasses import dataclass
from datetime import date

from shared.vocab import Channel, Finding, LetterKind


@dataclass(frozen=True, slots=True)
class Words:
    """Text that a person wrote, with the language it is in, so that no letter passes English off as Arabic.

    `translation` is in the letter's language, recorded by a person. Without it, a letter in another language
    shows the original, marked with its own language and direction, and says that a translation is on its way.
    """

    text: str
    language: str = "en"
    translation: str | None = None

    def __bool__(self) -> bool:
        return bool(self.text.strip())


@dataclass(frozen=True, slots=True)
class Landlord:
    """How a letter names the landlord and says how to reach it. Stage names are the landlord's own."""

    name: str
    short: str
    phone: str
    email: str
    web: str
    post: tuple[str, ...]
    hours: str = ""
    team: str = ""
    """Who signs when no handler is named, such as the complaints team."""
    textphone: str = ""
    visit: tuple[str, ...] = ()
    """Address of an office that residents may walk into."""
    language_lines: tuple[Words, ...] = ()
    """The landlord's own sentence about help in another language, one Words for each language."""


@dataclass(frozen=True, slots=True)
class Ombudsman:
    """How to reach the Housing Ombudsman: one dated record outside the templates, since addresses change."""

    name: str
    form: str
    phone: str
    post: tuple[str, ...]
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Handler:
    """The person who deals with the complaint at this stage."""

    name: str
    job: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class PointFact:
    """One point of the complaint definition, and our decision on it (Code 5.6, 6.7, 6.9)."""

    number: int
    text: Words
    finding: Finding | None = None
    reasons: Words | None = None
    basis: tuple[Words, ...] = ()
    """The policy, law or good practice that we relied on (Code 6.7)."""
    went_wrong: Words | None = None
    """What went wrong, in our words. This or `apology` is needed when we agree with the point (Code 7.1)."""
    apology: Words | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """One line of the breakdown of a payment."""

    text: Words
    pence: int


@dataclass(frozen=True, slots=True)
class RemedyFact:
    """One thing we will do, or have done, to put matters right (Code 7.1 to 7.3)."""

    text: Words
    kind: str = ""
    amount_pence: int | None = None
    breakdown: tuple[Sum, ...] = ()
    by_on: date | None = None
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class CommitmentFact:
    """An action still owed after the answer, with its owner and day (Code 6.6, 6.17), or one now done."""

    text: Words
    owner: str = ""
    """The team or job that delivers it; letters do not generally name colleagues who are not the handler."""
    due_on: date | None = None
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class MovedFact:
    """A promise that gets another day (Code 7.3): the resident learns of it before the old one."""

    text: Words
    old_on: date | None
    new_on: date


@dataclass(frozen=True, slots=True)
class ExtensionFact:
    """More time for an answer (Code 6.4, 6.15): why, until when, and what the resident said."""

    old_due_on: date | None
    new_due_on: date | None
    reason: Words | None
    latest_on: date | None = None
    """The last day the Code or the landlord allows for this extension."""
    so_far: Words | None = None
    """What we have found so far."""
    agreement_asked: bool = False
    agreed: bool | None = None
    """True or False once the resident answered, None while we do not know."""
    late: bool = False
    """We tell the resident only after the old day; the letter then owns up to it."""
    exceptional: bool = False
    """A further extension, or one past the Code's limit: only ever with the resident's agreement."""


@dataclass(frozen=True, slots=True)
class RefusalFact:
    """Why we do not take on a complaint or an escalation (Code 2.2 to 2.5, 5.11)."""

    ground: Words | None
    clause: str = ""
    """Where the ground stands: a clause of the Code or of the landlord's policy."""
    reasons: Words | None = None
    evidence: tuple[Words, ...] = ()
    discretion: Words | None = None
    """How we weighed the resident's own circumstances and whether to make an exception (Code 2.3, 2.5)."""
    advice: Words | None = None
    """Where else the resident can turn with this matter."""


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Working days at one stage, for the page that shows the way of a complaint."""

    name: str
    acknowledge_days: int
    respond_days: int
    extend_days: int


@dataclass(frozen=True, slots=True)
class DatedFact:
    """Another date that the resident should know, such as the inspection of a hazard."""

    text: Words
    on: date


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """Everything a letter may say. Fill what the case knows; leave the rest alone."""

    # Which letter, to whom, when
    kind: LetterKind
    reference: str
    sent_on: date
    landlord: Landlord
    ombudsman: Ombudsman
    recipient_name: str
    """Who opens the letter: the resident, or the representative who acts for them."""
    recipient_address: tuple[str, ...] = ()
    resident_name: str = ""
    """Whose complaint it is; a letter to a representative says so when this differs from the recipient."""
    home: str = ""
    """The home that the complaint is about, on one line."""
    language: str = "en"
    large_print: bool = False
    in_remit: bool = True
    """False when this person may not use the Housing Ombudsman; the letter then adds independent advice."""

    # Where the complaint stands
    stage: int | None = None
    """1 or 2: the Code knows no other (5.2, 5.3)."""
    stage_name: str = ""
    """What this landlord calls the stage."""
    next_stage_name: str = ""
    received_on: date | None = None
    escalated_on: date | None = None
    """The day on which we received the request for stage 2."""
    final_response: bool = False

    # What the complaint is (Code 5.6: the definition is our understanding and the outcomes sought)
    own_words: Words | None = None
    """What the resident wrote or said, untouched."""
    escalation_words: Words | None = None
    """Why the resident asks for stage 2, if they chose to say (never required, Code 6.12)."""
    understanding: Words | None = None
    points: tuple[PointFact, ...] = ()
    outcomes_sought: tuple[Words, ...] = ()
    outcomes_unsure: bool = False
    """The resident told us that they do not know yet what would put it right."""
    responsible_for: tuple[Words, ...] = ()
    not_responsible_for: tuple[Words, ...] = ()
    responsible_for_all: bool = False
    """Nothing in the complaint lies outside our responsibility, and we say so (Code 5.7)."""

    # Who deals with it and by when
    handler: Handler | None = None
    due_on: date | None = None
    due_days: int | None = None
    """Working days behind `due_on`, counted from `due_from_on`."""
    due_from: str = ""
    """What `due_days` counts from: received, logged, acknowledged or escalated."""
    due_from_on: date | None = None
    first_contact_by: date | None = None
    contact_by: Channel | None = None
    """How the resident asked us to keep in touch."""
    contact_every: Words | None = None
    adjustments: tuple[Words, ...] = ()
    """What we do differently for this resident: needs, never a diagnosis."""
    stages: tuple[StageTimes, ...] = ()
    """Both stages with their days, for the section that shows what happens to a complaint."""
    other_dates: tuple[DatedFact, ...] = ()

    # The answer (Code 6.9, 6.19)
    decision: Words | None = None
    steps_taken: tuple[Words, ...] = ()
    contributors: tuple[str, ...] = ()
    """Teams or jobs that helped us to look into it."""
    apology: Words | None = None
    remedies: tuple[RemedyFact, ...] = ()
    no_remedy_reason: Words | None = None
    """Why we offer none: needed when there are no remedies."""
    commitments: tuple[CommitmentFact, ...] = ()
    nothing_outstanding: bool = False
    """No action is left for us to do, and we say so."""
    learning: Words | None = None
    support: tuple[Words, ...] = ()
    """Other places that can help the resident."""
    previous_response_on: date | None = None
    previous_handler: Handler | None = None
    escalate_by: date | None = None
    """The last day to ask for stage 2, or None when the landlord sets none."""
    review_by: str = ""
    """The job of the person who would look at the complaint at the next stage."""
    panel_offer: Words | None = None
    """A meeting with a panel of residents, where the landlord has one."""

    # Particular letters
    extension: ExtensionFact | None = None
    refusal: RefusalFact | None = None
    questions: tuple[Words, ...] = ()
    """What we need to ask before we can be sure that we understand the complaint."""
    answer_by: date | None = None
    update: Words | None = None
    moved: MovedFact | None = None
    definition_changed: bool = False
    """We understand the complaint otherwise than the resident last read (Code 5.6)."""
    next_update_on: date | None = None
    promises_done: tuple[CommitmentFact, ...] = ()
    closing_reason: Words | None = None
    ended_quickly: bool = False
    """Put right at once with the resident's agreement; a formal answer is still theirs to ask for (Code 5.2)."""
    survey_link: str = ""
    representative_name: str = ""
    consent_scope: Words | None = None
    consent_until: date | None = None
    consent_link: str = ""

    # The way back to us
    portal_link: str = ""
    access_code: str | None = None
    """Shown on a receipt only, and only when the resident asked to have it in writing."""
