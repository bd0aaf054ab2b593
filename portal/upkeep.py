"""What the worker does for the portal: forgetting drafts that nobody came back to."""

from flask import current_app

from shared.cases import drafts
from shared.mail import jobs
from shared.policy.load import load

TIDY = "drafts.tidy"
EVERY = 6 * 3600  # seconds


def tidy() -> int:
    """Delete drafts older than the landlord's number of days; returns how many."""
    return drafts.tidy(load(current_app.extensions["redress"].landlord).landlord.draft_days)


def register() -> None:
    """Have the worker tidy from time to time."""
    jobs.register(TIDY, EVERY, tidy)
