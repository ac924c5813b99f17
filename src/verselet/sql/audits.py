"""Write statements about audit rows.

In:        a dialect
Out:       SQL text
Not here:  writing audit rows (sql.write), what they mean (operations)
"""

from __future__ import annotations

from functools import lru_cache

from verselet.sql.dialects import Dialect, quoted


def kept_conditions(dialect: Dialect) -> tuple[str, str]:
    """What was written down at a time or later, which is a value, and what nobody knows the time of."""
    createdon = quoted("createdon")
    return f"{createdon} >= {dialect.placeholder}", f"{createdon} IS NULL"


@lru_cache(maxsize=4)
def forget_before_sql(table: str, dialect: Dialect) -> str:
    """Delete what was written down before a time, of the table or of a part of it."""
    return f"DELETE FROM {quoted(table)} WHERE {quoted('createdon')} < {dialect.placeholder}"


@lru_cache(maxsize=4)
def came_since_sql(dialect: Dialect) -> str:
    """Whether a user came after a time; the values: the user, the action, the time."""
    place = dialect.placeholder
    return (
        f"SELECT 1 FROM audit WHERE objectid = {place} AND objectid__table = 'systemuser' AND action = {place} "
        f"AND createdon > {place} LIMIT 1"
    )


@lru_cache(maxsize=16)
def history_sql(dialect: Dialect, *, of_column: bool, counting: bool) -> str:
    """What was written down about one row, newest first; or how much.

    The values: the row's id and table, a pattern for the names of columns if `of_column`, then limit and offset.
    """
    place = dialect.placeholder
    names = "count(*)" if counting else "action, changedata"
    text = f"SELECT {names} FROM audit WHERE objectid = {place} AND objectid__table = {place}"
    if of_column:
        text += f" AND attributemask LIKE {place} ESCAPE '\\'"
    return text if counting else f"{text} ORDER BY createdon DESC, versionnumber DESC LIMIT {place} OFFSET {place}"
