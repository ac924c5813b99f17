"""What breaks outside is said by name, and the store goes on afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT
from tests.store.rows import add, ids, in_another_thread, insert_text, row_id
from tests.store.tables import SAMPLE, SCHEMA
from verselet.settings import FILE_NAME
from verselet.store.engine import Store, open_store
from verselet.store.postgresql_connection import MOST_PREPARED
from verselet.store.session import (
    StatementStopped,
    StatementTooLarge,
    StoreFailure,
    StoreFull,
    StoreLost,
    UniqueViolation,
)

KILLED = """
import os, sys
from pathlib import Path
from verselet.store.engine import open_store

store = open_store(None, directory=Path(sys.argv[1]))
with store.begin() as session:
    session.run("INSERT INTO sample (sampleid) VALUES ('kept')")
with store.begin() as session:
    session.run("INSERT INTO sample (sampleid) VALUES ('lost')")
    os.kill(os.getpid(), 9)
"""


def test_a_kill_before_the_commit_leaves_nothing(tmp_path: Path) -> None:
    """What was committed survives the process, what was not is gone."""
    store = open_store(None, directory=tmp_path)
    store.prepare_schema(SCHEMA)
    store.close()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], env={"PYTHONPATH": str(ROOT / "src")}, check=False
    )
    again = open_store(None, directory=tmp_path)

    assert -9 == killed.returncode
    assert [("kept",)] == again.fetch('SELECT "sampleid" FROM "sample"', ())
    again.close()


def test_a_full_disk_undoes_the_transaction(tmp_path: Path) -> None:
    """Where there is no room the transaction fails by name, and the store goes on with what it has."""
    store = open_store(f"sqlite:///{tmp_path / FILE_NAME}")
    store.prepare_schema(SCHEMA)
    with store.begin() as session:
        add(session, 1)
        session.run(f"PRAGMA max_page_count = {session.run('PRAGMA page_count')[0][0]!r}")

    def fill(store: Store) -> None:
        with store.begin() as session, session.savepoint():
            for number in range(2, 200):
                add(session, number, "x" * 1000)

    with pytest.raises(StoreFull):
        fill(store)

    assert [row_id(1)] == ids(store, SAMPLE)
    store.close()


def test_a_statement_of_too_many_parts_is_a_failure_by_name(store: Store) -> None:
    """No database takes statements of any size, and it is no fault of ours if somebody asks for that much."""
    with pytest.raises(StatementTooLarge):
        store.fetch(f"SELECT {', '.join(['1'] * 3_000)}", ())
    assert [(1,)] == store.fetch("SELECT 1", ())


@pytest.mark.postgresql
def test_a_statement_that_takes_too_long_is_stopped(postgresql_url: str) -> None:
    """A limit of the database's own ends a statement by name, and the connection is of use afterwards."""
    store = open_store(postgresql_url)

    def dawdle() -> None:
        with store.begin() as session:
            session.run_script("SET LOCAL statement_timeout = '5ms'")
            session.run("SELECT pg_sleep(10)")

    with pytest.raises(StatementStopped):
        dawdle()

    assert [(1,)] == store.fetch("SELECT 1", ())
    store.close()


@pytest.mark.postgresql
def test_a_lost_connection_is_replaced(postgresql_url: str) -> None:
    """Whoever cuts all connections disturbs only the transactions that are open."""
    store, other = open_store(postgresql_url), open_store(postgresql_url)
    cut = (
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )

    def be_cut_off() -> None:
        with store.begin() as session:
            in_another_thread(lambda: other.fetch(cut, ()))
            session.run("SELECT 1")

    other.fetch(cut, ())
    assert [(1,)] == store.fetch("SELECT 1", ())

    other.fetch(cut, ())
    with store.begin() as session:
        assert [(1,)] == session.run("SELECT 1")

    with pytest.raises(StoreLost):
        be_cut_off()
    assert [(1,)] == store.fetch("SELECT 1", ())
    store.close()
    other.close()


@pytest.mark.postgresql
def test_a_failed_statement_without_a_savepoint_cannot_be_committed(postgresql_url: str) -> None:
    """PostgreSQL calls such a commit a success although it rolls back; we say what happened."""
    store = open_store(postgresql_url)

    def swallow_a_violation() -> None:
        with store.begin() as session:
            session.run_script("CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1)")
            with pytest.raises(UniqueViolation):
                session.run("INSERT INTO t VALUES (1)")

    with pytest.raises(StoreFailure, match="nothing of it is stored"):
        swallow_a_violation()

    assert [(None,)] == store.fetch("SELECT to_regclass('t')::text", ())
    store.close()


@pytest.mark.postgresql
def test_a_bulk_write_is_prepared_once(postgresql_url: str) -> None:
    """Which values are missing, or how large they are, does not make another statement of it."""
    store = open_store(postgresql_url)
    store.prepare_schema(SCHEMA)
    rows = [
        (row_id(number), number if number % 2 else None, None if number % 3 else number * 2**31)
        for number in range(300)
    ]
    with store.begin() as session:
        session.run_many(insert_text(session, SAMPLE, ["sampleid", "integer", "bigint"]), rows)
        prepared = session.run(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO \"sample\"%%'"
        )

    assert rows == store.fetch('SELECT "sampleid", "integer", "bigint" FROM "sample" ORDER BY 1', ())
    assert [(1,)] == prepared
    store.close()


@pytest.mark.postgresql
def test_a_connection_forgets_statements_in_time(postgresql_url: str) -> None:
    """However many statements there are, the server keeps a bounded number of plans, and all of them work."""
    store = open_store(postgresql_url)
    wanted = range(MOST_PREPARED + 10)

    assert [[(number,)] for number in wanted] == [store.fetch(f"SELECT {number}", ()) for number in wanted]
    assert [(True,)] == store.fetch(f"SELECT count(*) < {MOST_PREPARED} FROM pg_prepared_statements", ())
    assert [(1,)] == store.fetch("SELECT 1", ())
    store.close()
