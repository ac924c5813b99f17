"""Store rows in SQLite: in memory, or in a file with a write-ahead log.

In:        the path of the file, or none
Out:       `SqliteStore`
Not here:  which store a URL means (store.engine), statements (store.sqlite_session), errors (store.sqlite_failures)

In memory there is one connection, and one lock in front of it for reading and writing. A file has one connection that
writes, behind the same kind of lock, and for each thread one that reads: readers never wait for the writer.

Other processes may have the same file open: `PRAGMA data_version` tells a connection, in 3 µs, whether another one has
committed since it looked last. A server of one process looks now and then only. (store.generations) Whoever writes
takes turns with all others, such as a seed beside a server. (store.turnstile)

What one thread writes for several requests in a file may be one transaction. (store.gathering)

Each connection has a watch that stops statements at their time limit. (store.watch)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from threading import get_ident
from time import monotonic
from types import TracebackType
from typing import cast
from weakref import WeakSet

import apsw

from verselet.metadata.schema import Schema
from verselet.sql.dialects import SQLITE, Dialect
from verselet.store.checkpoints import Checkpoints
from verselet.store.failures import LayoutChanged, StoreBusy, StoreFailure, TakesLong
from verselet.store.gathering import Gathering, Group
from verselet.store.generations import LOOK_EACH_S, READ, Generations, Known, generations_of, next_generations
from verselet.store.lock import FairLock
from verselet.store.preparation import newest, prepare
from verselet.store.session import Session
from verselet.store.sqlite_connection import PATIENCE_S, connect
from verselet.store.sqlite_failures import failure_of, refusal_of
from verselet.store.sqlite_session import SqliteSession, roll_back
from verselet.store.turnstile import Turnstile, turnstile_at
from verselet.store.watch import HURRY_S, Patience, Watch
from verselet.values import Stored

_DATA_VERSION = "PRAGMA data_version"


class SqliteStore:
    """One database of SQLite."""

    dialect: Dialect = SQLITE

    def __init__(self, path: Path | None, statement_limit_s: float = 0, *, is_shared: bool = False) -> None:
        """Open the database.

        Args:
            path: the file; None keeps everything in memory.
            statement_limit_s: how long a statement may run; 0 for ever.
            is_shared: other processes write to the file as often as this one: what they did is looked for each time.

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
        self._is_shared = is_shared
        self._turnstile = turnstile_at(path)
        self._doors = _Doors(self._lock, self._turnstile)
        self._watch = Watch(self._connection, self._patience)
        self._known = Known()
        self._looks_at = 0.0
        self._shipped: Schema | None = None
        self._session = SqliteSession(self._connection, self._watch)
        self._gathering = Gathering()
        self._checkpoints = None if path is None else Checkpoints(path)
        if self._checkpoints is not None:
            self._connection.set_wal_hook(self._checkpoints.note)
        self.fetch: Callable[[str, Sequence[Stored]], list[tuple[Stored, ...]]] = (
            self._fetch_in_memory if path is None else self._fetch_from_file
        )

    def begin(self, schema: int | None = None, *, versions: int = 0) -> AbstractContextManager[Session]:
        """A write transaction; inside another one of the same thread, a savepoint of it."""
        del versions  # They are at hand.
        return _Writing(self._doors, self._session, self._known, self._gathering, schema)

    def read(self) -> AbstractContextManager[Session]:
        """Several statements that see one state; inside a transaction of the same thread, its own."""
        if self._path is None or self._sees_what_it_wrote():
            return _ReadingInMemory(self._lock, self._session, self._patience)
        return _Reading(self._reader())

    def prepare_schema(self, schema: Schema, progress: Callable[[str], None] = lambda _said: None) -> Schema:
        """Create or upgrade what `schema` needs, in one transaction; the schema with what was made here."""
        limit_s, self._patience.statement_s = self._patience.statement_s, float("inf")
        try:
            with self.begin() as session:
                self._shipped = schema
                # Taken in at the commit, as everything that is out of date then.
                session.outdate("schema")
                return prepare(session, schema, progress)
        finally:
            self._patience.statement_s = limit_s

    def generations(self, *, certain: bool = False) -> Generations:
        """What another process of this server committed is seen at once, what others did within a moment."""
        if self._path is not None and (certain or self._is_shared or monotonic() > self._looks_at):
            self._looks_at = monotonic() + LOOK_EACH_S
            _look(self._reader(), self._known)
        return self._known.now

    def newest_schema(self) -> Schema:
        """The schema that is in force now, whichever process put it there."""
        assert self._shipped is not None
        with self.read() as session:
            return newest(session, self._shipped)

    def follow(self) -> None:
        """Nobody needs to listen."""

    def is_taken(self, *, writing: bool) -> bool:
        """Another thread is at work: in memory all wait for it, with a file only those that write."""
        if not writing and self._path is not None:
            return False
        turnstile = self._turnstile
        return self._lock.is_anothers() or (turnstile is not None and not self._lock.is_mine() and turnstile.is_taken())

    def hurry(self, *, on: bool) -> None:
        """The calling thread gives up what it reads after a moment."""
        self._patience.hurrying = get_ident() if on else 0

    @property
    def is_hurried(self) -> bool:
        """The calling thread gives up soon."""
        return self._patience.is_short()

    def gather(self, *, on: bool, waited_s: float = 0) -> None:
        """What the calling thread writes may wait for what others write."""
        if self.gathers:
            self._gathering.turn(on=on, waited_s=waited_s)

    @property
    def gathers(self) -> bool:
        """Worth it with a file: there a commit waits for the disk."""
        return self._path is not None

    @property
    def group(self) -> Group | None:
        """What the calling thread left open between two requests."""
        return self._gathering.group

    def settle(self) -> None:
        """Commit what the calling thread left open."""
        self._gathering.settle()

    def stop(self) -> None:
        """Stop the statements that run now, and from here on every long one."""
        self._patience.statement_s = 0

    def close(self) -> None:
        """Close all connections; the last one of a file writes the log back into it."""
        if self._checkpoints is not None:
            self._checkpoints.close()
        for reader in list(self._readers):
            reader.close()
        self._connection.close()
        if self._turnstile is not None:
            self._turnstile.close()

    def _fetch_in_memory(self, text: str, values: Sequence[Stored]) -> list[tuple[Stored, ...]]:
        """The rows of one statement that only reads."""
        lock = self._lock
        _acquire(lock, self._patience)
        try:
            return self._session.run(text, values)
        finally:
            lock.release()

    def _fetch_from_file(self, text: str, values: Sequence[Stored]) -> list[tuple[Stored, ...]]:
        """The rows of one statement that only reads; a thread in a transaction sees what it wrote."""
        session = self._session if self._sees_what_it_wrote() else self._reader()
        return session.run(text, values)

    def _sees_what_it_wrote(self) -> bool:
        """The calling thread is in a transaction, and not merely between two requests of a group."""
        return self._lock.is_mine() and not self._gathering.is_between()

    def _reader(self) -> SqliteSession:
        """The calling thread's session for reading, on a connection of its own."""
        try:
            session: SqliteSession = self._local.session
        except AttributeError:
            try:
                connection = connect(self._path, read_only=True)
            except apsw.Error as error:
                raise failure_of(error, self._connection) from error
            session = self._local.session = SqliteSession(connection, Watch(connection, self._patience))
            self._readers.add(connection)
        return session


