"""The application as the commands see it: its maker stands above this package, so it is found by name."""

import importlib
from typing import cast

from flask import Flask


def application(pages: bool = False) -> Flask:
    """The configured application; `pages` brings both sides along, with the periodic work they register.

    Raises UnsafeConfiguration on settings that would do harm.
    """
    surfaces = ("portal", "staff") if pages else ()
    return cast(Flask, importlib.import_module("wsgi").create_app(surfaces=surfaces))
