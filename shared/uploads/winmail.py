"""winmail.dat: the wrapping in which Outlook sends whole messages, taken apart in a bounded child process.

What comes out is as strange as any other upload and goes through `accept` like one.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from shared.uploads import bounded
from shared.uploads.contract import Limits, Reason, Refused
from shared.uploads.names import display_name

if TYPE_CHECKING:
    from tnefparse import TNEF
    from tnefparse.tnef import TNEFAttachment

SIGNATURE = b"\x78\x9f\x3e\x22"
MOST = 100  # files of one wrapping
DEEPEST = 5  # messages within messages
SECONDS = 15  # an honest one takes one


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What lay inside. The words are `plain` or, where that is empty, `html`; `rich`: they are RTF, not read."""

    files: tuple[tuple[str, bytes], ...]
    plain: str
    html: str
    complete: bool  # False where there was too much of it, or some of it is damaged or not read
    rich: bool = False


def unpack(content: bytes) -> Unpacked:
    """The files and the words inside. Raises Refused when it cannot be read to its end."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out:
        source.write(content)
        source.seek(0)
        bounded.run("shared.uploads.winmail:work", source, out, replace(Limits(), seconds=SECONDS))
        out.seek(0)
        told = json.loads(out.readline())
        files = tuple((name, out.read(size)) for name, size in told["files"])
    return Unpacked(files, told["plain"], told["html"], told["complete"], told["rich"])


def work(source: BinaryIO, out: BinaryIO, limits: Limits) -> dict[str, Any]:
    """Take one apart, in the child: a line that tells what follows, then the bytes of the files in a row."""
    found = take_apart(source.read())
    told = {
        "files": [(name, len(content)) for name, content in found.files],
        "plain": found.plain,
        "html": found.html,
        "complete": found.complete,
        "rich": found.rich,
    }
    out.write(json.dumps(told).encode() + b"\n")
    out.writelines(content for _, content in found.files)
    return {}


def take_apart(content: bytes) -> Unpacked:
    """What lies inside, without a process of its own: for code that runs in one. Raises Refused."""
    import tnefparse

    try:
        whole = tnefparse.TNEF(content, do_checksum=True)
        found = list(_files(whole))
        plain, html = _words(whole.body), _words(whole.htmlbody)
        return Unpacked(
            files=tuple(found[:MOST]),
            plain=plain,
            html=html,
            complete=len(found) <= MOST
            and all(one.good_checksum for one in whole.objects)
            and not _unread(whole),
            rich=whole.has_body() and not (plain.strip() or html.strip()),
        )
    except Exception:  # the library trips over more than it names
        raise Refused(Reason.BROKEN) from None


def _files(message: "TNEF", depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The files of a message and of those inside it; the words of an inner message are a file as well."""
    for number, one in enumerate(message.attachments, start=1):
        inner = getattr(one, "embed", None)
        if inner is not None and depth < DEEPEST:
            words = _words(inner.body)
            if words.strip():
                yield f"message-{number}.txt", words.encode(errors="replace")
            yield from _files(inner, depth + 1)
        elif one.data:
            yield _name(one) or f"file-{number}", bytes(one.data)


def _unread(message: "TNEF", depth: int = 0) -> bool:
    """Whether a message inside has words, but none in plain text."""
    inside = [one.embed for one in message.attachments if hasattr(one, "embed")]
    return depth < DEEPEST and any(
        (one.has_body() and not _words(one.body).strip()) or _unread(one, depth + 1) for one in inside
    )


def _name(one: "TNEFAttachment") -> str:
    try:
        return display_name(_words(one.long_filename()))
    except UnicodeDecodeError:
        return display_name(one._name.decode("cp1252", errors="replace"))


def _words(found: str | bytes | None) -> str:
    text = found.decode("cp1252", errors="replace") if isinstance(found, bytes) else found or ""
    return text.replace("\0", "")
