"""Keep connections to PostgreSQL for the threads that need one for a moment.

In:        a function that connects
Out:       `Pool`
Not here:  what runs on a connection (store.postgresql_connection)
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from verselet.store.failures import StoreBusy
from verselet.store.postgresql_connection import PostgresqlConnection

MOST_CONNECTIONS = 20
"""One for each thread that answers requests, those among steps too, and some for jobs."""

PATIENCE_S = 30.0


class Pool:
    """Connections; the one that was given back last is handed out first, because it is the warmest."""

    def __init__(self, connect: Callable[[], PostgresqlConnection]) -> None:
        self._connect = connect
        self._idle: list[PostgresqlConnection] = []
        self._in_use: set[PostgresqlConnection] = set()
        self._outdated: set[PostgresqlConnection] = set()
        self._changed = threading.Condition()
        self._total = 0
        self._is_closed = False

    def add(self, connection: PostgresqlConnection) -> None:
        """Take in a connection that was made elsewhere."""
        with self._changed:
            self._total += 1
            self._idle.append(connection)

    def take(self) -> PostgresqlConnection:
        """A connection for the calling thread, which gives it back.

        Raises:
            StoreBusy: all are in use for too long.
            StoreLost: the database does not answer any more.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._idle or self._total < MOST_CONNECTIONS, PATIENCE_S):
                raise StoreBusy("All connections to the database were in use for too long.")
            if self._idle:
                connection = self._idle.pop()
                self._in_use.add(connection)
                return connection
            self._total += 1
        try:
            connection = self._connect()
        except BaseException:
            self._forget(1)
            raise
        with self._changed:
            self._in_use.add(connection)
        return connection

    def give_back(self, connection: PostgresqlConnection) -> None:
        """Keep the connection for the next thread, unless it is no longer of use."""
        with self._changed:
            self._in_use.discard(connection)
            is_outdated = connection in self._outdated
            self._outdated.discard(connection)
        if is_outdated or connection.is_broken or connection.is_in_transaction or self._is_closed:
            connection.close()
            self._forget(1)
            return
        with self._changed:
            self._idle.append(connection)
            self._changed.notify()

    def cancel_in_use(self) -> None:
        """Stop what runs on the connections that are in use."""
        with self._changed:
            in_use = list(self._in_use)
        for connection in in_use:
            connection.cancel()

    def drop_idle(self) -> None:
        """Close what nobody uses: after one connection was lost the others are likely to be lost too."""
        with self._changed:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        self._forget(len(idle))

    def renew(self) -> None:
        """Close what nobody uses, and what is in use now once it is given back.

        For changed tables: a statement that was prepared for a column of another type can no longer be run.
        """
        with self._changed:
            self._outdated |= self._in_use
        self.drop_idle()

    def close(self) -> None:
        """Close what nobody uses now, and the rest when it is given back."""
        self._is_closed = True
        self.drop_idle()

    def _forget(self, count: int) -> None:
        """Make room for new connections."""
        with self._changed:
            self._total -= count
            self._changed.notify(count)
