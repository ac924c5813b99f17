"""Open sockets and serve an application on them, plain and with TLS at the same time.

In:        an ASGI application, addresses, a certificate
Out:       answers on the network until a signal asks to stop
Not here:  what is answered (server.application), which settings make sense (settings)
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import http.client
import json
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn
from typing_extensions import override

from verselet.errors import OperatorError, WrongUsage
from verselet.server.connections import KEEP_ALIVE_S, USUAL, BoundedProtocol, Listening, Patience
from verselet.server.seats import Seat

if TYPE_CHECKING:
    from starlette.types import ASGIApp

DRAIN_S = 10
BACKLOG = 2048
SPARE_FILES = 512
"""So many files beside the connections: rows, plug-ins, the lake."""

SWITCH_S = 0.0005
"""How long a thread at work keeps the interpreter while others wait for it: a long write must not hold up short reads
for the 5 ms that are usual. (performance.md §5)"""


class Endpoint:
    """One address that is ours from now on, before anything answers there.

    Until `serve` runs, connections are refused by the machine, so nobody waits for a server that is still loading.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.sockets = _bind(host, port)
        self.port: int = self.sockets[0].getsockname()[1]

    def url(self, scheme: str) -> str:
        """Scheme, host and port, without a path."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{shown}:{self.port}"

    @override
    def __getstate__(self) -> dict[str, object]:
        """Another process knows the address alone: its connections are handed to it. (server.handing)"""
        return {"host": self.host, "port": self.port, "sockets": []}

    def listen(self) -> None:
        """Let clients come, before anybody looks after them.

        Raises:
            OperatorError: two servers that start at once may both bind; only one of them can listen.
        """
        try:
            for opened in self.sockets:
                opened.listen(BACKLOG)
        except OSError as error:
            raise _bind_refused(self.host, self.port, error) from error

    def close(self) -> None:
        """Give the address back."""
        for opened in self.sockets:
            opened.close()


def _bind(host: str, port: int) -> list[socket.socket]:
    """`localhost` is both of its addresses: clients differ in which one they try first."""
    hosts = ("127.0.0.1", "::1") if host == "localhost" else (host.strip("[]"),)
    opened: list[socket.socket] = []
    for number, address in enumerate(hosts):
        try:
            opened.append(_bind_one(address, port if not opened else opened[0].getsockname()[1]))
        except OSError as error:
            if number > 0 and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue  # A machine without IPv6.
            for one in opened:
                one.close()
            raise _bind_refused(address, port, error) from error
    return opened


def _bind_one(address: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((address, port))
    except OSError:
        opened.close()
        raise
    opened.setblocking(False)
    return opened


def _bind_refused(address: str, port: int, error: OSError) -> OperatorError:
    if error.errno == errno.EADDRINUSE:
        why, do = _who_listens(address, port), "verselet serve --port 0     picks a free one and prints it"
        return OperatorError("VS1042", f"port {port} is in use", why, do)
    reason = (error.strerror or str(error)).lower()
    return OperatorError(
        "VS1043", f"{address} port {port} cannot be opened", reason, "choose another with --host and --port"
    )


def _who_listens(address: str, port: int) -> str:
    connection = http.client.HTTPConnection(address, port, timeout=0.5)
    try:
        connection.request("GET", "/_verselet/health")
        about = json.loads(connection.getresponse().read(4096))
        return f"another verselet (org {about['org']}) listens there"
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return "another program listens there"
    finally:
        connection.close()


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What the encrypted endpoint shows its callers.

    Raises:
        WrongUsage: files that cannot be read, or that do not belong together.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        reason = (error.strerror or str(error)).lower()
        raise WrongUsage(
            "VS1020", f"{certificate} and {key} cannot be used", reason, "give a certificate and its key as PEM files"
        ) from error
    context.set_alpn_protocols(["http/1.1"])
    return context


class _Handed(BoundedProtocol):
    """A connection that another process took in and waits to hear the end of."""

    when_lost: Callable[[], None]

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.when_lost()


class _Listener(uvicorn.Server):
    """One endpoint's server. Signals are handled once for all of them, in `serve`."""

    def __init__(
        self,
        application: ASGIApp,
        endpoint: Endpoint,
        context: ssl.SSLContext | None,
        patience: Patience,
        seat: Seat | None,
    ) -> None:
        config = Listening(
            application,
            interface="asgi3",
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=DRAIN_S,
            backlog=BACKLOG,
            ssl_context_factory=None if context is None else lambda _config, _default: context,
        )
        config.patience = patience
        super().__init__(config)
        self.endpoint = endpoint
        self.answering = asyncio.Event()
        self._seat = seat

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.endpoint.listen()
        await super().startup(sockets=sockets)
        self.answering.set()

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._seat is not None:
            self._seat.leave()
        await super().shutdown(sockets=sockets)

    async def answer(self, connection: socket.socket, when_lost: Callable[[], None]) -> None:
        """Answer on a connection that another process took in."""

        def protocol() -> _Handed:
            made = _Handed(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
            made.when_lost = when_lost
            return made

        try:
            await asyncio.get_running_loop().connect_accepted_socket(protocol, connection, ssl=self.config.ssl)
        except OSError:
            # It could not agree on TLS, or has gone again.
            when_lost()

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Switch:
    """Whether the server answers, and how it is told to stop. The first signal lets requests finish, the second not."""

    def __init__(self) -> None:
        self.is_ready = False
        self._listeners: list[_Listener] = []

    def attach(self, listeners: Sequence[_Listener]) -> None:
        """These are to be stopped."""
        self._listeners = list(listeners)

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Take no new requests, finish those in flight."""
        self.is_ready = False
        for listener in self._listeners:
            listener.force_exit = listener.should_exit
            listener.should_exit = True


async def serve(
    application: ASGIApp,
    endpoints: Sequence[tuple[Endpoint, ssl.SSLContext | None]],
    switch: Switch,
    on_ready: Callable[[], None],
    signals: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM),
    patience: Patience = USUAL,
    *,
    seat: Seat | None = None,
) -> None:
    """Answer at all the endpoints until the switch is turned by one of the signals, or by the caller.

    With a `seat` other connections are those that another process takes in and hands over.
    """
    sys.setswitchinterval(SWITCH_S)
    _allow_files(patience.connections * len(endpoints) + SPARE_FILES)
    listeners = [_Listener(application, endpoint, context, patience, seat) for endpoint, context in endpoints]
    switch.attach(listeners)
    for number in signals:
        signal.signal(number, switch.stop)
    serving = [asyncio.create_task(listener.serve(listener.endpoint.sockets)) for listener in listeners]
    opening = asyncio.create_task(_all_answer(listeners))
    await asyncio.wait([opening, *serving], return_when=asyncio.FIRST_COMPLETED)
    if opening.done():
        switch.is_ready = True
        if seat is not None:
            seat.begin([listener.answer for listener in listeners])
        on_ready()
    else:
        opening.cancel()
        switch.stop()
    await asyncio.gather(*serving)


def _allow_files(number: int) -> None:
    """Let the process have so many files and connections, as far as the machine does: many allow only 1,024 at first.

    Where the machine allows fewer, whoever comes then waits to be let in; what is open goes on.
    """
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit.
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number if most == resource.RLIM_INFINITY else min(number, most)
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


async def _all_answer(listeners: Sequence[_Listener]) -> None:
    for listener in listeners:
        await listener.answering.wait()
