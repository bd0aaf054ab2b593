"""The child process that opens one hostile file: `python -m shared.uploads.child '<order as JSON>'`.

Standard input is the file, standard output takes what is made of it; the report goes to an inherited pipe.
Everything that a strange file can raise becomes a refusal. `shared.uploads.bounded` starts it.
"""

import json
import logging
import os
import pkgutil
import resource
import sys
import traceback
from contextlib import ExitStack, suppress
from errno import EDQUOT, EFBIG, ENOSPC
from typing import Any

from shared.uploads.contract import Limits, Reason, Refused


def bound(limits: Limits) -> None:
    """Cap what this process may take, before it reads a byte of the file."""
    caps = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_CPU: limits.seconds,
        resource.RLIMIT_FSIZE: 2 * limits.max_bytes + 20_000_000,
        resource.RLIMIT_CORE: 0,
    }
    for what, cap in caps.items():
        hard = resource.getrlimit(what)[1]
        cap = cap if hard == resource.RLIM_INFINITY else min(cap, hard)
        resource.setrlimit(what, (cap, cap))


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """The report: what the work found out, or why the file is refused."""
    limits = Limits(**order["limits"])
    bound(limits)
    try:
        with ExitStack() as opened:
            source, out = opened.enter_context(os.fdopen(0, "rb")), opened.enter_context(os.fdopen(1, "w+b"))
            files = {
                name: opened.enter_context(os.fdopen(number, "wb")) for name, number in order["files"].items()
            }
            work = pkgutil.resolve_name(order["work"])
            report: dict[str, Any] = work(source, out, limits, **files, **order["facts"])
            return report
    except Refused as refused:
        return {"refused": refused.reason, "facts": refused.facts}
    except MemoryError:
        return {"refused": Reason.TOO_COMPLEX, "facts": {}}
    except ImportError:
        raise  # a library of ours is missing: the parent reports a fault of ours
    except Exception as error:
        with suppress(OSError):  # the log may lie on the same full disk
            traceback.print_exc()
        no_space = isinstance(error, OSError) and error.errno in {ENOSPC, EDQUOT}
        too_long = isinstance(error, OSError) and error.errno == EFBIG
        reason = Reason.NO_SPACE if no_space else Reason.TOO_COMPLEX if too_long else Reason.BROKEN
        return {"refused": reason, "facts": {}}


if __name__ == "__main__":
    logging.disable()  # libraries complain about hostile files without end
    given = json.loads(sys.argv[1])
    os.write(given["report"], json.dumps(answer(given)).encode())
