"""Run statements in one transaction of PostgreSQL.

In:        a connection on which a transaction has begun
Out:       `PostgresqlSession`
Not here:  when transactions begin and end (store.postgresql)
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType

from verselet.sql.dialects import POSTGRESQL, Dialect
from verselet.store.generations import number_of
from verselet.store.postgresql_connection import PostgresqlConnection
from verselet.store.session import Kind
from verselet.values import Stored


class PostgresqlSession:
    """A transaction of PostgreSQL."""

    __slots__ = ("_connection", "_depth", "has_changed_tables", "outdated")

    dialect: Dialect = POSTGRESQL

    def __init__(self, connection: PostgresqlConnection) -> None:
        self._connection = connection
        self._depth = 0
        self.has_changed_tables = False
        self.outdated: set[Kind] = set()

    @property
    def connection(self) -> PostgresqlConnection:
        """The connection the transaction runs on."""
        return self._connection

    @property
    def row_count(self) -> int:
        """How many rows the last insert, update or delete touched."""
        return self._connection.row_count

    def run(self, text: str, values: Sequence[Stored] = ()) -> list[tuple[Stored, ...]]:
        """Run one statement and return its rows."""
        return self._connection.run(text, values)

    def run_many(self, text: str, rows: Sequence[Sequence[Stored]]) -> None:
        """Run one statement that returns nothing, once for each of `rows`."""
        self._connection.run_many(text, rows)

    def run_script(self, text: str) -> None:
        """Run statements that take no values and return no rows; these may change tables."""
        self.has_changed_tables = True
        self._connection.run_script(text)

    def savepoint(self) -> AbstractContextManager[None]:
        """What happens inside is undone when it fails."""
        return _Savepoint(self)

    def next_versions(self, count: int = 1) -> int:
        """Take `count` numbers in a row and return the first. [ET-7]"""
        first = self.run("SELECT verselet_take_versions(%s)", (count,))[0][0]
        assert isinstance(first, int)
        return first

    def outdate(self, *kinds: Kind) -> None:
        """What anybody remembers of these is out of date as soon as the transaction is committed."""
        self.outdated.update(kinds)

    def remembers(self, kind: Kind) -> int | None:
        """The number of what may be remembered; None once the transaction changed it."""
        return None if kind in self.outdated else number_of(self, kind)

    def enter_savepoint(self) -> None:
        """Open a savepoint inside those that are open."""
        self.run(f"SAVEPOINT s{self._depth}")
        self._depth += 1

    def leave_savepoint(self, *, failed: bool) -> None:
        """Keep or undo what happened since the innermost savepoint was opened."""
        self._depth -= 1
        if self._connection.is_broken:
            return
        if failed:
            # Not prepared: nothing can be prepared in a transaction in which a statement has failed.
            self._connection.run_script(f"ROLLBACK TO s{self._depth}")
        self.run(f"RELEASE s{self._depth}")


class _Savepoint:
    """A part of a transaction that can fail alone."""

    __slots__ = ("_session",)

    def __init__(self, session: PostgresqlSession) -> None:
        self._session = session

    def __enter__(self) -> None:
        self._session.enter_savepoint()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.leave_savepoint(failed=kind is not None)
