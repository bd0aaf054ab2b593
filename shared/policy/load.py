"""Read the policy files. The one way from a landlord's slug to its rules.

`code.toml` holds every edition of the Code; `landlords/<slug>.toml` a landlord's rules as they stand, and
`landlords/<slug>.<date>.toml` those no longer in force, for counting a date under them. A case once logged
does not need either: it keeps its whole policy in the database.
"""

import hashlib
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec

from shared import clock
from shared.policy.edition import Code, CodeEdition
from shared.policy.landlord import Landlord
from shared.policy.policy import Policy, in_force

HERE = Path(__file__).resolve().parent
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Read = TypeVar("Read", Code, Landlord)


class PolicyError(ValueError):
    """A policy file cannot be read; the message names the file and the key."""


class UnknownLandlord(PolicyError):
    """No file bears that slug; the message lists those that there are."""


def available(folder: Path = HERE) -> list[str]:
    """The slugs of all landlords, in alphabetical order."""
    return list(_slugs(folder))


@lru_cache(maxsize=8)
def _slugs(folder: Path) -> tuple[str, ...]:
    names = (path.stem for path in (folder / "landlords").glob("*.toml"))
    return tuple(sorted(name for name in names if SLUG.fullmatch(name)))


def load(slug: str, *, on: date | None = None, folder: Path = HERE) -> Policy:
    """A landlord's rules, with the edition of the Code, in force on a London day (today when not given).

    For a day before the oldest edition, the oldest is given. Each is read once and kept.
    Raises UnknownLandlord, or PolicyError naming file and key.
    """
    if slug not in _slugs(folder):
        raise UnknownLandlord(f"there is no landlord {slug!r}; there are {', '.join(_slugs(folder))}")
    day = on or clock.today()
    editions = _editions(slug, folder)
    begun = [one for one in editions if one.document.effective_from <= day]
    return _policy(begun[-1] if begun else editions[0], in_force(_code(folder).editions, day), folder)


def restore(document: bytes | str) -> Policy:
    """A policy that a case pinned, from the JSON it was kept as.

    The limits stay as they were. The Ombudsman's address and sums come from the files of today, for they
    follow the day of a letter and not the day of the complaint.
    """
    kept = msgspec.json.decode(document)
    for key in _GONE:
        kept["landlord"].pop(key, None)
    policy = msgspec.convert(kept, Policy)
    code = _code(HERE)
    return msgspec.structs.replace(policy, all_ombudsman=code.ombudsman, all_tariffs=code.tariffs)


_GONE = ("tone",)  # what a landlord's file once said as well; policies that cases pinned then still do


def _policy(landlord: Landlord, edition: CodeEdition, folder: Path) -> Policy:
    key = (landlord.slug, landlord.document.effective_from, edition.effective_from, folder)
    if key not in _made:
        code = _code(folder)
        digest = hashlib.sha256(msgspec.json.encode([landlord, edition], order="sorted")).hexdigest()[:8]
        _made[key] = Policy(
            version=f"{landlord.document.effective_from}/{edition.effective_from}/{digest}",
            landlord=landlord,
            code=edition,
            all_ombudsman=code.ombudsman,
            all_tariffs=code.tariffs,
        )
    return _made[key]


_made: dict[tuple[str, date, date, Path], Policy] = {}


@lru_cache(maxsize=8)
def _code(folder: Path) -> Code:
    path = folder / "code.toml"
    code = _read(path, Code)
    for what in ("editions", "ombudsman", "tariffs"):
        days = [one.effective_from for one in getattr(code, what)]
        if not days or days != sorted(set(days)):
            raise PolicyError(f"{path.name}: {what} must be in order of effective_from, oldest first")
    return code


@lru_cache(maxsize=32)
def _editions(slug: str, folder: Path) -> list[Landlord]:
    """Every edition of a landlord's file, oldest first."""
    paths = [folder / "landlords" / f"{slug}.toml", *(folder / "landlords").glob(f"{slug}.*.toml")]
    editions = []
    for path in paths:
        landlord = _read(path, Landlord)
        if landlord.slug != slug:
            raise PolicyError(f"{path.name}: slug is {landlord.slug!r}, but the file is named for {slug!r}")
        editions.append(landlord)
    return sorted(editions, key=lambda one: one.document.effective_from)


def _read(path: Path, kind: type[Read]) -> Read:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise PolicyError(f"{path.name}: cannot be read ({error.strerror})") from error
    except msgspec.ValidationError as error:
        raise PolicyError(f"{path.name}: {error}".replace("`$.", "`")) from error
    except (msgspec.DecodeError, ValueError) as error:
        raise PolicyError(f"{path.name}: {error}") from error
