"""Serve the measured organization, in a process of its own: the product, and beside it an echo and a look inside.

In:        where the rows are (the command line)
Out:       `ready PORT` on standard output, then answers until SIGTERM
Not here:  who asks (benchmarks.traffic)

`/bench/echo?n=SIZE` answers so many bytes, or nothing (204) for SIZE −1, after reading what was sent. `/bench/cpu`
tells the CPU time this process has used. `/bench/raw` runs the statements of the request in its body without HTTP.
`/bench/forget` deletes what measurements created. `/bench/trim` gives memory back that nobody uses.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import apsw
import msgspec
import uvloop

from benchmarks.data import scratch_session_id
from benchmarks.raw import Cost, Listener, Recorded, ids_in, replay
from benchmarks.shapes import Call
from verselet.organization import Organization, open_organization
from verselet.server.listen import Endpoint, Switch, serve
from verselet.server.run import build_application
from verselet.store.engine import Store
from verselet.store.sqlite_session import SqliteSession

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

FILLING = b"x" * 4_000_000


class RawRequest(msgspec.Struct):
    """The requests whose statements are to be run in turn, and for how long."""

    calls: list[Call]
    seconds: float


class Front:
    """The product's application, with the measurement's own addresses beside it."""

    def __init__(self, organization: Organization) -> None:
        self._store = organization.store
        self._product: Application = build_application(organization)
        self._listener = Listener(organization)
        self._listening: Application = build_application(self._listener.organization)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path"]
        if not path.startswith("/bench/"):
            await self._product(scope, receive, send)
        elif path == "/bench/echo":
            await self._echo(scope, receive, send)
        else:
            await _answer(send, 200, await self._look(path, await _body(receive)))

    async def _look(self, path: str, body: bytes) -> bytes:
        """What the measurements' own addresses tell."""
        if path == "/bench/cpu":
            return str(time.process_time_ns()).encode()
        if path == "/bench/raw":
            return msgspec.json.encode(await self._raw(msgspec.json.decode(body, type=RawRequest)))
        if path == "/bench/forget":
            self._forget()
        elif path == "/bench/trim":
            _trim()
        return b"done"

    def _forget(self) -> None:
        mark = self._store.dialect.placeholder
        with self._store.begin() as session:
            statement = f'DELETE FROM "msdyn_sessionevent" WHERE "msdyn_omnichannelsession" = {mark}'
            session.run(statement, (scratch_session_id(),))

    async def _echo(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            await _body(receive)
        size = int(scope["query_string"][2:])
        await _answer(send, 204 if size < 0 else 200, FILLING[: max(size, 0)])

    async def _raw(self, asked: RawRequest) -> Cost:
        recorded = [await self._recorded(call) for call in asked.calls]
        return replay(self._store, recorded, seconds=asked.seconds)

    async def _recorded(self, call: Call) -> Recorded:
        with self._listener.recording() as recorded:
            status, headers, body = await answered(self._listening, call)
        assert status < 400, body.decode()
        if call.method == "POST":
            recorded.created = ids_in(headers.get(b"odata-entityid", body))
        return recorded


async def answered(application: Application, call: Call) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of the answer to a request that travelled over no network."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": call.body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    path, _, query = call.path.partition("?")
    headers = (("host", "127.0.0.1"), *call.all_headers)
    scope = {
        "type": "http",
        "scheme": "http",
        "method": call.method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    await application(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def _trim() -> None:
    """Give back what the allocator keeps for later, where it is one that can."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body", False):
            return body


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json")]
    if status != 204:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def open_rows(url: str, *, in_memory: bool) -> Organization:
    """The organization behind the URL, or a copy of it in memory."""
    # The raw statements run below the store, where nothing tells its watch that a new one begins.
    organization = open_organization("contour", url=None if in_memory else url, statement_limit_s=0)
    if in_memory:
        _copy(url.removeprefix("sqlite:///"), organization.store)
    return organization


def _copy(path: str, store: Store) -> None:
    source = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
    with store.read() as session:
        assert isinstance(session, SqliteSession)
        with session.connection.backup("main", source, "main") as copying:
            copying.step(-1)
    source.close()
    with store.begin() as session:
        # What the organization has read so far was of other rows.
        session.outdate("rights", "steps")


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--in-memory", action="store_true")
    asked = parser.parse_args()
    organization = open_rows(asked.url, in_memory=asked.in_memory)
    endpoint = Endpoint("127.0.0.1", 0)

    def on_ready() -> None:
        gc.collect()
        gc.freeze()
        print(f"ready {endpoint.port}", flush=True)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(Front(organization), [(endpoint, None)], Switch(), on_ready))
    organization.close()


if __name__ == "__main__":
    main()
