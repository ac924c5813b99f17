"""Write the statements that build tables, indexes and views.

In:        store.layout.Changes
Out:       SQL text
Not here:  what must change (store.layout), running it (store.preparation)
"""

from __future__ import annotations

from collections.abc import Iterator

from verselet.sql.columns import StoredColumn, primary_key_name
from verselet.sql.dialects import Dialect, quoted
from verselet.store.layout import Changes, Generated, IndexLayout, Rescaled, Source, TableLayout, ViewLayout


def statements_before_indexes(changes: Changes, dialect: Dialect) -> Iterator[str]:
    """What makes room: views and indexes that are no longer right go, tables and columns come."""
    yield from (f"DROP VIEW {quoted(name)}" for name in changes.old_views)
    yield from (f"DROP INDEX {quoted(name)}" for name in changes.old_indexes)
    yield from (f"DROP TABLE {quoted(name)}" for name in changes.gone_tables)
    for table, name in (*changes.regenerated, *changes.gone_columns):
        yield f"ALTER TABLE {quoted(table)} DROP COLUMN {quoted(name)}"
    yield from (create_table(name, table, dialect) for name, table in changes.new_tables.items())
    for table, column, way in changes.new_columns:
        yield f"ALTER TABLE {quoted(table)} ADD COLUMN {_column(column, dialect, way)}"
    if dialect.name == "sqlite":
        for change in changes.rescaled:
            yield rescale(change)
            yield rescale_kept(change)


def create_table(name: str, table: TableLayout, dialect: Dialect) -> str:
    """A table. The primary key's index is named, so that a violation of it can be told from others."""
    columns = ",".join(
        f"{_column(column, dialect)} NOT NULL"
        if column.name == table.primary_key
        else _column(column, dialect, table.generated.get(column.name))
        for column in table.columns
    )
    key = f"CONSTRAINT {quoted(primary_key_name(name))} PRIMARY KEY ({quoted(table.primary_key)})"
    return f"CREATE TABLE {quoted(name)} ({columns},{key})"


def create_index(name: str, index: IndexLayout, dialect: Dialect) -> str:
    """An index; what is folded is written as questions write it, or PostgreSQL would not see that it helps. [F-3]"""
    folds = dialect.name == "postgresql" and index.folded
    columns = ",".join(
        f'lower({quoted(column.name)}) COLLATE "C" NULLS FIRST'
        if folds and column.kind == "text"
        else quoted(column.name)
        for column in index.columns
    )
    unique = "UNIQUE " if index.unique else ""
    return f"CREATE {unique}INDEX {quoted(name)} ON {quoted(index.table)} ({columns})"


def create_view(name: str, view: ViewLayout, dialect: Dialect) -> str:
    """A view over the rows of several tables."""
    parts = " UNION ALL ".join(
        f"SELECT {_sources(view.columns, part.sources, dialect)} FROM {quoted(part.table)}" for part in view.parts
    )
    return f"CREATE VIEW {quoted(name)} AS {parts}"


def rescale(change: Rescaled) -> str:
    """Move the point of stored whole numbers."""
    column = quoted(change.column.name)
    return f"UPDATE {quoted(change.table)} SET {column} = {column} * {_factor(change)} WHERE {column} IS NOT NULL"


def rescale_kept(change: Rescaled) -> str:
    """The same for rows in the recycle bin."""
    path, table = f"'$.\"{change.column.name}\"'", change.table.replace("'", "''")
    value = f"content ->> {path}"
    return (
        f"UPDATE verselet_bin SET content = json_set(content, {path}, ({value}) * {_factor(change)}) "
        f"WHERE table_name = '{table}' AND {value} IS NOT NULL"
    )


def rows_too_large(change: Rescaled) -> str:
    """Whether moving the point would overflow some row."""
    limit = (2**63 - 1) // _factor(change)
    column = quoted(change.column.name)
    return f"SELECT 1 FROM {quoted(change.table)} WHERE {column} NOT BETWEEN -{limit} AND {limit} LIMIT 1"


def _factor(change: Rescaled) -> int:
    return int(10 ** (change.column.scale - change.old_scale))


def _column(column: StoredColumn, dialect: Dialect, way: Generated | None = None) -> str:
    """A column, and how it is worked out. SQLite can add only those that it works out when they are read."""
    plain = f"{quoted(column.name)} {dialect.types[column.kind]}"
    if way is None:
        return plain
    text, kept = (way.sqlite, "VIRTUAL") if dialect.name == "sqlite" else (way.postgresql, "STORED")
    return f"{plain} GENERATED ALWAYS AS ({text}) {kept}"


def _sources(columns: tuple[StoredColumn, ...], sources: tuple[Source, ...], dialect: Dialect) -> str:
    """The select list of one part of a view."""
    return ",".join(
        f"{_source(column, source, dialect)} AS {quoted(column.name)}"
        for column, source in zip(columns, sources, strict=True)
    )


def _source(column: StoredColumn, source: Source, dialect: Dialect) -> str:
    """One value of a view; nothing and constants say their type, so that all parts agree on it."""
    if source.column is not None:
        return quoted(source.column)
    # Also what is null must say that it ignores letter case: a view compares as its first part does. [F-3]
    plain, _, collation = dialect.types[column.kind].partition(" COLLATE ")
    text = "NULL" if source.constant is None else "'" + source.constant.replace("'", "''") + "'"
    if source.beside is not None:
        text = f"CASE WHEN {quoted(source.beside)} IS NOT NULL THEN {text} END"
    cast = f"CAST({text} AS {plain})"
    return f"{cast} COLLATE {collation}" if collation else cast
