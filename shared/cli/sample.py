"""`redress sample`: sample staff and cases for a first look, once."""

import click

from shared.cli.application import application


@click.command()
def sample() -> None:
    """Add sample staff and about 40 sample cases in every stage, unless they are there already."""
    app = application()
    with app.app_context():
        from shared import config, samples

        settings = config.current()
        if settings.environment == "production":
            raise click.ClickException("sample cases do not belong in production")
        if samples.exist():
            click.echo("The sample cases are here already.")
            return
        click.echo("Adding sample staff and cases ...")
        count, residents = samples.make(settings.landlord, settings.password_cost)
        click.echo(f"{count} sample cases added. To follow one as its resident:")
        for name, ref, code in residents[:3]:
            click.echo(f"  {name}: reference {ref}, access code {code}")
