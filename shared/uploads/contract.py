"""What goes into `accept` and what comes out: limits, reasons for saying no, and a cleaned file."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import TracebackType
from typing import BinaryIO, Self


class Kind(StrEnum):
    """What a file is to its reader; decides its icon and whether a page may show it."""

    IMAGE = "image"
    DOCUMENT = "document"
    AUDIO = "audio"
    VIDEO = "video"


class Reason(StrEnum):
    """Why a file is refused. Beside each: the sentence for the person, which says how to mend it.

    The facts of a `Refused` fill the placeholders: `limit` is a number of bytes (a size filter writes it as
    "25 MB"), `said` the ending of the name, `pixels` a whole number.
    """

    # "The file is empty. Choose another file."
    EMPTY = "empty"
    # "The file is too big. It must be smaller than %(limit)s. Try a shorter recording or a smaller copy, or
    #  send it in parts."
    TOO_BIG = "too_big"
    # "The picture has too many dots for us to open it. Make it smaller, or take a screenshot of it, and try
    #  again."
    TOO_MANY_PIXELS = "too_many_pixels"
    # "We cannot take this type of file. Send a photo, a PDF, a Word document (.docx), a text file, a video or
    #  a sound recording. You can open most other files and save them as a PDF."
    WRONG_TYPE = "wrong_type"
    # "The name of this file ends in .%(said)s, but it is a different type of file inside. Open it, save it
    #  again as a photo or a PDF, and send the new file."
    LIES_ABOUT_TYPE = "lies_about_type"
    # "The file is locked with a password, so we cannot open it. Save a copy without a password and send the
    #  copy."
    ENCRYPTED = "encrypted"
    # "The file is damaged or not complete, so we cannot open it. Open it on your device to check it, save it
    #  again, and send the new file. If it does not open, send a photo or a screenshot of it."
    BROKEN = "broken"
    # "The file has small programs inside (macros). We cannot take it, to keep everyone safe. Save it as a PDF
    #  and send the PDF."
    MACROS = "macros"
    # "The file is too complex for us to open. Save it as a PDF or take a photo of it, or send it in smaller
    #  parts."
    TOO_COMPLEX = "too_complex"
    # "We could not remove hidden details, such as where you were, from this file. We did not keep it. Make
    #  it again with another app, or tell us in words what it shows."
    NOT_CLEANABLE = "not_cleanable"
    # "We have no room to keep your file right now. This is our fault. Your other answers are safe. Try again
    #  later, or go on without the file and send it to us later."
    NO_SPACE = "no_space"
    # "We are checking many files right now. Wait one minute and try again."
    BUSY = "busy"
    # "We could not check your file. This is our fault. Try again later, or go on without the file and send it
    #  to us later."
    FAILED = "failed"


class Refused(Exception):
    """A file that we do not keep, with the reason and the facts that its sentence needs."""

    def __init__(self, reason: Reason, **facts: str | int) -> None:
        super().__init__(reason, facts)
        self.reason = reason
        self.facts = facts

    def __str__(self) -> str:
        return " ".join([self.reason, *(f"{name}={value}" for name, value in self.facts.items())])


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may ask of us. Sizes in bytes, times in seconds, sides in pixels.

    `max_bytes` caps every file; a kind's own cap can only be lower. The guard values bound the process that
    opens the file: a file that needs more is refused and the service carries on.
    """

    max_bytes: int = 25_000_000
    image_bytes: int = 25_000_000
    document_bytes: int = 25_000_000
    text_bytes: int = 1_000_000
    mail_bytes: int = 15_000_000
    audio_bytes: int = 50_000_000
    video_bytes: int = 200_000_000
    max_pixels: int = 60_000_000  # a 48-megapixel phone photo fits
    max_side: int = 2560
    preview_side: int = 1200
    max_pages: int = 1_000  # of a PDF
    unzipped_bytes: int = 100_000_000  # all parts of a .docx or .odt together
    zip_entries: int = 2_000
    name_chars: int = 100
    seconds: int = 30  # wall clock and, in the child, processor time
    memory_bytes: int = 1_200_000_000  # address space of the child; a 59-megapixel picture fits


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What a scrubber found out while it wrote the clean bytes."""

    kind: Kind
    media_type: str
    extension: str  # with its dot
    width: int | None = None
    height: int | None = None
    taken_on: date | None = None
    preview: bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CleanFile:
    """A file that is safe to keep.

    `content` is an anonymous temporary file standing at its start: it has no name on the disk and vanishes
    when closed, so nothing is left behind whatever happens. Use the object in a `with` block.
    """

    content: BinaryIO
    kind: Kind
    media_type: str
    extension: str  # of the cleaned file, with its dot: a HEIC photo comes out as .jpg
    size: int  # of the cleaned file
    sha256: str  # of the cleaned file
    original_sha256: str  # what the person sent: finds the same file sent twice
    original_name: str  # safe to show, never to be used as a path
    width: int | None = None
    height: int | None = None
    taken_on: date | None = None  # the camera's own local date of a photo; evidence, not proof
    preview: bytes | None = None  # a JPEG, at most Limits.preview_side on its longer side

    @property
    def download_name(self) -> str:
        """The name to offer on download: the person's own, with the ending that the bytes now have."""
        stem = self.original_name.rpartition(".")[0] or self.original_name
        return "".join("_" if sign in '<>:"|?*' else sign for sign in stem) + self.extension

    def close(self) -> None:
        """Let go of the temporary file."""
        self.content.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
