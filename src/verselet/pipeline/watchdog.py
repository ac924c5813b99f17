"""Stop a step that runs too long.

In:        seconds
Out:       `time_limit`: a block that is left with `StepTooSlow` once they have passed
Not here:  which steps (pipeline.firing), statements of the database (store.time_limit)

A step runs in the thread of its message, inside the message's transaction, so it cannot be left behind in a thread of
its own: a timer raises the refusal in that thread, at the next line of Python that it runs.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from verselet.errors.steps import StepTooSlow


class _TimeIsUp(BaseException):
    """Raised in the thread of the step; no `except Exception` of a step can swallow it."""


@contextmanager
def time_limit(seconds: float, name: str) -> Iterator[None]:
    """What happens inside takes no longer than that.

    Raises:
        StepTooSlow: it did. [EVT-8]
    """
    guard = _Guard(threading.get_ident(), seconds)
    try:
        yield
    except _TimeIsUp as ended:
        raise StepTooSlow(name, seconds) from ended
    finally:
        guard.end()


class _Guard:
    """Raises once the time is up, unless the block has ended by then."""

    def __init__(self, thread: int, seconds: float) -> None:
        self._thread = thread
        self._lock = threading.Lock()
        self._ended = False
        self._timer = threading.Timer(seconds, self._raise)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """The block is left: nothing is raised from here on."""
        with self._lock:
            self._ended = True
        self._timer.cancel()

    def _raise(self) -> None:
        with self._lock:
            if not self._ended:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(_TimeIsUp))
