"""Measure what it costs to copy an organization from a file to PostgreSQL and back.

In:        the file with the rows, the address of an empty PostgreSQL
Out:       `measure_copies`: a line for each way
Not here:  making the rows (benchmarks.data), starting PostgreSQL (benchmarks.servers)
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from benchmarks.servers import ENVIRONMENT, ROOT, memory_mib

LOOK_EACH_S = 0.02


class Copying(msgspec.Struct, frozen=True, kw_only=True):
    """One way. `cpu_s` and `memory_mib`, the most it ever held, are of the command; the database has its own."""

    way: str
    rows: int
    seconds: float
    cpu_s: float
    memory_mib: float


def measure_copies(file: Path, url: str, folder: Path) -> list[Copying]:
    """There and back."""
    source = f"sqlite:///{file}"
    return [
        _measured("to PostgreSQL", source, url),
        _measured("back to a file", url, str(folder / "back")),
    ]


def _measured(way: str, source: str, target: str) -> Copying:
    command = [sys.executable, "-m", "verselet", "database", "copy", "--database", source, "--to", target, "--json"]
    before, began = _cpu_s(), time.perf_counter()
    most = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=ROOT) as process:
        while process.poll() is None:
            # Not a number once it has ended; then the comparison is false.
            most = max(most, memory_mib(process.pid, "RssAnon"))
            time.sleep(LOOK_EACH_S)
        assert process.stdout is not None
        told = json.loads(process.stdout.read())
    seconds = time.perf_counter() - began
    return Copying(way=way, rows=told["rows"], seconds=seconds, cpu_s=_cpu_s() - before, memory_mib=most)


def _cpu_s() -> float:
    """Of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
