"""Say of which columns changes are written down.

In:        a table or a column
Out:       the switch of a column as it counts; the names of the columns that are audited
Not here:  writing changes down (operations.auditing)
"""

from __future__ import annotations

from functools import lru_cache

from verselet.metadata.columns import (
    Column,
    FileColumn,
    IdColumn,
    ImageColumn,
    PartyListColumn,
    VirtualColumn,
)
from verselet.metadata.tables import Table

_STAMPS = frozenset(
    {
        "createdon",
        "createdby",
        "createdonbehalfby",
        "modifiedon",
        "modifiedby",
        "modifiedonbehalfby",
        "importsequencenumber",
        "overriddencreatedon",
        "timezoneruleversionnumber",
        "utcconversiontimezonecode",
        "versionnumber",
        "owningbusinessunit",
        "owningteam",
        "owninguser",
    }
)
"""Columns that say of a change who made it and when, or follow from others: the audit row says the same."""

_WITHOUT_VALUES = FileColumn | IdColumn | ImageColumn | PartyListColumn | VirtualColumn
"""Column types whose values are no values of the row, or never change."""


def is_audited(column: Column) -> bool:
    """The column's own switch, off for what is never written down. [JOB-40]"""
    return (
        column.audit
        and column.read
        and not column.secret
        and column.formula is None
        and column.name not in _STAMPS
        and column.attribute_of is None
        and not isinstance(column, _WITHOUT_VALUES)
    )


@lru_cache(maxsize=1024)
def audited_columns(table: Table) -> tuple[str, ...]:
    """The columns of the table whose changes are written down."""
    return tuple([column.name for column in table.columns.values() if is_audited(column)])
