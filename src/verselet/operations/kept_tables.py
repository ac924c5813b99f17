"""Say which tables can have a recycle bin.

In:        a table
Out:       `can_have_bin`
Not here:  which ones have one (operations.rules.keeping)
"""

from __future__ import annotations

from typing import Final

from verselet.metadata.tables import Table
from verselet.sql.columns import is_view

MOST_COLUMNS: Final = 600


def can_have_bin(table: Table) -> bool:
    """Rows of the table can be kept: no view, no pairs, no table of the platform itself. [BIN-7]"""
    is_ordinary = table.table_type == "Standard" and not table.is_intersect and not is_view(table)
    return is_ordinary and table.solution != "platform" and len(table.columns) <= MOST_COLUMNS
