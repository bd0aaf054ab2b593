"""A real worker in a process of its own, for tests that kill it: `started` starts one.

python -m tests.support.outbox_worker [seconds to stop between being accepted and saying so]
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from shared.config import ROOT, from_environment
from shared.mail import send, worker
from shared.mail.contract import Deliver, Outgoing, Receipt
from tests.support.core import core_app


def slowly(deliver: Deliver, seconds: float) -> Deliver:
    """The same way out, but one that stops between being accepted and saying so."""

    def delivered(message: Outgoing) -> Receipt:
        receipt = deliver(message)
        sys.stdout.write("delivered\n")
        sys.stdout.flush()
        time.sleep(seconds)
        return receipt

    return delivered


@contextmanager
def started(url: str, settings: Mapping[str, object], *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A worker on this database with these settings of mail; at the end it is asked to stop, and must."""
    environ = os.environ | {"REDRESS_ENVIRONMENT": "test", "REDRESS_DATABASE_URL": url}
    environ |= {f"REDRESS_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", __name__, *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        code = process.wait(10)
        assert process.stdout is not None
        process.stdout.close()
        assert code in {0, -signal.SIGKILL}


def kill_in_mid_send(url: str, settings: Mapping[str, object]) -> None:
    """Let a worker hand over one message and die before it can write that down."""
    with started(url, settings, "60") as doomed:
        assert doomed.stdout is not None
        assert doomed.stdout.readline() == "delivered\n"
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what another process does."""
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.05)


if __name__ == "__main__":
    app = core_app(from_environment())
    if len(sys.argv) > 1:
        state: send.MailState = app.extensions[send.EXTENSION]
        slow = {name: slowly(deliver, float(sys.argv[1])) for name, deliver in state.channels.items()}
        app.extensions[send.EXTENSION] = replace(state, channels=slow)
    worker.run(app)
