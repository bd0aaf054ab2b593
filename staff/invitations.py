"""The e-mail by which a colleague sets a password, first or new."""

from flask import url_for
from sqlalchemy.orm import Session

from shared import config
from shared.identity import accounts
from shared.mail import outbox, templates
from shared.models import StaffAccount
from shared.policy.load import load
from shared.vocab import Channel


def invite(session: Session, account: StaffAccount) -> None:
    """Queue a link by which the owner of an account sets a password; older links end. The caller commits."""
    settings = config.current()
    token = accounts.issue_password_link(session, account, settings.secret_key)
    mail = templates.compose(
        "set_password",
        "en",
        landlord=load(settings.landlord).landlord.name,
        name=account.name,
        link=settings.base_url.rstrip("/") + url_for("staff.set_password", token=token),
        hours=f"{accounts.LINK_LIFETIME.total_seconds() / 3600:.0f}",
    )
    outbox.queue(
        session,
        channel=Channel.EMAIL,
        to=account.email,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        language=mail.language,
        dedupe=f"set-password:{token[:12]}",
        confidential=True,
    )
