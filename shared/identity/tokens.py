"""The secrets people hold and the references they read out: made, tidied and compared, never stored.

Everything typed by a person is read generously: any spacing, case, dash or invisible mark, full-width
letters, and the digits of Arabic, Persian, Urdu, Bengali or Hindi keyboards.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata

# No vowels, so that no word can appear by chance; none of 0 O 1 I L, 2 Z, 5 S, 8 B, U V twice over.
ALPHABET = "23456789CDFGHJKMNPQRTVWX"
LOOK_ALIKES = str.maketrans("ZSBU", "258V")
CODE_LENGTH = 16  # 24 ** 16: 73 bits


def plain(text: str) -> str:
    """Upper-case ASCII letters and digits of what somebody typed; digits of any script become 0 to 9."""
    tidy = unicodedata.normalize("NFKC", text[:200]).upper()
    digits = (str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c for c in tidy)
    return "".join(c for c in digits if c.isascii() and c.isalnum())


def new_access_code() -> str:
    """A code that opens one case, easy to read aloud: "7K3M-PQ9R-WDX4-H6TC"."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def read_access_code(text: str) -> str | None:
    """The bare code in what somebody typed, or None when it cannot be one."""
    code = plain(text).translate(LOOK_ALIKES)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def new_link_token() -> str:
    """A token for a one-time link: 32 random bytes, safe in a URL."""
    return secrets.token_urlsafe(32)


def new_typed_code() -> str:
    """Six digits to type instead of following a link; worthless without its attempt limit."""
    return f"{secrets.randbelow(1_000_000):06d}"


def read_typed_code(text: str) -> str | None:
    """The six digits in what somebody typed, or None."""
    code = plain(text)
    return code if re.fullmatch(r"\d{6}", code) else None


def fingerprint(*parts: str) -> str:
    """What is stored in place of a long random secret: SHA-256 over its context and itself, as hex.

    The context (such as the case) makes one stolen table useless for guessing at many cases at once. No
    server key takes part, so a change of REDRESS_SECRET_KEY does not shut residents out of their complaints.
    """
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def keyed_fingerprint(secret: str, *parts: str) -> str:
    """What is stored in place of a short secret, which a plain hash would not hide: an HMAC, as hex."""
    return hmac.new(secret.encode(), "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two fingerprints in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def new_reference(prefix: str, year: int, number: int) -> str:
    """A case reference such as "HAL-2026-0042-7": who, when, which, and a digit that finds slips.

    It is a name, not a secret: it opens nothing without a code. `prefix`: 2 to 6 capitals.
    """
    if not re.fullmatch(r"[A-Z]{2,6}", prefix) or not 1000 <= year <= 9999 or number < 1:
        raise ValueError(
            "a reference needs a prefix of 2 to 6 capitals, a year of 4 digits and a number from 1"
        )
    digits = f"{year}{number:04d}"
    return f"{prefix}-{year}-{number:04d}-{_check_digit(digits)}"


def parse_reference(text: str) -> str | None:
    """The reference in its one true spelling, or None when it is not one or its check digit disagrees.

    "hal 2026 42 7", "HAL/2026/0042/7" and "HAL202600427" with the letter O for 0 all mean HAL-2026-0042-7.
    """
    tidy = unicodedata.normalize("NFKC", text[:200]).upper()
    tidy = "".join(str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c for c in tidy)
    tidy = "".join(c for c in tidy if unicodedata.category(c) != "Cf")  # direction marks copied along
    found = re.fullmatch(r"[\W_]*([A-Z]{2,6})[\W_]*([1-9].*[0-9OIL])[\W_]*", tidy, re.ASCII | re.DOTALL)
    if not found:
        return None
    prefix, rest = found[1], found[2].translate(str.maketrans("OIL", "011"))
    parts = re.fullmatch(r"(\d{4})[\W_]*(\d{1,9})[\W_]*(\d)", rest, re.ASCII)
    if not parts:
        return None
    year, number, check = int(parts[1]), int(parts[2]), parts[3]
    if year < 1000 or number < 1 or _check_digit(f"{year}{number:04d}") != check:
        return None
    return f"{prefix}-{year}-{number:04d}-{check}"


def _check_digit(digits: str) -> str:
    """ISO/IEC 7064 MOD 11,10: finds every wrong digit and nearly every pair of digits swapped."""
    product = 10
    for digit in digits:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)
