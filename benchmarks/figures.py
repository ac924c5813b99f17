"""Make figures of what was measured: medians of rounds, and ratios.

In:        slices of traffic, costs of statements
Out:       `Figures` of one operation, asked in one manner
Not here:  measuring (benchmarks.rounds), goals (benchmarks.goals), the page (benchmarks.page)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

import msgspec

from benchmarks.raw import Cost
from benchmarks.shapes import Manner, Shape
from benchmarks.traffic import Slice

CONNECTIONS = (1, 16)


class Measured(msgspec.Struct):
    """Everything that was measured of one operation in one manner, by number of connections."""

    shape: Shape
    manner: Manner
    size: int
    server: dict[int, list[Slice]]
    echo: dict[int, list[Slice]]
    raw: list[Cost]
    memory_mib: float = 0.0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The medians: microseconds of the server's CPU, milliseconds a caller waits, answers per second.

    `ratio` is server ÷ (statements + echo) in CPU at 16 connections, `waiting_ratio` in time that passes at one: for a
    database that is another process. They are taken within each round, when the machine was equally busy. `memory_mib`
    is what the server had at most beyond what it had before, with 16 connections.
    """

    letter: str
    manner: str
    size: int
    cpu_us: dict[int, float]
    echo_us: dict[int, float]
    raw_us: float
    p50_ms: dict[int, float]
    p99_ms: dict[int, float]
    per_second: dict[int, float]
    ratio: float
    waiting_ratio: float
    memory_mib: float


def figures_of(measured: Measured) -> Figures:
    """The medians of the rounds."""
    server, echo = measured.server, measured.echo
    return Figures(
        letter=measured.shape.letter,
        manner=measured.manner.says,
        size=max(measured.size, 0),
        cpu_us={n: _rounded(one.server_cpu_us for one in server[n]) for n in CONNECTIONS},
        echo_us={n: _rounded(one.server_cpu_us for one in echo[n]) for n in CONNECTIONS},
        raw_us=_rounded(one.cpu_us for one in measured.raw),
        p50_ms={n: _rounded(percentile_ms(one.latencies_ns, 0.5) for one in server[n]) for n in CONNECTIONS},
        p99_ms={n: _rounded(percentile_ms(one.latencies_ns, 0.99) for one in server[n]) for n in CONNECTIONS},
        per_second={n: _rounded(one.per_second for one in server[n]) for n in CONNECTIONS},
        ratio=_rounded(
            whole.server_cpu_us / (raw.cpu_us + nothing.server_cpu_us)
            for whole, raw, nothing in zip(server[16], measured.raw, echo[16], strict=True)
        ),
        waiting_ratio=_rounded(
            percentile_ms(whole.latencies_ns, 0.5) / (raw.wall_us / 1000 + percentile_ms(nothing.latencies_ns, 0.5))
            for whole, raw, nothing in zip(server[1], measured.raw, echo[1], strict=True)
        ),
        memory_mib=round(measured.memory_mib, 1),
    )


def percentile_ms(latencies_ns: Sequence[int], share: float) -> float:
    """The latency that this share of the answers does not exceed."""
    ordered = sorted(latencies_ns)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] / 1e6


def _rounded(values: Iterable[float]) -> float:
    return round(median(values), 4)
