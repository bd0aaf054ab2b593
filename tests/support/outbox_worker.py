"""A real worker in a process of its own, for tests that kill it.

python -m tests.support.outbox_worker [seconds to stop between being accepted and saying so]
"""

import sys
import time
from dataclasses import replace

from shared.config import from_environment
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


if __name__ == "__main__":
    app = core_app(from_environment())
    if len(sys.argv) > 1:
        state: send.MailState = app.extensions[send.EXTENSION]
        slow = {name: slowly(deliver, float(sys.argv[1])) for name, deliver in state.channels.items()}
        app.extensions[send.EXTENSION] = replace(state, channels=slow)
    worker.run(app)
