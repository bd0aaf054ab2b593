"""Sums of money in what people write: which stand there, and which are given or promised to the resident.

A payment is recorded as money, with its breakdown and whoever may approve it (Code 7.3). Written as prose it
would go past all of that. Quoting a sum is no payment: what the resident paid, what the rent is, what she asks
for. Where a remedy is described, a sum counts as given unless its sentence says what else it is; in reasons, only
where the sentence says that we give it. It looks at English, which is what staff write.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBERS = (
    "an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|few|couple of"
)
# Neither goes on for ever: a text of nothing but digits or number words would take minutes to look through.
_IN_WORDS = rf"\b(?:{_NUMBERS})(?:[\s-]{{1,3}}(?:and[\s-]{{1,3}})?(?:{_NUMBERS})){{0,9}}"
_FIGURES = r"(?P<{0}>\d(?:[\d,]{{0,15}}\d)?(?:\.\d{{1,6}})?)"
_PAYING = r"(?:pay|repay|refund|reimburse|credit|compensation of|payment of|refund of)"
_SUM = re.compile(
    rf"[£$€]\s?{_FIGURES.format('after')}(?P<many>k\b)?"
    rf"|\bGBP\s?{_FIGURES.format('code')}"
    # Not a year before a sum, "by March 2025 £150", and no hour: "at 3 p.m."
    rf"|{_FIGURES.format('before')}\s?(?:£(?!\s?\d)|GBP\b(?!\s?\d)|pounds?\b(?!\s(?-i:[A-Z]))|quid\b)"
    rf"|{_FIGURES.format('pence')}\s?(?:pence\b|p\b(?!\.\s?m\b|\sm\b))"
    rf"|{_IN_WORDS}\s(?:pounds?|quid)\b"
    # A bare number behind a word for paying: "We pay you 150 for the delay."
    rf"|\b{_PAYING}\s(?:(?:you|her|him|them|back|another|a further|a total of)\s)*{_FIGURES.format('bare')}"
    r"(?=\s*(?:$|[.,;:!]|(?:for|to|by|in|on|as|and|or|within|into|because)\b))",
    re.IGNORECASE,
)

_MONEY_VERBS = (
    r"re?pa(?:y|id)\w*|pay\w*|paid|refund\w*|reimburs\w*|compensat\w*|credit\w*|award\w*|waiv\w*|rebate\w*|"
    r"discount\w*|deduct\w*|goodwill|vouchers?|gift\w*|cheques?|cash|knock\w*|"
    r"(?:writ(?:e|es|ing|ten)|wip(?:e|es|ing|ed)|tak(?:e|es|ing|en)|let)\b[^.;]{0,60}?\boff"
)
_OTHER_VERBS = (
    r"giv(?:e|es|ing|en)|offer\w*|send\w*|transfer\w*|grant\w*|contribut\w*|cover\w*|get|gets|receive\w*|"
    r"add\w*|put\w*|settle\w*|top(?:s|ping)?[- ]up"
)
_GIVES = re.compile(rf"\b(?:{_MONEY_VERBS})\b", re.IGNORECASE)
_GIVES_SOMETHING = re.compile(rf"\b(?:{_OTHER_VERBS})\b", re.IGNORECASE)
_SOMEBODY_ELSE = r"(?:you|she|he|they|the (?:resident|tenant|customer|neighbour)|nobody|everybody)"
_OWN = re.compile(
    rf"\b{_SOMEBODY_ELSE} (?:(?:have|has|had|already|also|first|still|should|must|will|never|were|are|was|is) )*"
    r"(?:pays?|paid|paying|spent|spend|owe|owes|owed|charged|billed|told to pay|asked to pay)\b",
    re.IGNORECASE,
)
_FROM_TO = re.compile(
    r"\bfrom [£$€]?[\d,.]+(?: (?:a|per) \w+)? to [£$€]?[\d,.]*\d(?: (?:a|per) \w+)?", re.IGNORECASE
)
_SAID_WHAT = re.compile(
    r"\b(?:rents?|charg(?:e|es|ed)|costs?|prices?|bills?|invoices?|balance|arrears|ow(?:e|es|ed|ing)|deposits?|fees?|"
    r"rates?|worth|values?|budget|loan|fines?)\b",
    re.IGNORECASE,
)

_GIVERS = r"(?:we|I|our \w+(?: \w+){0,2}?|the (?:landlord|association|contractor|council))"
_BEFORE = (
    r"(?:(?:will|shall|can|do|(?:are|am) going to|would like to|want to|wish to|promise to|agree to|"
    r"have agreed to|have decided to|decided to|are happy to|now|also|therefore|then|gladly|still|hereby) )*"
)
_BASE = (
    r"(?:pay|repay|refund|reimburse|compensate|credit|award|give|offer|transfer|waive|write off|wipe off|"
    r"take|deduct|contribute|cover|send|put|add|"
    r"(?:are|am) (?:paying|refunding|offering|giving|crediting|awarding|sending))"
)
_PASSIVE = r"be (?:paid|refunded|given|credited|sent|awarded|reimbursed)"
_AS_A_NOUN = r"(?:compensation|payment|refund|goodwill(?: gesture| payment)?|award|offer)"
# The sum comes behind these words, or before those.
_PROMISES_NEXT = re.compile(
    rf"\b{_GIVERS} {_BEFORE}{_BASE}\b"
    rf"|\b{_GIVERS} [^,;]{{0,60}}?\band {_BEFORE}{_BASE}\b"
    rf"|\byou (?:will|shall|are going to) (?:now |also )?(?:get|receive|have|{_PASSIVE})\b"
    rf"|\b{_AS_A_NOUN} ?[:=]"
    rf"|^(?:an? |our )?(?:\w+ )?(?:{_AS_A_NOUN}|credit|voucher) of\b",
    re.IGNORECASE,
)
_PROMISED_LAST = re.compile(
    rf"\b(?:(?:will|shall|is to|are to) (?:now |also )?{_PASSIVE}|is offered|is due to you)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Written:
    """A sum as somebody wrote it; in pence, or None where it is in words. `at` is its place in the sentence."""

    text: str
    pence: int | None
    at: int = 0


def given(text: str) -> list[Written]:
    """The sums that a remedy or a promise gives: all but those whose sentence says what else they are."""
    return [one for sentence in _sentences(text) if _is_given(sentence) for one in _sums(sentence)]


def promised(text: str) -> list[Written]:
    """The sums that reasons or an answer say we give, now or later; not what was paid, asked for or refused."""
    found = []
    for sentence in _sentences(text):
        begins, ends = _PROMISES_NEXT.search(sentence), [m.end() for m in _PROMISED_LAST.finditer(sentence)]
        for one in _sums(sentence):
            if (begins and one.at >= begins.start()) or (ends and one.at < ends[-1]):
                found.append(one)
    return found


def named(text: str) -> list[Written]:
    """Every sum in a text, in any language that writes it with a pound sign or in these words."""
    return [one for sentence in _sentences(text) for one in _sums(sentence)]


def _is_given(sentence: str) -> bool:
    ours = _OWN.sub(" ", _FROM_TO.sub(" ", sentence))
    if _GIVES.search(ours):
        return True
    says_what = bool(_OWN.search(sentence) or _FROM_TO.search(sentence) or _SAID_WHAT.search(sentence))
    return not says_what or (bool(_GIVES_SOMETHING.search(ours)) and not _SAID_WHAT.search(sentence))


def _sentences(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text)
    return [one.strip() for one in re.split(r"[.!?](?=\s|$)|[;\n]+", plain) if one.strip()]


def _sums(sentence: str) -> Iterator[Written]:
    for match in _SUM.finditer(sentence):
        figures = next((match[name] for name in ("after", "code", "before", "bare") if match[name]), None)
        pence = None
        if figures is not None:
            pence = _pence(figures) * (1000 if match["many"] else 1)
        elif match["pence"]:
            pence = _pence(match["pence"]) // 100
        yield Written(match.group().strip(), pence, match.start())


def _pence(figures: str) -> int:
    pounds, _, rest = figures.replace(",", "").partition(".")
    return int(pounds or 0) * 100 + int((rest + "00")[:2])
