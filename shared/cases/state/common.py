"""What all parts of a case are made of: frozen values, and the people and files that many of them name."""

from datetime import date

import msgspec

ENGLISH = "en"  # what staff read


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a case: immutable, comparable, and the same after a round trip through JSON."""


class StaffRef(Value, kw_only=True):
    """A member of staff as the case remembers them, with the job title they then had."""

    id: int
    name: str
    job: str = ""
    phone: str = ""
    email: str = ""


class FileRef(Value, kw_only=True):
    """A cleaned file on the case. `taken_on` is the day a photo was taken, kept as a fact when EXIF goes."""

    id: int
    name: str
    media_type: str
    size: int
    taken_on: date | None = None
