"""Cleaning one file, whatever it is: which scrubber its content needs. Runs in the child process."""

import os
from dataclasses import asdict
from typing import Any, BinaryIO

from shared.uploads.contract import Limits, Reason, Refused, Scrubbed
from shared.uploads.sniff import Found, sniff

_IMAGES = {Found.JPEG, Found.PNG, Found.GIF, Found.WEBP, Found.BMP, Found.HEIF}


def work(source: BinaryIO, out: BinaryIO, limits: Limits, *, preview: BinaryIO, said: str) -> dict[str, Any]:
    """Scrub in the child: the clean copy to `out`, a picture for pages to `preview`, the rest as a report."""
    scrubbed = scrub(source, out, said, limits)
    preview.write(scrubbed.preview or b"")
    return asdict(scrubbed) | {"preview": None, "taken_on": scrubbed.taken_on and str(scrubbed.taken_on)}


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
