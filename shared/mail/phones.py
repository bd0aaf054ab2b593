"""Telephone numbers as people write them, and as a text message needs them."""

import unicodedata

import phonenumbers
from phonenumbers import PhoneNumberType

MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def mobile(typed: str) -> str | None:
    """The mobile number in E.164 ("+447700900123"), whatever spacing, brackets or digits; None for others.

    Only British ones: texts abroad are what swindlers run up bills with. Landlines are none: a text that a
    machine reads out is no private word.
    """
    plain = "".join(_plain(c) for c in typed[:60])
    try:
        number = phonenumbers.parse(plain, "GB")
    except phonenumbers.NumberParseException:
        return None
    british = number.country_code == 44
    if number.extension or not british or not phonenumbers.is_possible_number(number):
        return None
    national = phonenumbers.national_significant_number(number)
    # Ranges kept for drama and tests (07700 900...) are British mobile numbers, but no operator's.
    invented = national.startswith("7700900")
    if not invented and phonenumbers.number_type(number) not in MOBILE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def same(first: str, second: str) -> bool:
    """Whether both are one mobile number."""
    one = mobile(first)
    return one is not None and one == mobile(second)


def _plain(character: str) -> str:
    """Digits of every script as 0 to 9; marks of direction and other invisible letters not at all."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "" if unicodedata.category(character) == "Cf" else character
