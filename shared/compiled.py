"""Templates compiled once and kept between processes, as Python keeps its own modules.

Each process of a service, each command and each process of the tests would otherwise spend seconds on it.
"""

from contextlib import suppress

from jinja2.bccache import Bucket, FileSystemBytecodeCache

from shared.config import ROOT

FOLDER = ROOT / "build" / "templates"  # `make clean` removes it; a changed template is compiled anew


class _Kept(FileSystemBytecodeCache):
    """Files in a folder; where it cannot be read or written, templates are compiled as if there were none."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept, if anything was."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, unless the disk is full or may not be written to: the page comes first."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def bytecode_cache(kind: str) -> FileSystemBytecodeCache:
    """Where environments of one kind keep what they compile; those with other settings need a kind of their own."""
    with suppress(OSError):
        FOLDER.mkdir(parents=True, exist_ok=True)
    return _Kept(str(FOLDER), f"{kind}-%s")
