"""Write the question that adds up what refers to a row.

In:        the rows' table, the lookup they refer with, what is added up
Out:       SQL text with the id of the row, then the name of its table where the lookup leads to several
Not here:  who may ask, what the sum becomes (operations.rollups)
"""

from __future__ import annotations

from functools import lru_cache

from verselet.metadata.columns import LookupColumn, Rollup
from verselet.metadata.tables import Table
from verselet.sql.columns import target_column
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.formulas import condition_sql


@lru_cache(maxsize=1024)
def rollup_sql(rows: Table, lookup: str, rollup: Rollup, dialect: Dialect) -> str:
    """Count, sum, smallest, largest or mean of a column over the rows that refer to one row. [JOB-62]"""
    conditions = [f"{quoted(lookup)} = {dialect.placeholder}"]
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
