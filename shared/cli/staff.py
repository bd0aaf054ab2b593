"""`redress staff`: the accounts of colleagues; the first administrator is made here."""

import sys

import click

from shared import config
from shared.cli.application import application
from shared.db import db, writing
from shared.identity import accounts
from shared.mail import invitations
from shared.models import StaffAccount
from shared.vocab import STAFF_ROLES, Role

EMAIL = click.argument("email")
SEND = click.option("--send", is_flag=True, help="E-mail the link to the person instead of printing it.")


@click.group("staff")
def staff() -> None:
    """Add, list, disable and reset staff accounts."""


@staff.command("add")
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice(sorted(role.value for role in STAFF_ROLES)),
    help="May be given several times.",
)
@click.option("--job-title", default="")
@click.option("--phone", default="", help="Shown to residents in letters.")
@click.option("--team", default="")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@SEND
def add(
    name: str,
    email: str,
    roles: tuple[str, ...],
    job_title: str,
    phone: str,
    team: str,
    password_stdin: bool,
    send: bool,
) -> None:
    """Add an account, and give its owner a link to set a password."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with application().app_context():
        try:
            with writing() as session:
                held = [Role(role) for role in roles]
                account = accounts.add(
                    session, name=name, email=email, roles=held, job_title=job_title, phone=phone, team=team
                )
                if password is not None:
                    accounts.set_password(session, account, password, config.current().password_cost)
                told = "They can sign in now." if password is not None else _link(account, send)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"Added {account.name} <{account.email}>.\n{told}")


@staff.command("list")
def everybody() -> None:
    """List all accounts with their roles."""
    with application().app_context():
        for row in accounts.everybody(db.session()):
            state = "" if row.active else " (disabled)"
            secret = "" if row.password_hash else " (no password yet)"
            click.echo(f"{row.name} <{row.email}>: {', '.join(row.roles)}{state}{secret}")


@staff.command("disable")
@EMAIL
def disable(email: str) -> None:
    """Shut an account at once, in every browser. Its history stays."""
    with application().app_context(), writing() as session:
        account = _account(email)
        accounts.disable(session, account)
    click.echo(f"Disabled {account.email}.")


@staff.command("reset")
@EMAIL
@SEND
def reset(email: str, send: bool) -> None:
    """Give somebody a link to set a new password; makes a disabled account usable again."""
    with application().app_context(), writing():
        account = _account(email)
        account.active = True
        told = _link(account, send)
    click.echo(told)


def _account(email: str) -> StaffAccount:
    account = accounts.by_email(db.session(), email)
    if account is None:
        raise click.ClickException(f"no account under {email}; `redress staff list` shows all")
    return account


def _link(account: StaffAccount, send: bool) -> str:
    if not send:
        link = invitations.link(db.session(), account)
        return f"Give them this link, which works once and for {invitations.HOURS} hours:\n{link}"
    invitations.invite(db.session(), account)
    return f"A link to set the password is on its way to {account.email}."
