"""Keep each client to its turn: how many connections, how large a head, how long a pause.

In:        bytes of clients; `Patience`
Out:       `BoundedProtocol`: HTTP/1.1 with an end to everything; `Listening`: the settings of one endpoint
Not here:  what is answered (server.application), sockets (server.listen), how large a body may be (web.bodies)

A client owes something from its first byte to the last one of its request, and while it does not take its answer. One
that falls behind is let go. Where all connections are taken, the one that has waited longest without a request on its
way makes room for a new one: nobody is kept out by clients that only hold on.
"""

from __future__ import annotations

import asyncio
from typing import Final, cast

import msgspec
import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from verselet.server.answering import AnswerCycle

HEAD_LIMIT_BYTES: Final = 64 * 1024
KEEP_ALIVE_S: Final = 75
SLOWEST_BYTES_PER_S: Final = 1024
"""A body that comes more slowly than that is given up."""

BETWEEN: Final = b"\r\n\r\n"
"""Ends a head."""


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """So many connections at once on one address, and so long a client may owe something."""

    connections: int = 2_000
    seconds: float = 20.0


USUAL: Final = Patience()


class Listening(uvicorn.Config):
    """How one endpoint is served; its protocols look up their patience here."""

    patience: Patience = USUAL


class BoundedProtocol(HttpToolsProtocol):
    """One connection.

    A head of one piece is counted when it is larger than the limit; those of several pieces are counted as they come.
    """

    _in_head = False
    _in_body = False
    _head_bytes = 0
    _received = 0
    _waited_since = 0.0
    _owed: asyncio.TimerHandle | None = None
    _untaken: asyncio.TimerHandle | None = None
    _untaken_bytes = 0

    @property
    def _patience(self) -> Patience:
        return cast(Listening, self.config).patience

    @property
    def _is_idle(self) -> bool:
        """No request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self._waited_since = self.loop.time()
        if len(self.connections) > self._patience.connections and not self._make_room():
            self._refuse(503, b"retry-after: 1\r\n")
            return
        self._expect()

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    @override
    def on_headers_complete(self) -> None:
        self._in_head, self._in_body = False, True
        super().on_headers_complete()
        if self.cycle is not None:
            # uvicorn has no setting for the class of its cycles; this one has begun nothing yet.
            self.cycle.__class__ = AnswerCycle

    @override
    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    @override
    def on_response_complete(self) -> None:
        self._waited_since = self.loop.time()
        super().on_response_complete()

    @override
    def data_received(self, data: bytes) -> None:
        if len(data) > HEAD_LIMIT_BYTES and not self._in_body and data.find(BETWEEN, 0, HEAD_LIMIT_BYTES) < 0:
            self._refuse(431)
            return
        super().data_received(data)
        if self._in_head or self._in_body:
            self._count(len(data))
        elif self._owed is not None:
            self._forget()

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._untaken_bytes = self.transport.get_write_buffer_size()
        self._untaken = self.loop.call_later(self._patience.seconds, self._look_whether_taken)

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._forget_answer()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        self._forget_answer()
        super().connection_lost(exc)

    @override
    def shutdown(self) -> None:
        is_idle = self._is_idle
        super().shutdown()
        if is_idle and self.transport.get_extra_info("sslcontext") and not self.transport.get_write_buffer_size():
            # A client that only keeps its connection for later never answers the farewell that TLS waits for.
            self.transport.abort()

    def _make_room(self) -> bool:
        """Let the connection go that has waited longest without a request; whether there was one."""
        waiting = [
            other for other in cast("set[BoundedProtocol]", self.connections) if other is not self and other._is_idle
        ]
        if not waiting:
            return False
        longest = min(waiting, key=lambda other: other._waited_since)
        self.connections.discard(longest)
        longest.transport.abort()
        return True

    def _count(self, size_bytes: int) -> None:
        self._received += size_bytes
        if self._in_head:
            self._head_bytes += size_bytes
            if self._head_bytes > HEAD_LIMIT_BYTES:
                self._refuse(431)
                return
        self._expect()

    def _expect(self) -> None:
        """The client owes something from now on."""
        if self._owed is None:
            self._owed = self.loop.call_later(self._patience.seconds, self._look_whether_sent)

    def _look_whether_sent(self) -> None:
        """Give the client up, unless it sends a body as fast as it must; while nobody reads it is not to blame."""
        self._owed = None
        is_steady = self._received >= SLOWEST_BYTES_PER_S * self._patience.seconds or self.flow.read_paused
        if self._in_body and self._is_idle:
            self.transport.abort()  # It was refused, and goes on sending.
        elif self._in_body and is_steady:
            self._received = 0
            self._expect()
        elif self._in_head or self._in_body:
            self._refuse(408)
        else:
            self.transport.close()

    def _look_whether_taken(self) -> None:
        """Give a client up that takes nothing of its answer."""
        left = self.transport.get_write_buffer_size()
        if left >= self._untaken_bytes:
            self.transport.abort()
            return
        self._untaken_bytes = left
        self._untaken = self.loop.call_later(self._patience.seconds, self._look_whether_taken)

    def _refuse(self, status: int, more: bytes = b"") -> None:
        self._forget()
        if not self.transport.is_closing():
            self.transport.write(STATUS_LINE[status] + more + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()

    def _forget(self) -> None:
        """The client owes nothing."""
        self._head_bytes = self._received = 0
        if self._owed is not None:
            self._owed.cancel()
            self._owed = None

    def _forget_answer(self) -> None:
        """The client has taken enough of its answer."""
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None
