"""Uploads that arrive in pieces: a lost signal costs one piece, not the file.

Pieces lie in a folder for each owner until the last has come, then go through `accept` like any other file. A
piece is written at its own place, so that sending it twice does no harm. Each web host keeps its own pieces:
where a later one reaches another host, the sender is told to begin again.
"""

import re
import shutil
from pathlib import Path
from typing import IO, BinaryIO

from shared import clock
from shared.uploads.contract import Reason, Refused

MOST_AT_ONCE = 20  # unfinished uploads of one owner
NAME = re.compile(r"[a-z0-9]{8,64}")


class OutOfStep(Exception):
    """A piece that does not follow what is here; `received` is where to go on."""

    def __init__(self, received: int) -> None:
        super().__init__(f"go on from {received}")
        self.received = received


class Partial:
    """The unfinished uploads of one owner below one folder. Names come from browsers: only a-z and 0-9."""

    def __init__(self, folder: Path, owner: str) -> None:
        if not re.fullmatch(r"[a-z0-9]{1,64}", owner):
            raise ValueError("an owner is named by small letters and digits")
        self.folder = folder / owner

    def received(self, name: str) -> int:
        """How many bytes of an upload have come; 0 for one that never began."""
        path = self._path(name)
        return path.stat().st_size if path.exists() else 0

    def append(self, name: str, offset: int, piece: IO[bytes], most: int) -> int:
        """Write a piece that begins at `offset`; returns how many bytes are here now.

        Raises OutOfStep where bytes before it are missing, and Refused where the whole would exceed `most`
        bytes or the owner has too many unfinished uploads.
        """
        path = self._path(name)
        have = self.received(name)
        if offset > have:
            raise OutOfStep(have)
        self.folder.mkdir(parents=True, exist_ok=True)
        if not path.exists() and len(list(self.folder.iterdir())) >= MOST_AT_ONCE:
            raise Refused(Reason.BUSY)
        with path.open("r+b" if path.exists() else "xb") as file:
            file.seek(offset)
            while data := piece.read(1 << 16):
                if file.tell() + len(data) > most:
                    path.unlink(missing_ok=True)
                    raise Refused(Reason.TOO_BIG, limit=most)
                file.write(data)
        return self.received(name)

    def open(self, name: str) -> BinaryIO:
        """All bytes that came, for `accept`."""
        return self._path(name).open("rb")

    def discard(self, name: str) -> None:
        """Forget one upload, finished or not."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError("an upload is named by small letters and digits")
        return self.folder / name


def tidy(folder: Path, seconds: int) -> int:
    """Delete what nobody has added to for so long; returns how many owners were cleared away."""
    before = clock.now().timestamp() - seconds
    cleared = 0
    for owner in folder.iterdir() if folder.exists() else ():
        newest = max((piece.stat().st_mtime for piece in owner.iterdir()), default=owner.stat().st_mtime)
        if newest < before:
            shutil.rmtree(owner, ignore_errors=True)
            cleared += 1
    return cleared
