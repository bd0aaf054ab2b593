"""The gate: no letter leaves while something that the Code or the landlord requires is missing from it.

It reads the finished letter, not the facts, because what the resident will read is what counts: a part is
there only when the letter holds real words for it. Dates and sums are checked against the facts.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from shared.i18n import money_text
from shared.letters.facts import LetterFacts, PointFact
from shared.letters.render import FinishedLetter
from shared.letters.required import ALWAYS, OWN, RULES, PartRule, Requirement
from shared.policy.terms import CODE
from shared.vocab import Finding, LetterKind

_ANSWERS = {LetterKind.RESPONSE_1, LetterKind.RESPONSE_2}
# Letters that tell the resident by when the next answer comes.
_PROMISES_ANSWER = {
    LetterKind.RECEIPT,
    LetterKind.ACKNOWLEDGEMENT_1,
    LetterKind.ACKNOWLEDGEMENT_2,
    LetterKind.CLARIFICATION,
    LetterKind.PROGRESS,
}
_STAGE = {
    LetterKind.ACKNOWLEDGEMENT_1: 1,
    LetterKind.RESPONSE_1: 1,
    LetterKind.ACKNOWLEDGEMENT_2: 2,
    LetterKind.RESPONSE_2: 2,
}
# "[name]", "[insert date]", "{{ name }}", "%(name)s", "XX/XX/XXXX", "TBC", a lone "None" for a missing value.
_UNFILLED = re.compile(
    r"\[(?:your |the )?(?:[a-z]+ )?(?:name|date|day|text|reasons?|amount|address|number|reference|job|team)\]"
    r"|\[(?:insert|add|enter|tbc|todo)[^\]]*\]"
    r"|\{\{.*?\}\}|\{%.*?%\}|%\(\w+\)[sd]"
    r"|<(?:[a-z]+ )?(?:name|date|reason|amount)>"
    r"|\bx{2}[/.-]x{2}[/.-][x\d]{2,4}\b|\bx{3,}\b"
    r"|\b(?:TBC|TODO|lorem ipsum)\b",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"(?:^|: |\()(?:None|null|undefined|nan)(?:$|[.,)])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Miss:
    """Something to mend before the letter may leave: the part, what to do, and the rule that asks for it."""

    part: str
    do: str
    source: str


class Required(Protocol):
    """A row of the policy: what `Policy.letter_parts(kind)` gives."""

    @property
    def part(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def sources(self) -> tuple[str, ...]: ...


def check(finished: FinishedLetter, facts: LetterFacts, rows: Iterable[Required]) -> list[Miss]:
    """What keeps this letter from leaving, each part named once; empty when it may go."""
    wanted = _wanted(facts.kind, rows)

    def cite(part: str) -> str:
        return "; ".join(wanted[part].sources) if part in wanted else CODE

    found = [
        *_missing(finished, facts, [row for row in wanted.values() if row.required]),
        *_stage_and_dates(facts),
    ]
    if facts.kind in _ANSWERS:
        found += _answer(finished, facts, cite)
    if facts.kind is LetterKind.EXTENSION:
        found += _extension(facts, cite("new_date"))
    for text in unfilled(finished):
        found.append(Miss("unfilled", f"Replace “{text}” with the real words.", f"{CODE}, 6.7"))
    return list(dict.fromkeys(found))


def advice(finished: FinishedLetter, facts: LetterFacts, rows: Iterable[Required]) -> list[Miss]:
    """What the landlord's papers recommend and this letter does not have; never a reason not to send."""
    wanted = _wanted(facts.kind, rows)
    return list(_missing(finished, facts, [row for row in wanted.values() if not row.required]))


def unfilled(finished: FinishedLetter) -> list[str]:
    """Placeholders that nobody filled in, and traces of missing values, as they stand in the letter."""
    found = [match.group().strip() for match in _UNFILLED.finditer(finished.text)]
    found += [match.group().strip(":().,; ") for match in _NOTHING.finditer(finished.text)]
    return list(dict.fromkeys(found))


def present(finished: FinishedLetter, part: str) -> bool:
    """Whether the finished letter carries a part, as the policy files name it (also for checklists)."""
    rule = RULES.get(part, PartRule(""))
    return any(all(mark in finished.parts for mark in marks) for marks in rule.marks or ((part,),))


def _wanted(kind: LetterKind, rows: Iterable[Required]) -> dict[str, Requirement]:
    """Every part that is asked for, once; what we ask for ourselves is required, policy or no policy."""
    wanted = {str(row.part): Requirement(str(row.part), tuple(row.sources), row.required) for row in rows}
    for own in (*ALWAYS, *OWN.get(kind, ())):
        policy = wanted.get(own.part, own)
        wanted[own.part] = Requirement(own.part, policy.sources)
    return wanted


