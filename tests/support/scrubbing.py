"""The scrubbers without their child process, for the many tests that only ask what comes out."""

from io import BytesIO

from shared.uploads.contract import Limits, Scrubbed
from shared.uploads.names import display_name, ending
from shared.uploads.scrub import scrub


def scrubbed(data: bytes, name: str, limits: Limits | None = None) -> tuple[Scrubbed, bytes]:
    """What the scrubber found out and the clean bytes; raises what it raises."""
    out = BytesIO()
    found = scrub(BytesIO(data), out, ending(display_name(name)), limits or Limits())
    return found, out.getvalue()
