"""An e-mail to be read in a page: who wrote what to whom, in full, and what came with it."""

from typing import Any, BinaryIO

from shared.mail import mime
from shared.uploads.contract import Limits
from shared.uploads.reading import Enclosed, paragraphs, write

WORK = "shared.mail.shown:work"
HEADERS = ("From", "Reply-To", "To", "Cc", "Date", "Subject")
LONGEST = 1_000  # characters of one header


def work(source: BinaryIO, out: BinaryIO, limits: Limits) -> dict[str, Any]:
    """Take the words out of a message, in the child process; quoted letters stay in."""
    message, _ = mime.parse(source.read())
    text, parts, _ = mime.content(message, most=None)
    headers = [(name, mime.header(message, name)[:LONGEST]) for name in HEADERS]
    return write(
        out,
        paragraphs(text.replace("\r\n", "\n").replace("\r", "\n")),
        headers=tuple((name, value) for name, value in headers if value.strip()),
        enclosed=tuple(Enclosed(part.name, len(part.content)) for part in parts),
    )
