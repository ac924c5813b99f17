"""Run several processes that do the same work, for as long as somebody wants them; or one that ends when it is done.

In:        how many, a function that works until it is told to stop, and who hands connections over
Out:       `Crew`, `done_apart`
Not here:  what the work is (server.run), who gets which connection (server.handing)

One process looks after the others: it starts them, tells when all of them are ready, puts another one in the place of
one that died, and ends them. It answers nothing. They end by themselves should it be killed.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Final, TypeAlias

import msgspec

from verselet.errors import OperatorError
from verselet.server.handing import Usher

LOG: Final = logging.getLogger("verselet.server")
PATIENCE_S: Final = 20.0
"""How long a process that was told to stop may take; requests in flight have less. (server.listen)"""

PAUSE_S: Final = 1.0
"""How long after a process that never became ready the next one is tried: its database may be away for a moment."""

Work: TypeAlias = Callable[..., object]
"""Gets its arguments, and last of all whom to tell: that it is ready, or how far it is."""


class _Refused(msgspec.Struct, frozen=True):
    """Why a process cannot work."""

    reasons: tuple[str, str, str, str]


class _Done(msgspec.Struct, frozen=True):
    """What came of work that has an end."""

    result: object


class _Member:
    """One process, and what it says."""

    def __init__(self, work: Work, arguments: tuple[object, ...]) -> None:
        # A process of its own from the beginning: nothing of the one that looks after it is copied.
        context = multiprocessing.get_context("spawn")
        self.told, telling = context.Pipe(duplex=False)
        self.process = context.Process(target=_begin, args=(telling, work, arguments))
        self.process.start()
        telling.close()
        self.is_ready = False

    def hear(self) -> object:
        """Take in what it said.

        Raises:
            OperatorError: it cannot work.
        """
        told = self.told.recv()
        if isinstance(told, _Refused):
            raise OperatorError(*told.reasons)
        self.is_ready = True
        return told


def done_apart(work: Work, arguments: tuple[object, ...], hear: Callable[[object], None]) -> object:
    """What comes of work that is done in a process of its own, of which nothing stays; `hear` gets what it tells.

    Raises:
        OperatorError: it could not be done.
    """
    member = _Member(work, arguments)
    try:
        while not isinstance(told := _hear_first(member), _Done):
            hear(told)
    except BaseException:
        member.process.terminate()
        raise
    finally:
        member.process.join()
    return told.result


class Crew:
    """So many processes. `arguments` must be such that another process can have them too; behind them is its seat."""

    def __init__(self, count: int, work: Work, arguments: tuple[object, ...], usher: Usher) -> None:
        self._count = count
        self._usher = usher
        self._work = work
        self._arguments = arguments
        self._members: list[_Member] = []
        self._stops, self._stopping = multiprocessing.Pipe(duplex=False)

    def run(self, on_ready: Callable[[], None]) -> None:
        """Work until SIGTERM or Ctrl-C; `on_ready` is called once all are ready.

        Raises:
            OperatorError: a process could not begin.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: self._stopping.send_bytes(b"stop"))
        try:
            self._members = [self._start() for _ in range(self._count)]
            if self._gather():
                self._usher.begin()
                on_ready()
                self._look_after()
        finally:
            self._end()

    def _start(self) -> _Member:
        with self._usher.seat() as seat:
            return _Member(self._work, (*self._arguments, seat))

    def _gather(self) -> bool:
        """Wait until all are ready; false when told to stop before."""
        while waiting := [member for member in self._members if not member.is_ready]:
            found = wait([self._stops, *[member.told for member in waiting]])
            if self._stops in found:
                self._stops.recv_bytes()
                return False
            for member in waiting:
                if member.told in found:
                    _hear_first(member)
        return True

    def _look_after(self) -> None:
        """Until told to stop, there are always as many as were wanted."""
        while True:
            ended = [member.process.sentinel for member in self._members]
            found = wait([self._stops, *ended, *[member.told for member in self._members if not member.is_ready]])
            if self._stops in found:
                self._stops.recv_bytes()
                return
            for member in tuple(self._members):
                if member.process.sentinel in found or (member.told in found and not _hear_later(member)):
                    self._replace(member)

    def _replace(self, member: _Member) -> None:
        member.process.join()
        LOG.warning("Server process %s ended (%s).", member.process.pid, member.process.exitcode)
        self._members.remove(member)
        if member.is_ready or not wait([self._stops], PAUSE_S):
            self._members.append(self._start())

    def _end(self) -> None:
        """Let requests in flight finish; a second signal ends them too, and so does time."""
        self._usher.close()
        until = time.monotonic() + PATIENCE_S
        self._tell_to_end()
        while alive := [member.process for member in self._members if member.process.is_alive()]:
            left = until - time.monotonic()
            if left <= 0:
                for process in alive:
                    process.kill()
            if self._stops in wait([self._stops, *[process.sentinel for process in alive]], max(left, PAUSE_S)):
                self._stops.recv_bytes()
                self._tell_to_end()

    def _tell_to_end(self) -> None:
        for member in self._members:
            member.process.terminate()


def _hear_first(member: _Member) -> object:
    """At the first start whatever keeps a process from beginning keeps the server from beginning."""
    try:
        return member.hear()
    except EOFError:
        member.process.join()
        raise OperatorError(
            "VS1044",
            "a server process ended while it began",
            f"its exit code is {member.process.exitcode}",
            "see what it wrote above; start with --workers 1 to see it alone",
        ) from None


def _hear_later(member: _Member) -> bool:
    """Whether it began."""
    try:
        member.hear()
    except (EOFError, OperatorError) as error:
        LOG.warning("A server process could not begin: %s", error)
        return False
    return True


def _begin(telling: Connection, work: Work, arguments: tuple[object, ...]) -> None:
    """The process's own beginning."""
    # Ctrl-C reaches all processes of a terminal; who looks after them tells them when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="verselet-parent", daemon=True).start()
    try:
        telling.send(_Done(work(*arguments, telling.send)))
    except OperatorError as refusal:
        telling.send(_Refused((refusal.code, refusal.what, refusal.why, refusal.do)))
        raise SystemExit(refusal.exit_code) from None


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
