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
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec
import uvloop

from benchmarks.figures import percentile_ms
from benchmarks.rounds import Told
from benchmarks.servers import Server, cpu_us, family, memory_mib, product_server
from benchmarks.shapes import SHAPES, Shape
from benchmarks.traffic import Traffic, answers_to, request_bytes

SESSIONS = 1_000
COUNTS = (1, 2, 4)
LETTERS = ("a", "h", "i")
CONNECTIONS, SLICE_S, ROUNDS = 32, 0.4, 3


class Crew(msgspec.Struct, frozen=True, kw_only=True):
    """What so many processes did with one operation: medians of rounds, by `make bench args="--workers"`.

    `cpu_us` is of all the server's processes, `database_cpu_us` of a database that has processes of its own.
    `busiest` is the share of the work that the busiest process did: with two that work alike it is a half.
    `memory_mib` is the own memory of all the server's processes in the end.
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
    memory_mib: float


class _Asked(msgspec.Struct, frozen=True):
    """One slice."""

    latencies_ns: list[int]
    seconds: float
    spent_us: list[float]
    database_us: float


class _Side(msgspec.Struct, frozen=True):
    """A server of so many processes, and what it was asked."""

    workers: int
    server: Server
    slices: dict[str, list[_Asked]]


def measure_crews(store: str, urls: Mapping[int, str], postmaster: int | None, tell: Told) -> list[Crew]:
    """All operations with each number of processes, in turns, so that a busy machine is unkind to all of them alike.

    `urls` says where the rows of the server with that number of processes are; `postmaster` is the process that those
    of the database belong to.
    """
    shapes = [shape for shape in SHAPES if shape.letter in LETTERS]
    with contextlib.ExitStack() as open_ones:
        loop = open_ones.enter_context(contextlib.closing(uvloop.new_event_loop()))
        asyncio.set_event_loop(loop)
        sides = []
        for workers, url in urls.items():
            tell(f"{store}: {workers} processes begin")
            flags = ("--org", "contour", "--database", url, "--workers", str(workers))
            server = open_ones.enter_context(product_server(*flags))
            sides.append(_Side(workers, server, {shape.letter: [] for shape in shapes}))
        for number in range(ROUNDS + 1):
            for shape in shapes:
                tell(f"{store}, round {number} of {ROUNDS}: {shape.what}")
                for side in sides:
                    found = _watched(loop, side.server, shape, postmaster)
                    # The first round only makes everything warm.
                    side.slices[shape.letter] += [found] if number else []
        return [_crew(store, side, letter) for side in sides for letter in side.slices]


def _watched(loop: asyncio.AbstractEventLoop, server: Server, shape: Shape, postmaster: int | None) -> _Asked:
    """One slice, and what each process spent on it."""
    requests = [request_bytes(call) for call in shape.calls(SESSIONS)]
    processes = family(server.pid)
    others = [] if postmaster is None else family(postmaster)
    before, before_others = _spent(processes), _spent(others)
    ((latencies, seconds),) = answers_to(loop, server.port, [Traffic(requests, CONNECTIONS, SLICE_S)])
    spent = [now - then for now, then in zip(_spent(processes), before, strict=True)]
    database = sum(_spent(others)) - sum(before_others)
    return _Asked(latencies, seconds, spent, database)


def _spent(processes: Sequence[int]) -> list[float]:
    return [cpu_us(pid) for pid in processes]


def _crew(store: str, side: _Side, letter: str) -> Crew:
    some = side.slices[letter]
    return Crew(
        store=store,
        workers=side.workers,
        letter=letter,
        per_second=round(median([len(one.latencies_ns) / one.seconds for one in some])),
        cpu_us=round(median([sum(one.spent_us) / len(one.latencies_ns) for one in some]), 1),
        database_cpu_us=round(median([one.database_us / len(one.latencies_ns) for one in some]), 1),
        p50_ms=round(median([percentile_ms(one.latencies_ns, 0.5) for one in some]), 2),
        p99_ms=round(median([percentile_ms(one.latencies_ns, 0.99) for one in some]), 2),
        busiest=round(median([max(one.spent_us) / sum(one.spent_us) for one in some]), 2),
        memory_mib=round(sum(memory_mib(one, "RssAnon") for one in family(side.server.pid))),
    )


def postmaster_of(folder: Path) -> int:
    """The process that a PostgreSQL with its rows in that folder belongs to."""
    return int((folder / "postmaster.pid").read_text(encoding="ascii").split()[0])
