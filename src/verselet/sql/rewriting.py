"""Write statements that change all rows with one value in a column, or ask whether there is any.

In:        a table, its columns, a dialect
Out:       SQL text
Not here:  rows by their ids (sql.write)
"""

from __future__ import annotations

from functools import lru_cache

from verselet.metadata.tables import Table
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.write import stored_names


@lru_cache(maxsize=1024)
def has_any_sql(table: Table, column: str, dialect: Dialect) -> str:
    """One row where the table has a row with that value in the column."""
    return f"SELECT 1 FROM {quoted(table.name)} WHERE {quoted(column)} = {dialect.placeholder} LIMIT 1"


@lru_cache(maxsize=1024)
def rewrite_sql(table: Table, columns: tuple[str, ...], by: str, dialect: Dialect) -> str:
    """Change those columns of all rows with a value in the column `by`, which is the last value."""
    changes = ", ".join([f"{quoted(name)} = {dialect.placeholder}" for name in stored_names(table, columns)])
    return f"UPDATE {quoted(table.name)} SET {changes} WHERE {quoted(by)} = {dialect.placeholder}"


@lru_cache(maxsize=256)
def forget_pair_sql(intersect: Table, column1: str, column2: str, dialect: Dialect) -> str:
    """Delete the row of an intersect table that connects two ids."""
    return (
        f"DELETE FROM {quoted(intersect.name)} WHERE {quoted(column1)} = {dialect.placeholder} "
        f"AND {quoted(column2)} = {dialect.placeholder}"
    )
