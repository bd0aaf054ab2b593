"""One form for each action of staff: it checks the shape of what was typed and makes the command.

What the law and the landlord's rules say to it lies in shared/cases/guards/, and is asked by `perform`.
"""

from staff.forms import (
    answering,
    checks,
    merging,
    more_time,
    promises,
    record,
    remedies,
    taking_in,
    together,
    understanding,
)
from staff.forms.base import FORMS, ActionForm, form_for

__all__ = [
    "FORMS",
    "ActionForm",
    "answering",
    "checks",
    "form_for",
    "merging",
    "more_time",
    "promises",
    "record",
    "remedies",
    "taking_in",
    "together",
    "understanding",
]
