"""What goes wrong on real machines: a worker that is killed while it sends, a mail server that is away."""

import threading
from collections.abc import Callable
from typing import Any

from tests.support.e2e_resident import Resident, Told
from tests.support.e2e_service import Service, until

WAITED = "UPDATE outbox SET next_attempt_at = '2026-01-01 00:00:00' WHERE recipient = :to"
OVER = "UPDATE outbox SET claimed_until = '2026-01-01 00:00:00' WHERE recipient = :to"


def test_a_message_survives_a_worker_that_is_killed_while_it_sends(
    person: Callable[..., Any], service: Service
) -> None:
    address = "killed@resident.example"
    arrived, go_on = threading.Event(), threading.Event()

    def hold(recipient: str) -> None:
        if recipient == address and not go_on.is_set():
            arrived.set()
            go_on.wait(60)

    service.mail.refuse_data = hold
    try:
        resident: Resident = person(Resident)
        resident.opens_the_portal()
        receipt = resident.complains_in_short(Told(email=address))
        assert arrived.wait(60), "the worker never began to send"
        service.kill_worker()
    finally:
        go_on.set()
        service.mail.refuse_data = lambda _recipient: None
    # The lease of the dead worker runs out after three minutes; the test lets that time pass at once.
    rows = service.read("SELECT status, attempts FROM outbox WHERE recipient = :to", to=address)
    assert rows == [("queued", 1)]
    assert service.write(OVER, to=address) == 1
    until(lambda: _status(service, address) == "sent", "the message was sent by the next worker")
    copies = service.letters_to(address)
    assert 1 <= len(copies) <= 2, "sent at least once"
    assert len({copy["Message-ID"] for copy in copies}) == 1
    assert all(receipt.ref in str(copy["Subject"]) + copy.as_string() for copy in copies)


def test_mail_waits_for_a_server_that_is_away(person: Callable[..., Any], service: Service) -> None:
    address = "away@resident.example"
    with service.no_mail_server():
        resident: Resident = person(Resident)
        resident.opens_the_portal()
        resident.complains_in_short(Told(email=address))
        until(lambda: _attempts(service, address) > 0, "the worker tried")
        assert _status(service, address) == "queued"
    # The next try comes by itself, half a minute after the first; the test lets that time pass at once.
    assert service.write(WAITED, to=address) == 1
    until(lambda: _status(service, address) == "sent", "the message left once the server was back")
    assert len(service.letters_to(address)) == 1


def _status(service: Service, address: str) -> str:
    rows = service.read("SELECT status FROM outbox WHERE recipient = :to", to=address)
    return str(rows[0][0])


def _attempts(service: Service, address: str) -> int:
    rows = service.read("SELECT attempts FROM outbox WHERE recipient = :to", to=address)
    return int(str(rows[0][0]))
