"""The child process that opens one hostile file: `python -m shared.uploads.child '<order as JSON>'`.

Standard input is the upload, standard output becomes the clean file; the preview goes to an inherited file
and the report to an inherited pipe. Everything that a strange file can raise becomes a refusal.
"""

import json
import os
import resource
import sys
import traceback
from contextlib import suppress
from dataclasses import asdict
from errno import EDQUOT, EFBIG, ENOSPC
from typing import Any, BinaryIO

from shared.uploads.contract import Limits, Reason, Refused, Scrubbed
from shared.uploads.sniff import Found, sniff

_IMAGES = {Found.JPEG, Found.PNG, Found.GIF, Found.WEBP, Found.BMP, Found.HEIF}


def bound(limits: Limits) -> None:
    """Cap what this process may take, before it reads a byte of the upload."""
    caps = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_CPU: limits.seconds,
        resource.RLIMIT_FSIZE: 2 * limits.max_bytes + 20_000_000,
        resource.RLIMIT_CORE: 0,
    }
    for what, cap in caps.items():
        hard = resource.getrlimit(what)[1]
        cap = cap if hard == resource.RLIM_INFINITY else min(cap, hard)
        resource.setrlimit(what, (cap, cap))


def scrub(source: BinaryIO, out: BinaryIO, said: str, limits: Limits) -> Scrubbed:
    """Decide what the file is, check the size that its kind may have, and write its clean copy to `out`.

    Libraries are loaded only for the type at hand, which keeps the child quick and small.
    """
    found = sniff(source, said)
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    if found in _IMAGES:
        _fits(size, limits.image_bytes)
        from shared.uploads.scrub_images import scrub_image

        return scrub_image(source, out, found, limits)
    if found in {Found.TEXT, Found.MAIL}:
        _fits(size, limits.text_bytes if found is Found.TEXT else limits.mail_bytes)
        from shared.uploads.scrub_text import scrub_mail, scrub_text

        return scrub_text(source, out) if found is Found.TEXT else scrub_mail(source, out)
    if found in {Found.PDF, Found.DOCX, Found.ODT}:
        _fits(size, limits.document_bytes)
        if found is Found.PDF:
            from shared.uploads.scrub_pdf import scrub_pdf

            return scrub_pdf(source, out, limits)
        if found is Found.DOCX:
            from shared.uploads.scrub_docx import scrub_docx

            return scrub_docx(source, out, limits)
        from shared.uploads.scrub_odt import scrub_odt

        return scrub_odt(source, out, limits)
    from shared.uploads.scrub_media import scrub_media

    scrubbed = scrub_media(source, out, found)
    _fits(size, limits.video_bytes if scrubbed.kind == "video" else limits.audio_bytes)
    return scrubbed


def _fits(size: int, cap: int) -> None:
    if size > cap:
        raise Refused(Reason.TOO_BIG, limit=cap)


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    """The report: what the scrubber found out, or why the file is refused."""
    limits = Limits(**order["limits"])
    bound(limits)
    try:
        with os.fdopen(0, "rb") as source, os.fdopen(1, "w+b") as out:
            scrubbed = scrub(source, out, order["said"], limits)
        with os.fdopen(order["preview"], "wb") as preview:
            preview.write(scrubbed.preview or b"")
        return asdict(scrubbed) | {"preview": None, "taken_on": scrubbed.taken_on and str(scrubbed.taken_on)}
    except Refused as refused:
        return {"refused": refused.reason, "facts": refused.facts}
    except MemoryError:
        return {"refused": Reason.TOO_COMPLEX, "facts": {}}
    except ImportError:
        raise  # a library of ours is missing: the parent reports a fault of ours
    except Exception as error:
        with suppress(OSError):  # the log may lie on the same full disk
            traceback.print_exc()
        no_space = isinstance(error, OSError) and error.errno in {ENOSPC, EDQUOT}
        too_long = isinstance(error, OSError) and error.errno == EFBIG
        reason = Reason.NO_SPACE if no_space else Reason.TOO_COMPLEX if too_long else Reason.BROKEN
        return {"refused": reason, "facts": {}}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    os.write(given["report"], json.dumps(_answer(given)).encode())
