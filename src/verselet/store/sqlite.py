"""Store rows in SQLite: in memory, or in a file with a write-ahead log.

In:        the path of the file, or none
Out:       `SqliteStore`, `SqliteSession`
Not here:  which store a URL means (store.engine), the drivers' errors (store.sqlite_failures)

In memory there is one connection, and one lock in front of it for reading and writing. A file has one connection that
writes, behind the same kind of lock, and for each thread one that reads: readers never wait for the writer.

Each connection has a watch that stops statements at their time limit. (store.watch)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import get_ident
from types import TracebackType
from weakref import WeakSet

import apsw

from verselet.metadata.schema import Schema
from verselet.sql.dialects import SQLITE, Dialect
from verselet.store.failures import StoreBusy, TakesLong
from verselet.store.lock import FairLock
from verselet.store.preparation import prepare
from verselet.store.session import Session
from verselet.store.sqlite_connection import PATIENCE_S, connect
from verselet.store.sqlite_failures import failure_of, refusal_of
from verselet.store.watch import HURRY_S, Patience, Watch
from verselet.values import Stored


class SqliteStore:
    """One database of SQLite."""

    dialect: Dialect = SQLITE

    def __init__(self, path: Path | None, statement_limit_s: float = 0) -> None:
        """Open the database.

        Args:
            path: the file; None keeps everything in memory.
            statement_limit_s: how long a statement may run; 0 for ever.

        Raises:
            OperatorError: the file cannot be opened, or is no database.
        """
        self._path = path
        self._lock = FairLock()
        self._local = threading.local()
        self._readers: WeakSet[apsw.Connection] = WeakSet()
        self._patience = Patience(statement_limit_s)
        try:
            self._connection = connect(path, read_only=False)
        except apsw.Error as error:
            raise refusal_of(error, path) from error
        self._watch = Watch(self._connection, self._patience)
        self._session = SqliteSession(self._connection, self._watch)
        self.fetch: Callable[[str, Sequence[Stored]], list[tuple[Stored, ...]]] = (
            self._fetch_in_memory if path is None else self._fetch_from_file
        )

    def begin(self) -> AbstractContextManager[Session]:
        """A write transaction; inside another one of the same thread, a savepoint of it."""
        return _Writing(self._lock, self._session)

    def read(self) -> AbstractContextManager[Session]:
        """Several statements that see one state; inside a transaction of the same thread, its own."""
        if self._path is None or self._lock.is_mine():
            return _ReadingInMemory(self._lock, self._session, self._patience)
        return _Reading(*self._reader())

    def prepare_schema(self, schema: Schema, progress: Callable[[str], None] = lambda _said: None) -> Schema:
        """Create or upgrade what `schema` needs, in one transaction; the schema with what was made here."""
        limit_s, self._patience.statement_s = self._patience.statement_s, float("inf")
        try:
            with self.begin() as session:
                return prepare(session, schema, progress)
        finally:
            self._patience.statement_s = limit_s

    def is_taken(self, *, writing: bool) -> bool:
        """Another thread is at work: in memory all wait for it, with a file only those that write."""
        return (writing or self._path is None) and self._lock.is_anothers()

    def hurry(self, *, on: bool) -> None:
        """The calling thread gives up what it reads after a moment."""
        self._patience.hurrying = get_ident() if on else 0

    @property
    def is_hurried(self) -> bool:
        """The calling thread gives up soon."""
        return self._patience.is_short()

    def stop(self) -> None:
        """Stop the statements that run now, and from here on every long one."""
        self._patience.statement_s = 0

    def close(self) -> None:
        """Close all connections; the last one of a file writes the log back into it."""
        for reader in list(self._readers):
            reader.close()
        self._connection.close()

    def _fetch_in_memory(self, text: str, values: Sequence[Stored]) -> list[tuple[Stored, ...]]:
        """The rows of one statement that only reads."""
        lock = self._lock
        _acquire(lock, self._patience)
        self._watch.began = 0
        try:
            return self._connection.execute(text, values).fetchall()
        except apsw.Error as error:
            raise _failure(error, self._connection, self._watch) from error
        finally:
            lock.release()

    def _fetch_from_file(self, text: str, values: Sequence[Stored]) -> list[tuple[Stored, ...]]:
        """The rows of one statement that only reads; a thread in a transaction sees what it wrote."""
        connection, watch = (self._connection, self._watch) if self._lock.is_mine() else self._reader()
        watch.began = 0
        try:
            return connection.execute(text, values).fetchall()
        except apsw.Error as error:
            raise _failure(error, connection, watch) from error

    def _reader(self) -> tuple[apsw.Connection, Watch]:
        """The calling thread's connection for reading."""
        try:
            found: tuple[apsw.Connection, Watch] = self._local.found
        except AttributeError:
            try:
                connection = connect(self._path, read_only=True)
            except apsw.Error as error:
                raise failure_of(error, self._connection) from error
            found = self._local.found = (connection, Watch(connection, self._patience))
            self._readers.add(connection)
        return found


