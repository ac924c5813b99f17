"""Run statements in one transaction of PostgreSQL.

In:        a connection on which a transaction has begun
Out:       `PostgresqlSession`
Not here:  savepoints (store.nesting), when transactions begin and end (store.postgresql)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from typing_extensions import override

from verselet.sql.dialects import POSTGRESQL, Dialect, quoted
from verselet.store.nesting import NestingSession
from verselet.store.postgresql_connection import PostgresqlConnection
from verselet.values import Stored


class PostgresqlSession(NestingSession):
    """A transaction of PostgreSQL."""

    __slots__ = ("_connection", "_streams", "_taken", "has_changed_tables")

    dialect: Dialect = POSTGRESQL

    def __init__(self, connection: PostgresqlConnection, taken: range = range(0)) -> None:
        """`taken`: numbers that came with the beginning of the transaction."""
        super().__init__()
        self._connection = connection
        self._taken = taken
        self._streams = 0
        self.has_changed_tables = False

    @property
    def connection(self) -> PostgresqlConnection:
        """The connection the transaction runs on."""
        return self._connection

    @property
    def row_count(self) -> int:
        """How many rows the last insert, update or delete touched."""
        return self._connection.row_count

    @override
    def run(self, text: str, values: Sequence[Stored] = ()) -> list[tuple[Stored, ...]]:
        """Run one statement and return its rows."""
        return self._connection.run(text, values)

    def run_many(self, text: str, rows: Sequence[Sequence[Stored]]) -> int:
        """Run one statement that returns nothing, once for each of `rows`; how many rows that touched."""
        self._connection.run_many(text, rows)
        return self._connection.row_count

    def stream(self, text: str, at_once: int) -> Iterator[Sequence[tuple[Stored, ...]]]:
        """The rows of one reading statement, so many at a time, from a cursor of the database."""
        # What fetches is prepared, and knows which columns come: a name is never used twice.
        self._streams += 1
        name = f"verselet_rows_{self._streams}"
        self._connection.run_script(f"DECLARE {name} NO SCROLL CURSOR FOR {text}")
        while rows := self.run(f"FETCH FORWARD {at_once} FROM {name}"):
            yield rows
        self._connection.run_script(f"CLOSE {name}")

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Stored]]) -> None:
        """Put any number of rows into a table."""
        names = ",".join([quoted(name) for name in columns])
        self._connection.load(f"COPY {quoted(table)} ({names}) FROM STDIN", rows)

    def run_script(self, text: str) -> None:
        """Run statements that take no values and return no rows; these may change tables."""
        self.has_changed_tables = True
        self._connection.run_script(text)

    def next_versions(self, count: int = 1) -> int:
        """Take `count` numbers in a row and return the first. [ET-7]"""
        if 0 < count <= len(self._taken):
            taken, self._taken = self._taken[:count], self._taken[count:]
            return taken[0]
        # Numbers may be left out, but none may come after a larger one.
        self._taken = range(0)
        first = self.run("SELECT verselet_take_versions(%s)", (count,))[0][0]
        assert isinstance(first, int)
        return first

    @override
    def is_lost(self) -> bool:
        """Together with the connection."""
        return self._connection.is_broken

    @override
    def undo_to(self, savepoint: str) -> None:
        """Not prepared: nothing can be prepared in a transaction in which a statement has failed."""
        self._connection.run_script(f"ROLLBACK TO {savepoint}")
