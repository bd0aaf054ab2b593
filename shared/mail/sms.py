"""What fits into text messages: the letters of the GSM alphabet (3GPP TS 23.038), or any at less than half."""

import unicodedata

from shared.config import Config

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWICE = frozenset("^{}\\[~]|€")  # take the room of two
STROKES = str.maketrans("łŁđĐ", "lLdD")  # letters that no decomposition parts from their stroke


def parts(text: str) -> int:
    """How many messages a text is sent as; people are charged, and phones cut, by these."""
    if set(text) <= BASIC | TWICE:
        size, one, more = len(text) + sum(c in TWICE for c in text), 160, 153
    else:
        size, one, more = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if size <= one else -(-size // more)


def plain_latin(text: str) -> str:
    """Latin letters without the marks that GOV.UK Notify has no letters for: it would send a question mark."""
    return "".join(c if c in BASIC | TWICE else _bare(c) for c in text.translate(STROKES))


def arrives_whole(text: str, config: Config) -> bool:
    """Whether a text arrives as written under these settings.

    GOV.UK Notify sends the GSM alphabet and puts "?" for every letter of other scripts.
    """
    return not config.notify_text_template or is_latin(text)


def is_latin(text: str) -> bool:
    """Whether a text can be written in the letters of the GSM alphabet."""
    return set(plain_latin(text)) <= BASIC | TWICE


def _bare(character: str) -> str:
    first = unicodedata.normalize("NFKD", character)[0]
    return first if first in BASIC else character
