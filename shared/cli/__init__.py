"""The `redress` command. Each subcommand is loaded only when it is called, so that the light ones start fast.

To add one, write a click command in a module of its own and give it a line in COMMANDS.
"""

from importlib import import_module

import click

COMMANDS = {
    "due": "shared.cli.due:due",
    "migrate": "shared.cli.migrate:migrate",
    "seed": "shared.cli.seed:seed",
    "check": "shared.cli.check:check",
    "sample": "shared.cli.sample:sample",
    "run": "shared.cli.run:run",
    "staff": "shared.cli.staff:staff",
    "worker": "shared.cli.worker:worker",
}
"""Name of a subcommand: where its click command is, as "module:function"."""


class LazyGroup(click.Group):
    """A click group that imports a subcommand's module when somebody asks for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, function = where.split(":")
        command = getattr(import_module(module), function)
        if not isinstance(command, click.Command):
            raise TypeError(f"{where} is not a click command")
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Redress: complaints to social landlords, held to the Complaint Handling Code."""
