"""The one door for files: `accept` hands the bytes to a child process and believes only its report."""

import hashlib
import tempfile
from datetime import date, timedelta
from errno import EDQUOT, EFBIG, ENOSPC
from io import BytesIO
from typing import Any, BinaryIO, Protocol

from shared import clock
from shared.uploads import bounded
from shared.uploads.contract import CleanFile, Kind, Limits, Reason, Refused
from shared.uploads.names import display_name, ending

_CHUNK = 1 << 20
_SCRUB = "shared.uploads.scrub:work"


class Readable(Protocol):
    """An upload as web frameworks give it: read(n) returns at most n bytes, b"" at the end."""

    def read(self, size: int = -1, /) -> bytes: ...


def accept(upload: Readable | bytes, filename: str, limits: Limits | None = None) -> CleanFile:
    """Check and clean one upload; the result holds a temporary file, so use it in a `with` block.

    Raises Refused with a Reason and its facts; anything else that it raises is a fault of ours.
    """
    limits = limits or Limits()
    name = display_name(filename, limits.name_chars)
    try:
        cleaned: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - lives on inside the CleanFile
        try:
            with tempfile.TemporaryFile() as original, tempfile.TemporaryFile() as preview:
                original_sha256 = _spool(upload, original, limits)
                report = bounded.run(
                    _SCRUB, original, cleaned, limits, files={"preview": preview}, said=ending(name)
                )
                preview.seek(0)
                return _clean_file(report, cleaned, preview.read(), name, original_sha256)
        except BaseException:
            cleaned.close()
            raise
    except OSError as error:
        if error.errno in {ENOSPC, EDQUOT, EFBIG}:
            raise Refused(Reason.NO_SPACE) from error
        raise


def _spool(upload: Readable | bytes, original: BinaryIO, limits: Limits) -> str:
    """Copy at most one byte more than allowed, so that an endless stream ends here. Returns the hash."""
    stream = BytesIO(upload) if isinstance(upload, bytes) else upload
    digest = hashlib.sha256()
    size = 0
    while chunk := stream.read(min(_CHUNK, limits.max_bytes + 1 - size)):
        size += len(chunk)
        if size > limits.max_bytes:
            raise Refused(Reason.TOO_BIG, limit=limits.max_bytes)
        digest.update(chunk)
        original.write(chunk)
    if size == 0:
        raise Refused(Reason.EMPTY)
    original.flush()
    original.seek(0)
    return digest.hexdigest()


def _clean_file(
    report: dict[str, Any], cleaned: BinaryIO, preview: bytes, name: str, original_sha256: str
) -> CleanFile:
    cleaned.seek(0)
    digest = hashlib.sha256()
    while chunk := cleaned.read(_CHUNK):
        digest.update(chunk)
    size = cleaned.tell()
    if size == 0:
        raise Refused(Reason.EMPTY)
    cleaned.seek(0)
    taken_on = date.fromisoformat(report["taken_on"]) if report["taken_on"] else None
    if taken_on and taken_on > clock.today() + timedelta(days=1):  # a day's grace for other time zones
        taken_on = None
    return CleanFile(
        content=cleaned,
        kind=Kind(report["kind"]),
        media_type=report["media_type"],
        extension=report["extension"],
        size=size,
        sha256=digest.hexdigest(),
        original_sha256=original_sha256,
        original_name=name or f"file{report['extension']}",
        width=report["width"],
        height=report["height"],
        taken_on=taken_on,
        preview=preview or None,
    )
