"""Open an empty place for rows that come from elsewhere, all at once.

In:        a URL or a folder
Out:       `landing`: a session on a transaction; what it writes is there when it ends well, and otherwise nothing is
Not here:  what is written (store.carrying)

A file is filled under another name, without a journal, which nobody needs of a file that would be thrown away, and gets
its name when the disk has it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import apsw

from verselet.settings import database_file, is_in_memory
from verselet.store.engine import open_store
from verselet.store.refusals import is_no_directory, not_empty, not_writable
from verselet.store.session import Session
from verselet.store.sqlite_connection import connect
from verselet.store.sqlite_failures import refusal_of
from verselet.store.sqlite_session import SqliteSession
from verselet.store.watch import Patience, Watch

if sys.platform != "win32":
    from fcntl import LOCK_EX, LOCK_NB, flock

_FILLING: Final = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -64000",  # 64 MB: keys come in any order
    "PRAGMA temp_store = 1",  # a file: whatever an index has to sort is not held in memory
)


@contextmanager
def landing(url: str | None, directory: Path | None) -> Iterator[Session]:
    """A transaction on an empty place, which lasts until the end or leaves nothing behind.

    Raises:
        OperatorError: there is a database in the folder already, or nothing can be written there.
    """
    assert not is_in_memory(url, directory)
    path = database_file(url, directory)
    if path is not None:
        with _file(path) as session:
            yield session
        return
    store = open_store(url, statement_limit_s=0)
    try:
        with store.begin() as session:
            yield session
    finally:
        store.close()


@contextmanager
def _file(path: Path) -> Iterator[Session]:
    unfinished = path.with_name(f"{path.name}-copying")
    leave = _enter(path, unfinished)
    try:
        with closing(_opened(unfinished)) as connection:
            session = SqliteSession(connection, Watch(connection, Patience(0)))
            session.begin()
            yield session
            session.run("COMMIT")
        if path.exists():
            raise not_empty(f"{path} has come meanwhile")
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
        leave()


def _opened(path: Path) -> apsw.Connection:
    try:
        connection = connect(path, read_only=False)
        for pragma in _FILLING:
            connection.execute(pragma)
    except apsw.Error as error:
        raise refusal_of(error, path) from error
    return connection


def _enter(path: Path, unfinished: Path) -> Callable[[], None]:
    """Take the place, and give it back by what this returns. What a copy left there that was killed is gone."""
    if path.exists():
        raise not_empty(f"{path} is there already")
    if path.parent.exists() and not path.parent.is_dir():
        raise is_no_directory(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(unfinished, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise not_writable(path.parent, error.strerror or str(error)) from error
    if not _is_ours(file):
        os.close(file)
        raise not_empty(f"another copy is at work on {unfinished}")
    os.ftruncate(file, 0)
    if sys.platform == "win32":
        # A file that is open gets no other name there, nor does a lock need it.
        os.close(file)
        return lambda: None
    return lambda: os.close(file)


def _is_ours(file: int) -> bool:
    """Nobody else copies there; who does holds a lock, which goes with the process."""
    if sys.platform == "win32":  # It has no such locks.
        return True
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True
