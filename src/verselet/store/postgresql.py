"""Store rows in PostgreSQL.

In:        a URL
Out:       `PostgresqlStore`, `connect`
Not here:  which store a URL means (store.engine), single connections (store.postgresql_connection, store.pool),
           statements (store.postgresql_session)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType

import psycopg
from psycopg.conninfo import conninfo_to_dict
from typing_extensions import override

from verselet.metadata.schema import Schema
from verselet.sql.dialects import POSTGRESQL, Dialect
from verselet.store.failures import LayoutChanged, StoreFailure, StoreLost
from verselet.store.follower import CHANNEL, Follower
from verselet.store.gathering import Group
from verselet.store.generations import READ, Generations, Known, generations_of, next_generations
from verselet.store.pool import Pool
from verselet.store.postgresql_connection import PostgresqlConnection
from verselet.store.postgresql_session import PostgresqlSession
from verselet.store.preparation import hold_off_others, newest, prepare
from verselet.store.refusals import DatabaseDoesNotAnswer
from verselet.store.session import Session
from verselet.values import Stored

_SCHEMA = "BEGIN; SELECT value, {} FROM verselet_generation WHERE kind = 'schema'"
"""Begin, say which schema is in force, and take numbers, on one way there and back."""

_NO_LIMIT = "SET LOCAL statement_timeout = 0"
"""An index over many rows may take its time while the server starts."""


def connect(url: str, limit_ms: int = 0) -> PostgresqlConnection:
    """A first connection, on which a statement may run for so long; 0 for ever.

    Raises:
        OperatorError: nothing answers at the URL.
    """
    try:
        return PostgresqlConnection(url, limit_ms)
    except psycopg.Error as error:
        raise DatabaseDoesNotAnswer(_place(url), str(error).strip().splitlines()[-1]) from error


class PostgresqlStore:
    """One database of PostgreSQL."""

    dialect: Dialect = POSTGRESQL

    def __init__(self, url: str, statement_limit_s: float = 0) -> None:
        """Connect once, to know that it works.

        Args:
            url: where the database is.
            statement_limit_s: how long a statement may run before the database stops it; 0 for ever.

        Raises:
            OperatorError: nothing answers at the URL.
        """
        self._url = url
        self._limit_ms = int(statement_limit_s * 1000)
        self._pool = Pool(self._connect_again)
        self._local = threading.local()
        self._known = Known()
        self._shipped: Schema | None = None
        self._follower: Follower | None = None
        self._pool.add(connect(url, self._limit_ms))

    def begin(self, schema: int | None = None, *, versions: int = 0) -> AbstractContextManager[Session]:
        """A write transaction; inside another one of the same thread, a savepoint of it."""
        opening = _WRITING if schema is None else _Checked(schema, versions)
        return _Transaction(self._pool, self._local, self._known, opening)

    def read(self) -> AbstractContextManager[Session]:
        """Several statements that see one state; inside a transaction of the same thread, its own."""
        session: PostgresqlSession | None = getattr(self._local, "session", None)
        return _Joined(session) if session else _Transaction(self._pool, self._local, self._known, _READING)

    def fetch(self, text: str, values: Sequence[Stored], /) -> list[tuple[Stored, ...]]:
        """The rows of one statement that only reads; a thread in a transaction sees what it wrote."""
        session: PostgresqlSession | None = getattr(self._local, "session", None)
        if session is not None:
            return session.run(text, values)
        try:
            return self._fetch_once(text, values)
        except StoreLost:
            # An idle connection may have died long ago; reading twice does no harm.
            self._pool.drop_idle()
            return self._fetch_once(text, values)

    def prepare_schema(self, schema: Schema, progress: Callable[[str], None] = lambda _said: None) -> Schema:
        """Create or upgrade what `schema` needs, in one transaction; the schema with what was made here."""
        with self.begin() as session:
            session.run(_NO_LIMIT)
            hold_off_others(session)
            self._shipped = schema
            # Taken in at the commit, as everything that is out of date then.
            session.outdate("schema")
            return prepare(session, schema, progress)

    def generations(self, *, certain: bool = False) -> Generations:
        """As of the last notification; `certain` asks."""
        if certain:
            self._known.learn(generations_of(self.fetch(READ, ())))
        return self._known.now

    def newest_schema(self) -> Schema:
        """The schema that is in force now, whichever process put it there."""
        assert self._shipped is not None
        # What was prepared for columns of another type can no longer be run.
        self._pool.renew()
        with self.read() as session:
            return newest(session, self._shipped)

    def follow(self) -> None:
        """Hear of what other processes change, within a second."""
        self._follower = Follower(self._connect_again, self._known)
        self._follower.start()

    def is_taken(self, *, writing: bool) -> bool:
        """Nobody waits in this process."""
        del writing
        return False

    def hurry(self, *, on: bool) -> None:
        """Nobody hurries: all statements run in threads that have the time."""

    @property
    def is_hurried(self) -> bool:
        """Nobody hurries."""
        return False

    def gather(self, *, on: bool, waited_s: float = 0) -> None:
        """Nothing waits: the requests have threads and connections of their own."""

    @property
    def gathers(self) -> bool:
        """The database commits the transactions of its sessions together by itself."""
        return False

    @property
    def group(self) -> Group | None:
        """Nothing is open between two requests."""
        return None

    def settle(self) -> None:
        """Everything is committed already."""

    def stop(self) -> None:
        """Have the database stop the statements that run now."""
        self._pool.cancel_in_use()

    def close(self) -> None:
        """Close all connections."""
        if self._follower is not None:
            self._follower.stop()
        self._pool.close()

    def _fetch_once(self, text: str, values: Sequence[Stored]) -> list[tuple[Stored, ...]]:
        connection = self._pool.take()
        try:
            return connection.run(text, values)
        finally:
            self._pool.give_back(connection)

    def _connect_again(self) -> PostgresqlConnection:
        try:
            return PostgresqlConnection(self._url, self._limit_ms)
        except psycopg.Error as error:
            raise StoreLost(f"The database at {_place(self._url)} does not answer.") from error


class _Opening:
    """How a transaction begins."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def on(self, connection: PostgresqlConnection) -> range:
        """Begin there; the version numbers that are taken already."""
        connection.run(self._text)
        return range(0)


