"""Copy a database of SQLite while others read and write it.

In:        the file, where the copy goes
Out:       `save`: a copy of one moment; `check`: whether a copy is whole
Not here:  what else belongs to an organization (organization.backups), PostgreSQL, which has tools of its own
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import apsw

from verselet.store.refusals import damaged
from verselet.store.sqlite_connection import connect
from verselet.store.sqlite_failures import refusal_of
from verselet.store.turnstile import turn_at

PAGES_AT_ONCE: Final = 2_000


def save(path: Path, target: Path, at_that_moment: Callable[[], None], progress: Callable[[int, int], None]) -> None:
    """Copy the database as it is at one moment.

    Args:
        path: the file; it may be in use.
        target: the new file.
        at_that_moment: called while nobody writes; what it notes belongs to the copy. Writers wait for it.
        progress: told how many of how many pages are copied.

    Raises:
        OperatorError: one of the files cannot be opened, or is no database.
    """
    try:
        with closing(connect(path, read_only=False)) as writer, closing(connect(path, read_only=True)) as reader:
            with turn_at(path):
                writer.execute("BEGIN IMMEDIATE")
                at_that_moment()
                # What this transaction sees it sees until it ends, whatever others write meanwhile.
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM sqlite_schema").fetchall()
                writer.execute("ROLLBACK")
            _copy(reader, target, progress)
    except apsw.Error as error:
        raise refusal_of(error, path) from error
    check(target)


def check(path: Path) -> None:
    """See that a database is whole.

    Raises:
        OperatorError: it is not.
    """
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
    except apsw.Error as error:
        raise refusal_of(error, path) from error
    if found != ["ok"]:
        raise damaged(str(path), found[0])


def _copy(reader: apsw.Connection, target: Path, progress: Callable[[int, int], None]) -> None:
    with closing(apsw.Connection(str(target))) as copy:
        with copy.backup("main", reader, "main") as backup:
            while not backup.done:
                backup.step(PAGES_AT_ONCE)
                progress(backup.page_count - backup.remaining, backup.page_count)
        # One file, and nothing beside it that could be forgotten.
        copy.execute("PRAGMA journal_mode = DELETE")
