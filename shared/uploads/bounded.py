"""Work on a stranger's file in a process of its own, with a cap on memory, time and output.

Decoders of photos, PDFs and packed mail are fed by strangers. In a child a hostile file can cost one refusal,
never the service. The parent only counts and hashes bytes.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import shared
from shared.uploads.contract import Limits, Reason, Refused

_log = logging.getLogger(__name__)
_CHUNK = 1 << 20
_ROOT = Path(shared.__file__).resolve().parent.parent
_ENVIRONMENT = {"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}  # and no secret of the service
_AT_ONCE = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))  # children of one web process
_GAVE_UP = {-signal.SIGXCPU, -signal.SIGKILL}  # over the processor time, or stopped for its memory


def run(
    work: str,
    source: BinaryIO,
    out: BinaryIO,
    limits: Limits,
    *,
    files: Mapping[str, BinaryIO] | None = None,
    **facts: str,
) -> dict[str, Any]:
    """Call `work` ("package.module:function") in shared.uploads.child; returns its report.

    It gets `source`, `out` and `limits`, each of `files` and each fact by name. All files are real ones, open
    here; no name of ours reaches the child. The report comes through a pipe, since it must arrive when the
    disk is full too. Raises Refused.
    """
    with _a_turn(limits), _pipe() as (reader, writer), tempfile.TemporaryFile() as told:
        numbers = {name: file.fileno() for name, file in (files or {}).items()}
        order = {"work": work, "report": writer, "limits": asdict(limits), "files": numbers, "facts": facts}
        process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "shared.uploads.child", json.dumps(order)],
            stdin=source,
            stdout=out,
            stderr=told,
            pass_fds=[*numbers.values(), writer],
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


@contextmanager
def _a_turn(limits: Limits) -> Iterator[None]:
    """One of the children that may run at once. Raises Refused when none is over in time."""
    if not _AT_ONCE.acquire(timeout=limits.seconds):
        raise Refused(Reason.BUSY)
    try:
        yield
    finally:
        _AT_ONCE.release()


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    try:
        yield reader, writer
    finally:
        os.close(reader)
        os.close(writer)


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
