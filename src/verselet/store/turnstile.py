"""Let one process at a time write a file of SQLite, in the order they came.

In:        the path of the database
Out:       `Turnstile`; `turnstile_at` and `turn_at`, which do without on Windows
Not here:  the threads of one process (store.lock), what it guards (store.sqlite)

SQLite lets waiting writers sleep and look again, longer each time; under load one of them starves. Here the machine
wakes them. There are two locks: whoever waits for his turn holds the place of the next one, so that whoever has just
had his turn cannot be quicker than him.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

if sys.platform != "win32":  # It has no such locks.
    from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock


class Turnstile:
    """The two locks of one database, beside it. They go with the process that holds them, however it ends."""

    __slots__ = ("_files", "_next", "_probe", "_turn")

    def __init__(self, path: Path) -> None:
        self._next = _opened(path, "next")
        self._turn = _opened(path, "turn")
        # A lock belongs to what opened the file: looking whether it is taken must not let go of it.
        self._probe = _opened(path, "turn")
        self._files: tuple[int, ...] = (self._next, self._turn, self._probe)

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
        """Let go of everything; a second time there is nothing left, and the numbers may be of other files."""
        files, self._files = self._files, ()
        for file in files:
            os.close(file)


def turnstile_at(path: Path | None) -> Turnstile | None:
    """The one of a database; none in memory, where nobody else comes."""
    return None if path is None or sys.platform == "win32" else Turnstile(path)


@contextmanager
def turn_at(path: Path) -> Iterator[None]:
    """One turn of somebody who writes seldom."""
    turnstile = turnstile_at(path)
    if turnstile is None:
        yield
        return
    with closing(turnstile):
        turnstile.enter()
        try:
            yield
        finally:
            turnstile.leave()


def _opened(path: Path, name: str) -> int:
    return os.open(f"{path}-{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
