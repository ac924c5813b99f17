"""Post events to web hooks.

In:        where to, a body, headers
Out:       nothing when the receiver took it; otherwise why not
Not here:  what is posted (pipeline.remote_context), when (pipeline.firing, jobs)

The address is looked up once, checked, and the connection is made to that very address: a name that answers another
address the next time leads nowhere. Redirects are not followed; only the status of an answer is read. [EVT-46]
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from typing import Final
from urllib.parse import urlencode, urlsplit

import msgspec
from typing_extensions import override

from verselet.pipeline.registry import WebHook

TIMEOUT_S: Final = 60.0
"""How long a receiver may take. [EVT-46]"""

TRIED_AGAIN: Final = frozenset({502, 503, 504})
"""Statuses after which a post is made once more. [EVT-47]"""


class Delivery(msgspec.Struct, frozen=True):
    """How a post went: the status of the receiver, 0 where there was none, and what was wrong."""

    status: int
    reason: str = ""

    @property
    def is_taken(self) -> bool:
        """The receiver took it. [EVT-46]"""
        return 200 <= self.status < 300


class Poster:
    """Posts over HTTP. `allows_private`: also to addresses of this machine and of private networks."""

    def __init__(self, *, allows_private: bool, timeout_s: float = TIMEOUT_S) -> None:
        self._allows_private = allows_private
        self._timeout_s = timeout_s

    def post(self, hook: WebHook, body: bytes, headers: dict[str, str]) -> Delivery:
        """Post once, and once more after a status that says so. [EVT-47]"""
        first = self._post(hook, body, headers)
        return self._post(hook, body, headers) if first.status in TRIED_AGAIN else first

    def _post(self, hook: WebHook, body: bytes, headers: dict[str, str]) -> Delivery:
        parts = urlsplit(hook.url)
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"} or not host:
            return Delivery(0, f"'{hook.url[:200]}' is no address of HTTP.")
        try:
            address = self._checked(host, parts.port or (443 if parts.scheme == "https" else 80))
        except (OSError, ValueError) as error:
            return Delivery(0, f"The receiver '{host}' cannot be reached: {error}")
        query = "&".join([part for part in (parts.query, urlencode(hook.query)) if part])
        target = (parts.path or "/") + (f"?{query}" if query else "")
        connection = _Pinned(host, address, self._timeout_s, secure=parts.scheme == "https")
        try:
            connection.request(
                "POST", target, body, {"Content-Type": "application/json", **dict(hook.headers), **headers}
            )
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Delivery(0, f"The receiver '{host}' did not answer: {type(error).__name__}: {error}")
        finally:
            connection.close()
        return Delivery(status, "" if 200 <= status < 300 else f"The receiver '{host}' answered {status}.")

    def _checked(self, host: str, port: int) -> tuple[str, int]:
        """The address to connect to.

        Raises:
            OSError: the name is not known.
            ValueError: the address is one that no hook may lead to.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        address = str(found[0][4][0])
        checked = ipaddress.ip_address(address.partition("%")[0])
        if not checked.is_global and not self._allows_private:
            raise ValueError(f"{address} is an address of this machine or of a private network")
        return address, port


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked, under the name the receiver is known by."""

    def __init__(self, host: str, address: tuple[str, int], timeout_s: float, *, secure: bool) -> None:
        super().__init__(host, address[1], timeout=timeout_s)
        self._address = address
        self._secure = secure

    @override
    def connect(self) -> None:
        self.sock = socket.create_connection(self._address, self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
