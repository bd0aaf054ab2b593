"""`redress worker`: send mail and watch the clock until asked to stop. Any number may run, on any hosts."""

import logging

import click

from shared.cases import figures_cache, sweep
from shared.cases.correspondence import alerts, deliveries, inbound_mail
from shared.cli.application import application
from shared.mail import jobs
from shared.mail import worker as loop


@click.command("worker")
def worker() -> None:
    """Send what is due and run the periodic jobs, until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app = application(pages=True)
    jobs.register(inbound_mail.JOB, 60, inbound_mail.fetch)
    landlord = app.extensions["redress"].landlord
    sweep.register(landlord)
    jobs.register("alerts", 300, lambda: alerts.tell(landlord))
    jobs.register("deliveries", 300, deliveries.ask_statuses)
    figures_cache.register()
    loop.run(app)
