"""Store rows in SQLite: in memory, or in a file with a write-ahead log.

In:        the path of the file, or none
Out:       `SqliteStore`, `SqliteSession`
Not here:  which store a URL means (store.engine), the drivers' errors (store.sqlite_failures)

In memory there is one connection, and one lock in front of it for reading and writing. A file has one connection that
writes, behind the same kind of lock, and for each thread one that reads: readers never wait for the writer.
"""

from __future__ import annotations

import threading
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from weakref import WeakSet

import apsw

from verselet.metadata.schema import Schema
from verselet.sql.dialects import SQLITE, Dialect
from verselet.store.lock import FairLock
from verselet.store.preparation import prepare
from verselet.store.session import Session
from verselet.store.sqlite_failures import failure_of, refusal_of
from verselet.values import Stored

PATIENCE_S = 30.0
"""How long a writer waits for those before it."""

_EVERYWHERE = (
    "PRAGMA cache_size = -16000",  # 16 MB
    "PRAGMA temp_store = 2",
    "PRAGMA foreign_keys = 0",  # cascades are messages, not constraints
)
_IN_A_FILE = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # what was answered is on the disk
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA mmap_size = 1073741824",
)


class SqliteStore:
    """One database of SQLite."""

    dialect: Dialect = SQLITE

    def __init__(self, path: Path | None) -> None:
        """Open the database.

        Args:
            path: the file; None keeps everything in memory.

        Raises:
            OperatorError: the file cannot be opened, or is no database.
        """
        self._path = path
        self._lock = FairLock()
        self._local = threading.local()
        self._readers: WeakSet[apsw.Connection] = WeakSet()
        try:
            self._connection = _connect(path, read_only=False)
        except apsw.Error as error:
            raise refusal_of(error, path) from error
        self._session = SqliteSession(self._connection)
        self.fetch: Callable[[str, Sequence[Stored]], list[tuple[Stored, ...]]] = (
            self._fetch_in_memory if path is None else self._fetch_from_file
        )

    def begin(self) -> AbstractContextManager[Session]:
        """A write transaction; inside another one of the same thread, a savepoint of it."""
        return _Writing(self._lock, self._session)

    def read(self) -> AbstractContextManager[Session]:
        """Several statements that see one state; inside a transaction of the same thread, its own."""
        if self._path is None or self._lock.is_mine():
            return _ReadingInMemory(self._lock, self._session)
        return _Reading(self._reader())

    def prepare_schema(self, schema: Schema, progress: Callable[[str], None] = lambda _said: None) -> Schema:
        """Create or upgrade what `schema` needs, in one transaction; the schema with what was made here."""
        with self.begin() as session:
            return prepare(session, schema, progress)

    def close(self) -> None:
        """Close all connections; the last one of a file writes the log back into it."""
        for reader in list(self._readers):
            reader.close()
        self._connection.close()

    def _fetch_in_memory(self, text: str, values: Sequence[Stored]) -> list[tuple[Stored, ...]]:
        """The rows of one statement that only reads."""
        lock = self._lock
        lock.acquire(PATIENCE_S)
        try:
            return self._connection.execute(text, values).fetchall()
        except apsw.Error as error:
            raise failure_of(error, self._connection) from error
        finally:
            lock.release()

    def _fetch_from_file(self, text: str, values: Sequence[Stored]) -> list[tuple[Stored, ...]]:
        """The rows of one statement that only reads; a thread in a transaction sees what it wrote."""
        connection = self._connection if self._lock.is_mine() else self._reader()
        try:
            return connection.execute(text, values).fetchall()
        except apsw.Error as error:
            raise failure_of(error, connection) from error

    def _reader(self) -> apsw.Connection:
        """The calling thread's connection for reading."""
        try:
            connection: apsw.Connection = self._local.connection
        except AttributeError:
            try:
                connection = _connect(self._path, read_only=True)
            except apsw.Error as error:
                raise failure_of(error, self._connection) from error
            self._local.connection = connection
            self._readers.add(connection)
        return connection


class SqliteSession:
    """A transaction of SQLite. The one writing connection of a store has one session, used again and again."""

    __slots__ = ("_connection", "_depth")

    dialect: Dialect = SQLITE

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
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
        try:
            return self._connection.execute(text, values).fetchall()
        except apsw.Error as error:
            raise failure_of(error, self._connection) from error

    def run_many(self, text: str, rows: Sequence[Sequence[Stored]]) -> None:
        """Run one statement that returns nothing, once for each of `rows`."""
        try:
            self._connection.executemany(text, rows)
        except apsw.Error as error:
            raise failure_of(error, self._connection) from error

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

    __slots__ = ("_lock", "_session")

    def __init__(self, lock: FairLock, session: SqliteSession) -> None:
        self._lock = lock
        self._session = session

    def __enter__(self) -> Session:
        self._lock.acquire(PATIENCE_S)
        return self._session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()


class _Reading:
    """A read transaction on the thread's own connection, or a part of one that is open."""

    __slots__ = ("_is_nested", "_session")

    def __init__(self, connection: apsw.Connection) -> None:
        self._session = SqliteSession(connection)
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


def _roll_back(session: SqliteSession) -> None:
    """Undo the transaction, unless the failure has undone it already."""
    if session.connection.in_transaction:
        session.run("ROLLBACK")


def _base64(*given: apsw.SQLiteValue) -> str | None:
    """Bytes as JSON takes them; nothing for nothing. [T-18]"""
    (content,) = given
    return b2a_base64(content, newline=False).decode() if isinstance(content, bytes) else None


def _connect(path: Path | None, *, read_only: bool) -> apsw.Connection:
    """A connection with our settings."""
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    name = ":memory:" if path is None else str(path)
    connection = apsw.Connection(name, flags=flags, statementcachesize=2000)
    connection.set_busy_timeout(int(PATIENCE_S * 1000))
    # A name that is misspelt and quoted must be an error, not a text.
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    connection.create_scalar_function("verselet_base64", _base64, 1, deterministic=True)
    for pragma in _EVERYWHERE if path is None else (*_EVERYWHERE, *_IN_A_FILE):
        connection.execute(pragma)
    return connection
