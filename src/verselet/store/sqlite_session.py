"""Run statements in one transaction of SQLite.

In:        a connection and its watch
Out:       `SqliteSession`, `failure`, `roll_back`
Not here:  when a transaction begins and ends, and who waits for whom (store.sqlite)
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType

import apsw

from verselet.sql.dialects import SQLITE, Dialect
from verselet.store.failures import TakesLong
from verselet.store.generations import number_of
from verselet.store.session import Kind
from verselet.store.sqlite_failures import failure_of
from verselet.store.watch import Watch
from verselet.values import Stored


class SqliteSession:
    """A transaction of SQLite. A connection has one session, used again and again.

    `is_shared`: other processes may write to the same rows.
    """

    __slots__ = ("_connection", "_cursor", "_depth", "_watch", "is_shared", "outdated", "version")

    dialect: Dialect = SQLITE

    def __init__(self, connection: apsw.Connection, watch: Watch) -> None:
        self._connection = connection
        # One for all statements: each is done before the next one begins.
        self._cursor = connection.cursor()
        self._watch = watch
        self.is_shared = bool(connection.filename)
        self._depth = 0
        self.version = 0
        self.outdated: set[Kind] = set()

    @property
    def connection(self) -> apsw.Connection:
        """The connection the transaction runs on."""
        return self._connection

    @property
    def depth(self) -> int:
        """How many savepoints are open."""
        return self._depth

    @property
    def row_count(self) -> int:
        """How many rows the last insert, update or delete touched."""
        return self._connection.changes()

    def run(self, text: str, values: Sequence[Stored] = ()) -> list[tuple[Stored, ...]]:
        """Run one statement and return its rows."""
        self._watch.began = 0
        try:
            return self._cursor.execute(text, values).fetchall()
        except apsw.Error as error:
            raise failure(error, self._connection, self._watch) from error

    def run_many(self, text: str, rows: Sequence[Sequence[Stored]]) -> None:
        """Run one statement that returns nothing, once for each of `rows`."""
        self._watch.began = 0
        try:
            self._cursor.executemany(text, rows)
        except apsw.Error as error:
            raise failure(error, self._connection, self._watch) from error

    def run_script(self, text: str) -> None:
        """Run statements that take no values and return no rows."""
        self.run(text)

    def savepoint(self) -> AbstractContextManager[None]:
        """What happens inside is undone when it fails."""
        return _Savepoint(self)

    def next_versions(self, count: int = 1) -> int:
        """Take `count` numbers in a row and return the first. [ET-7]"""
        rows = self.run("UPDATE verselet_version SET value = value + ? WHERE id = 1 RETURNING value", (count,))
        last = rows[0][0]
        assert isinstance(last, int)
        return last - count + 1

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
        # A full disk or an interrupted statement undoes the whole transaction: then there is nothing to return to.
        if not self._connection.in_transaction:
            return
        if failed:
            self.run(f"ROLLBACK TO s{self._depth}")
        self.run(f"RELEASE s{self._depth}")


class _Savepoint:
    """A part of a transaction that can fail alone."""

    __slots__ = ("_session",)

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    def __enter__(self) -> None:
        self._session.enter_savepoint()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.leave_savepoint(failed=kind is not None)


def failure(error: apsw.Error, connection: apsw.Connection, watch: Watch) -> Exception:
    """The failure to raise; a statement was stopped for one of two reasons."""
    if watch.was_hurried:
        watch.was_hurried = False
        return TakesLong()
    return failure_of(error, connection)


def roll_back(session: SqliteSession) -> None:
    """Undo the transaction, unless the failure has undone it already."""
    session.outdated.clear()
    if session.connection.in_transaction:
        session.run("ROLLBACK")
