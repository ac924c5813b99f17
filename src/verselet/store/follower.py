"""Hear of what other processes change in a database of PostgreSQL.

In:        what connects, and what to tell
Out:       `Follower`: a thread that listens
Not here:  what is told (store.generations), who tells it (store.postgresql)

A notification comes as soon as the other transaction is committed. Should one be lost with the connection, the look
each second finds what it was about.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from verselet.store.failures import StoreFailure
from verselet.store.generations import LOOK_EACH_S, READ, Known, generations_of
from verselet.store.postgresql_connection import PostgresqlConnection

CHANNEL = "verselet_generation"
"""Notifications come here; they say nothing but that there is something to look at."""


class Follower:
    """The thread, and the one connection it listens on."""

    def __init__(self, connect: Callable[[], PostgresqlConnection], known: Known) -> None:
        self._connect = connect
        self._known = known
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="verselet-follower", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no longer."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except StoreFailure:
                # The database is gone for a moment; requests that need it say so themselves.
                self._stopping.wait(LOOK_EACH_S)

    def _listen(self) -> None:
        connection = self._connect()
        try:
            connection.run_script(f"LISTEN {CHANNEL}")
            while not self._stopping.is_set():
                self._known.learn(generations_of(connection.run(READ)))
                connection.wait_for_notification(LOOK_EACH_S)
        finally:
            connection.close()
