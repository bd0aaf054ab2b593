"""`redress seed --cases N`: many cases, for measuring on a scratch database."""

import click

from shared.cli.application import application


@click.command()
@click.option("--cases", type=click.IntRange(1, 1_000_000), required=True, help="How many cases in all.")
def seed(cases: int) -> None:
    """Fill a scratch database with copies of the sample cases."""
    with application().app_context():
        from shared import config
        from shared.db import take_stock
        from shared.samples import bulk

        settings = config.current()
        if settings.environment == "production":
            raise click.ClickException("seeding is for measuring, never for production")
        added = bulk.seed(settings.landlord, cases)
        take_stock()
        click.echo(f"{added} cases added.")
