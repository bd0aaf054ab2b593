"""Specimen letters with every fact filled in, for any landlord, and catalogues of filler in any language."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from shared import i18n
from shared.config import ROOT
from shared.letters import facts as f
from shared.letters import render
from shared.letters.facts import LetterFacts, Words
from shared.policy import load
from shared.policy.policy import Policy
from shared.vocab import Channel, Finding, LetterKind

SENT_ON = date(2026, 11, 23)
LANDLORDS = load.available()
# Everyday words of each language, enough to see its letters join and its lines break.
FILLER = {
    "ar": "شكوى منزل إصلاح سقف رسالة جواب اليوم نحن المياه الجدار الشقة الأسرة",
    "fa": "شکایت خانه تعمیر سقف نامه پاسخ امروز ما آب دیوار پنجره خانواده",
    "ur": "شکایت گھر مرمت چھت خط جواب آج ہم پانی دیوار کھڑکی خاندان",
    "bn": "অভিযোগ বাড়ি মেরামত ছাদ চিঠি উত্তর আজ আমরা পানি দেয়াল জানালা পরিবার",
    "hi": "शिकायत घर मरम्मत छत पत्र उत्तर आज हम पानी दीवार खिड़की परिवार",
    "zh_Hant": "投訴 房屋 維修 屋頂 信件 答覆 今天 我們 漏水 牆壁 窗戶 家人",
    "pl": "skarga mieszkanie naprawa dach pismo odpowiedź dzisiaj gdzieś woda ściana okno rodzina",
}


def landlord(policy: Policy) -> f.Landlord:
    """How a letter names this landlord."""
    contact = policy.landlord.contact
    return f.Landlord(
        name=policy.landlord.name,
        short=policy.landlord.short_name,
        phone=contact.phone,
        email=contact.email,
        web=contact.website,
        post=contact.post,
        team=contact.team,
        visit=contact.reception,
    )


def full(kind: LetterKind, slug: str = "halton", **changes: Any) -> LetterFacts:
    """A letter of this kind with everything that any rule could ask for."""
    policy = load.load(slug, on=SENT_ON)
    ombudsman = policy.ombudsman(SENT_ON)
    second = kind in {LetterKind.ACKNOWLEDGEMENT_2, LetterKind.RESPONSE_2, LetterKind.ESCALATION_DECLINED}
    names = policy.landlord.stages.words
    facts = LetterFacts(
        kind=kind,
        reference="RED-2026-00042",
        sent_on=SENT_ON,
        landlord=landlord(policy),
        ombudsman=f.Ombudsman(ombudsman.name, ombudsman.form_url, ombudsman.phone, ombudsman.post),
        recipient_name="Amina Begum",
        recipient_address=("4 Elm Court", "Widnes", "WA8 1AA"),
        resident_name="Amina Begum",
        home="4 Elm Court, Widnes, WA8 1AA",
        stage=2 if second else 1,
        stage_name=names.stage_2 if second else names.stage_1,
        next_stage_name="" if second else names.stage_2,
        received_on=date(2026, 11, 16),
        escalated_on=date(2026, 11, 20),
        final_response=kind is LetterKind.RESPONSE_2,
        own_words=Words("The roof has leaked since May.\n\nNobody came."),
        escalation_words=Words("The roof still leaks."),
        understanding=Words("Your roof has leaked since May, and nobody came."),
        points=(
            f.PointFact(
                number=1,
                text=Words("The roof was not mended."),
                finding=Finding.UPHELD,
                reasons=Words("It took 40 days. Our rule is 20 days."),
                basis=(Words("Repairs policy, section 3"),),
                went_wrong=Words("We missed two visits. We are sorry."),
            ),
            f.PointFact(
                number=2,
                text=Words("Nobody called back."),
                finding=Finding.NOT_UPHELD,
                reasons=Words("Our record shows three calls."),
                basis=(Words("Customer promise, page 2"),),
            ),
        ),
        outcomes_sought=(Words("Mend the roof"), Words("Say sorry")),
        responsible_for=(Words("The roof"),),
        not_responsible_for=(Words("The tree next door, which is not ours"),),
        handler=f.Handler("Sam Ali", "Complaints Officer", "0151 496 0000", "sam.ali@landlord.example"),
        due_on=date(2026, 12, 7),
        due_days=10,
        due_from="acknowledged",
        due_from_on=SENT_ON,
        first_contact_by=date(2026, 11, 26),
        contact_by=Channel.PHONE,
        contact_every=Words("every Monday"),
        adjustments=(Words("Large print"),),
        stages=(f.StageTimes(names.stage_1, 5, 10, 10), f.StageTimes(names.stage_2, 5, 20, 20)),
        decision=Words("We agree that we should have mended the roof sooner."),
        steps_taken=(Words("We read the repair record"), Words("We talked to the roofer")),
        contributors=("Repairs team",),
        apology=Words("We are sorry that you had to wait so long."),
        remedies=(
            f.RemedyFact(
                text=Words("A payment for the worry and the wait"),
                kind="money",
                amount_pence=125_000,
                breakdown=(f.Sum(Words("The worry"), 100_000), f.Sum(Words("The wait"), 25_000)),
                by_on=date(2026, 12, 14),
            ),
            f.RemedyFact(
                text=Words("We put new tiles on the roof"), kind="action", done_on=date(2026, 11, 20)
            ),
        ),
        commitments=(f.CommitmentFact(Words("Mend the gutter"), "Repairs team", date(2026, 12, 18)),),
        learning=Words("We now check every open roof repair each week."),
        support=(Words("Citizens Advice"),),
        previous_response_on=date(2026, 11, 18),
        previous_handler=f.Handler("Jo Bell", "Housing Officer"),
        escalate_by=date(2026, 12, 21),
        review_by="Operations Manager",
        panel_offer=Words("You can meet the residents' panel about this."),
        extension=f.ExtensionFact(
            old_due_on=date(2026, 12, 7),
            new_due_on=date(2026, 12, 21),
            latest_on=date(2026, 12, 21),
            reason=Words("The roof report is not ready."),
            so_far=Words("Two tiles are missing."),
            agreement_asked=True,
        ),
        refusal=f.RefusalFact(
            ground=Words("This happened more than 12 months ago."),
            clause="Complaint Handling Code 2024, 2.2",
            reasons=Words("The repair was finished in May 2024."),
            evidence=(Words("The repair record of May 2024"),),
            discretion=Words("We asked why you could not tell us sooner."),
            advice=Words("Our repairs team can look at new damage."),
        ),
        questions=(Words("When did the leak start?"),),
        answer_by=date(2026, 11, 30),
        update=Words("A surveyor looked at the roof today."),
        moved=f.MovedFact(Words("Mend the gutter"), date(2026, 12, 4), date(2026, 12, 18)),
        definition_changed=True,
        next_update_on=date(2026, 11, 30),
        promises_done=(f.CommitmentFact(Words("Clean the drain"), "Repairs team", None, date(2026, 11, 20)),),
        closing_reason=Words("You told us that this is put right."),
        survey_link="https://portal.example/en/feedback?a=1&b=2",
        representative_name="Sam Ali",
        consent_scope=Words("Everything in this complaint"),
        consent_link="https://portal.example/en/consent",
        portal_link="https://portal.example/en/my-complaint",
    )
    return replace(facts, **changes)


def bare(kind: LetterKind) -> LetterFacts:
    """A letter of which nothing is known but to whom it goes."""
    known = full(kind)
    return LetterFacts(kind, known.reference, SENT_ON, known.landlord, known.ombudsman, known.recipient_name)


def rows(kind: LetterKind, slug: str = "halton") -> Any:
    """What the Code and this landlord ask of the letter."""
    return load.load(slug, on=SENT_ON).letter_parts(kind)


def _in_words(text: str, words: Iterator[str]) -> str:
    """Every word of a text replaced, its placeholders and punctuation kept."""
    return re.sub(r"%\(\w+\)s|[^\s%.,:()?!]+", lambda at: at[0] if at[0][0] == "%" else next(words), text)


@contextmanager
def languages_in(folder: Path) -> Iterator[None]:
    """Let letters find their catalogues in this folder."""
    ours, i18n.FOLDER = i18n.FOLDER, folder
    _forget()
    try:
        yield
    finally:
        i18n.FOLDER = ours
        _forget()


def _forget() -> None:
    i18n.languages.cache_clear()
    render._catalogue.cache_clear()
    render._environment.cache_clear()


def filler_catalogues(folder: Path) -> None:
    """Catalogues in which every text of the letters reads as filler in each language, placeholders kept."""
    messages = {
        message
        for under in ("templates/letters", "shared/letters")
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / under,
            method_map=[("**.html", "jinja2"), ("**.py", "python")],
            options_map={"**.html": {"newstyle_gettext": "true"}},
        )
    }
    for code in (*FILLER, "en"):
        catalogue = Catalog(locale=Locale.parse(code))
        words = itertools.cycle(FILLER.get(code, "").split() or [""])
        for message in sorted(messages, key=str):
            singular = message[0] if isinstance(message, tuple) else message
            if code == "en":
                continue
            said = _in_words(singular, words)
            plural = (said,) * catalogue.num_plurals
            catalogue.add(message, plural if isinstance(message, tuple) else said)
        place = folder / code / "LC_MESSAGES"
        place.mkdir(parents=True)
        (place / "messages.po").write_text('msgid ""\nmsgstr ""\n', encoding="utf-8")
        with (place / "messages.mo").open("wb") as stream:
            write_mo(stream, catalogue)
