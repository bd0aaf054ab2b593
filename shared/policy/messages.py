"""Hand the words in policy files to the translators: a Babel extraction method for TOML.

The Babel mappings name it as `shared.policy.messages:extract`, for `shared/policy/**.toml`. Pages and letters
then pass the same words through gettext.
"""

import tomllib
from collections.abc import Iterator
from typing import IO, Any


def words(value: Any) -> Iterator[str]:
    """Every string for residents in a policy file: those under a key called `words`, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "words":
                yield from _strings(inner)
            else:
                yield from words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner)


def extract(
    fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield (line, function, message, comments) for each of them, as Babel asks for it."""
    text = fileobj.read().decode()
    lines = text.splitlines()
    for message in dict.fromkeys(words(tomllib.loads(text))):
        line = next((at for at, one in enumerate(lines, 1) if message in one), 1)
        yield line, "gettext", message, []


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
