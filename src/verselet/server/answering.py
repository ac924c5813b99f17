"""Write the head of an answer together with its body.

In:        what the HTTP server writes for one answer: a head, then the body in one piece or several
Out:       `AnswerTransport`: the same bytes with one call of the machine less
Not here:  the connection itself (server.connections)

Each write is a call of the machine, and for a short answer such a call costs as much as finding the row.
"""

from __future__ import annotations

import asyncio
from typing import Final

JOINED_BYTES: Final = 64 * 1024
"""A larger body is not copied behind its head; both are handed over side by side."""

ON_ITS_WAY: Final = b"HTTP/1.1 1"
"""How a head begins that no body follows, as `100 Continue`."""


class AnswerTransport:
    """What one answer is written through; its head waits for the first piece of the body, which may be empty."""

    __slots__ = ("_head", "_transport", "is_closing")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Write what comes, unless it is the head."""
        if self._head:
            head, self._head = self._head, b""
            if len(data) < JOINED_BYTES:
                self._transport.write(head + data)
            else:
                self._transport.writelines((head, data))
        elif self._head is None and not data.startswith(ON_ITS_WAY):
            self._head = data
        else:
            self._transport.write(data)

    def close(self) -> None:
        """End the connection; a head without a body still goes out."""
        if self._head:
            self._transport.write(self._head)
        self._transport.close()
