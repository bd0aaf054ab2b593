"""Files between the upload and the case: a cleaned copy and its row, made and unmade together."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import BinaryIO

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, config
from shared.cases import outcomes
from shared.cases.guards.common import Problem
from shared.cases.state import FileRef
from shared.db import LARGEST_ID, db, writing
from shared.models import Attachment, Case, Letter
from shared.uploads import FileStore, Limits, StorageError, accept, open_store

_OF_NOBODY = (Attachment.case_id.is_(None), Attachment.draft_id.is_(None))
MOST_FILES = 50  # on one draft: more is a flood, not evidence
MOST_ON_CASE = 200  # that residents and helpers may bring a case to; staff go on beyond it


class TooMany(Exception):
    """The draft or case holds as many files, or as many bytes, as one may."""


def store() -> FileStore:
    """Where the files of this installation lie."""
    return open_store(config.current().data_dir / "files")


def limits() -> Limits:
    """What one file may ask of us, from the settings."""
    settings = config.current()
    return Limits(max_bytes=settings.max_upload_bytes, max_pixels=settings.max_image_pixels)


def add(
    stream: BinaryIO,
    filename: str,
    *,
    added_by: str,
    draft_id: int | None = None,
    for_case: str = "",
    internal: bool = False,
) -> FileRef:
    """Clean a file, keep it, and return how a command names it.

    Without a draft it belongs to nobody until a command on a case takes it; `for_case`, the reference of that
    case, asks whether the case has room for it. Raises uploads.Refused, uploads.StorageError or TooMany, and then
    keeps nothing.
    """
    with accept(stream, filename, limits()) as clean:
        files = store()
        key = files.put(clean.content, clean.extension)
        preview = None
        try:
            if clean.preview:
                preview = files.put(clean.preview, ".jpg")
            with writing() as session:
                _room(session, draft_id, for_case, clean.size)
                row = Attachment(
                    draft_id=draft_id,
                    store_key=key,
                    preview_key=preview,
                    name=clean.download_name,
                    media_type=clean.media_type,
                    size=clean.size,
                    sha256=clean.sha256,
                    original_sha256=clean.original_sha256,
                    taken_on=clean.taken_on,
                    width=clean.width,
                    height=clean.height,
                    internal=internal,
                    added_by=added_by[:200],
                )
                session.add(row)
                session.flush()
                return FileRef(
                    id=row.id, name=row.name, media_type=row.media_type, size=row.size, taken_on=row.taken_on
                )
        except BaseException:
            files.delete(key)
            if preview:
                files.delete(preview)
            raise


def take(session: Session, case_id: int, wanted: Iterable[FileRef], draft_id: int | None = None) -> None:
    """The files that a command names become the case's; only such as no case owns yet, or this one does.

    A file on somebody's draft goes with that draft alone, whoever may name its number. Raises outcomes.Refused.
    """
    numbers = {one.id for one in wanted}
    if not numbers:
        return
    mine = Attachment.draft_id.is_(None) if draft_id is None else Attachment.draft_id == draft_id
    ours = Attachment.case_id.is_(None) & mine
    free = select(Attachment).where(Attachment.id.in_(numbers), ours | (Attachment.case_id == case_id))
    rows = session.scalars(free).all()
    if len(rows) != len(numbers):
        raise outcomes.Refused([Problem("files", "A file is no longer there. Add it again")])
    for row in rows:
        row.case_id, row.draft_id = case_id, None


def keep_message(raw: BinaryIO, name: str, *, added_by: str) -> FileRef:
    """Keep an e-mail byte for byte, whatever it holds, as an internal file that is only ever downloaded.

    It belongs to nobody until a command on a case takes it. Raises uploads.StorageError, and then keeps nothing.
    """
    sums = hashlib.sha256()
    while chunk := raw.read(1 << 20):
        sums.update(chunk)
    digest, size = sums.hexdigest(), raw.tell()
    raw.seek(0)
    key = store().put(raw, ".eml")
    try:
        with writing() as session:
            row = Attachment(
                store_key=key,
                name=name,
                media_type="message/rfc822",
                size=size,
                sha256=digest,
                original_sha256=digest,
                internal=True,
                added_by=added_by[:200],
            )
            session.add(row)
            session.flush()
            return FileRef(id=row.id, name=row.name, media_type=row.media_type, size=row.size)
    except BaseException:
        store().delete(key)
        raise


def remove_from_draft(draft_id: int, file_id: int) -> bool:
    """Take a file off a draft again; False when it is not there."""
    if file_id > LARGEST_ID:
        return False
    with writing() as session:
        row = session.scalar(
            select(Attachment).where(Attachment.id == file_id, Attachment.draft_id == draft_id)
        )
        if row is None:
            return False
        discard(session, row)
        return True


def of_draft(draft_id: int, file_id: int) -> Attachment | None:
    """One file of a draft; None when it is not there, whoever it belongs to."""
    if file_id > LARGEST_ID:
        return None
    return db.session.scalar(
        select(Attachment).where(Attachment.id == file_id, Attachment.draft_id == draft_id)
    )


def refs_of_draft(draft_id: int) -> tuple[FileRef, ...]:
    """The files of a draft, as the command that sends it names them."""
    rows = db.session.scalars(
        select(Attachment).where(Attachment.draft_id == draft_id).order_by(Attachment.id)
    )
    return tuple(
        FileRef(id=a.id, name=a.name, media_type=a.media_type, size=a.size, taken_on=a.taken_on) for a in rows
    )


def waiting(numbers: set[int]) -> dict[int, FileRef]:
    """Which of these files wait for a command to take them, by number."""
    rows = db.session.scalars(select(Attachment).where(Attachment.id.in_(numbers), *_OF_NOBODY))
    return {
        a.id: FileRef(id=a.id, name=a.name, media_type=a.media_type, size=a.size, taken_on=a.taken_on)
        for a in rows
    }


def drop_waiting(number: int) -> None:
    """Delete a file that still waits; one that a case or a draft has taken stays."""
    with writing() as session:
        row = session.scalar(select(Attachment).where(Attachment.id == number, *_OF_NOBODY))
        if row is not None:
            discard(session, row)


def discard(session: Session, row: Attachment) -> None:
    """Delete a file and its row. The caller commits; a file whose row stayed would only be missing."""
    files = store()
    for key in (row.store_key, row.preview_key):
        if key:
            files.delete(key)
    session.delete(row)


def tidy(days: int) -> int:
    """Delete files that came with a form which nobody saved within `days` days; returns how many."""
    before = clock.now() - timedelta(days=days)
    with writing() as session:
        lost = session.scalars(
            select(Attachment)
            .where(
                Attachment.case_id.is_(None), Attachment.draft_id.is_(None), Attachment.created_at < before
            )
            .limit(500)
        ).all()
        for row in lost:
            discard(session, row)
        return len(lost)


def open_file(row: Attachment, *, preview: bool = False) -> BinaryIO:
    """The bytes of a file or of its preview. Raises uploads.StorageError where the store has lost them."""
    key = row.preview_key if preview and row.preview_key else row.store_key
    return store().open(key)


def pdf_of(letter: Letter) -> bytes | None:
    """The PDF that was made when a letter was sent; None where none was made, or the store has lost it."""
    if letter.pdf_key is None:
        return None
    try:
        with store().open(letter.pdf_key) as stream:
            return stream.read()
    except StorageError:
        current_app.logger.exception("the PDF of letter %s cannot be read", letter.id)
        return None


def _room(session: Session, draft_id: int | None, for_case: str, size: int) -> None:
    """Raises TooMany where a draft, or the case that a file is meant for, holds as much as it may."""
    if draft_id is not None:
        owner, most = Attachment.draft_id == draft_id, MOST_FILES
    elif for_case:
        case_id = select(Case.id).where(Case.ref == for_case).scalar_subquery()
        owner, most = Attachment.case_id == case_id, MOST_ON_CASE
    else:
        return
    sizes = session.scalars(select(Attachment.size).where(owner)).all()
    if len(sizes) >= most or sum(sizes) + size > config.current().max_case_bytes:
        raise TooMany
