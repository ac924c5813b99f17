"""Read the bodies of requests, within what the server holds at once.

In:        ASGI's pieces of a body
Out:       `Bodies`: the whole body, or a refusal
Not here:  what a body says (web.body), how slowly it may come (server.connections)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

from verselet.errors import PayloadTooLarge, RequestCutShort, Unavailable

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

MAX_BODY: Final = 128 * 1024 * 1024
MOST_HELD: Final = 512 * 1024 * 1024
"""So many bytes of bodies are held at once, of all requests together."""


class Bodies:
    """The bodies of the requests that are on their way or being answered; used by one event loop."""

    def __init__(self, most_bytes: int = MOST_HELD) -> None:
        self._most = most_bytes
        self._held = 0

    async def read(self, receive: Receive, headers: Mapping[str, str]) -> bytes:
        """The whole body, which counts as held until it is given to `release`.

        Raises:
            PayloadTooLarge: more than 128 MB. [LM-5]
            Unavailable: others have sent so much that there is no room for this one.
            RequestCutShort: it ended in the middle; that what came may look whole means nothing.
        """
        declared = headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and (len(declared) > 18 or int(declared) > MAX_BODY):
            raise PayloadTooLarge(MAX_BODY)
        parts: list[bytes] = []
        size, more = 0, True
        try:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestCutShort
                part: bytes = message.get("body", b"")
                more = message.get("more_body", False)
                parts.append(part)
                size += len(part)
                self._held += len(part)
                if size > MAX_BODY:
                    raise PayloadTooLarge(MAX_BODY)
                if self._held > self._most:
                    raise Unavailable("Too many large requests are on their way. Try again when they are done.")
        except BaseException:
            self._held -= size
            raise
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def release(self, body: bytes) -> None:
        """The body is not used any more."""
        self._held -= len(body)
