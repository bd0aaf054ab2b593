"""Actors, permissions and passwords."""

import time

import pytest

from shared.cases.flow import MAY_SUBMIT
from shared.identity import passwords
from shared.identity.actors import Actor, Representative, Resident, Staff, System
from shared.identity.roles import PERMISSIONS, Permission, holders, may
from shared.vocab import STAFF_ROLES, Role

ACTORS: list[tuple[Actor, Role, str, str]] = [
    (Resident("HAL-2026-0042-7", "Mina Rahman"), Role.RESIDENT, "resident:HAL-2026-0042-7", "Mina Rahman"),
    (
        Representative("HAL-2026-0042-7", "Jo Bell", "full", "2"),
        Role.REPRESENTATIVE,
        "representative:HAL-2026-0042-7:2",
        "Jo Bell",
    ),
    (System("deadlines"), Role.SYSTEM, "system:deadlines", "Redress (automatic)"),
    (
        Staff(12, "Sam Lee", "s@x.org", frozenset({Role.HANDLER}), "Officer"),
        Role.HANDLER,
        "staff:12",
        "Sam Lee (Officer)",
    ),
    (
        Staff(13, "Al", "a@x.org", frozenset({Role.ADMIN, Role.MANAGER, Role.OFFICER})),
        Role.MANAGER,
        "staff:13",
        "Al",
    ),
    (Staff(14, "No", "n@x.org", frozenset()), Role.COLLEAGUE, "staff:14", "No"),
]


@pytest.mark.parametrize(("actor", "role", "key", "display"), ACTORS)
def test_every_actor_has_one_shape(actor: Actor, role: Role, key: str, display: str) -> None:
    assert (actor.role, actor.key, actor.display) == (role, key, display)
    assert role in actor.roles or not actor.roles
    assert len(key) <= 60


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_every_staff_role_can_name_an_actor_and_has_a_row(role: Role) -> None:
    assert Staff(1, "x", "y", frozenset({role})).role is role
    assert PERMISSIONS[role]


def test_permissions_are_for_staff_alone() -> None:
    assert set(PERMISSIONS) == STAFF_ROLES
    for permission in Permission:
        assert holders(permission), f"nobody {permission}"
        assert not may({Role.RESIDENT, Role.REPRESENTATIVE, Role.SYSTEM}, permission)


def test_who_sees_people() -> None:
    """Who oversees reads with names folded away; colleagues and administrators see no case at all."""
    unseeing = {Role.COLLEAGUE, Role.MEMBER_RESPONSIBLE, Role.DIRECTOR, Role.ADMIN}
    assert holders(Permission.SEES_PERSONAL_DATA) == STAFF_ROLES - unseeing
    assert holders(Permission.SEES_INBOX) == STAFF_ROLES - {Role.COLLEAGUE, Role.ADMIN}
    assert holders(Permission.MANAGES_STAFF) == {Role.ADMIN}
    assert holders(Permission.LOGS_INTAKE) == STAFF_ROLES - {Role.MEMBER_RESPONSIBLE, Role.ADMIN}
    assert holders(Permission.LOGS_INTAKE) == STAFF_ROLES & MAY_SUBMIT, "the table of steps says the same"


def test_passwords_are_hashed_and_verified() -> None:
    stored = passwords.hash_password("three random words", "low")
    assert "three" not in stored
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, "three random words", "low")
    assert not passwords.verify(stored, "three random word", "low")
    assert not passwords.verify(None, "three random words", "low")
    assert not passwords.verify("not a hash", "x", "low")
    assert passwords.is_outdated(stored, "normal")


def test_the_same_letters_from_two_keyboards_are_one_password() -> None:
    stored = passwords.hash_password("cafe\u0301 trois mots", "low")
    assert passwords.verify(stored, "caf\u00e9 trois mots", "low")


def test_an_unknown_account_takes_as_long() -> None:
    stored = passwords.hash_password("three random words", "normal")
    passwords.verify(None, "x", "normal")  # makes nobody's hash

    def seconds(which: str | None) -> float:
        started = time.process_time()
        passwords.verify(which, "wrong password", "normal")
        return time.process_time() - started

    known = min(seconds(stored) for _ in range(2))
    unknown = min(seconds(None) for _ in range(2))
    assert 0.5 < unknown / known < 2


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 12"),
        ("x" * 201, "200 characters"),
        ("aaaaaaaaaaaaaaaa", "different characters"),
        ("mina rahman 2026", "your name"),
        ("three random words", None),
        ("মাছ নদী আকাশ পাখি", None),
    ],
)
def test_weak_passwords_are_told_how_to_mend(password: str, says: str | None) -> None:
    problem = passwords.problem_with(password, about=("Mina Rahman", "m@x.org"))
    assert (problem is None) if says is None else (problem is not None and says in problem)
