"""Write the page of results.

In:        results
Out:       `page_of`, `HEAD` and `line_of`, which the terminal shows too
Not here:  what the figures are to be (benchmarks.goals), how they are to be read (docs/explanation/measurements.md)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.figures import Figures
from benchmarks.goals import POSTGRESQL, Goal, against_administrator, goals_of, shape_called, shape_of
from benchmarks.results import Copies, Crews, Large, Loaded, Partitions, Peer, Results, Stores

HEAD = (
    "",
    "Operation",
    "As",
    "Bytes",
    "Server CPU µs",
    "SQL µs",
    "Echo µs",
    "Ratio",
    "÷ admin",
    "p50 ms",
    "p99 ms",
    "Per second",
    "Memory MiB",
)
LEFT = {0, 1, 2}
"""Columns of words; the others hold numbers."""


def page_of(results: Results) -> str:
    """The text of results.md."""
    lines = [
        "# What requests cost",
        "",
        "Written by `make bench`; do not edit.",
        "The page *How fast it is, and how that is measured* of the manual says how to read it.",
        "",
        *_goals(goals_of(results)),
    ]
    if results.stores is not None:
        lines += _stores(results.stores)
    if results.large is not None:
        lines += _large(results.large)
    if results.crews is not None:
        lines += _crews(results.crews)
    if results.partitions is not None:
        lines += _partitions(results.partitions)
    if results.copies is not None:
        lines += _copies(results.copies)
    if results.peer is not None:
        lines += _peer(results.peer)
    return "\n".join(lines) + "\n"


def line_of(found: Figures, all_figures: Sequence[Figures], *, by_waiting: bool) -> list[str]:
    """One line of a store's table; `by_waiting` says that the database is another process."""
    return [
        found.letter,
        shape_of(found).what,
        found.manner,
        f"{found.size:,}",
        f"{_us(found.cpu_us[1])} / {_us(found.cpu_us[16])}",
        _us(found.raw_us),
        _us(found.echo_us[16]),
        f"{found.waiting_ratio if by_waiting else found.ratio:.2f}",
        f"{against_administrator(found, all_figures):.2f}",
        f"{found.p50_ms[1]:.2f} / {found.p50_ms[16]:.2f}",
        f"{found.p99_ms[1]:.2f} / {found.p99_ms[16]:.2f}",
        f"{found.per_second[1]:,.0f} / {found.per_second[16]:,.0f}",
        f"{found.memory_mib:.1f}",
    ]


def goal_line(goal: Goal) -> list[str]:
    """One line of the table of goals."""
    figures = "; ".join([f"{name} {_amount(figure)}".strip() for name, figure in goal.figures])
    return [goal.what, f"≤ {_amount(goal.at_most)} {goal.unit}", figures, "met" if goal.is_met else "**missed**"]


