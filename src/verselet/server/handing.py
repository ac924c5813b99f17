"""Take connections in for several processes, and hand each to the one that has fewest.

In:        addresses; processes that sit down
Out:       `Usher`
Not here:  the processes (server.crew), what they do with a connection (server.seats, server.listen)

Where processes share a socket, whoever wakes first takes what is there, and one may get several times as many as
another: a client that keeps its connections then waits for the busiest process while others have nothing to do.

The usher keeps a connection until a process says that it has it. So none is lost that a process was handed and did
not take: when that one ends, however it ends, another one gets it.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import selectors
import signal
import socket
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import wait
from queue import SimpleQueue
from typing import Final

from verselet.server import seats
from verselet.server.listen import Endpoint
from verselet.server.seats import Seat

LOG: Final = logging.getLogger("verselet.server")
MOST_UNTAKEN: Final = 16
"""A process that does not take so many has something else to do: the next ones are for others, or wait."""

PAUSE_S: Final = 0.05
"""How long nothing is taken in after the machine had no room for one connection more."""

_NO_ROOM: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class _Member:
    """One process: what it was handed and has not taken yet, and how many connections it has."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.is_ready = False
        self.untaken: deque[tuple[int, socket.socket]] = deque()
        self.has = 0
        self.turn = 0

    @property
    def is_free(self) -> bool:
        """It can be handed one more."""
        return self.is_ready and len(self.untaken) < MOST_UNTAKEN

    def hear(self) -> bytes:
        """What it has to say; nothing once it has ended."""
        try:
            return self.end.recv(4096)
        except ConnectionError:
            return b""

    def hand(self, door: int, connection: socket.socket) -> bool:
        """Give it a connection; whether it is there."""
        try:
            socket.send_fds(self.end, [bytes([door])], [connection.fileno()])
        except OSError:
            return False
        self.untaken.append((door, connection))
        self.has += 1
        return True


class Usher:
    """Stands at the doors. It does so in a thread of its own, from `begin` to `close`."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = endpoints
        self._doors = {one: number for number, endpoint in enumerate(endpoints) for one in endpoint.sockets}
        self._selector = selectors.DefaultSelector()
        self._told, self._telling = socket.socketpair()
        self._selector.register(self._told, selectors.EVENT_READ)
        self._coming: SimpleQueue[socket.socket] = SimpleQueue()
        self._members: list[_Member] = []
        self._waiting: deque[tuple[int, socket.socket]] = deque()
        self._turns = 0
        self._takes_in = False
        self._thread = threading.Thread(target=self._work, name="verselet-usher", daemon=True)

    @contextlib.contextmanager
    def seat(self) -> Iterator[Seat]:
        """For a process that is started meanwhile: it gets connections once it says that it is ready."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._coming.put(ours)
        self._telling.send(b"+")
        with theirs:
            yield Seat(theirs)

    def begin(self) -> None:
        """Let connections in.

        Raises:
            OperatorError: another server listens at the address.
        """
        for endpoint in self._endpoints:
            endpoint.listen()
        self._thread.start()

    def close(self) -> None:
        """Let nobody in any more: whoever comes is refused by the machine."""
        self._telling.close()
        if self._thread.ident is not None:
            self._thread.join()
        for endpoint in self._endpoints:
            endpoint.close()
        self._welcome()
        for member in self._members:
            member.end.close()
            self._waiting.extend(member.untaken)
        for _, connection in self._waiting:
            connection.close()
        self._selector.close()
        self._told.close()

    def _work(self) -> None:
        try:
            while self._look():
                self._hand_on()
        except BaseException:
            # Nobody would ever be let in again.
            os.kill(os.getpid(), signal.SIGTERM)
            raise

    def _look(self) -> bool:
        """Wait until something happens; false when it is time to go."""
        for key, _ in self._selector.select():
            if key.fileobj is self._told:
                if not self._told.recv(4096):
                    return False
                self._welcome()
            elif isinstance(key.data, _Member):
                self._hear(key.data)
            else:
                assert isinstance(key.fileobj, socket.socket)
                self._let_in(key.fileobj)
        return True

    def _welcome(self) -> None:
        while not self._coming.empty():
            member = _Member(self._coming.get())
            self._members.append(member)
            self._selector.register(member.end, selectors.EVENT_READ, member)

    def _hear(self, member: _Member) -> None:
        said = member.hear()
        for what in said:
            match what:
                case seats.READY:
                    member.is_ready = True
                case seats.TAKEN:
                    member.untaken.popleft()[1].close()
                case seats.ENDED:
                    member.has -= 1
                case _:
                    assert what == seats.NO_ROOM
                    member.has -= 1
                    self._waiting.append(member.untaken.popleft())
        if not said:
            self._dismiss(member)

    def _dismiss(self, member: _Member) -> None:
        """It ended: what it did not take is for the others."""
        self._selector.unregister(member.end)
        self._members.remove(member)
        member.end.close()
        self._waiting.extend(member.untaken)

    def _let_in(self, door: socket.socket) -> None:
        try:
            connection, _ = door.accept()
        except OSError as error:
            # A client may have gone again.
            if error.errno in _NO_ROOM:
                LOG.warning("A connection could not be taken in: %s", error)
                wait([self._told], PAUSE_S)
            return
        self._waiting.append((self._doors[door], connection))

    def _hand_on(self) -> None:
        """Give all that wait to whoever has fewest, in turn where several have; let more in if somebody is free."""
        free = [member for member in self._members if member.is_free]
        while self._waiting and free:
            fewest = min(free, key=lambda member: (member.has, member.turn))
            self._turns += 1
            fewest.turn = self._turns
            if fewest.hand(*self._waiting[0]):
                self._waiting.popleft()
            else:
                self._dismiss(fewest)
            free = [member for member in self._members if member.is_free]
        if bool(free) != self._takes_in:
            self._takes_in = bool(free)
            for door in self._doors:
                if self._takes_in:
                    self._selector.register(door, selectors.EVENT_READ)
                else:
                    self._selector.unregister(door)
