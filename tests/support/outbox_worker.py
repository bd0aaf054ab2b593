"""A real worker in a process of its own, for tests that kill it.

python -m tests.support.outbox_worker [seconds to stop between being accepted and saying so]
"""

import sys
import time

from flask_mail import Mail

from shared.config import from_environment
from shared.mail import channels, worker
from tests.support.core import core_app

if __name__ == "__main__":
    app = core_app(from_environment())
    if len(sys.argv) > 1:
        deliver = channels.smtp

        def slowly(mail: Mail, message: channels.Outgoing) -> channels.Receipt:
            receipt = deliver(mail, message)
            sys.stdout.write("delivered\n")
            sys.stdout.flush()
            time.sleep(float(sys.argv[1]))
            return receipt

        channels.smtp = slowly
    worker.run(app)
