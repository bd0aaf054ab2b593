"""`make bench`: what the pages cost as the number of cases grows, on both databases. It asserts no time.

Figures of one machine mean little to another; what counts are ratios within one run. So runs on all sizes and
databases take turns, page by page, and each page stands beside a bare one that shows the same rows from memory.
"""

import argparse
import gc
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from shared.config import ROOT
from tests.bench import bare, stores
from tests.bench.journeys import Page, Visitor
from tests.bench.report import EXPLAINED, Figure, above_the_aim, table
from tests.support.stopwatch import Browser, Cost

WARM_UP = 1
FIGURES, REPORT = ROOT / "build" / "bench.json", ROOT / "build" / "bench.txt"


def main() -> None:
    """Fill the databases, measure, show a table, keep the figures."""
    asked = _arguments()
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="redress-bench-", dir=asked.folder))
        )
        _mind_the_room(asked, folder)
        sizes = ", ".join(f"{size:,}" for size in asked.sizes)
        print(f"Filling {' and '.join(asked.databases)} with {sizes} cases ...", flush=True)
        visitors = [
            Visitor(one) for one in stack.enter_context(stores.filled(asked.databases, asked.sizes, folder))
        ]
        gc.collect()
        gc.freeze()
        print(f"Filled after {_minutes(began)}. Measuring ...", flush=True)
        figures = [figure for found in measured(visitors, asked.rounds, asked.only) for figure in found]
        room = stores.bytes_taken(visitor.store for visitor in visitors)
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps([figure.as_json() for figure in figures], indent=1) + "\n")
    report = "\n\n".join(
        [
            *(f"{kind}\n{table([f for f in figures if f.database == kind])}" for kind in asked.databases),
            EXPLAINED,
            "\n".join(above_the_aim(figures) or ["Every page is within the aim."]),
            f"All of it took {_minutes(began)} and {room / 1e9:.0f} GB for the time being.",
        ]
    )
    REPORT.write_text(report + "\n")
    print(f"\n{report}\n\nKept as {REPORT.relative_to(ROOT)}, the figures as {FIGURES.relative_to(ROOT)}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").split("\n")[0])
    sizes = os.environ.get("BENCH_CASES") or "1000,20000,200000"
    databases = os.environ.get("BENCH_DATABASES") or "sqlite,postgresql"
    parser.add_argument(
        "--cases",
        dest="sizes",
        type=_sizes,
        default=_sizes(sizes),
        metavar="N,N",
        help="how many, or BENCH_CASES",
    )
    parser.add_argument(
        "--databases",
        type=_databases,
        default=_databases(databases),
        metavar="KIND,KIND",
        help="which, or BENCH_DATABASES",
    )
    parser.add_argument("--rounds", type=int, default=6, help="how often each page is opened")
    parser.add_argument(
        "--only", default="", metavar="WORDS", help="measure pages with these words in their name"
    )
    parser.add_argument("--folder", type=Path, help="where the databases lie for the time being")
    return parser.parse_args()


def _mind_the_room(asked: argparse.Namespace, folder: Path) -> None:
    """Say what is coming, and stop before a disk is full."""
    needed, free = stores.bytes_needed(asked.databases, asked.sizes), shutil.disk_usage(folder).free
    print(
        f"This needs up to {needed / 1e9:.0f} GB for the time being, and some {_guess(asked)} minutes. "
        "BENCH_CASES=1000,20000 makes it shorter.",
        flush=True,
    )
    if free < needed:
        raise SystemExit(f"There are {free / 1e9:.0f} GB free at {folder}; --folder names another place.")


def _guess(asked: argparse.Namespace) -> int:
    """Minutes on two ordinary cores: the databases are filled side by side, the pages measured in turn."""
    return 2 + sum(asked.sizes) // 40_000 + len(asked.sizes) * len(asked.databases) * asked.rounds // 12


def _minutes(began: float) -> str:
    return f"{(time.monotonic() - began) / 60:.1f} minutes"


def _sizes(text: str) -> list[int]:
    return sorted(int(part) for part in text.split(","))


def _databases(text: str) -> list[str]:
    found = text.split(",")
    if strangers := set(found) - {"sqlite", "postgresql"}:
        raise argparse.ArgumentTypeError(f"no such database: {', '.join(strangers)}")
    return found


def measured(visitors: Sequence[Visitor], rounds: int, only: str) -> Iterator[list[Figure]]:
    """The figures of page after page, one for each store."""
    for pages in zip(*(visitor.pages() for visitor in visitors), strict=True):
        if only in pages[0].name:
            print(f"  {pages[0].name}", flush=True)
            yield _take_turns(visitors, pages, rounds)


def _take_turns(visitors: Sequence[Visitor], pages: Sequence[Page], rounds: int) -> list[Figure]:
    """One page on every store in turn, the first store being another one each time."""
    costs: list[list[Cost]] = [[] for _ in pages]
    without: list[list[Cost]] = [[] for _ in pages]
    strangers = [_bare_browser(visitor, page) for visitor, page in zip(visitors, pages, strict=True)]
    for number in range(-WARM_UP, rounds):
        for turn in range(len(pages)):
            at = (turn + number) % len(pages)
            cost = pages[at].run()
            stranger = strangers[at]
            bare_cost = _bare(stranger) if stranger is not None else None
            if number >= 0:
                costs[at].append(cost)
                without[at] += [bare_cost] if bare_cost else []
    return [
        Figure.of(page, visitor.store, costs[at], without[at])
        for at, (page, visitor) in enumerate(zip(pages, visitors, strict=True))
    ]


def _bare_browser(visitor: Visitor, page: Page) -> Browser | None:
    if page.reader is None or not bare.remember(visitor.app, page.reader, page.url):
        return None
    return visitor.new_browser()


def _bare(browser: Browser) -> Cost:
    answer = browser.get(bare.ADDRESS)
    assert answer.status_code == 200, f"the bare page: {answer.status}"
    assert browser.cost.queries == 0, "the bare page asked the database"
    return browser.cost


if __name__ == "__main__":
    main()
