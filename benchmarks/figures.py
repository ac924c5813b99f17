"""Make figures of what was measured: medians of rounds, ratios, and the page they stand on.

In:        slices of traffic, costs of statements, facts of the machine
Out:       `Figures`, and `results.md` as text
Not here:  measuring (benchmarks.run)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

from benchmarks.raw import Cost
from benchmarks.shapes import Shape
from benchmarks.traffic import Slice

CONNECTIONS = (1, 16)


class Measured(msgspec.Struct):
    """Everything that was measured of one operation on one store, by number of connections."""

    shape: Shape
    size: int
    server: dict[int, list[Slice]]
    echo: dict[int, list[Slice]]
    raw: list[Cost]


class Figures(msgspec.Struct, frozen=True):
    """The medians: microseconds of the server's CPU, milliseconds a caller waits, answers per second.

    `ratio` is server ÷ (statements + echo) in CPU at 16 connections, `waiting_ratio` in time that passes at one: for a
    database that is another process. They are taken within each round, when the machine was equally busy.
    """

    cpu_us: dict[int, float]
    echo_us: dict[int, float]
    raw_us: float
    p50_ms: dict[int, float]
    p99_ms: dict[int, float]
    per_second: dict[int, float]
    ratio: float
    waiting_ratio: float


def figures_of(measured: Measured) -> Figures:
    """The medians of the rounds."""
    server, echo = measured.server, measured.echo
    return Figures(
        cpu_us={n: median(one.server_cpu_us for one in server[n]) for n in CONNECTIONS},
        echo_us={n: median(one.server_cpu_us for one in echo[n]) for n in CONNECTIONS},
        raw_us=median(one.cpu_us for one in measured.raw),
        p50_ms={n: median(_percentile(one, 0.5) for one in server[n]) for n in CONNECTIONS},
        p99_ms={n: median(_percentile(one, 0.99) for one in server[n]) for n in CONNECTIONS},
        per_second={n: median(one.per_second for one in server[n]) for n in CONNECTIONS},
        ratio=median(
            whole.server_cpu_us / (raw.cpu_us + nothing.server_cpu_us)
            for whole, raw, nothing in zip(server[16], measured.raw, echo[16], strict=True)
        ),
        waiting_ratio=median(
            _percentile(whole, 0.5) / (raw.wall_us / 1000 + _percentile(nothing, 0.5))
            for whole, raw, nothing in zip(server[1], measured.raw, echo[1], strict=True)
        ),
    )


def _percentile(one: Slice, share: float) -> float:
    latencies = sorted(one.latencies_ns)
    return latencies[min(int(len(latencies) * share), len(latencies) - 1)] / 1e6


def is_met(shape: Shape, found: Figures) -> bool | None:
    """Whether the goal is met at every number of connections; None without a goal."""
    return None if shape.goal_us is None else max(found.cpu_us.values()) <= shape.goal_us


def line_of(shape: Shape, size: int, found: Figures, *, by_waiting: bool) -> list[str]:
    """One line of the table. Goals are for SQLite; `by_waiting` says that the database is another process."""
    verdict = "" if by_waiting else {True: "met", False: "missed", None: ""}[is_met(shape, found)]
    goal = "" if by_waiting or shape.goal_us is None else _us(shape.goal_us)
    return [
        shape.letter,
        shape.what,
        f"{max(size, 0):,}",
        f"{_us(found.cpu_us[1])} / {_us(found.cpu_us[16])}",
        _us(found.raw_us),
        _us(found.echo_us[16]),
        f"{found.waiting_ratio if by_waiting else found.ratio:.2f}",
        f"{found.p50_ms[1]:.2f} / {found.p50_ms[16]:.2f}",
        f"{found.p99_ms[1]:.2f} / {found.p99_ms[16]:.2f}",
        f"{found.per_second[1]:,.0f} / {found.per_second[16]:,.0f}",
        goal,
        verdict,
    ]


HEAD = [
    "",
    "Operation",
    "Bytes",
    "Server CPU µs",
    "SQL µs",
    "Echo µs",
    "Ratio",
    "p50 ms",
    "p99 ms",
    "Per second",
    "Goal µs",
    "",
]


def _us(value: float) -> str:
    return f"{value:,.0f}"


def page_of(facts: Sequence[tuple[str, str]], tables: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """The text of results.md."""
    lines = [
        "# What requests cost",
        "",
        "Written by `make bench`; do not edit.",
        "",
        *[f"- {name}: {value}" for name, value in facts],
        "",
        "Two numbers with a slash are for 1 and 16 connections. *Server CPU* is user and system time of the",
        "server's process per request. *SQL* is the CPU of the very statements of such requests, run in that",
        "process without the server. *Echo* is an answer of the same size from the same HTTP server. *Ratio* is",
        "server ÷ (SQL + echo) at 16 connections: 1.0 would be a server that does nothing of its own. PostgreSQL's",
        "own processes are not counted as CPU; there the ratio is of the time that passes at one connection.",
        "Figures are medians of the rounds; operations took turns. Goals are for SQLite, and met when they are met",
        "at 1 and at 16 connections.",
    ]
    for title, rows in tables.items():
        lines += ["", f"## {title}", "", _row(HEAD), _row(["---", "---", *["--:"] * 9, "---"])]
        lines += [_row(row) for row in rows]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
