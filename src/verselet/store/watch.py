"""Stop statements of SQLite that run too long.

In:        how long a statement may run, and which thread is in a hurry
Out:       `Patience`, one per store; `Watch`, one per connection
Not here:  what a stopped statement is called (store.sqlite_failures), PostgreSQL, which keeps time itself

SQLite asks the watch after every `STEPS` steps of a statement, some milliseconds apart. Short statements end before it
is asked once, so they cost no more than they would without it.
"""

from __future__ import annotations

from threading import get_ident
from time import monotonic

import apsw

STEPS = 100_000
"""Steps of SQLite's machine between two looks at the clock: about 2 ms."""

HURRY_S = 0.02
"""How long a thread in a hurry stays with one statement, or waits for its turn."""


class Patience:
    """How long the statements of a store may run. `hurrying` is the thread that has others to serve, 0 for none."""

    __slots__ = ("hurrying", "statement_s")

    def __init__(self, statement_s: float) -> None:
        self.statement_s = statement_s or float("inf")
        self.hurrying = 0

    def is_short(self) -> bool:
        """The calling thread is in a hurry."""
        return self.hurrying == get_ident()


class Watch:
    """Keeps the time of one connection: `began` must be 0 whenever a statement begins."""

    __slots__ = ("_patience", "began", "was_hurried")

    def __init__(self, connection: apsw.Connection, patience: Patience) -> None:
        self._patience = patience
        self.began = 0.0
        self.was_hurried = False
        connection.set_progress_handler(self._is_over, STEPS)

    def _is_over(self) -> bool:
        now = monotonic()
        if not self.began:
            self.began = now
            return False
        spent = now - self.began
        if self._patience.is_short():
            # The limit is for whoever has the time: a machine that pauses would stop what nobody has tried for long.
            self.was_hurried = spent > HURRY_S
            return self.was_hurried
        return spent > self._patience.statement_s
