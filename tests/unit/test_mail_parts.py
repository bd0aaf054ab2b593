"""The parts of mail that need no server: pauses, masks, Message-IDs."""

import re
from datetime import timedelta

import pytest

from shared.mail import channels, outbox, send


def test_pauses_double_up_to_a_limit_and_spread() -> None:
    for attempts, seconds in ((1, 30), (2, 60), (3, 120), (9, 7680), (10, 14400), (1000, 14400)):
        pauses = [send.pause_after(attempts).total_seconds() for _ in range(200)]
        assert seconds * 0.8 <= min(pauses) < max(pauses) <= seconds * 1.2
    total = sum(
        (min(send.FIRST_PAUSE * 2**n, send.LONGEST_PAUSE) for n in range(send.MOST_ATTEMPTS - 1)), timedelta()
    )
    assert timedelta(hours=15) < total < timedelta(hours=36), "mail must outlast a night without its server"


def test_the_lease_outlives_an_attempt() -> None:
    steps = 8  # connect, greeting, STARTTLS, sign in, MAIL, RCPT, DATA, its end
    assert timedelta(seconds=channels.TIMEOUT * steps) < send.LEASE


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("resident@example.org", "r***@example.org"),
        ("Mina <m@x.org>", "m***@x.org"),
        ("@x.org", "***@x.org"),
        ("nobody", "***"),
        ("", "***"),
    ],
)
def test_logs_show_masked_addresses(address: str, shown: str) -> None:
    assert channels.masked(address) == shown


def test_message_ids_are_unique_and_well_formed() -> None:
    made = {outbox.new_message_id() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"<[0-9a-f]{32}@[a-z.]+>", message_id) for message_id in made)
