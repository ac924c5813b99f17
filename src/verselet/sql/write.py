"""Write inserts, updates and deletes.

In:        a table, the names of the columns that get values, a dialect
Out:       SQL text whose placeholders are in the order of the stored columns
Not here:  the values (store.codecs), running (store.session)
"""

from __future__ import annotations

from functools import lru_cache

from verselet.metadata.tables import Table
from verselet.sql.columns import stored_columns
from verselet.sql.dialects import Dialect, quoted


@lru_cache(maxsize=4096)
def insert_sql(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    """Insert one row with values for those columns."""
    names = stored_names(table, columns)
    places = ", ".join([dialect.placeholder] * len(names))
    return f"INSERT INTO {quoted(table.name)} ({', '.join([quoted(name) for name in names])}) VALUES ({places})"


@lru_cache(maxsize=4096)
def update_sql(table: Table, columns: tuple[str, ...], dialect: Dialect, *, versioned: bool) -> str:
    """Change those columns of the row with an id, which is the next value; then its version, if `versioned`."""
    names = stored_names(table, columns)
    changes = ", ".join([f"{quoted(name)} = {dialect.placeholder}" for name in names])
    condition = f"{quoted(table.primary_id)} = {dialect.placeholder}"
    if versioned:
        condition += f" AND {quoted('versionnumber')} = {dialect.placeholder}"
    return f"UPDATE {quoted(table.name)} SET {changes} WHERE {condition}"


@lru_cache(maxsize=1024)
def delete_listed_sql(table: Table, dialect: Dialect) -> str:
    """Delete the rows whose ids are listed in one JSON text."""
    return f"DELETE FROM {quoted(table.name)} WHERE {quoted(table.primary_id)} {listed(dialect, 'uuid')}"


@lru_cache(maxsize=1024)
def clear_listed_sql(table: Table, column: str, dialect: Dialect) -> str:
    """Clear a lookup of the rows whose ids are listed in one JSON text.

    The first value is their new version, where the table has versions.
    """
    changes = [f"{quoted(name)} = NULL" for name in stored_names(table, (column,))]
    if "versionnumber" in table.columns:
        changes.insert(0, f"{quoted('versionnumber')} = {dialect.placeholder}")
    return (
        f"UPDATE {quoted(table.name)} SET {', '.join(changes)} "
        f"WHERE {quoted(table.primary_id)} {listed(dialect, 'uuid')}"
    )


@lru_cache(maxsize=1024)
def present_sql(table: Table, dialect: Dialect) -> str:
    """Which of the ids listed in one JSON text are there."""
    key = quoted(table.primary_id)
    return f"SELECT {key} FROM {quoted(table.name)} WHERE {key} {listed(dialect, 'uuid')}"


@lru_cache(maxsize=4096)
def values_sql(table: Table, columns: tuple[str, ...], by: tuple[str, ...], dialect: Dialect) -> str:
    """The stored values of those columns of the rows with values for the columns `by`."""
    names = ", ".join([quoted(name) for name in stored_names(table, columns)])
    conditions = " AND ".join([_equal(table, name, dialect) for name in by])
    return f"SELECT {names} FROM {quoted(table.name)} WHERE {conditions}"


@lru_cache(maxsize=1024)
def keyed_ids_sql(table: Table, names: tuple[str, ...], dialect: Dialect) -> str:
    """Place and id of the rows whose values in those columns stand at a place of a list that is one JSON text."""
    columns = [stored_columns(table, table.columns[name])[0] for name in names]
    key = f"t.{quoted(table.primary_id)}"
    if dialect.name == "sqlite":
        same = [f"t.{quoted(found.name)} = json_extract(j.value, '$[{at}]')" for at, found in enumerate(columns)]
        # The list comes first: each of its members is looked up in the index of the key.
        source = f"json_each({dialect.placeholder}) AS j CROSS JOIN {quoted(table.name)} AS t"
        return f"SELECT j.key, {key} FROM {source} WHERE {' AND '.join(same)}"
    same = []
    for at, found in enumerate(columns):
        wanted = f"(j.value ->> {at})::{dialect.types[found.kind].partition(' COLLATE ')[0]}"
        own = f"t.{quoted(found.name)}"
        same.append(f"lower({own}) = lower({wanted})" if found.kind == "text" else f"{own} = {wanted}")
    source = f"jsonb_array_elements({dialect.placeholder}::jsonb) WITH ORDINALITY AS j(value, place)"
    return f"SELECT (j.place - 1)::int, {key} FROM {source} JOIN {quoted(table.name)} AS t ON {' AND '.join(same)}"


@lru_cache(maxsize=1024)
def listed_values_sql(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    """The first stored value of each of those columns, of the rows whose ids are listed in one JSON text."""
    names = ", ".join([quoted(stored_columns(table, table.columns[name])[0].name) for name in columns])
    return f"SELECT {names} FROM {quoted(table.name)} WHERE {quoted(table.primary_id)} {listed(dialect, 'uuid')}"


@lru_cache(maxsize=1024)
def different_values_sql(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    """Each combination once that the stored values of those columns come to, in rows whose ids are one JSON text."""
    names = ", ".join([quoted(name) for name in stored_names(table, columns)])
    condition = f"{quoted(table.primary_id)} {listed(dialect, 'uuid')}"
    return f"SELECT DISTINCT {names} FROM {quoted(table.name)} WHERE {condition}"


@lru_cache(maxsize=1024)
def unpair_listed_sql(intersect: Table, column: str, dialect: Dialect) -> str:
    """Delete the rows of an intersect table whose column is one of the ids listed in one JSON text."""
    return f"DELETE FROM {quoted(intersect.name)} WHERE {quoted(column)} {listed(dialect, 'uuid')}"


def count_sql(table: Table) -> str:
    """How many rows the table has."""
    return f"SELECT count(*) FROM {quoted(table.name)}"


def count_after_sql(table: Table, dialect: Dialect) -> str:
    """How many rows have a version after the one that is the value. [DT-4]"""
    return f"{count_sql(table)} WHERE {quoted('versionnumber')} > {dialect.placeholder}"


def stored_names(table: Table, columns: tuple[str, ...]) -> list[str]:
    """The stored columns of those columns, in order."""
    return [stored.name for name in columns for stored in stored_columns(table, table.columns[name])]


def listed(dialect: Dialect, sql_type: str) -> str:
    """`IN` a list that is one JSON text, however long."""
    if dialect.name == "sqlite":
        return f"IN (SELECT value FROM json_each({dialect.placeholder}))"
    return f"IN (SELECT jsonb_array_elements_text({dialect.placeholder}::jsonb)::{sql_type})"


def _equal(table: Table, name: str, dialect: Dialect) -> str:
    stored = stored_columns(table, table.columns[name])[0]
    if dialect.name == "postgresql" and stored.kind == "text":
        return f"lower({quoted(name)}) = lower({dialect.placeholder})"
    return f"{quoted(name)} = {dialect.placeholder}"
