"""A disk that is really full, for the tests of everything that writes files."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LIMIT = (
    "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2);"
    "os.execv(sys.argv[2], sys.argv[2:])"
)


@contextmanager
def cramped(folder: Path, kilobytes: int) -> Iterator[tuple[Path, list[str]]]:
    """A folder with that little room, and what to put in front of the command that writes into it.

    Where a small file system can be mounted, the folder is one. Elsewhere the command gets a cap on the size
    of each file instead, which makes the same system call fail half way.
    """
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(folder)]
    mounted = subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0
    try:
        yield folder, [] if mounted else [sys.executable, "-c", _LIMIT, str(kilobytes * 1024)]
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
