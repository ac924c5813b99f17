"""Read the number of the last version, and go on counting from a number.

In:        an open session
Out:       `last_version`, `go_on_after`
Not here:  taking numbers (the sessions), which of them are committed (store.deleted_rows)
"""

from __future__ import annotations

from verselet.store.session import Session


def last_version(session: Session) -> int:
    """The largest number that was taken for a version; 0 before the first one. [ET-7]"""
    if session.dialect.name == "sqlite":
        rows = session.run("SELECT value FROM verselet_version WHERE id = 1")
    else:
        rows = session.run("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM verselet_version")
    return int(str(rows[0][0]))


def go_on_after(session: Session, version: int) -> None:
    """The next number is larger than that one. [ET-7]"""
    if session.dialect.name == "sqlite":
        session.run("UPDATE verselet_version SET value = ? WHERE id = 1", (version,))
    elif version:
        session.run("SELECT setval('verselet_version', %s)", (version,))
