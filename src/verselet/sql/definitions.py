"""Write the statements that take away what rows hold about a definition that goes.

In:        a table, its stored columns, a dialect
Out:       SQL text whose last placeholder is the logical name of the table that goes
Not here:  CREATE, ALTER and DROP (store.ddl), single rows (sql.write)
"""

from __future__ import annotations

from collections.abc import Iterable

from verselet.metadata.tables import Table
from verselet.sql.dialects import Dialect, quoted


def delete_rows_of_type_sql(table: Table, column: str, dialect: Dialect) -> str:
    """Delete the rows in which a stored column names the table that goes."""
    return f"DELETE FROM {quoted(table.name)} WHERE {quoted(column)} = {dialect.placeholder}"


def clear_references_sql(table: Table, columns: Iterable[str], column: str, dialect: Dialect) -> str:
    """Clear stored columns of the rows in which one of them names the table that goes.

    Where the table's rows have versions, their new one is the first value.
    """
    changes = [f"{quoted(name)} = NULL" for name in columns]
    if "versionnumber" in table.columns:
        changes = [f"{quoted('versionnumber')} = {dialect.placeholder}", *changes]
    return f"UPDATE {quoted(table.name)} SET {', '.join(changes)} WHERE {quoted(column)} = {dialect.placeholder}"
