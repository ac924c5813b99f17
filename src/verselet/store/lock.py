"""Let one thread at a time pass, in the order they came.

In:        nothing
Out:       `FairLock`
Not here:  what it guards (store.sqlite)
"""

from __future__ import annotations

import threading
from collections import deque
from threading import get_ident

from verselet.store.failures import StoreBusy


class FairLock:
    """A re-entrant lock that hands itself to whoever has waited longest.

    Ordinary locks let the thread that has just released them in again first, and under load one writer starves.
    """

    __slots__ = ("_depth", "_gate", "_owner", "_queue")

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._queue: deque[tuple[int, threading.Lock]] = deque()
        self._owner = 0
        self._depth = 0

    def is_mine(self) -> bool:
        """The calling thread holds the lock."""
        return self._owner == get_ident()

    def is_anothers(self) -> bool:
        """Another thread holds the lock."""
        return self._owner not in {0, get_ident()}

    def waiting(self) -> int:
        """How many threads wait for their turn."""
        return len(self._queue)

    def acquire(self, timeout_s: float) -> None:
        """Wait for the turn of this thread.

        Raises:
            StoreBusy: it did not come in time.
        """
        me = get_ident()
        if self._owner == me:
            self._depth += 1
            return
        with self._gate:
            if not self._owner:
                self._owner = me
                self._depth = 1
                return
            turn = threading.Lock()
            turn.acquire()
            self._queue.append((me, turn))
        if not turn.acquire(timeout=timeout_s):
            self._give_up(me, turn)

    def release(self) -> None:
        """Give the lock back as often as it was acquired; the last time wakes the next in line."""
        if self._owner != get_ident():
            raise RuntimeError("The lock is not held by this thread.")
        self._depth -= 1
        if self._depth:
            return
        with self._gate:
            if not self._queue:
                self._owner = 0
                return
            # Handed over, never free in between: nobody can overtake.
            self._owner, turn = self._queue.popleft()
            self._depth = 1
            turn.release()

    def _give_up(self, me: int, turn: threading.Lock) -> None:
        """Leave the queue, unless the turn came at the last moment."""
        with self._gate:
            if self._owner == me:
                return
            self._queue.remove((me, turn))
        raise StoreBusy("Other writers were in the way for too long.")