class _Doors:
    """What a writer passes: the lock of this process's threads, then that of all processes that write the file."""

    __slots__ = ("_turnstile", "lock")

    def __init__(self, lock: FairLock, turnstile: Turnstile | None) -> None:
        self.lock = lock
        self._turnstile = turnstile

    def enter(self) -> None:
        """Wait for the turn of this process."""
        if self._turnstile is not None:
            self._turnstile.enter()

    def leave(self) -> None:
        """Let the next process in; whoever never came in changes nothing."""
        if self._turnstile is not None:
            self._turnstile.leave()


class _Writing:
    """A turn of the writing connection. `schema` is the generation that must be in force; without it nothing waits."""

    __slots__ = ("_doors", "_gathering", "_is_nested", "_is_part", "_known", "_schema", "_session")

    def __init__(
        self, doors: _Doors, session: SqliteSession, known: Known, gathering: Gathering, schema: int | None
    ) -> None:
        self._doors = doors
        self._session = session
        self._known = known
        self._gathering = gathering
        self._schema = schema
        self._is_nested = False
        self._is_part = False

    def __enter__(self) -> Session:
        session, gathering = self._session, self._gathering
        if gathering.is_between():
            # This is about something else. Those who wait for the group are told how it ended.
            with suppress(StoreFailure):
                gathering.settle()
        self._doors.lock.acquire(max(PATIENCE_S - gathering.waited_s, 0))
        try:
            self._is_nested = session.connection.in_transaction
            self._is_part = self._is_nested and gathering.group is not None and not session.depth
            if not self._is_nested:
                self._doors.enter()
                session.begin()
            if self._schema is not None and (self._is_part or not self._is_nested):
                self._check(self._schema)
            if self._is_nested:
                session.enter_savepoint()
        except BaseException:
            if not self._is_nested:
                roll_back(session)
                self._doors.leave()
            self._doors.lock.release()
            raise
        return session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failed = kind is not None
        if self._is_nested:
            try:
                self._session.leave_savepoint(failed=failed)
            finally:
                self._doors.lock.release()
                if self._is_part:
                    self._see_to_group(failed=failed)
        elif failed or self._schema is None or self._session.outdated or not self._gathering.is_on():
            self.end(failed=failed)
        else:
            self._gathering.hold(self)

    def end(self, *, failed: bool) -> None:
        """Commit or undo, and let others write."""
        try:
            if failed:
                roll_back(self._session)
            else:
                self._commit()
        finally:
            self._doors.leave()
            self._doors.lock.release()

    def _see_to_group(self, *, failed: bool) -> None:
        """After a part: is the whole still there, and may it stay open?"""
        session = self._session
        if not session.connection.in_transaction:
            # A full disk or an interrupted statement has undone what was done for others as well.
            self._gathering.lose()
            if not failed:
                raise StoreFailure("A failure inside the transaction has undone all of it.")
        elif session.outdated and not failed:
            # What others must take in at once waits for nobody.
            self._gathering.settle()

    def _check(self, schema: int) -> None:
        """Nobody else can write from here on, so what is in force now stays so."""
        session = self._session
        if session.is_shared and not self._is_part:
            _look(session, self._known)
        if self._known.now.schema != schema:
            raise LayoutChanged("Definitions were changed by another process.")

    def _commit(self) -> None:
        session = self._session
        try:
            found = next_generations(session, session.outdated) if session.outdated else None
            session.run("COMMIT")
        except BaseException:
            roll_back(session)
            raise
        if found is not None:
            session.outdated.clear()
            self._known.learn(found)


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

    def __init__(self, session: SqliteSession) -> None:
        self._session = session
        self._is_nested = session.connection.in_transaction

    def __enter__(self) -> Session:
        if not self._is_nested:
            self._session.run("BEGIN")
        return self._session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_nested:
            roll_back(self._session)


def _look(session: SqliteSession, known: Known) -> None:
    """Take in what any process has committed since the session looked last."""
    ((version,),) = session.run(_DATA_VERSION)
    if version != session.version:
        known.learn(generations_of(session.run(READ)))
        session.version = cast(int, version)


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
