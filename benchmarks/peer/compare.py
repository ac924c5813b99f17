"""Ask the product and the peer the same things, in turns.

In:        the rows of the measurements in a file
Out:       `Peer`: what a request costs here and there
Not here:  the peer (peer.app), its packages (`make bench args=--peer` installs them)
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.data import SESSIONS
from benchmarks.peer.asked import PEER_CALLS
from benchmarks.results import Peer, PeerLine, circumstances
from benchmarks.rounds import Place, Told, asking
from benchmarks.servers import ROOT, Server, started
from benchmarks.shapes import SHAPES, Call, Shape
from benchmarks.traffic import Slice, Traffic, ask, measure, request_bytes

PYTHON = ROOT / ".venv" / "peer" / "bin" / "python"
ROUNDS, SLICE_S, CONNECTIONS = 3, 0.3, 16
PACKAGES = ("fastapi", "sqlalchemy", "pydantic", "uvicorn")


def compare(folder: Path, url: str, tell: Told) -> Peer:
    """The figures of both."""
    if not PYTHON.exists():
        sys.exit('The packages of the peer are not installed: `make bench args="--peer"` does that.')
    source = url.removeprefix("sqlite:///")
    command = [str(PYTHON), "benchmarks/peer/app.py", source, str(folder / "peer.db")]
    with asking(Place("SQLite on disk", url)) as (loop, server), started(command) as peer:
        slices: dict[str, list[tuple[Slice, Slice]]] = {shape.letter: [] for shape in SHAPES}
        for number in range(ROUNDS):
            for shape in SHAPES:
                tell(f"round {number + 1} of {ROUNDS}: {shape.what}")
                own, other = shape.calls(SESSIONS), _peer_calls(shape)
                slices[shape.letter].append((_measure(loop, server, shape, own), _measure(loop, peer, shape, other)))
    return Peer(circumstances=circumstances(), versions=_versions(), lines=[_line(*one) for one in slices.items()])


def _peer_calls(shape: Shape) -> list[Call]:
    chance = random.Random(shape.letter)
    return [PEER_CALLS[shape.letter](chance, SESSIONS) for _ in shape.calls(SESSIONS)]


def _measure(loop: asyncio.AbstractEventLoop, server: Server, shape: Shape, calls: list[Call]) -> Slice:
    ask(server.port, calls[0])
    most = CONNECTIONS if shape.letter == "j" else sys.maxsize
    found = measure(loop, server.port, Traffic([request_bytes(call) for call in calls], CONNECTIONS, SLICE_S, most))
    if shape.writes:
        ask(server.port, Call("POST", "/bench/forget"))
    return found


def _line(letter: str, slices: list[tuple[Slice, Slice]]) -> PeerLine:
    return PeerLine(
        letter=letter,
        cpu_us=round(median([own.server_cpu_us for own, _ in slices]), 1),
        per_second=round(median([own.per_second for own, _ in slices]), 1),
        peer_cpu_us=round(median([other.server_cpu_us for _, other in slices]), 1),
        peer_per_second=round(median([other.per_second for _, other in slices]), 1),
    )


def _versions() -> str:
    code = f"import importlib.metadata as m; print(', '.join(n + ' ' + m.version(n) for n in {PACKAGES}))"
    return subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
