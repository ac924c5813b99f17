"""Let one process at a time write a file of SQLite, in the order they came.

In:        the path of the database
Out:       `Turnstile`
Not here:  the threads of one process (store.lock), what it guards (store.sqlite)

SQLite lets waiting writers sleep and look again, longer each time; under load one of them starves. Here the machine
wakes them. There are two locks: whoever waits for his turn holds the place of the next one, so that whoever has just
had his turn cannot be quicker than him.
"""

from __future__ import annotations

import os
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path


class Turnstile:
    """The two locks of one database, beside it. They go with the process that holds them, however it ends."""

    __slots__ = ("_next", "_probe", "_turn")

    def __init__(self, path: Path) -> None:
        self._next = _opened(path, "next")
        self._turn = _opened(path, "turn")
        # A lock belongs to what opened the file: looking whether it is taken must not let go of it.
        self._probe = _opened(path, "turn")

    def enter(self) -> None:
        """Wait until it is the turn of this process; only one of its threads may do so at a time."""
        flock(self._next, LOCK_EX)
        try:
            flock(self._turn, LOCK_EX)
        finally:
            flock(self._next, LOCK_UN)

    def leave(self) -> None:
        """Let the next one in."""
        flock(self._turn, LOCK_UN)

    def is_taken(self) -> bool:
        """Somebody is writing."""
        try:
            flock(self._probe, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            return True
        flock(self._probe, LOCK_UN)
        return False

    def close(self) -> None:
        """Let go of everything."""
        for file in (self._next, self._turn, self._probe):
            os.close(file)


def _opened(path: Path, name: str) -> int:
    return os.open(f"{path}-{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
