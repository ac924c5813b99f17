"""Write the questions that add up what refers to rows.

In:        the rows' table, the lookup they refer with, what is added up
Out:       SQL text
Not here:  who may ask, what the sum becomes (operations.rollups)
"""

from __future__ import annotations

from functools import lru_cache

from verselet.metadata.columns import LookupColumn, Rollup
from verselet.metadata.tables import Table
from verselet.sql.columns import target_column
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.formulas import condition_sql
from verselet.sql.write import stored_names


@lru_cache(maxsize=1024)
def rollup_sql(rows: Table, lookup: str, rollup: Rollup, dialect: Dialect) -> str:
    """Count, sum, smallest, largest or mean of a column over the rows that refer to one row. [JOB-62]

    The values: the id of that row, then the name of its table where the lookup leads to several.
    """
    return _added_up(rows, lookup, rollup, dialect.placeholder, dialect)


@lru_cache(maxsize=1024)
def rollups_sql(table: Table, columns: tuple[str, ...], summed: tuple[Table, str, Rollup], dialect: Dialect) -> str:
    """Those columns of the next rows of a table, and what refers to each row, added up; in the order of their ids.

    The values: the name of the table where the lookup leads to several, the id before, how many rows.
    """
    rows, lookup, rollup = summed
    key = f"summing.{quoted(table.primary_id)}"
    shown = ", ".join([f"summing.{quoted(name)}" for name in stored_names(table, columns)])
    # Names without a table mean the innermost one, also where a table refers to itself.
    value = _added_up(rows, lookup, rollup, key, dialect)
    mark = dialect.placeholder
    source = f"{quoted(table.name)} AS summing"
    return f"SELECT {shown}, ({value}) FROM {source} WHERE {key} > {mark} ORDER BY {key} LIMIT {mark}"


def _added_up(rows: Table, lookup: str, rollup: Rollup, row: str, dialect: Dialect) -> str:
    conditions = [f"{quoted(lookup)} = {row}"]
    if says_table(rows, lookup):
        conditions.append(f"{quoted(target_column(lookup))} = {dialect.placeholder}")
    if rollup.filter:
        text = condition_sql(rows, rollup.filter, dialect)
        conditions.append(text.replace("%", "%%") if dialect.doubles_percent else text)
    value = f"{rollup.function.lower()}({quoted(rollup.column)})"
    return f"SELECT {value} FROM {quoted(rows.name)} WHERE {' AND '.join(conditions)}"


def says_table(rows: Table, lookup: str) -> bool:
    """The lookup leads to rows of several tables, so the question must name one."""
    column = rows.columns[lookup]
    return isinstance(column, LookupColumn) and column.is_polymorphic
