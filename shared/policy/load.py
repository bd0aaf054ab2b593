"""Read the policy files. The one way from a landlord's slug to its rules.

`code.toml` holds every edition of the Code; `landlords/<slug>.toml` a landlord's rules as they stand, and
`landlords/<slug>.<date>.toml` those that it has put out of force, so that a case keeps the rules it began with.
"""

import hashlib
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec

from shared import clock
from shared.policy.edition import Code
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
    return sorted(path.stem for path in (folder / "landlords").glob("*.toml") if SLUG.fullmatch(path.stem))


def load(slug: str, *, on: date | None = None, pinned: str | None = None, folder: Path = HERE) -> Policy:
    """A landlord's rules, with the edition of the Code, in force on a London day (today when not given).

    `pinned` is the `version` that a case keeps: it picks those editions, whatever the day. For a day before
    the oldest edition, the oldest is given. The result is read once and kept.
    Raises UnknownLandlord, or PolicyError naming file and key.
    """
    if slug not in available(folder):
        raise UnknownLandlord(f"there is no landlord {slug!r}; there are {', '.join(available(folder))}")
    if pinned:
        own, code = _dates(pinned)
    else:
        own = code = on or clock.today()
    return _policy(slug, own, code, folder)


def changed_since(policy: Policy, pinned: str) -> bool:
    """Whether an edition was edited in place after a case pinned it: same dates, other content."""
    return _dates(policy.version) == _dates(pinned) and policy.version != pinned


def _dates(version: str) -> tuple[date, date]:
    try:
        own, code, _digest = version.split("/")
        return date.fromisoformat(own), date.fromisoformat(code)
    except ValueError:
        raise PolicyError(f"{version!r} is not a policy version") from None


@lru_cache(maxsize=256)
def _policy(slug: str, own_on: date, code_on: date, folder: Path) -> Policy:
    code, code_bytes = _code(folder)
    editions = _landlord(slug, folder)
    begun = [one for one in editions if one[0].document.effective_from <= own_on]
    landlord, own_bytes = begun[-1] if begun else editions[0]
    edition = in_force(code.editions, code_on)
    digest = hashlib.sha256(code_bytes + own_bytes).hexdigest()[:8]
    return Policy(
        version=f"{landlord.document.effective_from}/{edition.effective_from}/{digest}",
        landlord=landlord,
        code=edition,
        all_ombudsman=code.ombudsman,
        all_tariffs=code.tariffs,
    )


@lru_cache(maxsize=8)
def _code(folder: Path) -> tuple[Code, bytes]:
    path = folder / "code.toml"
    code = _read(path, Code)
    for what, records in (
        ("editions", code.editions),
        ("ombudsman", code.ombudsman),
        ("tariffs", code.tariffs),
    ):
        days = [one.effective_from for one in records]
        if days != sorted(set(days)) or not days:
            raise PolicyError(
                f"{path.name}: {what} must be in the order of their effective_from, oldest first"
            )
    return code, path.read_bytes()


@lru_cache(maxsize=32)
def _landlord(slug: str, folder: Path) -> list[tuple[Landlord, bytes]]:
    """Every edition of a landlord's file, oldest first."""
    paths = [folder / "landlords" / f"{slug}.toml", *(folder / "landlords").glob(f"{slug}.*.toml")]
    editions = []
    for path in paths:
        landlord = _read(path, Landlord)
        if landlord.slug != slug:
            raise PolicyError(f"{path.name}: slug is {landlord.slug!r}, but the file is named for {slug!r}")
        editions.append((landlord, path.read_bytes()))
    return sorted(editions, key=lambda one: one[0].document.effective_from)


def _read(path: Path, kind: type[Read]) -> Read:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise PolicyError(f"{path.name}: cannot be read ({error.strerror})") from error
    except msgspec.ValidationError as error:
        raise PolicyError(f"{path.name}: {error}".replace("`$.", "`")) from error
    except (msgspec.DecodeError, ValueError) as error:
        raise PolicyError(f"{path.name}: {error}") from error