def _amount(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"


def _goals(goals: Sequence[Goal]) -> Iterator[str]:
    missed = sum(not goal.is_met for goal in goals)
    yield from ("## Every goal", "", f"{len(goals) - missed} of {len(goals)} are met.", "")
    yield from _table(("Goal", "Bound", "Figure", ""), [goal_line(goal) for goal in goals], {0, 1, 2, 3})


def _stores(stores: Stores) -> Iterator[str]:
    yield from ("", "## The operations", "", f"{stores.circumstances.says}.", _loaded(stores.loaded))
    yield f"Two numbers with a slash are for 1 and 16 connections. The ratio is CPU, on {POSTGRESQL} time that passes."
    for title, figures in stores.figures.items():
        rows = [line_of(one, figures, by_waiting=title == POSTGRESQL) for one in figures]
        yield from ("", f"### {title}", "", *_table(HEAD, rows, LEFT))
        if title in stores.beside:
            one = stores.beside[title]
            yield from (
                "",
                f"While one connection writes {one.rows_per_second:,.0f} rows a second in bulk, 16 others read "
                f"{one.reads_per_second:,.0f} times a second: p50 {one.p50_ms:.2f} ms, p99 {one.p99_ms:.2f} ms.",
            )
    start, durable = stores.start, stores.durable
    yield from ("", "### Start and bulk", "")
    yield f"- From the command to `ready`, in memory: {start.ready_s:.2f} s, then {start.idle_mib:.0f} MiB idle."
    yield f"- `verselet --help`: {start.help_s * 1000:.0f} ms."
    yield f"- {durable.rows:,} session events, a thousand in each CreateMultiple, durable: {durable.seconds:.1f} s."


def _large(large: Large) -> Iterator[str]:
    yield from ("", "## Ten million session events", "", f"{large.circumstances.says}.")
    yield f"{_loaded(large.loaded)} The file has {large.file_mib:,.0f} MiB."
    yield "A queue has fifty times as many sessions there, all of which are looked at to sort them (c)."
    rows = [
        [
            pair.large.letter,
            shape_of(pair.large).what,
            f"{_us(pair.small.cpu_us[16])} / {_us(pair.large.cpu_us[16])}",
            f"{pair.large.cpu_us[16] / pair.small.cpu_us[16]:.2f}",
            f"{pair.small.p50_ms[16]:.2f} / {pair.large.p50_ms[16]:.2f}",
            f"{pair.small.p99_ms[16]:.2f} / {pair.large.p99_ms[16]:.2f}",
            f"{pair.small.memory_mib:.1f} / {pair.large.memory_mib:.1f}",
        ]
        for pair in large.pairs
    ]
    head = ("", "Operation", "CPU µs, small / large", "large ÷ small", "p50 ms", "p99 ms", "Memory MiB")
    yield from ("", *_table(head, rows, {0, 1}))


def _crews(crews: Crews) -> Iterator[str]:
    yield from ("", "## Several processes", "", f"{crews.circumstances.says}.")
    yield "The processes, the database and who asks share the cores: what is answered per second is for this machine."
    yield "The busiest is the share of the server's work that the busiest process does."
    rows = [
        [
            one.store,
            shape_called(one.letter).what,
            f"{one.workers}",
            f"{one.per_second:,.0f}",
            _us(one.cpu_us),
            _us(one.database_cpu_us) if one.database_cpu_us else "",
            f"{one.p50_ms:.2f}",
            f"{one.p99_ms:.2f}",
            f"{one.busiest:.0%}",
            f"{one.memory_mib:.0f}",
        ]
        for one in sorted(crews.lines, key=lambda line: (line.store != crews.lines[0].store, line.letter, line.workers))
    ]
    head = (
        "",
        "Operation",
        "Processes",
        "Per second",
        "Server CPU µs",
        "Database CPU µs",
        "p50 ms",
        "p99 ms",
        "Busiest",
        "Memory MiB",
    )
    yield from ("", *_table(head, rows, {0, 1}))


def _partitions(partitions: Partitions) -> Iterator[str]:
    found = partitions.found
    yield from ("", "## A partition for each month", "", f"{partitions.circumstances.says}.")
    yield f"{found.rows:,} session events on {POSTGRESQL}, in one table and in {found.partitions} partitions."
    rows = [
        [f"{one.what}, {one.unit}", f"{one.whole:,.0f}", f"{one.divided:,.0f}", f"{one.divided / one.whole:.2f}"]
        for one in found.lines
    ]
    yield from ("", *_table(("", "One table", "Partitions", "Partitions ÷ one"), rows, {0}))


def _copies(copies: Copies) -> Iterator[str]:
    yield from ("", "## A copy on another database", "", f"{copies.circumstances.says}.")
    rows = [
        [one.way, f"{one.rows:,}", f"{one.seconds:.1f}", f"{one.cpu_s:.1f}", f"{one.memory_mib:.0f}"]
        for one in copies.lines
    ]
    yield from ("", *_table(("", "Rows", "Seconds", "CPU s of the command", "Its memory MiB"), rows, {0}))


def _peer(peer: Peer) -> Iterator[str]:
    yield from ("", "## A peer for orientation", "", f"{peer.circumstances.says}.", f"The peer: {peer.versions}.")
    rows = [
        [
            one.letter,
            _us(one.cpu_us),
            _us(one.peer_cpu_us),
            f"{one.peer_cpu_us / one.cpu_us:.1f}",
            f"{one.per_second:,.0f}",
            f"{one.peer_per_second:,.0f}",
        ]
        for one in peer.lines
    ]
    head = ("", "CPU µs", "Peer's CPU µs", "Peer ÷ ours", "Per second", "Peer's per second")
    yield from ("", *_table(head, rows, {0}))


def _loaded(loaded: Loaded) -> str:
    each = loaded.seconds / loaded.rows * 1e6
    return f"{loaded.rows:,} rows, made by CreateMultiple in {loaded.seconds:,.1f} s ({each:.0f} µs each)."


def _us(value: float) -> str:
    return f"{value:,.0f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], left: set[int]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---" if number in left else "--:" for number in range(len(head))])
    yield from [_row(row) for row in rows]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
