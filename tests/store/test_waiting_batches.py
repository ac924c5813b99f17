"""A statement that waits for another transaction holds up nobody but who sent it. [E-21]"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from verselet.store.postgresql_connection import PostgresqlConnection

LIMIT_MS = 20_000
"""The database ends a wait that only another thread of this process could have ended."""

LOCK = 7
WAITING = "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def connections(postgresql_url: str) -> Iterator[tuple[PostgresqlConnection, PostgresqlConnection]]:
    """Two connections to one database."""
    with (
        closing(PostgresqlConnection(postgresql_url, LIMIT_MS)) as holding,
        closing(PostgresqlConnection(postgresql_url, LIMIT_MS)) as waiting,
    ):
        yield holding, waiting


def test_a_batch_waits_for_a_lock_while_the_thread_that_holds_it_goes_on_and_lets_it_go(
    connections: tuple[PostgresqlConnection, PostgresqlConnection],
) -> None:
    """Nothing but time would end the wait of a process whose threads all wait for the one that waits."""
    holding, waiting = connections
    holding.run("SELECT pg_advisory_lock(%s)", (LOCK,))
    with ThreadPoolExecutor(1) as pool:
        batch = pool.submit(waiting.run_many, "SELECT pg_advisory_lock(%s)", [(LOCK,), (LOCK,)])
        while holding.run(WAITING) != [("1",)]:
            assert not batch.done()
        holding.run("SELECT pg_advisory_unlock(%s)", (LOCK,))
        batch.result()

    assert 2 == waiting.row_count


def test_a_batch_larger_than_all_buffers_waits_likewise(
    connections: tuple[PostgresqlConnection, PostgresqlConnection],
) -> None:
    """What cannot be sent as long as the first statement waits is sent without holding up other threads."""
    holding, waiting = connections
    holding.run("SELECT pg_advisory_lock(%s)", (LOCK,))
    long = "x" * 400_000
    with ThreadPoolExecutor(1) as pool:
        rows = [(LOCK, long)] * 50
        batch = pool.submit(waiting.run_many, "SELECT pg_advisory_lock(%s), length(%s)", rows)
        while holding.run(WAITING) != [("1",)]:
            assert not batch.done()
        holding.run("SELECT pg_advisory_unlock(%s)", (LOCK,))
        batch.result()

    assert 50 == waiting.row_count
