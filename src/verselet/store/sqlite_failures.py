"""Say in our words what SQLite says in its own.

In:        errors of apsw
Out:       store.failures, and refusals for the person at the terminal
Not here:  the failures themselves (store.failures, store.refusals)
"""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Final

import apsw

from verselet.errors import OperatorError
from verselet.sql.columns import primary_key_name
from verselet.sql.dialects import quoted
from verselet.store.failures import (
    LayoutChanged,
    StatementStopped,
    StatementTooLarge,
    StoreBusy,
    StoreDamaged,
    StoreFull,
    UniqueViolation,
)
from verselet.store.refusals import damaged, in_use, not_writable

NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
"""What the machine says of a disk, a quota or a file that is full, or of a disk that it keeps from being written."""

UNWRITABLE: Final = frozenset({
    apsw.SQLITE_IOERR_WRITE, apsw.SQLITE_IOERR_TRUNCATE, apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC,
    apsw.SQLITE_IOERR_SHMOPEN, apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_SHMMAP,
})  # fmt: skip
"""What SQLite says when a file cannot be made or grow: nothing is wrong with what is there."""

_FAILED = "UNIQUE constraint failed: "
_TOO_LARGE = re.compile(
    r"nested too deep|Expression tree is too large|parser stack overflow|tables in a join|"
    r"too many (?:terms|columns|SQL variables|arguments|references)"
)
_GONE = re.compile(r"no such (?:table|column): |table \S+ has no column named ")


def failure_of(error: apsw.Error, connection: apsw.Connection) -> Exception:
    """The failure to raise; an error that can only be a fault of ours is returned as it is."""
    said = str(error)
    match error:
        case apsw.ConstraintError() if _FAILED in said:
            return _violation(said.partition(_FAILED)[2], connection)
        case apsw.SQLError() if _GONE.match(said):
            return LayoutChanged(f"The database has no such table or column: {said}.")
        case apsw.SQLError() if _TOO_LARGE.search(said):
            return StatementTooLarge(f"The database refuses a statement of so many parts: {said}.")
        case apsw.InterruptError():
            return StatementStopped("The statement was stopped.")
        case apsw.BusyError() | apsw.LockedError():
            return StoreBusy("Another process was writing for too long.")
        case apsw.FullError():
            return StoreFull()
        case apsw.IOError() if connection.system_errno in NO_ROOM:
            return StoreFull(os.strerror(connection.system_errno).lower())
        case apsw.CorruptError() | apsw.NotADBError() | apsw.IOError() | apsw.CantOpenError():
            return StoreDamaged(f"The database cannot be read or written: {said}.")
        case _:
            return error


def refusal_of(error: apsw.Error, path: Path | None) -> OperatorError:
    """Why the file cannot be opened."""
    place = path or Path(":memory:")
    match error:
        case apsw.BusyError() | apsw.LockedError():
            return in_use(str(place))
        case apsw.IOError() if getattr(error, "extendedresult", 0) in UNWRITABLE:
            return not_writable(place, str(error))
        case apsw.CantOpenError() | apsw.ReadOnlyError() | apsw.PermissionsError() | apsw.FullError():
            return not_writable(place, str(error))
        case _:
            return damaged(str(place), str(error))


def _violation(columns: str, connection: apsw.Connection) -> UniqueViolation:
    """SQLite names the columns (`t.a, t.b`), not the index: ask which index has them."""
    pairs = [name.partition(".") for name in columns.split(", ")]
    table, wanted = pairs[0][0], [column for _, _, column in pairs]
    for _, name, unique, origin, *_ in connection.execute(f"PRAGMA index_list({quoted(table)})").fetchall():
        found = connection.execute(f"PRAGMA index_info({quoted(str(name))})").fetchall()
        if unique and [column for _, _, column in found] == wanted:
            return UniqueViolation(primary_key_name(table) if origin == "pk" else str(name), table)
    return UniqueViolation("", table)
