"""Remember which rows were deleted, for clients that follow the changes of a table.

In:        an open session, the ids of rows that go
Out:       `remember_deleted`, `deleted_rows`, `count_deleted`, `versions_seen`, and how traces are forgotten
Not here:  which tables are followed (operations.tracking), rows that are there (sql.select)
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from verselet.metadata.tables import Table
from verselet.sql.dialects import quoted
from verselet.store.session import Session


def remember_deleted(session: Session, table: str, ids: Sequence[str], first_version: int, at: str) -> None:
    """Note rows of one table under versions of their own, from the first on. [DT-3]"""
    mark = session.dialect.placeholder
    if session.dialect.name == "sqlite":
        each, version = f"json_each({mark})", "value->>1"
    else:
        each, version = f"jsonb_array_elements({mark}::jsonb) AS value", "(value->>1)::bigint"
    listed = msgspec.json.encode([(row_id, first_version + number) for number, row_id in enumerate(ids)]).decode()
    session.run(
        "INSERT INTO verselet_deleted (table_name, row_id, version, deleted_at) "
        f"SELECT {mark}, value->>0, {version}, {mark} FROM {each} WHERE true "
        # A row can be made again under its old id, and deleted again: its last end counts.
        "ON CONFLICT (table_name, row_id) DO UPDATE SET version = excluded.version, deleted_at = excluded.deleted_at",
        (table, at, listed),
    )


def forget_deleted(session: Session, before: str) -> None:
    """Forget rows that were deleted before a time: nobody can ask for them any more. [DT-6]"""
    session.run(f"DELETE FROM verselet_deleted WHERE deleted_at < {session.dialect.placeholder}", (before,))


def forget_deleted_of(session: Session, table: str) -> None:
    """Forget the rows of a table that goes."""
    session.run(f"DELETE FROM verselet_deleted WHERE table_name = {session.dialect.placeholder}", (table,))


def deleted_rows(session: Session, table: Table, *, after: int, up_to: int, limit: int) -> tuple[tuple[int, str], ...]:
    """Version and id of rows deleted after one version and up to another, in that order; none that is back. [DT-7]"""
    marks = session.dialect.placeholder
    rows = session.run(
        f"SELECT version, row_id FROM verselet_deleted WHERE {_gone(session, table)} ORDER BY version LIMIT {marks}",
        (table.name, after, up_to, limit),
    )
    return tuple([(int(str(version)), str(row_id)) for version, row_id in rows])


def count_deleted(session: Session, table: Table, *, after: int) -> int:
    """How many rows were deleted after a version and are not back."""
    rows = session.run(
        f"SELECT count(*) FROM verselet_deleted WHERE {_gone(session, table)}", (table.name, after, 2**63 - 1)
    )
    return int(str(rows[0][0]))


def versions_seen(session: Session) -> int:
    """The version up to which everything that was written is committed. [DT-2]

    What commits later has a larger one, so who asks for changes after this version misses nothing.
    """
    if session.dialect.name == "postgresql":
        rows = session.run("SELECT verselet_versions_seen()")
    else:
        rows = session.run("SELECT value FROM verselet_version WHERE id = 1")
    return int(str(rows[0][0]))


def _gone(session: Session, table: Table) -> str:
    """The condition on deleted rows; takes the table's name, the version after which, and the last one."""
    mark = session.dialect.placeholder
    row_id = "row_id::uuid" if session.dialect.name == "postgresql" else "row_id"
    return (
        f"table_name = {mark} AND version > {mark} AND version <= {mark} "
        f"AND NOT EXISTS (SELECT 1 FROM {quoted(table.name)} WHERE {quoted(table.primary_id)} = {row_id})"
    )
