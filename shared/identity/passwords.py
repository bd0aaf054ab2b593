"""Staff passwords: Argon2id, and the same time spent on an account that does not exist."""

import functools
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200  # more would only cost the server time


@functools.cache
def _hasher(cost: str) -> PasswordHasher:
    if cost == "low":
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher()  # the library's defaults follow RFC 9106 and move with it


@functools.cache
def _nobodys_hash(cost: str) -> str:
    return _hasher(cost).hash(secrets.token_urlsafe(32))


def problem_with(password: str, *, about: tuple[str, ...] = ()) -> str | None:
    """How to mend a password that is easy to guess, or None when it will do. `about`: name, e-mail."""
    if len(password) < SHORTEST:
        return (
            f"Password must be at least {SHORTEST} characters long. Three random words are easy to remember."
        )
    if len(password) > LONGEST:
        return f"Password must be {LONGEST} characters or fewer"
    if len(set(password.casefold())) < 5:
        return "Password must have more different characters. Three random words are easy to remember."
    words = {word.casefold() for text in about for word in text.replace("@", " ").split() if len(word) > 3}
    if any(word in password.casefold() for word in words):
        return "Password must not contain your name or e-mail address"
    return None


def hash_password(password: str, cost: str) -> str:
    """The Argon2id hash to store. `cost` is Config.password_cost."""
    return _hasher(cost).hash(_same_keys(password))


def verify(stored: str | None, password: str, cost: str) -> bool:
    """Whether the password is right. Without a stored hash the answer is no, after as long a time."""
    try:
        right = _hasher(cost).verify(stored or _nobodys_hash(cost), _same_keys(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def is_outdated(stored: str, cost: str) -> bool:
    """Whether a hash should be made anew at the next sign-in because the cost was raised since."""
    return _hasher(cost).check_needs_rehash(stored)


def _same_keys(password: str) -> str:
    return unicodedata.normalize("NFKC", password)  # one word typed on two keyboards stays one word
