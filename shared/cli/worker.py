"""`redress worker`: send mail and watch the clock until asked to stop. Any number may run, on any hosts."""

import logging

import click

from shared.cases import inbound_mail, sweep
from shared.cli.application import application
from shared.mail import jobs
from shared.mail import worker as loop


@click.command("worker")
def worker() -> None:
    """Send what is due and run the periodic jobs, until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app = application(pages=True)
    jobs.register("inbound mail", 60, inbound_mail.fetch)
    sweep.register(app.extensions["redress"].landlord)
    loop.run(app)
