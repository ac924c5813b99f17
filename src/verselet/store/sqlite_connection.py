"""Open connections to SQLite, all with the same settings.

In:        the path of the file, or none
Out:       `connect`, and how long a connection waits
Not here:  who uses which connection when (store.sqlite)
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from pathlib import Path

import apsw

from verselet.query.calendar import local_time

PATIENCE_S = 30.0
"""How long a writer waits for those before it."""

_EVERYWHERE = (
    "PRAGMA cache_size = -16000",  # 16 MB
    "PRAGMA temp_store = 2",
    "PRAGMA foreign_keys = 0",  # cascades are messages, not constraints
)
_IN_A_FILE = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # what was answered is on the disk
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA mmap_size = 1073741824",
)


def _base64(*given: apsw.SQLiteValue) -> str | None:
    """Bytes as JSON takes them; nothing for nothing. [T-18]"""
    (content,) = given
    return b2a_base64(content, newline=False).decode() if isinstance(content, bytes) else None


def _mask(*given: apsw.SQLiteValue) -> str | None:
    """A text with a sign in the place of whatever fits a pattern; nothing for nothing. [SEC-108]"""
    text, pattern, sign = given
    return None if text is None else re.sub(str(pattern), lambda _: str(sign), str(text))


def _local_time(*given: apsw.SQLiteValue) -> str | None:
    """A stored point in time as clocks show it in a zone; nothing for nothing. [FX-39]"""
    stored, zone = given
    return local_time(str(stored), str(zone)) if stored is not None else None


def connect(path: Path | None, *, read_only: bool) -> apsw.Connection:
    """A connection with our settings.

    Raises:
        apsw.Error: the file cannot be opened, or is no database.
    """
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    name = ":memory:" if path is None else str(path)
    connection = apsw.Connection(name, flags=flags, statementcachesize=2000)
    connection.set_busy_timeout(int(PATIENCE_S * 1000))
    # A name that is misspelt and quoted must be an error, not a text.
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    # A value that SQLite would look into for its plan makes it prepare the statement anew each time one is bound.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    connection.create_scalar_function("verselet_base64", _base64, 1, deterministic=True)
    connection.create_scalar_function("verselet_mask", _mask, 3, deterministic=True)
    connection.create_scalar_function("verselet_local_time", _local_time, 2, deterministic=True)
    for pragma in _EVERYWHERE if path is None else (*_EVERYWHERE, *_IN_A_FILE):
        connection.execute(pragma)
    return connection
