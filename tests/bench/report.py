"""From single costs to figures, and from figures to a table."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles
from typing import Any

from tests.bench.journeys import Page
from tests.bench.stores import Store
from tests.support.stopwatch import Cost

MOST_QUERIES = 10  # of a page; a write asks as often as it must, and as often at any size
EXPLAINED = """p50: half of the runs took no longer; p95: all but one in twenty. Runs at all sizes take turns.
x20, x200: how many times as long as with the fewest cases. x bare: beside a Flask page that renders the same rows
from memory with the same template. Both compare the quickest quarter of the runs (p25): whatever else the machine
does only ever adds time. A write is measured with its wait for the disk, on both databases.
(worker): nobody waits for this one; it looks at every case, and may take longer the more there are."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one page costs on one store. `bare_ms`: the bare page with the same rows; None for writes.

    `awaited`: whether anybody waits for it.
    """

    page: str
    cases: int
    database: str
    p25_ms: float
    p50_ms: float
    p95_ms: float
    queries: int  # the most that any run took
    bare_ms: float | None  # its p25
    awaited: bool = True

    @classmethod
    def of(cls, page: Page, store: Store, costs: Sequence[Cost], bare: Sequence[Cost]) -> "Figure":
        """The figure of one page on one store from its runs."""
        quick, middle, slow = _spread(costs)
        return cls(
            page=page.name,
            cases=store.cases,
            database=store.database,
            p25_ms=quick,
            p50_ms=middle,
            p95_ms=slow,
            queries=max(cost.queries for cost in costs),
            bare_ms=_spread(bare)[0] if bare else None,
            awaited=page.awaited,
        )

    @property
    def over_bare(self) -> float | None:
        """How many times as long as the bare page."""
        return round(self.p25_ms / self.bare_ms, 2) if self.bare_ms else None

    def times(self, small: "Figure") -> float:
        """How many times as long as with the fewest cases."""
        return self.p25_ms / small.p25_ms

    def as_json(self) -> dict[str, Any]:
        """As build/bench.json keeps it."""
        return asdict(self) | {"over_bare": self.over_bare}


def table(figures: Sequence[Figure]) -> str:
    """The figures of one database: a line a page, the sizes side by side, each larger one against the smallest.

    The last column is the largest size against the bare page with the same rows.
    """
    sizes = sorted({figure.cases for figure in figures})
    heads = [f"{size:,}: p50 ms   p95".rjust(24) for size in sizes]
    heads += [f"x{size // sizes[0]:,}".rjust(6) for size in sizes[1:]]
    lines = ["  ".join(["page".ljust(26), *heads, "queries", "x bare"])]
    for page, found in _by_page(figures).items():
        times = [f"{found[size].p50_ms:.1f}  {found[size].p95_ms:6.1f}".rjust(24) for size in sizes]
        ratios = [f"{found[size].times(found[sizes[0]]):.2f}".rjust(6) for size in sizes[1:]]
        queries = str(max(figure.queries for figure in found.values())).rjust(7)
        over = f"{o:.1f}" if (o := found[sizes[-1]].over_bare) else "-"
        lines.append("  ".join([page.ljust(26), *times, *ratios, queries, over.rjust(6)]))
    return "\n".join(lines)


def above_the_aim(figures: Sequence[Figure]) -> list[str]:
    """What is slower at scale than it should be, or asks the database too often, a line each."""
    found = []
    for database in dict.fromkeys(figure.database for figure in figures):
        for page, by_size in _by_page([f for f in figures if f.database == database]).items():
            small = by_size[min(by_size)]
            for figure in by_size.values():
                ratio, aim = figure.times(small), aim_at(figure.cases // small.cases)
                where = f"Above the aim: {page} at {figure.cases:,} on {database}:"
                if ratio >= aim and figure.awaited:
                    found.append(f"{where} {ratio:.2f}, not {aim}")
                most = MOST_QUERIES if figure.bare_ms is not None else small.queries
                if figure.queries > most:
                    found.append(f"{where} {figure.queries} queries, not {most}")
    return found


def _spread(costs: Sequence[Cost]) -> tuple[float, float, float]:
    """Milliseconds: p25, p50 and p95."""
    times = [cost.ms for cost in costs]
    cuts = quantiles(times, n=20, method="inclusive") if len(times) > 1 else times * 19
    return round(cuts[4], 2), round(cuts[9], 2), round(cuts[18], 2)


def aim_at(times_as_many: int) -> float:
    """How many times as long a page may take with so many times as many cases."""
    return 1.5 if times_as_many <= 20 else 2.0


def _by_page(figures: Sequence[Figure]) -> dict[str, dict[int, Figure]]:
    found: dict[str, dict[int, Figure]] = {}
    for figure in figures:
        found.setdefault(figure.page, {})[figure.cases] = figure
    return found
