"""The application as the commands see it: its maker stands above this package, so it is found by name."""

import importlib
from typing import cast

from flask import Flask


def application() -> Flask:
    """The configured application (wsgi.create_app). Raises UnsafeConfiguration on harmful settings."""
    return cast(Flask, importlib.import_module("wsgi").create_app())
