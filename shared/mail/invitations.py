"""The link by which a colleague sets a password, first or new: to hand over, or on its way by e-mail."""

from sqlalchemy.orm import Session

from shared import config
from shared.identity import accounts
from shared.mail import outbox, templates
from shared.models import StaffAccount
from shared.policy.load import load

HOURS = f"{accounts.LINK_LIFETIME.total_seconds() / 3600:.0f}"  # as long as a link works


def link(session: Session, account: StaffAccount) -> str:
    """A link by which the owner of an account sets a password; older links end. The caller commits."""
    settings = config.current()
    return _page(accounts.issue_password_link(session, account, settings.secret_key))


def invite(session: Session, account: StaffAccount) -> None:
    """Queue such a link to the owner's address. The caller commits."""
    settings = config.current()
    token = accounts.issue_password_link(session, account, settings.secret_key)
    words = templates.compose(
        "set_password",
        "en",
        landlord=load(settings.landlord).landlord.name,
        name=account.name,
        link=_page(token),
        hours=HOURS,
    )
    why = f"set-password:{token[:12]}"
    outbox.queue_words(session, words, to=account.email, dedupe=why, confidential=True)


def _page(token: str) -> str:
    return f"{config.current().base_url}/staff/set-password/{token}"
