"""What officers do with mail that waits: put it on its case, or log it as a new complaint."""

from sqlalchemy import select

from shared.cases import commands as c
from shared.cases import drafts, files, service
from shared.cases.correspondence import held_mail, mail_files
from shared.cases.correspondence.held_mail import Held
from shared.db import db
from shared.identity.actors import Staff
from shared.mail import inbound
from shared.models import Case
from shared.vocab import Channel

DRAFT = "mail"  # among the answers of a draft: the message whose complaint it is


def place(number: int, ref: str, officer: Staff) -> service.Done:
    """An officer says to which case a held or kept message belongs; it goes on the case as a contact by e-mail.

    Cleaning its files takes a while: who presses the button twice meanwhile, or a colleague, has it there once.
    Raises held_mail.Settled, LookupError, uploads.StorageError where the store has lost it, mail_files.NotNow,
    and what `perform` raises.
    """
    message, content = held_mail.opened(number, officer)
    with content:
        incoming = inbound.read(content.read())
    seen = db.session.scalar(select(Case.version).where(Case.ref == ref))
    taken = mail_files.take(incoming, message.raw_key, message.sender, whole=True)
    command = c.RecordContact(
        channel=Channel.EMAIL,
        happened_at=message.received_at,
        outgoing=False,
        with_whom="resident",
        words=f"E-mail from {message.sender}: {message.subject}\n\n{taken.told}".strip(),
        files=taken.files,
        mail=number,
    )
    try:
        done = service.perform(ref, command, officer, seen, form=f"mail:{number}", merge=True)
    except service.Refused as refused:
        mail_files.drop(taken)
        if any(problem.field == "mail" for problem in refused.problems):
            raise held_mail.missing(number, officer) from refused
        raise
    except BaseException:
        mail_files.drop(taken)
        raise
    if done.again:
        mail_files.drop(taken)
    return done


def begin_complaint(message: Held, officer: Staff, language: str) -> str:
    """A draft with everything that came with a message, for an officer who logs it as a new complaint.

    Returns its token. Raises uploads.StorageError or mail_files.NotNow, and then keeps nothing.
    """
    with files.store().open(message.raw_key) as content:
        incoming = inbound.read(content.read())
    taken = mail_files.take(incoming, message.raw_key, message.sender, whole=True)
    number, token = drafts.begin(language, {"intake": officer.key, DRAFT: message.id})
    drafts.bring(number, (file.id for file in taken.files))
    return token
