"""Merging duplicates, and taking a merge back."""

from collections.abc import Mapping
from typing import Any

from wtforms import RadioField

from shared.cases import commands as c
from shared.cases import service
from shared.cases.case_view import CaseView
from shared.identity.actors import Staff
from shared.identity.tokens import parse_reference
from shared.vocab import Action
from shared.web.forms import choices, optional, required
from staff.forms.base import ActionForm, form_for, long, short


@form_for(Action.MERGE)
class MergeForm(ActionForm):
    title = "Merge into an earlier case"
    button = "Merge"

    into = short(
        "Reference of the earlier case",
        "This case goes into that one. Its dates stand; nothing runs here any more. Both histories stay, and "
        "it can be taken back.",
        required("Enter the reference of the earlier case"),
    )
    why = long("How do you know that both are one complaint?", "Such as: the resident sent the form twice.")
    differs = long(
        "If resident, home or helper differ: why is it one complaint all the same?",
        "Each of them keeps their own page. Letters go to the resident of the earlier case alone.",
        optional(),
    )

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        return {"into": parse_reference(asked.get("into", "")) or ""}

    def command(self) -> c.Merge:
        return c.Merge(
            into=parse_reference(self.into.data) or str(self.into.data),
            why=self.why.data,
            differs=self.differs.data,
        )


@form_for(Action.UNMERGE)
class UnmergeForm(ActionForm):
    title = "Take a merge back"
    button = "Take the merge back"

    which = RadioField("Which case?", [required("Choose the case")])
    why = long(
        "Why are they not one complaint?",
        "The later case runs by itself again, with its own dates from its own first day.",
    )

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        refs = _refs(view)
        return {"which": refs[0] if len(refs) == 1 else None}

    def prepare(self) -> None:
        self.which.choices = choices([(ref, ref) for ref in _refs(self.view)])

    def command(self) -> c.Unmerge:
        return c.Unmerge(why=self.why.data)

    def carry_out(self, seen: int, form: str = "") -> service.Done | None:
        """Begun at either of the two cases, it is always done at the one that went."""
        if self.which.data == self.view.ref:
            return service.perform(self.view.ref, self.command(), self.actor, seen=seen, form=form)
        service.perform(self.which.data, self.command(), self.actor)
        return None


def _refs(view: CaseView) -> list[str]:
    if view.state.merged_into is not None:
        return [view.ref]
    return [one.ref for one in view.state.merged]
