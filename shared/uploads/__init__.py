"""Files that people send us: checked, cleaned and kept.

`accept` is the only way in. It decides by content what a file is, refuses what could harm the reader and
gives back a cleaned copy without hidden details such as the place where a photo was taken. The copy, never
the original, goes into a `FileStore`. This package knows neither the web nor the database.
"""

from shared.uploads.contract import CleanFile, Kind, Limits, Reason, Refused
from shared.uploads.receive import accept
from shared.uploads.store import DiskStore, FileStore, StorageError, StorageFull, open_store

__all__ = [
    "CleanFile",
    "DiskStore",
    "FileStore",
    "Kind",
    "Limits",
    "Reason",
    "Refused",
    "StorageError",
    "StorageFull",
    "accept",
    "open_store",
]
