"""An e-mail to be read in a page: who wrote what to whom, in full, and what came with it."""

from contextlib import suppress
from typing import Any, BinaryIO

from shared.mail import mime
from shared.uploads import winmail
from shared.uploads.contract import Limits, Refused
from shared.uploads.reading import Enclosed, paragraphs, write

WORK = "shared.mail.shown:work"
HEADERS = ("From", "Reply-To", "To", "Cc", "Date", "Subject")
LONGEST = 1_000  # characters of one header


def work(source: BinaryIO, out: BinaryIO, limits: Limits) -> dict[str, Any]:
    """Take the words out of a message, in the child process; quoted letters stay in."""
    message, _ = mime.parse(source.read())
    text, parts, _ = mime.content(message, most=None)
    enclosed = []
    for part in parts:
        inside = _winmail(part.content)
        text = text or inside.plain or mime.plain_of(inside.html)
        files = inside.files or ((part.name, part.content),)
        enclosed += [Enclosed(name, len(content)) for name, content in files]
    headers = [(name, mime.header(message, name)[:LONGEST]) for name in HEADERS]
    return write(
        out,
        paragraphs(text.replace("\r\n", "\n").replace("\r", "\n")),
        headers=tuple((name, value) for name, value in headers if value.strip()),
        enclosed=tuple(enclosed),
    )


def _winmail(content: bytes) -> winmail.Unpacked:
    """What lies in Outlook's wrapping; nothing where it is something else, or cannot be read."""
    if content.startswith(winmail.SIGNATURE):
        with suppress(Refused):
            return winmail.take_apart(content)
    return winmail.Unpacked((), "", "", complete=True)
