"""Hold what the sessions of both stores share: savepoints that nest, and what is out of date afterwards.

In:        how a store runs a statement, and whether it still has the transaction
Out:       `NestingSession`
Not here:  the statements and failures of one store (store.sqlite_session, store.postgresql_session)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType

from verselet.store.generations import READ, generations_of
from verselet.store.session import Kind
from verselet.values import Stored


class NestingSession(ABC):
    """A transaction whose parts can fail alone.

    `depth`: how many savepoints are open; `outdated`: what nobody may remember once the transaction is committed.
    """

    __slots__ = ("depth", "outdated")

    def __init__(self) -> None:
        self.depth = 0
        self.outdated: set[Kind] = set()

    @abstractmethod
    def run(self, text: str, values: Sequence[Stored] = ()) -> list[tuple[Stored, ...]]:
        """Run one statement and return its rows."""

    @abstractmethod
    def is_lost(self) -> bool:
        """A failure has undone the whole transaction: then there is nothing to return to."""

    @abstractmethod
    def undo_to(self, savepoint: str) -> None:
        """Undo what happened since that savepoint, also after a statement has failed."""

    def outdate(self, *kinds: Kind) -> None:
        """What anybody remembers of these is out of date as soon as the transaction is committed."""
        self.outdated.update(kinds)

    def remembers(self, kind: Kind) -> int | None:
        """The number of what may be remembered; None once the transaction changed it."""
        if kind in self.outdated:
            return None
        found: int = getattr(generations_of(self.run(READ)), kind)
        return found

    def savepoint(self) -> AbstractContextManager[None]:
        """What happens inside is undone when it fails."""
        return _Savepoint(self)

    def enter_savepoint(self) -> None:
        """Open a savepoint inside those that are open."""
        self.run(f"SAVEPOINT s{self.depth}")
        self.depth += 1

    def leave_savepoint(self, *, failed: bool) -> None:
        """Keep or undo what happened since the innermost savepoint was opened."""
        self.depth -= 1
        if self.is_lost():
            return
        if failed:
            self.undo_to(f"s{self.depth}")
        self.run(f"RELEASE s{self.depth}")


class _Savepoint:
    """A part of a transaction that can fail alone."""

    __slots__ = ("_session",)

    def __init__(self, session: NestingSession) -> None:
        self._session = session

    def __enter__(self) -> None:
        self._session.enter_savepoint()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.leave_savepoint(failed=kind is not None)
