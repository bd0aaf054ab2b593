"""From words in any script to the tokens that both databases index, and the same from what somebody asks."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

# Letters that Unicode does not decompose but people type for one another.
_FOLD = str.maketrans(
    {
        "ł": "l",
        "ß": "ss",
        "ø": "o",
        "đ": "d",
        "ي": "ی",
        "ى": "ی",
        "ك": "ک",
        "ة": "ه",
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ؤ": "و",
        "ئ": "ی",
        "ہ": "ه",
        "ھ": "ه",
        "ۃ": "ه",
        "ە": "ه",
        "\u0640": None,  # Arabic tatweel
        "\u200d": None,
    }
)
HAN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff])")
# Combining accents go; Indic vowel signs are marks too, but carry meaning: those stay.
_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u065f\u0670\u06d6-\u06ed]")
_WORD = re.compile(r"[^\W_]+(?:[\u0900-\u0dff]+[^\W_]*)*", re.UNICODE)
_ARTICLE = re.compile(r"^[وفبکل]?(?:ال|لل)(?=\w{3})")  # "the" and "and the", written onto the Arabic word
NON_JOINER = "\u200c"  # written or left out at will in Persian: می‌شود, می شود, میشود


def plain(words: str) -> str:
    """Lower-case text with accents, Arabic letter variants and digits of all scripts folded."""
    if words.isascii():
        return words.lower()
    folded = unicodedata.normalize("NFKD", words.casefold().translate(_FOLD)).translate(_FOLD)
    folded = _MARKS.sub("", folded)
    return "".join(str(d) if (d := unicodedata.digit(c, None)) is not None else c for c in folded)


def tokens_of(words: str) -> list[str]:
    """The tokens of a text in their order; every Han letter is one."""
    return _WORD.findall(HAN.sub(r" \1 ", plain(words.replace(NON_JOINER, " "))))


def pairs(tokens: Sequence[str]) -> list[str]:
    """Two Han letters that stand together, as one token each: most Chinese words are such a pair.

    A pair is looked up like any word. A phrase of two letters that are in every other case would be looked for in
    each of them.
    """
    beside = pairwise(tokens)
    return [one + next_ for one, next_ in beside if HAN.fullmatch(one) and HAN.fullmatch(next_)]


def index_tokens(words: str) -> list[str]:
    """The tokens under which a text is found: its own, and the other ways in which people write its words."""
    found = tokens_of(words)
    extra = [_ARTICLE.sub("", token) for token in found if _ARTICLE.match(token)]
    if NON_JOINER in words:
        extra += [t for w in words.split() if NON_JOINER in w for t in tokens_of(w.replace(NON_JOINER, ""))]
    return found + [token for token in dict.fromkeys(extra + pairs(found)) if token]


def phone_token(phone: str) -> str:
    """A phone number as one token in national form, so that any spacing, +44 or 0044 finds it."""
    digits = re.sub(r"\D", "", plain(phone))
    if digits.startswith("0044"):
        digits = digits[4:]
    elif digits.startswith("44") and len(digits) > 10:
        digits = digits[2:]
    return digits.lstrip("0")


def postcode_forms(postcode: str) -> str:
    """A postcode with and without its space, however it was typed."""
    bare = "".join(postcode.split())
    return f"{bare} {bare[:-3]} {bare[-3:]}" if len(bare) > 4 else bare
