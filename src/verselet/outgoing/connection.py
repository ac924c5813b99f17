"""Speak HTTP with a receiver at an address that was checked, for so long and not longer.

In:        a destination, a moment at which everything must be over
Out:       `CheckedConnection`
Not here:  which addresses may be connected to (outgoing.addresses), what is sent (outgoing.posting)

The name is not looked up again: one that answers another address the next time leads nowhere.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

from typing_extensions import override

from verselet.outgoing.addresses import Destination

MOST_ANSWERED: Final = 256 * 1024
"""Bytes of an answer's head that are read; the rest is not looked at."""

ElapsedS = Callable[[], float]


class CheckedConnection(http.client.HTTPConnection):
    """A connection to one of the addresses of a destination, under the name the receiver is known by."""

    def __init__(self, destination: Destination, elapsed_s: ElapsedS, until_s: float) -> None:
        super().__init__(destination.host, destination.port)
        self._destination = destination
        self._left = _Left(elapsed_s, until_s)
        if destination.is_secure:
            # What the receiver is told of the port that everybody expects: nothing.
            self.default_port = http.client.HTTPS_PORT

    @override
    def connect(self) -> None:
        """Connect to the first address that answers.

        Raises:
            OSError: none does.
        """
        refused: OSError = OSError("there is no address")
        for family, address in self._destination.addresses:
            connected = socket.socket(family, socket.SOCK_STREAM)
            try:
                connected.settimeout(self._left.seconds())
                connected.connect(address)
                if self._destination.is_secure:
                    context = ssl.create_default_context()
                    connected = context.wrap_socket(connected, server_hostname=self._destination.host)
            except OSError as error:
                connected.close()
                refused = error
                continue
            self.sock: Any = _TimedSocket(connected, self._left)
            return
        raise refused


class _Left:
    """The time that is left."""

    def __init__(self, elapsed_s: ElapsedS, until_s: float) -> None:
        self._elapsed_s = elapsed_s
        self._until_s = until_s

    def seconds(self) -> float:
        """How long the next step may take.

        Raises:
            TimeoutError: no longer.
        """
        left = self._until_s - self._elapsed_s()
        if left <= 0:
            raise TimeoutError("the time is over")
        return left


class _TimedSocket:
    """What http.client needs of a socket. Each step has the time that is left, so many small ones have no more."""

    def __init__(self, connected: socket.socket, left: _Left) -> None:
        self._connected = connected
        self._left = left

    def sendall(self, data: bytes) -> None:
        self._connected.settimeout(self._left.seconds())
        self._connected.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._connected, self._left))

    def close(self) -> None:
        self._connected.close()


class _TimedReader(io.RawIOBase):
    """The bytes of an answer, until there are too many or it is too late."""

    def __init__(self, connected: socket.socket, left: _Left) -> None:
        super().__init__()
        self._connected = connected
        self._left = left
        self._taken = 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Any, /) -> int:
        self._connected.settimeout(self._left.seconds())
        number = self._connected.recv_into(buffer)
        self._taken += number
        if self._taken > MOST_ANSWERED:
            raise OSError("the head of the answer is too long")
        return number
