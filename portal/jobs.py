"""What the worker does for the portal: forgetting drafts that nobody came back to, and half files."""

from flask import current_app

from shared import config
from shared.cases import drafts
from shared.mail import jobs
from shared.policy.load import load
from shared.uploads import partial

TIDY = "drafts.tidy"
EVERY = 6 * 3600  # seconds
HALF_A_FILE = 24 * 3600  # seconds until an upload that broke off is given up
FOLDER = "partial"


def tidy() -> int:
    """Delete drafts older than the landlord's number of days; returns how many."""
    partial.tidy(config.current().data_dir / FOLDER, HALF_A_FILE)
    return drafts.tidy(load(current_app.extensions["redress"].landlord).landlord.draft_days)


def register() -> None:
    """Have the worker tidy from time to time."""
    jobs.register(TIDY, EVERY, tidy)
