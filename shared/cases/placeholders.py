"""{Placeholders} that nobody filled in: while one is left, nothing goes that somebody else will read."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from shared.cases import commands as c
from shared.cases import flow
from shared.cases.guards.common import Problem
from shared.letters.facts import Words

PLACEHOLDER = re.compile(r"\{[^{}\n]{1,60}\}")
# Steps whose plain answers are read by the resident as well: those that send a letter, and messages.
READ_BY_RESIDENT = frozenset(step.action for step in flow.FLOW if step.letter is not None) | {
    c.Message.action
}


def unfilled(command: c.Command) -> Iterator[Problem]:
    """Each answer that still has one, with the control to go to.

    Words go into letters, now or later, whatever step they are written in.
    """
    plain = command.action in READ_BY_RESIDENT
    for name in command.__struct_fields__:
        for field, text in _texts(name, getattr(command, name), plain):
            found = list(dict.fromkeys(PLACEHOLDER.findall(text)))
            if found:
                yield Problem(field, f"Replace {', '.join(found)} with the real words")


def _texts(name: str, value: Any, plain: bool) -> Iterator[tuple[str, str]]:
    if isinstance(value, Words):
        yield name, value.text
        yield f"{name}_translation", value.translation or ""
    elif isinstance(value, str) and plain:
        yield name, value
    elif isinstance(value, tuple):
        for one in value:
            if isinstance(one, c.PointDecision):  # its own block of the form
                for part in one.__struct_fields__:
                    for field, text in _texts(part, getattr(one, part), plain=False):
                        yield f"{field}:{one.point}", text
            elif isinstance(one, msgspec.Struct | Words):
                yield from ((name, text) for _, text in _inside(one))


def _inside(one: Any) -> Iterator[tuple[str, str]]:
    if isinstance(one, Words):
        yield from _texts("", one, plain=False)
        return
    for part in one.__struct_fields__:
        yield from _texts(part, getattr(one, part), plain=False)
