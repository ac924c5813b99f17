"""Measure the operations on one store, in turns.

In:        where the rows are, how much effort to make
Out:       `Figures` of each operation in each manner, and `Beside`: reads while somebody writes in bulk
Not here:  the rows (benchmarks.data), starts (benchmarks.starting), what the figures are to be (benchmarks.goals)

The server is a process of its own and this one asks it: over HTTP as a client does, and for the cost of the same
statements without HTTP. Operations take turns within each round, so that a busy machine is unkind to all of them alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from statistics import median

import msgspec
import uvloop

from benchmarks.data import SESSIONS
from benchmarks.figures import CONNECTIONS, Figures, Measured, figures_of, percentile_ms
from benchmarks.raw import Cost
from benchmarks.servers import Server, measured_server
from benchmarks.serving import RawRequest
from benchmarks.shapes import BULK, MANNERS, PLAIN, SHAPES, Call, Manner, Shape
from benchmarks.traffic import Traffic, ask, measure, measure_together, peak_memory_mib, request_bytes


class Effort(msgspec.Struct, frozen=True):
    """How long everything takes."""

    rounds: int
    slice_s: float
    manners: tuple[Manner, ...] = MANNERS


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """Reads at 16 connections while one more writes a thousand rows at a time without a pause."""

    p50_ms: float
    p99_ms: float
    reads_per_second: float
    rows_per_second: float


class Place(msgspec.Struct, frozen=True):
    """A store: what it is called, where it is, and how many sessions it has."""

    title: str
    url: str
    in_memory: bool = False
    sessions: int = SESSIONS

    @property
    def is_inside(self) -> bool:
        """The database runs within the server: of two cores one is left for whoever asks."""
        return self.url.startswith("sqlite:")


Told = Callable[[str], None]


def measure_store(place: Place, effort: Effort, tell: Told) -> tuple[list[Figures], Beside]:
    """The figures of everything on one store."""
    with asking(place) as (loop, server):
        measured = prepare(server, place.sessions, [(s, m) for s in SHAPES for m in effort.manners if s.is_asked(m)])
        for number in range(effort.rounds):
            for one in measured:
                tell(f"{place.title}, round {number + 1} of {effort.rounds}: {one.shape.what}, {one.manner.says}")
                measure_round(loop, server, one, place, effort.slice_s)
        tell(f"{place.title}: memory")
        for one in measured:
            one.memory_mib = measure_memory(loop, server, one, place.sessions)
        tell(f"{place.title}: reads while somebody writes")
        beside = _measure_beside(loop, server, place.sessions, effort.slice_s * 10)
    return [figures_of(one) for one in measured], beside


@contextlib.contextmanager
def asking(place: Place) -> Iterator[tuple[asyncio.AbstractEventLoop, Server]]:
    """A server on that store, and a loop to ask it from."""
    with (
        measured_server(place.url, in_memory=place.in_memory) as server,
        contextlib.closing(uvloop.new_event_loop()) as loop,
    ):
        asyncio.set_event_loop(loop)
        yield loop, server


def prepare(server: Server, sessions: int, pairs: Sequence[tuple[Shape, Manner]]) -> list[Measured]:
    """Ask once for each request, so that nothing is measured cold; how large the answers are."""
    made = []
    for shape, manner in pairs:
        answers = [ask(server.port, call) for call in shape.calls(sessions, manner)[:3]]
        size = int(median([len(answer) for answer in answers])) or -1
        made.append(Measured(shape, manner, size, {n: [] for n in CONNECTIONS}, {n: [] for n in CONNECTIONS}, []))
    return made


def measure_round(loop: asyncio.AbstractEventLoop, server: Server, one: Measured, place: Place, slice_s: float) -> None:
    """One more slice of everything about an operation."""
    calls = one.shape.calls(place.sessions, one.manner)
    requests = [request_bytes(call) for call in calls]
    echoes = [request_bytes(call, f"/bench/echo?n={one.size}") for call in calls]
    writes_many = one.shape.writes and one.shape.rows == BULK
    for connections in CONNECTIONS:
        # Every thousand rows take a while to be forgotten.
        most = max(connections, 4) if writes_many else sys.maxsize
        asked = Traffic(requests, connections, slice_s, most, stays_awake=place.is_inside)
        echo = Traffic(echoes, connections, slice_s / 3, stays_awake=place.is_inside)
        one.server[connections].append(measure(loop, server.port, asked))
        one.echo[connections].append(measure(loop, server.port, echo))
    raw = RawRequest(list(calls[:1] if writes_many else calls), slice_s / 3)
    one.raw.append(
        msgspec.json.decode(ask(server.port, Call("POST", "/bench/raw", body=msgspec.json.encode(raw))), type=Cost)
    )
    _forget_written(server, one.shape)


def _forget_written(server: Server, shape: Shape) -> None:
    """The table is as large as before, for whoever is measured next."""
    if shape.writes:
        ask(server.port, Call("POST", "/bench/forget"))


def measure_memory(loop: asyncio.AbstractEventLoop, server: Server, one: Measured, sessions: int) -> float:
    """How much more memory the server has at most while it is asked for that than before."""
    requests = [request_bytes(call) for call in one.shape.calls(sessions, one.manner)]
    ask(server.port, Call("POST", "/bench/trim"))
    found = peak_memory_mib(loop, server, Traffic(requests, CONNECTIONS[-1], 0.15, max(CONNECTIONS)))
    _forget_written(server, one.shape)
    return found


def _measure_beside(loop: asyncio.AbstractEventLoop, server: Server, sessions: int, seconds: float) -> Beside:
    """Points, pages of one session and pages of fifty, in turns."""
    by_letter = {shape.letter: shape for shape in SHAPES}
    columns = [by_letter[letter].calls(sessions, PLAIN) for letter in ("a", "b", "c2")]
    reads = [request_bytes(call) for turn in zip(*columns, strict=True) for call in turn]
    writes = [request_bytes(call) for call in by_letter["j"].calls(sessions, PLAIN)]
    read, written = measure_together(
        loop, server.port, [Traffic(reads, CONNECTIONS[-1], seconds), Traffic(writes, 1, seconds)]
    )
    _forget_written(server, by_letter["j"])
    return Beside(
        p50_ms=round(percentile_ms(read.latencies_ns, 0.5), 3),
        p99_ms=round(percentile_ms(read.latencies_ns, 0.99), 3),
        reads_per_second=round(read.per_second, 1),
        rows_per_second=round(written.per_second * BULK, 1),
    )
