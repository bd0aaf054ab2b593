"""What comes with a mail: each file cleaned like any other upload, and the whole message where one was not.

Nothing may be lost: what cannot be made safe is still in the message itself, which staff can download.
"""

from dataclasses import dataclass
from io import BytesIO

from shared.cases import files
from shared.cases.state import FileRef
from shared.mail.inbound import Incoming
from shared.mail.mime import Part, plain_of
from shared.uploads import Reason, Refused, StorageError, winmail

OURS = {Reason.NO_SPACE, Reason.BUSY, Reason.FAILED}  # another time the same file may be taken
WHOLE = "whole-message.eml"


class NotNow(Exception):
    """There is no room, or no time, to keep the files. The message has to wait, whole."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was made of a mail: its words, its files, and the names of those that are in the whole message only."""

    words: str
    files: tuple[FileRef, ...]
    left_out: tuple[str, ...]

    @property
    def told(self) -> str:
        """The words, and what became of files that could not be kept by themselves."""
        if not self.left_out:
            return self.words
        names = ", ".join(self.left_out)
        return f"{self.words}\n\n[Could not be opened safely: {names}. The whole e-mail is kept.]".strip()


def take(incoming: Incoming, raw_key: str, added_by: str, *, whole: bool = False) -> Taken:
    """Clean and keep what came with a mail, for a command on a case to take.

    The whole message is kept as an internal file when anything was left out, words too, and where `whole` asks
    for it.
    Raises NotNow, and then keeps nothing.
    """
    kept: list[FileRef] = []
    left_out: list[str] = []
    words = incoming.text
    try:
        for part in incoming.parts:
            if not part.content.startswith(winmail.SIGNATURE):
                _add(part, added_by, kept, left_out)
                continue
            try:
                found = winmail.unpack(part.content)
            except Refused as refused:
                _only_theirs(refused)
                left_out.append(part.name)
                continue
            words = words or found.plain.strip() or plain_of(found.html)
            if not found.complete or (found.rich and not words):
                left_out.append(part.name)
            for name, content in found.files:
                _add(Part(name, "", content), added_by, kept, left_out)
        if whole or left_out or incoming.damaged or incoming.cut:
            with files.store().open(raw_key) as raw:
                kept.append(files.keep_message(raw, WHOLE, added_by=added_by))
    except (NotNow, StorageError, OSError) as error:
        for file in kept:
            files.drop_waiting(file.id)
        raise NotNow from error
    return Taken(words, tuple(kept), tuple(left_out))


def drop(taken: Taken) -> None:
    """Delete the files again: no command took them."""
    for file in taken.files:
        files.drop_waiting(file.id)


def _add(part: Part, added_by: str, kept: list[FileRef], left_out: list[str]) -> None:
    if len(kept) >= winmail.MOST:  # wrappings beside each other could hold thousands
        left_out.append(part.name)
        return
    try:
        kept.append(files.add(BytesIO(part.content), part.name, added_by=added_by))
    except Refused as refused:
        _only_theirs(refused)
        left_out.append(part.name)


def _only_theirs(refused: Refused) -> None:
    if refused.reason in OURS:
        raise NotNow from refused
