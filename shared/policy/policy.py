"""A policy: one landlord's rules and the edition of the Code they stand under. What a case pins."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TypeVar

import msgspec

from shared.policy.edition import CodeEdition, OmbudsmanContact
from shared.policy.landlord import Landlord
from shared.policy.rules import FixedSum, LetterPart, Strict, Tariff
from shared.policy.terms import ClockName, Part
from shared.vocab import LetterKind, Role

Dated = TypeVar("Dated", CodeEdition, OmbudsmanContact)


class NamedPart(Strict, frozen=True, kw_only=True):
    """A part that a letter must (or should) carry, with every rule that asks for it."""

    part: Part
    required: bool
    sources: tuple[str, ...]


class Policy(Strict, frozen=True, kw_only=True):
    """A landlord's rules together with the edition of the Code they stand under: what a case pins."""

    version: str
    landlord: Landlord
    code: CodeEdition
    all_ombudsman: tuple[OmbudsmanContact, ...]
    all_tariffs: tuple[Tariff, ...]

    @property
    def slug(self) -> str:
        return self.landlord.slug

    def ombudsman(self, on: date) -> OmbudsmanContact:
        """The Ombudsman's contact details on a London day. Letters ask with the day they are sent."""
        return in_force(self.all_ombudsman, on)

    def tariff(self, on: date) -> tuple[FixedSum, ...]:
        """The fixed sums for a day: the Ombudsman's, then the landlord's own."""
        sums: list[FixedSum] = []
        for tariffs in (self.all_tariffs, self.landlord.compensation.tariffs):
            dated = [one for one in tariffs if one.effective_from <= on]
            sums += dated[-1].sums if dated else ()
        return tuple(sums)

    def letter_parts(self, kind: LetterKind) -> tuple[NamedPart, ...]:
        """What a letter must carry: the Code's parts, then the landlord's, each once, as in the files."""
        found: dict[Part, NamedPart] = {}
        for one in self._parts(kind):
            seen = found.get(one.part)
            found[one.part] = NamedPart(
                part=one.part,
                required=one.required or (seen is not None and seen.required),
                sources=(*(seen.sources if seen else ()), one.source),
            )
        return tuple(found.values())

    def _parts(self, kind: LetterKind) -> Iterator[LetterPart]:
        for one in self.code.letters.get(kind, ()):
            yield msgspec.structs.replace(one, source=self.code.source(one.source))
        yield from self.landlord.letters.get(kind, ())

    def extension_cap(self, stage: int) -> int:
        """The most working days by which a first extension may put off the answer at stage 1 or 2.

        The landlord's own cap where its policy gives one, the Code's otherwise (6.4, 6.15).
        """
        name = response_clock(stage)
        timer = self.landlord.clocks.get(name)
        if timer and timer.extension and timer.extension.cap is not None:
            return timer.extension.cap
        rule = self.code.clocks[name].extension
        return rule.cap if rule else 0

    def extension_approver(self, stage: int) -> Role:
        """The role that approves an extension at stage 1 or 2."""
        timer = self.landlord.clocks.get(response_clock(stage))
        if timer and timer.extension and timer.extension.approver:
            return timer.extension.approver
        return self.landlord.approvals.default

    def may_promise(self, role: Role, pence: int) -> bool:
        """Whether this role may promise that much money without asking anybody."""
        for limit in self.landlord.approvals.money:
            if limit.role is role:
                return limit.up_to_pence is None or pence <= limit.up_to_pence
        return False


def response_clock(stage: int) -> ClockName:
    """The landlord's response clock of stage 1 or 2."""
    return {1: ClockName.STAGE_1_RESPONSE, 2: ClockName.STAGE_2_RESPONSE}[stage]


def in_force(records: Sequence[Dated], on: date) -> Dated:
    """The newest record that had begun on that day; the oldest for a day before all of them."""
    begun = [one for one in records if one.effective_from <= on]
    return begun[-1] if begun else records[0]
