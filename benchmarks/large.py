"""Ask the same of the small data and of ten million session events, in turns: `make bench args="--large"`.

In:        the small data and the large in files
Out:       `compare_sizes`: CPU, waiting and memory of the reads, here and there
Not here:  making the rows (benchmarks.data)

The rows are made by CreateMultiple like the others, inside the process, a hundred thousand in a transaction. What
groups a whole table is left out: the service refuses to aggregate so many rows.
"""

from __future__ import annotations

import asyncio
import contextlib

import uvloop

from benchmarks.data import EVENTS_PER_SESSION
from benchmarks.figures import Figures, figures_of
from benchmarks.results import Pair
from benchmarks.rounds import Place, Told, measure_memory, measure_round, prepare
from benchmarks.servers import Server, measured_server
from benchmarks.shapes import PLAIN, SHAPES

LARGE_SESSIONS = 10_000_000 // EVENTS_PER_SESSION
ROUNDS, SLICE_S = 5, 0.3
READS = [(shape, PLAIN) for shape in SHAPES if not shape.writes and not shape.walks]


class _Side:
    """One of the two."""

    def __init__(self, server: Server, place: Place) -> None:
        self._server = server
        self._place = place
        self._measured = prepare(server, place.sessions, READS)

    def measure(self, loop: asyncio.AbstractEventLoop, at: int) -> None:
        """One more slice of one of the reads."""
        measure_round(loop, self._server, self._measured[at], self._place, SLICE_S)

    def figures(self, loop: asyncio.AbstractEventLoop) -> list[Figures]:
        """What came of it, and the memory it takes."""
        for one in self._measured:
            one.memory_mib = measure_memory(loop, self._server, one, self._place.sessions)
        return [figures_of(one) for one in self._measured]


def compare_sizes(small: Place, large: Place, tell: Told) -> list[Pair]:
    """The reads on both."""
    with contextlib.ExitStack() as open_ones:
        loop = open_ones.enter_context(contextlib.closing(uvloop.new_event_loop()))
        sides = [_Side(open_ones.enter_context(measured_server(place.url)), place) for place in (small, large)]
        for number in range(ROUNDS):
            for at, (shape, _) in enumerate(READS):
                tell(f"round {number + 1} of {ROUNDS}: {shape.what}")
                for side in sides:
                    side.measure(loop, at)
        figures = [side.figures(loop) for side in sides]
    return [Pair(few, many) for few, many in zip(*figures, strict=True)]
