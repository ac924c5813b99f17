"""Write the statements of retention.

In:        a table, a dialect
Out:       SQL text whose placeholder is a JSON text with ids
Not here:  which rows (operations.retention)
"""

from __future__ import annotations

from functools import lru_cache

from verselet.metadata.tables import Table
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.write import listed


@lru_cache(maxsize=1024)
def versions_sql(table: Table, dialect: Dialect) -> str:
    """Ids and versions of the listed rows, which nobody else changes until the transaction ends."""
    key = quoted(table.primary_id)
    version = quoted("versionnumber") if "versionnumber" in table.columns else "0"
    lock = " FOR UPDATE" if dialect.name == "postgresql" else ""
    return f"SELECT {key}, {version} FROM {quoted(table.name)} WHERE {key} {listed(dialect, 'uuid')}{lock}"


@lru_cache(maxsize=1024)
def kept_insert_sql(table: str, names: tuple[str, ...]) -> str:
    """Add a retained row to the rows that are asked, with values for those stored columns; in the place of another."""
    places = ", ".join(["?"] * len(names))
    return f"INSERT OR REPLACE INTO {quoted(table)} ({', '.join([quoted(name) for name in names])}) VALUES ({places})"
