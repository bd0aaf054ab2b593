"""From single costs to figures, and from figures to a table."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any

from tests.bench.stores import Store
from tests.support.stopwatch import Cost


@dataclass(frozen=True, slots=True)
class Figure:
    """What one page costs on one store. `bare_p50_ms`: the bare page with the same rows; None for writes."""

    page: str
    cases: int
    database: str
    p50_ms: float
    p95_ms: float
    queries: int  # the most that any run took
    bare_p50_ms: float | None

    @classmethod
    def of(cls, page: str, store: Store, costs: Sequence[Cost], bare: Sequence[Cost]) -> "Figure":
        """The figure of one page on one store from its runs."""
        times = [cost.ms for cost in costs]
        return cls(
            page=page,
            cases=store.cases,
            database=store.database,
            p50_ms=round(median(times), 2),
            p95_ms=round(quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0], 2),
            queries=max(cost.queries for cost in costs),
            bare_p50_ms=round(median(cost.ms for cost in bare), 2) if bare else None,
        )

    @property
    def over_bare(self) -> float | None:
        """How many times as long as the bare page."""
        return round(self.p50_ms / self.bare_p50_ms, 2) if self.bare_p50_ms else None

    def as_json(self) -> dict[str, Any]:
        """As build/bench.json keeps it."""
        return asdict(self) | {"over_bare": self.over_bare}


def table(figures: Sequence[Figure]) -> str:
    """The figures of one database: a line a page, the sizes side by side, the largest against the smallest."""
    sizes = sorted({figure.cases for figure in figures})
    by_page: dict[str, dict[int, Figure]] = {}
    for figure in figures:
        by_page.setdefault(figure.page, {})[figure.cases] = figure
    heads = [f"{size:,}: p50 ms   p95" for size in sizes]
    lines = ["  ".join(["page".ljust(26), *(head.rjust(24) for head in heads), "ratio", "queries", "x bare"])]
    for page, found in by_page.items():
        small, large = found[sizes[0]], found[sizes[-1]]
        times = [f"{found[size].p50_ms:.1f}  {found[size].p95_ms:6.1f}".rjust(24) for size in sizes]
        ratio = f"{large.p50_ms / small.p50_ms:.2f}".rjust(5)
        queries = str(max(figure.queries for figure in found.values())).rjust(7)
        over = f"{large.over_bare:.1f}".rjust(6) if large.over_bare else "-".rjust(6)
        lines.append("  ".join([page.ljust(26), *times, ratio, queries, over]))
    return "\n".join(lines)
