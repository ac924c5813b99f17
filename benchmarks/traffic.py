"""Send requests over kept connections and time the answers.

In:        a port of this machine, requests
Out:       `Slice`: how many answers came, how long each took, what the server's process spent on them; its memory
Not here:  which requests (benchmarks.shapes), medians over rounds (benchmarks.figures)

The client does as little as it can: bytes made beforehand, one question at a time on each connection, and of the answer
only its status and its length are read. It can stay awake between the answers: whoever sleeps is woken by the CPU of
the server, which an echo, whose client never gets to sleep, does not have to do.
"""

from __future__ import annotations

import asyncio
import http.client
import sys
import time
from collections.abc import Sequence
from typing import cast

import msgspec
from typing_extensions import override

from benchmarks.servers import Server, memory_mib
from benchmarks.shapes import Call

CPU = Call("GET", "/bench/cpu")


class Slice(msgspec.Struct, frozen=True):
    """What a while of asking came to. `latencies_ns` has one number for each answer."""

    latencies_ns: list[int]
    seconds: float
    server_cpu_us: float

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies_ns) / self.seconds


def request_bytes(call: Call, path: str | None = None) -> bytes:
    """The request as it travels; `path` instead of the call's own address."""
    lines = [
        f"{call.method} {path or call.path} HTTP/1.1",
        "host: 127.0.0.1",
        "accept: application/json",
        "odata-version: 4.0",
        *[f"{name}: {value}" for name, value in call.all_headers],
    ]
    if call.method != "GET":
        lines.append(f"content-length: {len(call.body)}")
    return "\r\n".join([*lines, "", ""]).encode() + call.body


class Traffic(msgspec.Struct, frozen=True):
    """Requests in turn over so many connections, for so long, and not more often than `most`.

    `stays_awake`: the client takes a core of its own, and the server need not wake it for each answer.
    """

    requests: list[bytes]
    connections: int
    seconds: float
    most: int = sys.maxsize
    stays_awake: bool = False


def ask(port: int, call: Call) -> bytes:
    """One request on a connection of its own; the body of the answer.

    Raises:
        AssertionError: it was refused.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        connection.request(call.method, call.path, call.body or None, dict(call.all_headers))
        answer = connection.getresponse()
        found = answer.read()
        assert answer.status < 400, found.decode()
        return found
    finally:
        connection.close()


def measure(loop: asyncio.AbstractEventLoop, port: int, traffic: Traffic) -> Slice:
    """Ask."""
    return measure_together(loop, port, [traffic])[0]


def measure_together(loop: asyncio.AbstractEventLoop, port: int, several: Sequence[Traffic]) -> list[Slice]:
    """Ask for several things at the same time. What the server spends cannot be told apart: each is told all of it."""
    before = int(ask(port, CPU))
    answers = answers_to(loop, port, several)
    spent = int(ask(port, CPU)) - before
    return [Slice(latencies, seconds, spent / 1000 / len(latencies)) for latencies, seconds in answers]


def answers_to(loop: asyncio.AbstractEventLoop, port: int, several: Sequence[Traffic]) -> list[tuple[list[int], float]]:
    """Ask for several things at the same time: how long each answer took in nanoseconds, and all of them in seconds."""
    askings = [_Asking(traffic) for traffic in several]

    async def ask_all() -> list[float]:
        return await asyncio.gather(*[_run(asking, port) for asking in askings])

    elapsed = loop.run_until_complete(ask_all())
    return [(asking.latencies, seconds) for asking, seconds in zip(askings, elapsed, strict=True)]


def peak_memory_mib(loop: asyncio.AbstractEventLoop, server: Server, traffic: Traffic) -> float:
    """How much more memory the server had at most while it was asked than before."""
    asking = _Asking(traffic)
    before = peak = memory_mib(server.pid, "RssAnon")

    async def look() -> None:
        nonlocal peak
        running = asyncio.ensure_future(_run(asking, server.port))
        while not running.done():
            peak = max(peak, memory_mib(server.pid, "RssAnon"))
            await asyncio.wait([running], timeout=0.002)
        await running

    loop.run_until_complete(look())
    return peak - before


async def _run(asking: _Asking, port: int) -> float:
    """Ask until it is enough; how long that was."""
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(asking), "127.0.0.1", port)
        for _ in range(asking.traffic.connections)
    ]
    began = time.perf_counter()
    asking.stop_at = began + asking.traffic.seconds
    for _, connection in made:
        connection.send()
    done = asyncio.gather(*[connection.done for _, connection in made])
    if asking.traffic.stays_awake:
        _stay_awake(loop, done)
    await done
    elapsed = time.perf_counter() - began
    for transport, _ in made:
        transport.close()
    return elapsed


def _stay_awake(loop: asyncio.AbstractEventLoop, done: asyncio.Future[list[None]]) -> None:
    """Turn again and again until all is done."""
    if not done.done():
        loop.call_soon(_stay_awake, loop, done)


class _Asking:
    """What the connections share: the next request, the latencies, and when to end."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self._sent = 0
        self.latencies: list[int] = []
        self.stop_at = 0.0

    def next(self) -> bytes | None:
        """The next request; None when it is enough."""
        if self._sent >= self.traffic.most or time.perf_counter() > self.stop_at:
            return None
        self._sent += 1
        return self.traffic.requests[self._sent % len(self.traffic.requests)]


class _Connection(asyncio.Protocol):
    """One kept connection."""

    def __init__(self, asking: _Asking) -> None:
        self._asking = asking
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = bytearray()
        self._wanted = 0
        self._sent_at = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # What uvloop passes can write, but is of no class that says so.
        self._transport = cast(asyncio.WriteTransport, transport)

    def send(self) -> None:
        """Ask, unless it is enough."""
        request = self._asking.next()
        if request is None:
            self.done.set_result(None)
            return
        assert self._transport is not None
        self._sent_at = time.perf_counter_ns()
        self._transport.write(request)

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._wanted:
            self._wanted = _length(self._buffer)
        if not self._wanted or len(self._buffer) < self._wanted:
            return
        self._asking.latencies.append(time.perf_counter_ns() - self._sent_at)
        if self._buffer[9] > ord("3"):
            self.done.set_exception(AssertionError(self._buffer[:2000].decode()))
            return
        self._buffer.clear()
        self._wanted = 0
        self.send()

    @override
    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("The server closed the connection."))


def _length(buffer: bytearray) -> int:
    """How many bytes the answer has, head included; 0 while that is not known."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return 0
    at = buffer.find(b"content-length: ", 0, end + 2)
    if at < 0:
        return end + 4
    return end + 4 + int(buffer[at + 16 : buffer.index(b"\r", at)])
