"""The log of a SQLite file is written back beside the commits, not within them. (performance.md §7)"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from verselet.store.checkpoints import Checkpoints
from verselet.store.sqlite_connection import connect

ROWS = 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is."""
    return tmp_path / "rows.db"


@pytest.fixture
def writer(path: Path) -> Iterator[apsw.Connection]:
    """A connection with a table to write to."""
    connection = connect(path, read_only=False)
    connection.execute("CREATE TABLE t (v TEXT)")
    yield connection
    connection.close()


def write(connection: apsw.Connection) -> None:
    """Some commits, each of more than a page."""
    for _ in range(ROWS):
        connection.execute("INSERT INTO t VALUES (?)", ("x" * 5000,))


def rows_in_file(path: Path) -> int:
    """How many rows there are without the log."""
    alone = path.with_name("alone.db")
    shutil.copy(path, alone)
    connection = apsw.Connection(str(alone))
    found: int = connection.execute("SELECT count(*) FROM t").get
    connection.close()
    return found


def log_size(path: Path) -> int:
    """The bytes of the log."""
    return path.with_name(f"{path.name}-wal").stat().st_size


def test_a_log_that_is_too_long_is_written_back(path: Path, writer: apsw.Connection) -> None:
    """By another thread than the one that commits."""
    checkpoints = Checkpoints(path, pages=20)
    threads: set[str] = set()
    writer.set_profile(lambda *_: threads.add(threading.current_thread().name))
    writer.set_wal_hook(checkpoints.note)
    write(writer)
    checkpoints.close()

    assert {threading.current_thread().name} == threads
    assert 10 < rows_in_file(path) <= ROWS


def test_a_short_log_is_left_alone(path: Path, writer: apsw.Connection) -> None:
    """Each checkpoint waits for the disk."""
    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    checkpoints = Checkpoints(path, pages=10_000)
    writer.set_wal_hook(checkpoints.note)
    write(writer)
    checkpoints.close()

    assert 0 == rows_in_file(path)


def test_a_log_that_is_much_too_long_begins_anew(path: Path, writer: apsw.Connection) -> None:
    """Under steady writing it would grow for ever; here nobody writes meanwhile, who could put it off."""
    checkpoints = Checkpoints(path, pages=20, most_pages=20)
    write(writer)
    writer.set_wal_hook(checkpoints.note)
    writer.execute("INSERT INTO t VALUES ('the last')")
    checkpoints.close()
    writer.set_wal_hook(None)
    before = log_size(path)
    write(writer)

    assert before == log_size(path)


def test_a_reader_that_is_in_the_way_stops_nothing(path: Path, writer: apsw.Connection) -> None:
    """What cannot be written back now is so later."""
    reader = connect(path, read_only=True)
    reader.execute("BEGIN")
    assert 0 == reader.execute("SELECT count(*) FROM t").get
    checkpoints = Checkpoints(path, pages=20, most_pages=20)
    writer.set_wal_hook(checkpoints.note)
    write(writer)
    checkpoints.close()

    assert 0 == reader.execute("SELECT count(*) FROM t").get
    assert ROWS == writer.execute("SELECT count(*) FROM t").get
    reader.close()
