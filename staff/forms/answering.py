"""Answering a complaint: what was found on each point, and the response."""

from collections.abc import Mapping
from typing import Any

import msgspec
from wtforms import BooleanField, FormField, RadioField, TextAreaField

from shared import i18n
from shared.cases import commands as c
from shared.cases.case_view import CaseView
from shared.cases.colleagues import candidates
from shared.cases.state import Point
from shared.identity.actors import Staff
from shared.letters.facts import Words
from shared.vocab import Action, Finding
from shared.web.forms import at_most, choices, optional
from staff.forms.base import (
    LONG,
    YES,
    ActionForm,
    People,
    Row,
    form_for,
    long,
    said_yes_to,
    translation,
)

FINDINGS = {
    Finding.UPHELD: "Upheld",
    Finding.PARTLY_UPHELD: "Partly upheld",
    Finding.NOT_UPHELD: "Not upheld",
}


class DecisionRow(Row):
    """The decision on one point (Code 6.7, 6.9)."""

    finding = RadioField("Finding", [optional()], choices=choices(FINDINGS.items()))
    reasons = TextAreaField("Reasons", [at_most(LONG)])
    basis = TextAreaField("The policy, law or good practice that this rests on", [at_most(LONG)])
    apology = TextAreaField("What went wrong, and our apology", [optional(), at_most(LONG)])


TRANSLATED_ROW = ("reasons", "basis", "apology")


@form_for(Action.DECIDE)
class DecideForm(ActionForm):
    title = "Decide the points"
    button = "Save decisions"
    points: tuple[Point, ...] = ()

    @classmethod
    def fitted(cls, view: CaseView, asked: Mapping[str, str]) -> type[ActionForm]:
        definition = view.state.definition
        points = definition.points if definition else ()
        wanted = tuple(p for p in points if str(p.number) == asked.get("point")) or points
        row: Any = DecisionRow
        if view.state.language != i18n.SOURCE:
            extra = {f"{name}_translation": translation(view) for name in TRANSLATED_ROW}
            row = type("DecisionRow", (DecisionRow,), extra)
        blocks: dict[str, Any] = {f"p{p.number}": FormField(row, f"Point {p.number}") for p in wanted}
        return type(cls.__name__, (cls,), {**blocks, "points": wanted})

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for at, decision in view.state.decisions_at(view.state.stage_number).items():
            words = {name: getattr(decision, name) for name in TRANSLATED_ROW}
            found[f"p{at}"] = {
                "finding": decision.finding.value,
                **{name: w.text if w else "" for name, w in words.items()},
                **{f"{name}_translation": (w.translation or "") if w else "" for name, w in words.items()},
            }
        return found

    @property
    def blocks(self) -> list[tuple[Point, Any]]:
        """Each point with its part of the form."""
        return [(point, self._fields[f"p{point.number}"].form) for point in self.points]

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        filled = [block for _, block in self.blocks if _touched(block)]
        if not filled:
            self.refuse("", "Decide at least one point")
            return False
        for block in filled:
            if not block.finding.data:
                block.refuse("finding", "Choose a finding for this point")
                good = False
        return good

    def command(self) -> c.Decide:
        """One save decides every point that was filled in."""
        first, *others = [_decision(point, block) for point, block in self.blocks if _touched(block)]
        return c.Decide(**msgspec.structs.asdict(first), others=tuple(others))

    def refuse_at(self, command: c.Command, field: str, text: str) -> None:
        """Put a refusal of one decision beside the control of its point."""
        assert isinstance(command, c.Decide)  # noqa: S101 - this form makes no other
        name, _, at = field.partition(":")
        block = {p.number: b for p, b in self.blocks}[int(at) if at else command.point]
        if name in block:
            block.refuse(name, text)
        else:
            self.refuse(name, text)


def _touched(block: Any) -> bool:
    return any(block[name].data for name in ("finding", *TRANSLATED_ROW))


def _decision(point: Point, block: Any) -> c.PointDecision:
    def words(name: str) -> Words:
        other = block[f"{name}_translation"].data if f"{name}_translation" in block else ""
        return Words(block[name].data, translation=other or None)

    return c.PointDecision(
        point=point.number,
        finding=Finding(block.finding.data),
        reasons=words("reasons"),
        basis=words("basis"),
        apology=words("apology") if block.apology.data else None,
    )


@form_for(Action.RESPOND)
class RespondForm(ActionForm):
    title = "Send the response"
    button = "Send"
    translated = ("decision", "steps_taken", "apology", "no_remedy_reason", "learning")

    decision = long("The decision in short", "It stands before the points.")
    steps_taken = long("What we did to look into it")
    apology = long("Our apology", "", optional())
    no_remedy_reason = long(
        "Why there is nothing to put right", "Needed only where no remedy is offered.", optional()
    )
    nothing_outstanding = BooleanField("Nothing is left for us to do")
    learning = long("What we have learned", "", optional())
    contributors = long("Teams or jobs that took part", "One a line.", optional())
    checked_by = People("Who has checked this letter", description=YES)

    @classmethod
    def fitted(cls, view: CaseView, asked: Mapping[str, str]) -> type[ActionForm]:
        made = super().fitted(view, asked)
        if view.state.stage_number == 2 and view.policy.landlord.stage_2.letter_check is not None:
            return made
        return type(made.__name__, (made,), {"checked_by": None})

    @classmethod
    def start(cls, view: CaseView, actor: Staff, asked: Mapping[str, str]) -> dict[str, Any]:
        owed = bool(view.state.open_commitments)
        return {
            "learning": view.state.learning,
            "nothing_outstanding": False if owed else None,
            **said_yes_to(view, cls.action, "checked_by"),
        }

    def prepare(self) -> None:
        if "checked_by" in self._fields:
            people = candidates.colleagues(self.view.policy.landlord.stage_2.letter_check)
            self.checked_by.offer(tuple(p for p in people if p.id != self.actor.id))

    def command(self) -> c.Respond:
        return c.Respond(
            decision=self.said("decision"),
            steps_taken=self.said("steps_taken"),
            apology=self.said_or_none("apology"),
            no_remedy_reason=self.said_or_none("no_remedy_reason"),
            nothing_outstanding=self.nothing_outstanding.data,
            learning=self.said_or_none("learning"),
            contributors=self.contributors.data,
            checked_by=self.checked_by.ref if "checked_by" in self._fields else None,
        )
