"""The core without its faces: database, languages and mail, for tests of the lower layers."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

import shared.models  # noqa: F401 - makes every table known
from shared import i18n
from shared.config import ROOT, Config
from shared.db import db
from shared.mail import send


def core_app(config: Config) -> Flask:
    """An application with everything that stands below cases/, and no views."""
    app = Flask("redress", root_path=str(ROOT), template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(SECRET_KEY=config.secret_key, SQLALCHEMY_DATABASE_URI=config.sqlalchemy_url)
    app.config["SERVER_NAME"] = config.base_url.partition("://")[2]
    app.extensions["redress"] = config
    db.init_app(app)
    i18n.init_app(app)
    send.init_app(app, config)
    return app


@contextmanager
def on_tables(url: str) -> Iterator[Flask]:
    """Such an application in its context, with tables in an empty database of its own."""
    app = core_app(Config(environment="test", database_url=url))
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()
