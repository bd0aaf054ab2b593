"""The report of `make bench`: what it says of figures, and that it passes over nothing."""

from tests.bench.report import Figure, above_the_aim, table


def figure(page: str = "search", cases: int = 1_000, **values: object) -> Figure:
    given: dict[str, object] = {"p25_ms": 10.0, "p50_ms": 11.0, "p95_ms": 20.0, "queries": 7, "bare_ms": 5.0}
    return Figure(page, cases, "sqlite", **given | values)  # type: ignore[arg-type]


def test_a_page_that_grows_is_named_with_its_size_and_ratio() -> None:
    found = above_the_aim([figure(), figure(cases=20_000, p25_ms=14.9), figure(cases=200_000, p25_ms=20.0)])
    assert found == ["Above the aim: search at 200,000 on sqlite: 2.00, not 2.0"]
    assert above_the_aim([figure(), figure(cases=20_000, p25_ms=15.0)]) == [
        "Above the aim: search at 20,000 on sqlite: 1.50, not 1.5"
    ]


def test_a_page_may_ask_ten_times_and_a_write_as_often_as_with_the_fewest_cases() -> None:
    assert above_the_aim([figure(queries=10), figure(cases=20_000, queries=11)]) == [
        "Above the aim: search at 20,000 on sqlite: 11 queries, not 10"
    ]
    write = figure("save", queries=17, bare_ms=None)
    assert above_the_aim([write, figure("save", 20_000, queries=17, bare_ms=None)]) == []
    assert above_the_aim([write, figure("save", 20_000, queries=18, bare_ms=None)]) == [
        "Above the aim: save at 20,000 on sqlite: 18 queries, not 17"
    ]


def test_what_nobody_waits_for_may_grow_but_not_ask_more_often() -> None:
    small = figure("count", awaited=False, bare_ms=None)
    assert above_the_aim([small, figure("count", 200_000, p25_ms=900.0, awaited=False, bare_ms=None)]) == []


def test_the_table_has_a_line_a_page_with_ratios_and_the_bare_page() -> None:
    lines = table([figure(), figure(cases=200_000, p25_ms=15.0, queries=8)]).splitlines()
    assert len(lines) == 2
    assert lines[1].split() == ["search", "11.0", "20.0", "11.0", "20.0", "1.50", "8", "3.0"]
