"""See whether the server's memory stays flat: `python -m benchmarks.memory --requests 100000`.

In:        how many requests
Out:       the resident memory of a server of its own, every tenth of the way, on standard output
Not here:  what requests cost (benchmarks.run)

The requests are of many shapes, most of them new to the server, so that every cache comes to its bound: filters and
FetchXML with other columns and literals, refusals of all kinds, batches, rows that are made, changed and deleted again.
The number of rows is the same at each look.
"""

from __future__ import annotations

import argparse
import random
import time

from benchmarks.servers import memory_mib, product_server
from benchmarks.turns import TURNS, Client

LOOKS = 10


def main() -> None:
    """Start a server, ask, look, and stop it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory")
    parser.add_argument("--requests", type=int, default=100_000)
    asked = parser.parse_args()
    with product_server("--seed", "demo") as server:
        _ask(Client(server.port), server.pid, asked.requests)


def _ask(client: Client, pid: int, requests: int) -> None:
    chance, began = random.Random(7), time.perf_counter()
    print(f"{0:>9,} requests  {memory_mib(pid):7.1f} MiB", flush=True)
    for look in range(1, LOOKS + 1):
        while client.sent < requests * look // LOOKS:
            chance.choice(TURNS)(client, chance)
        client.latencies_ns.clear()
        seconds = time.perf_counter() - began
        print(f"{client.sent:>9,} requests  {memory_mib(pid):7.1f} MiB  {seconds:6.0f} s", flush=True)
    print("statuses", dict(sorted(client.statuses.items())), f"{len(client.faults)} unexpected", *client.faults[:5])


if __name__ == "__main__":
    main()
