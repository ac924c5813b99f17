"""Send each request to the room that answers it.

In:        ASGI requests
Out:       answers of the Web API, the pages, sign-in, the server's own addresses, or a refusal
Not here:  what the rooms answer (web, ui), sockets (server.listen)

The order of the questions: who is meant (gate), is it the Web API, is it another service, is it one of our own
addresses, is it a page, is it an address of sign-in.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from verselet.errors import ResourceNotFound
from verselet.observations import Answered, observe
from verselet.server.answers import answer_empty, answer_json, refuse
from verselet.server.gate import Gate, allowing_headers, preflight_headers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from verselet.server.other_services import OtherServices
    from verselet.server.sign_in import SignIn

WEB_API = ("/api/data/", "/api/search/", "/Image/download.aspx")
OWN = "/_verselet/"
PAGES = ("/tables/", "/static/")


class Application:
    """One ASGI callable for everything the server answers.

    `make_pages` is called at the first page: what it loads is not needed by callers of the Web API. `close` lets go
    of what the rooms hold; the organization is not theirs.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        web: ASGIApp,
        own: ASGIApp,
        others: OtherServices | None = None,
        sign_in: SignIn | None = None,
        make_pages: Callable[[], ASGIApp],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._gate = gate
        self._web = web
        self._own = own
        self._others = others
        self._sign_in = sign_in
        self._make_pages = make_pages
        self._pages: ASGIApp | None = None
        self.close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        host, origin = b"", None
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"origin":
                origin = value
        refusal = self._gate.refusal(host, origin)
        if refusal is not None:
            error = {"code": "0x80048306", "message": refusal.message}
            await answer_json(send, refusal.status, {"error": error}, [(b"connection", b"close")])
            return
        path: str = scope["path"]
        service = self._service(path)
        if service is None:
            await self._elsewhere(path)(scope, receive, send)
        elif origin is None:
            await service(scope, receive, send)
        else:
            await _for_page(service, scope, receive, send, origin)

    def _service(self, path: str) -> ASGIApp | None:
        """What pages elsewhere may use too: the Web API, and the services that are refused by name."""
        if path.startswith(WEB_API):
            return self._web
        return self._others if self._others is not None and self._others.answers(path) else None

    def _elsewhere(self, path: str) -> ASGIApp:
        if path.startswith(OWN):
            return self._own
        if path == "/" or path.startswith(PAGES):
            if self._pages is None:
                self._pages = self._make_pages()
            return self._pages
        if self._sign_in is not None and self._sign_in.answers(path):
            return self._sign_in
        return _nothing_here


async def _for_page(service: ASGIApp, scope: Scope, receive: Receive, send: Send, origin: bytes) -> None:
    """A service for a script of another origin of this machine. [CC-7]"""
    asked = dict(scope["headers"])
    if scope["method"] == "OPTIONS" and b"access-control-request-method" in asked:
        wanted = asked.get(b"access-control-request-headers", b"")
        await answer_empty(send, preflight_headers(origin, wanted))
        return

    async def send_readable(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *allowing_headers(origin)]}
        await send(message)

    await service(scope, receive, send_readable)


async def _nothing_here(scope: Scope, _receive: Receive, send: Send) -> None:
    segment = scope["path"].strip("/").partition("/")[0]
    await refuse(send, ResourceNotFound(segment, ("api", "tables", "_verselet")))


def logged(application: ASGIApp) -> ASGIApp:
    """The same application, telling each request and its answer; it costs time, so it must be asked for."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await application(scope, receive, note)
        finally:
            spent_ms = round((time.perf_counter() - began) * 1000, 3)
            observe(Answered(scope.get("method", ""), scope.get("path", ""), status, spent_ms))

    return call
