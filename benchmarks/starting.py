"""Measure what a start costs: from the command to `ready`, the memory of an idle server, and `--help`.

In:        how often to start
Out:       `Start`
Not here:  requests (benchmarks.rounds)
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

import msgspec

from benchmarks.servers import ENVIRONMENT, ROOT, memory_mib, product_server


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """A server in memory without rows, and the command line's own help."""

    ready_s: float
    idle_mib: float
    help_s: float


def measure_start(times: int) -> Start:
    """The medians of so many starts."""
    ready, idle, helped = [], [], []
    for _ in range(times):
        began = time.perf_counter()
        with product_server() as server:
            ready.append(time.perf_counter() - began)
            idle.append(memory_mib(server.pid))
        began = time.perf_counter()
        command = [sys.executable, "-m", "verselet", "--help"]
        subprocess.run(command, env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        helped.append(time.perf_counter() - began)
    return Start(ready_s=median(ready), idle_mib=median(idle), help_s=median(helped))
