"""Run statements in one transaction of SQLite.

In:        a connection and its watch
Out:       `SqliteSession`, `failure`, `roll_back`
Not here:  savepoints (store.nesting), when a transaction begins and ends, and who waits for whom (store.sqlite)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from types import TracebackType

import apsw
from typing_extensions import override

from verselet.sql.dialects import SQLITE, Dialect, quoted
from verselet.store.failures import TakesLong
from verselet.store.long_statements import SURELY_SHORT, LongStatements
from verselet.store.nesting import NestingSession
from verselet.store.sqlite_failures import failure_of
from verselet.store.watch import Watch
from verselet.values import Stored


class SqliteSession(NestingSession):
    """A transaction of SQLite. A connection has one session, used again and again.

    `is_shared`: other processes may write to the same rows.
    """

    __slots__ = ("_changes", "_connection", "_cursor", "_long", "_watch", "is_shared", "version")

    dialect: Dialect = SQLITE

    def __init__(self, connection: apsw.Connection, watch: Watch) -> None:
        super().__init__()
        self._connection = connection
        # One for all statements: each is done before the next one begins.
        self._cursor = connection.cursor()
        self._long = LongStatements(connection)
        self._watch = watch
        self._changes = -1
        self.is_shared = bool(connection.filename)
        self.version = 0

    @property
    def connection(self) -> apsw.Connection:
        """The connection the transaction runs on."""
        return self._connection

    @property
    def row_count(self) -> int:
        """How many rows the last insert, update or delete touched."""
        return self._connection.changes()

    def begin(self) -> None:
        """Begin a transaction that may write."""
        self.run("BEGIN IMMEDIATE")
        self._changes = self._connection.total_changes()

    @override
    def savepoint(self) -> AbstractContextManager[None]:
        """What happens inside is undone when it fails.

        Behind a savepoint SQLite keeps a copy of each page that changes. Where nothing has changed yet, there is
        nothing to return to but the beginning.
        """
        is_untouched = not self.depth and self._connection.total_changes() == self._changes
        return _Beginning(self) if is_untouched else super().savepoint()

    @override
    def run(self, text: str, values: Sequence[Stored] = ()) -> list[tuple[Stored, ...]]:
        """Run one statement and return its rows."""
        self._watch.began = 0
        try:
            if len(text) > SURELY_SHORT:
                text, values = self._long.instead_of(text, values)
            return self._cursor.execute(text, values).fetchall()
        except apsw.Error as error:
            raise failure(error, self._connection, self._watch) from error

    def run_many(self, text: str, rows: Sequence[Sequence[Stored]]) -> int:
        """Run one statement that returns nothing, once for each of `rows`; how many rows that touched."""
        self._watch.began = 0
        before = self._connection.total_changes()
        try:
            self._cursor.executemany(text, rows)
        except apsw.Error as error:
            raise failure(error, self._connection, self._watch) from error
        return self._connection.total_changes() - before

    def stream(self, text: str, at_once: int) -> Iterator[Sequence[tuple[Stored, ...]]]:
        """The rows of one reading statement, so many at a time."""
        self._watch.began = 0
        try:
            found = self._connection.cursor().execute(text)
            while rows := list(islice(found, at_once)):
                yield rows
        except apsw.Error as error:
            raise failure(error, self._connection, self._watch) from error

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Stored]]) -> None:
        """Put any number of rows into a table."""
        names, marks = ",".join([quoted(name) for name in columns]), ",".join("?" * len(columns))
        self._watch.began = 0
        try:
            self._cursor.executemany(f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})", rows)
        except apsw.Error as error:
            raise failure(error, self._connection, self._watch) from error

    def run_script(self, text: str) -> None:
        """Run statements that take no values and return no rows: they change tables."""
        self._long.forget()
        # What it changes is no row, and counts as no change.
        self._changes = -1
        self.run(text)

    def next_versions(self, count: int = 1) -> int:
        """Take `count` numbers in a row and return the first. [ET-7]"""
        rows = self.run("UPDATE verselet_version SET value = value + ? WHERE id = 1 RETURNING value", (count,))
        last = rows[0][0]
        assert isinstance(last, int)
        return last - count + 1

    @override
    def is_lost(self) -> bool:
        """A full disk or an interrupted statement undoes all of it."""
        return not self._connection.in_transaction

    @override
    def undo_to(self, savepoint: str) -> None:
        """Undo what happened since that savepoint."""
        self.run(f"ROLLBACK TO {savepoint}")


class _Beginning:
    """The first part of a transaction: if it fails, the transaction begins anew."""

    __slots__ = ("_session",)

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    def __enter__(self) -> None:
        """Nothing has to be kept."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session = self._session
        if kind is not None and not session.is_lost():
            # Whoever writes waits for the turn of this process, which lasts until the transaction is left.
            session.run("ROLLBACK")
            session.begin()


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
