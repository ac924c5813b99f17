"""Write statements that walk rows above and below each other.

In:        a table, the column by which a row names the one above it, a dialect
Out:       SQL text whose one value is the id of a row
Not here:  what follows from the walk (operations.hierarchies)
"""

from __future__ import annotations

from functools import lru_cache

from verselet.metadata.tables import Table
from verselet.sql.dialects import Dialect, quoted


@lru_cache(maxsize=256)
def above_sql(table: Table, parent: str, dialect: Dialect) -> str:
    """The ids of the row whose id is the value, and of all rows above it. [SEC-10]"""
    return _walk(table, parent, dialect, step=f"t.{quoted(table.primary_id)} = w.{quoted(parent)}")


@lru_cache(maxsize=256)
def below_sql(table: Table, parent: str, dialect: Dialect) -> str:
    """The ids of the row whose id is the value, and of all rows below it."""
    return _walk(table, parent, dialect, step=f"t.{quoted(parent)} = w.{quoted(table.primary_id)}")


def _walk(table: Table, parent: str, dialect: Dialect, step: str) -> str:
    """Each row with the id of the one above it. UNION, not UNION ALL: a loop that is there already ends."""
    name, key = quoted(table.name), quoted(table.primary_id)
    shown = f"t.{key}, t.{quoted(parent)}"
    return (
        f"WITH RECURSIVE w AS (SELECT {shown} FROM {name} t WHERE t.{key} = {dialect.placeholder} "
        f"UNION SELECT {shown} FROM {name} t JOIN w ON {step}) SELECT * FROM w"
    )
