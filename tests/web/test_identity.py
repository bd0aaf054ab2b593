"""Proofs of identity in the database: what opens, what does not, and that nobody is locked out."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from shared import clock
from shared.db import db, writing
from shared.identity import access, accounts, resident_sessions, sessions, throttle, tidy, tokens
from shared.models import Case, ResidentSession, SignInLink, StaffAccount, StaffSession, Throttle
from shared.vocab import Role
from tests.support.at_once import at_once
from tests.support.core import on_tables
from tests.support.still import StillClock

SECRET = "s" * 40
PASSWORD = "three random words"
HOUR = timedelta(hours=1)


@pytest.fixture
def app(make_database: Callable[[], str]) -> Iterator[Flask]:
    with on_tables(make_database()) as app:
        yield app


@pytest.fixture
def case_id(app: Flask) -> int:
    return a_case("HAL-2026-0001-1")


def a_case(ref: str) -> int:
    """A bare row for proofs to point at; the rules of cases are tested elsewhere."""
    empty = {"INTEGER": 0, "BOOLEAN": False, "JSON": [], "DATE": clock.today(), "DATETIME": clock.now()}
    columns = [c for c in Case.__table__.columns if not c.nullable and not c.primary_key]
    values = {c.name: empty.get(str(c.type).partition("(")[0], "") for c in columns}
    values["ref"] = ref
    with writing() as session:
        row = Case(**values)
        session.add(row)
        session.flush()
        return int(row.id)


@pytest.fixture
def account(app: Flask) -> StaffAccount:
    with writing() as session:
        made = accounts.add(
            session, name="Sam  Lee", email=" Sam@Example.ORG ", roles=[Role.OFFICER, Role.MANAGER]
        )
        accounts.set_password(session, made, PASSWORD, "low")
    return made


# Residents ------------------------------------------------------------------------------------------------


def test_a_code_opens_its_own_case_only(case_id: int) -> None:
    other = a_case("HAL-2026-0002-2")
    with writing() as session:
        code = access.issue_access_code(session, case_id, "resident:1")
        access.issue_access_code(session, other, "resident:2")
    key = access.check_access_code(db.session(), case_id, f" {code.lower()} ")
    assert key is not None
    assert key.person == "resident:1"
    assert access.check_access_code(db.session(), other, code) is None
    assert access.check_access_code(db.session(), None, code) is None
    assert access.check_access_code(db.session(), case_id, tokens.new_access_code()) is None
    assert access.check_access_code(db.session(), case_id, "") is None
    assert code.replace("-", "") not in key.code_hash


def test_a_new_code_ends_the_old_one_of_the_same_person_only(case_id: int) -> None:
    with writing() as session:
        lost = access.issue_access_code(session, case_id, "resident:1")
        helper = access.issue_access_code(session, case_id, "representative:1")
    with writing() as session:
        new = access.issue_access_code(session, case_id, "resident:1")
    assert access.check_access_code(db.session(), case_id, lost) is None
    assert access.check_access_code(db.session(), case_id, new) is not None
    assert access.check_access_code(db.session(), case_id, helper) is not None


def test_a_withdrawn_helper_is_out_at_once(case_id: int) -> None:
    with writing() as session:
        code = access.issue_access_code(session, case_id, "representative:1")
        link = access.issue_link(
            session,
            purpose="sign_in",
            lifetime=HOUR,
            secret=SECRET,
            case_id=case_id,
            person="representative:1",
        )
    with writing() as session:
        access.revoke_access(session, case_id, "representative:1")
    assert access.check_access_code(db.session(), case_id, code) is None
    assert access.find_link(db.session(), link.token, "sign_in") is None


def issue(case_id: int) -> access.IssuedLink:
    with writing() as session:
        return access.issue_link(
            session,
            purpose="sign_in",
            lifetime=HOUR,
            secret=SECRET,
            case_id=case_id,
            person="resident:1",
            with_code=True,
        )


def test_looking_at_a_link_does_not_use_it_up(case_id: int) -> None:
    link = issue(case_id)
    for _ in range(3):
        assert access.find_link(db.session(), link.token, "sign_in") is not None
    with writing() as session:
        used = access.use_link(session, link.token, "sign_in")
        assert used is not None
        assert (used.case_id, used.person) == (case_id, "resident:1")
    with writing() as session:
        assert access.use_link(session, link.token, "sign_in") is None
    assert access.find_link(db.session(), link.token, "sign_in") is None


def test_a_link_ends_and_serves_one_purpose(case_id: int, time: StillClock) -> None:
    link = issue(case_id)
    assert access.find_link(db.session(), link.token, "consent") is None
    assert access.find_link(db.session(), link.token + "x", "sign_in") is None
    time.wait(minutes=61)
    with writing() as session:
        assert access.find_link(session, link.token, "sign_in") is None
        assert access.use_link(session, link.token, "sign_in") is None


def test_of_two_at_the_same_moment_one_gets_in(app: Flask, case_id: int) -> None:
    link = issue(case_id)

    def press(_number: int) -> bool:
        with writing() as session:
            return access.use_link(session, link.token, "sign_in") is not None

    assert sorted(at_once(app, 4, press)) == [False, False, False, True]


def type_code(key: str, code: str, purpose: str = "sign_in", secret: str = SECRET) -> SignInLink | None:
    with writing() as session:
        return access.use_code(session, key, code, purpose=purpose, secret=secret)


def test_a_typed_code_uses_its_link_up(case_id: int) -> None:
    link, other = issue(case_id), issue(case_id)
    assert link.code is not None
    assert type_code(None, link.code) is None
    assert type_code(other.key, link.code) is None or link.code == other.code
    assert type_code(link.key, link.code, purpose="consent") is None
    assert type_code(link.key, link.code, secret="another key") is None
    assert type_code(link.key, f"{link.code[:3]} {link.code[3:]}") is not None
    assert type_code(link.key, link.code) is None
    assert access.find_link(db.session(), link.token, "sign_in") is None


def test_a_code_dies_after_five_wrong_tries_and_the_link_does_not(case_id: int) -> None:
    link = issue(case_id)
    assert link.code is not None
    wrong = f"{(int(link.code) + 1) % 1_000_000:06d}"
    for typed in (wrong, "", "abc", wrong, wrong):
        assert type_code(link.key, typed) is None
    assert type_code(link.key, link.code) is None
    assert access.find_link(db.session(), link.token, "sign_in") is not None


# Staff ----------------------------------------------------------------------------------------------------


def test_accounts_are_tidy_and_unique(account: StaffAccount) -> None:
    assert (account.name, account.email, account.roles) == (
        "Sam Lee",
        "sam@example.org",
        ["manager", "officer"],
    )
    assert accounts.by_email(db.session(), "SAM@example.org ") is account
    for facts, says in (
        ({"email": "sam@EXAMPLE.org"}, "already"),
        ({"email": "nobody"}, "e-mail"),
        ({"roles": []}, "role"),
        ({"roles": [Role.RESIDENT]}, "role"),
        ({"name": " "}, "name"),
    ):
        with pytest.raises(ValueError, match=says), writing() as session:
            accounts.add(session, **({"name": "x", "email": "x@y.org", "roles": [Role.ADMIN]} | facts))  # type: ignore[arg-type]


def test_signing_in(account: StaffAccount) -> None:
    with writing() as session:
        assert accounts.authenticate(session, "Sam@example.org", PASSWORD, "low") is account
        assert accounts.authenticate(session, "sam@example.org", "wrong", "low") is None
        assert accounts.authenticate(session, "nobody@example.org", PASSWORD, "low") is None
        accounts.disable(session, account)
        assert accounts.authenticate(session, "sam@example.org", PASSWORD, "low") is None


def test_an_account_without_a_password_stays_shut(app: Flask) -> None:
    with writing() as session:
        accounts.add(session, name="New", email="new@example.org", roles=[Role.HANDLER])
        for tried in ("", PASSWORD):
            assert accounts.authenticate(session, "new@example.org", tried, "low") is None


def test_a_password_of_an_older_cost_is_hashed_anew(account: StaffAccount) -> None:
    before = account.password_hash
    with writing() as session:
        assert accounts.authenticate(session, account.email, PASSWORD, "normal") is account
    assert account.password_hash != before
    with writing() as session:
        assert accounts.authenticate(session, account.email, PASSWORD, "normal") is account


def test_a_session_ends_by_hand_by_time_and_by_disabling(account: StaffAccount, time: StillClock) -> None:
    def begin() -> str:
        with writing() as session:
            return sessions.start(session, account, lifetime=timedelta(hours=12)).get_id()

    one, two = begin(), begin()
    signed_in = sessions.verify(db.session(), one)
    assert signed_in is not None
    assert signed_in.is_authenticated
    assert signed_in.actor == accounts.as_actor(account)
    assert sessions.verify(db.session(), one + "x") is None
    with writing() as session:
        sessions.end(session, one)
    assert sessions.verify(db.session(), one) is None
    assert sessions.verify(db.session(), two) is not None
    time.wait(hours=12, seconds=1)
    assert sessions.verify(db.session(), two) is None
    three = begin()
    with writing() as session:
        accounts.disable(session, account)
    assert sessions.verify(db.session(), three) is None
    assert db.session.scalar(select(func.count()).where(StaffSession.token_hash == three)) == 0


def test_a_new_password_signs_out_everywhere(account: StaffAccount) -> None:
    with writing() as session:
        token = sessions.start(session, account, lifetime=HOUR).get_id()
        accounts.set_password(session, account, "another four random words", "low")
    assert sessions.verify(db.session(), token) is None


def test_idle_time_is_kept_in_the_cookie(time: StillClock) -> None:
    stamp = sessions.stamp()
    time.wait(minutes=59)
    assert not sessions.is_idle(stamp, HOUR)
    time.wait(minutes=2)
    assert sessions.is_idle(stamp, HOUR)
    assert sessions.is_idle(None, HOUR)
    assert sessions.is_idle("soon", HOUR)


def test_setting_a_password_by_link(account: StaffAccount) -> None:
    with writing() as session:
        stale = accounts.issue_password_link(session, account, SECRET)
        token = accounts.issue_password_link(session, account, SECRET)
    assert accounts.password_link_owner(db.session(), stale) is None
    assert accounts.password_link_owner(db.session(), token) is account
    with pytest.raises(ValueError, match="at least 12"), writing() as session:
        accounts.set_password_by_link(session, token, "short", "low")
    with writing() as session:
        assert accounts.set_password_by_link(session, token, "a new long password", "low") is account
        assert accounts.set_password_by_link(session, token, "a new long password", "low") is None
        assert accounts.authenticate(session, account.email, "a new long password", "low") is account


# Throttles ------------------------------------------------------------------------------------------------


def knock(limits: tuple[throttle.Limit, ...]) -> throttle.Allowed | throttle.Wait:
    with writing() as session:
        return throttle.hit_all(session, limits)


def test_waits_grow_but_nobody_is_locked_out(app: Flask, time: StillClock) -> None:
    door = throttle.sign_in_limits("code", "HAL-2026-0001-1", "192.0.2.1")
    assert [knock(door) for _ in range(5)] == [throttle.Allowed(left) for left in (4, 3, 2, 1, 0)]
    waits = []
    for _ in range(9):
        answer = knock(door)
        assert isinstance(answer, throttle.Wait)
        assert isinstance(knock(door), throttle.Wait), "knocking while waiting must not open"
        waits.append(answer.seconds)
        time.wait(seconds=answer.seconds)
        assert isinstance(knock(door), throttle.Allowed), "after the wait the door opens"
    assert waits == sorted(waits)
    assert waits[0] <= 2
    assert waits[-1] <= throttle.LONGEST_WAIT + 1


def test_a_stranger_cannot_shut_the_resident_out(app: Flask, time: StillClock) -> None:
    for number in range(200):
        knock(throttle.sign_in_limits("code", "HAL-2026-0001-1", f"198.51.100.{number}"))
        time.wait(seconds=1)
    stranger = knock(throttle.sign_in_limits("code", "HAL-2026-0001-1", "203.0.113.9"))
    assert isinstance(stranger, throttle.Wait), "so many addresses at one case look like an attack"
    home = throttle.sign_in_limits("code", "HAL-2026-0001-1", "192.0.2.7", known="cookie")
    assert isinstance(knock(home), throttle.Allowed), "a browser that was in before gets through"
    assert isinstance(
        knock(throttle.sign_in_limits("code", "HAL-2026-0002-2", "192.0.2.7")), throttle.Allowed
    )


def test_success_clears_the_slate_and_time_does_too(app: Flask, time: StillClock) -> None:
    door = throttle.sign_in_limits("code", "HAL-2026-0001-1", "192.0.2.1")
    for _ in range(5):
        knock(door)
    with writing() as session:
        throttle.clear(session, door)
    assert isinstance(knock(door), throttle.Allowed)
    for _ in range(10):
        knock(door)
    time.wait(seconds=901)
    assert knock(door) == throttle.Allowed(4)


def test_no_address_is_stored(app: Flask) -> None:
    knock(throttle.sign_in_limits("code", "HAL-2026-0001-1", "192.0.2.1"))
    keys = db.session.scalars(select(Throttle.key)).all()
    assert len(keys) == 3
    assert not any("192" in key.partition(":")[0] or "HAL" in key or "192.0.2.1" in key for key in keys)


def test_tries_at_the_same_moment_are_all_counted(app: Flask) -> None:
    door = (throttle.Limit("k", 100, 900),)

    def press(_number: int) -> None:
        for _ in range(5):
            knock(door)

    at_once(app, 4, press)
    assert db.session.scalar(select(Throttle.count)) == 20


def test_what_has_served_its_time_is_forgotten(account: StaffAccount, case_id: int, time: StillClock) -> None:
    issue(case_id)
    knock(throttle.sign_in_limits("code", "x", "y"))
    with writing() as session:
        sessions.start(session, account, lifetime=HOUR)
        resident_sessions.start(session, case_id, "resident:1", lifetime=HOUR)
    time.wait(days=32)
    with writing() as session:
        tidy.tidy(session)
    forgotten = (SignInLink, Throttle, StaffSession, ResidentSession)
    assert [db.session.scalar(select(func.count()).select_from(t)) for t in forgotten] == [0, 0, 0, 0]
