"""Stop a step that runs too long.

In:        seconds
Out:       `time_limit`, `Guard`: a block that is left with `StepTooSlow` once they have passed
Not here:  which steps (pipeline.firing), statements of the database (store.time_limit)

A step runs in the thread of its message, inside the message's transaction, so it cannot be left behind in a thread of
its own: a timer raises the refusal in that thread, at the next line of Python that it runs. A message that the step
has sent comes to its end first: stopped in the middle of a driver's code, it would leave a connection nobody can use.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from verselet.errors.steps import StepTooSlow

Result = TypeVar("Result")


class _TimeIsUp(BaseException):
    """Raised in the thread of the step; no `except Exception` of a step can swallow it."""


@contextmanager
def time_limit(seconds: float, name: str) -> Iterator[Guard]:
    """What happens inside takes no longer than that; what the guard runs is not cut off in the middle.

    Raises:
        StepTooSlow: it did. [EVT-8]
    """
    guard = Guard(threading.get_ident(), seconds)
    try:
        # The time may be up while the guard still begins, or already ends: on a machine with much to do.
        try:
            guard.begin()
            yield guard
        finally:
            guard.end()
    except _TimeIsUp as ended:
        raise StepTooSlow(name, seconds) from ended


class Guard:
    """Raises once the time is up, unless the block has ended by then."""

    def __init__(self, thread: int, seconds: float) -> None:
        self._thread = thread
        self._lock = threading.Lock()
        self._ended = self._is_late = False
        self._at_work = 0
        self._timer = threading.Timer(seconds, self.ring)
        self._timer.daemon = True

    def begin(self) -> None:
        """The time runs."""
        self._timer.start()

    def end(self) -> None:
        """The block is left: nothing is raised from here on."""
        with self._lock:
            self._ended = True
        self._timer.cancel()

    def let_finish(self, work: Callable[[], Result]) -> Result:
        """Run something to its end, whatever the time; if that is up by then, the block ends with it."""
        with self._lock:
            self._at_work += 1
        try:
            return work()
        finally:
            with self._lock:
                self._at_work -= 1
                is_over = self._is_late and not self._at_work
            if is_over:
                raise _TimeIsUp

    def ring(self) -> None:
        """The time is up."""
        with self._lock:
            self._is_late = True
            if not self._ended and not self._at_work:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(_TimeIsUp))
