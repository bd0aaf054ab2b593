"""File names from outside: made safe to show, and never used as a path."""

import unicodedata

_JOINERS = {"\u200c", "\u200d"}  # needed to write Persian, Urdu, Hindi and Bengali names
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_MAX_EXTENSION = 12


def display_name(name: str, max_chars: int = 100) -> str:
    """A name that can be shown: one line, no path, no signs that turn or hide its letters.

    A right-to-left override can make `photo[U+202E]gpj.exe` look like a photo; such signs are dropped, while
    letters of any script stay. Empty when nothing is left.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").split("/")[-1]
    kept = "".join(
        " " if sign.isspace() else sign
        for sign in last
        if sign in _JOINERS or sign.isspace() or unicodedata.category(sign) not in _UNSAFE
    )
    tidy = " ".join(kept.split()).strip(" .")
    if len(tidy) <= max_chars:
        return tidy
    stem, dot, ending = tidy.rpartition(".")
    if not stem or len(ending) > _MAX_EXTENSION:
        return tidy[:max_chars].strip(" .")
    return stem[: max_chars - len(ending) - 1].strip(" .") + dot + ending


def ending(shown_name: str) -> str:
    """The ending of a display name in small letters without its dot, or "" when there is none."""
    stem, dot, last = shown_name.rpartition(".")
    return last.strip().lower() if dot and stem and len(last) <= _MAX_EXTENSION else ""


def words(text: str) -> frozenset[str]:
    """The words of a long list, written so that a person can read it."""
    return frozenset(text.split())
