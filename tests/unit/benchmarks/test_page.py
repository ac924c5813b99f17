"""The page of results tells every goal, met or missed. performance.md §9"""

from __future__ import annotations

from benchmarks.copies import Copying
from benchmarks.figures import Figures
from benchmarks.goals import Goal, goals_of
from benchmarks.page import page_of
from benchmarks.partitions import Line, Partitioned
from benchmarks.results import Circumstances, Copies, Crews, Large, Loaded, Pair, Partitions, Results, Stores
from benchmarks.rounds import Beside
from benchmarks.shapes import BASIC_DEPTH, MANNERS, PLAIN, SHAPES, Manner, Shape
from benchmarks.starting import Start
from benchmarks.workers import Crew

CIRCUMSTANCES = Circumstances(date="d", commit="c", machine="m", python="p", sqlite="s", load=0.0)
QUICK = Start(ready_s=0.5, idle_mib=60, help_s=0.1)


def figures(shape: Shape, manner: Manner, *, ratio: float = 1.0, cpu_us: float = 10.0) -> Figures:
    """Figures of an operation that keeps to every goal unless told otherwise."""
    both = {1: cpu_us, 16: cpu_us}
    return Figures(
        letter=shape.letter,
        manner=manner.says,
        size=1,
        cpu_us=both,
        echo_us=both,
        raw_us=1.0,
        p50_ms=both,
        p99_ms=both,
        per_second=both,
        ratio=ratio,
        waiting_ratio=ratio,
        memory_mib=0.0,
    )


def results(*changed: Figures, start: Start = QUICK) -> Results:
    """Results on two stores; `changed` takes the place of what was measured on the first."""
    all_figures = {
        (shape.letter, manner.says): figures(shape, manner)
        for shape in SHAPES
        for manner in MANNERS
        if shape.is_asked(manner)
    }
    slower = all_figures | {(one.letter, one.manner): one for one in changed}
    stores = Stores(
        circumstances=CIRCUMSTANCES,
        loaded=Loaded(200_000, 5.0),
        start=start,
        figures={"SQLite on disk": list(slower.values()), "PostgreSQL": list(all_figures.values())},
        beside={"SQLite on disk": Beside(p50_ms=1, p99_ms=2, reads_per_second=3, rows_per_second=4)},
        durable=Loaded(100_000, 4.0),
    )
    plain = figures(SHAPES[0], PLAIN)
    pair = Pair(plain, plain)
    return Results(
        stores=stores, large=Large(circumstances=CIRCUMSTANCES, loaded=Loaded(1, 1), file_mib=9, pairs=[pair])
    )


def missed(found: Results) -> list[str]:
    """The goals that are not met."""
    return [goal.what for goal in goals_of(found) if not goal.is_met]


def test_every_operation_has_a_goal_and_a_line() -> None:
    """Nothing is measured and then not told. performance.md §9"""
    page = page_of(results())

    assert [] == [
        shape.what for shape in SHAPES if f"| {shape.letter}: {shape.what}, CPU against its limit" not in page
    ]
    assert [] == [shape.what for shape in SHAPES if f"| {shape.letter} | {shape.what} | Basic depth |" not in page]


def test_goals_that_are_kept_are_met() -> None:
    """A figure at its bound is within it."""
    at_bound = [figures(shape, PLAIN, ratio=shape.at_most) for shape in SHAPES]

    assert [] == missed(results(*at_bound))


def test_an_operation_far_from_its_limit_is_missed() -> None:
    """Just above its bound. performance.md §9"""
    assert ["c: 50 of 1,430 by lookup, sorted by time, CPU against its limit"] == missed(
        results(figures(SHAPES[2], PLAIN, ratio=SHAPES[2].at_most + 0.01))
    )


def test_a_user_at_basic_depth_who_pays_too_much_is_missed() -> None:
    """More than twice what the administrator's request costs."""
    assert ["Basic depth against administrator, CPU at 16 connections, the worst"] == missed(
        results(figures(SHAPES[1], BASIC_DEPTH, cpu_us=20.1))
    )


def test_a_slow_start_is_missed() -> None:
    """Ready within a second, help within 200 milliseconds. product.md §6"""
    assert ["k: from the command to ready, in memory", "k: `verselet --help`"] == missed(
        results(start=Start(ready_s=1.1, idle_mib=60, help_s=0.3))
    )


def test_a_goal_is_missed_when_one_of_its_figures_is_too_high() -> None:
    """One store that keeps to a bound does not make up for another."""
    kept, broken = ("SQLite on disk", 1.9), ("SQLite in memory", 2.1)

    assert Goal("a", 2.0, (kept,)).is_met
    assert not Goal("a", 2.0, (kept, broken)).is_met


def test_several_processes_have_a_line_for_each_number() -> None:
    """In the order of their number, with what the database spent only where it has processes of its own."""
    lines = [
        Crew(
            store=store,
            workers=workers,
            letter="a",
            per_second=1000.0 * workers,
            cpu_us=70.0,
            database_cpu_us=spent,
            p50_ms=1.0,
            p99_ms=2.0,
            busiest=1 / workers,
            memory_mib=50.0 * workers,
        )
        for store, spent in (("SQLite on disk", 0.0), ("PostgreSQL", 30.0))
        for workers in (2, 1)
    ]
    page = page_of(Results(crews=Crews(circumstances=CIRCUMSTANCES, sessions=1_000, lines=lines)))

    assert [
        "| SQLite on disk | row by id, 8 columns | 1 | 1,000 | 70 |  | 1.00 | 2.00 | 100% | 50 |",
        "| SQLite on disk | row by id, 8 columns | 2 | 2,000 | 70 |  | 1.00 | 2.00 | 50% | 100 |",
        "| PostgreSQL | row by id, 8 columns | 1 | 1,000 | 70 | 30 | 1.00 | 2.00 | 100% | 50 |",
        "| PostgreSQL | row by id, 8 columns | 2 | 2,000 | 70 | 30 | 1.00 | 2.00 | 50% | 100 |",
    ] == [line for line in page.splitlines() if "row by id" in line]


def test_partitions_are_told_as_multiples_of_one_table() -> None:
    """Twice as dear is 2.00, whatever the unit."""
    found = Partitioned(rows=480_000, partitions=25, lines=[Line(what="w", unit="ms", whole=10.0, divided=20.0)])
    page = page_of(Results(partitions=Partitions(circumstances=CIRCUMSTANCES, found=found)))

    assert "480,000 session events on PostgreSQL, in one table and in 25 partitions." in page
    assert "| w, ms | 10 | 20 | 2.00 |" in page


def test_copies_are_told_both_ways() -> None:
    """How many rows, how long, and what the command took."""
    there = Copying(way="to PostgreSQL", rows=215_157, seconds=4.04, cpu_s=1.44, memory_mib=40.4)
    page = page_of(Results(copies=Copies(circumstances=CIRCUMSTANCES, lines=[there])))

    assert "| to PostgreSQL | 215,157 | 4.0 | 1.4 | 40 |" in page