class _Checked(_Opening):
    """By a schema that must still be in force."""

    __slots__ = ("_schema", "_versions")

    def __init__(self, schema: int, versions: int) -> None:
        super().__init__(_SCHEMA.format(f"verselet_take_versions({versions})" if versions else "0"))
        self._schema = schema
        self._versions = versions

    @override
    def on(self, connection: PostgresqlConnection) -> range:
        """Begin there.

        Raises:
            LayoutChanged: there is a later schema.
        """
        schema, first = connection.run_for_numbers(self._text)
        if schema != self._schema:
            connection.run_script("ROLLBACK")
            raise LayoutChanged("Definitions were changed by another process.")
        return range(first, first + self._versions)


_WRITING = _Opening("BEGIN")
_READING = _Opening("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")


class _Joined:
    """Reading inside a transaction that is open."""

    __slots__ = ("_session",)

    def __init__(self, session: PostgresqlSession) -> None:
        self._session = session

    def __enter__(self) -> Session:
        return self._session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the transaction to whoever opened it."""


class _Transaction:
    """A transaction on a connection of its own."""

    __slots__ = ("_is_nested", "_known", "_local", "_opening", "_pool", "_session")

    def __init__(self, pool: Pool, local: threading.local, known: Known, opening: _Opening) -> None:
        self._pool = pool
        self._local = local
        self._known = known
        self._opening = opening
        self._is_nested = False
        self._session: PostgresqlSession

    def __enter__(self) -> Session:
        outer: PostgresqlSession | None = getattr(self._local, "session", None)
        if outer is not None:
            self._is_nested = True
            self._session = outer
            outer.enter_savepoint()
            return outer
        try:
            self._session = self._opened()
        except StoreLost:
            # An idle connection may have died long ago; nothing has happened in this transaction yet.
            self._pool.drop_idle()
            self._session = self._opened()
        self._local.session = self._session
        return self._session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_nested:
            self._session.leave_savepoint(failed=kind is not None)
            return
        self._local.session = None
        connection = self._session.connection
        try:
            if kind is None:
                self._commit(connection)
            elif not connection.is_broken:
                connection.run_script("ROLLBACK")
        finally:
            # A connection that is still in a transaction is closed there: that undoes it too.
            if self._session.has_changed_tables:
                self._pool.renew()
            self._pool.give_back(connection)

    def _opened(self) -> PostgresqlSession:
        """A session on a connection on which the transaction has begun."""
        connection = self._pool.take()
        try:
            return PostgresqlSession(connection, self._opening.on(connection))
        except BaseException:
            self._pool.give_back(connection)
            raise

    def _commit(self, connection: PostgresqlConnection) -> None:
        """Commit.

        Raises:
            StoreFailure: a statement failed before and nobody undid it by a savepoint; PostgreSQL would answer this
                commit with a rollback and call it a success.
        """
        if connection.has_failed:
            raise StoreFailure("A statement of the transaction failed, so nothing of it is stored.")
        session = self._session
        if not session.outdated:
            connection.run("COMMIT")
            return
        found = next_generations(session, session.outdated)
        connection.run_script(f"NOTIFY {CHANNEL}; COMMIT")
        self._known.learn(found)


def _place(url: str) -> str:
    """The URL without the password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "the given URL"
    return f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
