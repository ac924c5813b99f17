"""Let all kinds of work go on side by side for a while, and watch: `make mixed-load args="--minutes 30"`.

In:        for how long
Out:       a line every little while, a closing line; exit code 1 after an error, or where memory grows
Not here:  who works and how (benchmarks.roles)

The server is durable, with the demo rows. First everything works until the caches of every process have come to their
bounds, which takes so many requests and not so much time; and each process has written to the lake, whose library is
loaded by whoever first does so. From then on memory counts as flat where a straight line through the looks rises by
less than a tenth.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from statistics import linear_regression, median

import msgspec

from benchmarks.figures import percentile_ms
from benchmarks.roles import PARTS, Part, Receiver, cause_posts, prepare, retain_once
from benchmarks.servers import family, memory_mib, product_server
from benchmarks.turns import Client

LOOKS, RISE = 30, 0.1
DRAIN_S = 120.0
WARM_REQUESTS = 30_000
"""Requests of all kinds after which a process keeps what it will keep."""

WARM_RETENTIONS = 4
"""So many for each process, each over a connection of its own: any process may be the one that takes it."""


class Look(msgspec.Struct, frozen=True):
    """What was seen at one moment: seconds since the watch began, MiB of each process that has some."""

    at: float
    processes: tuple[float, ...]

    @property
    def memory(self) -> float:
        """Of all of them."""
        return sum(self.processes)


class Player:
    """One part in a thread of its own."""

    def __init__(self, part: Part, port: int, number: int, stop: threading.Event) -> None:
        self.client = Client(port)
        self._part, self._number, self._stop = part, number, stop
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    @property
    def posts_caused(self) -> int:
        """How many rows it made that the web hook is to be told of: each of them was deleted, too."""
        return self.client.statuses[204] // 2 if self._part is cause_posts else 0

    @property
    def is_playing(self) -> bool:
        """It has not ended."""
        return self._thread.is_alive()

    def end(self) -> None:
        """Wait for the last request."""
        self._thread.join(DRAIN_S)

    def _play(self) -> None:
        try:
            self._part(self.client, random.Random(self._number), self._stop)
        except Exception as error:  # noqa: BLE001  whatever ends a part is what the run is there to find
            self.client.faults.append(f"{self._part.__name__} ended: {error!r}")


def main() -> None:
    """Start everything, watch, end, say how it was."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description="Watch a mixed load.")
    parser.add_argument("--minutes", type=float, default=5.0, help="after the caches are full")
    parser.add_argument("--workers", type=int, default=1, help="server processes")
    names = ", ".join(dict.fromkeys(part.__name__ for part in PARTS))
    parser.add_argument("--parts", nargs="+", metavar="PART", help=f"only these of {names}")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="verselet-load-") as folder:
        receiver = Receiver()
        with product_server("--seed", "demo", "--data", folder, "--workers", str(asked.workers)) as server:
            setting_up = Client(server.port)
            prepare(setting_up, receiver.url)
            visitors = [Client(server.port) for _ in range(WARM_RETENTIONS * asked.workers)]
            chance = random.Random("visitors")
            for visitor in visitors:
                retain_once(visitor, chance)
                visitor.close()
            stop = threading.Event()
            parts = [part for part in PARTS if asked.parts is None or part.__name__ in asked.parts]
            players = [Player(part, server.port, number, stop) for number, part in enumerate(parts)]
            _warm_up(players, asked.workers)
            # Nobody has asked over that connection for so long that the server may have closed it.
            setting_up.close()
            looks = _watch(players, setting_up, server.pid, asked.minutes * 60)
            stop.set()
            for player in players:
                player.end()
            clients = [setting_up, *visitors, *[player.client for player in players]]
            late = _drained(setting_up, receiver, sum(player.posts_caused for player in players))
        receiver.close()
    faults = [*[fault for client in clients for fault in client.faults], *late]
    _close(asked.minutes, sum(client.sent for client in clients), faults, looks)


def _warm_up(players: list[Player], workers: int) -> None:
    """Wait until every process keeps what it will keep, unless somebody ends before."""
    began, pause = time.perf_counter(), threading.Event()
    while sum(player.client.sent for player in players) < WARM_REQUESTS * workers:
        if not any(player.is_playing for player in players):
            break
        pause.wait(0.5)
    sent = sum(player.client.sent for player in players)
    print(f"The caches are full after {sent:,} requests in {time.perf_counter() - began:.0f} s.", flush=True)
    for player in players:
        _taken(player.client)


def _watch(players: list[Player], client: Client, pid: int, seconds: float) -> list[Look]:
    """Look every little while."""
    began = time.perf_counter()
    looks: list[Look] = []
    sent, pause = sum(player.client.sent for player in players), threading.Event()
    print(f"{'minutes':>8} {'requests/s':>11} {'p50 ms':>8} {'p99 ms':>8} {'jobs':>6} {'memory MiB':>11} {'faults':>7}")
    for number in range(1, LOOKS + 1):
        pause.wait(max(0.0, began + seconds * number / LOOKS - time.perf_counter()))
        at = time.perf_counter() - began
        latencies = [latency for player in players for latency in _taken(player.client)] or [0]
        total = sum(player.client.sent for player in players)
        faults = sum(len(player.client.faults) for player in players)
        rate = (total - sent) / (at - (looks[-1].at if looks else 0))
        looks.append(Look(at, tuple([round(memory_mib(one, "RssAnon"), 1) for one in family(pid)])))
        p50, p99 = percentile_ms(latencies, 0.5), percentile_ms(latencies, 0.99)
        print(
            f"{at / 60:8.2f} {rate:11,.0f} {p50:8.2f} {p99:8.2f} {_waiting(client):6} "
            f"{looks[-1].memory:11.1f} {faults:7}   {' + '.join(f'{one:.0f}' for one in looks[-1].processes)}",
            flush=True,
        )
        sent = total
    return looks


def _taken(client: Client) -> list[int]:
    """The latencies since the last look."""
    taken, client.latencies_ns = client.latencies_ns, []
    return taken


def _waiting(client: Client) -> int:
    """Jobs that are not done."""
    return int(client.send("GET", "asyncoperations/$count?$filter=statecode%20ne%203").body.decode("utf-8-sig"))


def _drained(client: Client, receiver: Receiver, posts: int) -> list[str]:
    """Wait for the jobs that are left; what is wrong then."""
    pause = threading.Event()
    for _ in range(int(DRAIN_S)):
        if not _waiting(client):
            break
        pause.wait(1)
    wrong = [f"{jobs} jobs are left after {DRAIN_S:.0f} s"] if (jobs := _waiting(client)) else []
    # A post may be made again, after a fault of the network or of the server: it must not be left out.
    return wrong if receiver.posts[0] >= posts else [*wrong, f"{receiver.posts[0]} of {posts} posts came"]


def _close(minutes: float, requests: int, faults: list[str], looks: list[Look]) -> None:
    """The closing line."""
    line = linear_regression([look.at for look in looks], [look.memory for look in looks])
    rise = line.slope * (looks[-1].at - looks[0].at)
    bound = median([look.memory for look in looks]) * RISE
    for fault in faults[:20]:
        print(fault)
    is_good = not faults and rise <= bound
    print(
        f"mixed load of {minutes:g} minutes: {requests:,} requests, {len(faults)} errors, "
        f"memory {rise:+.1f} MiB (at most {bound:+.1f}): {'passed' if is_good else 'failed'}"
    )
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