def _missing(finished: FinishedLetter, facts: LetterFacts, rows: Iterable[Requirement]) -> Iterator[Miss]:
    for row in rows:
        if row.part == "all_points":  # looked at point by point, in _answer
            continue
        rule = RULES.get(row.part, PartRule(f"Add this part: {row.part.replace('_', ' ')}."))
        if (rule.needed is None or rule.needed(facts)) and not present(finished, row.part):
            yield Miss(row.part, rule.do, "; ".join(row.sources))


def _stage_and_dates(facts: LetterFacts) -> Iterator[Miss]:
    stage = _STAGE.get(facts.kind)
    if stage and facts.stage not in {None, stage}:
        do = f"This letter is for stage {stage}, but the complaint stands at {facts.stage}."
        yield Miss("stage", do, f"{CODE}, 5.2")
    if facts.kind is LetterKind.RESPONSE_1 and facts.final_response:
        do = "A stage 1 answer is not the final response: stage 2 is still open."
        yield Miss("final_response", do, f"{CODE}, 6.9 g")
    if facts.kind in _PROMISES_ANSWER and facts.due_on and facts.due_on < facts.sent_on:
        do = f"The letter promises an answer by {facts.due_on:%d/%m/%Y}, which is already over."
        yield Miss("response_due_on", do, f"{CODE}, 6.3 and 6.14")
    if facts.received_on and facts.received_on > facts.sent_on:
        do = "The day on which we received the complaint lies in the future."
        yield Miss("received_on", do, f"{CODE}, 5.12")


def _answer(finished: FinishedLetter, facts: LetterFacts, cite: Callable[[str], str]) -> Iterator[Miss]:
    """Every point decided, explained and, where we agree, owned up to; every promise with its day."""
    if not facts.points:
        yield Miss("all_points", "Set out the points of the complaint and answer each.", cite("all_points"))
    for point in facts.points:
        yield from _point(finished, point, cite)
    for number, remedy in enumerate((remedy for remedy in facts.remedies if remedy.text), 1):
        if f"remedy.{number}.remedy_when" not in finished.parts:
            yield Miss("remedy_when", f"Say by when we will do action {number}.", cite("remedy_when"))
        total = sum(line.pence for line in remedy.breakdown)
        promised = remedy.amount_pence or 0
        if remedy.breakdown and total != promised:
            do = f"The lines of the payment come to {money_text(total)}, not {money_text(promised)}."
            yield Miss("compensation", do, f"{CODE}, 7.3")
    owed = [promise for promise in facts.commitments if promise.text and not promise.done_on]
    for number in range(1, len(owed) + 1):
        for mark, ask in (("action_owner", "who will do"), ("action_when", "by when we will do")):
            if f"action.{number}.{mark}" not in finished.parts:
                do = f"Say {ask} outstanding action {number}."
                yield Miss("outstanding_actions", do, cite("outstanding_actions"))


def _point(finished: FinishedLetter, point: PointFact, cite: Callable[[str], str]) -> Iterator[Miss]:
    def has(mark: str) -> bool:
        return f"point.{point.number}.{mark}" in finished.parts

    name = f"point {point.number}"
    if not has("point_text"):
        yield Miss("complaint_definition", f"Say what {name} is about.", cite("complaint_definition"))
    if not has("finding"):
        yield Miss("decision", f"Decide {name}: upheld, partly upheld or not upheld.", cite("decision"))
    if not has("reasons"):
        yield Miss("reasons", f"Give the reasons for the decision on {name}.", cite("reasons"))
    if not has("basis"):
        yield Miss("all_points", f"Name the policy, law or good practice behind {name}.", cite("all_points"))
    agreed = point.finding in {Finding.UPHELD, Finding.PARTLY_UPHELD}
    if agreed and not (has("went_wrong") or has("apology")):
        do = f"We agree with {name}: say what went wrong and that we are sorry."
        yield Miss("apology", do, f"{CODE}, 7.1")


def _extension(facts: LetterFacts, source: str) -> Iterator[Miss]:
    """In time, forward, and no further than allowed (Code 6.4, 6.5, 6.15, 6.16)."""
    more = facts.extension
    if more is None or more.new_due_on is None:
        return
    if more.old_due_on is None:
        yield Miss("old_date", "Say which day the new one replaces.", source)
        return
    if facts.sent_on > more.old_due_on and not more.late:
        do = "The old day is over. An extension must be told before it; record this one as late."
        yield Miss("new_date", do, source)
    if more.new_due_on <= more.old_due_on or more.new_due_on < facts.sent_on:
        yield Miss("new_date", "The new day must come after the old one and after today.", source)
    if more.latest_on and more.new_due_on > more.latest_on and not (more.exceptional and more.agreed):
        do = (
            f"{more.new_due_on:%d/%m/%Y} is later than {more.latest_on:%d/%m/%Y}, the last day allowed."
            " A later day needs an exceptional reason and the resident's agreement."
        )
        yield Miss("new_date", do, source)
