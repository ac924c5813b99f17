"""Take the connections that another process hands over.

In:        one end of a pair of sockets; who answers at each door
Out:       `Seat`, and what it says to whoever hands connections over
Not here:  who gets which connection (server.handing), what is answered (server.listen)
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Sequence
from typing import Final, TypeAlias

READY, TAKEN, ENDED, NO_ROOM = b"rten"
"""I can answer; the oldest one you handed me is mine alone; one of mine is gone; I cannot take that oldest one."""

PAUSE_S: Final = 1.0
"""How long a process takes nothing that has no room for one more open file."""

Answer: TypeAlias = Callable[[socket.socket, Callable[[], None]], Coroutine[object, object, None]]
"""Answers on a connection, and calls the function once it is gone."""

ONE: Final = 1


class Seat:
    """Where a process gets its connections. It can be given to a process that is about to start."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._doors: Sequence[Answer] = ()
        self._unsaid = bytearray()
        # The loop holds its tasks weakly.
        self._beginning: set[asyncio.Task[None]] = set()

    def begin(self, doors: Sequence[Answer]) -> None:
        """Take what comes to each of the doors from now on."""
        self._doors = doors
        self._end.setblocking(False)
        asyncio.get_running_loop().add_reader(self._end, self._take)
        self._say(READY)

    def leave(self) -> None:
        """Take no more: what was handed over and is not taken goes to another process."""
        if self._end.fileno() >= 0:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._end)
            loop.remove_writer(self._end)
            self._end.close()

    def _take(self) -> None:
        try:
            door, found, _, _ = socket.recv_fds(self._end, ONE, ONE)
        except BlockingIOError:
            return
        except ConnectionError:
            door, found = b"", []
        loop = asyncio.get_running_loop()
        if not door:
            self.leave()
        elif not found:
            # The machine throws away what there is no room for.
            loop.remove_reader(self._end)
            loop.call_later(PAUSE_S, self._pass_on)
        else:
            self._say(TAKEN)
            self._begin(self._doors[door[0]], socket.socket(fileno=found[0]))

    def _begin(self, answer: Answer, connection: socket.socket) -> None:
        connection.setblocking(False)
        task = asyncio.get_running_loop().create_task(answer(connection, self._tell_end))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    def _pass_on(self) -> None:
        if self._end.fileno() >= 0:
            self._say(NO_ROOM)
            asyncio.get_running_loop().add_reader(self._end, self._take)

    def _tell_end(self) -> None:
        self._say(ENDED)

    def _say(self, what: int) -> None:
        self._unsaid.append(what)
        if len(self._unsaid) == 1:
            self._speak()

    def _speak(self) -> None:
        """Say all that there is room for; the rest when there is more."""
        try:
            while self._unsaid:
                del self._unsaid[: self._end.send(self._unsaid)]
        except BlockingIOError:
            asyncio.get_running_loop().add_writer(self._end, self._go_on)
        except OSError:
            # Nobody hands anything over any more; the process is told to stop in other ways. (server.crew)
            self._unsaid.clear()

    def _go_on(self) -> None:
        asyncio.get_running_loop().remove_writer(self._end)
        self._speak()
