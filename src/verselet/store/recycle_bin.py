"""Keep deleted rows, find them, and take them out for good or for their return.

In:        an open session, rows that are about to go, groups of rows that went together
Out:       rows in and out of the bin; their stored values
Not here:  which tables have a bin (operations.rules.keeping), what a return takes (operations.restore)

A group is what one deletion took along; its id is that of the row that tells clients about it. [BIN-5]
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from verselet.metadata.tables import Table
from verselet.sql.bin import BIN, bin_source, content_of
from verselet.sql.dialects import quoted
from verselet.sql.write import listed, stored_names
from verselet.store.session import Session
from verselet.values import Stored

CONFIG = "recyclebinconfig"
REFERENCES = "deleteditemreference"


class Group(msgspec.Struct, frozen=True):
    """What one deletion takes along: its id, the row it was about, and when."""

    id: str
    table: str
    row_id: str
    at: str


def bin_settings(session: Session) -> list[tuple[str, int | None, int | None]]:
    """Name, days and state of every setting there is. [BIN-1]"""
    rows = session.run(f"SELECT name, cleanupintervalindays, statecode FROM {CONFIG}")
    return [
        (str(name or ""), days if isinstance(days, int) else None, state if isinstance(state, int) else None)
        for name, days, state in rows
    ]


def keep_rows(session: Session, table: Table, ids_as_json: str, group: Group) -> None:
    """Put rows that are about to go into the bin; a copy that is there already stays. [BIN-3], [BIN-4]"""
    mark, dialect = session.dialect.placeholder, session.dialect
    key = f"gone.{quoted(table.primary_id)}"
    text = f"({key})::text" if dialect.name == "postgresql" else key
    top = f"{text} = {mark}" if table.name == group.table else f"{dialect.false} = {dialect.true} AND {mark} = ''"
    session.run(
        f"INSERT INTO {BIN} (table_name, row_id, group_id, is_top, deleted_at, content) "
        f"SELECT {mark}, {text}, {mark}, {top}, {mark}, {content_of(table, dialect)} FROM {quoted(table.name)} gone "
        f"WHERE {key} {listed(dialect, 'uuid')} ON CONFLICT (table_name, row_id) DO NOTHING",
        (table.name, group.id, group.row_id, group.at, ids_as_json),
    )


def is_kept(session: Session, table: str, row_id: str) -> bool:
    """The row is in the bin, however it came there."""
    mark = session.dialect.placeholder
    return bool(session.run(f"SELECT 1 FROM {BIN} WHERE table_name = {mark} AND row_id = {mark}", (table, row_id)))


def group_of(session: Session, table: str, row_id: str) -> str | None:
    """The group of the row that the deletion was about; None for rows that went along or are not there. [BIN-12]"""
    mark = session.dialect.placeholder
    rows = session.run(
        f"SELECT group_id FROM {BIN} WHERE table_name = {mark} AND row_id = {mark} AND is_top = {session.dialect.true}",
        (table, row_id),
    )
    return str(rows[0][0]) if rows else None


def tables_of_group(session: Session, group_id: str) -> list[str]:
    """The tables whose rows belong to a group."""
    mark = session.dialect.placeholder
    found = session.run(f"SELECT DISTINCT table_name FROM {BIN} WHERE group_id = {mark} ORDER BY 1", (group_id,))
    return [str(row[0]) for row in found]


def ids_of_group(session: Session, group_id: str, table: str) -> list[str]:
    """The rows of one table that belong to a group."""
    mark = session.dialect.placeholder
    text = f"SELECT row_id FROM {BIN} WHERE group_id = {mark} AND table_name = {mark} ORDER BY 1"
    return [str(row[0]) for row in session.run(text, (group_id, table))]


def kept_values(
    session: Session, table: Table, columns: tuple[str, ...], group_id: str
) -> Sequence[tuple[Stored, ...]]:
    """The stored values of those columns of the rows of one table in a group."""
    names = ", ".join([quoted(name) for name in stored_names(table, columns)])
    source = bin_source(table, session.dialect, f"kept.group_id = {session.dialect.placeholder}")
    return session.run(f"SELECT {names} FROM {source} was ORDER BY {quoted(table.primary_id)}", (group_id,))


def tops_before(session: Session, before: str) -> list[tuple[str, str, str]]:
    """Group, table and time of what was deleted before a time. [BIN-8]"""
    mark = session.dialect.placeholder
    text = (
        f"SELECT group_id, table_name, deleted_at FROM {BIN} "
        f"WHERE deleted_at < {mark} AND is_top = {session.dialect.true} ORDER BY deleted_at, group_id"
    )
    return [(str(group), str(table), str(at)) for group, table, at in session.run(text, (before,))]


def forget_group(session: Session, group_id: str) -> None:
    """Take the rows of a group out of the bin."""
    session.run(f"DELETE FROM {BIN} WHERE group_id = {session.dialect.placeholder}", (group_id,))


def forget_kept_of(session: Session, table: str) -> None:
    """Forget the deleted rows of a table that goes."""
    session.run(f"DELETE FROM {BIN} WHERE table_name = {session.dialect.placeholder}", (table,))


def forget_kept_values(session: Session, table: str, columns: Sequence[str]) -> None:
    """Forget what deleted rows held in columns that go: their names may come again with values of another kind."""
    mark = session.dialect.placeholder
    for column in columns:
        if session.dialect.name == "sqlite":
            changed, value = f"json_remove(content, {mark})", f'$."{column}"'
        else:
            changed, value = f"content - {mark}::text", column
        session.run(f"UPDATE {BIN} SET content = {changed} WHERE table_name = {mark}", (value, table))
