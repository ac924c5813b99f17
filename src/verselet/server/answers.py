"""Write the small JSON answers of the server itself.

In:        status, body, further headers
Out:       ASGI messages
Not here:  answers of the Web API (web), pages (ui)
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from verselet.errors import PayloadTooLarge, RequestCutShort, ServiceError

if TYPE_CHECKING:
    from starlette.types import Receive, Send

Headers = list[tuple[bytes, bytes]]


async def answer(send: Send, status: int, body: bytes, headers: Headers) -> None:
    """One whole answer."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def answer_json(send: Send, status: int, value: Mapping[str, object], headers: Headers | None = None) -> None:
    """A JSON object; never kept by a browser."""
    fixed = [(b"content-type", b"application/json; charset=utf-8"), (b"cache-control", b"no-store")]
    await answer(send, status, msgspec.json.encode(value), [*fixed, *(headers or [])])


async def answer_empty(send: Send, headers: Headers) -> None:
    """204."""
    await send({"type": "http.response.start", "status": HTTPStatus.NO_CONTENT, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def refuse(send: Send, refusal: ServiceError, headers: Headers | None = None) -> None:
    """A refusal in the service's shape, so that a client that came here by mistake can show it. [E-1]"""
    error = {"code": f"0x{refusal.code:08x}", "message": refusal.message}
    hint = [(b"x-verselet-hint", refusal.hint.encode("ascii", "replace"))] if refusal.hint else []
    await answer_json(send, refusal.status, {"error": error}, [*hint, *(headers or [])])


async def read_body(receive: Receive, limit_bytes: int) -> bytes:
    """The whole body.

    Raises:
        PayloadTooLarge: it is longer than the limit.
        RequestCutShort: it ended in the middle.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestCutShort
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > limit_bytes:
            raise PayloadTooLarge(limit_bytes)
        if not message.get("more_body", False):
            return b"".join(chunks)
