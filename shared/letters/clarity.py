"""Advice on a draft: is it easy to read, kind, and true to the record? Nothing here ever stops a letter.

The gate says what must be in a letter; these notes say what would make it better. They look only at what
people wrote in English: our own wording is held to the same measure by the tests. The reading age follows the
Flesch-Kincaid grade, which counts words to a sentence and syllables to a word; it is an estimate, so a note
points at the sentence rather than giving a mark.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from shared.letters import sums
from shared.letters.facts import LetterFacts, Words
from shared.letters.jargon import HARSH, JARGON, KNOWN_SHORT_FORMS
from shared.vocab import Finding

READING_AGE = 11
"""The age that residents' letters aim at; a passage is remarked on from two years above it."""
LONG_SENTENCE = 25
# What the resident said is theirs, and an Ombudsman's or landlord's address is nobody's prose.
_NOT_OURS = {"own_words", "escalation_words", "outcomes_sought", "landlord", "ombudsman"}
_MONTHS = list(calendar.month_name)[1:]
_DATE = re.compile(
    r"(?:\b(?P<weekday>Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? (?:the )?)?"
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{'|'.join(_MONTHS)})(?:,? (?P<year>\d{{4}}))?"
    r"|\b(?P<d>\d{1,2})[/.](?P<m>\d{1,2})[/.](?P<y>\d{4})\b",
    re.IGNORECASE,
)
_WEEKDAYS = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.? ([A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*)")
_PROMISE = re.compile(
    r"\b(?:we|I|our \w+(?: \w+)?|they|he|she) (?:will|shall|are going to|promise to)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Note:
    """One piece of advice: `about` is reading, sentence, jargon, tone, apology, name, date or money."""

    about: str
    where: str
    """The field of the draft, such as `points.1.reasons`."""
    text: str


def notes(facts: LetterFacts) -> list[Note]:
    """All advice on a draft, in the order of the letter; empty when there is nothing to say."""
    found: list[Note] = []
    for where, words in _ours(facts):
        if words.language.split("-")[0] == "en":
            found += _reading(where, words.text)
            found += _wording(where, words.text)
            found += _against_record(where, words.text, facts)
    found += _apologies(facts)
    return list(dict.fromkeys(found))


def reading_age(text: str) -> float:
    """The age at which a child at school in England would read this with ease; 5 for an empty text."""
    sentences, words = _sentences(text), _words_of(text)
    if not words:
        return 5.0
    syllables = sum(map(_syllables, words))
    grade = 0.39 * len(words) / max(1, len(sentences)) + 11.8 * syllables / len(words) - 15.59
    return max(5.0, round(grade + 5, 1))


def _ours(facts: LetterFacts) -> Iterator[tuple[str, Words]]:
    """Every text that we wrote, with the path of its field."""

    def walk(value: Any, path: str) -> Iterator[tuple[str, Words]]:
        if isinstance(value, Words):
            if value:
                yield path, value
        elif isinstance(value, tuple):
            for number, one in enumerate(value, 1):
                yield from walk(one, f"{path}.{number}")
        elif is_dataclass(value):
            for field in fields(value):
                if field.name not in _NOT_OURS:
                    yield from walk(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))

    return walk(facts, "")


def _sentences(text: str) -> list[str]:
    return [
        piece.strip()
        for piece in re.split(r"(?<=[.!?])\s+(?=[A-Z“\"'(])|\n\s*\n|\n(?=[-•*])", text)
        if piece.strip()
    ]


def _words_of(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+(?:[’'-][A-Za-z]+)*", text)


def _syllables(word: str) -> int:
    """Groups of vowels, less a silent e: right often enough for an average."""
    word = re.sub(r"[^a-z]", "", word.lower())
    count = len(re.findall(r"[aeiouy]+", word))
    if word.endswith("e") and not word.endswith(("le", "ee", "ye")) and count > 1:
        count -= 1
    if re.search(r"[^td]ed$", word) and count > 1:
        count -= 1
    return max(1, count)


def _reading(where: str, text: str) -> Iterator[Note]:
    if len(_words_of(text)) >= 20 and (age := reading_age(text)) >= READING_AGE + 2:
        yield Note(
            "reading", where, f"This reads like a text for age {age:.0f}. Aim for {READING_AGE} or below."
        )
    for sentence in _sentences(text):
        if (length := len(_words_of(sentence))) > LONG_SENTENCE:
            yield Note(
                "sentence", where, f"{length} words in one sentence: “{_short(sentence)}”. Make two of it."
            )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57].rsplit(" ", 1)[0] + "…"


def _wording(where: str, text: str) -> Iterator[Note]:
    for term, plain in JARGON.items():
        if (match := re.search(rf"\b{term}\b", text, re.IGNORECASE)) and not _explained(text, match.end()):
            yield Note("jargon", where, f"“{match.group()}”: say “{plain}”, or explain it.")
    for term, plain in HARSH.items():
        if match := re.search(rf"\b{term}\b", text, re.IGNORECASE):
            yield Note("tone", where, f"“{match.group()}” can hurt or sound cold: {plain}.")
    for match in re.finditer(r"\b[A-Z]{2,6}s?\b", text):
        known = match.group().rstrip("s") in KNOWN_SHORT_FORMS or f"({match.group()})" in text
        if not known and not _explained(text, match.end()):
            yield Note("jargon", where, f"“{match.group()}”: write it out the first time.")


def _explained(text: str, end: int) -> bool:
    return bool(re.match(r"\s*(?:\(|[,:–-]? ?(?:which (?:is|means)|that is|meaning|means)\b)", text[end:]))


def _apologies(facts: LetterFacts) -> Iterator[Note]:
    said = re.compile(r"\b(?:sorry|apolog)", re.IGNORECASE)

    def sorry(*many: Words | None) -> bool:
        return any(
            words and (words.language.split("-")[0] != "en" or said.search(words.text)) for words in many
        )

    for index, point in enumerate(facts.points, 1):
        agreed = point.finding in {Finding.UPHELD, Finding.PARTLY_UPHELD}
        if agreed and not sorry(point.went_wrong, point.apology, facts.apology):
            yield Note(
                "apology",
                f"points.{index}",
                f"We agree with point {point.number}, but nowhere say sorry for it.",
            )


def _against_record(where: str, text: str, facts: LetterFacts) -> Iterator[Note]:
    yield from _names(where, text, facts)
    yield from _days(where, text, facts)
    recorded = {remedy.amount_pence for remedy in facts.remedies} | {
        line.pence for remedy in facts.remedies for line in remedy.breakdown
    }
    for one in sums.promised(text):
        if one.pence not in recorded:
            yield Note("money", where, f"{one.text} is promised here, but is not among the remedies.")


def _names(where: str, text: str, facts: LetterFacts) -> Iterator[Note]:
    people = [facts.recipient_name, facts.resident_name, facts.representative_name]
    people += [handler.name for handler in (facts.handler, facts.previous_handler) if handler]
    known = {part.lower() for name in people for part in re.findall(r"[\w’'-]+", name)}
    for match in _TITLED.finditer(text):
        if match[1].split()[-1].lower() not in known:
            yield Note("name", where, f"“{match.group()}” is nobody on this complaint. Is the name right?")


def _days(where: str, text: str, facts: LetterFacts) -> Iterator[Note]:
    """Days that do not exist, fall on another weekday, or differ from what the case says."""
    promised = _promised_days(facts)
    for sentence in _sentences(text):
        for match in _DATE.finditer(sentence):
            on = _day_of(match, facts.sent_on)
            if on is None:
                yield Note("date", where, f"“{match.group()}” is not a day in the calendar.")
                continue
            weekday = match["weekday"]
            if weekday and _WEEKDAYS[on.weekday()] != weekday.lower():
                yield Note("date", where, f"“{match.group()}” is a {on:%A}.")
            before = sentence[: match.start()]
            received = re.search(
                r"\b(?:you complained|your complaint|complaint was received|received it)\b[^,;]*$",
                before,
                re.IGNORECASE,
            )
            if received and facts.received_on and on not in {facts.received_on, facts.escalated_on}:
                text_of = f"{facts.received_on:%d %B %Y}".lstrip("0")
                yield Note(
                    "date",
                    where,
                    f"“{match.group()}”: our record says that we received the complaint on {text_of}.",
                )
            elif _PROMISE.search(before) and on >= facts.sent_on and on not in promised:
                yield Note(
                    "date",
                    where,
                    f"“{match.group()}” is promised here, but is not among the actions or remedies.",
                )


def _promised_days(facts: LetterFacts) -> set[date | None]:
    days: set[date | None] = {remedy.by_on for remedy in facts.remedies}
    days |= {promise.due_on for promise in facts.commitments} | {other.on for other in facts.other_dates}
    days |= {facts.due_on, facts.escalate_by, facts.next_update_on, facts.first_contact_by, facts.answer_by}
    return days | ({facts.extension.new_due_on} if facts.extension else set())


def _day_of(match: re.Match[str], near: date) -> date | None:
    """The day that a match means; without a year, the one nearest to the letter's own date."""
    if match["d"]:
        day, month, year = int(match["d"]), int(match["m"]), match["y"]
    else:
        day, month, year = int(match["day"]), _MONTHS.index(match["month"].capitalize()) + 1, match["year"]
    found = []
    for candidate in [int(year)] if year else [near.year - 1, near.year, near.year + 1]:
        try:
            found.append(date(candidate, month, day))
        except ValueError:
            continue
    return min(found, key=lambda on: abs(on - near)) if found else None
