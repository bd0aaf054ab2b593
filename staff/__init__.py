"""The staff side."""

from flask import Flask


def register(app: Flask) -> None:
    """Put this side's pages on an application."""