class SqliteSession:
    """A transaction of SQLite. The one writing connection of a store has one session, used again and again."""

    __slots__ = ("_connection", "_depth", "_watch")

    dialect: Dialect = SQLITE

    def __init__(self, connection: apsw.Connection, watch: Watch) -> None:
        self._connection = connection
        self._watch = watch
        self._depth = 0

    @property
    def connection(self) -> apsw.Connection:
        """The connection the transaction runs on."""
        return self._connection

    @property
    def row_count(self) -> int:
        """How many rows the last insert, update or delete touched."""
        return self._connection.changes()

    def run(self, text: str, values: Sequence[Stored] = ()) -> list[tuple[Stored, ...]]:
        """Run one statement and return its rows."""
        self._watch.began = 0
        try:
            return self._connection.execute(text, values).fetchall()
        except apsw.Error as error:
            raise _failure(error, self._connection, self._watch) from error

    def run_many(self, text: str, rows: Sequence[Sequence[Stored]]) -> None:
        """Run one statement that returns nothing, once for each of `rows`."""
        self._watch.began = 0
        try:
            self._connection.executemany(text, rows)
        except apsw.Error as error:
            raise _failure(error, self._connection, self._watch) from error

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


class _Writing:
    """A turn of the writing connection."""

    __slots__ = ("_is_nested", "_lock", "_session")

    def __init__(self, lock: FairLock, session: SqliteSession) -> None:
        self._lock = lock
        self._session = session
        self._is_nested = False

    def __enter__(self) -> Session:
        self._lock.acquire(PATIENCE_S)
        try:
            self._is_nested = self._session.connection.in_transaction
            if self._is_nested:
                self._session.enter_savepoint()
            else:
                self._session.run("BEGIN IMMEDIATE")
        except BaseException:
            self._lock.release()
            raise
        return self._session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._is_nested:
                self._session.leave_savepoint(failed=kind is not None)
            elif kind is None:
                self._commit()
            else:
                _roll_back(self._session)
        finally:
            self._lock.release()

    def _commit(self) -> None:
        try:
            self._session.run("COMMIT")
        except BaseException:
            _roll_back(self._session)
            raise


class _ReadingInMemory:
    """A turn of the only connection: nobody writes meanwhile, so no transaction is needed."""

    __slots__ = ("_lock", "_patience", "_session")

    def __init__(self, lock: FairLock, session: SqliteSession, patience: Patience) -> None:
        self._lock = lock
        self._session = session
        self._patience = patience

    def __enter__(self) -> Session:
        _acquire(self._lock, self._patience)
        return self._session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()


class _Reading:
    """A read transaction on the thread's own connection, or a part of one that is open."""

    __slots__ = ("_is_nested", "_session")

    def __init__(self, connection: apsw.Connection, watch: Watch) -> None:
        self._session = SqliteSession(connection, watch)
        self._is_nested = connection.in_transaction

    def __enter__(self) -> Session:
        if not self._is_nested:
            self._session.run("BEGIN")
        return self._session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_nested:
            _roll_back(self._session)


def _acquire(lock: FairLock, patience: Patience) -> None:
    """Wait for the turn of a thread that reads.

    Raises:
        StoreBusy: it did not come in time.
        TakesLong: the thread cannot wait.
    """
    if not patience.is_short():
        lock.acquire(PATIENCE_S)
        return
    try:
        lock.acquire(HURRY_S)
    except StoreBusy:
        raise TakesLong from None


def _failure(error: apsw.Error, connection: apsw.Connection, watch: Watch) -> Exception:
    """The failure to raise; a statement was stopped for one of two reasons."""
    if watch.was_hurried:
        watch.was_hurried = False
        return TakesLong()
    return failure_of(error, connection)


def _roll_back(session: SqliteSession) -> None:
    """Undo the transaction, unless the failure has undone it already."""
    if session.connection.in_transaction:
        session.run("ROLLBACK")
