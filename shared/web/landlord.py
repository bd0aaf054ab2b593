"""The landlord whose service this is, for pages: its name and how to reach it, from its policy file."""

from flask import Flask, current_app

from shared.policy.landlord import Landlord
from shared.policy.load import load


def landlord() -> Landlord:
    """The landlord of this application, as its file stands today."""
    return load(current_app.extensions["redress"].landlord).landlord


def init_app(app: Flask) -> None:
    """Refuse to start without a landlord's file, rather than fail on the first page."""
    load(app.extensions["redress"].landlord)
