"""Where cleaned files live: outside every folder that the web server shows, under names nobody can guess.

A case keeps only the key that `put` returns. Another kind of store (S3, Azure) needs the methods of
`FileStore` and a line in `_SCHEMES`.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from errno import EDQUOT, EFBIG, ENOSPC
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from shared import clock

_KEY = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{28}(?:\.[a-z0-9]{1,5})?")
_SUFFIX = re.compile(r"(?:\.[a-z0-9]{1,5})?")
_FULL = {ENOSPC, EDQUOT, EFBIG}
_UNFINISHED = "unfinished"
_PUBLIC = {"static", "public", "public_html", "www", "htdocs"}


class StorageError(Exception):
    """The store cannot do what was asked; the message says why, for the log and `redress check`."""


class StorageFull(StorageError):
    """There is no room left and nothing was kept. It is our fault, and trying again later can help."""


class FileStore(Protocol):
    """What the service needs of a store. Every method raises StorageError and nothing else."""

    def put(self, content: BinaryIO | bytes, suffix: str = "") -> str:
        """Keep the content for good before returning its key. Raises StorageFull when there is no room."""
        ...

    def open(self, key: str) -> BinaryIO:
        """The content, from its start; close it after use."""
        ...

    def size(self, key: str) -> int:
        """Bytes of the content."""
        ...

    def delete(self, key: str) -> bool:
        """Remove the content; False when it was gone already."""
        ...

    def keys(self) -> Iterator[str]:
        """Every key, so that `redress check` can find files without a case and cases without a file."""
        ...

    def check(self) -> None:
        """Write, read and delete a probe."""
        ...


class DiskStore:
    """Files in a folder of this machine, in two levels of subfolders, readable by the service's user only."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).expanduser().absolute()

    def __repr__(self) -> str:
        return f"DiskStore({str(self.root)!r})"

    def put(self, content: BinaryIO | bytes, suffix: str = "") -> str:
        """Write aside, flush to the disk, then rename: a key never leads to half a file.

        `content` is read from where it stands. `suffix` is an extension with its dot, or empty.
        """
        if not _SUFFIX.fullmatch(suffix):
            raise StorageError(f"{suffix!r} is no file extension")
        name = secrets.token_hex(16)
        key = f"{name[:2]}/{name[2:4]}/{name}{suffix}"
        aside = self.root / _UNFINISHED / name
        place = self.root / key
        try:
            _make_folder(aside.parent)
            try:
                _write(aside, content)
                _make_folder(place.parent)
                os.rename(aside, place)
                _flush_folder(place.parent)
            except BaseException:
                aside.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._failure("keep a file", error) from error
        return key

    def open(self, key: str) -> BinaryIO:
        """The content, from its start; a key that leads out of the store or nowhere is a StorageError."""
        try:
            return open(self._place(key), "rb")
        except OSError as error:
            raise self._failure(f"open {key}", error) from error

    def size(self, key: str) -> int:
        """Bytes of the content."""
        try:
            return self._place(key).stat().st_size
        except OSError as error:
            raise self._failure(f"measure {key}", error) from error

    def delete(self, key: str) -> bool:
        """Remove the content; False when it was gone already, so that a repeated deletion is no error."""
        try:
            self._place(key).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._failure(f"delete {key}", error) from error
        return True

    def keys(self) -> Iterator[str]:
        """Every key in the store, in order."""
        for path in sorted(self.root.glob("??/??/*")):
            key = path.relative_to(self.root).as_posix()
            if _KEY.fullmatch(key):
                yield key

    def sweep(self, older_than_seconds: int = 86_400) -> int:
        """Remove what a killed process left half written; returns how many files. A task of the worker."""
        limit = clock.now().timestamp() - older_than_seconds
        removed = 0
        try:
            for path in (self.root / _UNFINISHED).glob("*"):
                if path.stat().st_mtime < limit:
                    path.unlink(missing_ok=True)
                    removed += 1
        except OSError as error:
            raise self._failure("sweep", error) from error
        return removed

    def check(self) -> None:
        """Write, read and delete a probe, and refuse a folder that a web server may show to anybody."""
        public = _PUBLIC & set(self.root.resolve().parts)
        if public:
            raise StorageError(
                f"{self.root} lies in {public.pop()!r}, which a web server may show to anybody"
            )
        probe = secrets.token_bytes(4096)
        key = self.put(probe)
        try:
            with self.open(key) as kept:
                if kept.read() != probe:
                    raise StorageError(f"{self.root} gave back other bytes than it was given")
        finally:
            self.delete(key)

    def _place(self, key: str) -> Path:
        """The path of a key, never outside the root, not even through a link somebody planted."""
        if not _KEY.fullmatch(key):
            raise StorageError(f"{key!r} is no key of this store")
        place = self.root / key
        if not place.resolve().is_relative_to(self.root.resolve()):
            raise StorageError(f"{key} leads out of the store")
        return place

    def _failure(self, action: str, error: OSError) -> StorageError:
        kind = StorageFull if error.errno in _FULL else StorageError
        return kind(f"{self.root}: cannot {action}: {error.strerror or error}")


def _make_folder(folder: Path) -> None:
    """Make a folder and its parents for our user alone, and flush the names to the disk."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _flush_folder(folder.parent)


def _write(path: Path, content: BinaryIO | bytes) -> None:
    source = BytesIO(content) if isinstance(content, bytes) else content
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _disk(address: str) -> FileStore:
    parts = urlsplit(address)
    if parts.netloc not in {"", "localhost"} or not parts.path:
        raise StorageError(f"{address!r} names no folder; write file:///folder")
    return DiskStore(unquote(parts.path))


_SCHEMES: dict[str, Callable[[str], FileStore]] = {"file": _disk}


def open_store(address: Path | str) -> FileStore:
    """The store at a folder or a file:// address. Raises StorageError for an unknown scheme."""
    if isinstance(address, Path) or "://" not in address:
        if not str(address).strip():
            raise StorageError("the file store has no address")
        return DiskStore(address)
    scheme = urlsplit(address).scheme
    if scheme not in _SCHEMES:
        raise StorageError(
            f"{scheme}:// is no known file store; known: {', '.join(sorted(_SCHEMES))}, or a folder"
        )
    return _SCHEMES[scheme](address)
