"""Open an empty place for rows that come from elsewhere, all at once.

In:        a URL or a folder
Out:       `landing`: a session on a transaction; what it writes is there when it ends well, and otherwise nothing is
Not here:  what is written (store.carrying)

A file is filled under another name, without a journal, which nobody needs of a file that would be thrown away, and gets
its name when the disk has it.
"""

from __future__ import annotations

from collections.abc import Iterator
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

_FILLING: Final = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -64000",  # 64 MB: keys come in any order
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
    _begin(path, unfinished)
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


def _opened(path: Path) -> apsw.Connection:
    try:
        connection = connect(path, read_only=False)
        for pragma in _FILLING:
            connection.execute(pragma)
    except apsw.Error as error:
        raise refusal_of(error, path) from error
    return connection


def _begin(path: Path, unfinished: Path) -> None:
    """Take the place: nobody else copies there now."""
    if path.exists():
        raise not_empty(f"{path} is there already")
    if path.parent.exists() and not path.parent.is_dir():
        raise is_no_directory(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.touch(exist_ok=False)
    except FileExistsError:
        raise not_empty(f"{unfinished} is there: another copy is at work, or one was killed and left it") from None
    except OSError as error:
        raise not_writable(path.parent, error.strerror or str(error)) from error
