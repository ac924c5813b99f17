"""Read in a transaction that only reads, until something in it writes.

In:        a store
Out:       `ReadingFirst`
Not here:  what writes (pipeline.execute, pipeline.firing)

Steps may wait for a read, and what they do is up to them. Most only look; for the sake of those that write, nobody
should have to wait for the writers before. So the transaction that writes is begun when the first of them does. What
was read before that is as old as the beginning of the read.
"""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType

from verselet.store.engine import Store
from verselet.store.failures import TakesLong
from verselet.store.session import Session


class ReadingFirst:
    """The transaction of one read; `session` is the one of the moment."""

    def __init__(self, store: Store, generation: int) -> None:
        self._store = store
        self._generation = generation
        self._stack = ExitStack()
        self.writes = False

    def __enter__(self) -> ReadingFirst:
        """Begin to read.

        Raises:
            TakesLong: the thread is in a hurry, and what steps did before it gives up would happen twice.
        """
        if self._store.is_hurried:
            raise TakesLong
        self.session: Session = self._stack.enter_context(self._store.read())
        return self

    def write(self) -> None:
        """From here on write, in a transaction that is committed at the end, or undone by any exception."""
        if not self.writes:
            self._stack.close()
            self.session = self._stack.enter_context(self._store.begin(self._generation))
            self.writes = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._stack.__exit__(kind, error, trace)
