"""The law and the landlord's rules that depend on what was typed: pure checks, one function a command.

flow.py has already said that this role may take this action at this stage. A guard returns every problem at
once, each with the field it belongs to, how to mend it, and the clause it comes from.
"""

import re

# The modules below register their guards by being imported.
from shared.cases import commands as c
from shared.cases import placeholders
from shared.cases.guards import answer, intake, merge
from shared.cases.guards.common import GUARDS, Env, Problem
from shared.cases.guards.record import LONGEST_TAG, MOST_TAGS
from shared.cases.state import CaseState
from shared.identity.actors import Actor, Staff


def problems(state: CaseState | None, command: c.Command, actor: Actor, env: Env) -> list[Problem]:
    """Everything that stands in the way of this command; empty when nothing does."""
    if not _can_be_kept(command):
        return [Problem("", "Some signs in this text cannot be kept. Type it again")]
    if isinstance(command, c.Submit):
        return list(intake.submission(command, actor, env))
    if state is None:
        raise ValueError("only a submission can come without a case")
    guard = GUARDS.get(type(command))
    found = list(guard(state, command, actor, env)) if guard else []
    return found + (list(placeholders.unfilled(command)) if isinstance(actor, Staff) else [])


_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it, and not a backslash that somebody typed


def _can_be_kept(command: c.Command) -> bool:
    """Whether both databases can store every text: no NUL, no half of a surrogate pair."""
    try:
        return _NUL.search(c.encode(command)) is None
    except UnicodeEncodeError:
        return False


__all__ = ["LONGEST_TAG", "MOST_TAGS", "Env", "Problem", "answer", "merge", "problems"]
