"""Write the head of an answer together with its body.

In:        what an application sends for one answer
Out:       `AnswerCycle`: the same bytes as uvicorn's, with one call of the machine and less work
Not here:  the connection itself (server.connections)

Each write is a call of the machine, and for a short answer such a call costs as much as finding the row. So the head
waits for the first piece of the body. It is put together at once and looked at as a whole, where uvicorn looks at each
name and each value by a pattern. A head without a length, or one that ends the connection, is left to uvicorn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent, HTTPResponseBodyEvent, HTTPResponseStartEvent

JOINED_BYTES: Final = 64 * 1024
"""A larger body is not copied behind its head; both are handed over side by side."""

LENGTH: Final = b"content-length"
UNUSUAL: Final = frozenset({b"connection", b"transfer-encoding"})
WITHOUT_BODY: Final = frozenset({204, 304})


class AnswerCycle(RequestResponseCycle):
    """One request and its answer."""

    _head = b""

    @override
    async def send(self, message: ASGISendEvent) -> None:
        if self._head:
            self._send_first(cast("HTTPResponseBodyEvent", message))
        elif not (self._may_hold() and self._holds(cast("HTTPResponseStartEvent", message))):
            await super().send(message)

    def _may_hold(self) -> bool:
        """Nothing was sent yet, and nothing speaks against an answer in one piece."""
        is_hindered = self.response_started or self.disconnected or self.flow.write_paused or not self.keep_alive
        return not is_hindered and self.scope["method"] != "HEAD"

    def _holds(self, message: HTTPResponseStartEvent) -> bool:
        """Keep the head until the body comes; whether it is one of the usual."""
        headers, status = [*self.default_headers, *message.get("headers", ())], message["status"]
        length = b"0" if status in WITHOUT_BODY else b""
        parts = [STATUS_LINE[status]]
        for name, value in headers:
            if name in UNUSUAL:
                return False
            if name == LENGTH:
                length = value
            parts += (name, b": ", value, b"\r\n")
        parts.append(b"\r\n")
        head = b"".join(parts)
        lines = len(headers) + 2
        # Nothing in a header may begin another one; uvicorn refuses it.
        if not length or head.count(b"\n") != lines or head.count(b"\r") != lines or 0 in head:
            return False
        self._head = head
        self.response_started = True
        self.waiting_for_100_continue = False
        self.chunked_encoding = False
        self.expected_content_length = int(length)
        return True

    def _send_first(self, message: HTTPResponseBodyEvent) -> None:
        """Write the head and the first piece, or all, of the body."""
        head, self._head = self._head, b""
        if self.disconnected:
            return
        body = message.get("body", b"")
        self.expected_content_length -= len(body)
        is_last = not message.get("more_body", False)
        if self.expected_content_length < 0 or (is_last and self.expected_content_length):
            raise RuntimeError("The length of the answer is not the one in its head.")
        if len(body) < JOINED_BYTES:
            self.transport.write(head + body)
        else:
            self.transport.writelines((head, body))
        if is_last:
            self.response_complete = True
            self.message_event.set()
            # The server may have begun to end since the head was put together.
            if not self.keep_alive:
                self.transport.close()
            self.on_response()
