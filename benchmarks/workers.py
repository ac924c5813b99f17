"""Ask one, two and four processes of one server the same: `make bench args="--workers"`.

In:        a store with rows, a number of processes
Out:       `Crew`: answers per second, CPU of the server and of the database, and how evenly the processes work
Not here:  the rows (benchmarks.data), what one process costs in detail (benchmarks.rounds)

The server is `verselet serve --workers N`, as everybody starts it. Whoever asks runs on the same machine: where it has
two cores, they are shared by the server's processes, the database and one process that asks. So the answers per second
say what that machine can do; the CPU of a request and how evenly it is spread say what more cores would bring.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import msgspec
import uvloop

from benchmarks.figures import percentile_ms
from benchmarks.rounds import Told
from benchmarks.servers import cpu_us, family, product_server
from benchmarks.shapes import SHAPES, Shape
from benchmarks.traffic import Traffic, answers_to, request_bytes

SESSIONS = 1_000
COUNTS = (1, 2, 4)
LETTERS = ("a", "h", "i")
CONNECTIONS, WARM_S, SLICE_S, ROUNDS = 32, 0.3, 0.3, 3


class Crew(msgspec.Struct, frozen=True, kw_only=True):
    """What so many processes did with one operation: medians of rounds, by `make bench args="--workers"`.

    `cpu_us` is of all the server's processes, `database_cpu_us` of a database that has processes of its own.
    `busiest` is the share of the work that the busiest process did: with two that work alike it is a half.
    """

    store: str
    workers: int
    letter: str
    per_second: float
    cpu_us: float
    database_cpu_us: float
    p50_ms: float
    p99_ms: float
    busiest: float


class _Asked(msgspec.Struct, frozen=True):
    """One slice."""

    latencies_ns: list[int]
    seconds: float
    spent_us: list[float]
    database_us: float


def measure_crews(store: str, url: str, postmaster: int | None, tell: Told) -> list[Crew]:
    """All operations with each number of processes; `postmaster` is the process the database's own belong to."""
    found = []
    shapes = [shape for shape in SHAPES if shape.letter in LETTERS]
    for workers in COUNTS:
        with _asking(url, workers) as (loop, port, pid):
            for shape in shapes:
                _ask(loop, port, shape, WARM_S)
            slices: dict[str, list[_Asked]] = {shape.letter: [] for shape in shapes}
            for number in range(ROUNDS):
                for shape in shapes:
                    tell(f"{store}, {workers} processes, round {number + 1} of {ROUNDS}: {shape.what}")
                    slices[shape.letter].append(_watched(loop, port, shape, (pid, postmaster)))
            found += [_crew(store, workers, letter, some) for letter, some in slices.items()]
    return found


@contextlib.contextmanager
def _asking(url: str, workers: int) -> Iterator[tuple[asyncio.AbstractEventLoop, int, int]]:
    with (
        product_server("--org", "contour", "--database", url, "--workers", str(workers)) as server,
        contextlib.closing(uvloop.new_event_loop()) as loop,
    ):
        asyncio.set_event_loop(loop)
        yield loop, server.port, server.pid


def _ask(loop: asyncio.AbstractEventLoop, port: int, shape: Shape, seconds: float) -> tuple[list[int], float]:
    requests = [request_bytes(call) for call in shape.calls(SESSIONS)]
    return answers_to(loop, port, [Traffic(requests, CONNECTIONS, seconds)])[0]


def _watched(loop: asyncio.AbstractEventLoop, port: int, shape: Shape, whose: tuple[int, int | None]) -> _Asked:
    """One slice, and what each process spent on it."""
    server, postmaster = whose
    processes = family(server)
    others = [] if postmaster is None else family(postmaster)
    before, before_others = _spent(processes), _spent(others)
    latencies, seconds = _ask(loop, port, shape, SLICE_S)
    spent = [now - then for now, then in zip(_spent(processes), before, strict=True)]
    database = sum(_spent(others)) - sum(before_others)
    return _Asked(latencies, seconds, spent, database)


def _spent(processes: Sequence[int]) -> list[float]:
    return [cpu_us(pid) for pid in processes]


def _crew(store: str, workers: int, letter: str, some: Sequence[_Asked]) -> Crew:
    return Crew(
        store=store,
        workers=workers,
        letter=letter,
        per_second=round(median([len(one.latencies_ns) / one.seconds for one in some])),
        cpu_us=round(median([sum(one.spent_us) / len(one.latencies_ns) for one in some]), 1),
        database_cpu_us=round(median([one.database_us / len(one.latencies_ns) for one in some]), 1),
        p50_ms=round(median([percentile_ms(one.latencies_ns, 0.5) for one in some]), 2),
        p99_ms=round(median([percentile_ms(one.latencies_ns, 0.99) for one in some]), 2),
        busiest=round(median([max(one.spent_us) / sum(one.spent_us) for one in some]), 2),
    )


def postmaster_of(folder: Path) -> int:
    """The process that a PostgreSQL with its rows in that folder belongs to."""
    return int((folder / "postmaster.pid").read_text(encoding="ascii").split()[0])
