"""A file of a case, or a message that waits, read in the page without being downloaded."""

from typing import BinaryIO

from shared.mail import shown
from shared.uploads import Refused, StorageError
from shared.uploads.reading import WORK, Reading, read

_WORK = WORK | {"message/rfc822": shown.WORK}


def readable(media_type: str) -> bool:
    """Whether a file of this type is words that a page can show."""
    return media_type in _WORK


def words_of(content: BinaryIO, media_type: str) -> Reading | None:
    """What a page shows of an open file; None where it can only be downloaded."""
    if not readable(media_type):
        return None
    try:
        return read(content, _WORK[media_type])
    except (Refused, StorageError, OSError):
        return None
