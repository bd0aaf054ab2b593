"""`redress migrate`: bring the database up to date, or write and check its history."""

from pathlib import Path

import click
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from shared.cli.application import application
from shared.config import ROOT
from shared.db import db

FOLDER = ROOT / "shared" / "migrations"


def settings() -> AlembicConfig:
    """Alembic's settings; there is no alembic.ini, since everything it would say is in env.py."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


def upgrade(revision: str = "head") -> None:
    """Bring the database of the current application up to a revision. Needs an application context."""
    command.upgrade(settings(), revision)


def check() -> None:
    """Raise CommandError when the models and the history disagree. Needs an application context."""
    command.check(settings())


def is_current() -> bool:
    """Whether the database stands at the head of its history. Needs an application context."""
    with db.engine.connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    return set(heads) == set(ScriptDirectory.from_config(settings()).get_heads())


def write(message: str) -> Path:
    """Write the next revision from what the models have and the database has not; returns its file."""
    config = settings()
    number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
    script = command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
    if script is None or isinstance(script, list):
        raise CommandError("one revision at a time")
    return Path(script.path)


@click.command("migrate")
@click.option("--write", "message", metavar="WHY", help="Write the next revision instead of upgrading.")
@click.option("--check", "only_check", is_flag=True, help="Fail when the models and the history disagree.")
def migrate(message: str | None, only_check: bool) -> None:
    """Bring the database up to date."""
    app = application()
    with app.app_context():
        try:
            if message:
                click.echo(f"Wrote {write(message)}. Read it before you commit it.")
            elif only_check:
                check()
                click.echo("Models and history agree.")
            else:
                upgrade()
                click.echo("The database is up to date.")
        except CommandError as error:
            raise click.ClickException(str(error)) from error
