"""Lead to format 6: deleted rows that can come back.

In:        the dialect
Out:       the statements of the step
Not here:  putting rows in and taking them out (store.recycle_bin)
"""

from __future__ import annotations

from verselet.sql.dialects import Dialect


def statements(dialect: Dialect) -> tuple[str, ...]:
    """The statements of the step. [BIN-3] `is_top` tells the row that was deleted from those that went with it."""
    content, yes_no = ("TEXT", "INTEGER") if dialect.name == "sqlite" else ("jsonb", "boolean")
    return (
        "CREATE TABLE verselet_bin (table_name text NOT NULL, row_id text NOT NULL, group_id text NOT NULL, "
        f"is_top {yes_no} NOT NULL, deleted_at text NOT NULL, content {content} NOT NULL, "
        "PRIMARY KEY (table_name, row_id))",
        "CREATE INDEX ix_verselet_bin_group ON verselet_bin (group_id)",
        "CREATE INDEX ix_verselet_bin_deleted_at ON verselet_bin (deleted_at)",
    )
