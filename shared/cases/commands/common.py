"""The base of all commands."""

from typing import ClassVar

import msgspec

from shared.vocab import Action


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all commands; `action` names the row of FLOW."""

    action: ClassVar[Action]
