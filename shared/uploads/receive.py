"""The one door for files: `accept` hands the bytes to a child process and believes only its report.

Decoders of photos and PDFs are large C libraries fed by strangers. They run in a child with a cap on memory,
processor time and output, so that a hostile file can cost one refusal, never the service. The parent only
counts and hashes bytes.
"""

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from datetime import date, timedelta
from errno import EDQUOT, EFBIG, ENOSPC
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import shared
from shared import clock
from shared.uploads.contract import CleanFile, Kind, Limits, Reason, Refused
from shared.uploads.names import display_name, ending

_log = logging.getLogger(__name__)
_CHUNK = 1 << 20
_ROOT = Path(shared.__file__).resolve().parent.parent
_ENVIRONMENT = {"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}  # and no secret of the service
_AT_ONCE = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))  # children of one web process
_GAVE_UP = {-signal.SIGXCPU, -signal.SIGKILL}  # over the processor time, or stopped for its memory


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
                report = _scrub_in_child(original, cleaned, preview, ending(name), limits)
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


def _scrub_in_child(
    original: BinaryIO, cleaned: BinaryIO, preview: BinaryIO, said: str, limits: Limits
) -> dict[str, Any]:
    """Run shared.uploads.child on the open files; returns its report. No name of ours reaches the child.

    The report comes through a pipe, since it must arrive when the disk is full too.
    """
    if not _AT_ONCE.acquire(timeout=limits.seconds):
        raise Refused(Reason.BUSY)
    reader, writer = os.pipe()
    try:
        order = {"said": said, "preview": preview.fileno(), "report": writer, "limits": asdict(limits)}
        with tempfile.TemporaryFile() as told:
            process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-m", "shared.uploads.child", json.dumps(order)],
                stdin=original,
                stdout=cleaned,
                stderr=told,
                pass_fds=[preview.fileno(), writer],
                cwd=_ROOT,
                env=_ENVIRONMENT,
            )
            os.set_blocking(reader, False)  # whatever is left alive, this process never waits for it
            try:
                code = process.wait(limits.seconds)
            except subprocess.TimeoutExpired:
                raise Refused(Reason.TOO_COMPLEX) from None
            finally:
                process.kill()
                process.wait()
            told.seek(0)
            return _report(code, _read_now(reader), told.read(_CHUNK).decode(errors="replace"))
    finally:
        os.close(reader)
        os.close(writer)
        _AT_ONCE.release()


def _read_now(reader: int) -> bytes:
    """What the pipe holds: a report is far smaller than a pipe."""
    try:
        return os.read(reader, 65_536)
    except BlockingIOError:
        return b""


def _report(code: int, answer: bytes, told: str) -> dict[str, Any]:
    """The child's answer, or the reason why there is none."""
    if answer:
        report: dict[str, Any] = json.loads(answer)
        if "refused" in report:
            raise Refused(Reason(report["refused"]), **report["facts"])
        return report
    if code in _GAVE_UP:
        raise Refused(Reason.TOO_COMPLEX)
    if code < 0:  # a decoder crashed on these bytes
        _log.warning("a decoder ended with signal %d", -code)
        raise Refused(Reason.BROKEN)
    _log.error("the upload child failed with code %d: %s", code, told[-2000:])
    raise Refused(Reason.FAILED)


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
